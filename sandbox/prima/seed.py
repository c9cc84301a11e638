"""Builds rows of the emulated Prima from plain data, for tests, demo and `POST /_sandbox/seed`."""

from collections.abc import Iterator
from decimal import Decimal

from sandbox.kit.money import vat_of
from sandbox.kit.sold import SHIPPED, DeliverySeed, ItemSeed, LineSeed, OrderSeed, StockSeed
from sandbox.prima.model import Charge, Item, Order, OrderLine, Sku
from sandbox.prima.state import PrimaWorld


def parse_sku(text: str) -> Sku:
    """`P1001-BLK-080` → product and codes. A product code itself holds no hyphen."""
    product, *codes = text.split("-")
    if not product or len(codes) > 4:
        raise ValueError(f"'{text}' is not a SKU")
    one, two, three, four = [*codes, "", "", "", ""][:4]
    return Sku(product, (one, two, three, four))


def build_item(seed: ItemSeed) -> Item:
    """The row of an item."""
    parts = tuple((parse_sku(part.sku), part.per_kit) for part in seed.parts)
    return Item(parse_sku(seed.sku), seed.description, seed.barcode, seed.active, parts)


def build_order(seed: OrderSeed) -> Order:
    """The row of an order, VAT computed where the seed leaves it out."""
    shipped = seed.status in SHIPPED
    return Order(
        number=seed.number,
        prima_order=f"00{sum(seed.number.encode()) % 90000 + 10000}",
        status=seed.status,
        order_type=seed.order_type,
        archived=seed.archived,
        customer=seed.customer,
        currency=seed.currency,
        vat_inclusive=seed.vat_inclusive,
        ordered_on=seed.ordered_on,
        invoice=seed.invoice if seed.invoice is not None else f"INV{seed.number}" * shipped,
        email=seed.email,
        lines=tuple(_lines(seed, shipped)),
        charges=tuple(Charge(code, value) for code, value in seed.charges.items()),
        delivery=_delivery(seed.delivery),
    )


def add_order(world: PrimaWorld, seed: OrderSeed) -> Order:
    """Add the order, with its customer and the items not in the master yet (kits with their recipe)."""
    order = build_order(seed)
    with world.lock:
        for line in seed.lines:
            add_missing_item(world, ItemSeed(sku=line.sku, description=line.sku, parts=line.parts))
            for part in line.parts:
                add_missing_item(world, ItemSeed(sku=part.sku, description=part.sku))
        world.customers.add(order.customer)
        world.orders.put(order.number, order)
    return order


def add_item(world: PrimaWorld, seed: ItemSeed) -> Item:
    """Add the item, or replace the one with the same SKU."""
    item = build_item(seed)
    with world.lock:
        world.items.put(item.sku, item)
    return item


def add_stock(world: PrimaWorld, seed: StockSeed) -> None:
    """Add units to a depot. Raises ValueError for an unknown depot."""
    if seed.depot not in world.depots:
        raise ValueError(f"depot {seed.depot} does not exist")
    with world.lock:
        world.move(parse_sku(seed.sku), seed.depot, seed.quantity)


def add_missing_item(world: PrimaWorld, seed: ItemSeed) -> None:
    """Add the item unless its SKU is known."""
    if parse_sku(seed.sku) not in world.items:
        add_item(world, seed)


def _lines(seed: OrderSeed, shipped: bool) -> Iterator[OrderLine]:
    number = 0
    for line in seed.lines:
        number += 1
        kit = number
        yield build_line(line, kit, 0, inclusive=seed.vat_inclusive, currency=seed.currency, shipped=shipped)
        for part in line.parts:
            number += 1
            quantity = line.quantity * part.per_kit
            despatched = None if line.despatched is None else line.despatched * part.per_kit
            row = LineSeed(
                sku=part.sku,
                quantity=quantity,
                despatched=despatched,
                price=Decimal(0),
                vat_rate=line.vat_rate,
                warehouse=line.warehouse,
            )
            yield build_line(row, number, kit, inclusive=seed.vat_inclusive, currency=seed.currency, shipped=shipped)


def build_line(
    seed: LineSeed, number: int, kit: int = 0, *, inclusive: bool, currency: str, shipped: bool
) -> OrderLine:
    """The row of an order line, its parts left out. `shipped`: whether all of it has left, when it does not say."""
    value = seed.quantity * seed.price - seed.discount
    vat = seed.vat_value
    if vat is None:
        vat = vat_of(value, seed.vat_rate, inclusive, currency)
    return OrderLine(
        line=number,
        sku=parse_sku(seed.sku),
        quantity=seed.quantity,
        despatched=seed.despatched if seed.despatched is not None else seed.quantity * shipped,
        returned=seed.returned,
        price=seed.price,
        discount=seed.discount,
        vat_rate=seed.vat_rate,
        vat_value=vat,
        warehouse=seed.warehouse,
        reference=seed.reference if seed.reference is not None else f"L{number}",
        kit_line=kit,
    )


def _delivery(seed: DeliverySeed) -> dict[str, str]:
    return {
        "Forename": seed.forename,
        "Surname": seed.surname,
        "AddrLine1": seed.line1,
        "AddrLine2": seed.line2,
        "PostCode": seed.postcode,
        "Country": seed.country,
    }
