"""How long documents took, since when each thing was due, and indexes for figures over time."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision: str | None = "0007"
branch_labels: str | None = None
depends_on: str | None = None

_TIME = sa.DateTime(timezone=True)
_COLUMNS = (("documents", "due_at"), ("documents", "clock_at"), ("returns", "authorised_at"), ("refunds", "paid_at"))
_INDEXES = (
    ("ix_documents_state", "documents", ["state", "connection"]),
    ("ix_inbox_received", "inbox", ["connection", "received_at"]),
    ("ix_returns_created_at", "returns", ["created_at"]),
    ("ix_returns_closed_at", "returns", ["closed_at"]),
    ("ix_refunds_credit_key", "refunds", ["credit_key"]),
    ("ix_exceptions_opened_at", "exceptions", ["opened_at"]),
    ("ix_exceptions_resolved_at", "exceptions", ["resolved_at"]),
)


def upgrade() -> None:
    for table, column in _COLUMNS:
        op.add_column(table, sa.Column(column, _TIME, nullable=True))
    _fill()
    _stage_times()
    for name, table, columns in _INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in _INDEXES:
        op.drop_index(name, table)
    op.drop_table("stage_times")
    for table, column in _COLUMNS:
        op.drop_column(table, column)


def _fill() -> None:
    """What is there counts from when it was first seen. How long documents took before this version is not known."""
    op.execute("UPDATE documents SET due_at = created_at, clock_at = created_at")
    op.execute("UPDATE returns SET authorised_at = created_at WHERE phase <> 'draft'")
    op.execute("UPDATE refunds SET paid_at = first_seen_at WHERE state = 'paid'")


def _stage_times() -> None:
    op.create_table(
        "stage_times",
        sa.Column("key", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("connection", "return_id", "stage", "depot")),
        *(sa.Column(name, _TIME, nullable=False) for name in ("due_at", "posted_at")),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("window_ms", "delay_ms")),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("hand", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("units", "sellable")),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
    )
    measured = ["day", "stage", "connection", "depot", "step", "posted_at", "delay_ms", "window_ms", "hand"]
    op.create_index("ix_stage_times_measured", "stage_times", measured)
    valued = ["day", "currency", "posted_at", "amount", "units", "sellable"]
    op.create_index("ix_stage_times_valued", "stage_times", valued)
    op.create_index("ix_stage_times_connection", "stage_times", ["connection", "posted_at"])
    op.create_index(
        "ix_stage_times_hand",
        "stage_times",
        ["connection", "return_id"],
        sqlite_where=sa.text("hand = 1"),
        postgresql_where=sa.text("hand"),
    )
