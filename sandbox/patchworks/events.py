"""Events that the flow's own connector posts to the service: bearer token, event id as Idempotency-Key, two retries.

Every try is journaled: `event_delivered` (2xx, with `status_code`), `event_refused` (another status),
`event_unanswered` (no answer), at the end `event_given_up`.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Literal

import httpx
from pydantic import Field

from sandbox.kit.journal import Journal
from sandbox.kit.sold import Seed
from sandbox.patchworks.background import Background
from sandbox.patchworks.state import stamp
from sandbox.patchworks.wire import Json, write_json

EventType = Literal[
    "return.received", "return.inspected", "return.restocked", "credit_note.posted", "exchange_order.shipped"
]
TIMEOUT_SECONDS = 10.0
RETRY_SECONDS = (0.2, 1.0)


class EventLine(Seed):
    """Units of one return line. Without `disposition` they were not inspected; `location` is where they are."""

    sku: str
    quantity: int = Field(default=1, ge=1)
    id: str = ""
    order_line_item_id: str = ""
    reason: str = ""
    disposition: str = ""
    condition: str = "new"
    location: str = ""
    note: str = ""


class EventSpec(Seed):
    """An event to send. `event_id` left out: a new one; the same one again is a repetition."""

    type: EventType
    return_external_id: str
    order_id: str = ""
    outcome: str = "refund"
    location: str = ""
    parcel: str = ""
    lines: tuple[EventLine, ...] = ()
    event_id: str = ""


class Connector:
    """Sends events from threads of its own; `send` never blocks."""

    def __init__(
        self,
        url: str | None,
        token: str,
        journal: Journal,
        clock: Callable[[], datetime],
        background: Background,
        retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self.url = url
        self.token = token
        self._journal = journal
        self._clock = clock
        self._background = background
        self._retry_seconds = tuple(retry_seconds)
        self._sent = 0

    def send(self, spec: EventSpec) -> str:
        """The event's id. Raises ValueError when there is nowhere to send to."""
        if self.url is None:
            raise ValueError("the connector has no inbound_url")
        self._sent += 1
        event_id, url = spec.event_id or f"pw-event-{self._sent}", self.url
        body = write_json(self._event(spec, event_id)).encode()
        self._background.spawn(lambda: self._deliver(url, event_id, spec.type, body))
        return event_id

    def _event(self, spec: EventSpec, event_id: str) -> Json:
        now = stamp(self._clock())
        goods: Json = {
            "externalId": spec.return_external_id,
            "orderId": spec.order_id,
            "outcome": spec.outcome,
            "locationId": spec.location,
            "receivedAt": now,
            "returnLineItems": [_line(line, number, spec.location, now) for number, line in enumerate(spec.lines, 1)],
        }
        goods |= {"parcel": spec.parcel} if spec.parcel else {}
        return {"eventId": event_id, "type": spec.type, "occurredAt": now, "return": goods}

    def _deliver(self, url: str, event_id: str, event: str, body: bytes) -> None:
        for wait in (0.0, *self._retry_seconds):
            time.sleep(wait)
            if self._try(url, event_id, event, body):
                return
        self._journal.append("event_given_up", event_id=event_id, event=event)

    def _try(self, url: str, event_id: str, event: str, body: bytes) -> bool:
        headers = {"Idempotency-Key": event_id, "Content-Type": "application/json", "Accept": "application/json"}
        if self.token:  # without one, "Bearer " alone is no legal header
            headers["Authorization"] = f"Bearer {self.token}"
        facts = {"event_id": event_id, "event": event}
        try:
            answer = httpx.post(url, content=body, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False)
        except httpx.HTTPError as trouble:
            self._journal.append("event_unanswered", error=type(trouble).__name__, **facts)
            return False
        op = "event_delivered" if answer.is_success else "event_refused"
        self._journal.append(op, status_code=answer.status_code, **facts)
        return answer.is_success


def _line(line: EventLine, number: int, location: str, now: str) -> Json:
    row: Json = {
        "id": line.id or str(number),
        "orderLineItemId": line.order_line_item_id,
        "sku": line.sku,
        "quantityReturned": line.quantity,
        "returnReason": line.reason,
    }
    if not line.disposition:
        return row
    inspection = {
        "conditionCategory": line.condition,
        "dispositionOutcome": line.disposition,
        "warehouseLocationId": line.location or location,
        "note": line.note,
        "inspectedAt": now,
    }
    return row | {"inspection": inspection}
