"""Rows of the emulated Centra. All immutable: a change is a new row. Whole units, amounts Decimal.

"Gross" is with tax, whatever the order's prices are; `value` is in the order's own tax mode.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

ZERO = Decimal(0)

WAREHOUSES = {1: ("01", True), 2: ("02", True), 11: ("DM", False), 12: ("QT", False), 13: ("HC", False)}
"""Warehouse id → its name, and whether orders take stock from it."""

Policy = Literal["release", "send", "remove"]
"""What a return does with the units: back where they came from, to one given warehouse, or nowhere."""


@dataclass(frozen=True)
class Item:
    """One product size. `parts` of a bundle: SKU and units per bundle."""

    id: int
    sku: str
    product: str
    variant: str
    size: str
    variant_id: int
    description: str = ""
    ean: str = ""
    active: bool = True
    parts: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class OrderLine:
    """What was sold. A bundle's own line has no value: its parts' lines carry it."""

    id: int
    """Counts from 1 in each order."""
    sku: str
    quantity: int
    price: Decimal
    """Of one unit before discount, in the order's tax mode."""
    value: Decimal
    """Of all units, after the line's discount, in the order's tax mode."""
    tax: Decimal
    tax_rate: Decimal
    warehouse: int
    returned: int = 0
    """Units that came back before this Centra was seeded."""
    is_bundle: bool = False
    bundle: int = 0
    """Id of the bundle's line that it is a part of, or 0."""
    comment: str = ""


@dataclass(frozen=True)
class ShipmentLine:
    """Units of one order line in one parcel."""

    id: int
    order_line: int
    quantity: int


@dataclass(frozen=True)
class Shipment:
    """A parcel. The first one of an order carries its shipping and handling."""

    id: int
    number: str
    lines: tuple[ShipmentLine, ...]


@dataclass(frozen=True)
class Allocation:
    """Units of a warehouse that wait for the shipment of one order."""

    sku: str
    warehouse: int
    quantity: int


@dataclass(frozen=True)
class Order:
    """An order. `INCOMPLETE` is a selection that the Order API prepared and nobody completed."""

    number: int
    id: str
    status: str
    currency: str
    vat_inclusive: bool
    created: datetime
    customer: int
    email: str
    address: dict[str, str]
    lines: tuple[OrderLine, ...]
    discounts: tuple[Decimal, ...] = ()
    shipping: Decimal = ZERO
    handling: Decimal = ZERO
    shipments: tuple[Shipment, ...] = ()
    allocated: tuple[Allocation, ...] = ()
    on_hold: bool = False
    internal: bool = False
    internal_comment: str = ""
    origin_type: str = ""
    origin_id: int = 0
    paid: Decimal = ZERO

    def line(self, number: int) -> OrderLine | None:
        return next((line for line in self.lines if line.id == number), None)

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)

    @property
    def goods(self) -> Decimal:
        """Gross value of all lines."""
        return sum((gross(self, line) for line in self.lines), ZERO)

    @property
    def discount(self) -> Decimal:
        return sum(self.discounts, ZERO)

    @property
    def total(self) -> Decimal:
        """What the customer pays."""
        return self.goods - self.discount + self.shipping + self.handling

    @property
    def order_type(self) -> str:
        """Centra has no such field: what marks an order as something else than a sale, or an empty text."""
        return "internal" if self.internal else self.origin_type


@dataclass(frozen=True)
class ReturnLine:
    """Units of one shipment line. `units` are their numbers on the order line; `value` is gross."""

    id: int
    shipment_line: int
    order_line: int
    sku: str
    units: tuple[int, ...]
    value: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Return:
    """A return of one shipment, pending until it is completed."""

    id: int
    order: int
    shipment: int
    currency: str
    lines: tuple[ReturnLine, ...]
    created: datetime
    policy: Policy
    warehouse: int
    """Where `send` puts the units; 0 otherwise."""
    external_id: str = ""
    """As it was given; whether it still leads here, the conversion table says."""
    comment: str = ""
    voucher: Decimal = ZERO
    shipping: Decimal = ZERO
    handling: Decimal = ZERO
    cost: Decimal = ZERO
    completed: bool = False
    was_completed: bool = False
    refunded: bool = False
    deleted: bool = False

    @property
    def total(self) -> Decimal:
        goods = sum((line.value for line in self.lines), ZERO)
        return goods - self.voucher + self.shipping + self.handling - self.cost

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)


@dataclass(frozen=True)
class StockChange:
    """Units into a warehouse, out of one, or from one to another; 0 is no warehouse."""

    id: int
    description: str
    created: datetime
    into: int
    out_from: int
    lines: tuple[tuple[str, int], ...]


def gross(order: Order, line: OrderLine) -> Decimal:
    """Value of a whole line with tax."""
    return line.value if order.vat_inclusive else line.value + line.tax
