"""``backhaul shadow``: what would Backhaul have done with the returns of the past? It writes nothing (N9)."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer
from rich.console import Console

from adapters.assembly import ReadyConnection
from desk.clock import utc_now
from domain.dispositions import Disposition
from domain.money import Money
from runtime.settings import Settings
from runtime.shutdown import stop_on_signals
from starter.cli.output import CommandError, Exit, emit, table
from starter.cli.run import AsJson, run
from starter.configuration import configured_connections
from starter.shadow import Plan, ShadowReport, ShadowTrouble, rehearse
from starter.shadow.plan import AT_ONCE, warehouse_inspects
from starter.shadow.report import RehearsedReturn

_INTERRUPTED = 130
_MONTH = timedelta(days=30)
_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]


def shadow(
    context: typer.Context,
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="Name of the connection to rehearse.")],
    since: Annotated[
        datetime | None, typer.Option(formats=_DATES, help="Returns that changed since (UTC; default: 30 days ago).")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=_DATES, help="Returns that changed before (UTC; default: now).")
    ] = None,
    return_: Annotated[
        list[str] | None, typer.Option("--return", metavar="ID", help="Only this return; may be given several times.")
    ] = None,
    accepted_as: Annotated[
        str, typer.Option(help="What units that the platform shows as accepted were found to be.")
    ] = Disposition.SELLABLE.value,
    location: Annotated[
        str, typer.Option(help="Where inspected units are taken to have arrived (default: the only location).")
    ] = "",
    at_once: Annotated[int, typer.Option(min=1, max=64, help="Returns under way at the same time.")] = AT_ONCE,
    as_json: AsJson = False,
) -> None:
    """Rehearse returns of the past with posting off: what they would have done, and which exceptions to expect."""

    async def play(settings: Settings) -> None:
        ready = _chosen(settings, connection)
        now = utc_now()
        begin, end = _utc(since) or now - _MONTH, _utc(until) or now
        if begin >= end:
            raise CommandError(Exit.USAGE, "--since must lie before --until.")
        plan = Plan(
            since=begin,
            until=end,
            return_ids=tuple(return_ or ()),
            location=_location(ready, location),
            accepted_as=_disposition(ready, accepted_as),
            at_once=at_once,
        )
        _show(await _until_signalled(settings, ready, plan), as_json)

    run(context, play, as_json=as_json)


async def _until_signalled(settings: Settings, ready: ReadyConnection, plan: Plan) -> ShadowReport:
    """The report. SIGTERM and Ctrl-C end the rehearsal's processes first."""
    with stop_on_signals() as stop:
        running = asyncio.create_task(rehearse(settings, ready, plan, _tell))
        signalled = asyncio.create_task(stop.wait())
        await asyncio.wait({running, signalled}, return_when=asyncio.FIRST_COMPLETED)
        signalled.cancel()
        running.cancel()  # no matter once it is done
        await asyncio.wait({running})
    if running.cancelled():
        raise typer.Exit(_INTERRUPTED)
    try:
        return running.result()
    except ShadowTrouble as trouble:
        raise CommandError(Exit.UNREACHABLE, str(trouble)) from trouble


def _show(report: ShadowReport, as_json: bool) -> None:
    emit(report, as_json, lambda console: draw(console, report))
    if report.stopped:
        raise typer.Exit(Exit.UNREACHABLE)


def _chosen(settings: Settings, name: str) -> ReadyConnection:
    """The connection. A configuration with problems is no base for a rehearsal: `run` tells all of them."""
    ready = {one.name: one for one in configured_connections(settings.config)}
    if name not in ready:
        raise CommandError(Exit.NOT_FOUND, f"There is no connection {name}; there are {', '.join(ready)}.")
    return ready[name]


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None


def _location(ready: ReadyConnection, wanted: str) -> str:
    """A location of the mappings; where the platform's own users inspect, none is needed."""
    known = list(ready.connection.mappings.locations)
    if wanted in known or (not wanted and not warehouse_inspects(ready)):
        return wanted
    if not wanted and len(known) == 1:
        return known[0]
    asked = f"{wanted} is no location of connection {ready.name}." if wanted else "Name the place with --location."
    raise CommandError(Exit.USAGE, f"{asked} Its mappings.locations has {', '.join(known) or 'none'}.")


def _disposition(ready: ReadyConnection, word: str) -> str:
    """A disposition of ours or a code of the warehouse that says that units were accepted."""
    disposition = ready.connection.mappings.disposition(word)
    if disposition is None or not (disposition.accepted and disposition.scanned):
        raise CommandError(Exit.USAGE, f"--accepted-as {word} is no disposition of accepted units.")
    return word


def _tell(done: int, of: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if done == of else ""
        sys.stderr.write(f"\r{done} of {of} returns{end}")
        sys.stderr.flush()


def draw(console: Console, report: ShadowReport) -> None:
    """Returns, expected exceptions, differences, and the last line."""
    console.print(
        f"Rehearsal of {report.connection}: {report.platform} with {report.erp}, returns changed from"
        f" {_day(report.since)} until {_day(report.until)}",
        markup=False,
        style="bold",
    )
    columns = ["return", "order", "stage", "RMA", "into stock", "credits", "replacements", "to decide or waits for"]
    _table(console, "What would have been done", columns, [_row(one) for one in report.returns])
    columns = ["code", "owner", "count", "about", "for example", "what to do"]
    rows = [[e.code, e.owner, str(e.count), _money(e.amounts), e.example, " ".join(e.fix)] for e in report.exceptions]
    _table(console, "Exceptions to expect", columns, rows)
    columns = ["return", "refunded", "credited", "difference", "why"]
    _table(console, "Refunds that differ from their credits", columns, [_difference(d) for d in report.differences])
    console.print()
    for account in report.calls:
        console.print(str(account), markup=False)
    if report.stopped:
        text = f"It ended early, {report.not_run} returns were not begun: {report.stopped}"
        console.print(text, markup=False)
    console.print(report.summary, markup=False)


def _row(one: RehearsedReturn) -> list[str]:
    rma = ", ".join(f"{line.units} × {line.sku}" for line in one.rma)
    stock = ", ".join(f"{move.units} × {move.sku} into {move.depot}" for move in one.stock)
    new = ", ".join(f"{made.units} × {made.sku} {made.state}" for made in one.exchanges)
    decide = ", ".join(e.code for e in one.exceptions)
    waits = "; ".join(filter(None, [decide or one.waits_for, one.note]))
    standalone = " (standalone)" if one.standalone else ""
    return [one.return_id, one.order_number, one.stage, rma + standalone, stock, _money(one.credits), new, waits]


def _difference(one: RehearsedReturn) -> list[str]:
    amounts = [str(amount or "–") for amount in (one.refunded, one.credited, one.difference)]
    return [one.return_id, *amounts, "; ".join(e.reason for e in one.exceptions) or one.waits_for]


def _money(amounts: tuple[Money, ...]) -> str:
    return ", ".join(str(amount) for amount in amounts)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _table(console: Console, title: str, columns: list[str], rows: list[list[str]]) -> None:
    if rows:
        console.print(f"\n{title}", style="bold")
        console.print(table(columns, rows))
