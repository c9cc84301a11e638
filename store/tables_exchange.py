"""Tables of exchanges, of what a replacement is worth, and of the money that is out while its goods are not in."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Index
from sqlmodel import Field, SQLModel

from store.columns import RowId, UtcDateTime


class ExchangeRow(SQLModel, table=True):
    """One replacement. `key` is the business key of its order, `units` are the returned units that it stands for."""

    __tablename__: ClassVar[Any] = "exchanges"
    __table_args__ = (Index("ix_exchanges_return", "connection", "return_id"),)

    key: str = Field(primary_key=True)
    connection: str
    return_id: str
    number: int
    exchange_id: str
    line_id: str
    units: int
    sku: str
    quantity: int
    carried: int = Field(sa_type=BigInteger)
    price: int = Field(sa_type=BigInteger)
    currency: str
    state: str
    order_number: str = Field(default="", index=True)
    slot_line_id: str
    slots: list[int] = Field(sa_type=JSON)
    credit_key: str | None = Field(default=None, index=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class CarriedOrderRow(SQLModel, table=True):
    """What a replacement's own lines are worth, for the return of the replacement (N13)."""

    __tablename__: ClassVar[Any] = "carried_orders"

    books: str = Field(primary_key=True)
    order_number: str = Field(primary_key=True)
    sku: str
    quantity: int
    content: dict[str, Any] = Field(sa_type=JSON)
    exchange_key: str
    created_at: datetime = Field(sa_type=UtcDateTime)


class ExposureRow(SQLModel, table=True):
    """One unit whose value is out while its goods are not accepted (N11). Amounts are minor units."""

    __tablename__: ClassVar[Any] = "exposures"
    __table_args__ = (
        Index("uq_exposures_unit", "connection", "return_id", "slot_line_id", "slot_no", "reference", unique=True),
        Index("ix_exposures_open", "state", "cover_until"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    connection: str
    return_id: str
    slot_line_id: str
    slot_no: int
    line_id: str
    amount: int = Field(sa_type=BigInteger)
    currency: str
    kind: str
    reference: str = Field(index=True)
    since: datetime = Field(sa_type=UtcDateTime)
    cover_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    state: str
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    note: str = ""
