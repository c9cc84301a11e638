"""``backhaul parcel`` and ``backhaul regrade``: parcels without a return, and a second look at booked units."""

import uuid
from typing import Annotated

import typer
from pydantic import ValidationError

from desk.receiving import Warehouse
from domain.dispositions import Disposition
from domain.inspection import Regrade, RegradedUnits
from domain.model import Value
from domain.returns import ReturnRef
from runtime.problems import sentences
from runtime.settings import Settings
from starter.cli.output import CommandError, Exit, emit
from starter.cli.run import AsJson, run
from starter.cli.warehouse import connections_of, find_ref, inspection_of
from starter.process import opened_client, opened_store

_UNIT_FORM = "SKU:QUANTITY:WAS:NOW, e.g. P1001-BLK-080:1:QUARANTINE:SELLABLE"


class Taken(Value):
    """What was taken in under this name. `repeated`: it was known already."""

    name: str
    repeated: bool


def parcel(
    context: typer.Context,
    connection: Annotated[str, typer.Option("--connection", help="The connection whose goods these may be.")],
    location: Annotated[str, typer.Option("--location", help="Code of the place that received the parcel.")],
    unit: Annotated[list[str], typer.Option("--unit", help="SKU:QUANTITY:DISPOSITION.")],
    tracking: Annotated[str, typer.Option("--tracking", help="Tracking number on the box, if any.")] = "",
    order: Annotated[str, typer.Option("--order", help="Order number on the box, if any.")] = "",
    scan: Annotated[str, typer.Option("--id", help="Scan id: the same one again has no second effect.")] = "",
    inspector: Annotated[str, typer.Option("--inspector", help="User or station, not a person's name.")] = "cli",
    as_json: AsJson = False,
) -> None:
    """Take in a parcel whose return nobody knows: it is matched, or goes to quarantine."""
    name = scan or f"cli-{uuid.uuid4().hex[:12]}"

    async def take_in(settings: Settings) -> None:
        inspection = inspection_of(name, location, unit, inspector)
        async with opened_store(settings) as store, opened_client(settings) as client:
            desk = Warehouse(store, connections_of(settings))
            answer = await desk.came_blind(client, connection, inspection, tracking, order)
        if answer.outcome == "refused":
            raise CommandError(Exit.REFUSED, f"{answer.text}.")
        _end(Taken(name=name, repeated=answer.repeated), f"Parcel {name}", as_json)

    run(context, take_in, as_json=as_json)


def regrade(
    context: typer.Context,
    return_: Annotated[
        str, typer.Argument(metavar="RETURN", help="Any id of the return: its own, RMA, order, tracking.")
    ],
    location: Annotated[str, typer.Option("--location", help="Code of the place where the units are.")],
    unit: Annotated[list[str], typer.Option("--unit", help=_UNIT_FORM)],
    name: Annotated[str, typer.Option("--id", help="Regrade id: the same one again has no second effect.")] = "",
    inspector: Annotated[str, typer.Option("--inspector", help="User or station, not a person's name.")] = "cli",
    as_json: AsJson = False,
) -> None:
    """Give booked units another disposition: stock moves, money does not."""
    regrade_id = name or f"cli-{uuid.uuid4().hex[:12]}"

    async def move(settings: Settings) -> None:
        wanted = _regrade(regrade_id, location, unit, inspector)
        ref: ReturnRef = await find_ref(settings, return_)
        async with opened_store(settings) as store, opened_client(settings) as client:
            answer = await Warehouse(store, connections_of(settings)).regraded(client, ref, wanted)
        if answer.refused:
            raise CommandError(Exit.REFUSED, f"Return {ref}: {answer.refused}.")
        _end(Taken(name=regrade_id, repeated=answer.repeated), f"Regrade {regrade_id} of return {ref}", as_json)

    run(context, move, as_json=as_json)


def _regrade(name: str, location: str, units: list[str], inspector: str) -> Regrade:
    try:
        rows = [_units(text) for text in units]
        return Regrade(regrade_id=name, location=location, units=rows, inspector=inspector)
    except ValidationError as error:
        raise CommandError(Exit.USAGE, "The regrade cannot be used:", sentences(error)) from None


def _units(text: str) -> RegradedUnits:
    parts = text.split(":")
    if len(parts) != 4 or not parts[1].isdecimal():
        raise CommandError(Exit.USAGE, f"--unit {text!r} is not of the form {_UNIT_FORM}")
    if unknown := [word for word in parts[2:] if word not in Disposition.__members__]:
        raise CommandError(Exit.USAGE, f"{unknown[0]!r} is none of {', '.join(Disposition)}")
    was, now = (Disposition(word) for word in parts[2:])
    return RegradedUnits(sku=parts[0], quantity=int(parts[1]), was=was, now=now)


def _end(result: Taken, subject: str, as_json: bool) -> None:
    text = f"{subject} {'was known already' if result.repeated else 'is taken in'}."
    emit(result, as_json, lambda console: console.print(text, markup=False))
