"""Accounts of the console, their sessions, and indexes for lists of returns."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision: str | None = "0008"
branch_labels: str | None = None
depends_on: str | None = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("signed_in_at", _TIME, nullable=True),
    )
    op.create_table(
        "sessions",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("account", sa.String(), sa.ForeignKey("accounts.name"), nullable=False),
        sa.Column("csrf", sa.String(), nullable=False),
        sa.Column("notices", sa.JSON(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("seen_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
    )
    op.create_index("ix_sessions_account", "sessions", ["account"])
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_table(
        "sign_in_failures",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
    )
    op.create_index("ix_sign_in_failures_last_at", "sign_in_failures", ["last_at"])
    op.create_table(
        "sign_in_flows",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("browser", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("verifier", sa.String(), nullable=False),
        sa.Column("next", sa.String(), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
    )
    op.create_index("ix_sign_in_flows_expires_at", "sign_in_flows", ["expires_at"])
    op.create_index("ix_returns_stage_updated", "returns", ["stage", "updated_at"])
    op.create_index("ix_returns_connection_updated", "returns", ["connection", "updated_at"])


def downgrade() -> None:
    op.drop_index("ix_returns_connection_updated", "returns")
    op.drop_index("ix_returns_stage_updated", "returns")
    for table in ("sign_in_flows", "sign_in_failures", "sessions", "accounts"):
        op.drop_table(table)
