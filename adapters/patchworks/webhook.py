"""Events that the warehouse's connector sends us (ASSUMED(8)): bearer token, envelope, return."""

import hmac
import re
from collections.abc import Mapping

from pydantic import SecretStr, ValidationError

from adapters.kit.answer import read_json
from adapters.kit.misfit import first_misfit
from adapters.patchworks import contract
from adapters.patchworks.inspection import inspection, reported
from adapters.patchworks.shapes import WireEvent
from domain.inspection import WarehouseEvent
from domain.ports import BadDelivery, UnreadableDelivery

_RETURN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


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
            inspection=inspection(event) if event.type == contract.INSPECTED else None,
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
        platform, colon, return_id = reported(event).external_id.partition(":")
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
        raise UnreadableDelivery(first_misfit(trouble)) from None
