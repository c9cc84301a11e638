"""Intake desk: what was heard but fits nowhere becomes an exception of its own, and stops no track."""

from activities.signatures import Problem
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from workflows.case import ReturnCase
from workflows.parking import park
from workflows.side_by_side import Tracks
from workflows.tracks.surplus import ask_about_surplus, hold_goods
from workflows.waiting import until

_TRACKS = {
    ExceptionCode.EVENT_INVALID: Track.GOODS,
    ExceptionCode.INSPECTION_CONFLICT: Track.GOODS,
    ExceptionCode.INSPECTION_AFTER_CANCEL: Track.GOODS,
    ExceptionCode.LATE_RETURN: Track.GOODS,
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
    if "surplus" in problem.figures:
        await ask_about_surplus(case, problem)
    else:
        await _ask_once(case, problem)
    case.misfits_answered += 1


async def _ask_once(case: ReturnCase, problem: Problem) -> None:
    resolution = await park(case, _TRACKS.get(problem.code, Track.PLATFORM), "intake", problem)
    if resolution is None:
        return
    if resolution.ends_finance(problem.code):
        case.finance_closed = True
    if problem.code is ExceptionCode.CANCEL_AFTER_RECEIPT and resolution.kind is ResolutionKind.RETURN_TO_CUSTOMER:
        await hold_goods(case)
