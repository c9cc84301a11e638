"""The platform changed the request after goods or money: nobody follows by himself (E61)."""

from activities.signatures import Problem
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.returns import ReturnLine
from workflows.case import ReturnCase
from workflows.parking import park
from workflows.tracks.opening import lines_changed


async def ask_about_drift(case: ReturnCase) -> None:
    """Both sides are named. Looked at again on RETRY; every other decision keeps the RMA as it is."""
    problem = _problem(case)
    resolution = await park(case, Track.PLATFORM, "lines-changed", problem, moot=lambda: not lines_changed(case))
    if resolution is None:
        return
    if resolution.kind is ResolutionKind.RETRY:
        case.unread_pokes += 1
    else:
        case.agreed = case.lines


def _problem(case: ReturnCase) -> Problem:
    ours, theirs = _text(case.agreed), _text(case.lines)
    number = case.rma.number if case.rma else ""
    reason = f"the platform changed the return to {theirs}; RMA {number} is for {ours}, and goods or money moved on it"
    return Problem(code=ExceptionCode.STATUS_DRIFT, reason=reason, figures={"ours": ours, "platform": theirs})


def _text(lines: list[ReturnLine]) -> str:
    return ", ".join(f"{line.quantity} x {line.sku} ({line.reason or 'no reason'})" for line in lines) or "nothing"
