"""Platform track: after every poke, bring the case to the platform's present truth (design 3.2)."""

from temporalio import workflow

from activities.signatures import Decision, PlatformSteps, Problem, ReadReturn
from domain.exceptions import ExceptionCode, Track
from domain.progress import Stage
from domain.returns import PlatformPhase, PlatformReturn
from workflows.case import ReturnCase, Withdrawal
from workflows.grading import hear_grading
from workflows.parking import settle
from workflows.steps import run_step
from workflows.waiting import until

_CALLED_OFF = {PlatformPhase.CANCELLED: Stage.CANCELLED, PlatformPhase.REJECTED: Stage.REJECTED}
_BEFORE_GOODS = {
    Stage.CANCELLED: "the customer cancelled on the platform",
    Stage.REJECTED: "the platform rejected the request before goods arrived",
}


async def follow_platform(case: ReturnCase) -> None:
    """Read whenever something was heard. Pokes that arrive during a read are folded into one more read."""
    while not case.over:
        await until(case, lambda: case.unread_pokes > 0)
        if case.unread_pokes:
            case.reading = True
            await _read(case)
            case.reading = False


async def _read(case: ReturnCase) -> None:
    case.unread_pokes = 0
    known_at = case.platform.updated_at if case.platform else None
    request = ReadReturn(ref=case.start.ref, occurred_at=case.news_at, known_at=known_at)

    async def attempt(decisions: list[Decision]) -> PlatformReturn:
        queue = case.start.platform_queue
        return await run_step(PlatformSteps.read_return, request, step="read-return", queue=queue)

    fresh = await settle(case, Track.PLATFORM, "read-return", attempt, moot=lambda: case.unread_pokes > 0)
    if fresh is not None:
        fold(case, fresh)
    elif case.platform is None and not case.unread_pokes:
        case.withdrawal = Withdrawal(Stage.REJECTED, "the platform's return cannot be read")


def fold(case: ReturnCase, fresh: PlatformReturn) -> None:
    """Take over what the platform says now, unless it is older than what we know (E4)."""
    if _older(fresh, case.platform):
        workflow.logger.info("ignored a read that is older than the last one")
        return
    before = case.platform.phase if case.platform else None
    case.platform = fresh
    hear_grading(case)
    if fresh.phase is not before:
        hear_call_off(case, fresh.phase)


def _older(fresh: PlatformReturn, known: PlatformReturn | None) -> bool:
    if known is None or known.updated_at is None or fresh.updated_at is None:
        return False
    return fresh.updated_at < known.updated_at


def hear_call_off(case: ReturnCase, phase: PlatformPhase) -> None:
    """Before goods and money the request is undone (E58); afterwards a person decides (E59, E60).

    A rejection after goods is the platform's answer to what the warehouse found.
    """
    stage = _CALLED_OFF.get(phase)
    if stage is None or case.withdrawal or case.ended or (stage is Stage.REJECTED and case.goods_began):
        return
    if case.credits or (case.open_refunds() and not case.goods_began):
        reason = f"the platform {phase} the return after its refund was paid and credited, or is being credited"
        case.misfits.append(Problem(code=ExceptionCode.CANCEL_AFTER_CREDIT, reason=reason))
    elif not case.goods_began:
        case.withdrawal = Withdrawal(stage, _BEFORE_GOODS[stage])
    else:
        reason = f"the platform {phase} the return after the warehouse had inspected goods; stock stays booked"
        case.misfits.append(Problem(code=ExceptionCode.CANCEL_AFTER_RECEIPT, reason=reason))
