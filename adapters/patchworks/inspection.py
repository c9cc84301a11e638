"""What the warehouse found, out of an event of its connector (ASSUMED(8)). Pure."""

import hashlib
import re
from collections.abc import Sequence

from pydantic import ValidationError

from adapters.kit.misfit import first_misfit
from adapters.patchworks import contract
from adapters.patchworks.shapes import WireEvent, WireReturn, WireReturnLine
from domain.inspection import InspectedUnits, Inspection
from domain.ports import UnreadableDelivery

_SCAN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_NOT_IN_SCAN_ID = re.compile(r"[^A-Za-z0-9._:-]")


def inspection(event: WireEvent) -> Inspection:
    """What was found. Lines without an inspection, or of no units, were not inspected."""
    wire = reported(event)
    numbered = list(enumerate(wire.return_line_items))
    inspected = [(n, line) for n, line in numbered if line.inspection is not None and line.quantity_returned]
    if not inspected:
        raise UnreadableDelivery("return.returnLineItems has no inspected line")
    lines = [line for _, line in inspected]
    moments = [line.inspection.inspected_at for line in lines if line.inspection and line.inspection.inspected_at]
    try:
        return Inspection(
            inspection_id=scan_id(event.event_id),
            location=_location(wire, lines),
            units=[_units(n, line) for n, line in inspected],
            inspector=contract.INSPECTOR,
            inspected_at=max(moments, default=event.occurred_at),
            parcel=wire.parcel,
        )
    except ValidationError as trouble:
        raise UnreadableDelivery(f"return.{first_misfit(trouble)}") from None


def reported(event: WireEvent) -> WireReturn:
    """The return that the event is about."""
    if event.return_ is None:
        raise UnreadableDelivery("return is missing")
    return event.return_


def scan_id(event_id: str) -> str:
    """The event's id as a scan id. One with other characters, or too long, is shortened and unique by a digest."""
    if _SCAN_ID.fullmatch(event_id):
        return event_id
    digest = hashlib.sha256(event_id.encode()).hexdigest()[:16]
    readable = _NOT_IN_SCAN_ID.sub("-", event_id).strip("-._:")[:40]
    return f"{readable}-{digest}" if readable else digest


def _location(wire: WireReturn, lines: Sequence[WireReturnLine]) -> str:
    if wire.location_id:
        return wire.location_id
    places = {line.inspection.warehouse_location_id for line in lines if line.inspection}
    if len(places) != 1 or "" in places:
        raise UnreadableDelivery("return.locationId is missing, and warehouseLocationId does not name one place")
    return places.pop()


def _units(position: int, line: WireReturnLine) -> InspectedUnits:
    """The units of a line. The disposition counts; without one, the condition."""
    found = line.inspection
    word = (found.disposition_outcome or found.condition_category) if found else ""
    path = f"return.returnLineItems.{position}"
    if not word:
        raise UnreadableDelivery(f"{path}.inspection.dispositionOutcome is missing")
    try:
        return InspectedUnits(
            sku=line.sku,
            quantity=line.quantity_returned,
            disposition=word,
            order_line_id=line.order_line_item_id,
        )
    except ValidationError as trouble:
        raise UnreadableDelivery(f"{path}.{first_misfit(trouble)}") from None
