"""What happens to a delivery: verified, kept for ever, told to dispatch. Needs no Temporal (design 3.1)."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

import structlog
from opentelemetry import metrics

from domain.exceptions import ExceptionCode
from domain.ports import BadDelivery, UnreadableDelivery
from domain.returns import Delivery
from runtime.telemetry import current_traceparent
from starter.bridge.answers import Refusal
from starter.bridge.parts import BridgeParts
from store.records import Acceptance, OpenException

log = structlog.get_logger("starter.bridge.intake")

_refused = metrics.get_meter("backhaul.bridge").create_counter(
    "backhaul.webhooks.refused", description="Webhooks without a good and fresh signature"
)
_NOBODY = "unknown"


async def take_in(
    parts: BridgeParts, connection: str, headers: Mapping[str, str], body: bytes, token: str = ""
) -> Acceptance:
    """Verify a webhook and commit it to the inbox. Its workflow hears of it later.

    `headers` has lower-case names; `token` is the rest of the address. Raises Refusal: 401 for everything that is not
    proved to come from the platform, 400 for what the platform signed and we cannot read.
    """
    delivery = await _verified(parts, connection, headers, body, token)
    return await keep(parts, connection, delivery, body)


async def keep(parts: BridgeParts, connection: str, delivery: Delivery, body: bytes) -> Acceptance:
    """Commit what was proved to come from the connection to the inbox, once; other content is an exception (E3)."""
    now, digest = parts.clock(), digest_of(body)
    async with parts.store.begin() as unit:
        acceptance = await unit.inbox.accept(connection, delivery, digest, current_traceparent(), now)
        if acceptance is Acceptance.CONFLICT:
            await unit.exceptions.open(_conflict(connection, delivery, digest, now))
    _tell(connection, delivery, acceptance)
    if acceptance is Acceptance.NEW and delivery.return_id:
        parts.dispatcher.wake()
    return acceptance


async def raise_unreadable(parts: BridgeParts, connection: str, reason: str, body: bytes) -> None:
    """One exception of the connection for what it sends and we cannot use (R70). `reason` quotes nothing of it."""
    text = f"{reason}. SHA-256 of its body: {digest_of(body)}."
    async with parts.store.begin() as unit:
        await unit.exceptions.open_for_connection(connection, ExceptionCode.EVENT_INVALID, text, parts.clock())


def digest_of(body: bytes) -> str:
    """What stands for a body in logs and texts."""
    return hashlib.sha256(body).hexdigest()


async def _verified(
    parts: BridgeParts, connection: str, headers: Mapping[str, str], body: bytes, token: str
) -> Delivery:
    digest = digest_of(body)
    receiver = parts.receivers.get(connection)
    if receiver is None:
        hmac.digest(b"as much work as for a known one", body, "sha256")
        raise _not_proved(_NOBODY, digest, "no such connection")
    try:
        return receiver.verify(headers, body, parts.clock(), token)
    except UnreadableDelivery as bad:
        await raise_unreadable(parts, connection, f"A signed webhook cannot be read: {bad}", body)
        message = f"The signature is good, but the event cannot be read: {bad}."
        raise Refusal(400, "event_invalid", message) from None
    except BadDelivery as bad:
        raise _not_proved(connection, digest, str(bad)) from None


def _not_proved(connection: str, digest: str, reason: str) -> Refusal:
    """One answer for a bad signature, a stale one, an unknown connection. The cause is for our log only."""
    _refused.add(1, {"connection": connection})
    log.warning("webhook refused", connection=connection, digest=digest, reason=reason)
    message = "The request is not signed by a platform that is connected here."
    return Refusal(401, "not_authenticated", message)


def _conflict(connection: str, delivery: Delivery, digest: str, now: datetime) -> OpenException:
    """One exception per delivery id, however often the other content comes (E3)."""
    name = hashlib.sha256(f"{connection}/{delivery.delivery_id}".encode()).hexdigest()[:16]
    return OpenException(
        id=f"event-conflict-{name}",
        connection=connection,
        return_id=delivery.return_id,
        code=ExceptionCode.EVENT_CONFLICT,
        step="webhook",
        reason=f"Delivery {delivery.delivery_id} came again with other content; the first one was kept.",
        payload={"delivery_id": delivery.delivery_id, "event": delivery.event, "second_digest": digest},
        now=now,
    )


def _tell(connection: str, delivery: Delivery, acceptance: Acceptance) -> None:
    log.info(
        "webhook kept",
        connection=connection,
        return_id=delivery.return_id,
        delivery_id=delivery.delivery_id,
        event_name=delivery.event,
        outcome=acceptance.value if delivery.return_id else "ignored",
    )
