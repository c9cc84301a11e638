"""Waiting for a parcel: reminders, the deadline, and what a person says when goods do not come (E28, E31)."""

from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.goods_signatures import GoodsDeskSteps, MoveDeadline, Remind, ReminderSteps
from activities.signatures import Problem, RmaOpened
from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.inspection import Inspection
from domain.progress import Stage
from domain.resolution import Resolution
from workflows.case import ReturnCase, Withdrawal
from workflows.exposure import exposure_problem, give_up, money_out
from workflows.inspections import settle_without_goods
from workflows.parking import park
from workflows.problems import problem_of
from workflows.receiving import delivered, missing, next_inspection
from workflows.side_by_side import Tracks
from workflows.steps import run_step
from workflows.tracks.closed_rma import look_at_rma
from workflows.waiting import until

_EXPIRED = Withdrawal(Stage.EXPIRED, "nothing arrived before the deadline")


async def next_parcel(case: ReturnCase, rma: RmaOpened, desk: Tracks) -> Inspection | None:
    """The next inspection, with reminders on the way. None when the wait has to begin anew."""
    for reminder in rma.reminders[case.reminders_sent :]:
        if await _heard_by(case, rma, reminder, "next reminder about the missing parcel"):
            return await _what_was_heard(case, rma)
        case.reminders_sent += 1
        if not delivered(case):
            await _remind(case, rma)
        if rma.flow.inspection_limit is not None:
            await look_at_rma(case, rma, desk)
    if await _heard_by(case, rma, case.deadline or rma.deadline, "deadline for the goods"):
        return await _what_was_heard(case, rma)
    if case.goods_began:
        return await _ask_about_the_rest(case, rma, "did not arrive before the deadline")
    if delivered(case):
        why = "were delivered, as the platform says, and not inspected before the deadline"
        return await _ask_about_the_rest(case, rma, why)
    if money_out(case):
        return await _hold_out(case, rma)
    case.withdrawal = case.withdrawal or _EXPIRED
    await until(case, lambda: case.ended is not None)
    return None


async def _heard_by(case: ReturnCase, rma: RmaOpened, moment: datetime, summary: str) -> bool:
    """Whether an inspection, or the end of the wait, came before this moment."""

    def heard() -> bool:
        over = case.ended is not None or case.goods_done or case.rma is not rma
        return next_inspection(case) is not None or over or _reported_lost(case)

    left = moment - workflow.now()
    return heard() or (
        left.total_seconds() > 0
        # an inspection that came at this very moment is in time
        and (await until(case, heard, timeout=left, timeout_summary=summary) or heard())
    )


async def _what_was_heard(case: ReturnCase, rma: RmaOpened) -> Inspection | None:
    if next_inspection(case) is None and not case.goods_done and _reported_lost(case):
        report = case.lost_reports[-1]
        case.lost_asked = len(case.lost_reports)
        return await _ask_about_the_rest(case, rma, f"reported lost by {report.reporter} {report.reason}".rstrip())
    return next_inspection(case)


def _reported_lost(case: ReturnCase) -> bool:
    return len(case.lost_reports) > case.lost_asked


async def _remind(case: ReturnCase, rma: RmaOpened) -> None:
    request = Remind(ref=case.start.ref, rma_number=rma.number, deadline=case.deadline or rma.deadline)
    again = f"{case.rmas}-" if case.rmas > 1 else ""
    step = f"remind-{again}{case.reminders_sent}"
    try:
        await run_step(ReminderSteps.remind, request, step=step, queue=case.start.platform_queue)
    except ActivityError as error:
        case.misfits.append(problem_of(error))  # the wait for the parcel goes on


async def _ask_about_the_rest(case: ReturnCase, rma: RmaOpened, why: str) -> Inspection | None:
    """Goods are missing for good, or so it seems: wait on, write them off, or credit what the carrier lost (E31)."""
    problem = Problem(code=ExceptionCode.LOST_PARCEL, reason=f"{missing(case)} announced unit(s) {why}")

    def came() -> bool:
        return next_inspection(case) is not None

    resolution = await park(case, Track.GOODS, "await-goods", problem, moot=came)
    if resolution is not None and resolution.kind is ResolutionKind.RETRY:
        await _wait_on(case, rma)
        return None
    if resolution is None or next_inspection(case) is not None or case.goods_done:
        return next_inspection(case)  # news while the decision was being recorded wins over it
    lost = resolution.kind is ResolutionKind.ACCEPT_ORDER_AMOUNT
    return settle_without_goods(case, resolution, Disposition.LOST_IN_TRANSIT if lost else Disposition.MISSING)


async def _hold_out(case: ReturnCase, rma: RmaOpened) -> Inspection | None:
    """Money is out: the deadline ends nothing, only goods or a person do (E28)."""

    def news() -> bool:
        return next_inspection(case) is not None or not money_out(case) or case.withdrawal is not None

    if _asked_about_exposure(case):
        await until(case, lambda: news() or not _asked_about_exposure(case))
        return next_inspection(case)
    resolution = await park(case, Track.GOODS, "await-goods", exposure_problem(case), moot=news)
    if resolution is not None and not obey_exposure(case, resolution):
        await _wait_on(case, rma)
    return next_inspection(case)


def obey_exposure(case: ReturnCase, resolution: Resolution) -> bool:
    """Whether a person gave the goods up: written off, or the return ended as expired although money is out."""
    if case.goods_done or next_inspection(case) is not None:
        return True
    if resolution.ends_exposure(ExceptionCode.EXPOSURE_DUE):
        give_up(case)
    if resolution.kind is ResolutionKind.WRITE_OFF:
        settle_without_goods(case, resolution, Disposition.MISSING)
    elif resolution.kind is ResolutionKind.CANCEL_TRACK and not case.goods_began:
        case.withdrawal = case.withdrawal or Withdrawal(Stage.EXPIRED, resolution.reason)
    else:
        return False
    return True


def _asked_about_exposure(case: ReturnCase) -> bool:
    return any(parked.problem.code is ExceptionCode.EXPOSURE_DUE for parked in case.parked.values())


async def _wait_on(case: ReturnCase, rma: RmaOpened) -> None:
    """The goods get the whole time once more."""
    case.deadline = workflow.now() + (rma.deadline - rma.opened_at)
    if rma.flow.inspection_limit is not None:
        request = MoveDeadline(ref=case.ref, deadline=case.deadline)
        await run_step(GoodsDeskSteps.move_deadline, request, step="move-deadline")
