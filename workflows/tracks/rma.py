"""RMA track: open the authorisation in the ERP first of all (R13); undo it when the return stops before goods."""

from activities.signatures import (
    Decision,
    DeskSteps,
    Done,
    ErpSteps,
    OpenRma,
    RecordEnd,
    RmaOpened,
    WithdrawRma,
)
from domain.exceptions import Track
from domain.progress import Stage
from domain.returns import PlatformPhase
from workflows.case import ReturnCase, Withdrawal
from workflows.describe import until
from workflows.parking import settle
from workflows.saga import Saga
from workflows.steps import run_step


async def run_rma(case: ReturnCase, saga: Saga) -> None:
    """Authorised → RMA; then watch for a withdrawal until goods arrive or the return is over."""
    await until(case, lambda: _authorised(case) or case.withdrawal is not None)
    if case.withdrawal is None:
        await _open(case, saga)
    await until(case, lambda: case.withdrawal is not None)
    if case.withdrawal is not None and case.ended is None:
        await withdraw(case, saga, case.withdrawal)


async def withdraw(case: ReturnCase, saga: Saga, withdrawal: Withdrawal) -> None:
    """Undo in reverse what was done so far, and record how the return ended."""
    await saga.unwind(withdrawal)
    request = RecordEnd(ref=case.start.ref, stage=withdrawal.stage, reason=withdrawal.reason)
    await run_step(DeskSteps.record_end, request, step="record-end", summary=withdrawal.reason)
    case.ended = withdrawal.stage


def _authorised(case: ReturnCase) -> bool:
    return case.platform is not None and case.platform.phase is not PlatformPhase.DRAFT


async def _open(case: ReturnCase, saga: Saga) -> None:
    async def attempt(decisions: list[Decision]) -> RmaOpened:
        assert case.platform is not None
        request = OpenRma(ref=case.start.ref, platform=case.platform, decisions=decisions)
        return await run_step(ErpSteps.open_rma, request, step="open-rma", queue=case.start.erp_queue)

    async def undo(withdrawal: Withdrawal) -> None:
        await _undo(case, withdrawal)

    saga.before(undo)
    case.rma = await settle(case, Track.RMA, "open-rma", attempt, moot=lambda: case.withdrawal is not None)
    if case.rma is None and case.withdrawal is None:
        case.withdrawal = Withdrawal(Stage.REJECTED, "the authorisation was given up by a person")


async def _undo(case: ReturnCase, withdrawal: Withdrawal) -> None:
    async def attempt(decisions: list[Decision]) -> Done:
        request = WithdrawRma(ref=case.start.ref, stage=withdrawal.stage, reason=withdrawal.reason, decisions=decisions)
        queue = case.start.erp_queue
        return await run_step(ErpSteps.withdraw_rma, request, step="withdraw-rma", queue=queue)

    await settle(case, Track.RMA, "withdraw-rma", attempt)
