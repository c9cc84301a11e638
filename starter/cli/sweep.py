"""``backhaul sweep``: look now for what nobody told us of, and for what is stuck (R2, R77, R89)."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from desk.sweeping import sweep_now
from domain.lateness import StuckKind
from domain.messages import SweepOutcome
from runtime.settings import Settings
from starter.cli.output import CommandError, Exit, emit
from starter.cli.run import AsJson, run
from starter.cli.warehouse import connections_of
from starter.process import opened_client

_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]
_WORDS = {
    StuckKind.RMA: "without RMA",
    StuckKind.STOCK: "stock documents missing",
    StuckKind.CREDIT: "refunds without credit note",
    StuckKind.NOTE_AGE: "refunds without credit note for very long",
    StuckKind.EXCHANGE: "exchanges without order",
    StuckKind.STAGE: "not moving",
    StuckKind.UNDELIVERED: "webhooks not delivered",
}


def sweep(
    context: typer.Context,
    connection: Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection to sweep.")],
    since: Annotated[
        datetime | None,
        typer.Option(formats=_DATES, help="Look at all that changed since (UTC; default: since the last sweep)."),
    ] = None,
    wait: Annotated[float, typer.Option("--wait", min=1, help="Seconds to wait for it.")] = 60,
    as_json: AsJson = False,
) -> None:
    """Sweep a connection now: changes without a webhook, silent systems, stuck returns."""

    async def look(settings: Settings) -> None:
        named = connections_of(settings)(connection)
        begin = since.replace(tzinfo=UTC) if since else None
        async with opened_client(settings) as client:
            outcome = await sweep_now(client, named, begin, wait)
        if outcome is None:
            text = f"The sweep of {connection} takes longer than {wait:g} s and goes on. Does a worker run?"
            raise CommandError(Exit.UNREACHABLE, text)
        emit(outcome, as_json, lambda console: _draw(console, outcome))
        if outcome.troubles:
            raise typer.Exit(Exit.REFUSED)

    run(context, look, as_json=as_json)


def _draw(console: Console, outcome: SweepOutcome) -> None:
    lines = [f"{outcome.listed} return(s) changed on the platform, {outcome.picked_up} of them unheard of."]
    lines += [f"{count} {_WORDS[StuckKind(kind)]}" for kind, count in sorted(outcome.late.items())]
    lines.append(f"{outcome.raised} exception(s) raised, {outcome.cleared} over.")
    lines += [f"Could not look: {trouble}" for trouble in outcome.troubles]
    for line in lines:
        console.print(line, markup=False)
