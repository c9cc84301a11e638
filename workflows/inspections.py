"""Checks of inspections at the door: pure, so that an update's validator may use them."""

from pydantic import ValidationError

from activities.signatures import Problem
from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode
from domain.inspection import InspectedUnits, Inspection, OpenLine, OverReceipt, UnexpectedSku, allocate
from domain.messages import LooseInspection
from domain.resolution import Resolution
from workflows.case import ReturnCase


def lines_still_open(case: ReturnCase) -> list[OpenLine]:
    """Lines with what is still to come after every parcel that is recorded, booked or not."""
    lines = case.open_lines()
    for scan, inspection in case.inspections.items():
        if scan not in case.booked and scan not in case.discarded:
            lines = _after(inspection, lines)
    return lines


def _after(inspection: Inspection, lines: list[OpenLine]) -> list[OpenLine]:
    try:
        taken = allocate(inspection, lines)
    except (UnexpectedSku, OverReceipt):
        return lines  # it was recorded before we knew the lines, and will be set aside when it is booked
    left = {line.line_id: line.outstanding for line in lines}
    for units in taken:
        left[units.line_id] -= units.quantity
    return [line.model_copy(update={"outstanding": left[line.line_id]}) for line in lines]


def refuse_misfit(case: ReturnCase, inspection: Inspection) -> None:
    """Raise ValueError with a plain reason when this parcel cannot belong to the return as we know it.

    Before the platform was read nothing is known: the parcel is kept and checked when it is booked (E12).
    """
    if case.ended or case.withdrawal:
        raise ValueError(
            f"the return is {case.ended or (case.withdrawal and case.withdrawal.stage)}: no goods expected"
        )
    if case.platform is not None:
        allocate(inspection, lines_still_open(case))


def read_loose(case: ReturnCase, loose: LooseInspection) -> Inspection | Problem:
    """A signal's inspection, or the problem that names what is missing or wrong with it (R22)."""
    figures = {"inspection": loose.inspection_id or "without id"}
    try:
        inspection = Inspection.model_validate(loose.model_dump())
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        return Problem(code=ExceptionCode.EVENT_INVALID, reason=f"inspection cannot be used: {faults}", figures=figures)
    try:
        refuse_misfit(case, inspection)
    except UnexpectedSku as error:
        return Problem(code=ExceptionCode.UNEXPECTED_SKU, reason=str(error), figures=figures)
    except OverReceipt as error:
        return Problem(code=ExceptionCode.OVER_RECEIPT, reason=str(error), figures=figures)
    except ValueError as error:
        return Problem(code=ExceptionCode.INSPECTION_AFTER_CANCEL, reason=str(error), figures=figures)
    return inspection


def missing_units(case: ReturnCase, resolution: Resolution) -> Inspection:
    """The inspection that writes off everything that is still to come."""
    return Inspection(
        inspection_id=f"written-off-{resolution.exception_id}",
        location="none",
        inspector=resolution.actor,
        units=[
            InspectedUnits(
                sku=line.skus[0],
                quantity=line.outstanding,
                disposition=Disposition.MISSING,
                order_line_id=line.order_line_id,
            )
            for line in case.open_lines()
            if line.outstanding
        ],
    )
