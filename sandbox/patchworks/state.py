"""What is behind the flow: the ERP's records and stock, the flow's own store of keys, the commerce platform."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.kit.journal import Journal
from sandbox.kit.past import Table
from sandbox.patchworks.commerce import Commerce
from sandbox.patchworks.model import CreditMemo, Item, Move, Order, ReturnAuthorization
from sandbox.patchworks.notes import Operation, Record
from sandbox.patchworks.refusal import Refused

LOCATIONS = {"01": True, "02": True, "DM": False, "QT": False, "HC": False}
"""Location code → whether its stock can be sold. QT quarantine, DM damaged, HC held for the customer."""


class PatchworksWorld:
    """All state, guarded by one lock: take `lock` around anything that reads twice or writes."""

    def __init__(self, locations: dict[str, bool] | None = None) -> None:
        self.lock = threading.RLock()
        self.locations = dict(LOCATIONS if locations is None else locations)
        self.closed_until: date | None = None
        self.items: Table[str, Item] = Table()
        self.orders: Table[str, Order] = Table()
        self.stock: Table[tuple[str, str], int] = Table()
        self.committed: Table[tuple[str, str], int] = Table()
        self.returns: Table[str, ReturnAuthorization] = Table()
        self.memos: Table[str, CreditMemo] = Table()
        self.operations: Table[str, Operation] = Table()
        self.dropped: set[str] = set()
        self._records: dict[tuple[str, str], Record] = {}
        self._returns_of: dict[str, list[str]] = {}
        self._memos_of: dict[str, list[str]] = {}
        self._numbers = {"RA": 4710, "IR": 9200, "CM": 9300, "IA": 500, "IT": 300}

    def next_number(self, series: str) -> str:
        """RA4711, IR9201, CM9301, IA501, IT301 and on."""
        self._numbers[series] += 1
        return f"{series}{self._numbers[series]}"

    # External ids: NetSuite compares them without regard to case, one per record type

    def file(self, kind: str, key: str, number: str, posted_at: str) -> Record:
        """Remember a record under its external id, if it has one (documents made by hand may not)."""
        new = Record(kind, key, str(10_000 + len(self._records)), number, posted_at)
        self._records[kind, key.lower()] = new
        return new

    def record(self, kind: str, key: str) -> Record | None:
        """The record that this operation made under this external id."""
        return self._records.get((kind, key.lower()))

    # Lookups that refuse

    def order(self, number: str, lag: float = 0.0) -> Order:
        if (order := self.orders.get(number, lag)) is None:
            raise Refused("ORDER_NOT_FOUND", f"order {number} is not in the ERP", orderId=number)
        return order

    def item(self, sku: str) -> Item:
        if (item := self.items.get(sku)) is None:
            raise Refused("ITEM_NOT_FOUND", f"item {sku} is not in the ERP", sku=sku)
        return item

    def active_item(self, sku: str) -> Item:
        """An item that new records may name."""
        if not (item := self.item(sku)).active:
            raise Refused("ITEM_NOT_FOUND", f"item {sku} is inactive", sku=sku)
        return item

    def ra(self, number: str, lag: float = 0.0) -> ReturnAuthorization:
        if (found := self.returns.get(number, lag)) is None:
            raise Refused("DOCUMENT_NOT_FOUND", f"return authorization {number} is not in the ERP")
        return found

    def memo(self, number: str) -> CreditMemo:
        if (found := self.memos.get(number)) is None:
            raise Refused("DOCUMENT_NOT_FOUND", f"credit memo {number} is not in the ERP")
        return found

    def refuse_unknown_location(self, code: str) -> None:
        if not code:
            raise Refused("VALIDATION", "Please enter value(s) for: Location.", field="locationId")
        if code not in self.locations:
            text = f"You have entered an Invalid Field Value {code} for the following field: location."
            raise Refused("LOCATION_NOT_FOUND", text, locationId=code)

    def refuse_closed_period(self, day: date) -> None:
        if self.closed_until and day <= self.closed_until:
            raise Refused("PERIOD_CLOSED", f"the accounting period of {day.isoformat()} is closed")

    # Stock

    def on_hand(self, sku: str, location: str, lag: float = 0.0) -> int:
        return self.stock.get((sku, location), lag) or 0

    def available(self, sku: str, location: str, lag: float = 0.0) -> int:
        """Units of a location that an order placed now could get; of a kit, what its components make."""
        if not self.locations[location]:
            return 0
        if (item := self.items.get(sku, lag)) and item.parts:
            return min(self.available(part, location, lag) // per_kit for part, per_kit in item.parts)
        return self.on_hand(sku, location, lag) - (self.committed.get((sku, location), lag) or 0)

    def free(self, sku: str, location: str) -> int:
        """Units that can be moved away, sellable or not."""
        return self.on_hand(sku, location) - (self.committed.get((sku, location)) or 0)

    def move(self, change: Move) -> None:
        key = change.sku, change.location
        self.stock.put(key, self.on_hand(*key) + change.quantity)

    def commit(self, sku: str, location: str, quantity: int) -> None:
        """Promise signed units of a location to an order."""
        self.committed.put((sku, location), (self.committed.get((sku, location)) or 0) + quantity)

    # Records of an order

    def add_return(self, new: ReturnAuthorization) -> None:
        self.returns.put(new.number, new)
        self._returns_of.setdefault(new.order, []).append(new.number)

    def returns_of(self, order: str, lag: float = 0.0) -> list[ReturnAuthorization]:
        """Live authorisations made from an order; standalone ones only refer to it and are not among them."""
        rows = (self.returns.get(number, lag) for number in self._returns_of.get(order, []))
        return [row for row in rows if row and not row.cancelled and not row.standalone]

    def memos_of(self, order: str) -> list[CreditMemo]:
        """Live credit memos of an order."""
        rows = (self.memos[number] for number in self._memos_of.get(order, []))
        return [row for row in rows if not row.voided]

    def add_memo(self, new: CreditMemo) -> None:
        self.memos.put(new.number, new)
        self._memos_of.setdefault(new.order, []).append(new.number)

    def change_invoice(self, order_number: str, invoice: str, change: Decimal) -> None:
        """Add to what is due on one invoice of an order."""
        order = self.orders[order_number]
        rows = (replace(row, due=row.due + change) if row.number == invoice else row for row in order.invoices)
        self.orders.put(order_number, replace(order, invoices=tuple(rows)))


@dataclass(frozen=True)
class Desk:
    """What an operation works with."""

    world: PatchworksWorld
    journal: Journal
    commerce: Commerce
    clock: Callable[[], datetime]

    @property
    def today(self) -> date:
        return self.clock().date()

    @property
    def now(self) -> str:
        """ISO 8601 with Z, whole seconds."""
        return stamp(self.clock())


def stamp(moment: datetime) -> str:
    """ISO 8601 with Z, whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def for_people(world: PatchworksWorld) -> dict[str, Any]:
    """Readable summary as JSON."""
    with world.lock:
        return {
            "orders": {row.number: f"{row.status}{' archived' * row.archived}" for row in world.orders.values()},
            "invoices": {inv.number: str(inv.due) for row in world.orders.values() for inv in row.invoices},
            "returns": {row.number: {"status": row.status, "key": row.key} for row in world.returns.values()},
            "credits": {
                row.number: {"voided": row.voided, "total": str(row.total), "unapplied": str(row.unapplied)}
                for row in world.memos.values()
            },
            "stock": {f"{sku} @ {location}": world.on_hand(sku, location) for sku, location in world.stock},
            "inactive": [item.sku for item in world.items.values() if not item.active],
            "closed_until": world.closed_until.isoformat() if world.closed_until else None,
        }
