"""Rows of the emulated BlueCherry. All immutable: a change is a new row. Whole units; amounts Decimal, net of tax."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sandbox.bluecherry.money import ZERO

SHIP_TO = ("name", "addr1", "addr2", "city", "state", "zip", "ctry", "email", "phone")
UNUSED = "-"


@dataclass(frozen=True, order=True)
class Sku:
    """A style and its three matrix dimensions; `-` where one is unused."""

    style: str
    color: str = UNUSED
    size: str = UNUSED
    dim: str = UNUSED

    def __str__(self) -> str:
        parts = ["" if part == UNUSED else part for part in (self.style, self.color, self.size, self.dim)]
        return "-".join(parts).rstrip("-")

    @property
    def path(self) -> str:
        """As error texts name it."""
        return f"{self.style}/{self.color}/{self.dim}/{self.size}"

    @property
    def fields(self) -> dict[str, str]:
        return {"style": self.style, "color": self.color, "dim": self.dim, "size": self.size}


def parse_sku(text: str) -> Sku:
    """`P1001-BLK-080` → style, color, size; what is missing is `-`. More hyphens stay in the last part."""
    style, color, size, dim = [part or UNUSED for part in (text.split("-", 3) + [""] * 3)[:4]]
    if style == UNUSED:
        raise ValueError(f"'{text}' is not a SKU")
    return Sku(style, color, size, dim)


@dataclass(frozen=True)
class Item:
    """One row of the item master."""

    sku: Sku
    upc: str
    description: str = ""
    active: bool = True
    components: tuple[tuple[Sku, int], ...] = ()
    """Of a prepack: component and units per prepack."""


@dataclass(frozen=True)
class Said:
    """A line's price and discount in the words of whoever made the order by hand or by seed, and its tax rate."""

    price: Decimal
    discount: Decimal
    rate: Decimal
    tax: Decimal | None = None
    """Of the whole line; computed from the rate when None."""


@dataclass(frozen=True)
class OrderLine:
    """What was sold. `discount` and `tax` are of the whole line."""

    line: int
    sku: Sku
    ordered: int
    shipped: int
    returned: int
    unit_price: Decimal
    discount: Decimal
    tax: Decimal
    kit_parent: int | None = None
    said: Said | None = None

    @property
    def total(self) -> Decimal:
        return self.ordered * self.unit_price - self.discount + self.tax


@dataclass(frozen=True)
class Order:
    """A sales order."""

    number: str
    status: str
    order_type: str
    customer: str
    currency: str
    ordered_on: date
    ship_to: dict[str, str]
    """The texts of SHIP_TO."""
    lines: tuple[OrderLine, ...]
    warehouse: str
    freight: Decimal = ZERO
    archived: bool = False
    invoice: str = ""
    invoiced_on: date | None = None
    inclusive: bool = False
    """Whether `Said` prices hold tax. BlueCherry itself knows net prices only."""
    ext_ref: str = ""
    linked_ra: str = ""
    original: str = ""
    allocated: tuple[tuple[Sku, int], ...] = ()
    """Units of its warehouse that wait for its despatch."""

    @property
    def total(self) -> Decimal:
        return sum((line.total for line in self.lines), ZERO) + self.freight

    @property
    def tax(self) -> Decimal:
        return sum((line.tax for line in self.lines), ZERO)

    def line(self, number: int) -> OrderLine | None:
        return next((line for line in self.lines if line.line == number), None)


@dataclass(frozen=True)
class RaLine:
    """What may come back, and what of it did."""

    line: int
    order_line: int
    """0 on a standalone RA."""
    sku: Sku
    quantity: int
    received: int = 0
    credited: int = 0


@dataclass(frozen=True)
class Ra:
    """A return authorization. Its status follows from its lines."""

    number: str
    ext_ref: str
    order: str
    """Empty on a standalone RA."""
    customer: str
    currency: str
    warehouse: str
    lines: tuple[RaLine, ...]
    cancelled: bool = False

    @property
    def status(self) -> str:
        if self.cancelled:
            return "CANCELLED"
        if not any(line.received for line in self.lines):
            return "OPEN"
        if any(line.received < line.quantity for line in self.lines):
            return "PARTIAL"
        done = all(line.credited == line.quantity for line in self.lines)
        return "CREDITED" if done else "RECEIVED"

    def line(self, number: int) -> RaLine | None:
        return next((line for line in self.lines if line.line == number), None)


@dataclass(frozen=True)
class MemoLine:
    """Units of one RA line; `price` and `tax` per unit."""

    ra_line: int
    quantity: int
    price: Decimal
    tax: Decimal


@dataclass(frozen=True)
class Memo:
    """A credit memo. SUBTOTAL + TAX + FREIGHT − FEES = TOTAL."""

    ext_ref: str
    ra: str
    invoice: str
    customer: str
    currency: str
    day: date
    lines: tuple[MemoLine, ...]
    subtotal: Decimal
    tax: Decimal
    freight: Decimal
    fees: Decimal
    total: Decimal
    number: str = ""
    voided_by: str = ""

    @property
    def status(self) -> str:
        return "VOIDED" if self.voided_by else "POSTED"


@dataclass(frozen=True)
class Claim:
    """An EXTREF that was accepted: its document, and the RA, memo or order that this is about."""

    number: str
    about: str = ""


@dataclass(frozen=True)
class Moment:
    """A window's state shown by the read API. `at` is the sandbox's own count of seconds."""

    at: float
    as_of: str = field(compare=False)
