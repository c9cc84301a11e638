"""The report of the last days, shared by the overview and its charts, and by all who look within a short while."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from fastapi import Request

from console.parts import ConsoleParts, parts_of
from desk.measures import EffortReport, StageLatency, effort, latencies

#: Past days change slowly; counting them again for every picture would be the slowest thing the console does.
_FRESH_FOR = timedelta(seconds=30)
#: So old a report is still shown, with its time, while a new one is counted.
_SHOWN_FOR = timedelta(minutes=15)
#: So many seconds a page waits for a report that is being counted. The rest of it is worth reading without.
_PATIENCE = 0.1

log = structlog.get_logger("console")


@dataclass(frozen=True)
class Report:
    """What happened in the last days, counted at `at`."""

    at: datetime
    effort: EffortReport
    measured: list[StageLatency]


@dataclass
class KeptReports:
    """The latest report of each span. It is counted once for all who ask meanwhile."""

    _of_days: dict[int, Report] = field(default_factory=dict)
    _counting: dict[int, asyncio.Task[Report]] = field(default_factory=dict)

    async def current(self, parts: ConsoleParts, days: int) -> Report:
        """The report, at most so old as it may be shown."""
        if shown := self._shown(parts, days):
            return shown
        return await asyncio.shield(self._under_way(parts, days))

    async def soon(self, parts: ConsoleParts, days: int) -> Report | None:
        """The same, or None while it is still counted."""
        if shown := self._shown(parts, days):
            return shown
        counting = self._under_way(parts, days)
        done, _ = await asyncio.wait({counting}, timeout=_PATIENCE)
        return counting.result() if done else None

    def _shown(self, parts: ConsoleParts, days: int) -> Report | None:
        """What may be shown. Where it is not fresh any more, the next one is counted beside."""
        known = self._of_days.get(days)
        if known is None or not timedelta() <= (age := parts.clock() - known.at) < _SHOWN_FOR:
            return None
        if age >= _FRESH_FOR:
            self._under_way(parts, days)
        return known

    def _under_way(self, parts: ConsoleParts, days: int) -> asyncio.Task[Report]:
        """The count of this span, begun where there is none."""
        if days not in self._counting:
            self._counting[days] = asyncio.create_task(self._count(parts, days))
            self._counting[days].add_done_callback(lambda task: self._over(days, task))
        return self._counting[days]

    def _over(self, days: int, task: asyncio.Task[Report]) -> None:
        del self._counting[days]
        if not task.cancelled():
            task.exception()  # it is in the log; whoever waits has it too

    async def _count(self, parts: ConsoleParts, days: int) -> Report:
        try:
            report = self._of_days[days] = await _counted(parts, days)
        except Exception:
            log.exception("the report could not be counted", days=days)
            raise
        return report


async def report_of(request: Request, days: int) -> Report:
    """The report of this console."""
    return await _kept(request).current(parts_of(request), days)


async def report_soon(request: Request, days: int) -> Report | None:
    """The report of this console, for a page that does without it while it is counted."""
    return await _kept(request).soon(parts_of(request), days)


def _kept(request: Request) -> KeptReports:
    kept = request.app.state.reports
    assert isinstance(kept, KeptReports)
    return kept


async def _counted(parts: ConsoleParts, days: int) -> Report:
    now = parts.clock()
    since, connections = now - timedelta(days=days), list(parts.connections.values())
    measured = await latencies(parts.store, connections, since, now)
    return Report(now, await effort(parts.store, since, now), measured)
