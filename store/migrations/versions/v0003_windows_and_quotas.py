"""Documents that wait for windows, the files they go into, and calls counted against daily quotas."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision: str | None = "0002"
branch_labels: str | None = None
depends_on: str | None = None

_COLUMNS = ("window_at", "waiter", "batch", "tries", "refusal", "mapping")


def upgrade() -> None:
    op.add_column("documents", sa.Column("window_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("documents", sa.Column("waiter", sa.String(), nullable=False, server_default=""))
    op.add_column("documents", sa.Column("batch", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("documents", sa.Column("tries", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("documents", sa.Column("refusal", sa.JSON(), nullable=True))
    op.add_column("documents", sa.Column("mapping", sa.String(), nullable=False, server_default=""))
    op.add_column("booked_units", sa.Column("rule", sa.String(), nullable=False, server_default=""))
    op.create_table(
        "batches",
        sa.Column("books", sa.String(), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("record_class", sa.String(), nullable=False),
        sa.Column("window_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "call_counts",
        sa.Column("account", sa.String(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("calls", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("call_counts")
    op.drop_table("batches")
    op.drop_column("booked_units", "rule")
    for column in reversed(_COLUMNS):
        op.drop_column("documents", column)
