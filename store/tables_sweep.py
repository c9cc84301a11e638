"""Tables of the sweep: how far it got, when each system answered last, and what takes too long."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index
from sqlmodel import Field, SQLModel

from store.columns import UtcDateTime


class WatermarkRow(SQLModel, table=True):
    """Up to when something of a connection was looked at."""

    __tablename__: ClassVar[Any] = "watermarks"

    connection: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class SideRow(SQLModel, table=True):
    """One side of a connection as the sweep finds it. `trouble_since` is the first failure after the last success."""

    __tablename__: ClassVar[Any] = "connection_sides"

    connection: str = Field(primary_key=True)
    side: str = Field(primary_key=True)
    system: str
    answered_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trouble_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    trouble: str = ""


class StuckRow(SQLModel, table=True):
    """One thing that takes longer than agreed. Found again after it was over, it is open again with a new time."""

    __tablename__: ClassVar[Any] = "stuck"
    __table_args__ = (
        Index("ix_stuck_open", "state", "connection", "kind", "id"),
        Index("ix_stuck_return", "connection", "return_id"),
    )

    id: str = Field(primary_key=True)
    connection: str
    return_id: str | None = None
    kind: str
    subject: str
    stage: str
    since: datetime = Field(sa_type=UtcDateTime)
    limit_seconds: int = Field(sa_type=BigInteger)
    blocker: str
    told_by: str
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = None
    state: str
    found_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    over_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
