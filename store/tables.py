"""Tables of the read model and of the exception queue. Changing one needs a migration; a test compares them.

Enums are text, so that a new value needs no migration. Nothing here names a person.
"""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from domain.connection import ExchangeOn
from store.columns import RowId, UtcDateTime


class ReturnRow(SQLModel, table=True):
    """The header of a return. `stage`, `waiting_*` and `exceptions_open` are derived (store.progress)."""

    __tablename__: ClassVar[Any] = "returns"
    __table_args__ = (
        Index("ix_returns_stage_updated", "stage", "updated_at"),
        Index("ix_returns_connection_updated", "connection", "updated_at"),
    )

    connection: str = Field(primary_key=True)
    return_id: str = Field(primary_key=True, index=True)
    order_number: str = Field(index=True)
    kind: str
    instant: bool
    phase: str
    platform_status: str
    currency: str
    fee_text: str
    shipping_text: str
    bonus_text: str
    exchanges: list[dict[str, Any]] = Field(default=[], sa_type=JSON)
    due_text: str = "0"
    paid_text: str = "0"
    tracking_number: str = Field(index=True)
    expires_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    platform_updated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    rma_number: str = Field(default="", index=True)
    standalone: bool = False
    snapshot_hash: str = ""
    exchange_on: str = ExchangeOn.CONFIRMATION.value
    deadline: datetime | None = Field(default=None, sa_type=UtcDateTime)
    reported: bool = False
    finance_closed: bool = False
    ended: str | None = None
    stage: str = Field(index=True)
    waiting_for: str = ""
    waiting_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    exceptions_open: int = 0
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    updated_at: datetime = Field(sa_type=UtcDateTime, index=True)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)
    authorised_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def _of_return() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["connection", "return_id"], ["returns.connection", "returns.return_id"])


class ReturnLineRow(SQLModel, table=True):
    """A line of a return; `removed` when the platform no longer has it (E61)."""

    __tablename__: ClassVar[Any] = "return_lines"
    __table_args__ = (_of_return(),)

    connection: str = Field(primary_key=True)
    return_id: str = Field(primary_key=True)
    line_id: str = Field(primary_key=True)
    position: int
    order_line_id: str
    sku: str
    quantity: int
    reason: str
    exchange: bool
    keep: bool = False
    accepted: int
    rejected: int
    item_ids: list[str] = Field(sa_type=JSON)
    removed: bool = False


class RefundRow(SQLModel, table=True):
    """Money that the platform moved, and what we made of it."""

    __tablename__: ClassVar[Any] = "refunds"
    __table_args__ = (_of_return(), Index("ix_refunds_credit_key", "credit_key"))

    connection: str = Field(primary_key=True)
    return_id: str = Field(primary_key=True)
    refund_id: str = Field(primary_key=True, index=True)
    state: str
    amount_text: str
    currency: str
    kind: str
    created_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    first_seen_at: datetime = Field(sa_type=UtcDateTime)
    paid_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    credit_key: str | None = None
    decision: str = ""


class InspectionRow(SQLModel, table=True):
    """One parcel's inspection as the warehouse sent it. Evidence: never changed, needs no header."""

    __tablename__: ClassVar[Any] = "inspections"

    connection: str = Field(primary_key=True)
    return_id: str = Field(primary_key=True)
    inspection_id: str = Field(primary_key=True, index=True)
    content: dict[str, Any] = Field(sa_type=JSON)
    saved_at: datetime = Field(sa_type=UtcDateTime)


class BookedUnitsRow(SQLModel, table=True):
    """Units of an inspection after their disposition was mapped."""

    __tablename__: ClassVar[Any] = "booked_units"
    __table_args__ = (
        ForeignKeyConstraint(
            ["connection", "return_id", "inspection_id"],
            ["inspections.connection", "inspections.return_id", "inspections.inspection_id"],
        ),
    )

    connection: str = Field(primary_key=True)
    return_id: str = Field(primary_key=True)
    inspection_id: str = Field(primary_key=True)
    position: int = Field(primary_key=True)
    line_id: str
    sku: str
    quantity: int
    disposition: str
    rule: str = ""
    share: int | None = 100


class ExceptionRow(SQLModel, table=True):
    """One row of the exception queue. A connection has at most one open row per code and step (E63)."""

    __tablename__: ClassVar[Any] = "exceptions"
    __table_args__ = (
        Index("ix_exceptions_return", "return_id", "connection"),
        Index("ix_exceptions_open", "state", "opened_at", "id"),
        Index("ix_exceptions_queue", "state", "owner", "opened_at", "id"),
        Index("ix_exceptions_cause", "state", "cause", "opened_at", "id"),
        Index("ix_exceptions_code", "state", "code", "opened_at", "id"),
        Index("ix_exceptions_connection", "state", "connection", "opened_at", "id"),
        Index("ix_exceptions_opened_at", "opened_at"),
        Index("ix_exceptions_resolved_at", "resolved_at"),
        Index(
            "uq_exceptions_connection_open",
            "connection",
            "code",
            "step",
            unique=True,
            sqlite_where=text("state = 'open' AND return_id IS NULL"),
            postgresql_where=text("state = 'open' AND return_id IS NULL"),
        ),
    )

    id: str = Field(primary_key=True)
    connection: str
    return_id: str | None = None
    workflow_id: str = ""
    code: str
    owner: str
    track: str | None = None
    step: str
    reason: str
    payload: dict[str, Any] = Field(sa_type=JSON)
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = None
    state: str
    version: int
    opened_at: datetime = Field(sa_type=UtcDateTime)
    resolved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    resolution: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    cause: str
    units: int | None = None
    level: int = 0
    escalated_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    proposal: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))


class TimelineRow(SQLModel, table=True):
    """One thing that happened to a return."""

    __tablename__: ClassVar[Any] = "timeline"
    __table_args__ = (Index("uq_timeline_key", "connection", "return_id", "key", unique=True),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    connection: str
    return_id: str
    key: str
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    kind: str
    text: str
    refs: dict[str, str] = Field(sa_type=JSON)


class AuditRow(SQLModel, table=True):
    """Who did what. Only ever added to."""

    __tablename__: ClassVar[Any] = "audit"

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    at: datetime = Field(sa_type=UtcDateTime)
    actor: str
    action: str
    subject: str = Field(index=True)
    detail: dict[str, Any] = Field(sa_type=JSON)
