"""What the demo sells and takes back. Amounts are decimal text in the order's currency."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Units = Sequence[tuple[str, int, str]]
"""What a parcel holds: SKU, units, disposition."""

LOCATION = "LDN-1"
"""Where the demo's goods arrive: a location of every connection's mappings."""


@dataclass(frozen=True)
class Sold:
    """A line of an order. `price` is per unit with VAT, `discount` of the whole line.

    parts: SKU → units per kit; each part becomes a line of its own behind this one
    """

    sku: str
    price: str
    quantity: int = 1
    discount: str = "0"
    vat: str = "20.00"
    parts: tuple[tuple[str, int], ...] = ()

    def seed(self) -> Json:
        """The line as the ERPs' sandboxes take it."""
        parts = [{"sku": sku, "per_kit": units} for sku, units in self.parts]
        return {
            "sku": self.sku,
            "quantity": self.quantity,
            "price": self.price,
            "discount": self.discount,
            "vat_rate": self.vat,
            "parts": parts,
        }


@dataclass(frozen=True)
class Wanted:
    """A line that the customer sends back: what the platform believes it is worth.

    line: number of the order's line
    new: SKU wanted for each unit instead of money, for `new_price` (default: the same price)
    keep: the customer keeps the units and gets the money
    """

    sku: str
    price: str
    quantity: int = 1
    discount: str = "0"
    line: int = 1
    reason: str = "changed_mind"
    new: str = ""
    new_price: str = ""
    keep: bool = False

    def spec(self) -> Json:
        """The item as the platforms' sandboxes take it."""
        swap = {"sku": self.new, "quantity": self.quantity, "unit_price": self.new_price or self.price}
        return {
            "external_id": str(self.line),
            "sku": self.sku,
            "quantity": self.quantity,
            "unit_price": self.price,
            "discount": self.discount,
            "tax_rate": "0.20",
            "reason": self.reason,
            "exchange": swap if self.new else None,
            "keep_item": self.keep,
        }
