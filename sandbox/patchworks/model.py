"""Rows of the NetSuite-like ERP. All immutable: a change is a new row. Whole units, amounts Decimal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from sandbox.kit.money import ZERO

Parts = tuple[tuple[str, int], ...]
"""Component SKU and units per kit. Empty: not a kit."""

CLOSED, CANCELLED = "Closed", "Cancelled"
RETURNABLE = ("Partially Fulfilled", "Pending Billing/Partially Fulfilled", "Pending Billing", "Billed")
"""States from which a return authorisation can be made."""
OPEN = ("Pending Approval", "Pending Fulfillment")
"""States in which nothing has left yet."""

RaStatus = Literal["Pending Receipt", "Partially Received", "Pending Refund", "Refunded", "Cancelled"]


@dataclass(frozen=True)
class Item:
    """One row of the item master."""

    sku: str
    description: str = ""
    barcode: str = ""
    active: bool = True
    parts: Parts = ()


@dataclass(frozen=True)
class OrderLine:
    """What was sold. Numbers have gaps: the members of a kit take numbers and are no lines of their own."""

    line: int
    sku: str
    quantity: int
    fulfilled: int
    returned: int
    """Units that came back before the authorisations that this ERP holds."""
    price: Decimal
    """Per unit, before discount; with tax when the order's prices hold it."""
    discount: Decimal
    """Of the whole line."""
    tax_rate: Decimal
    tax: Decimal
    """Of the whole line, after its share of the order's discounts."""
    location: str
    parts: Parts = ()

    @property
    def value(self) -> Decimal:
        """After its own discount, before the order's."""
        return self.quantity * self.price - self.discount

    def units(self, sku: str) -> int:
        """How many units of `sku` one of this line is: 1 for its own SKU, or the recipe's; 0 for others."""
        if self.parts:
            return dict(self.parts).get(sku, 0)
        return int(self.sku == sku)


@dataclass(frozen=True)
class Charge:
    """Shipping or a fee."""

    code: str
    amount: Decimal


@dataclass(frozen=True)
class Invoice:
    """`due` is what can still be paid or credited on it; nothing due: no credit can be applied."""

    number: str
    total: Decimal
    due: Decimal


@dataclass(frozen=True)
class Committed:
    """Units of a location that wait for the despatch of an order."""

    sku: str
    location: str
    quantity: int


@dataclass(frozen=True)
class Address:
    """Whom and where an order goes to."""

    first_name: str = ""
    last_name: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    postcode: str = ""
    country: str = ""


@dataclass(frozen=True)
class Order:
    """A sales order. `key`, `original` and `ra` are those of a replacement order."""

    number: str
    status: str
    order_type: str
    archived: bool
    customer: str
    currency: str
    tax_included: bool
    ordered_on: date
    email: str
    lines: tuple[OrderLine, ...]
    charges: tuple[Charge, ...]
    address: Address
    shipping: Decimal = ZERO
    discounts: tuple[Decimal, ...] = ()
    rounding: Decimal = ZERO
    invoices: tuple[Invoice, ...] = ()
    key: str = ""
    original: str = ""
    ra: str = ""
    committed: tuple[Committed, ...] = ()

    def line(self, number: int) -> OrderLine | None:
        return next((line for line in self.lines if line.line == number), None)

    @property
    def total(self) -> Decimal:
        """Lines less discounts, tax where prices hold none, shipping, fees and the rounding line."""
        goods = sum((line.value for line in self.lines), ZERO) - sum(self.discounts, ZERO)
        tax = ZERO if self.tax_included else sum((line.tax for line in self.lines), ZERO)
        charges = sum((charge.amount for charge in self.charges), ZERO)
        return goods + tax + self.shipping + charges + self.rounding

    @property
    def locked(self) -> bool:
        """No return can be made from it; one that only refers to it can."""
        return self.archived or self.status == CLOSED


@dataclass(frozen=True)
class RaLine:
    """What may come back, and what of it did."""

    line: int
    id: str
    """The caller's id of the line."""
    order_line: int
    """0 on a standalone authorisation."""
    sku: str
    quantity: int
    reason: str = ""
    received: int = 0
    credited: int = 0


@dataclass(frozen=True)
class ReturnAuthorization:
    """Permission to take goods back. `order` is the order it was made from, or only refers to (standalone)."""

    number: str
    key: str
    external_id: str
    order: str
    standalone: bool
    customer: str
    currency: str
    location: str
    lines: tuple[RaLine, ...]
    cancelled: bool = False

    def line(self, number: int) -> RaLine | None:
        return next((line for line in self.lines if line.line == number), None)

    @property
    def status(self) -> RaStatus:
        if self.cancelled:
            return "Cancelled"
        if all(line.received == 0 for line in self.lines):
            return "Pending Receipt"
        if any(line.received < line.quantity for line in self.lines):
            return "Partially Received"
        done = all(line.credited == line.quantity for line in self.lines)
        return "Refunded" if done else "Pending Refund"

    @property
    def untouched(self) -> bool:
        return not any(line.received or line.credited for line in self.lines)


@dataclass(frozen=True)
class MemoLine:
    """Units of one authorised line, credited; `ra_line` 0 on a memo that was not made from an authorisation."""

    ra_line: int
    sku: str
    quantity: int
    amount: Decimal
    """Of all its units, in the order's tax mode."""
    tax: Decimal = ZERO


@dataclass(frozen=True)
class Application:
    """What of a memo was applied to an invoice."""

    invoice: str
    amount: Decimal


@dataclass(frozen=True)
class CreditMemo:
    """A credit. `total` is with tax and charges, and stays as it was when the memo is voided."""

    number: str
    key: str
    ra: str
    """Empty on a standalone memo, which moves stock."""
    order: str
    currency: str
    day: date
    lines: tuple[MemoLine, ...]
    charges: tuple[Charge, ...]
    total: Decimal
    applications: tuple[Application, ...] = ()
    voided: bool = False

    @property
    def applied(self) -> Decimal:
        return sum((part.amount for part in self.applications), ZERO)

    @property
    def unapplied(self) -> Decimal:
        return ZERO if self.voided else self.total - self.applied

    @property
    def invoice(self) -> str:
        """The invoice it was applied to, or empty text."""
        return self.applications[0].invoice if self.applications else ""


@dataclass(frozen=True)
class Move:
    """Signed units of a location."""

    sku: str
    location: str
    quantity: int
    reason: str = ""


def members(parts: Parts, kits: int) -> Iterator[tuple[str, int]]:
    """The components of some kits."""
    return ((sku, per_kit * kits) for sku, per_kit in parts)
