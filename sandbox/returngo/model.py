"""The things a shop keeps at ReturnGO. Amounts are decimals in the RMA's currency; times are UTC."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.kit.money import ZERO
from sandbox.kit.wanted import CustomerSpec

Json = dict[str, Any]

INVOICE = "InvoicePayment"
"""Transaction type of what a customer pays; every other one pays the customer."""


@dataclass(frozen=True)
class Verdict:
    """What somebody says about one unit: it was returned, and if so, it can be restocked.

    reason: why not, for either no; location: the store location, empty when none is named
    """

    item_id: str
    returned: bool = True
    restockable: bool = True
    reason: str = ""
    location: str = ""


@dataclass(frozen=True)
class Validation:
    """A verdict as it stands on the item. by: `Dashboard` or `API`."""

    verdict: Verdict
    at: datetime
    by: str


@dataclass(frozen=True)
class Wish:
    """New units wanted for one returned unit; `price` is for each of them."""

    sku: str
    quantity: int
    price: Decimal
    variant_id: str


@dataclass
class Item:
    """One returned unit. `price` was paid for it after discounts; `tax` is inside when `tax_included`.

    kept: the customer keeps it (no shipment required): it counts as accepted, and is never validated
    """

    id: str
    line_id: str
    sku: str
    name: str
    price: Decimal
    tax: Decimal
    tax_included: bool
    reason: str
    reason_text: str
    wish: Wish | None
    kept: bool = False
    validation: Validation | None = None

    @property
    def decided(self) -> bool:
        """Nobody needs to look at it (again)."""
        return self.kept or self.validation is not None

    @property
    def rejected(self) -> bool:
        """It was looked for and did not come back."""
        return self.validation is not None and not self.validation.verdict.returned


@dataclass
class Transaction:
    """Money to or from the customer: type, amount, and the items it is for."""

    id: str
    type: str
    status: str
    amount: Decimal
    item_ids: list[str]
    created_at: datetime
    updated_at: datetime
    reference_id: str | None = None
    reference_type: str | None = None

    @property
    def live(self) -> bool:
        """It moved, or still may."""
        return self.status not in ("Failed", "Canceled")


@dataclass
class Shipment:
    """One parcel of the customer."""

    id: str
    status: str = "Pending"
    carrier: str | None = None
    tracking_number: str | None = None
    tracking_url: str | None = None
    label_url: str | None = None


@dataclass
class Rma:
    """A return.

    planned: what the automatic refund pays, whatever the items say
    settled, invoiced: the money due that automatic refunds and invoices have answered so far
    """

    id: str
    status: str
    order_id: str
    order_name: str
    currency: str
    instant: bool
    refund_type: str
    customer: CustomerSpec
    items: list[Item]
    fees: Decimal
    shipping_refund: Decimal
    bonus: Decimal
    planned: Decimal | None
    auto_approved: bool
    created_at: datetime
    updated_at: datetime
    settled: Decimal = ZERO
    invoiced: Decimal = ZERO
    shipments: list[Shipment] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    exchange_orders: list[Json] = field(default_factory=list)
    events: list[Json] = field(default_factory=list)
    comments: list[Json] = field(default_factory=list)

    @property
    def needs_shipment(self) -> bool:
        """At least one unit must come back."""
        return any(not item.kept for item in self.items)

    @property
    def all_decided(self) -> bool:
        """Every unit that must come back is validated."""
        return all(item.decided for item in self.items)
