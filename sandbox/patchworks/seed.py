"""Builds rows of the emulated ERP from plain data, for tests, demo and `POST /_sandbox/seed`.

The order states of a seed become NetSuite's: Entered and Allocated are Pending Fulfillment, Held is Pending Approval,
Despatched and Invoiced are Billed (a web order is billed when it leaves), archived orders are Closed. A Billed or
Closed order has one invoice over its total, all of it due. The members of a kit take line numbers and are no lines.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from pydantic import Field

from sandbox.kit.money import ZERO, vat_of
from sandbox.kit.sold import SHIPPED, DeliverySeed, ItemSeed, LineSeed, OrderSeed, StockSeed, WorldSeed
from sandbox.patchworks.model import CLOSED, Address, Charge, Invoice, Item, Move, Order, OrderLine
from sandbox.patchworks.money import in_step, shares
from sandbox.patchworks.state import PatchworksWorld

STATUSES = {
    "Entered": "Pending Fulfillment",
    "Allocated": "Pending Fulfillment",
    "Held": "Pending Approval",
    "Part Despatched": "Partially Fulfilled",
    "Despatched": "Billed",
    "Invoiced": "Billed",
}
"""Order state of a seed → NetSuite's; others stand as they are."""


class FullOrderSeed(OrderSeed):
    """`discounts` are of the whole order, in order of application; `rounding` is the order's own rounding line."""

    discounts: tuple[Decimal, ...] = ()
    rounding: Decimal = ZERO


class FullWorldSeed(WorldSeed):
    """As WorldSeed, with the orders' own discounts."""

    orders: tuple[FullOrderSeed, ...] = Field(default=())


def build_item(seed: ItemSeed) -> Item:
    """The row of an item."""
    parts = tuple((part.sku, part.per_kit) for part in seed.parts)
    return Item(seed.sku, seed.description, seed.barcode, seed.active, parts)


def build_order(seed: FullOrderSeed, shipping_charges: Collection[str]) -> Order:
    """The row of an order; tax computed where the seed leaves it out, its charges split into shipping and fees."""
    shipped = seed.status in SHIPPED
    status = CLOSED if seed.archived else STATUSES.get(seed.status, seed.status)
    money = seed.currency
    order = Order(
        number=seed.number,
        status=status,
        order_type=seed.order_type,
        archived=seed.archived,
        customer=seed.customer,
        currency=money,
        tax_included=seed.vat_inclusive,
        ordered_on=seed.ordered_on,
        email=seed.email,
        lines=tuple(_lines(seed, shipped)),
        charges=tuple(
            Charge(code, in_step(value, money)) for code, value in seed.charges.items() if code not in shipping_charges
        ),
        address=_address(seed.delivery),
        shipping=sum((value for code, value in seed.charges.items() if code in shipping_charges), ZERO),
        discounts=seed.discounts,
        rounding=seed.rounding,
    )
    number = seed.invoice if seed.invoice is not None else f"INV{seed.number}" * shipped
    return replace(order, invoices=(Invoice(number, order.total, order.total),)) if number else order


def add_order(world: PatchworksWorld, seed: FullOrderSeed, shipping_charges: Collection[str]) -> Order:
    """Add the order, with the items not in the master yet (kits with their recipe)."""
    order = build_order(seed, shipping_charges)
    with world.lock:
        for line in seed.lines:
            add_missing_item(world, ItemSeed(sku=line.sku, description=line.sku, parts=line.parts))
            for part in line.parts:
                add_missing_item(world, ItemSeed(sku=part.sku, description=part.sku))
        world.orders.put(order.number, order)
    return order


def add_item(world: PatchworksWorld, seed: ItemSeed) -> Item:
    """Add the item, or replace the one with the same SKU."""
    item = build_item(seed)
    with world.lock:
        world.items.put(item.sku, item)
    return item


def add_stock(world: PatchworksWorld, seed: StockSeed) -> None:
    """Add units to a location. Raises ValueError for an unknown one."""
    if seed.depot not in world.locations:
        raise ValueError(f"location {seed.depot} does not exist")
    with world.lock:
        world.move(Move(seed.sku, seed.depot, seed.quantity))


def add_missing_item(world: PatchworksWorld, seed: ItemSeed) -> None:
    """Add the item unless its SKU is known."""
    if seed.sku not in world.items:
        add_item(world, seed)


def build_line(
    seed: LineSeed, number: int, *, discount: Decimal = ZERO, inclusive: bool, currency: str, shipped: bool
) -> OrderLine:
    """The row of an order line. `discount` is its share of the order's; `shipped`: all of it has left, by default."""
    tax = seed.vat_value
    if tax is None:
        value = seed.quantity * seed.price - seed.discount - discount
        tax = vat_of(value, seed.vat_rate, inclusive, currency)
    return OrderLine(
        line=number,
        sku=seed.sku,
        quantity=seed.quantity,
        fulfilled=seed.despatched if seed.despatched is not None else seed.quantity * shipped,
        returned=seed.returned,
        price=in_step(seed.price, currency),
        discount=in_step(seed.discount, currency),
        tax_rate=seed.vat_rate,
        tax=tax,
        location=seed.warehouse,
        parts=tuple((part.sku, part.per_kit) for part in seed.parts),
    )


def _lines(seed: FullOrderSeed, shipped: bool) -> Iterator[OrderLine]:
    number = 1
    worth = [line.quantity * line.price - line.discount for line in seed.lines]
    for line, discount in zip(seed.lines, borne(worth, seed.discounts, seed.currency), strict=True):
        yield build_line(
            line, number, discount=discount, inclusive=seed.vat_inclusive, currency=seed.currency, shipped=shipped
        )
        number += 1 + len(line.parts)


def borne(worth: Sequence[Decimal], discounts: Sequence[Decimal], currency: str) -> list[Decimal]:
    """What each line, by its worth, bears of the order's discounts."""
    left = list(worth)
    for discount in discounts:
        left = [value - share for value, share in zip(left, shares(discount, left, currency), strict=True)]
    return [before - after for before, after in zip(worth, left, strict=True)]


def _address(seed: DeliverySeed) -> Address:
    """A seed has no city: its second line is the town of most, and stays where it is."""
    return Address(
        first_name=seed.forename,
        last_name=seed.surname,
        line1=seed.line1,
        city=seed.line2,
        postcode=seed.postcode,
        country=seed.country,
    )
