"""Booking one parcel: stock documents, what was refused, and what finance has to decide about damage (E17–E22)."""

from temporalio.exceptions import ActivityError

from activities.goods_signatures import DecideShare, GoodsDeskSteps
from activities.signatures import BookGoods, Decision, ErpSteps, GoodsBooked, Problem, RmaOpened
from activities.window_signatures import AwaitedWindow
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.inspection import AllocatedUnits, Inspection, SurplusUnits, split
from domain.resolution import Resolution
from workflows.case import ReturnCase
from workflows.parking import park, settle
from workflows.problems import problem_of
from workflows.receiving import open_lines, room, surplus_of, surplus_problem, undecided, with_share
from workflows.side_by_side import Tracks
from workflows.steps import run_step
from workflows.tracks.closed_rma import face_closed_rma
from workflows.tracks.reporting import report
from workflows.tracks.surplus import hold_goods
from workflows.windows import at_window

Parcel = tuple[Inspection, list[AllocatedUnits], list[SurplusUnits]]


async def book(case: ReturnCase, rma: RmaOpened, inspection: Inspection, desk: Tracks) -> bool:
    """Stock documents for one parcel; whether it was booked. What the return does not have goes to quarantine."""
    corrections: list[Decision] = []
    parcel = (inspection, *_split(case, inspection))

    async def attempt(decisions: list[Decision]) -> GoodsBooked:
        corrections[:] = decisions
        return await _post(case, rma, parcel, decisions)

    booked = await settle(case, Track.GOODS, "book-goods", attempt)
    if booked is None:
        case.discarded.add(inspection.inspection_id)
        return False
    case.booked[inspection.inspection_id] = booked
    case.reported = case.reported and not any(units.line_id for units in booked.units)
    if surplus := parcel[2]:
        case.misfits.append(surplus_problem(inspection, _as_booked(surplus, booked)))
    if undecided(booked):
        desk.start(_decide_damaged(case, inspection))
    if open_ := _unfinished(booked):
        desk.start(_finish(case, parcel, corrections, open_))
    return True


def _split(case: ReturnCase, inspection: Inspection) -> tuple[list[AllocatedUnits], list[SurplusUnits]]:
    """Goods go to lines that the RMA has; what never came is written off wherever the return still expects it."""
    if inspection.inspection_id in case.written_off:
        return split(inspection, room(case))[0], []
    return split(inspection, open_lines(case))


def _as_booked(surplus: list[SurplusUnits], booked: GoodsBooked) -> list[SurplusUnits]:
    """The surplus under the SKUs that it has in quarantine: what a person sees there, and may correct."""
    skus = [units.sku for units in surplus_of(booked)]
    return [units.model_copy(update={"sku": sku}) for units, sku in zip(surplus, skus, strict=True)]


async def _post(case: ReturnCase, rma: RmaOpened, parcel: Parcel, decisions: list[Decision]) -> GoodsBooked:
    inspection, units, surplus = parcel
    request = BookGoods(
        ref=case.start.ref,
        rma=rma,
        inspection=inspection,
        units=units,
        surplus=surplus,
        reasons={line.line_id: line.reason for line in case.lines},
        decisions=decisions,
    )
    step = f"book-goods-{list(case.inspections).index(inspection.inspection_id) + 1}"
    return await run_step(ErpSteps.book_goods, request, step=step, queue=case.start.erp_queue)


def _unfinished(booked: GoodsBooked) -> Problem | AwaitedWindow | None:
    """What a stock document of the parcel waits for: a window before a person, since it passes by itself."""
    window = next((document.queued for document in booked.documents if document.queued is not None), None)
    return window or next((document.problem for document in booked.documents if document.problem is not None), None)


async def _finish(
    case: ReturnCase, parcel: Parcel, decisions: list[Decision], waits_for: Problem | AwaitedWindow | None
) -> None:
    """Stock documents of one parcel that wait or were refused, while everything else goes on (E41, E64)."""
    scan = parcel[0].inspection_id
    while waits_for is not None:
        if isinstance(waits_for, AwaitedWindow):
            await at_window(case, f"stock of parcel {scan}", waits_for)
        elif not await _decided(case, waits_for, decisions):
            return
        assert case.rma is not None
        try:
            again = await _post(case, case.rma, parcel, decisions)
        except ActivityError as error:
            waits_for = problem_of(error)
        else:
            case.booked[scan] = case.booked[scan].model_copy(update={"documents": again.documents})
            waits_for = _unfinished(again)


async def _decided(case: ReturnCase, problem: Problem, decisions: list[Decision]) -> bool:
    """Ask about a refused document; False when there is nothing left to post it on."""
    resolution = await _decision(case, problem)
    if resolution is not None:
        decisions.append(Decision(subject=problem.subject, resolution=resolution))
    return resolution is not None or case.rma is not None


async def _decision(case: ReturnCase, problem: Problem) -> Resolution | None:
    """What a person says about a refused document; None when it can simply be posted on the RMA of now (E13)."""
    if problem.code is not ExceptionCode.RMA_CLOSED_IN_ERP:
        return await park(case, Track.GOODS, "book-goods", problem)
    resolution = await face_closed_rma(case, problem)
    gave_up = resolution is not None and resolution.kind is ResolutionKind.CANCEL_TRACK
    return resolution if gave_up else None


async def _decide_damaged(case: ReturnCase, inspection: Inspection) -> None:
    """Finance says what damaged units are credited with; the platform hears about them only then (E22, E23)."""
    scan = inspection.inspection_id
    share = None
    while share is None:
        resolution = await park(case, Track.FINANCE, "decide-share", _damaged(case, scan))
        if resolution is None:
            return
        share = _share(resolution)
        if resolution.kind is ResolutionKind.RETURN_TO_CUSTOMER:
            await hold_goods(case, scan, undecided(case.booked[scan]))
    request = DecideShare(ref=case.ref, inspection_id=scan, share=share)
    step = f"decide-share-{list(case.inspections).index(scan) + 1}"
    await run_step(GoodsDeskSteps.decide_share, request, step=step, summary=f"{share} % of {scan}")
    case.booked[scan] = with_share(case.booked[scan], share)
    case.reported = False
    await report(case)


def _damaged(case: ReturnCase, scan: str) -> Problem:
    units = undecided(case.booked[scan])
    reasons = {line.line_id: line.reason for line in case.lines}
    text = ", ".join(f"{u.quantity} x {u.sku} {u.disposition} ({reasons.get(u.line_id) or 'no reason'})" for u in units)
    reason = f"{text}: the policy does not say what the customer gets for it"
    return Problem(code=ExceptionCode.DAMAGED_DECISION, reason=reason, figures={"inspection": scan, "units": text})


def _share(resolution: Resolution) -> int | None:
    """The percentage that was decided; None when a correction names none."""
    match resolution.kind:
        case ResolutionKind.ACCEPT_ORDER_AMOUNT | ResolutionKind.ACCEPT_PLATFORM_AMOUNT:
            return 100
        case ResolutionKind.EDIT_AND_RETRY:
            share = resolution.edits.get("share")
            return None if share is None else int(share)
        case _:
            return 0
