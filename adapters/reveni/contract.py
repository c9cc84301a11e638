"""What we take Reveni's API to be. Every assumption about it is here and nowhere else (vendors/reveni.md).

`ASSUMED(n)` numbers are those of the contract. When Reveni says otherwise, this file changes and no other.
"""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from adapters.kit.status import COMMON, Meaning, StatusTable
from domain.returns import PlatformPhase, RefundState, ReturnKind

# --- signature: documented; ASSUMED(2): lower-case hex and the tolerance ----------------------------------
SIGNATURE_HEADER = "x-reveni-signature"
SIGNATURE_SCHEME = "v1"
SIGNATURE_TOLERANCE_SECONDS = 300

# --- deliveries: ASSUMED(3) -------------------------------------------------------------------------------
RETURN_EVENTS = frozenset({"return.created", "return.updated"})
RETURN_RESOURCE = "return"

# --- addresses: ASSUMED(1), list, refunds and errors ASSUMED(6), notes ASSUMED(7) -------------------------
PRODUCTION_URL = "https://api.reveni.io"
STORE = "/merchants/v0/stores/{store_id}"
RETURNS = "/returns"
RETURN = "/returns/{return_id}"
PARTIAL_VALIDATE = "/returns/{return_id}/partial_validate"
NOTES = "/returns/{return_id}/notes"
REFUNDS = "/refunds"
NUMBER_DIGITS = 40
"""A JSON number beyond that is no amount: written out, ``1e999999999`` would fill the memory."""
PAGE_SIZE = 100
"""The most that a page of returns may have."""
MAX_PAGES = 1000
"""No listing is longer. A vendor that always names a next page must not hold us for ever."""

STATUSES = StatusTable({**COMMON, 400: Meaning.REFUSED})
"""Errors of ASSUMED(6). 409 for an inspection: decided before, or the return takes no decision."""

ERROR_FIELDS = ("detail", "items", "text", "non_field_errors")
"""ASSUMED(6): where an error body has its messages, each a text or a list of texts."""

REQUESTS_PER_SECOND = 5
"""ASSUMED(11): per store."""

# --- words: ASSUMED(9) ------------------------------------------------------------------------------------
PHASES = {
    "incomplete": PlatformPhase.DRAFT,
    "in_progress": PlatformPhase.AUTHORISED,
    "shipped": PlatformPhase.IN_TRANSIT,
    "received": PlatformPhase.RECEIVED,
    "for_review": PlatformPhase.IN_REVIEW,
    "accepted": PlatformPhase.ACCEPTED,
    "partly_accepted": PlatformPhase.PARTLY_ACCEPTED,
    "rejected": PlatformPhase.REJECTED,
    "cancelled": PlatformPhase.CANCELLED,
}
KINDS = {"refund": ReturnKind.REFUND, "exchange": ReturnKind.EXCHANGE, "mixed": ReturnKind.MIXED}
INSTANT = {"instant": True, "not_instant": False}
PAYMENT_PAID = {"pending": False, "paid": True, "failed": False}
"""ASSUMED(12): payment status → whether the money counts."""
REFUND_STATES = {"pending": RefundState.PENDING, "paid": RefundState.PAID, "failed": RefundState.FAILED}
ITEM_ACCEPTED = "accepted"
ITEM_REJECTED = "rejected"
ITEM_UNDECIDED = frozenset({"pending", "for_review"})
ITEM_STATUSES = ITEM_UNDECIDED | {ITEM_ACCEPTED, ITEM_REJECTED}

REJECT_REASONS = ("defect", "damaged", "missing", "wrong_item", "other")
REJECT_REASON_DEFAULT = "other"
REJECT_TEXT_LIMIT = 200


# --- shapes: ASSUMED(5), pages ASSUMED(6) -----------------------------------------------------------------
def _plain_number(value: object) -> object:
    """A JSON number as plain decimal text; texts and everything else stay as they are."""
    if isinstance(value, Decimal) and abs(value.adjusted()) < NUMBER_DIGITS:
        return format(value, "f")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _zero(value: object) -> object:
    return "0" if value is None else _plain_number(value)


def _nothing(value: object) -> object:
    return "" if value is None else _plain_number(value)


def _time(value: object) -> object:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


def _false(value: object) -> object:
    return False if value is None else value


Amount = Annotated[str, BeforeValidator(_plain_number)]
"""Decimal text in major units, e.g. ``"76.4800"``; not yet checked against the currency."""
AmountOrZero = Annotated[str, BeforeValidator(_zero)]
Price = Annotated[str, Field(pattern=r"^[0-9]{1,15}(\.[0-9]{1,6})?$"), BeforeValidator(_plain_number)]
"""An amount that is calculated with before anybody checks it: plain, never negative."""
Total = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"), BeforeValidator(_zero)]
"""The same, with a sign; nothing is zero."""
Flag = Annotated[bool, BeforeValidator(_false)]
Text = Annotated[str, BeforeValidator(_nothing)]
"""Text that may be null; an identifier may also be a whole number."""
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Time = Annotated[AwareDatetime, BeforeValidator(_time)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class Wire(BaseModel):
    """A part of a body that we read. What is not named, such as the customer, is never looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)


class WireOrder(Wire):
    """`external_id` is the ERP's order number, `number` the shop's display name for it."""

    external_id: Text = ""
    number: Text = ""


class WireExchange(Wire):
    """The new item wanted for a returned one; `unit_price` is the catalogue price of one new unit.

    ASSUMED(8): a split leaves the wanted item on both parts, and their quantities add up to what was wanted; where
    fewer units go out than come back, a part may be left with 0. No ``>`` in the SKU: our ids are made with it.
    """

    sku: str = Field(min_length=1, max_length=80, pattern=r"^[^>]+$")
    quantity: int = Field(ge=0, le=100_000)
    unit_price: Price


class WireItem(Wire):
    """Units of one order line. Splits leave several items with one `external_id` (the ERP's order line).

    ASSUMED(13): `keep_item` true says that the customer keeps the units and gets refund or new item all the same.
    Such an item is accepted from the beginning, and takes no inspection. All items of an order line agree on it.
    """

    id: Id
    external_id: Text = ""
    sku: str = Field(min_length=1)
    quantity: int = Field(ge=1, le=100_000)
    status: str
    return_reason: Text = ""
    exchange: WireExchange | None = None
    keep_item: Flag = False
    tax_included: bool | None = None


class WireBreakdown(Wire):
    """The composition of the refund, as far as the order does not tell it.

    ASSUMED(12): a negative `total` is what the customer owes in all for dearer new items, half-up to the minor unit;
    what was paid of it does not change it.
    """

    fees: AmountOrZero = "0"
    shipping_refund: AmountOrZero = "0"
    bonus: AmountOrZero = "0"
    total: Total = "0"


class WireRefund(Wire):
    """Money paid or to be paid. `amount` is in major units of `currency`."""

    id: Id
    status: str
    amount: Amount
    currency: Currency
    kind: Text = ""
    created_at: Time | None = None
    return_id: Text = ""


class WirePayment(Wire):
    """ASSUMED(12): money that the customer pays for dearer new items, in the currency of the return.

    It counts once `status` is ``paid``. Each payment is listed once.
    """

    id: Id
    status: str
    amount: Price
    currency: Currency


class WireShipment(Wire):
    """The parcel."""

    tracking_number: Text = ""


class WireReturn(Wire):
    """A return. Optional parts may be null or missing."""

    id: Id
    type: str
    mode: str
    status: str
    currency: Currency
    order: WireOrder
    return_items: list[WireItem] = Field(max_length=10_000)
    breakdown: WireBreakdown | None = None
    refunds: list[WireRefund] | None = None
    payments: Annotated[list[WirePayment], Field(max_length=1000)] | None = None
    shipment: WireShipment | None = None
    expires_at: Time | None = None
    updated_at: Time | None = None


class WireListed(Wire):
    """A return in a listing: only which one it is, and when it changed last."""

    id: Id
    updated_at: Time | None = None


class WirePage(Wire):
    """One page of a listing; `next` is null on the last."""

    next: str | None = None
    results: list[object]


class WireDecision(Wire):
    """One entry of the inspection call: fields ASSUMED(1), effects ASSUMED(8).

    A partial quantity splits the item; the decided part keeps the id. One call may name an item twice.
    """

    item_id: str
    quantity: int = Field(ge=1)
    status: str
    reject_reason: str | None = None
    reject_reason_text: str | None = None
