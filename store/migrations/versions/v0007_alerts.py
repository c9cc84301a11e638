"""Alerts, what they told of, and the channels they went out over."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision: str | None = "0006"
branch_labels: str | None = None
depends_on: str | None = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("key", sa.String(), primary_key=True),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("connection", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("settled_at", _TIME, nullable=True),
    )
    op.create_index("ix_alerts_topic", "alerts", ["topic", "made_at"])
    op.create_index("ix_alerts_made_at", "alerts", ["made_at"])
    op.create_table(
        "alert_items",
        sa.Column("mark", sa.String(), primary_key=True),
        sa.Column("subject", sa.String(), primary_key=True),
        sa.Column("alert_key", sa.String(), sa.ForeignKey("alerts.key"), nullable=False),
        sa.Column("told_at", _TIME, nullable=False),
    )
    op.create_index("ix_alert_items_alert_key", "alert_items", ["alert_key"])
    op.create_table(
        "alert_sends",
        sa.Column("alert_key", sa.String(), sa.ForeignKey("alerts.key"), primary_key=True),
        sa.Column("channel", sa.String(), primary_key=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", _TIME, nullable=False),
        sa.Column("claimed_until", _TIME, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("settled_at", _TIME, nullable=True),
    )
    op.create_index("ix_alert_sends_due", "alert_sends", ["state", "due_at"])


def downgrade() -> None:
    for table in ("alert_sends", "alert_items", "alerts"):
        op.drop_table(table)
