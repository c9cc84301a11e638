"""First tables."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

_TABLES = (
    "inbox",
    "snapshots",
    "slots",
    "order_credits",
    "document_numbers",
    "documents",
    "return_lines",
    "refunds",
    "returns",
    "booked_units",
    "inspections",
    "exceptions",
    "timeline",
    "audit",
)


def upgrade() -> None:
    _intake()
    _order_money()
    _documents()
    _returns()
    _inspections()
    _exceptions()
    _evidence()


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)


def _intake() -> None:
    op.create_table(
        "inbox",
        _text("connection", primary_key=True),
        _text("delivery_id", primary_key=True),
        _text("event"),
        _text("return_id", nullable=True),
        _time("occurred_at", nullable=True),
        _text("digest"),
        _text("traceparent"),
        _time("received_at"),
        _text("state"),
        _time("due_at"),
        _whole("attempts"),
        _whole("repeats"),
        _text("error"),
        _time("settled_at", nullable=True),
    )
    op.create_index("ix_inbox_delivery_id", "inbox", ["delivery_id"])
    op.create_index("ix_inbox_due", "inbox", ["state", "due_at"])
    op.create_index("ix_inbox_return", "inbox", ["connection", "return_id"])


def _order_money() -> None:
    op.create_table(
        "snapshots",
        _text("books", primary_key=True),
        _text("order_number", primary_key=True),
        _json("content"),
        _text("money_hash"),
        _time("frozen_at"),
    )
    op.create_table(
        "slots",
        _text("books", primary_key=True),
        _text("order_number", primary_key=True),
        _text("line_id", primary_key=True),
        _whole("slot_no", primary_key=True),
        _text("connection"),
        _text("return_id"),
        _text("credit_key", nullable=True),
        _text("exchange_key", nullable=True),
    )
    op.create_index("ix_slots_credit_key", "slots", ["credit_key"])
    op.create_index("ix_slots_return", "slots", ["connection", "return_id"])
    op.create_table(
        "order_credits",
        _text("credit_key", primary_key=True),
        _text("books"),
        _text("order_number"),
        _minor("shipping"),
        _minor("rounding"),
        _minor("total"),
    )
    op.create_index("ix_order_credits_order", "order_credits", ["books", "order_number"])


def _documents() -> None:
    op.create_table(
        "documents",
        _text("key", primary_key=True),
        _text("connection"),
        _text("return_id"),
        _text("kind"),
        _text("state"),
        _text("number"),
        _json("parts"),
        _text("order_number"),
        _text("depot"),
        _json("lines"),
        _minor("total", nullable=True),
        _text("currency"),
        _text("refund_id"),
        _text("inspection_id"),
        _json("request"),
        _text("reason"),
        _time("created_at"),
        _time("updated_at"),
    )
    op.create_index("ix_documents_order_number", "documents", ["order_number"])
    op.create_index("ix_documents_return", "documents", ["connection", "return_id"])
    op.create_table(
        "document_numbers",
        _text("key", primary_key=True),
        _text("number", primary_key=True),
        sa.ForeignKeyConstraint(["key"], ["documents.key"]),
    )
    op.create_index("ix_document_numbers_number", "document_numbers", ["number"])


def _returns() -> None:
    op.create_table(
        "returns",
        _text("connection", primary_key=True),
        _text("return_id", primary_key=True),
        *(_text(name) for name in ("order_number", "kind")),
        _flag("instant"),
        *(_text(name) for name in ("phase", "platform_status", "currency")),
        *(_text(name) for name in ("fee_text", "shipping_text", "bonus_text", "tracking_number")),
        _time("expires_at", nullable=True),
        _time("platform_updated_at", nullable=True),
        _text("rma_number"),
        _flag("standalone"),
        _text("snapshot_hash"),
        _time("deadline", nullable=True),
        _flag("reported"),
        _flag("finance_closed"),
        _text("ended", nullable=True),
        _text("stage"),
        _text("waiting_for"),
        _time("waiting_since", nullable=True),
        _whole("exceptions_open"),
        _time("created_at"),
        _time("updated_at"),
        _time("closed_at", nullable=True),
    )
    for column in ("return_id", "order_number", "rma_number", "stage", "tracking_number", "updated_at"):
        op.create_index(f"ix_returns_{column}", "returns", [column])
    op.create_table(
        "return_lines",
        *_return_key(),
        _text("line_id", primary_key=True),
        _whole("position"),
        *(_text(name) for name in ("order_line_id", "sku")),
        _whole("quantity"),
        _text("reason"),
        _flag("exchange"),
        _whole("accepted"),
        _whole("rejected"),
        _json("item_ids"),
        _flag("removed"),
    )
    op.create_table(
        "refunds",
        *_return_key(),
        _text("refund_id", primary_key=True),
        *(_text(name) for name in ("state", "amount_text", "currency", "kind")),
        _time("created_at", nullable=True),
        _time("first_seen_at"),
        _text("credit_key", nullable=True),
        _text("decision"),
    )
    op.create_index("ix_refunds_refund_id", "refunds", ["refund_id"])


def _inspections() -> None:
    key = ["connection", "return_id", "inspection_id"]
    op.create_table(
        "inspections",
        *(_text(name, primary_key=True) for name in key),
        _json("content"),
        _time("saved_at"),
    )
    op.create_index("ix_inspections_inspection_id", "inspections", ["inspection_id"])
    op.create_table(
        "booked_units",
        *(_text(name, primary_key=True) for name in key),
        _whole("position", primary_key=True),
        *(_text(name) for name in ("line_id", "sku")),
        _whole("quantity"),
        _text("disposition"),
        sa.ForeignKeyConstraint(key, [f"inspections.{name}" for name in key]),
    )


def _exceptions() -> None:
    op.create_table(
        "exceptions",
        _text("id", primary_key=True),
        _text("connection"),
        _text("return_id", nullable=True),
        *(_text(name) for name in ("code", "owner")),
        _text("track", nullable=True),
        *(_text(name) for name in ("step", "reason")),
        _json("payload"),
        _minor("amount", nullable=True),
        _text("currency", nullable=True),
        _text("state"),
        _whole("version"),
        _time("opened_at"),
        _time("resolved_at", nullable=True),
        _json("resolution", nullable=True),
    )
    op.create_index("ix_exceptions_queue", "exceptions", ["state", "owner", "opened_at"])
    op.create_index("ix_exceptions_return", "exceptions", ["connection", "return_id"])
    open_for_connection = sa.text("state = 'open' AND return_id IS NULL")
    op.create_index(
        "uq_exceptions_connection_open",
        "exceptions",
        ["connection", "code", "step"],
        unique=True,
        sqlite_where=open_for_connection,
        postgresql_where=open_for_connection,
    )


def _evidence() -> None:
    op.create_table(
        "timeline",
        _row_id(),
        *(_text(name) for name in ("connection", "return_id", "key")),
        _time("at"),
        *(_text(name) for name in ("actor", "kind", "text")),
        _json("refs"),
    )
    op.create_index("uq_timeline_key", "timeline", ["connection", "return_id", "key"], unique=True)
    op.create_table(
        "audit",
        _row_id(),
        _time("at"),
        *(_text(name) for name in ("actor", "action", "subject")),
        _json("detail"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])


def _return_key() -> tuple[SchemaItem, ...]:
    return (
        _text("connection", primary_key=True),
        _text("return_id", primary_key=True),
        sa.ForeignKeyConstraint(["connection", "return_id"], ["returns.connection", "returns.return_id"]),
    )


def _row_id() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True)


def _text(name: str, nullable: bool = False, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=nullable, primary_key=primary_key)


def _whole(name: str, primary_key: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False, primary_key=primary_key)


def _minor(name: str, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _time(name: str, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _json(name: str, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=nullable)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False)
