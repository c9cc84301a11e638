"""What finance sees of reconciliation: runs that foot to both systems, differences with their age (R78, R85, N6)."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta

from desk.csv_export import csv_line
from domain.limits import Limits, limits_of
from domain.model import Value
from domain.money import Money, decimal_text
from domain.reconciliation.classes import DifferenceClass
from store import Store, Unit
from store.reconciliation_records import (
    DifferenceQuery,
    DifferenceRecord,
    DifferenceState,
    DifferenceSum,
    RoundingBalance,
    RunRecord,
    Side,
    SideSum,
)

#: Ends of the bands of an ageing report. A note is to be issued within 14 days in the UK (U34).
BANDS = (timedelta(days=1), timedelta(days=3), timedelta(days=10), timedelta(days=14))
BAND_WORDS = ("up to 1 day", "up to 3 days", "up to 10 days", "up to 14 days", "older")
#: Differences that are read at once for a file.
_AT_ONCE = 1_000
_HEADER = (
    "connection",
    "class",
    "state",
    "since",
    "age_days",
    "value",
    "currency",
    "units",
    "return",
    "order",
    "refund",
    "credit_note",
    "exception",
    "text",
)


class ClassTotal(Value):
    """Items of one class of one side. `kind` None: items that were not compared."""

    kind: DifferenceClass | None
    count: int
    amount: Money


class SideTotal(Value):
    """One system in one currency: what it listed, and the classes that this is made of.

    moved: what was listed as paid, or as live; foots: the classes come to it, and every item is in one
    """

    side: Side
    currency: str
    listed: int
    moved: Money
    classes: tuple[ClassTotal, ...]
    foots: bool


class RunSummary(Value):
    """One run with its sums and with the differences that are open now."""

    run: RunRecord
    sides: tuple[SideTotal, ...]
    open: tuple[DifferenceSum, ...]
    rounding: tuple[RoundingBalance, ...]

    @property
    def foots(self) -> bool:
        """Whether everything that both systems listed is accounted for."""
        return all(side.foots for side in self.sides)


class DifferenceView(DifferenceRecord):
    """A difference for people. `urgent`: a refund has waited for its note for longer than agreed (U34)."""

    words: str
    age_seconds: int
    urgent: bool


class DifferencePage(Value):
    """A part of the differences. `next`: what to ask for as `after`; None at the end."""

    items: list[DifferenceView]
    next: int | None


async def list_runs(
    store: Store, connection: str | None = None, before: int | None = None, limit: int = 50
) -> list[RunRecord]:
    """Up to `limit` runs, the latest first; `before`: the id that the page before ended with."""
    async with store.reading() as unit:
        return await unit.reconciliation.latest(connection, before, limit)


async def run_summary(store: Store, name: str) -> RunSummary | None:
    """The run with this name, or None."""
    async with store.reading() as unit:
        run = await unit.reconciliation.find(name)
        return await summary_of(unit, run) if run else None


async def summary_of(unit: Unit, run: RunRecord) -> RunSummary:
    """The same inside a transaction of the caller."""
    return RunSummary(
        run=run,
        sides=side_totals(run),
        open=tuple(await unit.differences.sums(DifferenceQuery(connection=run.connection))),
        rounding=await unit.periods.rounding(run.connection),
    )


def side_totals(run: RunRecord) -> tuple[SideTotal, ...]:
    """One total per system and currency."""
    keys = sorted({(one.side, one.currency) for one in run.pulled}, key=lambda key: (key[0] != "refund", key[1]))
    return tuple(_side_total(run, side, currency) for side, currency in keys)


async def read_differences(
    store: Store,
    query: DifferenceQuery,
    now: datetime,
    limits: Mapping[str, Limits],
    after: int = 0,
    limit: int = 50,
) -> DifferencePage:
    """Up to `limit` differences behind `after`, in the order in which they were found."""
    async with store.reading() as unit:
        records = await unit.differences.list(query, after, limit + 1)
    items = [_view(record, now, limits) for record in records[:limit]]
    return DifferencePage(items=items, next=items[-1].id if len(records) > limit else None)


async def ageing(store: Store, connection: str | None, now: datetime) -> Sequence[DifferenceSum]:
    """Open differences by class, currency and age: the n-th band ends at the n-th of BANDS, the last one never."""
    async with store.reading() as unit:
        return await unit.differences.sums(DifferenceQuery(connection=connection), now, BANDS)


async def differences_csv(store: Store, query: DifferenceQuery, now: datetime) -> AsyncIterator[str]:
    """The differences for a spreadsheet, line by line, however many they are."""
    yield csv_line(_HEADER)
    after = 0
    while True:
        async with store.reading() as unit:
            records = await unit.differences.list(query, after, _AT_ONCE)
        for record in records:
            yield csv_line(_cells(record, now))
        if len(records) < _AT_ONCE:
            return
        after = records[-1].id


def _side_total(run: RunRecord, side: Side, currency: str) -> SideTotal:
    listed = [one for one in run.pulled if (one.side, one.currency) == (side, currency)]
    placed = [one for one in run.placed if (one.side, one.currency) == (side, currency)]
    moved = [one for one in listed if one.name in ("paid", "live")]
    counted = [one for one in placed if one.name != DifferenceClass.NOT_COUNTED]
    every_one_placed = all(one.name for one in placed)
    return SideTotal(
        side=side,
        currency=currency,
        listed=sum(one.count for one in listed),
        moved=Money(amount=sum(one.amount for one in moved), currency=currency),
        classes=tuple(_class_total(one) for one in placed),
        foots=every_one_placed and _sum(moved) == _sum(counted) and _sum(listed) == _sum(placed),
    )


def _sum(sums: Sequence[SideSum]) -> tuple[int, int]:
    return sum(one.count for one in sums), sum(one.amount for one in sums)


def _class_total(one: SideSum) -> ClassTotal:
    kind = DifferenceClass(one.name) if one.name else None
    return ClassTotal(kind=kind, count=one.count, amount=Money(amount=one.amount, currency=one.currency))


def _view(record: DifferenceRecord, now: datetime, limits: Mapping[str, Limits]) -> DifferenceView:
    age = now - record.at
    waits = record.kind is DifferenceClass.MISSING_CREDIT and record.state is DifferenceState.OPEN
    return DifferenceView(
        **record.model_dump(),
        words=record.kind.words,
        age_seconds=int(age.total_seconds()),
        urgent=waits and age > limits_of(limits, record.connection).note_age,
    )


def _cells(record: DifferenceRecord, now: datetime) -> tuple[object, ...]:
    value = record.value
    return (
        record.connection,
        record.kind.words,
        record.state.value,
        f"{record.at:%Y-%m-%d %H:%M}",
        (now - record.at).days,
        decimal_text(value.amount, value.currency) if value else "",
        value.currency if value else "",
        record.units,
        record.return_id,
        record.order_number,
        record.refund_id,
        record.credit,
        record.exception_id,
        record.text,
    )
