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

log = structlog.get_logger("console")


@dataclass(frozen=True)
class Report:
    """What happened in the last days, counted at `at`."""

    at: datetime
    effort: EffortReport
    measured: list[StageLatency]


@dataclass
class KeptReports:
    """The latest report of each span. Only the first look at one waits until it is counted."""

    _of_days: dict[int, Report] = field(default_factory=dict)
    _counting: dict[int, asyncio.Task[Report]] = field(default_factory=dict)

    async def current(self, parts: ConsoleParts, days: int) -> Report:
        """The report, at most so old as it may be shown."""
        known, now = self._of_days.get(days), parts.clock()
        if known is not None and timedelta() <= now - known.at < _FRESH_FOR:
            return known
        counting = self._counting.get(days)
        if counting is None:
            counting = self._counting[days] = asyncio.create_task(self._count(parts, days))
            counting.add_done_callback(lambda _: self._counting.pop(days))
        if known is not None and timedelta() <= now - known.at < _SHOWN_FOR:
            return known
        return await asyncio.shield(counting)

    async def _count(self, parts: ConsoleParts, days: int) -> Report:
        try:
            report = self._of_days[days] = await _counted(parts, days)
        except Exception:
            log.exception("the report could not be counted", days=days)
            raise
        return report


async def report_of(request: Request, days: int) -> Report:
    """The report of this console."""
    kept: KeptReports = request.app.state.reports
    return await kept.current(parts_of(request), days)


async def _counted(parts: ConsoleParts, days: int) -> Report:
    now = parts.clock()
    since, connections = now - timedelta(days=days), list(parts.connections.values())
    measured = await latencies(parts.store, connections, since, now)
    return Report(now, await effort(parts.store, since, now), measured)
