"""Orders in the seed's words, and what they come to: worked out by hand here, never taken from a vendor."""

from dataclasses import dataclass
from typing import Any

from tests.conformance.case import COAT, LONG_COAT, SHIRT

KIT, SCARF, HAT, CANDLE = "P4000-GIFT", "P4001-RED-S", "P4002-RED-OS", "P4003-OAK"


@dataclass(frozen=True)
class Sold:
    """One order. Amounts are minor units, with tax.

    lines: as the seed wants them; paid: SKU as sold → what the customer paid for all of its units
    parts: SKU of a kit → units of each part in the order
    """

    name: str
    currency: str
    lines: list[dict[str, Any]]
    paid: dict[str, int]
    charges: dict[str, str]
    shipping: int
    total: int
    inclusive: bool = True
    parts: dict[str, dict[str, int]] | None = None

    @property
    def header(self) -> dict[str, Any]:
        """The rest of the seed."""
        return {"currency": self.currency, "vat_inclusive": self.inclusive, "charges": self.charges}

    def __str__(self) -> str:
        return self.name


SOLD = (
    Sold(
        "two decimals, discounts, shipping",
        "GBP",
        [
            {"sku": COAT, "quantity": 1, "price": "245.00", "discount": "24.50"},
            {"sku": SHIRT, "quantity": 3, "price": "19.99", "discount": "5.71"},
        ],
        paid={COAT: 22050, SHIRT: 5426},
        charges={"RM24": "4.95"},
        shipping=495,
        total=27971,
    ),
    Sold(
        "no decimals",
        "JPY",
        [{"sku": SHIRT, "quantity": 3, "price": "1100", "discount": "313", "vat_rate": "10"}],
        paid={SHIRT: 2987},
        charges={"RM24": "500"},
        shipping=500,
        total=3487,
    ),
    Sold(
        "three decimals",
        "KWD",
        [{"sku": COAT, "quantity": 2, "price": "6.375", "discount": "0.603", "vat_rate": "5"}],
        paid={COAT: 12147},
        charges={},
        shipping=0,
        total=12147,
    ),
    Sold(
        "tax on top, two rates",  # 180.00 + 36.00, 33.33 + 1.67
        "EUR",
        [
            {"sku": COAT, "quantity": 2, "price": "100.00", "discount": "20.00", "vat_rate": "20"},
            {"sku": LONG_COAT, "quantity": 1, "price": "33.33", "vat_rate": "5"},
        ],
        paid={COAT: 21600, LONG_COAT: 3500},
        charges={},
        shipping=0,
        total=25100,
        inclusive=False,
    ),
    Sold(
        "two rates in the price, one of them zero",
        "GBP",
        [
            {"sku": COAT, "quantity": 1, "price": "60.00", "vat_rate": "20"},
            {"sku": SHIRT, "quantity": 2, "price": "12.50", "vat_rate": "0"},
        ],
        paid={COAT: 6000, SHIRT: 2500},
        charges={},
        shipping=0,
        total=8500,
    ),
    Sold(
        "a kit",
        "GBP",
        [
            {
                "sku": KIT,
                "quantity": 2,
                "price": "79.99",
                "parts": [{"sku": SCARF}, {"sku": HAT}, {"sku": CANDLE, "per_kit": 2}],
            },
            {"sku": SHIRT, "quantity": 1, "price": "19.99"},
        ],
        paid={KIT: 15998, SHIRT: 1999},
        charges={"RM24": "3.00"},
        shipping=300,
        total=18297,
        parts={KIT: {SCARF: 2, HAT: 2, CANDLE: 4}},
    ),
)
