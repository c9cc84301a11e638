"""What the sweep knows: how far it got, when each system answered last, and what takes too long."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision: str | None = "0005"
branch_labels: str | None = None
depends_on: str | None = None


def upgrade() -> None:
    op.add_column("returns", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "watermarks",
        sa.Column("connection", sa.String(), primary_key=True),
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "connection_sides",
        sa.Column("connection", sa.String(), primary_key=True),
        sa.Column("side", sa.String(), primary_key=True),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(), nullable=False),
    )
    op.create_table(
        "stuck",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("return_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("limit_seconds", sa.BigInteger(), nullable=False),
        sa.Column("blocker", sa.String(), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("over_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_stuck_open", "stuck", ["state", "connection", "kind", "id"])
    op.create_index("ix_stuck_return", "stuck", ["connection", "return_id"])


def downgrade() -> None:
    op.drop_table("stuck")
    op.drop_table("connection_sides")
    op.drop_table("watermarks")
    op.drop_column("returns", "read_at")
