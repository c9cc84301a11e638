"""Comparing what was pulled, page by page in our own store, and what a run comes to (R38, R78–R85, N3, N6)."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

from sqlalchemy.exc import DBAPIError
from temporalio import activity

from activities.edge import Edge, Link, raise_unforeseen
from activities.outcomes import Stop, final_failure
from activities.reconcile_raising import end_unseen, watch_rounding
from activities.reconcile_rest import PAGE, Ended, keep, match_notes, match_payouts, match_refunds
from activities.reconcile_signatures import BeginRun, EndRun, FailRun, PageDone, RunBegun, RunPage
from activities.reconciling import Turn, still_going_on
from domain.connection import Connection
from domain.exceptions import ExceptionCode
from domain.messages import ReconcileOutcome
from domain.reconciliation.facts import Agreed
from domain.reconciliation.matching import match_return
from store.reconciliation_records import DifferenceQuery, RunRecord, RunState
from store.unit import Unit

#: Where trouble with a whole run is shown.
SYSTEM = "reconciliation"
#: A run of the last days begins earlier while an older difference is open, by no more than this.
_FURTHER_BACK = timedelta(days=90)
#: In this order, because a decision about a refund or a payout may name a note.
_PARTS = ("refund", "payout", "credit")


@asynccontextmanager
async def stepping() -> AsyncIterator[None]:
    """Around a step on our own store: trouble of the database is tried again, a bug ends the run after a few tries."""
    try:
        yield
    except Stop as stop:
        raise final_failure(stop.problem) from stop
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001 - a bug must end the run, not spin it for ever
        raise_unforeseen(error)


class ReconcileStore:
    """Implements `ReconcileStoreSteps`. `links` has every connection by name."""

    def __init__(self, edge: Edge, links: Mapping[str, Link]) -> None:
        self._edge = edge
        self._links = links

    @activity.defn
    async def begin_run(self, request: BeginRun) -> RunBegun:
        """A run that was begun for the same execution is given again; another one of the connection is superseded."""
        async with stepping():
            connection, now = self._connection(request.connection), self._edge.clock()
            info = activity.info()
            async with self._edge.store.begin() as unit:
                since = request.since or await _since(unit, request)
                run = await unit.reconciliation.begin(
                    connection.name,
                    since,
                    request.until,
                    execution=f"{info.workflow_id}/{info.workflow_run_id}",
                    tells=self._tells(connection),
                    now=now,
                )
            return RunBegun(run=run.id, name=run.name, books=connection.books)

    @activity.defn
    async def gather(self, request: RunPage) -> PageDone:
        """What people decided since the last run is taken over, then the returns of this run are settled."""
        async with stepping(), self._edge.store.begin() as unit:
            run = await still_going_on(unit, request.run)
            await unit.differences.take_decisions(run.connection, self._edge.clock())
            return PageDone(after=None, count=await unit.reconciliation.gather(run))

    @activity.defn
    async def match_returns(self, request: RunPage) -> PageDone:
        """Each page of returns is one transaction: compared, written down, exceptions raised."""
        async with stepping():
            connection = self._connection(request.connection)
            agreed, after, turn, count = _agreed(connection), request.after, Turn(), 0
            while True:
                async with self._edge.store.begin() as unit:
                    run = await still_going_on(unit, request.run)
                    ids = await unit.reconciliation.cases_after(run, after, PAGE)
                    cases = await unit.cases.read(run, ids, connection.policy)
                    await keep(unit, run, [match_return(case, agreed, run.started_at) for case in cases], self._now)
                if len(ids) < PAGE:
                    return PageDone(after=None, count=count + len(ids))
                after, count = ids[-1], count + len(ids)
                if turn.over:
                    return PageDone(after=after, count=count)

    @activity.defn
    async def match_rest(self, request: RunPage) -> PageDone:
        """Refunds, payouts and notes that belong to no return, one after the other."""
        async with stepping():
            part, _, after = (request.after or f"{_PARTS[0]}/").partition("/")
            turn, count = Turn(), 0
            while True:
                async with self._edge.store.begin() as unit:
                    run = await still_going_on(unit, request.run)
                    last, found = await self._match_part(unit, run, part, after)
                count += found
                if last is None and part == _PARTS[-1]:
                    return PageDone(after=None, count=count)
                if last is None:
                    part, after = _PARTS[_PARTS.index(part) + 1], ""
                else:
                    after = last
                if turn.over:
                    return PageDone(after=f"{part}/{after}", count=count)

    @activity.defn
    async def end_run(self, request: EndRun) -> ReconcileOutcome:
        """Differences that were not found again are over; balance and sums stand; a trouble of before is cleared."""
        async with stepping():
            connection = self._connection(request.connection)
            gone = True
            while gone:
                async with self._edge.store.begin() as unit:
                    run = await _not_failed(unit, request.run)
                    unseen = await unit.differences.unseen(run, PAGE) if run.state is RunState.RUNNING else []
                    await end_unseen(unit, unseen, self._now)
                    gone = bool(unseen)
            async with self._edge.store.begin() as unit:
                run = await _not_failed(unit, request.run)
                if run.state is RunState.RUNNING:
                    await watch_rounding(unit, connection.name, connection.limits, self._now)
                    run = await unit.reconciliation.finish(run, self._now)
                    await unit.exceptions.clear_connection(
                        connection.name, ExceptionCode.EVENT_INVALID, self._now, system=SYSTEM
                    )
                return await _outcome(unit, run)

    @activity.defn
    async def fail_run(self, request: FailRun) -> ReconcileOutcome:
        """A run that was superseded is nobody's trouble; any other is the integration team's."""
        trouble = request.problem.reason
        async with stepping(), self._edge.store.begin() as unit:
            if request.run is None:
                await self._raise_trouble(unit, request.connection, f"reconciliation could not begin: {trouble}")
                return ReconcileOutcome(run=request.connection, state=RunState.FAILED, trouble=trouble)
            await unit.reconciliation.fail(request.run, trouble, self._now)
            run = await unit.reconciliation.get(request.run)
            if run.state is RunState.FAILED:
                await self._raise_trouble(
                    unit, run.connection, f"reconciliation {run.name} could not end: {run.trouble}"
                )
            return await _outcome(unit, run)

    async def _raise_trouble(self, unit: Unit, connection: str, reason: str) -> None:
        await unit.exceptions.open_for_connection(
            connection, ExceptionCode.EVENT_INVALID, reason, self._now, system=SYSTEM
        )

    async def _match_part(self, unit: Unit, run: RunRecord, part: str, after: str) -> Ended:
        connection, now = self._connection(run.connection), self._now
        match part:
            case "refund":
                return await match_refunds(unit, run, after, _agreed(connection), now)
            case "payout":
                return await match_payouts(unit, run, after, now)
            case _:
                return await match_notes(unit, run, after, self._sharing(connection), _agreed(connection), now)

    @property
    def _now(self) -> datetime:
        return self._edge.clock()

    def _connection(self, name: str) -> Connection:
        return self._links[name].connection

    def _tells(self, connection: Connection) -> bool:
        """The first of the connections that share the books speaks for them."""
        return connection.name == min(self._sharing(connection))

    def _sharing(self, connection: Connection) -> list[str]:
        return [link.connection.name for link in self._links.values() if link.connection.books == connection.books]


async def _since(unit: Unit, request: BeginRun) -> date:
    """The last days, or the day of the oldest difference that is still open, so that its end is noticed."""
    usual = request.until - timedelta(days=request.days)
    oldest = await unit.differences.oldest_open(request.connection)
    return usual if oldest is None else max(min(usual, oldest), usual - _FURTHER_BACK)


async def _not_failed(unit: Unit, run: int) -> RunRecord:
    """The run while it goes on, or when this step had finished it before."""
    record = await unit.reconciliation.get(run)
    return record if record.state is RunState.DONE else await still_going_on(unit, run)


async def _outcome(unit: Unit, run: RunRecord) -> ReconcileOutcome:
    counts: dict[str, int] = {}
    for one in await unit.differences.sums(DifferenceQuery(connection=run.connection)):
        counts[one.kind] = counts.get(one.kind, 0) + one.count
    return ReconcileOutcome(run=run.name, state=run.state, differences=counts, trouble=run.trouble)


def _agreed(connection: Connection) -> Agreed:
    limits = connection.limits
    return Agreed(credit=limits.credit, refund=connection.policy.refund_limit, stock=limits.stock)
