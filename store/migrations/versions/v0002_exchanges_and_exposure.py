"""Exchanges, kept units, credited shares and the exposure register."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision: str | None = "0001"
branch_labels: str | None = None
depends_on: str | None = None

_TABLES = ("exchanges", "carried_orders", "exposures")
_COLUMNS = (
    ("return_lines", "keep"),
    ("returns", "exchanges"),
    ("returns", "due_text"),
    ("returns", "paid_text"),
    ("returns", "exchange_on"),
    ("booked_units", "share"),
    ("exceptions", "workflow_id"),
)


def upgrade() -> None:
    _grow()
    _exchanges()
    _carried_orders()
    _exposures()


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    for table, column in reversed(_COLUMNS):
        op.drop_column(table, column)


def _grow() -> None:
    """New columns of old tables. Rows that are there get what was true of them before the columns existed."""
    op.add_column("return_lines", sa.Column("keep", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("returns", sa.Column("exchanges", sa.JSON(), nullable=False, server_default="[]"))
    for column, before in (("due_text", "0"), ("paid_text", "0"), ("exchange_on", "confirmation")):
        op.add_column("returns", sa.Column(column, sa.String(), nullable=False, server_default=before))
    op.add_column("booked_units", sa.Column("share", sa.Integer(), nullable=True, server_default="100"))
    op.add_column("exceptions", sa.Column("workflow_id", sa.String(), nullable=False, server_default=""))


def _exchanges() -> None:
    op.create_table(
        "exchanges",
        _text("key", primary_key=True),
        *(_text(name) for name in ("connection", "return_id")),
        _whole("number"),
        *(_text(name) for name in ("exchange_id", "line_id")),
        _whole("units"),
        _text("sku"),
        _whole("quantity"),
        *(_minor(name) for name in ("carried", "price")),
        *(_text(name) for name in ("currency", "state", "order_number", "slot_line_id")),
        sa.Column("slots", sa.JSON(), nullable=False),
        _text("credit_key", nullable=True),
        *(_time(name) for name in ("created_at", "updated_at")),
    )
    op.create_index("ix_exchanges_return", "exchanges", ["connection", "return_id"])
    for column in ("order_number", "credit_key"):
        op.create_index(f"ix_exchanges_{column}", "exchanges", [column])


def _carried_orders() -> None:
    op.create_table(
        "carried_orders",
        *(_text(name, primary_key=True) for name in ("books", "order_number")),
        _text("sku"),
        _whole("quantity"),
        sa.Column("content", sa.JSON(), nullable=False),
        _text("exchange_key"),
        _time("created_at"),
    )


def _exposures() -> None:
    op.create_table(
        "exposures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        *(_text(name) for name in ("connection", "return_id", "slot_line_id")),
        _whole("slot_no"),
        _text("line_id"),
        _minor("amount"),
        *(_text(name) for name in ("currency", "kind", "reference")),
        _time("since"),
        _time("cover_until", nullable=True),
        _text("state"),
        _time("ended_at", nullable=True),
        _text("note"),
    )
    unit = ["connection", "return_id", "slot_line_id", "slot_no", "reference"]
    op.create_index("uq_exposures_unit", "exposures", unit, unique=True)
    op.create_index("ix_exposures_open", "exposures", ["state", "cover_until"])
    op.create_index("ix_exposures_reference", "exposures", ["reference"])


def _text(name: str, nullable: bool = False, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable, primary_key=primary_key)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _minor(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _time(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
