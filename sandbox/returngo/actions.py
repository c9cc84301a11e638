"""Everything that happens to an RMA but its money: by the shopper, the dashboard or the API.

Each change stamps `lastUpdated`, is journaled and becomes readable; only some are told by a webhook.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from sandbox.kit.wanted import ItemEdit, ItemSpec, ReturnSpec
from sandbox.returngo.desk import Desk, Told
from sandbox.returngo.editing import edit
from sandbox.returngo.errors import bad
from sandbox.returngo.model import Item, Json, Rma, Shipment, Validation, Verdict
from sandbox.returngo.opening import open_rma
from sandbox.returngo.till import Till
from sandbox.returngo.transitions import (
    SHIPMENT_MOVES,
    VALIDATING,
    check_move,
    check_shipment_move,
    illegal,
)
from sandbox.returngo.wire import instant

DASHBOARD, API, PORTAL = "Dashboard", "API", "Return Portal"
"""Where a change comes from."""


class Actions:
    """The rules of a shop at work. Thread safe."""

    def __init__(self, desk: Desk, till: Till) -> None:
        self._desk = desk
        self._store = desk.store
        self._till = till

    def add(self, spec: ReturnSpec, announce: Callable[[str], None]) -> Rma:
        """A customer asks for a return; `announce` gets its id before the first event. Some are approved at once."""
        with self._store.lock:
            now = self._desk.clock()
            rma = open_rma(spec, self._store.ids.rma(), self._store.ids.item, now)
            announce(rma.id)
            rma.comments.append(self._comment("system", "", "Request SUBMITTED"))
            rma.events.append(self._event("RMA_CREATED", PORTAL))
            self._journal(rma, "return_created", order=rma.order_id, items=[_line(item) for item in rma.items])
            self._journal_kept(rma, [item for item in rma.items if item.kept])
            self._desk.changed(rma, [Told("RMA_CREATED")])
            if spec.status == "in_progress":
                self.move(rma.id, "Approved", DASHBOARD)
            return rma

    def move(self, rma_id: str, target: str, via: str) -> None:
        """Go to another status. The present one is no change; 400 when not allowed."""
        with self._store.lock:
            rma = self._store.get(rma_id)
            if rma.status == target:
                return
            check_move(rma, target)
            told = self._status(rma, target, via)
            self._desk.changed(rma, told + self._till.follow(rma))

    def validate(self, rma_id: str, verdicts: Sequence[Verdict], via: str) -> None:
        """Take verdicts, whole or not at all, again and again; a repeated one changes nothing.

        The RMA is `Validated` once every unit that must come back is. 400 in another status, for an unknown item, or
        for one that stays with the customer.
        """
        with self._store.lock:
            rma = self._store.get(rma_id)
            if rma.status not in VALIDATING:
                raise illegal()
            items = {item.id: item for item in rma.items}
            for verdict in verdicts:
                _check(items, verdict)
            verdicts = [replace(said, restockable=said.returned and said.restockable) for said in verdicts]
            fresh = [verdict for verdict in verdicts if _is_news(items[verdict.item_id], verdict)]
            for verdict in fresh:
                self._decide(rma, items[verdict.item_id], verdict, via)
            told: list[Told] = []
            if rma.status == "Received" and rma.all_decided:
                told = self._status(rma, "Validated", via)
            if fresh or told:
                self._desk.changed(rma, told + self._till.follow(rma))

    def edit(self, rma_id: str, change: Sequence[ItemEdit], remove: Sequence[str], add: Sequence[ItemSpec]) -> None:
        """The merchant edits undecided items; the money due follows."""
        with self._store.lock:
            rma = self._store.get(rma_id)
            kept = edit(rma, change, remove, add, self._store.ids.item)
            self._journal(rma, "return_edited", items=[_line(item) for item in rma.items])
            self._journal_kept(rma, kept)
            told: list[Told] = []
            if rma.status == "Received" and rma.all_decided:
                told = self._status(rma, "Validated", DASHBOARD)
            self._desk.changed(rma, told + self._till.follow(rma))

    def look(self, rma_id: str) -> None:
        """Somebody looks at a received RMA. ReturnGO has no word for it: nothing changes. 400 in another status."""
        with self._store.lock:
            if self._store.get(rma_id).status != "Received":
                raise illegal()

    def ship(self, rma_id: str) -> None:
        """The customer hands the parcel over. 400 when there is none, or it has arrived."""
        with self._store.lock:
            rma = self._store.get(rma_id)
            if not rma.shipments:
                raise illegal()
            parcel = rma.shipments[-1]
            track = f"TRK-{parcel.id}"
            known = {"carrier": "Carrier", "tracking_number": track, "tracking_url": f"https://example.com/t/{track}"}
            self.set_shipment(parcel.id, "Shipped", known)

    def set_shipment(self, shipment_id: str, status: str, fields: dict[str, Any]) -> tuple[Rma, Shipment]:
        """Set a parcel's status and what is known of it; the present status changes the rest only.

        Only the parcel moves: the RMA's status is another thing.
        """
        with self._store.lock:
            rma, parcel = self._store.shipment(shipment_id)
            if status != parcel.status:
                check_shipment_move(parcel.status, status)
            for name, value in fields.items():
                setattr(parcel, name, value)
            told = self._parcel(rma, parcel, status) if status != parcel.status else []
            self._desk.changed(rma, told)
            return rma, parcel

    def comment(self, rma_id: str, text: str) -> Json:
        """Add a merchant's comment to the timeline, and return it."""
        with self._store.lock:
            rma = self._store.get(rma_id)
            comment = self._comment("merchant", API, text)
            rma.comments.append(comment)
            self._journal(rma, "comment_added")
            self._desk.changed(rma)
            return comment

    def add_exchange_order(self, rma_id: str, order_id: str, name: str, kind: str) -> None:
        """ReturnGO made an order in the shop: the new goods, or (`Fee`) what it charges. Empty text becomes null."""
        with self._store.lock:
            rma = self._store.get(rma_id)
            order = {"draftOrderId": self._store.ids.draft(), "orderId": order_id or None, "orderName": name or None}
            rma.exchange_orders.append(order | {"type": kind})
            self._journal(rma, "exchange_order_added", order=order_id, type=kind)
            self._desk.changed(rma)

    def _status(self, rma: Rma, target: str, via: str) -> list[Told]:
        was, rma.status = rma.status, target
        rma.events.append(self._event("RMA_REOPENED" if target == "Pending" else f"RMA_{target.upper()}", via))
        self._journal(rma, "status_changed", was=was, status=target)
        told = [Told("RMA_STATUS_UPDATED")]
        if target == "Approved" and rma.needs_shipment and not any(p.status != "Canceled" for p in rma.shipments):
            rma.shipments.append(Shipment(self._store.ids.shipment()))
            told.append(Told("SHIPMENT_CREATED", shipment=rma.shipments[-1].id))
        if target == "Canceled":
            self._journal(rma, "return_cancelled")
            self._till.call_off(rma)
        if target in ("Received", "Validated", "Canceled"):
            for parcel in rma.shipments:
                if target in SHIPMENT_MOVES[parcel.status] and parcel.status != "Canceled":
                    told += self._parcel(rma, parcel, target)
        return told

    def _parcel(self, rma: Rma, parcel: Shipment, status: str) -> list[Told]:
        parcel.status = status
        self._journal(rma, "shipment_changed", shipment_id=parcel.id, status=status)
        return [Told("SHIPMENT_STATUS_UPDATED", shipment=parcel.id)]

    def _decide(self, rma: Rma, item: Item, verdict: Verdict, via: str) -> None:
        item.validation = Validation(verdict, self._desk.clock(), via)
        found = {"status": "rejected" if item.rejected else "accepted", "restockable": verdict.restockable}
        self._journal(rma, "item_decided", **_line(item), **found, location=verdict.location)

    def _event(self, name: str, via: str) -> Json:
        head = {"eventName": name, "eventDate": instant(self._desk.clock()), "triggeredVia": via}
        return head | {"storeLocationId": "online", "userDetails": None}

    def _comment(self, kind: str, by: str, text: str) -> Json:
        now = instant(self._desk.clock())
        return {"commentType": kind, "triggeredBy": by, "htmlText": text, "datetime": now}

    def _journal_kept(self, rma: Rma, items: list[Item]) -> None:
        for item in items:
            self._journal(rma, "item_kept", **_line(item))

    def _journal(self, rma: Rma, op: str, **data: Any) -> None:
        self._desk.journal.append(op, return_id=rma.id, **data)


def _check(items: dict[str, Item], verdict: Verdict) -> None:
    if verdict.item_id not in items:
        raise bad(f"Unknown returnedItemId {verdict.item_id}")
    if items[verdict.item_id].kept:
        raise bad(f"Item {verdict.item_id} needs no shipment and is not validated")


def _is_news(item: Item, verdict: Verdict) -> bool:
    return item.validation is None or item.validation.verdict != verdict


def _line(item: Item) -> Json:
    return {"item_id": item.id, "external_id": item.line_id, "sku": item.sku, "quantity": 1}
