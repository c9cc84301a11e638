"""Events that the warehouse's connector sends us (ASSUMED(8)): bearer token, envelope, inspection."""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence

from pydantic import SecretStr, ValidationError

from adapters.kit.answer import read_json
from adapters.patchworks import contract
from adapters.patchworks.shapes import WireEvent, WireReturn, WireReturnLine
from domain.inspection import InspectedUnits, Inspection, WarehouseEvent
from domain.ports import BadDelivery, UnreadableDelivery

_RETURN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_SCAN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
_NOT_IN_SCAN_ID = re.compile(r"[^A-Za-z0-9._:-]")


class PatchworksFeed:
    """Implements `domain.ports.WarehouseFeed`. No token: nothing is let in."""

    def __init__(self, token: SecretStr | None, source_platform: str) -> None:
        self._token = token
        self._platform = source_platform

    def read(self, headers: Mapping[str, str], body: bytes) -> WarehouseEvent:
        """The event of a request with our token; BadDelivery otherwise, with the reason for our log.

        UnreadableDelivery names the field that cannot be used, never its content: also when the return is another
        platform's. Events of a type that we do not know have no `return_id`.
        """
        self._check_token(headers.get(contract.AUTHORIZATION_HEADER, ""))
        event = _event(body)
        if headers.get(contract.EVENT_ID_HEADER, event.event_id) != event.event_id:
            raise UnreadableDelivery("eventId is not what the header Idempotency-Key says")
        return_id = self._return_id(event)
        return WarehouseEvent(
            event_id=event.event_id,
            event=event.type,
            return_id=return_id,
            inspection=_inspection(event) if event.type == contract.INSPECTED else None,
        )

    def _check_token(self, header: str) -> None:
        if self._token is None:
            raise BadDelivery("no inbound_token is configured")
        expected = contract.BEARER + self._token.get_secret_value()
        if not hmac.compare_digest(header.encode(), expected.encode()):
            raise BadDelivery("the bearer token does not fit" if header else "no Authorization header")

    def _return_id(self, event: WireEvent) -> str | None:
        if event.type not in contract.EVENTS:
            return None
        platform, colon, return_id = _return(event).external_id.partition(":")
        if not colon or not _RETURN_ID.fullmatch(return_id):
            raise UnreadableDelivery("return.externalId is not <platform>:<return id>")
        if platform != self._platform:
            raise UnreadableDelivery(f"return.externalId is not of the platform {self._platform}")
        return return_id


def _event(body: bytes) -> WireEvent:
    try:
        content = read_json(body)
    except ValueError:
        raise UnreadableDelivery("good token, but no JSON") from None
    try:
        return WireEvent.model_validate(content)
    except ValidationError as trouble:
        raise UnreadableDelivery(_first(trouble)) from None


def _first(trouble: ValidationError, path: str = "") -> str:
    """Path and kind of the first thing that is wrong."""
    first = trouble.errors(include_url=False, include_context=False, include_input=False)[0]
    where = path + ".".join(str(step) for step in first["loc"])
    return f"{where or 'the body'} cannot be used ({first['type']})"


def _return(event: WireEvent) -> WireReturn:
    if event.return_ is None:
        raise UnreadableDelivery("return is missing")
    return event.return_


def _inspection(event: WireEvent) -> Inspection:
    """What was found. Lines without an inspection, or of no units, were not inspected."""
    reported = _return(event)
    numbered = list(enumerate(reported.return_line_items))
    inspected = [(n, line) for n, line in numbered if line.inspection is not None and line.quantity_returned]
    if not inspected:
        raise UnreadableDelivery("return.returnLineItems has no inspected line")
    lines = [line for _, line in inspected]
    moments = [line.inspection.inspected_at for line in lines if line.inspection and line.inspection.inspected_at]
    try:
        return Inspection(
            inspection_id=scan_id(event.event_id),
            location=_location(reported, lines),
            units=[_units(n, line) for n, line in inspected],
            inspector=contract.INSPECTOR,
            inspected_at=max(moments, default=event.occurred_at),
            parcel=reported.parcel,
        )
    except ValidationError as trouble:
        raise UnreadableDelivery(_first(trouble, "return.")) from None


def scan_id(event_id: str) -> str:
    """The event's id as a scan id. One with other characters, or too long, is shortened and unique by a digest."""
    if _SCAN_ID.fullmatch(event_id):
        return event_id
    digest = hashlib.sha256(event_id.encode()).hexdigest()[:16]
    readable = _NOT_IN_SCAN_ID.sub("-", event_id).strip("-._:")[:40]
    return f"{readable}-{digest}" if readable else digest


def _location(reported: WireReturn, lines: Sequence[WireReturnLine]) -> str:
    if reported.location_id:
        return reported.location_id
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
        raise UnreadableDelivery(_first(trouble, f"{path}.")) from None
