"""Tables of reconciliation: runs, what each run compared, the differences found, payouts and accounting months."""

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.columns import RowId, UtcDateTime


class RunRow(SQLModel, table=True):
    """One comparison of one connection over some days, `until` not included.

    execution: the workflow's own run, so that a repeated begin finds it; tells: whether it speaks for its books
    pulled: side → currency → items and amount as they were listed; placed: the same per class, from the comparison
    """

    __tablename__: ClassVar[Any] = "reconciliation_runs"
    __table_args__ = (Index("ix_reconciliation_runs_latest", "connection", "state", "until"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    name: str = Field(unique=True)
    execution: str = Field(unique=True)
    connection: str
    since: date
    until: date
    tells: bool
    state: str
    started_at: datetime = Field(sa_type=UtcDateTime)
    finished_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    pulled: list[Any] = Field(sa_type=JSON)
    placed: list[Any] = Field(sa_type=JSON)
    trouble: str = ""


class RunItemRow(SQLModel, table=True):
    """One refund or note as its system listed it for a run; the latest run of a connection keeps its items.

    owner, return_id: the return of ours that it belongs to; both empty when there is none
    """

    __tablename__: ClassVar[Any] = "reconciliation_items"
    __table_args__ = (
        Index("ix_reconciliation_items_return", "run", "return_id"),
        Index("ix_reconciliation_items_order", "run", "side", "order_number"),
    )

    run: int = Field(primary_key=True)
    side: str = Field(primary_key=True)
    item_id: str = Field(primary_key=True)
    owner: str
    return_id: str
    key: str
    order_number: str
    platform_return: str
    amount: int | None = Field(default=None, sa_type=BigInteger)
    amount_text: str
    currency: str
    state: str
    at: datetime = Field(sa_type=UtcDateTime)
    kind: str


class RunCaseRow(SQLModel, table=True):
    """One return that a run looks at."""

    __tablename__: ClassVar[Any] = "reconciliation_cases"

    run: int = Field(primary_key=True)
    return_id: str = Field(primary_key=True)


class DifferenceRow(SQLModel, table=True):
    """One difference, however many runs find it. `own`: its exception was raised for it, and is about nothing else.

    document: what a person named as its credit; it is no note of somebody else then
    """

    __tablename__: ClassVar[Any] = "differences"
    __table_args__ = (
        UniqueConstraint("connection", "kind", "subject", name="uq_differences_subject"),
        Index("ix_differences_day", "connection", "day", "id"),
        Index("ix_differences_open", "state", "connection", "id"),
        Index("ix_differences_balance", "connection", "kind", "state", "currency"),
        Index("ix_differences_return", "connection", "return_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=RowId)
    connection: str
    kind: str
    subject: str
    return_id: str
    order_number: str
    refund_id: str
    credit: str
    amount: int | None = Field(default=None, sa_type=BigInteger)
    currency: str | None = None
    units: int | None = None
    figures: dict[str, Any] = Field(sa_type=JSON)
    text: str
    at: datetime = Field(sa_type=UtcDateTime)
    day: date
    first_run: int
    last_run: int
    found_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    state: str
    over_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    code: str | None = None
    exception_id: str = Field(default="", index=True)
    own: bool = False
    document: str = Field(default="", index=True)


class PayoutFileRow(SQLModel, table=True):
    """One imported payout report."""

    __tablename__: ClassVar[Any] = "payout_files"

    connection: str = Field(primary_key=True)
    digest: str = Field(primary_key=True)
    name: str
    lines: int
    fresh: int
    actor: str
    imported_at: datetime = Field(sa_type=UtcDateTime)


class PayoutLineRow(SQLModel, table=True):
    """One line of a payout report. `id` is made of its content, so that overlapping reports add nothing twice."""

    __tablename__: ClassVar[Any] = "payout_lines"
    __table_args__ = (
        Index("ix_payout_lines_paid", "connection", "paid_at", "id"),
        Index("ix_payout_lines_refund", "connection", "refund_id"),
    )

    connection: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    digest: str
    line_no: int
    refund_id: str
    order_number: str
    amount: int = Field(sa_type=BigInteger)
    currency: str
    paid_at: datetime = Field(sa_type=UtcDateTime)


class PeriodRow(SQLModel, table=True):
    """One accounting month of a connection that was closed, with the statement that it was closed on."""

    __tablename__: ClassVar[Any] = "periods"

    connection: str = Field(primary_key=True)
    month: str = Field(primary_key=True)
    closed_by: str
    closed_at: datetime = Field(sa_type=UtcDateTime)
    statement: dict[str, Any] = Field(sa_type=JSON)


class RoundingBalanceRow(SQLModel, table=True):
    """What rounding adds up to (R85). `settled`: the part that finance knows and has decided about."""

    __tablename__: ClassVar[Any] = "rounding_balances"

    connection: str = Field(primary_key=True)
    currency: str = Field(primary_key=True)
    amount: int = Field(sa_type=BigInteger)
    count: int
    settled: int = Field(sa_type=BigInteger)
    exception_id: str = ""
    updated_at: datetime = Field(sa_type=UtcDateTime)
