"""ReturnGO's webhooks: nothing signs them, so a secret in the address does. A delivery only says where to look."""

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from pydantic import SecretStr

from adapters.kit.answer import read_json
from adapters.returngo import contract
from domain.ports import BadDelivery, UnreadableDelivery
from domain.returns import Delivery

_RETURN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_EVENT_LIMIT = 100


class ReturnGoWebhooks:
    """Implements `domain.ports.WebhookReceiver`. `token` is the last part of the address that we registered."""

    def __init__(self, token: SecretStr, shop_name: str) -> None:
        self._token = token
        self._shop_name = shop_name

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime, token: str = "") -> Delivery:
        """The delivery of a request with our token and for our shop; otherwise BadDelivery, with the reason.

        The raw body is its own identity: ReturnGO sends no delivery id. Its contents are never used otherwise.
        """
        if not hmac.compare_digest(_digest(token), _digest(self._token.get_secret_value())):
            raise BadDelivery("the token in the address is not ours")
        payload = _payload(body)
        shop = payload.get("shopName")
        if shop is not None and str(shop).casefold() != self._shop_name.casefold():
            raise BadDelivery("the delivery is for another shop")
        event = payload.get("eventName")
        if not isinstance(event, str) or not 0 < len(event) <= _EVENT_LIMIT:
            raise UnreadableDelivery(f"payload: eventName is no text of 1 to {_EVENT_LIMIT} characters")
        return Delivery(
            delivery_id=hashlib.sha256(body).hexdigest(),
            event=event,
            return_id=_return_id(payload) if event in contract.EVENTS else None,
            occurred_at=_occurred_at(payload),
        )


def _digest(token: str) -> bytes:
    """Equally long whatever the token is, so that comparing takes the same time."""
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()


def _payload(body: bytes) -> dict[str, object]:
    try:
        payload = read_json(body)
    except ValueError as error:
        raise UnreadableDelivery("the payload is not JSON") from error
    if not isinstance(payload, dict):
        raise UnreadableDelivery("the payload is no object")
    return payload


def _return_id(payload: Mapping[str, object]) -> str:
    """`rmaId`, a number or text."""
    value = payload.get("rmaId")
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _RETURN_ID.fullmatch(text):
        raise UnreadableDelivery("payload: rmaId is no identifier")
    return text


def _occurred_at(payload: Mapping[str, object]) -> datetime | None:
    """`eventDate`; UTC when it names no zone, and None when it cannot be read: the hint is good without it."""
    value = payload.get("eventDate")
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
