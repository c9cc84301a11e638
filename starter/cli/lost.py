"""``backhaul lost``: the carrier lost what is still to come of a return (E31)."""

from typing import Annotated

import typer
from pydantic import ValidationError

from desk.lost import LostAnswer, report_lost
from domain.messages import LostReport
from domain.model import Value
from domain.returns import ReturnRef
from runtime.problems import sentences
from runtime.settings import Settings
from starter.cli.output import CommandError, Exit, emit
from starter.cli.run import AsJson, run
from starter.cli.warehouse import find_ref
from starter.process import opened_client


class Reported(Value):
    """`units`: how many an exception asks about now."""

    return_id: str
    units: int


def lost(
    context: typer.Context,
    return_: Annotated[
        str, typer.Argument(metavar="RETURN", help="Any id of the return: its own, RMA, order, tracking.")
    ],
    reason: Annotated[str, typer.Option("--reason", help="E.g. the carrier's claim number.")] = "",
    reporter: Annotated[str, typer.Option("--reporter", help="User or system reference, not a name.")] = "cli",
    as_json: AsJson = False,
) -> None:
    """Report the parcel as lost; an exception asks what becomes of it."""

    async def report(settings: Settings) -> None:
        told = _report(reporter, reason)
        ref = await find_ref(settings, return_)
        async with opened_client(settings) as client:
            _end(await report_lost(client, ref, told), ref, as_json)

    run(context, report, as_json=as_json)


def _report(reporter: str, reason: str) -> LostReport:
    try:
        return LostReport(reporter=reporter, reason=reason)
    except ValidationError as error:
        raise CommandError(Exit.USAGE, "The report cannot be used:", sentences(error)) from None


def _end(answer: LostAnswer, ref: ReturnRef, as_json: bool) -> None:
    match answer.outcome:
        case "refused":
            raise CommandError(Exit.REFUSED, f"Return {ref}: {answer.text}")
        case "closed":
            raise CommandError(Exit.REFUSED, f"Return {ref} already closed: it waits for no parcel.")
        case "unknown":
            raise CommandError(Exit.NOT_FOUND, f"Return {ref} was never started.")
        case "unconfirmed":
            raise CommandError(Exit.UNREACHABLE, "No worker confirmed the report in time. Run the same command again.")
    text = f"Return {ref}: {answer.units} unit(s) are reported as lost; decide with backhaul exceptions."
    result = Reported(return_id=str(ref), units=answer.units)
    emit(result, as_json, lambda console: console.print(text, markup=False))
