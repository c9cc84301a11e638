"""The bodies that we read: ASSUMED(3), ASSUMED(8) and "Readings agreed" of vendors/patchworks.md.

What is not named here is never looked at. Amounts stay decimal text until their currency is known.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

NUMBER_DIGITS = 40
"""A JSON number beyond that is no amount: written out, ``1e999999999`` would fill the memory."""


def _plain(value: object) -> object:
    """A JSON number as plain decimal text; texts and everything else stay as they are."""
    if isinstance(value, Decimal) and abs(value.adjusted()) < NUMBER_DIGITS:
        return format(value, "f")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _zero(value: object) -> object:
    return "0" if value is None else _plain(value)


def _nothing(value: object) -> object:
    return "" if value is None else _plain(value)


def _whole(value: object) -> object:
    """``2.00`` is two units too."""
    if not isinstance(value, Decimal) or abs(value.adjusted()) >= NUMBER_DIGITS:
        return value
    return int(value) if value == value.to_integral_value() else value


def _day(value: object) -> object:
    return date.fromisoformat(value[:10]) if isinstance(value, str) else value


def _time(value: object) -> object:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


Amount = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"), BeforeValidator(_plain)]
AmountOrZero = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"), BeforeValidator(_zero)]
Text = Annotated[str, BeforeValidator(_nothing)]
"""May be null or a whole number on the wire."""
Name = Annotated[str, Field(min_length=1, max_length=200), BeforeValidator(_plain)]
Units = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_whole)]
SignedUnits = Annotated[int, BeforeValidator(_whole)]
Day = Annotated[date, BeforeValidator(_day)]
Moment = Annotated[AwareDatetime, BeforeValidator(_time)]


class Wire(BaseModel):
    """A part of a body; names are camelCase on the wire."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        strict=True,
        hide_input_in_errors=True,
        alias_generator=to_camel,
        validate_by_name=True,
    )


class WireError(Wire):
    """Why an operation was refused."""

    code: Text = ""
    message: Text = ""
    retryable: bool = False
    details: dict[str, object] = {}


class Head(Wire):
    """What every element says. `of`: the operation whose outcome `get_operation` tells."""

    status: Literal["ok", "error", "in_progress", "not_found"]
    operation: str
    idempotency_key: str
    error: WireError | None = None


class WireTaken(Wire):
    """A line of our return as the ERP took it; without a quantity all of it."""

    id: Name
    quantity: Units | None = None


class WireErp(Wire):
    """The document in the ERP. The amounts are a credit note's; `cancelled`: it was undone since."""

    document_number: Name
    lines: list[WireTaken] = []
    applied: Amount | None = None
    unapplied: Amount | None = None
    cancelled: bool = False


class WireCommerce(Wire):
    """Whether the commerce side was told as well (R136)."""

    status: Literal["told", "failed", "not_configured"]
    message: Text = ""


class Written(Wire):
    """The answer to a write, and of `get_operation` about one. Only `erp` proves the posting (ASSUMED(5))."""

    duplicate: bool = False
    erp: WireErp
    commerce: WireCommerce | None = None


class Told(Wire):
    """The answer of `tell_commerce`."""

    commerce: WireCommerce


class WireComponent(Wire):
    """A part of a bundle; `quantity` per bundle, `weight`: its share of the bundle's value."""

    sku: Name
    quantity: Annotated[int, Field(ge=1, le=100_000), BeforeValidator(_whole)]
    weight: AmountOrZero = "0"
    order_line_item_id: Text = ""


class WireOrderLine(Wire):
    """A line of an order; `line_discount` and `tax_amount` are of the whole line."""

    id: Name
    sku: Name
    quantity: Units
    unit_price: Amount
    line_discount: AmountOrZero = "0"
    tax_code: Text = ""
    tax_rate: Text = ""
    tax_amount: Amount | None = None
    components: list[WireComponent] = []
    returnable: bool = True
    quantity_fulfilled: Units | None = None
    quantity_returnable: Units | None = None


class WireDiscount(Wire):
    """A discount; one that is not of type ``order`` is in the lines or the shipping already."""

    type: Text = ""
    amount: AmountOrZero = "0"


class WireFee(Wire):
    """A fee of an order."""

    code: Name
    amount: AmountOrZero = "0"
    tax_amount: AmountOrZero = "0"


class WireInvoice(Wire):
    """An invoice of an order."""

    number: Name


class WireOrder(Wire):
    """An order. Of customer and address only whether they are there is ever used."""

    id: Name
    order_number: Name
    status: Name
    archived: bool = False
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    tax_included: bool
    order_date: Day
    customer: Mapping[str, object] | None = Field(default=None, repr=False)
    shipping_address: Mapping[str, object] | None = Field(default=None, repr=False)
    line_items: list[WireOrderLine]
    discounts: list[WireDiscount] = []
    shipping_price: AmountOrZero = "0"
    shipping_tax: AmountOrZero = "0"
    fees: list[WireFee] = []
    rounding: AmountOrZero = "0"
    total_price: Amount
    invoices: list[WireInvoice] = []


class OrderRead(Wire):
    """The answer of `get_order`."""

    order: WireOrder


class WireReturnOrder(Wire):
    """A return order of the ERP."""

    number: Name
    open: bool
    cancelled: bool = False


class ReturnRead(Wire):
    """The answer of `get_return`."""

    return_order: WireReturnOrder


class WireItem(Wire):
    """An item of the master."""

    sku: Name
    active: bool
    components: list[WireComponent] = []


class ItemsRead(Wire):
    """The answer of `get_items`."""

    items: list[WireItem]


class WireStock(Wire):
    """Stock of one SKU at one location."""

    sku: Name
    location_id: Name
    on_hand: SignedUnits
    available: SignedUnits


class StockRead(Wire):
    """The answer of `get_stock`."""

    stock: list[WireStock]


class WireCreditNote(Wire):
    """A credit note as the ERP lists it; `external_id` is our key when it is ours."""

    number: Name
    external_id: Text = ""
    return_number: Text = ""
    order_id: Text = ""
    total: Amount
    voided: bool = False
    date: Day
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class CreditNotesRead(Wire):
    """The answer of `get_credit_notes`."""

    credit_notes: list[WireCreditNote]
    next_page: int | None = None


class WireInspection(Wire):
    """What was found of one line."""

    condition_category: Text = ""
    disposition_outcome: Text = ""
    warehouse_location_id: Text = ""
    inspected_at: Moment | None = None


class WireReturnLine(Wire):
    """A line of a return that the warehouse reports. `quantity_returned` is of this receipt."""

    order_line_item_id: Text = ""
    sku: Name
    quantity_returned: Units
    inspection: WireInspection | None = None


class WireReturn(Wire):
    """The return of an inbound event."""

    external_id: Name
    location_id: Text = ""
    parcel: Text = ""
    return_line_items: list[WireReturnLine] = []


class WireEvent(Wire):
    """An inbound event (ASSUMED(8))."""

    event_id: Annotated[str, Field(min_length=1, max_length=100)]
    type: Annotated[str, Field(min_length=1, max_length=100)]
    occurred_at: Moment | None = None
    return_: WireReturn | None = Field(default=None, alias="return")
