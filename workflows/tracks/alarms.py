"""Clocks beside the flow: each raises an exception that stops nothing and closes by itself with the goods."""

from datetime import timedelta

from temporalio import workflow

from activities.signatures import Problem
from domain.exceptions import ExceptionCode, Track
from workflows.case import ReturnCase
from workflows.exposure import cover_ends, exposure_problem, money_out
from workflows.parking import park
from workflows.receiving import delivered
from workflows.side_by_side import Tracks
from workflows.tracks.waiting_for_goods import obey_exposure
from workflows.waiting import until


async def watch_cover(case: ReturnCase, desk: Tracks) -> None:
    """While money is out: an alarm for every rung before the platform's cover lapses (N11, E28).

    A return that is withdrawn rings no more: what is out is asked about as it is undone (E51).
    """
    await until(case, lambda: case.rma is not None and money_out(case))
    rungs = sorted(case.rma.flow.cover_alarms, reverse=True) if case.rma else []
    for rung in rungs[case.cover_alarms :]:
        if (ends := cover_ends(case)) is None or case.withdrawal is not None:
            return
        left = ends - rung - workflow.now()
        summary = f"alarm {rung} before the cover lapses"
        if left > timedelta() and await until(case, lambda: not money_out(case), timeout=left, timeout_summary=summary):
            return
        case.cover_alarms += 1
        if money_out(case) and case.withdrawal is None:
            desk.start(_raise_exposure(case))


async def _raise_exposure(case: ReturnCase) -> None:
    problem = exposure_problem(case)
    resolution = await park(case, Track.GOODS, "cover", problem, moot=lambda: not money_out(case))
    if resolution is not None:
        obey_exposure(case, resolution)


async def watch_receipt(case: ReturnCase) -> None:
    """The carrier delivered the parcel, and nobody inspects it (E30)."""
    await until(case, lambda: delivered(case) and case.rma is not None)
    limit = case.rma.flow.inspection_limit if case.rma else None
    if limit is None or not delivered(case) or case.receipt_missed:
        return
    summary = "delivered parcel without an inspection"
    if await until(case, lambda: not delivered(case), timeout=limit, timeout_summary=summary):
        return
    case.receipt_missed = True
    reason = f"the platform says that the parcel was delivered; after {limit} no inspection was recorded"
    problem = Problem(code=ExceptionCode.RECEIPT_NOT_INSPECTED, reason=reason)
    await park(case, Track.GOODS, "await-inspection", problem, moot=lambda: not delivered(case))
