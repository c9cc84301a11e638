"""ReturnGO's API of one shop: what each call does. Paths and wiring are in app.py."""

from typing import Any

from sandbox.returngo.actions import API, Actions
from sandbox.returngo.call import Call, text_of
from sandbox.returngo.errors import bad, not_found
from sandbox.returngo.events import EVENT_NAMES
from sandbox.returngo.model import Json, Verdict
from sandbox.returngo.pages import Column, page, sorting, time_filter
from sandbox.returngo.store import Store, Subscription
from sandbox.returngo.till import Till
from sandbox.returngo.transitions import MOVES, SHIPMENT_MOVES
from sandbox.returngo.wire import shipment_json, transaction_json

SHIPMENT_FIELDS = {
    "carrierName": "carrier",
    "trackingNumber": "tracking_number",
    "trackingURL": "tracking_url",
    "labelURL": "label_url",
}


class Api:
    """Handlers answer the body of a 200, and raise `Refused` for everything else."""

    def __init__(self, store: Store, actions: Actions, till: Till) -> None:
        self._store = store
        self._actions = actions
        self._till = till

    def list_rmas(self, call: Call) -> Json:
        """Summaries. 400 for `customer_ids`, which is not emulated: its filter would say something wrong."""
        created, updated = time_filter(call, "rma_created_at"), time_filter(call, "rma_updated_at")
        statuses, names, tracks = (call.listed(name) for name in ("status", "order_name", "tracking_numbers"))
        if call.query("customer_ids"):
            raise bad("customer_ids is not emulated")
        if statuses and not statuses <= MOVES.keys():
            raise bad("Invalid status")
        rows = [row for row in self._store.read_all(call.lag) if created(row["createdAt"]) and updated(_updated(row))]
        rows = [row for row in rows if statuses is None or row["rmaSummary"]["status"] in statuses]
        rows = [row for row in rows if names is None or row["rmaSummary"]["order_name"] in names]
        rows = [row for row in rows if tracks is None or _tracks(row) & tracks]
        columns: dict[str, Column] = {"rma_created_at": _created, "rma_updated_at": _updated}
        found = page(call, rows, sorting(call, columns, _rma_number), "rmas")
        return found | {"rmas": [row["rmaSummary"] for row in found["rmas"]]}

    def get_rma(self, call: Call) -> Json:
        return self._store.read(call.path("rmaId"), call.lag)

    def put_status(self, call: Call) -> Json:
        """Body `{"status", "items"?}`; `items` go with `Validated` only, and are taken after `Done` too."""
        rma_id, body = call.path("rmaId"), call.object()
        self._store.get(rma_id)
        status, items = body.get("status"), body.get("items")
        if not isinstance(status, str) or status not in MOVES:
            raise bad("Invalid status")
        if items is None or items == []:
            self._actions.move(rma_id, status, API)
        elif status != "Validated" or not isinstance(items, list):
            raise bad("Invalid items")
        else:
            self._actions.validate(rma_id, [_verdict(item) for item in items], API)
        summary: Json = self._store.read(rma_id)["rmaSummary"]
        return summary

    def add_comment(self, call: Call) -> Json:
        """Body `{"htmlText"}`."""
        rma_id = call.path("rmaId")
        self._store.get(rma_id)
        text = text_of(call.object(), "htmlText")
        if not text or not text.strip():
            raise bad("htmlText is required")
        return self._actions.comment(rma_id, text)

    def put_shipment(self, call: Call) -> Json:
        """Body `{"status", "carrierName", "trackingNumber", "trackingURL", "labelURL"}`; absent fields stay."""
        shipment_id, body = call.path("shipmentId"), call.object()
        _, parcel = self._store.shipment(shipment_id)
        status = text_of(body, "status") or parcel.status
        if status not in SHIPMENT_MOVES:
            raise bad("Invalid status")
        fields = {ours: text_of(body, theirs) for theirs, ours in SHIPMENT_FIELDS.items() if theirs in body}
        return shipment_json(*self._actions.set_shipment(shipment_id, status, fields))

    def list_transactions(self, call: Call) -> Json:
        """The transactions of all RMAs; here an id is a number."""
        created, updated = time_filter(call, "created_at"), time_filter(call, "updated_at")
        by_rma, by_order = call.listed("rma_ids"), call.listed("order_ids")
        wanted = {field: call.listed(f"{field}s" if field != "status" else "statuses") for field in _FIELDS}
        rmas = [row for row in self._store.read_all(call.lag) if by_rma is None or row["rmaSummary"]["rmaId"] in by_rma]
        rmas = [row for row in rmas if by_order is None or row["orderDetails"]["orderId"] in by_order]
        rows = [money for row in rmas for money in row["transactions"]]
        rows = [row for row in rows if created(row["createdAt"]) and updated(_updated(row))]
        rows = [row for row in rows if all(told is None or row[field] in told for field, told in wanted.items())]
        return page(call, [row | {"id": int(row["id"])} for row in rows], [(_number, 1)], "transactions")

    def put_transaction(self, call: Call) -> Json:
        """Body `{"status", "externalReferenceId"?, "externalReferenceType"?}`. Nothing is created here."""
        transaction_id, body = call.path("transactionId"), call.object()
        with self._store.lock:
            rma, transaction = self._store.transaction(transaction_id)
            status = text_of(body, "status") or ""
            references = text_of(body, "externalReferenceId"), text_of(body, "externalReferenceType")
            self._till.set_status(transaction_id, status, *references)
            return transaction_json(rma, transaction)

    def create_webhook(self, call: Call) -> Json:
        """Body `{"url", "eventName"}`. The URL is not looked at."""
        return self._register(self._store.ids.webhook(), call)

    def list_webhooks(self, call: Call) -> list[Json]:
        return [webhook_json(hook) for hook in list(self._store.subscriptions.values())]

    def put_webhook(self, call: Call) -> Json:
        return self._register(self._known_webhook(call), call)

    def delete_webhook(self, call: Call) -> Json:
        """The answer is the registration that is gone."""
        return webhook_json(self._store.subscriptions.pop(self._known_webhook(call)))

    def _register(self, webhook_id: str, call: Call) -> Json:
        body = call.object()
        url, name = text_of(body, "url"), text_of(body, "eventName")
        if not url or name not in EVENT_NAMES:
            raise bad("Invalid eventName" if url else "url is required")
        hook = Subscription(webhook_id, url, str(name))
        self._store.subscriptions[webhook_id] = hook
        return webhook_json(hook)

    def _known_webhook(self, call: Call) -> str:
        webhook_id = call.path("webhookId")
        if webhook_id not in self._store.subscriptions:
            raise not_found("A webhook")
        return webhook_id


_FIELDS = ("status", "type", "processor", "id")
"""Of a transaction, each with a filter of its name in the plural."""


def webhook_json(hook: Subscription) -> Json:
    """A webhook as registered: no secret, nothing to sign with."""
    return {"id": hook.id, "url": hook.url, "eventName": hook.event}


def _verdict(item: object) -> Verdict:
    """One entry of `items`. 400 when a yes or no is missing. What did not come back cannot be restocked."""
    if not isinstance(item, dict):
        raise bad("Invalid items")
    returned, restockable = (_flag(item, name) for name in ("isReturned", "isRestockable"))
    reason = text_of(item, "nonRestockableReason" if returned else "nonReturnedReason") or ""
    return Verdict(
        item_id=str(item.get("returnedItemId")),
        returned=returned,
        restockable=returned and restockable,
        reason="" if returned and restockable else reason,
        location=text_of(item, "storeLocationId") or "",
    )


def _flag(item: Json, name: str) -> bool:
    value: Any = item.get(name)
    if value not in (True, False) or not isinstance(value, int):
        raise bad(f"Invalid {name}")
    return bool(value)


def _created(row: Json) -> str:
    return str(row["createdAt"])


def _updated(row: Json) -> str:
    return str(row["lastUpdated"])


def _rma_number(row: Json) -> int:
    return int(row["rmaSummary"]["rmaId"])


def _number(row: Json) -> int:
    return int(row["id"])


def _tracks(row: Json) -> set[str]:
    return {shipment["trackingNumber"] for shipment in row["shipments"]}
