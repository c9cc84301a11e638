"""One decision for many, carried out behind a page that people watch (R72, N18).

A run lives in the process that began it. What it decided is decided, one by one, whatever becomes of the run; its
beginning and its end are in the audit. After a restart the audit shows that an end is missing, and the same decision
may be begun again: it takes what is still open.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy.exc import SQLAlchemyError

from desk.bulk import RefusedOne, decide_all
from desk.clock import Clock
from desk.link import TemporalLink
from desk.resolutions import ResolutionAnswer
from domain.exceptions import ResolutionKind
from domain.limits import Limits
from domain.model import Value
from domain.resolution import Resolution, Role
from store import Store
from store.records import ExceptionRecord

log = structlog.get_logger("desk")

#: Exceptions that one run takes. With the usual pace that is some minutes.
MOST_AT_ONCE = 1_000
BEGUN, ENDED = "group.begun", "group.ended"
#: Refusals that are kept for people; they are mostly the same sentence.
_SHOWN = 20
#: Runs that have ended and are still known by heart; the others are read from the audit.
_REMEMBERED = 50
#: Entries of the audit about a group among which its latest run is looked for; refused tries are there too.
_LOOKED_AT = 100


class BulkOrder(Value):
    """What is to be decided for the exceptions of a group, by whom, and how many a second at most."""

    group: str
    kind: ResolutionKind
    role: Role
    actor: str
    reason: str = ""
    edits: dict[str, str] = {}
    per_second: int

    def decision(self, record: ExceptionRecord) -> Resolution:
        """The decision on one exception, as it is now. Raises ValidationError where something is missing."""
        return Resolution(
            exception_id=record.id,
            version=record.version,
            kind=self.kind,
            role=self.role,
            actor=self.actor,
            reason=self.reason,
            edits=self.edits,
        )


class BulkRun(Value):
    """How far a run has come, and how it ended.

    total: exceptions that it began with; refused: all that were not decided, `shown` some of them
    proposed: those that wait for a second person; unconfirmed: those that no worker confirmed in time
    trouble: why it ended early; empty when everything was tried
    """

    order: BulkOrder
    total: int
    begun_at: datetime
    ended_at: datetime | None = None
    decided: int = 0
    proposed: int = 0
    refused: int = 0
    unconfirmed: int = 0
    shown: list[RefusedOne] = []
    trouble: str = ""

    @property
    def done(self) -> int:
        """Those that were tried."""
        return self.decided + self.proposed + self.refused + self.unconfirmed

    @property
    def left(self) -> int:
        """Those that were not tried."""
        return self.total - self.done

    def after(self, resolution: Resolution, answer: ResolutionAnswer) -> "BulkRun":
        """The run with one more answer."""
        changes: dict[str, object] = {answer.outcome: getattr(self, answer.outcome) + 1}
        if answer.outcome == "refused" and len(self.shown) < _SHOWN:
            changes["shown"] = [*self.shown, RefusedOne(exception_id=resolution.exception_id, text=answer.text)]
        return self.model_copy(update=changes)


class Watched(Value):
    """A run at one moment. `under_way`: it goes on in this process.

    One that has no end, and is not under way here, was cut off, or another process carries it out.
    decided: ids of those that it decided, as far as this process knows. One that is still open has its return on the
    way: the workflow has taken the decision, and its next step closes the exception.
    """

    run: BulkRun
    under_way: bool
    decided: tuple[str, ...] = ()


class BulkRuns:
    """The runs of this process, one per group at a time.

    limits: by connection; wait: seconds that a worker has to confirm one decision
    """

    def __init__(
        self, store: Store, link: TemporalLink, clock: Clock, limits: Mapping[str, Limits], wait: float
    ) -> None:
        self._store = store
        self._link = link
        self._clock = clock
        self._limits = limits
        self._wait = wait
        self._runs: dict[str, BulkRun] = {}
        self._decided: dict[str, list[str]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def under_way(self, group: str) -> bool:
        """Whether a run of this group goes on in this process."""
        run = self._runs.get(group)
        return run is not None and run.ended_at is None

    async def begin(self, order: BulkOrder, records: Sequence[ExceptionRecord]) -> bool:
        """Begin to decide these exceptions; whether it was done. While a run of the group goes on, nothing is.

        Raises ValidationError where the decision lacks something.
        """
        if self.under_way(order.group):
            return False
        decisions = [order.decision(record) for record in records]
        run = BulkRun(order=order, total=len(decisions), begun_at=self._clock())
        self._runs.pop(order.group, None)
        self._runs[order.group] = run
        self._decided[order.group] = []
        try:
            await self._note(BEGUN, run)
        except BaseException:
            self._drop(order.group)
            raise
        self._tasks[order.group] = asyncio.create_task(self._carry(order.group, decisions))
        self._forget()
        return True

    async def last(self, group: str) -> Watched | None:
        """The latest run of a group, of this process or of another one; None when there was none."""
        if group in self._runs:
            decided = tuple(self._decided[group])
            return Watched(run=self._runs[group], under_way=self.under_way(group), decided=decided)
        async with self._store.reading() as unit:
            entries = await unit.audit.list(group, limit=_LOOKED_AT)
        latest = next((entry for entry in entries if entry.action in (BEGUN, ENDED)), None)
        return Watched(run=BulkRun.model_validate(latest.detail), under_way=False) if latest else None

    async def stop(self) -> None:
        """Cut all runs off, as the process ends; the audit says so."""
        tasks = [task for task in self._tasks.values() if not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry(self, group: str, decisions: Sequence[Resolution]) -> None:
        def told(resolution: Resolution, answer: ResolutionAnswer) -> None:
            self._runs[group] = self._runs[group].after(resolution, answer)
            if answer.outcome == "decided":
                self._decided[group].append(resolution.exception_id)

        trouble = "the console was stopped"
        try:
            answer = await decide_all(
                self._store,
                self._link,
                decisions,
                self._clock,
                per_second=self._runs[group].order.per_second,
                limits=self._limits,
                wait=self._wait,
                told=told,
            )
            trouble = answer.trouble
        except Exception as error:  # noqa: BLE001 - whatever it is, people must see that the run is over
            log.error("a run for many failed", group=group, reason=type(error).__name__)
            trouble = "the console failed; its log says why"
        finally:
            await self._end(group, trouble)

    async def _end(self, group: str, trouble: str) -> None:
        run = self._runs[group].model_copy(update={"ended_at": self._clock(), "trouble": trouble})
        self._runs[group] = run
        del self._tasks[group]
        try:
            await self._note(ENDED, run)
        except SQLAlchemyError as error:
            log.error("the end of a run for many is not in the audit", group=group, reason=type(error).__name__)

    async def _note(self, action: str, run: BulkRun) -> None:
        detail = run.model_dump(mode="json")
        async with self._store.begin() as unit:
            await unit.audit.add(run.order.actor, action, run.order.group, detail, self._clock())

    def _forget(self) -> None:
        ended = [group for group, run in self._runs.items() if run.ended_at is not None]
        for group in ended[: max(0, len(ended) - _REMEMBERED)]:
            self._drop(group)

    def _drop(self, group: str) -> None:
        del self._runs[group], self._decided[group]
