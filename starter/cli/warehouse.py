"""``backhaul inspect``: report what was in a parcel."""

import uuid
from collections.abc import Callable
from typing import Annotated

import typer
from pydantic import ValidationError

from desk.find import NoReturn, SeveralReturns, find_one
from desk.inspections import InspectionAnswer
from desk.receiving import Warehouse
from domain.connection import Connection
from domain.inspection import InspectedUnits, Inspection
from domain.model import Value
from domain.returns import ReturnRef
from runtime.problems import sentences
from runtime.settings import Settings
from starter.cli.output import CommandError, Exit, emit
from starter.cli.run import AsJson, run
from starter.configuration import configured_connections
from starter.process import opened_client, opened_store

WAIT_SECONDS = 10.0
_UNIT_FORM = "SKU:QUANTITY:DISPOSITION, e.g. P1001-BLK-080:1:SELLABLE"


class Recorded(Value):
    """What was recorded. `confirmed` is false when no worker was there to say so; it is applied later."""

    return_id: str
    inspection_id: str
    confirmed: bool
    repeated: bool


def inspect(
    context: typer.Context,
    return_: Annotated[
        str, typer.Argument(metavar="RETURN", help="Any id of the return: its own, RMA, order, tracking.")
    ],
    location: Annotated[str, typer.Option("--location", help="Code of the place that received the parcel.")],
    unit: Annotated[list[str], typer.Option("--unit", help=f"{_UNIT_FORM}. A fourth part names the order line.")],
    scan: Annotated[str, typer.Option("--id", help="Scan id: the same one again has no second effect.")] = "",
    parcel: Annotated[str, typer.Option("--parcel", help="The parcel's own label.")] = "",
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="Counted again: what does not fit is really there, for quarantine.")
    ] = False,
    inspector: Annotated[str, typer.Option("--inspector", help="User or station, not a person's name.")] = "cli",
    as_json: AsJson = False,
) -> None:
    """Record one parcel's inspection."""
    name = scan or f"cli-{uuid.uuid4().hex[:12]}"

    async def record(settings: Settings) -> None:
        inspection = inspection_of(name, location, unit, inspector, parcel, confirmed)
        ref = await find_ref(settings, return_)
        async with opened_store(settings) as store, opened_client(settings) as client:
            desk = Warehouse(store, connections_of(settings))
            answer = await desk.inspected(client, ref, inspection, WAIT_SECONDS)
        _end(answer, ref, name, as_json)

    run(context, record, as_json=as_json)


def inspection_of(
    name: str, location: str, units: list[str], inspector: str, parcel: str = "", confirmed: bool = False
) -> Inspection:
    """The inspection that the options stand for. Raises CommandError."""
    try:
        return Inspection(
            inspection_id=name,
            location=location,
            units=[_units(text) for text in units],
            inspector=inspector,
            parcel=parcel,
            confirmed=confirmed,
        )
    except ValidationError as error:
        raise CommandError(Exit.USAGE, "The inspection cannot be used:", sentences(error)) from None


def _units(text: str) -> InspectedUnits:
    parts = text.split(":")
    if len(parts) not in (3, 4) or not parts[1].isdecimal():
        raise CommandError(Exit.USAGE, f"--unit {text!r} is not of the form {_UNIT_FORM}")
    line = parts[3] if len(parts) == 4 else ""
    try:
        return InspectedUnits(sku=parts[0], quantity=int(parts[1]), disposition=parts[2], order_line_id=line)
    except ValidationError as error:
        raise CommandError(Exit.USAGE, f"--unit {text!r} cannot be used:", sentences(error)) from None


def connections_of(settings: Settings) -> Callable[[str], Connection]:
    """Reads the file of connections when one of them is asked for. Raises ConfigurationError, CommandError."""

    def named(name: str) -> Connection:
        for ready in configured_connections(settings.config):
            if ready.name == name:
                return ready.connection
        raise CommandError(Exit.NOT_FOUND, f"{settings.config} has no connection {name}.")

    return named


async def find_ref(settings: Settings, any_id: str) -> ReturnRef:
    """The one return with this id. Raises CommandError."""
    try:
        async with opened_store(settings) as store:
            return await find_one(store, any_id)
    except NoReturn as error:
        raise CommandError(Exit.NOT_FOUND, str(error)) from None
    except SeveralReturns as error:
        raise CommandError(Exit.REFUSED, str(error)) from None


def _end(answer: InspectionAnswer, ref: ReturnRef, name: str, as_json: bool) -> None:
    match answer.outcome:
        case "refused":
            raise CommandError(Exit.REFUSED, f"Return {ref}: {answer.text}")
        case "conflict":
            text = f"parcel {name} was recorded before with another result, which stands; a person decides"
            raise CommandError(Exit.REFUSED, f"Return {ref}: {text}.")
        case "closed":
            raise CommandError(Exit.REFUSED, f"Return {ref} already closed: nothing can be added to it.")
        case "unknown":
            raise CommandError(Exit.NOT_FOUND, f"Return {ref} was never started.")
    confirmed = answer.outcome in ("confirmed", "parcel")
    result = Recorded(return_id=str(ref), inspection_id=name, confirmed=confirmed, repeated=answer.repeated)
    if answer.outcome == "parcel":
        text = f"Return {ref} waits for no parcel: {name} is taken in beside it. See backhaul exceptions."
    elif not confirmed:
        text = f"Inspection {name} of return {ref} is kept; no worker runs, it is applied when one does."
    elif answer.repeated:
        text = f"Inspection {name} of return {ref} was known already."
    else:
        text = f"Inspection {name} of return {ref} is recorded."
    emit(result, as_json, lambda console: console.print(text, markup=False))
