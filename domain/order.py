"""The order snapshot: the frozen copy of the ERP's order from which every amount comes (money.md 6.2)."""

import hashlib
from datetime import date
from enum import StrEnum
from fractions import Fraction

from pydantic import Field

from domain.model import Value


class TaxMode(StrEnum):
    """Whether line amounts contain tax."""

    INCLUSIVE = "inclusive"
    EXCLUSIVE = "exclusive"
    NONE = "none"


class LineTax(Value):
    """One tax code of one line. `amount` is for the whole line; None when the ERP states only a rate."""

    code: str
    rate: str = Field(description="percent as decimal text, e.g. '20.00'", pattern=r"^\d+(\.\d+)?$")
    amount: int | None = Field(default=None, ge=0)

    @property
    def rate_fraction(self) -> Fraction:
        """The rate in percent, exact."""
        return Fraction(self.rate)


class Component(Value):
    """One SKU of a bundle line's recipe. `weight` is its share of the bundle's value (money.md 6.6)."""

    sku: str
    quantity_per_bundle: int = Field(ge=1)
    weight: int = Field(ge=0)
    order_line_id: str = Field(default="", description="the part's own order line where the ERP has one")


class OrderLine(Value):
    """One line of the original order. Amounts are minor units for the whole line, before order discounts."""

    line_id: str
    sku: str
    quantity: int = Field(ge=1)
    gross_of_discount: int = Field(ge=0, description="quantity x unit price, before line discounts")
    line_discount: int = Field(default=0, ge=0)
    taxes: tuple[LineTax, ...] = ()
    components: tuple[Component, ...] = Field(default=(), description="recipe of a bundle; empty otherwise")
    returnable: bool = Field(default=True, description="false for gift cards and services")

    @property
    def base(self) -> int:
        """Value of the line after its own discounts: B of money.md 6.3."""
        return self.gross_of_discount - self.line_discount


class Fulfilment(Value):
    """How far the ERP is with the units of a line: how many it sent out, and how many of them came back or are to.

    despatched: None where the ERP does not say
    """

    despatched: int | None = Field(default=None, ge=0)
    returned: int = Field(default=0, ge=0)


class OrderDiscount(Value):
    """A discount that the order states as one total. An empty `scope` means all lines."""

    amount: int = Field(ge=0)
    scope: tuple[str, ...] = ()


class OrderTax(Value):
    """Tax of the goods that the order states per code as one total (6.4 b); charges have their own."""

    code: str
    rate: str
    amount: int = Field(ge=0)


class Charge(Value):
    """Shipping, a fee or a duty of the order, in minor units, in the order's tax mode."""

    code: str
    amount: int
    tax: int = 0


class OrderStatus(StrEnum):
    """What the ERP still allows on the order."""

    OPEN = "open"
    LOCKED = "locked"  # closed or archived: readable, not changeable; needs a standalone RMA (R16)
    CANCELLED = "cancelled"


class OrderSnapshot(Value):
    """The money basis of all returns of one order: references, quantities and amounts, no personal data."""

    order_number: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    tax_mode: TaxMode
    ordered_on: date
    status: OrderStatus = OrderStatus.OPEN
    erp_status: str = Field(default="", description="the ERP's own word, for people")
    customer_ref: str = Field(default="", description="the ERP's customer number")
    invoice_number: str = ""
    fx_rate: str = Field(default="1", pattern=r"^\d+(\.\d+)?$")
    lines: tuple[OrderLine, ...]
    discounts: tuple[OrderDiscount, ...] = Field(default=(), description="in order of application")
    order_taxes: tuple[OrderTax, ...] = ()
    shipping: tuple[Charge, ...] = ()
    fees: tuple[Charge, ...] = ()
    rounding_line: int = 0
    total: int = Field(description="what the customer was charged, in minor units")
    captured: int | None = Field(default=None, description="money captured, when the ERP tells")
    fulfilment: dict[str, Fulfilment] = Field(
        default={}, description="as of this reading, by order line, also by the own line of a part; {}: not told"
    )

    def line(self, line_id: str) -> OrderLine | None:
        """The line with this id, or None."""
        return next((line for line in self.lines if line.line_id == line_id), None)

    @property
    def money_hash(self) -> str:
        """Hash of all that money depends on, not of how far the order is; equal content gives an equal hash (I10)."""
        content = self.model_dump_json(exclude={"status", "erp_status", "fulfilment"})
        return hashlib.sha256(content.encode()).hexdigest()
