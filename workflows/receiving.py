"""What came back, and what is still to come. Pure questions about a case."""

from activities.signatures import GoodsBooked, Problem
from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode
from domain.inspection import BookedUnits, Inspection, OpenLine, SurplusUnits
from domain.returns import LineDecision, PlatformPhase, ReturnLine
from workflows.case import ReturnCase


def next_inspection(case: ReturnCase) -> Inspection | None:
    """The oldest parcel that is neither booked nor discarded."""
    waiting = (i for scan, i in case.inspections.items() if scan not in case.booked and scan not in case.discarded)
    return next(waiting, None)


def delivered(case: ReturnCase) -> bool:
    """Whether a parcel lies at the warehouse uninspected, as far as the platform tells."""
    arrived = case.platform is not None and case.platform.phase in (PlatformPhase.RECEIVED, PlatformPhase.IN_REVIEW)
    return arrived and not case.goods_began and case.ended is None and case.withdrawal is None


def open_lines(case: ReturnCase) -> list[OpenLine]:
    """Lines with the units that the RMA still waits for, not counting parcels that are recorded but not booked.

    A line that came to the return after its RMA was opened is not among them, nor are units that the customer keeps.
    """
    return _lines(case, {line.line_id: line.quantity for line in case.rma.lines} if case.rma else {})


def room(case: ReturnCase) -> list[OpenLine]:
    """Lines with the units that the platform's return has room for now, also where the RMA has none (E18)."""
    return _lines(case, {})


def _lines(case: ReturnCase, authorised: dict[str, int]) -> list[OpenLine]:
    erp = {line.line_id: line.sku for line in case.rma.lines} if case.rma else {}
    return [
        OpenLine(
            line_id=line.line_id,
            order_line_id=line.order_line_id,
            skus=list(dict.fromkeys([erp.get(line.line_id, line.sku), line.sku])),
            outstanding=max(min(line.quantity, authorised.get(line.line_id, line.quantity)) - inspected, 0),
        )
        for line in case.lines
        if not line.keep and (not authorised or line.line_id in authorised)
        for inspected in (case.inspected(line.line_id),)
    ]


def surplus_problem(inspection: Inspection, surplus: list[SurplusUnits]) -> Problem:
    """What a person must know about units that the return does not have (E18, E19)."""
    wrong = any(units.why == "unexpected" for units in surplus)
    text = ", ".join(f"{units.quantity} x {units.sku}" for units in surplus)
    why = "is not on this return" if wrong else "is more than this return waits for"
    return Problem(
        code=ExceptionCode.UNEXPECTED_SKU if wrong else ExceptionCode.OVER_RECEIPT,
        reason=f"{text} {why}; it is in quarantine at {inspection.location} and is not credited",
        figures={"inspection": inspection.inspection_id, "location": inspection.location, "surplus": text},
    )


def line_decisions(case: ReturnCase) -> list[LineDecision]:
    """What the platform must hear: accepted and rejected units of every line so far, in all.

    Units that finance has not decided yet are in neither; those that it credits with nothing are rejected (E22).
    """
    decisions = []
    for line in case.lines:
        units = [u for u in units_of(case, line) if u.share is not None]
        rejected = [u for u in units if not _paid(u)]
        if units:
            decisions.append(
                LineDecision(
                    line_id=line.line_id,
                    order_line_id=line.order_line_id,
                    sku=line.sku,
                    accepted=sum(u.quantity for u in units if _paid(u)),
                    rejected=sum(u.quantity for u in rejected),
                    reject_reason=rejected[0].disposition.value.lower() if rejected else "",
                    unsellable=sum(u.quantity for u in units if _paid(u) and u.disposition is not Disposition.SELLABLE),
                )
            )
    return decisions


def units_of(case: ReturnCase, line: ReturnLine) -> list[BookedUnits]:
    """Inspected units of a line."""
    return [u for b in case.booked.values() for u in b.units if u.line_id == line.line_id]


def accepted_units(booked: GoodsBooked) -> dict[str, int]:
    """Accepted units of one parcel by line: those that something is credited for."""
    units: dict[str, int] = {}
    for unit in booked.units:
        if unit.line_id and _paid(unit):
            units[unit.line_id] = units.get(unit.line_id, 0) + unit.quantity
    return units


def undecided(booked: GoodsBooked) -> list[BookedUnits]:
    """Accepted units of one parcel whose credit finance must decide (E22)."""
    return [unit for unit in booked.units if unit.share is None]


def with_share(booked: GoodsBooked, share: int) -> GoodsBooked:
    """The parcel after finance decided its undecided units."""
    units = [unit.model_copy(update={"share": share}) if unit.share is None else unit for unit in booked.units]
    return booked.model_copy(update={"units": units})


def with_surplus_taken(booked: GoodsBooked, taken: list[BookedUnits]) -> GoodsBooked:
    """The parcel after its surplus was given to lines of the return."""
    return booked.model_copy(update={"units": [*(unit for unit in booked.units if unit.line_id), *taken]})


def surplus_of(booked: GoodsBooked) -> list[BookedUnits]:
    """Units of one parcel that no line of the return has."""
    return [unit for unit in booked.units if not unit.line_id]


def missing(case: ReturnCase) -> int:
    """Units that are still to come."""
    return sum(line.outstanding for line in room(case))


def _paid(units: BookedUnits) -> bool:
    return units.disposition.accepted and bool(units.share)
