"""Goods that the return does not have: they lie in quarantine until a person says what becomes of them (E18, E19)."""

from collections.abc import Sequence

from activities.goods_signatures import HeldGoodsSteps, HoldGoods, SurplusTaken, TakeSurplus
from activities.signatures import Decision, Done, Problem
from domain.dispositions import Disposition
from domain.exceptions import ResolutionKind, Track
from domain.inspection import AllocatedUnits, BookedUnits, InspectedUnits, SurplusUnits, split
from workflows.case import ReturnCase
from workflows.parking import park, settle
from workflows.receiving import room, surplus_of, with_surplus_taken
from workflows.steps import run_step
from workflows.tracks.reporting import report


async def ask_about_surplus(case: ReturnCase, problem: Problem) -> None:
    """Back to the customer, into the return when it has room by now, or it stays where it is."""
    scan, asked = problem.figures["inspection"], problem
    skus: dict[str, str] = {}
    while True:
        resolution = await park(case, Track.GOODS, "surplus", asked)
        if resolution is None:
            return None
        match resolution.kind:
            case ResolutionKind.RETURN_TO_CUSTOMER:
                return await hold_goods(case, scan)
            case ResolutionKind.RETRY | ResolutionKind.EDIT_AND_RETRY:
                skus |= {name.removeprefix("sku."): sku for name, sku in resolution.edits.items()}
                refusal = await _take(case, scan, skus)
                if not refusal:
                    return None
                asked = problem.model_copy(update={"reason": f"{refusal}. {problem.reason}"})
            case _:
                return None  # it stays in quarantine


async def hold_goods(case: ReturnCase, scan: str = "", units: Sequence[BookedUnits] = ()) -> None:
    """Into the hold depot by transfer: units of one parcel, its surplus, or all that was booked."""

    async def attempt(decisions: list[Decision]) -> Done:
        request = HoldGoods(ref=case.ref, inspection_id=scan, units=list(units), decisions=decisions)
        return await run_step(HeldGoodsSteps.hold_goods, request, step=_step(case, scan), queue=case.start.erp_queue)

    await settle(case, Track.GOODS, "hold-goods", attempt)


async def _take(case: ReturnCase, scan: str, skus: dict[str, str]) -> str:
    """Why the return does not take all of it; empty when it has it, as quarantined units of these lines.

    skus: what a person corrected, booked SKU → the right one
    """
    units, refusal = _fitting(case, scan, skus)
    if refusal:
        return refusal

    async def attempt(decisions: list[Decision]) -> SurplusTaken:
        assert case.rma is not None
        request = TakeSurplus(ref=case.ref, rma=case.rma, inspection_id=scan, units=units, decisions=decisions)
        return await run_step(HeldGoodsSteps.take_surplus, request, step=_step(case, scan), queue=case.start.erp_queue)

    taken = await settle(case, Track.GOODS, "take-surplus", attempt)
    if taken is None:
        return "a person gave up that the return takes it"
    case.booked[scan] = with_surplus_taken(case.booked[scan], taken.units)
    agreed_now = {unit.line_id for unit in taken.units}
    case.agreed = [line for line in case.agreed if line.line_id not in agreed_now]
    case.agreed += [line for line in case.lines if line.line_id in agreed_now]
    case.reported = False
    await report(case)
    return ""


def _fitting(case: ReturnCase, scan: str, skus: dict[str, str]) -> tuple[list[AllocatedUnits], str]:
    """The surplus by lines of the RMA that have room for it, or why not all of it fits: then nothing is taken."""
    if case.rma is None:
        return [], "the return has no RMA now"
    found = [
        InspectedUnits(sku=skus.get(units.sku, units.sku), quantity=units.quantity, disposition=Disposition.QUARANTINE)
        for units in surplus_of(case.booked[scan])
    ]
    on_rma = {line.line_id for line in case.rma.lines}
    lines = [line for line in room(case) if line.line_id in on_rma]
    units, rest = split(case.inspections[scan].model_copy(update={"units": found}), lines)
    return units, "; ".join(_misfit(surplus) for surplus in rest)


def _misfit(surplus: SurplusUnits) -> str:
    why = "is on no line of the RMA" if surplus.why == "unexpected" else "is more than the return has room for"
    return f"{surplus.quantity} x {surplus.sku} {why}"


def _step(case: ReturnCase, scan: str) -> str:
    return f"surplus-{list(case.inspections).index(scan) + 1}" if scan else "hold-goods"
