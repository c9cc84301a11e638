"""Accounting months: what is in the way of closing one, and closing it (R84)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Literal

from desk.clock import Clock
from desk.reconciliation import SideTotal, side_totals
from domain.catalogue import CATALOGUE
from domain.exceptions import Owner
from domain.model import Value
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from domain.resolution import Role
from store import Store, Unit
from store.reconciliation_days import month_days, start_of
from store.reconciliation_records import (
    DifferenceQuery,
    DifferenceRecord,
    DifferenceState,
    PeriodRecord,
    RoundingBalance,
)
from store.records import ExceptionRecord

#: So many of each kind are read; a month with more is surely not ready, and its sums say that there are more.
_MOST = 1_000
_SERIOUS = frozenset(kind for kind in DifferenceClass if kind.serious)


class Blocker(Value):
    """One thing that is in the way of the close. `id`: of the exception, where there is one; `value`: signed."""

    kind: Literal["time", "run", "difference", "exception"]
    text: str
    id: str = ""
    return_id: str = ""
    value: Money | None = None
    since: datetime | None = None


class PeriodStatement(Value):
    """Whether a month can be closed, and what it comes to.

    run: the reconciliation that it rests on; sides: both systems in that run
    blockers: at most some thousand, the oldest first; value: what they come to, per currency
    """

    connection: str
    month: str
    ready: bool
    run: str
    sides: tuple[SideTotal, ...]
    blockers: tuple[Blocker, ...]
    value: tuple[Money, ...]
    rounding: tuple[RoundingBalance, ...]
    closed: PeriodRecord | None = None


class CloseAnswer(Value):
    """What became of the wish to close a month: `refused` with a reason, or closed now or before."""

    outcome: Literal["closed", "refused"]
    repeated: bool = False
    text: str = ""
    statement: PeriodStatement


async def period_statement(store: Store, connection: str, month: str, now: datetime) -> PeriodStatement:
    """The statement of ``2026-11``. ValueError for what is no month."""
    async with store.reading() as unit:
        return await _statement(unit, connection, month, now)


async def close_period(
    store: Store, connection: str, month: str, *, actor: str, role: Role, clock: Clock
) -> CloseAnswer:
    """Close a month for good, when nothing is in its way. Finance's decision; a refusal is in the audit too.

    ValueError for what is no month.
    """
    now = clock()
    async with store.begin() as unit:
        statement = await _statement(unit, connection, month, now)
        if statement.closed is not None:
            return CloseAnswer(outcome="closed", repeated=True, statement=statement)
        if text := _refusal(statement, role):
            detail = {"role": role.value, "why": text}
            await unit.audit.add(actor, "period.refused", _subject(connection, month), detail, now)
            return CloseAnswer(outcome="refused", text=text, statement=statement)
        kept = statement.model_dump(mode="json", exclude={"closed"})
        await unit.periods.close(connection, month, actor, kept, now)
        detail = {"role": role.value, "run": statement.run}
        await unit.audit.add(actor, "period.closed", _subject(connection, month), detail, now)
        closed = await unit.periods.get(connection, month)
        return CloseAnswer(outcome="closed", statement=statement.model_copy(update={"closed": closed}))


async def _statement(unit: Unit, connection: str, month: str, now: datetime) -> PeriodStatement:
    since, until = month_days(month)
    run = await unit.reconciliation.covering(connection, since, until)
    blockers = [*_not_yet(month, until, now), *([] if run else [_not_compared(since, until)])]
    differences = await _differences(unit, connection, until)
    blockers += [_of_difference(one) for one in differences]
    told = {one.exception_id for one in differences}
    parked = await unit.periods.open_finance(connection, start_of(until), _MOST)
    blockers += [_of_exception(one) for one in parked if one.id not in told]
    return PeriodStatement(
        connection=connection,
        month=month,
        ready=not blockers,
        run=run.name if run else "",
        sides=side_totals(run) if run else (),
        blockers=tuple(sorted(blockers, key=lambda one: (one.since is not None, one.since or now, one.id))),
        value=_values(blockers),
        rounding=await unit.periods.rounding(connection),
        closed=await unit.periods.get(connection, month),
    )


async def _differences(unit: Unit, connection: str, until: date) -> list[DifferenceRecord]:
    """Serious differences of the month, and older ones; what was decided since the last run is not in the way."""
    query = DifferenceQuery(
        connection=connection, kinds=_SERIOUS, states=frozenset({DifferenceState.OPEN}), until=until
    )
    found = await unit.differences.list(query, limit=_MOST)
    decided = await unit.differences.decided(one.exception_id for one in found if one.own)
    return [one for one in found if one.exception_id not in decided]


def _not_yet(month: str, until: date, now: datetime) -> Iterable[Blocker]:
    if now < start_of(until):
        yield Blocker(kind="time", text=f"{month} is not over")


def _not_compared(since: date, until: date) -> Blocker:
    text = f"no reconciliation has compared all days from {since} to {until} (not included) since they were over"
    return Blocker(kind="run", text=text)


def _of_difference(one: DifferenceRecord) -> Blocker:
    return Blocker(
        kind="difference",
        text=f"{one.kind.words}: {one.text}",
        id=one.exception_id,
        return_id=one.return_id,
        value=one.value,
        since=one.at,
    )


def _of_exception(one: ExceptionRecord) -> Blocker:
    return Blocker(
        kind="exception",
        text=f"{CATALOGUE[one.code].title}: {one.reason}",
        id=one.id,
        return_id=one.return_id or "",
        value=one.amount,
        since=one.opened_at,
    )


def _values(blockers: Iterable[Blocker]) -> tuple[Money, ...]:
    """What is at stake per currency, whichever way it goes."""
    sums: dict[str, int] = {}
    for one in blockers:
        if one.value is not None:
            sums[one.value.currency] = sums.get(one.value.currency, 0) + abs(one.value.amount)
    return tuple(Money(amount=amount, currency=currency) for currency, amount in sorted(sums.items()))


def _refusal(statement: PeriodStatement, role: Role) -> str:
    if not role.may_decide(Owner.FINANCE):
        return f"closing a month belongs to {Owner.FINANCE}; the role {role} may not do it"
    if statement.blockers:
        more = f" and {len(statement.blockers) - 1} more" if len(statement.blockers) > 1 else ""
        return f"{statement.month} is not ready: {statement.blockers[0].text}{more}"
    return ""


def _subject(connection: str, month: str) -> str:
    return f"{connection}/{month}"
