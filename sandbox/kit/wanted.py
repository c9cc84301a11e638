"""What a test or the demo says about a return it wants to exist."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator, ConfigDict

from sandbox.kit.money import ZERO, no_float

Mode = Literal["instant", "not_instant"]
Kind = Literal["refund", "exchange", "mixed"]
Money = Annotated[Decimal, BeforeValidator(no_float)]
"""An amount; in JSON it is text, never a number with a point."""
PayPolicy = Literal["at_once", "later", "withheld"]


@dataclass(frozen=True)
class CustomerSpec:
    """The shopper; `country` is ISO 3166-1 alpha-2."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    email: str
    first_name: str
    last_name: str
    country: str


CUSTOMERS = (
    CustomerSpec("zoe@example.com", "Zoë", "Müller-O'Brien", "DE"),
    CustomerSpec("jose@example.com", "José María", "Núñez Peña", "ES"),
    CustomerSpec("lukasz@example.com", "Łukasz", "Żółkiewski", "PL"),
    CustomerSpec("sakura@example.com", "さくら", "山田", "JP"),
    CustomerSpec("ann@example.com", "Ann", "Smith", "GB"),
    CustomerSpec("elodie@example.com", "Élodie", "D’Arc", "FR"),
)


@dataclass(frozen=True)
class ExchangeSpec:
    """The new item wanted for a returned one; `unit_price` per unit, in the return's currency."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    sku: str
    quantity: int = 1
    unit_price: Money = ZERO
    variant_external_id: str = ""


@dataclass(frozen=True)
class ItemSpec:
    """One returned line.

    `external_id` is the order line number. `unit_price` is per unit; `discount` and `tax` are for the whole
    quantity; `tax_rate` is a fraction (`0.21`). `tax` left out is computed from the rate.
    The customer keeps a `keep_item`: it counts as accepted from the beginning.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    external_id: str
    sku: str
    quantity: int
    unit_price: Money
    discount: Money = ZERO
    tax: Money | None = None
    tax_rate: Money = Decimal("0.21")
    tax_included: bool = True
    reason: str = "changed_mind"
    reason_text: str = ""
    name: str = ""
    exchange: ExchangeSpec | None = None
    keep_item: bool = False


@dataclass(frozen=True)
class ItemEdit:
    """What the merchant changes on one undecided item; what is left out stays.

    `quantity` is the new one: discount, tax and wanted new units follow it. `exchange` replaces the wish, `refund`
    takes it away, `keep_item` lets the customer keep the units, which accepts them.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    item_id: str
    quantity: int | None = None
    exchange: ExchangeSpec | None = None
    refund: bool = False
    keep_item: bool = False


@dataclass(frozen=True)
class DeliveryPolicy:
    """How the webhooks of one return travel.

    `duplicate` sends each one twice, `late_seconds` delays each, `hold` gathers that many and sends them
    newest first (an incomplete group goes after `hold_seconds`), `lost` never sends.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    duplicate: bool = False
    late_seconds: float = 0.0
    hold: int = 0
    hold_seconds: float = 5.0
    lost: bool = False


@dataclass(frozen=True)
class ReturnSpec:
    """A return to create.

    Amounts in `currency` (ISO 4217). `type` left out follows from the items. `planned_refund` overrides what an
    automatic refund will pay.
    `delivery` applies from the very first webhook, `return.created`.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    order_external_id: str
    items: tuple[ItemSpec, ...]
    order_number: str = ""
    currency: str = "EUR"
    mode: Mode = "not_instant"
    type: Kind | None = None
    fees: Money = ZERO
    shipping_refund: Money = ZERO
    bonus: Money = ZERO
    status: Literal["incomplete", "in_progress"] = "in_progress"
    customer: CustomerSpec | None = None
    refund_method: Literal["instant_bank_transfer", "store_credit", "original_payment_method"] | None = None
    planned_refund: Money | None = None
    delivery: DeliveryPolicy | None = None
