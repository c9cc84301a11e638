"""What the store gives back and takes in about reconciliation. Amounts are minor units of the currency beside them."""

from collections.abc import Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from pydantic import JsonValue

from domain.model import Value
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import Difference

Side = Literal["refund", "credit"]


class RunState(StrEnum):
    """How far a run got."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    SUPERSEDED = "superseded"  # a newer run of the connection began


class SideSum(Value):
    """Items of one side that share currency and `name`: a state as it was listed, or a class of the comparison.

    oldest: when the first of them is from; None in sums that were kept before it was
    """

    side: Side
    currency: str
    name: str
    count: int
    amount: int
    oldest: datetime | None = None


class RunRecord(Value):
    """One comparison of one connection over [since, until). `tells`: whether it speaks for its books.

    pulled: sums as the systems listed them; placed: sums per class. Both are there from the moment they are known.
    """

    id: int
    name: str
    connection: str
    since: date
    until: date
    tells: bool
    state: RunState
    started_at: datetime
    finished_at: datetime | None
    pulled: Sequence[SideSum] = ()
    placed: Sequence[SideSum] = ()
    trouble: str = ""


class RunItem(Value):
    """One refund or note as its system listed it.

    owner, return_id: the return of ours that it belongs to; empty when there is none
    key, order_number: of a note; platform_return: the platform's return of a refund, where the listing tells
    amount: None when `amount_text` cannot be held in the currency
    """

    side: Side
    item_id: str
    owner: str = ""
    return_id: str = ""
    key: str = ""
    rma_number: str = ""
    order_number: str = ""
    platform_return: str = ""
    amount: int | None
    amount_text: str
    currency: str
    state: str
    at: datetime
    kind: str = ""

    @property
    def money(self) -> Money | None:
        """The amount, when it is exact."""
        return None if self.amount is None else Money(amount=self.amount, currency=self.currency)


class DifferenceState(StrEnum):
    """Whether a difference is still there."""

    OPEN = "open"
    DECIDED = "decided"  # a person decided what becomes of it; the figures may stay as they are
    OVER = "over"  # a later run did not find it any more


class DifferenceRecord(Difference):
    """A difference with its course: when runs found it first and last, and the exception that stands for it.

    own: the exception was raised for this difference, and is about nothing else
    document: what a person named as its credit
    """

    id: int
    connection: str
    day: date
    found_at: datetime
    seen_at: datetime
    state: DifferenceState
    over_at: datetime | None = None
    exception_id: str = ""
    own: bool = False
    document: str = ""


class DifferenceQuery(Value):
    """Which differences to give; None and empty: any. `since` and `until` are days, `until` not included.

    undecided: not those that a person decided about since the last run
    news_since: only those that were found after then, and those that nobody has decided about
    """

    connection: str | None = None
    kinds: frozenset[DifferenceClass] = frozenset()
    states: frozenset[DifferenceState] = frozenset({DifferenceState.OPEN})
    since: date | None = None
    until: date | None = None
    return_id: str = ""
    undecided: bool = False
    news_since: datetime | None = None


class DifferenceSum(Value):
    """Differences that share connection, class, state, age band and currency. `currency` is empty without money."""

    kind: DifferenceClass
    state: DifferenceState
    band: int
    currency: str
    count: int
    amount: int


class PayoutLine(Value):
    """One line of a payout report, as it was imported. `id` is made of its content."""

    id: str
    line_no: int
    refund_id: str
    order_number: str
    amount: Money
    paid_at: datetime


class PeriodRecord(Value):
    """An accounting month that was closed. `month` is ``2026-11``; the statement is JSON as people saw it."""

    connection: str
    month: str
    closed_by: str
    closed_at: datetime
    statement: dict[str, JsonValue]


class RoundingBalance(Value):
    """What rounding of one connection adds up to in one currency, and which part of it finance knows already."""

    connection: str
    currency: str
    amount: int
    count: int
    settled: int
    exception_id: str = ""
