"""The original order for platforms that ask for it: paid prices and what can still come back, from the ERP (R10)."""

import asyncio
import time
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from datetime import date

from domain.connection import Connection
from domain.model import Value
from domain.money import decimal_text
from domain.order import Fulfilment, OrderSnapshot, OrderStatus, TaxMode
from domain.outcomes import Rejected
from domain.ports import Erp
from domain.slots import OrderValue, SlotLine, lowest_free, value_order
from store import Store

#: Shoppers look at their order several times while they make up their minds; the ERP is asked once.
_FRESH_SECONDS = 60.0
_KEPT = 500


class OrderTaxView(Value):
    """Tax of one code on one unit, decimal text. `rate` in percent."""

    code: str
    rate: str
    amount: str


class OrderUnitView(Value):
    """What was paid for one unit after every discount, decimal text; tax is in it, or comes on top (`tax_mode`)."""

    paid: str
    taxes: tuple[OrderTaxView, ...]
    returnable: bool


class OrderLineView(Value):
    """One SKU of one order line. `discount` is its share of all discounts; a part of a bundle names its bundle."""

    order_line_id: str
    sku: str
    bundle_sku: str
    quantity: int
    returnable_quantity: int
    paid: str
    units: tuple[OrderUnitView, ...]


class OrderView(Value):
    """An order as a platform may show it to its shopper. No personal data: the platform knows its own customer."""

    order_number: str
    currency: str
    tax_mode: TaxMode
    ordered_on: date
    status: OrderStatus
    erp_status: str
    customer_ref: str
    lines: tuple[OrderLineView, ...]
    shipping: str
    discounts: str
    total: str


@dataclass
class OrderDesk:
    """Answers look-ups. `erps`: connection → port of its ERP; one question at a time to each ERP."""

    store: Store
    connections: Mapping[str, Connection]
    erps: Mapping[str, Erp]
    _turns: dict[str, asyncio.Lock] = field(default_factory=dict)
    _known: dict[tuple[str, str], tuple[float, OrderSnapshot]] = field(default_factory=dict)

    async def find(self, connection: str, order_number: str) -> OrderView:
        """The order with what the ERP sent out and no return has claimed. Raises KeyError for an unknown connection,
        VendorTrouble, Rejected(ORDER_NOT_FOUND), SnapshotNotFooting."""
        books = self.connections[connection].books
        current = await self._current(connection, books, order_number)
        async with self.store.reading() as unit:
            frozen = await unit.snapshots.get(books, order_number)
            claimed = await unit.slots.claimed(books, order_number)
        snapshot = frozen or current
        return _view(snapshot, current, value_order(snapshot), claimed)

    async def _current(self, connection: str, books: str, order_number: str) -> OrderSnapshot:
        key = (books, order_number)
        async with self._turns.setdefault(books, asyncio.Lock()):
            asked_at, known = self._known.get(key, (float("-inf"), None))
            if known is not None and time.monotonic() - asked_at < _FRESH_SECONDS:
                return known
            self._known.pop(key, None)
            snapshot = await self.erps[connection].read_order(order_number)
            if len(self._known) >= _KEPT:
                self._known.pop(next(iter(self._known)))
            self._known[key] = (time.monotonic(), snapshot)
            return snapshot


def is_unknown(rejection: Rejected) -> bool:
    """Whether the ERP simply does not know the order."""
    return rejection.code == "ORDER_NOT_FOUND"


def _view(
    snapshot: OrderSnapshot, current: OrderSnapshot, value: OrderValue, claimed: Mapping[str, Set[int]]
) -> OrderView:
    def text(amount: int) -> str:
        return decimal_text(amount, snapshot.currency)

    shipping = sum(charge.amount for charge in snapshot.shipping)
    discounts = sum(line.line_discount for line in snapshot.lines) + sum(one.amount for one in snapshot.discounts)
    return OrderView(
        order_number=snapshot.order_number,
        currency=snapshot.currency,
        tax_mode=snapshot.tax_mode,
        ordered_on=snapshot.ordered_on,
        status=current.status,
        erp_status=current.erp_status,
        customer_ref=snapshot.customer_ref,
        lines=tuple(
            _line(line, snapshot.currency, _can_come_back(line, current, claimed.get(line.line_id, set())))
            for line in value.lines
        ),
        shipping=text(shipping),
        discounts=text(discounts),
        total=text(snapshot.total),
    )


def _can_come_back(line: SlotLine, current: OrderSnapshot, claimed: Set[int]) -> Set[int]:
    """The units that a new return could claim. Which of our claims the ERP counts as returned already, it does not
    say: as many as it can."""
    if current.status is OrderStatus.CANCELLED or not line.returnable:
        return set()
    now = _fulfilment(line, current.fulfilment)
    sent = line.quantity if now.despatched is None else min(now.despatched, line.quantity)
    return set(lowest_free(line, claimed, max(sent - max(len(claimed), now.returned), 0)))


def _fulfilment(line: SlotLine, told: Mapping[str, Fulfilment]) -> Fulfilment:
    """Of this line's units. A bundle's line says how many bundles were sent out, not which of the parts came back."""
    is_part = bool(line.bundle_sku)
    if line.order_line_id in told and not (is_part and line.order_line_id == line.parent_line_id):
        return told[line.order_line_id]
    bundles = told.get(line.parent_line_id, Fulfilment()).despatched if is_part else None
    return Fulfilment(despatched=None if bundles is None else bundles * line.units_per_bundle)


def _line(line: SlotLine, currency: str, can_come_back: Set[int]) -> OrderLineView:
    def text(amount: int) -> str:
        return decimal_text(amount, currency)

    units = tuple(
        OrderUnitView(
            paid=text(slot.primary),
            taxes=tuple(
                OrderTaxView(code=code, rate=rate, amount=text(tax))
                for code, rate, tax in zip(line.tax_codes, line.tax_rates, slot.taxes, strict=True)
            ),
            returnable=slot.no in can_come_back,
        )
        for slot in line.slots
    )
    return OrderLineView(
        order_line_id=line.order_line_id,
        sku=line.sku,
        bundle_sku=line.bundle_sku,
        quantity=line.quantity,
        returnable_quantity=sum(1 for unit in units if unit.returnable),
        paid=text(line.primary),
        units=units,
    )
