"""An RMA that somebody closed or cancelled in the ERP while goods are still to come (E13, E62)."""

from temporalio.exceptions import ActivityError

from activities.goods_signatures import CheckRma, HeldGoodsSteps
from activities.signatures import Decision, Problem, RmaOpened
from domain.documents import RmaState
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.progress import Stage
from domain.resolution import Resolution
from workflows.case import ReturnCase, Withdrawal
from workflows.parking import park
from workflows.problems import problem_of
from workflows.side_by_side import Tracks
from workflows.steps import run_step
from workflows.tracks.opening import open_rma, take_rma
from workflows.waiting import until


async def look_at_rma(case: ReturnCase, rma: RmaOpened, desk: Tracks) -> None:
    """Notice it before the parcel comes; a person is asked beside the wait."""
    if case.rma is not rma or case.rma_in_doubt or case.amending:
        return
    try:
        problem = _closed(await _check(case, rma))
    except ActivityError as error:
        problem = problem_of(error)
    if problem is not None and case.rma is rma and case.ended is None:
        desk.start(_face(case, problem))


async def face_closed_rma(case: ReturnCase, problem: Problem) -> Resolution | None:
    """Ask until goods can be booked again (None), or until a person gives the RMA up (that decision)."""
    if case.rma_in_doubt:
        await until(case, lambda: not case.rma_in_doubt)
        return None
    case.rma_in_doubt = True
    try:
        return await _ask(case, problem)
    finally:
        case.rma_in_doubt = False


async def _face(case: ReturnCase, problem: Problem) -> None:
    await face_closed_rma(case, problem)


async def _ask(case: ReturnCase, problem: Problem) -> Resolution | None:
    while True:
        resolution = await park(case, Track.RMA, "check-rma", problem, moot=lambda: _moot(case))
        if resolution is None or case.rma is None:
            return None
        try:
            match resolution.kind:
                case ResolutionKind.CANCEL_TRACK:
                    return _give_up(case, resolution)
                case ResolutionKind.LINK_EXISTING | ResolutionKind.DONE_BY_HAND:
                    await _link(case, resolution)
                    return None
                case _:
                    still = _closed(await _check(case, case.rma))
        except ActivityError as error:
            still = problem_of(error)
        if still is None:
            return None
        problem = still.model_copy(update={"subject": problem.subject})


async def _check(case: ReturnCase, rma: RmaOpened) -> RmaState:
    request = CheckRma(ref=case.ref, rma_number=rma.number)
    return await run_step(HeldGoodsSteps.check_rma, request, step="check-rma", queue=case.start.erp_queue)


def _closed(state: RmaState) -> Problem | None:
    if state.open:
        return None
    how = "cancelled" if state.cancelled else "closed"
    reason = f"RMA {state.number} was {how} in the ERP while goods are still to come"
    return Problem(code=ExceptionCode.RMA_CLOSED_IN_ERP, reason=reason, figures={"rma": state.number})


def _moot(case: ReturnCase) -> bool:
    return case.withdrawal is not None or case.ended is not None


async def _link(case: ReturnCase, resolution: Resolution) -> None:
    """Go on with the RMA that a person names."""
    case.rmas += 1
    try:
        take_rma(case, await open_rma(case, [Decision(subject="", resolution=resolution)]))
    except ActivityError:
        case.rmas -= 1
        raise


def _give_up(case: ReturnCase, resolution: Resolution) -> Resolution:
    """Before goods the return is withdrawn; afterwards only what was refused is given up."""
    if not case.goods_began:
        case.withdrawal = case.withdrawal or Withdrawal(Stage.CANCELLED, resolution.reason)
    return resolution
