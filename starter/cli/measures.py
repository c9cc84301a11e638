"""``backhaul report``: how long things took, and how much of it needed people (R90, R96, N10)."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console

from desk.clock import utc_now
from desk.effort import EffortReport, Touchless, effort
from desk.latency import OpenAge, StageLatency, latencies, open_ages
from domain.model import Value
from domain.money import Money
from runtime.settings import Settings
from starter.cli.output import emit, table
from starter.cli.run import AsJson, run
from starter.configuration import configured_connections
from starter.process import opened_store

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


class Report(Value):
    """The measures of a period, and what waits now."""

    effort: EffortReport
    latencies: list[StageLatency]
    open: list[OpenAge]


def report(
    context: typer.Context,
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="Days up to now.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Report touchless returns, exceptions, handling times, and how long documents took, apart from windows."""

    async def look(settings: Settings) -> None:
        connections = [one.connection for one in configured_connections(settings.config)]
        now = utc_now()
        since = now - timedelta(days=days)
        async with opened_store(settings) as store:
            measured = Report(
                effort=await effort(store, since, now),
                latencies=await latencies(store, connections, since, now),
                open=await open_ages(store, connections, now),
            )
        emit(measured, as_json, lambda console: _draw(console, measured, days))

    run(context, look, as_json=as_json)


def _draw(console: Console, measured: Report, days: int) -> None:
    figures = measured.effort
    console.print(f"The last {days} day(s)\n", style="bold", markup=False)
    console.print(_touchless(figures.touchless), markup=False)
    console.print(_exceptions(figures), markup=False)
    _table(console, "Handling of exceptions", ["team", "resolved", "median", "hours in all"], _handling(figures))
    _table(console, "Causes", ["count", "open", "code", "team", "connection", "what"], _causes(figures))
    columns = ["stage", "connection", "ERP", "depot", "documents", "median", "95 %", "longest", "agreed", "over", ""]
    _table(console, "Delay until the ERP has it", columns, _latencies(measured.latencies))
    _table(
        console,
        "Waiting for windows, besides",
        ["stage", "connection", "documents", "mean", "longest"],
        _waits(measured.latencies),
    )
    columns = ["stage", "connection", "depot", "open", "in line", "oldest delay", "agreed", ""]
    _table(console, "Not in the ERP yet", columns, _open(measured.open))
    _table(console, "Day by day (UTC)", ["day", "opened", "closed", "credited", "units", "to sell"], _days(figures))


def _touchless(found: Touchless) -> str:
    if found.share is None:
        return "No return was closed."
    return f"{found.touchless} of {found.closed} closed returns ({found.share:.0%}) needed no person."


def _exceptions(figures: EffortReport) -> str:
    text = f"{figures.exceptions} exception(s) were opened, and {figures.opened} return(s) came"
    return f"{text}: {figures.per_100:.1f} per 100." if figures.per_100 is not None else f"{text}."


def _handling(figures: EffortReport) -> list[list[str]]:
    return [
        [one.owner or "all", str(one.count), span(one.median_seconds), f"{one.hours:.1f}"] for one in figures.handling
    ]


def _causes(figures: EffortReport) -> list[list[str]]:
    return [
        [str(one.count), str(one.open), one.code, one.owner, one.connection, one.wrong or one.title]
        for one in figures.causes
    ]


def _latencies(found: Sequence[StageLatency]) -> list[list[str]]:
    return [
        [
            *(one.stage, one.connection, one.erp, one.depot, str(one.count)),
            *map(span, (one.p50_seconds, one.p95_seconds, one.longest_seconds, one.agreed_seconds)),
            str(one.over),
            "RED" if one.red else "",
        ]
        for one in found
    ]


def _waits(found: Sequence[StageLatency]) -> list[list[str]]:
    return [
        [
            *(one.stage, one.connection, str(one.waited)),
            *(span(one.window_mean_seconds), span(one.window_longest_seconds)),
        ]
        for one in found
        if one.waited
    ]


def _open(found: Sequence[OpenAge]) -> list[list[str]]:
    return [
        [
            *(one.stage, one.connection, one.depot, str(one.count), str(one.waiting)),
            "" if one.oldest_seconds is None else span(one.oldest_seconds),
            span(one.agreed_seconds),
            "RED" if one.red else "",
        ]
        for one in found
    ]


def _days(figures: EffortReport) -> list[list[str]]:
    return [
        [
            *(day.day.isoformat(), str(day.opened), str(day.closed), _sum(day.credited)),
            *(str(day.units), str(day.restocked)),
        ]
        for day in figures.days
    ]


def _sum(amounts: Sequence[Money]) -> str:
    return ", ".join(map(str, amounts))


def span(seconds: float) -> str:
    """A span of time for people, in its largest unit: ``0.4 s``, ``12 min``, ``3.5 h``, ``2.1 d``."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.1f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.1f} d"


def _table(console: Console, title: str, columns: list[str], rows: list[list[str]]) -> None:
    if rows:
        console.print(f"\n{title}", style="bold")
        console.print(table(columns, rows))
