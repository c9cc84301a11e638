"""RMA track: open the authorisation in the ERP first of all (R13); undo it when the return stops before goods."""

from datetime import datetime

from temporalio import workflow

from activities.desk_signatures import DeskSteps, RecordEnd
from activities.signatures import Decision, Done, ErpSteps, RmaOpened, WithdrawRma
from domain.exceptions import Track
from domain.progress import Stage
from domain.returns import PlatformPhase
from workflows.case import ReturnCase, Withdrawal
from workflows.exchanges import gives_way
from workflows.parking import settle
from workflows.receiving import next_inspection
from workflows.saga import Saga, Undo
from workflows.steps import run_step
from workflows.tracks.changed_lines import ask_about_drift
from workflows.tracks.opening import lines_changed, open_rma, take_rma
from workflows.tracks.platform import hear_call_off
from workflows.waiting import until


async def run_rma(case: ReturnCase, saga: Saga) -> None:
    """Authorised → RMA; then watch for a withdrawal, and for changes of the request, until the return is over."""
    if case.rma is not None:
        saga.before(_undo_rma(case))  # opened in an earlier run, before any replacement (E70)
    await until(case, lambda: _authorised(case) or case.withdrawal is not None)
    if case.rma is None and case.withdrawal is None:
        saga.before(_undo_rma(case))
        await _open(case)
    while not case.over:
        await until(case, lambda: _must_withdraw(case) or _must_follow(case) or case.grace_until is not None)
        if case.withdrawal is not None and _must_withdraw(case):
            await withdraw(case, saga, case.withdrawal)
            case.grace_until = _end_of_grace(case)
        elif case.grace_until is not None:
            await _wait_for_latecomers(case, saga, case.grace_until)
        elif _must_follow(case):
            await _follow(case)


async def withdraw(case: ReturnCase, saga: Saga, withdrawal: Withdrawal) -> None:
    """Undo in reverse what was done so far, and record how the return ended."""
    await saga.unwind(withdrawal)
    request = RecordEnd(ref=case.start.ref, stage=withdrawal.stage, reason=withdrawal.reason)
    await run_step(DeskSteps.record_end, request, step="record-end", summary=withdrawal.reason)
    case.ended = withdrawal.stage


def _authorised(case: ReturnCase) -> bool:
    return case.platform is not None and case.platform.phase is not PlatformPhase.DRAFT


def _must_withdraw(case: ReturnCase) -> bool:
    return case.withdrawal is not None and case.ended is None


def _must_follow(case: ReturnCase) -> bool:
    return case.rma is not None and case.ended is None and lines_changed(case)


async def _open(case: ReturnCase) -> bool:
    """Attempts until the RMA is open, or a person gives the authorisation up. A changed request is a new attempt."""

    async def attempt(decisions: list[Decision]) -> RmaOpened:
        return await open_rma(case, decisions)

    def moot() -> bool:
        return case.withdrawal is not None or lines_changed(case)

    opened = await settle(case, Track.RMA, "open-rma", attempt, moot=moot)
    while opened is None and case.withdrawal is None and lines_changed(case):
        opened = await settle(case, Track.RMA, "open-rma", attempt, moot=moot)
    take_rma(case, opened)
    if case.rma is None and case.withdrawal is None:
        case.withdrawal = Withdrawal(Stage.REJECTED, "the authorisation was given up by a person")
    return case.rma is not None


def _undo_rma(case: ReturnCase) -> Undo:
    """Cancel the RMA that the return has then, and free its units."""

    async def undo(withdrawal: Withdrawal) -> None:
        async def attempt(decisions: list[Decision]) -> Done:
            request = WithdrawRma(
                ref=case.start.ref,
                stage=withdrawal.stage,
                reason=withdrawal.reason,
                number=case.rmas,
                decisions=decisions,
            )
            queue = case.start.erp_queue
            return await run_step(ErpSteps.withdraw_rma, request, step="withdraw-rma", queue=queue)

        await settle(case, Track.RMA, "withdraw-rma", attempt)

    return undo


async def _follow(case: ReturnCase) -> None:
    """The customer changed the request: one RMA goes and the next one comes; after goods or money a person is asked."""
    if case.goods_began or case.credits or case.open_refunds():
        await ask_about_drift(case)
        return
    case.amending = True
    if gives_way(case):
        await until(case, lambda: not gives_way(case))  # its units are free for the next RMA then
    if case.withdrawal is None:
        await _amend(case)
    case.amending = False


async def _amend(case: ReturnCase) -> None:
    await _undo_rma(case)(Withdrawal(Stage.CANCELLED, "the customer changed the request"))
    case.rmas += 1
    await _open(case)


def _end_of_grace(case: ReturnCase) -> datetime | None:
    """Until when a late parcel reopens a return that has just expired (E29)."""
    grace = case.rma.flow.grace if case.rma is not None and case.ended is Stage.EXPIRED else None
    return None if grace is None else workflow.now() + grace


async def _wait_for_latecomers(case: ReturnCase, saga: Saga, grace_until: datetime) -> None:
    """A parcel that comes within the grace reopens the return, on another RMA; after it nothing does."""

    def came_or_called_off() -> bool:
        return next_inspection(case) is not None or _called_off(case)

    left = grace_until - workflow.now()
    if left.total_seconds() > 0:
        await until(case, came_or_called_off, timeout=left, timeout_summary="grace for a late parcel")
    if next_inspection(case) is not None and not _called_off(case):
        await _reopen(case, saga)
    case.grace_until = None


def _called_off(case: ReturnCase) -> bool:
    return case.platform is not None and case.platform.phase in (PlatformPhase.CANCELLED, PlatformPhase.REJECTED)


async def _reopen(case: ReturnCase, saga: Saga) -> None:
    case.withdrawal = None
    case.rmas += 1
    saga.before(_undo_rma(case))
    if await _open(case) and case.platform is not None:
        case.ended = None
        hear_call_off(case, case.platform.phase)  # it may have come in between
    else:
        await saga.unwind(Withdrawal(Stage.EXPIRED, "the return was not opened again"))
