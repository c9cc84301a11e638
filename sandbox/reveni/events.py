"""From a changed return to webhook events on their way."""

import json
import threading
from collections.abc import Callable
from datetime import datetime

from sandbox.kit.delivery import Deliverer, Event
from sandbox.kit.wanted import DeliveryPolicy
from sandbox.reveni.model import Json
from sandbox.reveni.store import Store, new_id
from sandbox.reveni.wire import envelope

PROMPT = DeliveryPolicy()


class Events:
    """Remembers every event, sent or lost, so that one can be sent again."""

    def __init__(
        self, store: Store, deliverer: Deliverer, webhook_url: str | None, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._deliverer = deliverer
        self._webhook_url = webhook_url
        self._clock = clock
        self._lock = threading.Lock()
        self._events: dict[str, Event] = {}
        self._policies: dict[str, DeliveryPolicy] = {}

    def set_policy(self, return_id: str, policy: DeliveryPolicy) -> None:
        """How later events of that return are delivered."""
        self._policies[return_id] = policy

    def emit(self, name: str, ret: Json) -> None:
        """Make an event of a return's JSON and send it as its policy says."""
        event_id, return_id = new_id(), str(ret["id"])
        body = json.dumps(envelope(event_id, name, self._clock(), ret), ensure_ascii=False).encode()
        event = Event(event_id, name, return_id, body, self._urls(name))
        with self._lock:
            self._events[event_id] = event
        self._deliverer.send(event, self._policies.get(return_id, PROMPT))

    def resend(self, event_id: str) -> None:
        """Send an event again to its first receivers: same id, fresh signature. KeyError when unknown."""
        with self._lock:
            event = self._events[event_id]
        self._deliverer.send(event, PROMPT)

    def known(self, return_id: str | None = None) -> list[Event]:
        """All events, or those of one return, oldest first."""
        with self._lock:
            return [event for event in self._events.values() if return_id in (None, event.return_id)]

    def _urls(self, name: str) -> tuple[str, ...]:
        hooks = [hook.url for hook in list(self._store.subscriptions.values()) if name in hook.event_types]
        return (self._webhook_url, *hooks) if self._webhook_url else tuple(hooks)
