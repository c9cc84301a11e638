"""What the platform's own users inspected, heard as parcels of the return (design 3.5, R139). No Temporal calls."""

from activities.signatures import Problem
from domain.connection import InspectedBy
from domain.exceptions import ExceptionCode
from domain.inspection import InspectedUnits, Inspection
from domain.returns import GradedUnits
from workflows.case import ReturnCase

#: The place of units for which the platform names none; `mappings.locations` may have it.
NO_PLACE = "platform"


def hear_grading(case: ReturnCase) -> None:
    """Record what was not heard before, once the platform has finished: one parcel per place.

    An item that was heard and is now found to be something else is a conflict: nothing moves again (E16).
    """
    if case.rma is None or case.rma.flow.inspected_by is not InspectedBy.PLATFORM:
        return
    if case.platform is None or not case.platform.final:
        return
    items = {item: one for units in case.platform.graded for item, one in _single(units)}
    known = {item: case.graded[item] for item in items if item in case.graded}
    case.misfits += [
        _conflict(item, items[item], before) for item, before in known.items() if before != _found(items[item])
    ]
    new = [one for item, one in items.items() if item not in known]
    for place in dict.fromkeys(_place(one) for one in new):
        parcel = _parcel(case, place, [one for one in new if _place(one) == place])
        case.inspections[parcel.inspection_id] = parcel
    case.graded.update({item: _found(one) for item, one in items.items()})


def _single(units: GradedUnits) -> list[tuple[str, GradedUnits]]:
    """Item by item where each has its own id; else all of them under their ids together."""
    if len(units.item_ids) != units.quantity:
        return [(" ".join(units.item_ids) or units.line_id, units)]
    return [(item, units.model_copy(update={"quantity": 1})) for item in units.item_ids]


def _parcel(case: ReturnCase, place: str, units: list[GradedUnits]) -> Inspection:
    number = sum(1 for scan in case.inspections if scan.startswith("platform-")) + 1
    return Inspection(
        inspection_id=f"platform-{number}",
        location=place,
        inspector="platform",
        inspected_at=max((one.graded_at for one in units if one.graded_at), default=None),
        units=[
            InspectedUnits(
                sku=one.sku, quantity=one.quantity, disposition=one.disposition, order_line_id=one.order_line_id
            )
            for one in units
        ],
        confirmed=True,
    )


def _conflict(item: str, units: GradedUnits, before: str) -> Problem:
    now = _found(units)
    reason = f"item {item} of {units.sku} was found {before}, and now {now}; the first result stands, nothing moved"
    figures = {"item": item, "first": before, "second": now}
    return Problem(code=ExceptionCode.INSPECTION_CONFLICT, reason=reason, figures=figures)


def _found(units: GradedUnits) -> str:
    return f"{units.disposition or 'ungraded'} at {_place(units)}"


def _place(units: GradedUnits) -> str:
    return units.location or NO_PLACE
