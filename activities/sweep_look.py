"""What the parts of one look at a connection share: pages, words, and what was found so far."""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from activities.edge import Edge
from activities.sweep_raising import Raised
from domain.batches import RecordClass, files_of
from domain.connection import Connection
from domain.exceptions import ExceptionCode
from domain.lateness import StuckKind, overdue
from domain.stake import exact_money
from store.records import ExceptionRecord, ExceptionState
from store.sweep_records import Candidate, CandidatePage, Cursor, StuckFound
from store.unit import Unit

#: Reads a page of candidates of a connection whose clock began before a time.
Reader: TypeAlias = Callable[[Unit, str, datetime, Cursor], Awaitable[CandidatePage]]


@dataclass
class Look:
    """One look at everything of one connection, page by page.

    outages: troubles of the connection itself that are open, or were until a moment ago, the latest first
    drifted: return → the exception that tells of its drift; told: returns of which more than their stage is known
    true: exceptions of ours whose fact was found again
    """

    edge: Edge
    connection: Connection
    now: datetime
    outages: Sequence[ExceptionRecord]
    late: Counter[StuckKind] = field(default_factory=Counter)
    drifted: dict[str, str] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    true: set[str] = field(default_factory=set)
    raised: int = 0

    async def pages(
        self, read: Reader, limit: timedelta, outage: ExceptionRecord | None
    ) -> AsyncIterator[tuple[list[Candidate], Mapping[str, str]]]:
        """The candidates of a limit, and for each return what it waits for."""
        after: Cursor = None
        while True:
            async with self.edge.store.reading() as unit:
                page = await read(unit, self.connection.name, self.now - limit, after)
                waits_for = await self._waits_for(unit, page.items, outage)
            if page.items:
                yield page.items, waits_for
            after = page.after
            if after is None:
                return

    def is_late(self, one: Candidate, limit: timedelta) -> bool:
        """Whether the agreed time is over, windows left out."""
        return overdue(one.since, limit, self.now, one.waited, one.window_at)

    def found(
        self, kind: StuckKind, one: Candidate, limit: timedelta, waits_for: Mapping[str, str], told_by: str
    ) -> StuckFound:
        """The late thing as it is kept."""
        return StuckFound(
            kind=kind,
            connection=one.ref.connection,
            return_id=one.ref.return_id,
            subject=one.subject,
            stage=one.stage.value,
            since=one.since + one.waited,
            limit=limit,
            blocker=waits_for[one.ref.return_id],
            told_by=told_by,
            amount=exact_money(one.amount_text, one.currency) if one.currency else None,
        )

    async def report(self, late: Iterable[StuckFound]) -> None:
        """Keep what was found, and remember of which returns."""
        found = list(late)
        self.late.update(one.kind for one in found)
        self.told.update(one.return_id for one in found if one.return_id is not None)
        if found:
            async with self.edge.store.begin() as unit:
                await unit.sweep.report(found, self.now)

    def note(self, raised: Raised) -> str:
        """Count what was raised; the id of the open exception, or empty."""
        record, opened = raised
        if record is None:
            return ""
        self.raised += opened
        self.true.add(record.id)
        return record.id

    def erp_outage(self) -> ExceptionRecord | None:
        """The ERP, or its way of taking files, does not answer, or did not until a moment ago."""
        erp = self.connection.erp
        return self._outage(erp, *(files_of(erp, record_class) for record_class in RecordClass))

    def any_outage(self) -> ExceptionRecord | None:
        """One of the two systems does not answer, or did not until a moment ago."""
        return self.erp_outage() or self._outage(self.connection.platform)

    def _outage(self, *systems: str) -> ExceptionRecord | None:
        down = (one for one in self.outages if one.code is ExceptionCode.CONNECTION_DOWN)
        return next((one for one in down if one.payload.get("system") in systems), None)

    async def _waits_for(
        self, unit: Unit, page: Sequence[Candidate], outage: ExceptionRecord | None
    ) -> Mapping[str, str]:
        ids = sorted({one.ref.return_id for one in page})
        parked = await unit.sweep.open_of(self.connection.name, ids)
        return {one.ref.return_id: _blocker(one, parked.get(one.ref.return_id, []), outage) for one in page}


def _blocker(one: Candidate, parked: Sequence[ExceptionRecord], outage: ExceptionRecord | None) -> str:
    """What a return waits for, in words for people."""
    if stopped := next((record for record in parked if record.track is not None), None):
        return f"{stopped.owner} to decide {stopped.code} ({stopped.id})"
    if outage is not None:
        return _silence(outage)
    if one.document:
        return f"the ERP to take document {one.document}"
    return one.waiting_for or "nothing that is known"


def _silence(outage: ExceptionRecord) -> str:
    system = outage.payload.get("system")
    if outage.state is ExceptionState.OPEN:
        return f"{system}, which has not answered since {outage.opened_at:%Y-%m-%d %H:%M} UTC"
    return f"{system}, which answers again and catches up"
