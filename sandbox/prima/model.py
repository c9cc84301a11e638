"""Rows of the emulated Prima. All immutable: a change is a new row. Whole units, amounts Decimal."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

CODES = ("MtrxCode1", "MtrxCode2", "MtrxCode3", "MtrxCode4")


@dataclass(frozen=True, order=True)
class Sku:
    """A product and up to four matrix codes (empty text where unused)."""

    product: str
    codes: tuple[str, str, str, str] = ("", "", "", "")

    def __str__(self) -> str:
        return "-".join(part for part in (self.product, *self.codes) if part)

    @property
    def attributes(self) -> dict[str, str]:
        return {"Product": self.product} | dict(zip(CODES, self.codes, strict=True))


@dataclass(frozen=True)
class Item:
    """One row of the item master."""

    sku: Sku
    description: str = ""
    barcode: str = ""
    active: bool = True
    parts: tuple[tuple[Sku, int], ...] = ()
    """Kit recipe: part and units per kit. Empty: not a kit."""


@dataclass(frozen=True)
class OrderLine:
    """What was sold."""

    line: int
    sku: Sku
    quantity: int
    despatched: int
    returned: int
    """Units whose goods came back."""
    price: Decimal
    """Per unit, before discount; with VAT when the order is VAT inclusive."""
    discount: Decimal
    """Of the whole line."""
    vat_rate: Decimal
    vat_value: Decimal
    """Of the whole line."""
    warehouse: str
    reference: str
    kit_line: int
    """Line number of the kit this part belongs to, or 0."""


@dataclass(frozen=True)
class Charge:
    """Shipping or a fee; the code is set up per customer."""

    charge: str
    value: Decimal


@dataclass(frozen=True)
class Allocation:
    """Units of a depot that wait for the despatch of one order line."""

    line: int
    sku: Sku
    depot: str
    quantity: int


@dataclass(frozen=True)
class Order:
    """A sales order. `customer_ref` and `original` are texts of whoever placed it over the wire."""

    number: str
    prima_order: str
    status: str
    order_type: str
    archived: bool
    customer: str
    currency: str
    vat_inclusive: bool
    ordered_on: date
    invoice: str
    email: str
    lines: tuple[OrderLine, ...]
    charges: tuple[Charge, ...]
    delivery: dict[str, str]
    customer_ref: str = ""
    original: str = ""
    allocated: tuple[Allocation, ...] = ()
    """Stock set aside for it until it is despatched or cancelled."""

    def line(self, number: int) -> OrderLine | None:
        return next((line for line in self.lines if line.line == number), None)

    @property
    def total(self) -> Decimal:
        """What it is invoiced over: lines less discounts, VAT where prices hold none, charges."""
        tax = Decimal(0) if self.vat_inclusive else sum((line.vat_value for line in self.lines), Decimal(0))
        goods = sum((line.quantity * line.price - line.discount for line in self.lines), Decimal(0))
        return goods + tax + sum((charge.value for charge in self.charges), Decimal(0))


@dataclass(frozen=True)
class ReturnLine:
    """What may come back, and what of it did."""

    line: int
    order_line: int
    """0 on a standalone return."""
    sku: Sku
    quantity: int
    price: str
    reason: str
    reference: str
    received: int = 0
    credited: int = 0


@dataclass(frozen=True)
class Return:
    """An RMA. Its status follows from its lines."""

    number: str
    tpguid: str
    order: str
    """Order number, empty on a standalone return."""
    customer: str
    currency: str
    vat_inclusive: bool
    depot: str
    narrative: str
    lines: tuple[ReturnLine, ...]
    cancelled: bool = False

    def line(self, number: int) -> ReturnLine | None:
        return next((line for line in self.lines if line.line == number), None)

    @property
    def status(self) -> str:
        if self.cancelled:
            return "Cancelled"
        if all(line.received == 0 for line in self.lines):
            return "Open"
        if any(line.received < line.quantity for line in self.lines):
            return "Part Receipted"
        done = all(line.credited == line.quantity for line in self.lines)
        return "Credited" if done else "Receipted"


@dataclass(frozen=True)
class ReceiptLine:
    """Units of one return line put into one depot."""

    return_line: int
    sku: Sku
    quantity: int
    depot: str
    condition: str


@dataclass(frozen=True)
class Receipt:
    """Goods in."""

    number: str
    tpguid: str
    return_number: str
    day: date
    lines: tuple[ReceiptLine, ...]


@dataclass(frozen=True)
class Transfer:
    """Stock from one depot to another."""

    number: str
    tpguid: str
    from_depot: str
    to_depot: str
    lines: tuple[tuple[Sku, int], ...]


@dataclass(frozen=True)
class Adjustment:
    """Stock written up or off."""

    number: str
    tpguid: str
    lines: tuple[tuple[Sku, str, int, str], ...]
    """SKU, depot, signed quantity, reason."""


@dataclass(frozen=True)
class CreditLine:
    """Units of one return line, credited at one price."""

    line: int
    return_line: int
    order_line: int
    sku: Sku
    quantity: int
    price: Decimal
    """Per unit; gross when the order is VAT inclusive, net otherwise."""
    vat_rate: Decimal
    vat_value: Decimal
    """Of the whole line."""


@dataclass(frozen=True)
class Credit:
    """A credit note."""

    number: str
    tpguid: str
    return_number: str
    order: str
    invoice: str
    currency: str
    day: date
    lines: tuple[CreditLine, ...]
    charges: tuple[Charge, ...]
    total: Decimal
    reversal: str = ""

    @property
    def status(self) -> str:
        return "Reversed" if self.reversal else "Posted"
