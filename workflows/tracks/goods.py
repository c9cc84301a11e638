"""Goods track: wait for parcels, book what really came back, tell the platform. Parcels add up (E17)."""

from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.signatures import (
    BookGoods,
    Decision,
    ErpSteps,
    GoodsBooked,
    PlatformSteps,
    Problem,
    Remind,
    ReportInspection,
    RmaOpened,
)
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.inspection import AllocatedUnits, Inspection, OverReceipt, UnexpectedSku, allocate
from domain.progress import Stage
from domain.returns import PlatformReturn
from workflows.case import ReturnCase, Withdrawal
from workflows.describe import until
from workflows.inspections import missing_units
from workflows.parking import park, problem_of, settle
from workflows.side_by_side import Tracks
from workflows.steps import run_step
from workflows.tracks.platform import fold


async def run_goods(case: ReturnCase, repairs: Tracks) -> None:
    """Parcel by parcel: inspection → stock documents → the platform hears the result."""
    await until(case, lambda: case.rma is not None or case.ended is not None)
    while case.rma is not None and case.ended is None and (case.next_inspection() or not case.goods_done):
        inspection = await _next_parcel(case, case.rma)
        if inspection is not None and await _book(case, case.rma, inspection, repairs):
            await _report(case)
    while inspection := case.next_inspection():
        case.discard(
            inspection, ExceptionCode.INSPECTION_AFTER_CANCEL, f"the return is {case.ended}: nothing is booked"
        )


async def _next_parcel(case: ReturnCase, rma: RmaOpened) -> Inspection | None:
    """The next inspection, with reminders on the way. None when the return ended, or a person decided to wait on."""
    for reminder in rma.reminders[case.reminders_sent :]:
        if await _heard_by(case, reminder, "next reminder about the missing parcel"):
            return case.next_inspection()
        case.reminders_sent += 1
        await _remind(case, rma)
    deadline = case.deadline or rma.deadline
    if await _heard_by(case, deadline, "deadline for the goods"):
        return case.next_inspection()
    if not case.goods_began:
        case.withdrawal = case.withdrawal or Withdrawal(Stage.EXPIRED, "nothing arrived before the deadline")
        await until(case, lambda: case.ended is not None)
        return None
    return await _ask_about_the_rest(case)


async def _heard_by(case: ReturnCase, moment: datetime, summary: str) -> bool:
    """Whether an inspection, or the end of the wait, came before this moment."""

    def heard() -> bool:
        return case.next_inspection() is not None or case.ended is not None or case.goods_done

    left = moment - workflow.now()
    return heard() or (
        left.total_seconds() > 0
        # an inspection that came at this very moment is in time
        and (await until(case, heard, timeout=left, timeout_summary=summary) or heard())
    )


async def _remind(case: ReturnCase, rma: RmaOpened) -> None:
    request = Remind(ref=case.start.ref, rma_number=rma.number, deadline=case.deadline or rma.deadline)
    step = f"remind-{case.reminders_sent}"
    try:
        await run_step(PlatformSteps.remind, request, step=step, queue=case.start.platform_queue)
    except ActivityError as error:
        case.misfits.append(problem_of(error))  # the wait for the parcel goes on


async def _ask_about_the_rest(case: ReturnCase) -> Inspection | None:
    """Part of the goods never came: a person waits on (RETRY) or writes the rest off as missing."""
    missing = sum(line.outstanding for line in case.open_lines())
    reason = f"{missing} announced unit(s) did not arrive before the deadline"
    problem = Problem(code=ExceptionCode.LOST_PARCEL, reason=reason)
    moot = case.next_inspection
    resolution = await park(case, Track.GOODS, "await-goods", problem, moot=lambda: moot() is not None)
    if resolution is not None and resolution.kind is ResolutionKind.RETRY and case.rma is not None:
        case.deadline = workflow.now() + (case.rma.deadline - case.rma.opened_at)
        return None
    if resolution is None or case.next_inspection() is not None or case.goods_done:
        return case.next_inspection()  # news while the decision was being recorded wins over it
    written_off = missing_units(case, resolution)
    case.inspections[written_off.inspection_id] = written_off
    return written_off


async def _book(case: ReturnCase, rma: RmaOpened, inspection: Inspection, repairs: Tracks) -> GoodsBooked | None:
    """Stock documents for one parcel; None when the parcel was set aside for a person."""
    corrections: list[Decision] = []
    try:
        units = allocate(inspection, case.open_lines())
    except UnexpectedSku as error:
        case.discard(inspection, ExceptionCode.UNEXPECTED_SKU, str(error))
        return None
    except OverReceipt as error:
        case.discard(inspection, ExceptionCode.OVER_RECEIPT, str(error))
        return None

    async def attempt(decisions: list[Decision]) -> GoodsBooked:
        corrections[:] = decisions
        return await _post(case, rma, inspection, units, decisions)

    booked = await settle(case, Track.GOODS, "book-goods", attempt)
    if booked is None:
        case.discarded.add(inspection.inspection_id)
        return None
    case.booked[inspection.inspection_id] = booked
    case.reported = False
    if problem := _refused(booked):
        repairs.start(_repair(case, rma, inspection, units, corrections, problem))
    return booked


async def _post(
    case: ReturnCase,
    rma: RmaOpened,
    inspection: Inspection,
    units: list[AllocatedUnits],
    decisions: list[Decision],
) -> GoodsBooked:
    request = BookGoods(ref=case.start.ref, rma=rma, inspection=inspection, units=units, decisions=decisions)
    step = f"book-goods-{list(case.inspections).index(inspection.inspection_id) + 1}"
    return await run_step(ErpSteps.book_goods, request, step=step, queue=case.start.erp_queue)


def _refused(booked: GoodsBooked) -> Problem | None:
    return next((document.problem for document in booked.documents if document.problem is not None), None)


async def _repair(
    case: ReturnCase,
    rma: RmaOpened,
    inspection: Inspection,
    units: list[AllocatedUnits],
    decisions: list[Decision],
    problem: Problem | None,
) -> None:
    """Refused stock documents of one parcel, one after the other, while everything else goes on (E41)."""
    while problem is not None:
        resolution = await park(case, Track.GOODS, "book-goods", problem)
        if resolution is None:
            return
        decisions.append(Decision(subject=problem.subject, resolution=resolution))
        try:
            booked = await _post(case, rma, inspection, units, decisions)
        except ActivityError as error:
            problem = problem_of(error)
        else:
            case.booked[inspection.inspection_id] = booked
            problem = _refused(booked)


async def _report(case: ReturnCase) -> None:
    """Tell the platform what is decided in all, so that it can pay."""
    lines = case.line_decisions()

    async def attempt(decisions: list[Decision]) -> PlatformReturn:
        request = ReportInspection(ref=case.start.ref, lines=lines, decisions=decisions)
        step = f"report-inspection-{len(case.booked)}"
        queue = case.start.platform_queue
        return await run_step(PlatformSteps.report_inspection, request, step=step, queue=queue)

    fresh = await settle(case, Track.PLATFORM, "report-inspection", attempt, step_cancels=True)
    case.reported = True
    if fresh is not None:
        fold(case, fresh)
