"""What the emulated Centra knows: items, orders, stock, returns, stock changes, external ids."""

import threading
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sandbox.centra.model import (
    WAREHOUSES,
    Item,
    Order,
    OrderLine,
    Return,
    ReturnLine,
    Shipment,
    ShipmentLine,
    StockChange,
)
from sandbox.kit.journal import Journal
from sandbox.kit.past import Table

SHOWN = ("PENDING", "CONFIRMED", "PROCESSING", "SHIPPED", "CANCELLED")
"""States of orders that come unasked. Archived ones must be asked for; incomplete ones are no orders yet."""


class CentraWorld:
    """All state, guarded by one lock: take `lock` around anything that reads twice or writes."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.items: Table[str, Item] = Table()
        self.orders: Table[int, Order] = Table()
        self.stock: Table[tuple[str, int], int] = Table()
        self.allocated: Table[tuple[str, int], int] = Table()
        self.returns: Table[int, Return] = Table()
        self.changes: Table[int, StockChange] = Table()
        self.external: Table[str, int] = Table()
        """External id → return. A later return with the same id takes it over, without an error."""
        self.customers: dict[str, int] = {}
        self.dropped: set[str] = set()
        self.partly: dict[int, int] = {}
        """Order → how many of its next returns leave a unit out."""
        self._variants: dict[tuple[str, str], int] = {}
        self._ids = {
            "item": 5100, "variant": 2100, "shipment": 1337, "shipment line": 2942, "return": 314, "return line": 554,
            "change": 870, "order": 500_000, "customer": 3,
        }  # fmt: skip

    def next_id(self, kind: str) -> int:
        self._ids[kind] += 1
        return self._ids[kind]

    def variant_id(self, product: str, variant: str) -> int:
        if (product, variant) not in self._variants:
            self._variants[product, variant] = self.next_id("variant")
        return self._variants[product, variant]

    def customer_id(self, code: str) -> int:
        """The number of a customer that a seed names by a code of its own."""
        if code not in self.customers:
            self.customers[code] = self.next_id("customer")
        return self.customers[code]

    def item_by_id(self, number: int) -> Item | None:
        return next((item for item in self.items.values() if item.id == number), None)

    def order_by_id(self, order_id: str, lag: float = 0.0) -> Order | None:
        return next((order for order in self.orders.values(lag) if order.id == order_id), None)

    def live_returns(self, lag: float = 0.0) -> list[Return]:
        """Oldest first, deleted ones left out."""
        return [row for row in self.returns.values(lag) if not row.deleted]

    def returns_of(self, order: int, lag: float = 0.0) -> list[Return]:
        return [row for row in self.live_returns(lag) if row.order == order]

    def find_return(self, number: int, lag: float = 0.0) -> Return | None:
        found = self.returns.get(number, lag)
        return None if found is None or found.deleted else found

    def external_id(self, row: Return, lag: float = 0.0) -> str:
        """The external id that leads to this return now; empty when another return took it over."""
        return row.external_id if row.external_id and self.external.get(row.external_id, lag) == row.id else ""

    def shipments(self, lag: float = 0.0) -> Iterator[tuple[Order, Shipment]]:
        return ((order, shipment) for order in self.orders.values(lag) for shipment in order.shipments)

    def held(self, order: int) -> Iterator[ReturnLine]:
        """Lines of all live returns of an order."""
        return chain.from_iterable(row.lines for row in self.returns_of(order))

    def free_units(self, order: Order, line: OrderLine) -> list[int]:
        """Numbers of the units that no live return holds, lowest first."""
        taken = {unit for row in self.held(order.number) if row.order_line == line.id for unit in row.units}
        return [unit for unit in range(line.returned + 1, line.quantity + 1) if unit not in taken]

    def returnable(self, order: Order, row: ShipmentLine) -> int:
        """Units of a shipment line that no live return holds."""
        held = sum(len(line.units) for line in self.held(order.number) if line.shipment_line == row.id)
        line = order.line(row.order_line)
        return min(row.quantity - held, len(self.free_units(order, line)) if line else 0)

    def returned(self, order: Order, line: OrderLine, lag: float = 0.0) -> int:
        """Units of an order line on completed returns."""
        done = (row for row in self.returns_of(order.number, lag) if row.completed)
        lines = chain.from_iterable(row.lines for row in done)
        return line.returned + sum(len(row.units) for row in lines if row.order_line == line.id)

    def physical(self, sku: str, warehouse: int, lag: float = 0.0) -> int:
        return self.stock.get((sku, warehouse), lag) or 0

    def available(self, sku: str, warehouse: int, lag: float = 0.0) -> int:
        """Physical units that no order has been promised."""
        return self.physical(sku, warehouse, lag) - (self.allocated.get((sku, warehouse), lag) or 0)

    def sellable(self, sku: str) -> int:
        """Available units of all warehouses that orders take stock from."""
        return sum(self.available(sku, number) for number, (_, sells) in WAREHOUSES.items() if sells)

    def move(self, sku: str, warehouse: int, quantity: int) -> None:
        """Add signed units to a warehouse."""
        self.stock.put((sku, warehouse), self.physical(sku, warehouse) + quantity)

    def promise(self, sku: str, warehouse: int, quantity: int) -> None:
        """Add signed units to what is set aside for orders."""
        self.allocated.put((sku, warehouse), (self.allocated.get((sku, warehouse)) or 0) + quantity)

    def for_people(self) -> dict[str, Any]:
        """Readable summary as JSON."""
        with self.lock:
            return {
                "orders": {str(row.number): row.status for row in self.orders.values()},
                "returns": {
                    str(row.id): {
                        "status": "COMPLETED" if row.completed else "PENDING",
                        "external_id": self.external_id(row),
                        "total": str(row.total),
                    }
                    for row in self.live_returns()
                },
                "stock": {f"{sku} @ {number}": self.physical(sku, number) for sku, number in self.stock},
                "inactive": [item.sku for item in self.items.values() if not item.active],
            }


@dataclass(frozen=True)
class Desk:
    """What a mutation works with."""

    world: CentraWorld
    journal: Journal
    clock: Callable[[], datetime]
    shipping_charges: Collection[str]
