"""Tables of intake, of order units and money, and of documents: what makes effects happen once."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Column, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from store.columns import UtcDateTime


class InboxRow(SQLModel, table=True):
    """One delivered webhook. Rows stay for ever: they are what makes a repeat harmless (R9)."""

    __tablename__: ClassVar[Any] = "inbox"
    __table_args__ = (
        Index("ix_inbox_due", "state", "due_at"),
        Index("ix_inbox_return", "connection", "return_id"),
        Index("ix_inbox_received", "connection", "received_at"),
    )

    connection: str = Field(primary_key=True)
    delivery_id: str = Field(primary_key=True, index=True)
    event: str
    return_id: str | None = None
    occurred_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    digest: str
    traceparent: str
    received_at: datetime = Field(sa_type=UtcDateTime)
    state: str
    due_at: datetime = Field(sa_type=UtcDateTime)
    attempts: int = 0
    repeats: int = 0
    error: str = ""
    settled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class SnapshotRow(SQLModel, table=True):
    """The frozen order. The first one is the only one (money.md 6.2)."""

    __tablename__: ClassVar[Any] = "snapshots"

    books: str = Field(primary_key=True)
    order_number: str = Field(primary_key=True)
    content: dict[str, Any] = Field(sa_type=JSON)
    money_hash: str
    frozen_at: datetime = Field(sa_type=UtcDateTime)


class SlotRow(SQLModel, table=True):
    """One claimed unit of an order line. The key is the promise that no unit is credited twice (N1)."""

    __tablename__: ClassVar[Any] = "slots"
    __table_args__ = (Index("ix_slots_return", "connection", "return_id"),)

    books: str = Field(primary_key=True)
    order_number: str = Field(primary_key=True)
    line_id: str = Field(primary_key=True)
    slot_no: int = Field(primary_key=True)
    connection: str
    return_id: str
    credit_key: str | None = Field(default=None, index=True)
    exchange_key: str | None = None


class OrderCreditRow(SQLModel, table=True):
    """What one live credit took from its order, in minor units (money.md 6.5, 6.8)."""

    __tablename__: ClassVar[Any] = "order_credits"
    __table_args__ = (Index("ix_order_credits_order", "books", "order_number"),)

    credit_key: str = Field(primary_key=True)
    books: str
    order_number: str
    shipping: int = Field(sa_type=BigInteger)
    rounding: int = Field(sa_type=BigInteger)
    total: int = Field(sa_type=BigInteger)


class DocumentRow(SQLModel, table=True):
    """The durable intent to make one ERP document, and how far it got (N2)."""

    __tablename__: ClassVar[Any] = "documents"
    __table_args__ = (
        Index("ix_documents_return", "connection", "return_id"),
        Index("ix_documents_state", "state", "connection"),
    )

    key: str = Field(primary_key=True)
    connection: str
    return_id: str
    kind: str
    state: str
    number: str = ""
    parts: list[str] = Field(sa_type=JSON)
    order_number: str = Field(index=True)
    depot: str
    lines: list[Any] = Field(sa_type=JSON)
    total: int | None = Field(default=None, sa_type=BigInteger)
    currency: str
    refund_id: str
    inspection_id: str
    request: dict[str, Any] = Field(sa_type=JSON)
    mapping: str = ""
    reason: str = ""
    window_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    waiter: str = ""
    batch: int = 0
    tries: int = 0
    refusal: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    due_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    clock_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class BatchRow(SQLModel, table=True):
    """One file of documents for a batch ERP (D7). Its number is never used again in the same books."""

    __tablename__: ClassVar[Any] = "batches"

    books: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    record_class: str
    window_at: datetime = Field(sa_type=UtcDateTime)
    created_at: datetime = Field(sa_type=UtcDateTime)
    file: str = ""
    answered: bool = False


class CallCountRow(SQLModel, table=True):
    """Calls of one account of a vendor on one day, counted against its quota."""

    __tablename__: ClassVar[Any] = "call_counts"

    account: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    calls: int


class DocumentNumberRow(SQLModel, table=True):
    """Every ERP number a document ever had, so that any of them finds it (N15)."""

    __tablename__: ClassVar[Any] = "document_numbers"
    __table_args__ = (ForeignKeyConstraint(["key"], ["documents.key"]),)

    key: str = Field(primary_key=True)
    number: str = Field(primary_key=True, index=True)
