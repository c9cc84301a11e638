"""What the emulated Prima knows: items, orders, stock and the documents it has posted."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sandbox.kit.journal import Journal
from sandbox.kit.past import Table
from sandbox.prima.model import Adjustment, Credit, Item, Order, Receipt, Return, Sku, Transfer
from sandbox.prima.refusal import Refused

DEPOTS = {"01": True, "02": True, "QT": False, "DM": False, "HC": False}
"""Depot code → sellable. QT quarantine, DM damaged, HC held for the customer."""

EXCHANGE_TYPE = "EX"
"""Order type of exchanges: the invoice is over nothing, the order carries the value of the one before it."""


class PrimaWorld:
    """All state, guarded by one lock: take `lock` around anything that reads twice or writes."""

    def __init__(self, depots: dict[str, bool] | None = None) -> None:
        self.lock = threading.RLock()
        self.depots = dict(DEPOTS if depots is None else depots)
        self.closed_until: date | None = None
        self.dropped: set[Sku] = set()
        self.items: Table[Sku, Item] = Table()
        self.orders: Table[str, Order] = Table()
        self.stock: Table[tuple[Sku, str], int] = Table()
        self.allocated: Table[tuple[Sku, str], int] = Table()
        self.returns: Table[str, Return] = Table()
        self.receipts: Table[str, Receipt] = Table()
        self.transfers: Table[str, Transfer] = Table()
        self.adjustments: Table[str, Adjustment] = Table()
        self.credits: Table[str, Credit] = Table()
        self.customers: set[str] = set()
        self._returns_of: dict[str, list[str]] = {}
        self._credits_of: dict[str, list[str]] = {}
        self._keys: dict[tuple[str, str], str] = {}
        self._numbers = {"R": 4710, "G": 980, "T": 300, "A": 500, "CN": 20116, "CR": 700}

    def next_number(self, series: str) -> str:
        """R0004711, G000981, T000301, A000501, CN0020117, CR000701 and on."""
        self._numbers[series] += 1
        width = {"R": 7, "CN": 7}.get(series, 6)
        return f"{series}{self._numbers[series]:0{width}d}"

    def claim_key(self, message: str, tpguid: str, number: str) -> None:
        self._keys[message, tpguid] = number

    def number_by_key(self, message: str, tpguid: str) -> str | None:
        return self._keys.get((message, tpguid))

    def refuse_known_key(self, message: str, tpguid: str) -> None:
        """Refused with DUP when a document of this type carries the key. About half the texts name it."""
        if number := self.number_by_key(message, tpguid):
            named = f" by {number}" if sum(tpguid.encode()) % 2 else ""
            raise Refused(f"TPGUID {tpguid} already used{named}", "DUP")

    def refuse_known_order(self, number: str) -> None:
        if number in self.orders:
            raise Refused(f"Order {number} already exists", "DUP")

    def refuse_closed_period(self, day: date) -> None:
        if self.closed_until and day <= self.closed_until:
            raise Refused(f"Posting period of {day.isoformat()} is closed", "PERIOD")

    def refuse_unknown_depot(self, code: str) -> None:
        if code not in self.depots:
            raise Refused(f"Depot {code} does not exist", "DEPOT")

    def order(self, number: str) -> Order:
        if (order := self.orders.get(number)) is None:
            raise Refused(f"Order {number} not found", "NOTFOUND")
        return order

    def item(self, sku: Sku) -> Item:
        if (item := self.items.get(sku)) is None:
            raise Refused(f"Product {sku} not found", "SKU")
        return item

    def physical(self, sku: Sku, depot: str, lag: float = 0.0) -> int:
        return self.stock.get((sku, depot), lag) or 0

    def available(self, sku: Sku, depot: str, lag: float = 0.0) -> int:
        """Physical units of a depot that no order has been promised."""
        return self.physical(sku, depot, lag) - (self.allocated.get((sku, depot), lag) or 0)

    def sellable(self, sku: Sku, lag: float = 0.0) -> int:
        """Available units of all depots that sell."""
        return sum(self.available(sku, depot, lag) for depot, sells in self.depots.items() if sells)

    def move(self, sku: Sku, depot: str, quantity: int) -> None:
        """Add signed units to a depot."""
        self.stock.put((sku, depot), self.physical(sku, depot) + quantity)

    def add_return(self, new: Return) -> None:
        self.returns.put(new.number, new)
        self._returns_of.setdefault(new.order, []).append(new.number)
        self.claim_key("NewReturn", new.tpguid, new.number)

    def add_credit(self, new: Credit) -> None:
        """Known by its key when it has one: notes made by hand need none."""
        self.credits.put(new.number, new)
        self._credits_of.setdefault(new.order, []).append(new.number)
        if new.tpguid:
            self.claim_key("NewCreditNote", new.tpguid, new.number)

    def credited(self, order: str) -> Decimal:
        """Total of the live credit notes of an order."""
        notes = (self.credits[number] for number in self._credits_of.get(order, []))
        return sum((note.total for note in notes if not note.reversal), Decimal(0))

    def returns_of(self, order: str) -> list[Return]:
        """Returns linked to an order, cancelled ones too."""
        return [self.returns[number] for number in self._returns_of.get(order, [])]

    def count_returned(self, number: str, line: int, quantity: int) -> None:
        """Add to the returned quantity of an order line."""
        order = self.orders[number]
        lines = (replace(row, returned=row.returned + (quantity if row.line == line else 0)) for row in order.lines)
        self.orders.put(number, replace(order, lines=tuple(lines)))

    def for_people(self) -> dict[str, Any]:
        """Readable summary as JSON."""
        with self.lock:
            return {
                "orders": {row.number: f"{row.status}{' archived' * row.archived}" for row in self.orders.values()},
                "returns": {row.number: {"status": row.status, "tpguid": row.tpguid} for row in self.returns.values()},
                "credits": {
                    row.number: {"status": row.status, "total": str(row.total)} for row in self.credits.values()
                },
                "stock": {f"{sku} @ {depot}": self.physical(sku, depot) for sku, depot in self.stock},
                "inactive": [str(item.sku) for item in self.items.values() if not item.active],
                "closed_until": self.closed_until.isoformat() if self.closed_until else None,
            }


@dataclass(frozen=True)
class Desk:
    """What a message handler works with."""

    world: PrimaWorld
    journal: Journal
    today: Callable[[], date]
