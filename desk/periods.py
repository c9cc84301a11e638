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
    RunRecord,
)
from store.records import ExceptionRecord

#: So many of each kind are read; a month with more is surely not ready, and its sums say that there are more.
_MOST = 1_000
_SERIOUS = frozenset(kind for kind in DifferenceClass if kind.serious)
_OPEN = frozenset({DifferenceState.OPEN})
_SIDES = {"refund": "refund", "credit": "credit note"}


class Blocker(Value):
    """One thing that is in the way of the close, or was found after it.

    id: of the exception, where there is one; value: signed
    """

    kind: Literal["time", "run", "difference", "exception"]
    text: str
    id: str = ""
    return_id: str = ""
    value: Money | None = None
    since: datetime | None = None


class PeriodStatement(Value):
    """Whether a month can be closed, and what it comes to; of a closed month the statement that it was closed on.

    run: the reconciliation that it rests on; sides: both systems in that run
    blockers: at most some thousand, the oldest first; value: what they come to, per currency
    since_close: what was found about the days of a closed month afterwards, whether it is decided by now or not
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
    since_close: tuple[Blocker, ...] = ()


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
        kept = statement.model_dump(mode="json", exclude={"closed", "since_close"})
        await unit.periods.close(connection, month, actor, kept, now)
        detail = {"role": role.value, "run": statement.run}
        await unit.audit.add(actor, "period.closed", _subject(connection, month), detail, now)
        closed = await unit.periods.get(connection, month)
        return CloseAnswer(outcome="closed", statement=statement.model_copy(update={"closed": closed}))


def worth(blockers: Iterable[Blocker]) -> tuple[Money, ...]:
    """What is at stake per currency, whichever way it goes."""
    sums: dict[str, int] = {}
    for one in blockers:
        if one.value is not None:
            sums[one.value.currency] = sums.get(one.value.currency, 0) + abs(one.value.amount)
    return tuple(Money(amount=amount, currency=currency) for currency, amount in sorted(sums.items()))


async def _statement(unit: Unit, connection: str, month: str, now: datetime) -> PeriodStatement:
    since, until = month_days(month)
    if (closed := await unit.periods.get(connection, month)) is not None:
        return await _kept_statement(unit, closed, since, until)
    runs = await unit.reconciliation.covering(connection, since, until)
    run = next((run for run in runs if (run.since, run.until) == (since, until)), next(iter(runs), None))
    blockers = [*_not_yet(month, until, now), *([] if run else [_not_compared(since, until)])]
    # The figures are those of the run that fits best, but a later one may know that they do not stand any more.
    for one in {one.id: one for one in (run, *runs[:1]) if one is not None}.values():
        blockers += [*_not_adding_up(one), *_unsettled(one, until)]
    blockers += await _found(unit, connection, None, until)
    return PeriodStatement(
        connection=connection,
        month=month,
        ready=not blockers,
        run=run.name if run else "",
        sides=side_totals(run) if run else (),
        blockers=_by_age(blockers),
        value=worth(blockers),
        rounding=await unit.periods.rounding(connection),
    )


async def _kept_statement(unit: Unit, closed: PeriodRecord, since: date, until: date) -> PeriodStatement:
    """What a month was closed on, and apart from it what was found since: nothing was in the way then."""
    news = _by_age(await _found(unit, closed.connection, since, until, closed.closed_at))
    return PeriodStatement.model_validate({**closed.statement, "closed": closed, "since_close": news})


async def _found(
    unit: Unit, connection: str, since: date | None, until: date, closed_at: datetime | None = None
) -> list[Blocker]:
    """Differences of these days that nobody has decided about, and what finance has to decide about them beside that.

    With `closed_at` what was found after it is there for good, also when it is decided.
    """
    query = DifferenceQuery(
        connection=connection,
        kinds=_SERIOUS,
        states=_OPEN if closed_at is None else _OPEN | {DifferenceState.DECIDED},
        since=since,
        until=until,
        undecided=closed_at is None,
        news_since=closed_at,
    )
    differences = await unit.differences.list(query, limit=_MOST)
    told = {one.exception_id for one in differences}
    parked = await unit.periods.open_finance(connection, start_of(since) if since else None, start_of(until), _MOST)
    return [*map(_of_difference, differences), *(_of_exception(one) for one in parked if one.id not in told)]


def _not_yet(month: str, until: date, now: datetime) -> Iterable[Blocker]:
    if now < start_of(until):
        yield Blocker(kind="time", text=f"{month} is not over")


def _not_compared(since: date, until: date) -> Blocker:
    text = f"no reconciliation has compared all days from {since} to {until} (not included) since they were over"
    return Blocker(kind="run", text=text)


def _not_adding_up(run: RunRecord) -> Iterable[Blocker]:
    """Something that a system listed is in no class, or was compared with another amount (R78)."""
    for side in side_totals(run):
        if not side.foots:
            text = (
                f"the classes of {_SIDES[side.side]}s in {side.currency} do not add up to what was listed ({run.name})"
            )
            yield Blocker(kind="run", text=text)


def _unsettled(run: RunRecord, until: date) -> Iterable[Blocker]:
    """What had time left when it was compared may have become a difference since (N3)."""
    for one in run.placed:
        if one.name == DifferenceClass.PENDING and (one.oldest is None or one.oldest < start_of(until)):
            value = Money(amount=one.amount, currency=one.currency)
            many = f"{one.count} {_SIDES[one.side]}{'s' if one.count > 1 else ''}"
            text = f"reconciliation {run.name} left {many} over {value} within the agreed time"
            yield Blocker(kind="run", text=f"{text}; compare again after it", value=value, since=one.oldest)


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


def _by_age(blockers: Iterable[Blocker]) -> tuple[Blocker, ...]:
    """What has no age comes first: it is about the whole month."""
    return tuple(sorted(blockers, key=lambda one: (one.since.timestamp() if one.since else 0, one.id)))


def _refusal(statement: PeriodStatement, role: Role) -> str:
    if not role.may_decide(Owner.FINANCE):
        return f"closing a month belongs to {Owner.FINANCE}; the role {role} may not do it"
    if statement.blockers:
        more = f" and {len(statement.blockers) - 1} more" if len(statement.blockers) > 1 else ""
        return f"{statement.month} is not ready: {statement.blockers[0].text}{more}"
    return ""


def _subject(connection: str, month: str) -> str:
    return f"{connection}/{month}"
