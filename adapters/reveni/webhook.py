"""Reveni's webhooks: signature over the raw bytes, freshness, envelope."""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from adapters.kit.answer import read_json
from adapters.reveni import contract
from domain.ports import BadDelivery, UnreadableDelivery
from domain.returns import Delivery

_SECONDS = re.compile(r"[0-9]{1,11}(\.[0-9]{1,9})?")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_RETURN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_HEADER_LIMIT = 2000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ReveniWebhooks:
    """Implements `domain.ports.WebhookReceiver`.

    `api_key` is the HMAC key: Reveni has no separate webhook secret. `tolerance` is how far the signed time
    may lie from `now`, either way.
    """

    def __init__(self, api_key: SecretStr, tolerance: timedelta) -> None:
        self._api_key = api_key
        self._tolerance = tolerance

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime, token: str = "") -> Delivery:
        """The delivery of a genuine and fresh request; otherwise BadDelivery, with the reason for our log."""
        header = headers.get(contract.SIGNATURE_HEADER)
        if not header:
            raise BadDelivery("no X-REVENI-SIGNATURE header")
        t, digests = _parse_header(header)
        self._check_signature(t, digests, body)
        self._check_freshness(t, now)
        return _delivery(body)

    def _check_signature(self, t: str, digests: list[str], body: bytes) -> None:
        key = self._api_key.get_secret_value().encode()
        expected = hmac.new(key, t.encode() + b"." + body, "sha256").hexdigest()
        matches = [hmac.compare_digest(expected, digest) for digest in digests]
        if not any(matches):
            raise BadDelivery("the signature does not fit the body and our API key")

    def _check_freshness(self, t: str, now: datetime) -> None:
        age = now - _instant(t)
        if age > self._tolerance:
            raise BadDelivery(f"stale: signed {age} ago, {self._tolerance} are allowed")
        if -age > self._tolerance:
            raise BadDelivery(f"signed {-age} in the future, {self._tolerance} are allowed")


def _parse_header(header: str) -> tuple[str, list[str]]:
    """The time text and the v1 digests of ``t=<seconds>,v1=<hex>[,v1=<hex>]``. Other schemes are ignored."""
    if len(header) > _HEADER_LIMIT:
        raise BadDelivery(f"signature header of {len(header)} characters")
    parts = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in parts if name == "t"]
    digests = [value for name, _, value in parts if name == contract.SIGNATURE_SCHEME]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]):
        raise BadDelivery("signature header without one time in decimal seconds")
    if not digests:
        raise BadDelivery(f"signature header without scheme {contract.SIGNATURE_SCHEME}")
    usable = [digest for digest in digests if _DIGEST.fullmatch(digest)]
    if not usable:
        raise BadDelivery("signature is not 64 lower-case hex digits")
    return times[0], usable


def _instant(t: str) -> datetime:
    """Epoch seconds as exact text, cut to microseconds."""
    whole, _, fraction = t.partition(".")
    try:
        return _EPOCH + timedelta(seconds=int(whole), microseconds=int(fraction[:6].ljust(6, "0")))
    except OverflowError as error:
        raise BadDelivery("signed at a time beyond the calendar") from error


def _delivery(body: bytes) -> Delivery:
    """The envelope, strictly; `data.object` is never used (ASSUMED(3)). What we do not know has no return."""
    try:
        envelope = read_json(body)
    except ValueError as error:
        raise UnreadableDelivery("signed, but not JSON") from error
    if not isinstance(envelope, dict):
        raise UnreadableDelivery("signed, but the envelope is no object")
    return Delivery(
        delivery_id=_text(envelope, "id"),
        event=_text(envelope, "event"),
        return_id=_return_id(envelope),
        occurred_at=_occurred_at(envelope),
    )


def _return_id(envelope: dict[str, object]) -> str | None:
    if envelope["event"] not in contract.RETURN_EVENTS:
        return None
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise UnreadableDelivery("envelope: data is no object")
    if _text(data, "resource", "data.") != contract.RETURN_RESOURCE:
        return None
    return_id = _text(data, "resource_id", "data.")
    if not _RETURN_ID.fullmatch(return_id):
        raise UnreadableDelivery("envelope: data.resource_id is no identifier")
    return return_id


def _occurred_at(envelope: dict[str, object]) -> datetime | None:
    created = envelope.get("created")
    if created is None:
        return None
    if not isinstance(created, int) or isinstance(created, bool):
        raise UnreadableDelivery("envelope: created is no whole number of seconds")
    try:
        return _EPOCH + timedelta(seconds=created)
    except OverflowError as error:
        raise UnreadableDelivery("envelope: created is beyond the calendar") from error


def _text(fields: dict[str, object], name: str, path: str = "") -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 100:
        raise UnreadableDelivery(f"envelope: {path}{name} is no text of 1 to 100 characters")
    return value
