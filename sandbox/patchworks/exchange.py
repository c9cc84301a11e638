"""Replacement orders: create_exchange_order, cancel_exchange_order, and what their stock goes through.

NetSuite has no exchange: the new order is a sales order of its own type, linked by references only. Customer and
delivery data are copied from the original order, never sent.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from sandbox.kit.money import ZERO
from sandbox.patchworks.envelope import Envelope, Fields
from sandbox.patchworks.model import CANCELLED, OPEN, Charge, Committed, Order, OrderLine, members
from sandbox.patchworks.money import text
from sandbox.patchworks.refusal import Refused
from sandbox.patchworks.state import Desk, PatchworksWorld
from sandbox.patchworks.wire import Json

USUAL_RATE = Decimal(20)
NEEDED = {
    "firstName": "first_name",
    "lastName": "last_name",
    "address1": "line1",
    "zipCodeOrPostalCode": "postcode",
    "country": "country",
}
"""Field of `shippingAddress` → ours: nothing is shipped without these."""


def create_exchange_order(desk: Desk, asked: Envelope) -> str:
    """Take the order, its stock set aside. Zero payable, or with `amountDue` as its only charge. Refused whole."""
    world, goods, exchange = desk.world, asked.goods(), asked.child("exchange")
    original = world.order(exchange.text("originalOrderId"))
    ra = world.ra(exchange.text("returnNumber"))
    number = exchange.text("orderNumber")
    if asked.currency() != original.currency:
        raise asked.wrong("currency", f"is not that of order {original.number}")
    if number in world.orders:
        raise Refused("CONFLICT", f"order {number} exists already")
    _refuse_gaps(original)
    rows = goods.rows("exchangeLineItems")
    lines = tuple(_line(world, row, line, original) for line, row in enumerate(rows, 1))
    due = _due(exchange, original.currency)
    order = replace(
        original,
        number=number,
        status=OPEN[1],
        order_type=exchange.text("orderType", needed=False),
        archived=False,
        ordered_on=desk.today,
        lines=lines,
        charges=(Charge(exchange.text("feeCode"), due),) if due else (),
        shipping=ZERO,
        discounts=(),
        rounding=ZERO,
        invoices=(),
        key=asked.key,
        original=original.number,
        ra=ra.number,
    )
    return _post(desk, commit(world, order), due)


def show_order(world: PatchworksWorld, number: str) -> Json:
    """`erp` of a replacement order as it is now."""
    order = world.orders[number]
    cancelled = order.status == CANCELLED
    return {"documentType": "sales_order", "documentStatus": order.status, "cancelled": cancelled}


def cancel_exchange_order(desk: Desk, number: str) -> bool:
    """Cancel an order of which nothing has left; its stock can be sold again. CONFLICT once it is despatched."""
    world = desk.world
    if (order := world.orders.get(number)) is None or not order.original:
        raise Refused("DOCUMENT_NOT_FOUND", f"exchange order {number} is not in the ERP")
    if order.status == CANCELLED:
        return False
    if order.status not in OPEN:
        raise Refused("CONFLICT", f"order {number} is {order.status}")
    world.orders.put(number, replace(free(world, order), status=CANCELLED))
    desk.journal.append("sales_order_cancelled", order=number, key=order.key)
    return True


def commit(world: PatchworksWorld, order: Order) -> Order:
    """The order with stock of sellable locations set aside for all its units. OUT_OF_STOCK, all or nothing."""
    wanted = Counter[str]()
    for line in order.lines:
        for sku, quantity in members(line.parts, line.quantity) if line.parts else [(line.sku, line.quantity)]:
            wanted[sku] += quantity
    for sku, quantity in wanted.items():
        left = sum(world.available(sku, location) for location in world.locations)
        if quantity > left:
            raise Refused("OUT_OF_STOCK", f"{quantity} of {sku} ordered, {left} available", sku=sku)
    parts = tuple(part for sku, quantity in wanted.items() for part in _set_aside(world, sku, quantity))
    return replace(order, committed=parts)


def free(world: PatchworksWorld, order: Order) -> Order:
    """The order without its stock, which others can have."""
    for part in order.committed:
        world.commit(part.sku, part.location, -part.quantity)
    return replace(order, committed=())


def _set_aside(world: PatchworksWorld, sku: str, missing: int) -> Iterator[Committed]:
    """From one location after the other, in their order."""
    for location in world.locations:
        taken = min(missing, world.available(sku, location))
        if taken > 0:
            world.commit(sku, location, taken)
            missing -= taken
            yield Committed(sku, location, taken)


def _refuse_gaps(original: Order) -> None:
    """One refusal that names everything that is missing."""
    missing = [f"shippingAddress.{name}" for name, ours in NEEDED.items() if not getattr(original.address, ours)]
    missing += ["customer.id"] * (not original.customer)
    if missing:
        raise Refused("VALIDATION", f"Missing on order {original.number}: {', '.join(missing)}", fields=missing)


def _line(world: PatchworksWorld, row: Fields, number: int, original: Order) -> OrderLine:
    item = world.active_item(row.text("sku"))
    rates = {line.sku: line.tax_rate for line in original.lines}
    price = row.amount("unitPrice", original.currency)
    if price < ZERO:
        raise row.wrong("unitPrice", "must not be negative")
    return OrderLine(
        line=number,
        sku=item.sku,
        quantity=row.whole("quantity", least=1),
        fulfilled=0,
        returned=0,
        price=price,
        discount=ZERO,
        tax_rate=rates.get(item.sku, original.lines[0].tax_rate if original.lines else USUAL_RATE),
        tax=ZERO,
        location=next(iter(world.locations)),
        parts=item.parts,
    )


def _due(exchange: Fields, currency: str) -> Decimal:
    """What the exchange costs on top; only an order that is not zero payable says so."""
    due = exchange.amount("amountDue", currency) if exchange.has("amountDue") else ZERO
    if exchange.flag("zeroPayable") == (due > ZERO) or due < ZERO:
        raise exchange.wrong("amountDue", "must be above zero exactly when the order is not zero payable")
    return due


def _post(desk: Desk, order: Order, due: Decimal) -> str:
    world, money = desk.world, order.currency
    world.orders.put(order.number, order)
    desk.journal.append(
        "sales_order",
        order=order.number,
        key=order.key,
        original_order=order.original,
        ra=order.ra,
        order_type=order.order_type,
        status=order.status,
        currency=money,
        total=text(order.total, money),
        due=text(due, money),
        lines=[{"sku": row.sku, "quantity": row.quantity, "price": text(row.price, money)} for row in order.lines],
        delivery_matches=_same_delivery(world.orders.get(order.original), order),
    )
    return order.number


def _same_delivery(original: Order | None, order: Order) -> bool:
    """Whether it goes to the same customer at the same place. The journal holds no names and addresses."""
    if original is None:
        return False
    here, there = ((row.customer, row.email, row.address) for row in (original, order))
    return here == there
