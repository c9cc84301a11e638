"""Table of how long documents took: one row for each that reached the ERP (R90, N10)."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Index, text
from sqlmodel import Field, SQLModel

from store.columns import UtcDateTime

#: All that latency and flow of a period are counted from, in the order of the groups: nothing else is read for them.
_MEASURED = ("day", "stage", "connection", "depot", "step", "posted_at", "delay_ms", "window_ms", "hand")
_VALUED = ("day", "currency", "posted_at", "amount", "units", "sellable")


class StageTimeRow(SQLModel, table=True):
    """One document that got into the ERP, at the first moment at which it was known to be there.

    day: UTC day of `posted_at`
    window_ms: how long it waited for batch windows; delay_ms: the rest of the time from `due_at` to `posted_at`
    step: `domain.latency.delay_step` of the delay; hand: a person made it in the ERP
    units: units of a stock document, `sellable` of them came into sellable stock; amount: minor units of a credit
    """

    __tablename__: ClassVar[Any] = "stage_times"
    __table_args__ = (
        Index("ix_stage_times_measured", *_MEASURED),
        Index("ix_stage_times_valued", *_VALUED),
        Index("ix_stage_times_connection", "connection", "posted_at"),
        Index(
            "ix_stage_times_hand",
            "connection",
            "return_id",
            sqlite_where=text("hand = 1"),
            postgresql_where=text("hand"),
        ),
    )

    key: str = Field(primary_key=True)
    connection: str
    return_id: str
    stage: str
    depot: str = ""
    due_at: datetime = Field(sa_type=UtcDateTime)
    posted_at: datetime = Field(sa_type=UtcDateTime)
    day: date
    window_ms: int = Field(sa_type=BigInteger)
    delay_ms: int = Field(sa_type=BigInteger)
    step: int
    hand: bool = False
    units: int = 0
    sellable: int = 0
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str = ""
