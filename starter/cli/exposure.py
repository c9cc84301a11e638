"""``backhaul exposure``: which money is out while its goods are not in (N11)."""

from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import Console

from desk.exposure import ExposureView, exposure_views
from domain.money import Money
from runtime.settings import Settings
from starter.cli.output import emit, table
from starter.cli.run import AsJson, run
from starter.cli.show import when
from starter.process import opened_store


def exposure(
    context: typer.Context,
    connection: Annotated[str | None, typer.Option("--connection", help="Only this connection's.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=100_000, help="Units to look at.")] = 1_000,
    as_json: AsJson = False,
) -> None:
    """List money that is out while its goods are not in; the cover that lapses first comes first."""

    async def listing(settings: Settings) -> None:
        async with opened_store(settings) as store, store.reading() as unit:
            views = exposure_views(await unit.exposures.open_ones(connection, limit))
            totals = await unit.exposures.totals(connection)
        content: dict[str, JsonValue] = {
            "exposures": [view.model_dump(mode="json") for view in views],
            "totals": [total.model_dump(mode="json") for total in totals],
        }
        emit(content, as_json, lambda console: _draw(console, views, totals))

    run(context, listing, as_json=as_json)


def _draw(console: Console, views: list[ExposureView], totals: list[Money]) -> None:
    if not views:
        console.print("There is none.")
        return
    rows = [
        (f"{v.connection}/{v.return_id}", str(v.amount), str(v.units), when(v.since), when(v.cover_until), v.kind)
        for v in views
    ]
    console.print(table(["return", "amount", "units", "since", "cover until", "kind"], rows))
    console.print("\nTotal " + ", ".join(map(str, totals)), markup=False)
