"""Builds rows of the emulated BlueCherry from the seeds that every ERP sandbox takes.

BlueCherry is tax exclusive. A line whose price holds tax is converted: its tax is what is inside the line after its
discount; the unit price is the net price of one unit, rounded up to the minor unit when it does not come out even; and
the line's `discount` is what is then above the net value. So quantity × unitPrice − discount + tax is to the cent
what the seed said. Charges of the codes in `shipping_charges` become the order's freight as they are, with whatever
tax is in them; BlueCherry's orders carry no others, and a seed with one is refused.

`Forename Surname` is the ship-to name, `line1` ADDR1 and `line2` the city.
"""

from collections.abc import Collection, Iterator
from decimal import ROUND_CEILING, Decimal

from sandbox.bluecherry.model import SHIP_TO, Item, Order, OrderLine, Said, Sku, parse_sku
from sandbox.bluecherry.money import ZERO
from sandbox.bluecherry.state import WAREHOUSES, World
from sandbox.kit.money import exponent, vat_of
from sandbox.kit.sold import DeliverySeed, ItemSeed, LineSeed, OrderSeed, StockSeed

STATUS = {
    "Entered": "OPEN",
    "Allocated": "ALLOCATED",
    "Despatched": "SHIPPED",
    "Invoiced": "INVOICED",
    "Closed": "CLOSED",
    "Cancelled": "CANCELLED",
}
"""A seed's order states, and BlueCherry's."""

INVOICED = ("SHIPPED", "INVOICED", "CLOSED")


def status_of(text: str) -> str:
    """BlueCherry's word for an order state given in either's words. Raises ValueError for others."""
    status = STATUS.get(text, text)
    if status not in STATUS.values():
        raise ValueError(f"order state '{text}' is not known")
    return status


def add_order(world: World, seed: OrderSeed, shipping_charges: Collection[str]) -> Order:
    """Add the order, with its customer and the items not in the master yet. Raises ValueError for other charges."""
    order = build_order(seed, shipping_charges)
    with world.lock:
        for line in seed.lines:
            add_missing_item(world, ItemSeed(sku=line.sku, description=line.sku, parts=line.parts))
            for part in line.parts:
                add_missing_item(world, ItemSeed(sku=part.sku, description=part.sku))
        world.customers.add(order.customer)
        world.orders.put(order.number, order)
    return order


def build_order(seed: OrderSeed, shipping_charges: Collection[str]) -> Order:
    """The row of an order."""
    if others := seed.charges.keys() - set(shipping_charges):
        raise ValueError(f"BlueCherry orders carry freight only, not {', '.join(sorted(others))}")
    status = status_of(seed.status)
    shipped = status in INVOICED
    return Order(
        number=seed.number,
        status=status,
        order_type=seed.order_type,
        archived=seed.archived,
        customer=seed.customer,
        currency=seed.currency,
        ordered_on=seed.ordered_on,
        ship_to=_ship_to(seed.delivery, seed.email),
        lines=tuple(_lines(seed, shipped)),
        warehouse=seed.lines[0].warehouse,
        freight=sum(seed.charges.values(), ZERO),
        invoice=seed.invoice if seed.invoice is not None else f"INV{seed.number}" * shipped,
        invoiced_on=seed.ordered_on if shipped else None,
        inclusive=seed.vat_inclusive,
    )


def add_item(world: World, seed: ItemSeed) -> Item:
    """Add the item, or replace the one with the same SKU. One without a barcode gets a UPC of its own."""
    sku = parse_sku(seed.sku)
    components = tuple((parse_sku(part.sku), part.per_kit) for part in seed.parts)
    with world.lock:
        item = Item(sku, seed.barcode or _upc(world, sku), seed.description, seed.active, components)
        world.items.put(sku, item)
    return item


def add_stock(world: World, seed: StockSeed) -> None:
    """Add units to a warehouse, in its own grade, and the item if need be. Raises ValueError for an unknown one."""
    if seed.depot not in WAREHOUSES:
        raise ValueError(f"warehouse {seed.depot} does not exist")
    with world.lock:
        add_missing_item(world, ItemSeed(sku=seed.sku, description=seed.sku))
        world.move(seed.depot, parse_sku(seed.sku), WAREHOUSES[seed.depot], seed.quantity)


def add_missing_item(world: World, seed: ItemSeed) -> None:
    """Add the item unless its SKU is known."""
    if parse_sku(seed.sku) not in world.items:
        add_item(world, seed)


def build_line(seed: LineSeed, number: int, order: OrderSeed | Order, kit: int | None, shipped: bool) -> OrderLine:
    """The row of an order line, its parts left out. `shipped`: whether all of it has left, when it does not say."""
    inclusive = order.inclusive if isinstance(order, Order) else order.vat_inclusive
    said = Said(seed.price, seed.discount, seed.vat_rate, seed.vat_value)
    unit_price, discount, tax = priced(said, seed.quantity, inclusive, order.currency)
    return OrderLine(
        line=number,
        sku=parse_sku(seed.sku),
        ordered=seed.quantity,
        shipped=seed.despatched if seed.despatched is not None else seed.quantity * shipped,
        returned=seed.returned,
        unit_price=unit_price,
        discount=discount,
        tax=tax,
        kit_parent=kit,
        said=said,
    )


def priced(said: Said, quantity: int, inclusive: bool, currency: str) -> tuple[Decimal, Decimal, Decimal]:
    """Net unit price, discount and tax of the whole line, as the module says."""
    value = quantity * said.price - said.discount
    tax = vat_of(value, said.rate, inclusive, currency) if said.tax is None else said.tax
    if not inclusive:
        return said.price, said.discount, tax
    cent = Decimal(1).scaleb(-exponent(currency))
    net = value - tax
    if quantity and not said.discount and net % (quantity * cent) == 0:
        return net / quantity, ZERO, tax
    enough = max(said.price * 100 / (100 + said.rate), net / quantity if quantity else ZERO)
    unit_price = enough.quantize(cent, rounding=ROUND_CEILING)
    return unit_price, quantity * unit_price - net, tax


def _lines(seed: OrderSeed, shipped: bool) -> Iterator[OrderLine]:
    number = 0
    for line in seed.lines:
        number += 1
        kit = number
        yield build_line(line, kit, seed, None, shipped)
        for part in line.parts:
            number += 1
            row = LineSeed(
                sku=part.sku,
                quantity=line.quantity * part.per_kit,
                despatched=None if line.despatched is None else line.despatched * part.per_kit,
                price=ZERO,
                vat_rate=line.vat_rate,
            )
            yield build_line(row, number, seed, kit, shipped)


def _ship_to(seed: DeliverySeed, email: str) -> dict[str, str]:
    name = f"{seed.forename} {seed.surname}".strip()
    told = {"name": name, "addr1": seed.line1, "city": seed.line2, "zip": seed.postcode, "ctry": seed.country}
    return dict.fromkeys(SHIP_TO, "") | told | {"email": email}


def _upc(world: World, sku: Sku) -> str:
    """The one it has, else the next of a range that no seed uses: twelve digits from 299000000001."""
    known = world.items.get(sku)
    return known.upc if known else f"299{len(world.items) + 1:09d}"
