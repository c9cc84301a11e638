"""Reconciliation: runs, differences, payout reports, closed months and the rounding balance."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision: str | None = "0004"
branch_labels: str | None = None
depends_on: str | None = None

_TABLES = (
    "reconciliation_runs",
    "reconciliation_items",
    "reconciliation_cases",
    "differences",
    "payout_files",
    "payout_lines",
    "periods",
    "rounding_balances",
)


def upgrade() -> None:
    _runs()
    _differences()
    _payouts()
    _balances()


def downgrade() -> None:
    for table in reversed(_TABLES):
        op.drop_table(table)


def _runs() -> None:
    op.create_table(
        "reconciliation_runs",
        _row_id(),
        *(_text(name) for name in ("name", "execution", "connection")),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("tells", sa.Boolean(), nullable=False),
        _text("state"),
        _time("started_at"),
        _time("finished_at", nullable=True),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("pulled", "placed")),
        _text("trouble"),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("execution"),
    )
    op.create_index("ix_reconciliation_runs_latest", "reconciliation_runs", ["connection", "state", "until"])
    op.create_table(
        "reconciliation_items",
        _whole("run", primary_key=True),
        *(_text(name, primary_key=True) for name in ("side", "item_id")),
        *(_text(name) for name in ("owner", "return_id", "key", "order_number", "platform_return")),
        _minor("amount", nullable=True),
        *(_text(name) for name in ("amount_text", "currency", "state")),
        _time("at"),
        _text("kind"),
    )
    op.create_index("ix_reconciliation_items_return", "reconciliation_items", ["run", "return_id"])
    op.create_index("ix_reconciliation_items_order", "reconciliation_items", ["run", "side", "order_number"])
    op.create_table("reconciliation_cases", _whole("run", primary_key=True), _text("return_id", primary_key=True))


def _differences() -> None:
    op.create_table(
        "differences",
        _row_id(),
        *(
            _text(name)
            for name in ("connection", "kind", "subject", "return_id", "order_number", "refund_id", "credit")
        ),
        _minor("amount", nullable=True),
        _text("currency", nullable=True),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("figures", sa.JSON(), nullable=False),
        _text("text"),
        _time("at"),
        sa.Column("day", sa.Date(), nullable=False),
        *(_whole(name) for name in ("first_run", "last_run")),
        *(_time(name) for name in ("found_at", "seen_at")),
        _text("state"),
        _time("over_at", nullable=True),
        _text("code", nullable=True),
        _text("exception_id"),
        sa.Column("own", sa.Boolean(), nullable=False),
        _text("document"),
        sa.UniqueConstraint("connection", "kind", "subject", name="uq_differences_subject"),
    )
    op.create_index("ix_differences_day", "differences", ["connection", "day", "id"])
    op.create_index("ix_differences_open", "differences", ["state", "connection", "id"])
    op.create_index("ix_differences_balance", "differences", ["connection", "kind", "state", "currency"])
    op.create_index("ix_differences_return", "differences", ["connection", "return_id"])
    for column in ("exception_id", "document"):
        op.create_index(f"ix_differences_{column}", "differences", [column])


def _payouts() -> None:
    op.create_table(
        "payout_files",
        *(_text(name, primary_key=True) for name in ("connection", "digest")),
        _text("name"),
        *(_whole(name) for name in ("lines", "fresh")),
        _text("actor"),
        _time("imported_at"),
    )
    op.create_table(
        "payout_lines",
        *(_text(name, primary_key=True) for name in ("connection", "id")),
        _text("digest"),
        _whole("line_no"),
        *(_text(name) for name in ("refund_id", "order_number")),
        _minor("amount"),
        _text("currency"),
        _time("paid_at"),
    )
    op.create_index("ix_payout_lines_paid", "payout_lines", ["connection", "paid_at", "id"])
    op.create_index("ix_payout_lines_refund", "payout_lines", ["connection", "refund_id"])


def _balances() -> None:
    op.create_table(
        "periods",
        *(_text(name, primary_key=True) for name in ("connection", "month")),
        _text("closed_by"),
        _time("closed_at"),
        sa.Column("statement", sa.JSON(), nullable=False),
    )
    op.create_table(
        "rounding_balances",
        *(_text(name, primary_key=True) for name in ("connection", "currency")),
        _minor("amount"),
        _whole("count"),
        _minor("settled"),
        _text("exception_id"),
        _time("updated_at"),
    )


def _row_id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def _text(name: str, nullable: bool = False, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable, primary_key=primary_key)


def _whole(name: str, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, primary_key=primary_key, autoincrement=False)


def _minor(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _time(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
