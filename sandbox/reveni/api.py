"""Reveni's API of one store: what each call does. Paths and wiring are in app.py."""

from typing import Any
from urllib.parse import urlsplit

from sandbox.reveni.actions import Actions
from sandbox.reveni.call import Call
from sandbox.reveni.errors import invalid, not_found
from sandbox.reveni.inspection import parse_inspection
from sandbox.reveni.model import Json
from sandbox.reveni.pages import page, parse_time, time_filter
from sandbox.reveni.store import Store, Subscription, new_id
from sandbox.reveni.transitions import STATUSES
from sandbox.reveni.wire import order_json

EVENT_TYPES = ("return.created", "return.updated")

Answer = tuple[int, Any]
"""Status and JSON body; None is no body."""


class Api:
    """Handlers raise `Refused` for every answer that is not a success."""

    def __init__(self, store: Store, actions: Actions) -> None:
        self._store = store
        self._actions = actions

    def get_return(self, call: Call) -> Answer:
        return 200, self._store.read(call.path("return_id"), call.lag)

    def list_returns(self, call: Call) -> Answer:
        """`updated_after` is inclusive; least recently updated first."""
        since, status = time_filter(call, "updated_after"), call.query("status")
        if status is not None and status not in STATUSES:
            raise invalid("status", f"Select a valid choice. {status} is not one of the available choices.")
        rows = [row for row in self._store.read_all(call.lag) if status in (None, row["status"])]
        rows = [row for row in rows if since is None or row["updated_at"] >= since]
        return 200, page(call, sorted(rows, key=lambda row: (row["updated_at"], row["id"])))

    def patch_return(self, call: Call) -> Answer:
        """Body `{"status", "received_at"?}`."""
        body, return_id = _object(call), call.path("return_id")
        self._store.get(return_id)
        status = body.get("status")
        if status is None:
            raise invalid("status", "This field is required.")
        if status not in STATUSES:
            raise invalid("status", f'"{status}" is not a valid choice.')
        if body.get("received_at") is not None:
            parse_time("received_at", body["received_at"])
        self._actions.move(return_id, status)
        return 200, self._store.read(return_id)

    def partial_validate(self, call: Call) -> Answer:
        return_id = call.path("return_id")
        self._store.get(return_id)
        self._actions.inspect(return_id, parse_inspection(call.json()))
        return 200, self._store.read(return_id)

    def add_note(self, call: Call) -> Answer:
        return_id = call.path("return_id")
        self._store.get(return_id)
        text = _object(call).get("text")
        if not isinstance(text, str) or not text.strip():
            raise invalid("text", "This field may not be blank." if text == "" else "This field is required.")
        return 201, self._actions.note(return_id, text)

    def list_refunds(self, call: Call) -> Answer:
        """`created_after` and `created_before` are inclusive; oldest first."""
        after, before = time_filter(call, "created_after"), time_filter(call, "created_before")
        refunds = [refund for row in self._store.read_all(call.lag) for refund in row["refunds"]]
        refunds = [row for row in refunds if after is None or row["created_at"] >= after]
        refunds = [row for row in refunds if before is None or row["created_at"] <= before]
        return 200, page(call, sorted(refunds, key=lambda row: (row["created_at"], row["id"])))

    def get_order(self, call: Call) -> Answer:
        return 200, order_json(self._store.order(call.path("order_id")))

    def list_orders(self, call: Call) -> Answer:
        wanted = call.query("external_id")
        orders = [order for order in self._store.orders() if wanted in (None, order.external_id)]
        return 200, page(call, [order_json(order) for order in orders])

    def create_webhook(self, call: Call) -> Answer:
        """Body `{"event_types": [...], "url": "..."}`."""
        body = _object(call)
        types, url = body.get("event_types"), body.get("url")
        if not isinstance(types, list) or not types:
            raise invalid("event_types", "This list may not be empty.")
        if unknown := [name for name in types if name not in EVENT_TYPES]:
            raise invalid("event_types", *(f'"{name}" is not a valid choice.' for name in unknown))
        if not isinstance(url, str) or not _is_url(url):
            raise invalid("url", "Enter a valid URL.")
        hook = Subscription(new_id(), url, tuple(types))
        self._store.subscriptions[hook.id] = hook
        return 201, webhook_json(hook)

    def list_webhooks(self, call: Call) -> Answer:
        return 200, [webhook_json(hook) for hook in list(self._store.subscriptions.values())]

    def delete_webhook(self, call: Call) -> Answer:
        if self._store.subscriptions.pop(call.path("webhook_id"), None) is None:
            raise not_found()
        return 204, None


def webhook_json(hook: Subscription) -> Json:
    """A webhook as registered: `{id, url, event_types}`."""
    return {"id": hook.id, "url": hook.url, "event_types": list(hook.event_types)}


def _object(call: Call) -> Json:
    body = call.json()
    if not isinstance(body, dict):
        raise invalid("non_field_errors", f"Invalid data. Expected a dictionary, but got {type(body).__name__}.")
    return body


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
