"""Goods track: from the parcel to stock, and to the platform's ear (R20, R21)."""

from activities.signatures import RmaOpened
from workflows.case import ReturnCase
from workflows.leftovers import hand_over_leftovers
from workflows.receiving import next_inspection
from workflows.side_by_side import Tracks
from workflows.tracks.booking import book
from workflows.tracks.reporting import report
from workflows.tracks.waiting_for_goods import next_parcel
from workflows.waiting import until


async def run_goods(case: ReturnCase, desk: Tracks) -> None:
    """Parcel by parcel: inspection → stock documents → the platform hears the result. `desk`: what runs beside it."""
    while not case.over:
        await until(case, lambda: _may_receive(case) or _is_left_over(case))
        if case.rma is not None and _may_receive(case):
            await _receive(case, case.rma, desk)
        elif _is_left_over(case):
            await hand_over_leftovers(case)


async def _receive(case: ReturnCase, rma: RmaOpened, desk: Tracks) -> None:
    inspection = await next_parcel(case, rma, desk)
    if inspection is None or case.rma is not rma or not _may_receive(case):
        return  # the wait begins anew: a person waits on, or the return gets another RMA
    if await book(case, rma, inspection, desk):
        if rma.flow.report_beside:
            desk.start(report(case))
        else:
            await report(case)


def _may_receive(case: ReturnCase) -> bool:
    """Whether goods can be booked, and some are here or still to come."""
    open_ = case.rma is not None and case.ended is None and not case.amending and not case.rma_in_doubt
    return open_ and (next_inspection(case) is not None or not case.goods_done)


def _is_left_over(case: ReturnCase) -> bool:
    """Whether a parcel was recorded that this return will never book."""
    return case.ended is not None and case.grace_until is None and next_inspection(case) is not None
