"""Checks of inspections at the door: pure, so that an update's validator may use them."""

from pydantic import ValidationError

from activities.signatures import Problem
from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode
from domain.inspection import InspectedUnits, Inspection, NoGoodsExpected, OpenLine, allocate, split
from domain.messages import LooseInspection
from domain.resolution import Resolution
from workflows.case import ReturnCase
from workflows.receiving import open_lines, room


def lines_still_open(case: ReturnCase) -> list[OpenLine]:
    """Lines with what is still to come after every parcel that is recorded, booked or not."""
    lines = room(case) if case.amending else open_lines(case)
    for scan, inspection in case.inspections.items():
        if scan not in case.booked and scan not in case.discarded:
            lines = _after(inspection, lines)
    return lines


def still_to_come(case: ReturnCase) -> int:
    """Units that no recorded parcel has brought."""
    return sum(line.outstanding for line in lines_still_open(case))


def _after(inspection: Inspection, lines: list[OpenLine]) -> list[OpenLine]:
    left = {line.line_id: line.outstanding for line in lines}
    for units in split(inspection, lines)[0]:
        left[units.line_id] -= units.quantity
    return [line.model_copy(update={"outstanding": left[line.line_id]}) for line in lines]


def is_known(case: ReturnCase, inspection: Inspection) -> bool:
    """Whether this parcel was recorded already, with the same content (E15)."""
    return any(inspection.repeats(other) for other in case.inspections.values())


def contradicted(case: ReturnCase, inspection: Inspection) -> Inspection | None:
    """What was recorded of this parcel before, with other content (E16). What was set aside counts for nothing."""
    standing = (other for scan, other in case.inspections.items() if scan not in case.discarded)
    same_scan = case.inspections.get(inspection.inspection_id)
    found = [same_scan] if same_scan is not None else list(standing)
    return next((other for other in found if inspection.contradicts(other)), None)


def conflict_problem(inspection: Inspection, before: Inspection) -> Problem:
    """Both results, for the person who decides which one counts."""
    first, second = _found(before), _found(inspection)
    parcel = inspection.parcel or inspection.inspection_id
    reason = f"parcel {parcel} was found with {first}, and now with {second}; the first result stands, nothing moved"
    figures = {"inspection": inspection.inspection_id, "first": first, "second": second}
    return Problem(code=ExceptionCode.INSPECTION_CONFLICT, reason=reason, figures=figures)


def _found(inspection: Inspection) -> str:
    units = ", ".join(f"{units.quantity} x {units.sku} {units.disposition}" for units in inspection.units)
    return f"{units} at {inspection.location}"


def refuse_misfit(case: ReturnCase, inspection: Inspection) -> None:
    """Raise ValueError with a plain reason when this parcel cannot belong to the return as we know it.

    Before the platform was read nothing is known: the parcel is kept, and what does not fit goes to quarantine when it
    is booked (E12). The same happens to what a confirmed parcel has too much (E18, E19).
    """
    if any(units.disposition == Disposition.LOST_IN_TRANSIT for units in inspection.units):
        raise ValueError(f"{Disposition.LOST_IN_TRANSIT} is a decision of finance: a warehouse finds units MISSING")
    stopped = case.ended or (case.withdrawal and case.withdrawal.stage)
    if stopped and case.grace_until is None:
        raise NoGoodsExpected(f"the return is {stopped}: no goods expected")
    if case.platform is not None and not inspection.confirmed:
        allocate(inspection, lines_still_open(case))


def refuse_lost(case: ReturnCase) -> None:
    """Raise ValueError when no parcel of this return can be lost: it has no RMA, has ended, or all is here."""
    if case.rma is None or case.ended or case.withdrawal:
        raise ValueError("the return does not wait for goods")
    if not still_to_come(case):
        raise ValueError("every unit of the return was inspected")
    if len(case.lost_reports) > case.lost_asked:
        raise ValueError("it is reported as lost already")


def read_loose(case: ReturnCase, loose: LooseInspection) -> Inspection | Problem:
    """A signal's inspection, or the problem that names what is missing or wrong with it (R22).

    Nobody can ask back: what is there is booked, on the return or, when that has ended, beside it (E18, E19, E20).
    """
    figures = {"inspection": loose.inspection_id or "without id"}
    try:
        inspection = Inspection.model_validate({**loose.model_dump(), "confirmed": True})
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return Problem(code=ExceptionCode.EVENT_INVALID, reason=f"inspection cannot be used: {faults}", figures=figures)
    if is_known(case, inspection) or contradicted(case, inspection):
        return inspection
    try:
        refuse_misfit(case, inspection)
    except NoGoodsExpected:
        return inspection
    except ValueError as error:
        return Problem(code=ExceptionCode.EVENT_INVALID, reason=str(error), figures=figures)
    return inspection


def settle_without_goods(case: ReturnCase, resolution: Resolution, disposition: Disposition) -> Inspection:
    """Record that everything that is still to come will not come: written off, or lost and credited (E21, E31)."""
    settled = missing_units(case, resolution, disposition)
    case.inspections[settled.inspection_id] = settled
    case.written_off.add(settled.inspection_id)
    return settled


def missing_units(
    case: ReturnCase, resolution: Resolution, disposition: Disposition = Disposition.MISSING
) -> Inspection:
    """The inspection that writes off everything that is still to come."""
    return Inspection(
        inspection_id=f"written-off-{resolution.exception_id}",
        location="none",
        inspector=resolution.actor,
        units=[
            InspectedUnits(
                sku=line.skus[0],
                quantity=line.outstanding,
                disposition=disposition,
                order_line_id=line.order_line_id,
            )
            for line in room(case)
            if line.outstanding
        ],
    )
