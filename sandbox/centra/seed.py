"""Builds rows of the emulated Centra from plain data, for tests, demo and `POST /_sandbox/seed`."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from decimal import Decimal

from sandbox.centra.model import WAREHOUSES, ZERO, Item, Order, OrderLine, Shipment, ShipmentLine
from sandbox.centra.state import CentraWorld
from sandbox.centra.values import split
from sandbox.kit.money import vat_of
from sandbox.kit.sold import SHIPPED, DeliverySeed, ItemSeed, LineSeed, OrderSeed, StockSeed

MOST = 2**31 - 1
"""The largest number that fits the API's Int."""

STATUS = {
    "Entered": "PENDING",
    "Held": "PENDING",
    "Allocated": "CONFIRMED",
    "Part Despatched": "PROCESSING",
    "Despatched": "SHIPPED",
    "Invoiced": "SHIPPED",
    "Closed": "SHIPPED",
    "Cancelled": "CANCELLED",
}
"""States of a seed → Centra's. Archived orders are ARCHIVED, whatever they were."""

_WAREHOUSE_IDS = {name: number for number, (name, _) in WAREHOUSES.items()}


def warehouse_id(name: str) -> int:
    """Centra's number of a warehouse, given by that number or by its name. Raises ValueError."""
    if name in _WAREHOUSE_IDS:
        return _WAREHOUSE_IDS[name]
    if name.isdecimal() and int(name) in WAREHOUSES:
        return int(name)
    raise ValueError(f"warehouse {name} does not exist")


def order_number(text: str) -> int:
    """Raises ValueError for anything but a positive whole number that the API can write."""
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= MOST):
        raise ValueError(f"'{text}' is no order number of Centra: 1 to {MOST}")
    return int(text)


def order_id(number: int) -> str:
    """The hash by which an order goes in GraphQL."""
    return hashlib.sha256(f"order {number}".encode()).hexdigest()[:32]


def add_item(world: CentraWorld, seed: ItemSeed) -> Item:
    """Add the item, or replace the one with the same SKU. `P1001-BLK-080`: product, variant, size."""
    product, *rest = seed.sku.split("-")
    variant, size = "-".join(rest[:-1] or rest), rest[-1] if len(rest) > 1 else "ONE"
    with world.lock:
        known = world.items.get(seed.sku)
        item = Item(
            id=known.id if known else world.next_id("item"),
            sku=seed.sku,
            product=product,
            variant=variant,
            size=size,
            variant_id=world.variant_id(product, variant),
            description=seed.description,
            ean=seed.barcode,
            active=seed.active,
            parts=tuple((part.sku, part.per_kit) for part in seed.parts),
        )
        world.items.put(item.sku, item)
    return item


def add_missing_item(world: CentraWorld, seed: ItemSeed) -> None:
    """Add the item unless its SKU is known."""
    if seed.sku not in world.items:
        add_item(world, seed)


def add_stock(world: CentraWorld, seed: StockSeed) -> None:
    """Add units to a warehouse. Raises ValueError for an unknown one."""
    number = warehouse_id(seed.depot)
    with world.lock:
        add_missing_item(world, ItemSeed(sku=seed.sku))
        world.move(seed.sku, number, seed.quantity)


def add_order(
    world: CentraWorld,
    seed: OrderSeed,
    shipping_charges: Collection[str],
    discounts: Sequence[Decimal] = (),
    shipments: Sequence[Mapping[int, int]] | None = None,
) -> Order:
    """Add the order with its customer and the items not known yet. Raises ValueError.

    shipments: order line → units, one mapping a parcel; left out: one parcel with all that was despatched
    """
    with world.lock:
        for line in seed.lines:
            add_missing_item(world, ItemSeed(sku=line.sku, description=line.sku, parts=line.parts))
            for part in line.parts:
                add_missing_item(world, ItemSeed(sku=part.sku, description=part.sku))
        order = _build(world, seed, shipping_charges, tuple(discounts))
        parcels = [_despatched(seed)] if shipments is None else shipments
        order = replace(order, shipments=tuple(_parcels(world, order, parcels)))
        world.orders.put(order.number, order)
    return order


def build_line(seed: LineSeed, number: int, *, inclusive: bool, currency: str) -> OrderLine:
    """The row of an ordinary line."""
    value = seed.quantity * seed.price - seed.discount
    tax = seed.vat_value if seed.vat_value is not None else vat_of(value, seed.vat_rate, inclusive, currency)
    return OrderLine(
        id=number,
        sku=seed.sku,
        quantity=seed.quantity,
        price=seed.price,
        value=value,
        tax=tax,
        tax_rate=seed.vat_rate,
        warehouse=warehouse_id(seed.warehouse),
        returned=seed.returned,
    )


def charges(given: Mapping[str, Decimal], shipping_charges: Collection[str]) -> tuple[Decimal, Decimal]:
    """Shipping and handling."""
    shipping = sum((value for code, value in given.items() if code in shipping_charges), ZERO)
    return shipping, sum(given.values(), ZERO) - shipping


def new_parcel(world: CentraWorld, order: Order, units: Mapping[int, int]) -> Shipment:
    """The next parcel of an order."""
    rows = (ShipmentLine(world.next_id("shipment line"), line, quantity) for line, quantity in units.items())
    return Shipment(world.next_id("shipment"), f"{order.number}-{len(order.shipments) + 1}", tuple(rows))


def _build(
    world: CentraWorld, seed: OrderSeed, shipping_charges: Collection[str], discounts: tuple[Decimal, ...]
) -> Order:
    number = order_number(seed.number)
    shipping, handling = charges(seed.charges, shipping_charges)
    order = Order(
        number=number,
        id=order_id(number),
        status="ARCHIVED" if seed.archived else STATUS[seed.status],
        currency=seed.currency,
        vat_inclusive=seed.vat_inclusive,
        created=datetime.combine(seed.ordered_on, time(12), UTC),
        customer=world.customer_id(seed.customer),
        email=seed.email,
        address=_address(seed.delivery),
        lines=tuple(_lines(seed)),
        discounts=discounts,
        shipping=shipping,
        handling=handling,
        on_hold=seed.status == "Held",
    )
    return replace(order, paid=order.total)


def _lines(seed: OrderSeed) -> Iterator[OrderLine]:
    number = 0
    for line in seed.lines:
        number += 1
        own = build_line(line, number, inclusive=seed.vat_inclusive, currency=seed.currency)
        if line.parts:
            yield replace(own, price=ZERO, value=ZERO, tax=ZERO, is_bundle=True)
            parts = list(_parts(line, own, seed.currency))
            yield from parts
            number += len(parts)
        else:
            yield own


def _parts(line: LineSeed, bundle: OrderLine, currency: str) -> Iterator[OrderLine]:
    """The part lines of a bundle: its price and tax split in proportion to their units, no prices being known."""
    counts = [line.quantity * part.per_kit for part in line.parts]
    values = split(bundle.value, [Decimal(count) for count in counts], currency)
    taxes = split(bundle.tax, values, currency)
    for number, (part, count, value, tax) in enumerate(zip(line.parts, counts, values, taxes, strict=True), 1):
        yield OrderLine(
            id=bundle.id + number,
            sku=part.sku,
            quantity=count,
            price=value / count,
            value=value,
            tax=tax,
            tax_rate=bundle.tax_rate,
            warehouse=bundle.warehouse,
            bundle=bundle.id,
        )


def _despatched(seed: OrderSeed) -> dict[int, int]:
    """Order line → units that left, by what the seed says."""
    units: dict[int, int] = {}
    number = 0
    for line in seed.lines:
        number += 1
        left = line.despatched if line.despatched is not None else line.quantity * (seed.status in SHIPPED)
        if not line.parts:
            units[number] = left
        for part in line.parts:
            number += 1
            units[number] = left * part.per_kit
    return {line: quantity for line, quantity in units.items() if quantity}


def _parcels(world: CentraWorld, order: Order, wanted: Sequence[Mapping[int, int]]) -> Iterator[Shipment]:
    """Raises ValueError when a parcel holds what was not ordered."""
    left = {line.id: line.quantity for line in order.lines if not line.is_bundle}
    for units in filter(None, wanted):
        for line, quantity in units.items():
            left[line] = left.get(line, 0) - quantity
            if quantity < 1 or left[line] < 0:
                raise ValueError(f"order {order.number}: {quantity} units of line {line} cannot be in a parcel")
        shipment = new_parcel(world, order, units)
        order = replace(order, shipments=(*order.shipments, shipment))
        yield shipment


def _address(seed: DeliverySeed) -> dict[str, str]:
    return {
        "firstName": seed.forename,
        "lastName": seed.surname,
        "address1": seed.line1,
        "city": seed.line2,
        "zipCode": seed.postcode,
        "country": seed.country,
    }
