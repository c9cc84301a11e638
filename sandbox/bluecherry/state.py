"""What the emulated BlueCherry knows, and what of it the read API may show: the state after the last window."""

import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sandbox.bluecherry.model import Claim, Item, Memo, Moment, Order, Ra, Sku
from sandbox.bluecherry.money import write_amount
from sandbox.bluecherry.refusal import Refused
from sandbox.kit.journal import Journal
from sandbox.kit.past import Table

WAREHOUSES = {"01": "A", "02": "A", "DM": "C", "QT": "B", "HC": "B"}
"""Warehouse → grade of the goods in it when nothing else is said. QT quarantine, DM damaged, HC held."""

GRADES = ("A", "B", "C")
SELLABLE = "A"
JUST_AFTER = 1e-6


class World:
    """All state, guarded by one lock: take `lock` around anything that reads twice or writes.

    Rows are written at once and read by documents as they are. The read API sees them as of the last `publish`.
    """

    def __init__(self, division: str, closed_until: date | None) -> None:
        self.lock = threading.RLock()
        self.division = division
        self.closed_until = closed_until
        self.customers: set[str] = set()
        self.claims: dict[tuple[str, str], Claim] = {}
        self.batches: set[str] = set()
        self.items: Table[Sku, Item] = Table(self._now)
        self.orders: Table[str, Order] = Table(self._now)
        self.stock: Table[tuple[str, Sku, str], int] = Table(self._now)
        self.allocated: Table[tuple[str, Sku], int] = Table(self._now)
        self.returns: Table[str, Ra] = Table(self._now)
        self.memos: Table[str, Memo] = Table(self._now)
        self._numbers = {"RA": 9120, "RC": 4410, "AJ": 310, "CM": 20115, "CV": 700, "SO": 771200}
        self._moments: list[Moment] = []
        self._floor = 0.0
        self._frozen: float | None = None

    def publish(self, at: datetime) -> None:
        """From now on the read API shows what is known now."""
        with self.lock:
            moment = Moment(self._now(), f"{at:%Y%m%d%H%M%S}")
            self._floor = moment.at + JUST_AFTER
            self._moments.append(moment)

    @contextmanager
    def published(self, seconds_ago: float = 0.0) -> Iterator[tuple[float, str]]:
        """What the read API shows, or showed then: the lag for tables, and `asOf`. Time stands still inside."""
        with self.lock:
            now = self._now()
            shown = bisect_right([moment.at for moment in self._moments], now - seconds_ago)
            moment = self._moments[shown - 1] if shown else Moment(0.0, "")
            self._frozen = now
            try:
                # rows written at the very moment itself are shown
                yield now - moment.at - JUST_AFTER / 2, moment.as_of
            finally:
                self._frozen = None

    def next_number(self, series: str) -> str:
        """RA0009121, RC0004411, AJ0000311, CM0020116, CV0000701, SO771201 and on."""
        self._numbers[series] += 1
        return f"{series}{self._numbers[series]:0{6 if series == 'SO' else 7}d}"

    def item(self, sku: Sku, upc: str = "") -> Item:
        """Refused with E205 when unknown, or when the UPC is that of something else."""
        item = self.items.get(sku)
        if item is None or upc not in ("", item.upc):
            raise Refused("E205", f"SKU UNKNOWN {sku.path}")
        return item

    def live_item(self, sku: Sku, upc: str = "") -> Item:
        """An active item that is no prepack. Refused with E205."""
        item = self.item(sku, upc)
        if not item.active:
            raise Refused("E205", f"SKU INACTIVE {sku.path}")
        if item.components:
            raise Refused("E205", f"PREPACK, NAME ITS COMPONENTS {sku.path}")
        return item

    def order(self, number: str) -> Order:
        if (order := self.orders.get(number)) is None:
            raise Refused("E201", f"ORDER NOT FOUND {number}")
        return order

    def ra(self, number: str) -> Ra:
        if (ra := self.returns.get(number)) is None:
            raise Refused("E208", f"RA NOT FOUND {number}")
        return ra

    def refuse_unknown_warehouse(self, code: str) -> None:
        if code not in WAREHOUSES:
            raise Refused("E206", f"WAREHOUSE UNKNOWN OR INACTIVE {code}")

    def refuse_unknown_customer(self, code: str) -> None:
        if code not in self.customers:
            raise Refused("E201", "CUSTOMER NOT FOUND")

    def refuse_closed_period(self, day: date) -> None:
        if self.closed_until and day <= self.closed_until:
            raise Refused("E210", f"PERIOD CLOSED {day:%Y%m%d}")

    def on_hand(self, warehouse: str, sku: Sku, lag: float = 0.0) -> int:
        """Units of all grades."""
        return sum(self.stock.get((warehouse, sku, grade), lag) or 0 for grade in GRADES)

    def promised(self, warehouse: str, sku: Sku, lag: float = 0.0) -> int:
        return self.allocated.get((warehouse, sku), lag) or 0

    def available(self, warehouse: str, sku: Sku, lag: float = 0.0) -> int:
        """Sellable units that no order has been promised."""
        return (self.stock.get((warehouse, sku, SELLABLE), lag) or 0) - self.promised(warehouse, sku, lag)

    def move(self, warehouse: str, sku: Sku, grade: str, quantity: int) -> None:
        """Add signed units of a grade."""
        self.stock.put((warehouse, sku, grade), (self.stock.get((warehouse, sku, grade)) or 0) + quantity)

    def promise(self, warehouse: str, sku: Sku, quantity: int) -> None:
        """Set units aside for an order; less than 0 gives them back."""
        self.allocated.put((warehouse, sku), self.promised(warehouse, sku) + quantity)

    def count_returned(self, number: str, line: int, quantity: int) -> None:
        """Add to the returned quantity of an order line."""
        order = self.orders[number]
        lines = (replace(row, returned=row.returned + quantity * (row.line == line)) for row in order.lines)
        self.orders.put(number, replace(order, lines=tuple(lines)))

    def for_people(self) -> dict[str, Any]:
        """Readable summary as JSON, of the present."""
        with self.lock:
            return {
                "orders": {row.number: f"{row.status}{' archived' * row.archived}" for row in self.orders.values()},
                "returns": {row.number: {"status": row.status, "extRef": row.ext_ref} for row in self.returns.values()},
                "credits": {
                    row.number: {"status": row.status, "total": write_amount(row.total, row.currency)}
                    for row in self.memos.values()
                },
                "stock": {
                    f"{sku} @ {warehouse} {grade}": self.stock[warehouse, sku, grade]
                    for warehouse, sku, grade in self.stock
                },
                "inactive": [str(item.sku) for item in self.items.values() if not item.active],
                "closed_until": self.closed_until.isoformat() if self.closed_until else None,
            }

    def _now(self) -> float:
        """Seconds. Never one at which a state was published: what comes later is later."""
        return max(time.monotonic(), self._floor) if self._frozen is None else self._frozen


@dataclass(frozen=True)
class Desk:
    """What a document is worked on with. `batch` tells where it came from: empty for what people do by hand."""

    world: World
    journal: Journal
    clock: Callable[[], datetime]
    batch: tuple[tuple[str, str], ...] = ()

    def note(self, op: str, **data: Any) -> None:
        """One entry about one applied effect."""
        by_hand = {} if self.batch else {"by_hand": True}
        self.journal.append(op, division=self.world.division, **dict(self.batch), **by_hand, **data)

    def today(self) -> date:
        return self.clock().date()
