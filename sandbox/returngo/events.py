"""From a changed RMA to webhook events on their way. A payload says what happened where; the rest is to be fetched."""

import json
import threading
from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from sandbox.kit.delivery import Deliverer, Event
from sandbox.kit.wanted import DeliveryPolicy
from sandbox.returngo.desk import Told
from sandbox.returngo.model import Json
from sandbox.returngo.store import Store
from sandbox.returngo.wire import instant

EVENT_NAMES = (
    "RMA_CREATED",
    "RMA_STATUS_UPDATED",
    "SHIPMENT_CREATED",
    "SHIPMENT_STATUS_UPDATED",
    "SHIPMENT_TRACKER_STATUS_UPDATED",
    "TRANSACTION_CREATED",
    "REFUND_CREATED",
)
PROMPT = DeliveryPolicy()


class Events:
    """Remembers every event, sent or lost, so that one can be sent again. Ids are ours: the wire has none."""

    def __init__(
        self,
        store: Store,
        deliverer: Deliverer,
        shop_name: str,
        webhook_url: str | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._deliverer = deliverer
        self._shop_name = shop_name
        self._webhook_url = webhook_url
        self._clock = clock
        self._lock = threading.Lock()
        self._events: dict[str, Event] = {}
        self._policies: dict[str, DeliveryPolicy] = {}

    def set_policy(self, rma_id: str, policy: DeliveryPolicy) -> None:
        """How later events of that RMA are delivered."""
        self._policies[rma_id] = policy

    def emit(self, told: Told, rma: Json) -> None:
        """Make an event and send it as its RMA's policy says. Every other one writes the rmaId as a number."""
        summary = rma["rmaSummary"]
        rma_id = str(summary["rmaId"])
        with self._lock:
            number = len(self._events) % 2 == 1
            payload = {
                "eventName": told.name,
                "shopName": self._shop_name,
                "eventDate": instant(self._clock()),
                "rmaId": int(rma_id) if number else rma_id,
                **_details(told, rma),
            }
            event = Event(uuid4().hex, told.name, rma_id, json.dumps(payload).encode(), self._urls(told.name))
            self._events[event.id] = event
        self._deliverer.send(event, self._policies.get(rma_id, PROMPT))

    def resend(self, event_id: str) -> None:
        """Send an event again to its first receivers, byte for byte. KeyError when unknown."""
        with self._lock:
            event = self._events[event_id]
        self._deliverer.send(event, PROMPT)

    def known(self, rma_id: str | None = None) -> list[Event]:
        """All events, or those of one RMA, oldest first."""
        with self._lock:
            return [event for event in self._events.values() if rma_id in (None, event.return_id)]

    def _urls(self, name: str) -> tuple[str, ...]:
        hooks = [hook.url for hook in list(self._store.subscriptions.values()) if hook.event == name]
        return (self._webhook_url, *hooks) if self._webhook_url else tuple(hooks)


def _details(told: Told, rma: Json) -> Json:
    if told.shipment:
        parcel = next(row for row in rma["shipments"] if row["shipmentId"] == told.shipment)
        return {"shipmentId": told.shipment, "status": parcel["status"]}
    if told.transaction:
        return {"transactionId": told.transaction}
    return {"status": rma["rmaSummary"]["status"], **rma["orderDetails"]}
