"""Intake desk: what was heard but fits nowhere becomes an exception of its own, and stops no track."""

from activities.signatures import Problem
from domain.exceptions import ExceptionCode, Track
from workflows.case import ReturnCase
from workflows.describe import until
from workflows.parking import park
from workflows.side_by_side import Tracks

_TRACKS = {
    ExceptionCode.EVENT_INVALID: Track.GOODS,
    ExceptionCode.UNEXPECTED_SKU: Track.GOODS,
    ExceptionCode.OVER_RECEIPT: Track.GOODS,
    ExceptionCode.REFUND_EXCEEDS_ACCEPTED: Track.FINANCE,
}


async def run_intake(case: ReturnCase, desk: Tracks) -> None:
    """Ask a person about every misfit, all at once."""
    while not case.over:
        await until(case, lambda: bool(case.new_misfits()))
        for problem in case.new_misfits():
            desk.start(_ask(case, problem))
        case.misfits_asked = len(case.misfits)


async def _ask(case: ReturnCase, problem: Problem) -> None:
    resolution = await park(case, _TRACKS.get(problem.code, Track.PLATFORM), "intake", problem)
    if resolution is not None and resolution.ends_finance(problem.code):
        case.finance_closed = True
    case.misfits_answered += 1
