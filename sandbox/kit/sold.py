"""What a test or the demo says about the ERP it wants: items, orders and stock, in words that every ERP sandbox takes.

Order states are ``Entered``, ``Allocated``, ``Despatched``, ``Invoiced``, ``Closed`` and ``Cancelled``; each sandbox
has its own words for them.
"""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

SHIPPED = ("Despatched", "Invoiced", "Closed")


class Seed(BaseModel):
    """Amounts are decimal text or Decimal, never float."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PartSeed(Seed):
    """One part of a kit."""

    sku: str
    per_kit: int = Field(default=1, ge=1)


class LineSeed(Seed):
    """A sold line. With `parts` it is a kit line, and one line per part follows it at price 0."""

    sku: str
    quantity: int = Field(default=1, ge=1)
    price: Decimal
    """Per unit, with VAT when the order is VAT inclusive."""
    discount: Decimal = Decimal(0)
    """Of the whole line."""
    vat_rate: Decimal = Decimal(20)
    vat_value: Decimal | None = None
    """Of the whole line; computed when left out."""
    despatched: int | None = None
    returned: int = 0
    warehouse: str = "01"
    reference: str | None = None
    parts: tuple[PartSeed, ...] = ()


class DeliverySeed(Seed):
    """Where the order went."""

    forename: str = "Ada"
    surname: str = "Byron"
    line1: str = "1 High St"
    line2: str = "Leeds"
    postcode: str = "LS1 1AA"
    country: str = "GB"


class ItemSeed(Seed):
    """One item of the master."""

    sku: str
    description: str = ""
    barcode: str = ""
    active: bool = True
    parts: tuple[PartSeed, ...] = ()


class OrderSeed(Seed):
    """`status` is one of Prima's order states; despatched units follow it unless a line says otherwise."""

    number: str
    lines: tuple[LineSeed, ...] = Field(min_length=1)
    status: str = "Despatched"
    order_type: str = "WEB"
    archived: bool = False
    customer: str = "C001"
    currency: str = "GBP"
    vat_inclusive: bool = True
    ordered_on: date = date(2026, 3, 14)
    invoice: str | None = None
    email: str = "ada@example.com"
    charges: dict[str, Decimal] = Field(default_factory=dict)
    delivery: DeliverySeed = DeliverySeed()


class StockSeed(Seed):
    """Units to add to a depot."""

    sku: str
    depot: str = "01"
    quantity: int


class WorldSeed(Seed):
    """Body of `POST /_sandbox/seed`: everything is added to what is there."""

    items: tuple[ItemSeed, ...] = ()
    orders: tuple[OrderSeed, ...] = ()
    stock: tuple[StockSeed, ...] = ()
    active: dict[str, bool] = Field(default_factory=dict)
    closed_until: date | None = None
