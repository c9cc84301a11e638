"""The shapes of Centra's answers that we read; everything else in them is ignored."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from domain.exceptions import ExceptionCode
from domain.money import AmountPrecisionError, parse_minor
from domain.outcomes import Rejected

#: A JSON number beyond that is no amount: written out, ``1e999999999`` would fill the memory.
NUMBER_DIGITS = 40


def _number(value: object) -> object:
    """A JSON number as plain decimal text, never by way of a binary float."""
    if isinstance(value, Decimal) and abs(value.adjusted()) < NUMBER_DIGITS:
        return format(value, "f")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _inside(name: str) -> BeforeValidator:
    """The one field that we need of an object."""
    return BeforeValidator(lambda value: value.get(name) if isinstance(value, dict) else value)


Number = Annotated[str, BeforeValidator(_number)]
Percent = Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,10})?$"), BeforeValidator(_number)]
Units = Annotated[int, Field(ge=0, le=1_000_000)]
IdOf = Annotated[int, _inside("id")]


class Wire(BaseModel):
    """Part of an answer. Its repr shows nothing: it may be about a person."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


W = TypeVar("W", bound=BaseModel)


class Ref(Wire):
    """A thing by its id."""

    id: int


class Amount(Wire):
    """MonetaryValue; `value` is decimal text in major units."""

    value: Number
    currency: Annotated[str, _inside("code")] = ""

    def minor(self, currency: str, what: str) -> int:
        """Minor units. Rejected(AMOUNT_PRECISION) when the number cannot be held exactly."""
        try:
            return parse_minor(self.value, currency)
        except AmountPrecisionError as wrong:
            raise Rejected(ExceptionCode.AMOUNT_PRECISION, f"Centra {what}: {wrong}") from None


NOTHING = Amount(value="0")


class Total(Amount):
    """An amount that says in which currency all others of its document are."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$"), _inside("code")]


class Numbered(Wire):
    """What is asked for by an order's number."""

    number: int


class OrderLine(Wire):
    """A sold line, before order discounts. A bundle's own line has no value; its parts name it in `part_of`."""

    id: int
    quantity: Units
    cancelled: Units = Field(default=0, validation_alias="cancelledQuantity")
    returned: Units = Field(default=0, validation_alias="returnedQuantity")
    tax_percent: Percent = Field(default="0", validation_alias="taxPercent")
    value: Amount = Field(validation_alias="lineValue")
    net: Amount
    original: Amount
    original_net: Amount = Field(validation_alias="originalNet")
    is_bundle: bool = Field(default=False, validation_alias="isBundle")
    part_of: int | None = Field(default=None, validation_alias="isPartOfBundle")
    sku: Annotated[str, _inside("SKU")] = Field(min_length=1, validation_alias="productSize")


class ShipmentLine(Wire):
    """Units of an order line in one shipment."""

    id: int
    quantity: Units
    order_line: IdOf = Field(validation_alias="orderLine")


class Shipment(Wire):
    """What can be returned: a return belongs to one of these."""

    id: int
    shipped: bool = Field(validation_alias="isShipped")
    lines: tuple[ShipmentLine, ...]


class Totals(Wire):
    """Of the order. `discounts` are not in the line values."""

    shipping: Amount = NOTHING
    handling: Amount = NOTHING
    discounts: Amount = NOTHING
    tax_included: Amount = Field(default=NOTHING, validation_alias="taxIncluded")
    tax_added: Amount = Field(default=NOTHING, validation_alias="taxAdded")


class Order(Numbered):
    """An order without anybody's name."""

    id: str
    status: str
    created_at: datetime = Field(validation_alias="createdAt")
    grand_total: Total = Field(validation_alias="grandTotal")
    totals: Totals
    lines: tuple[OrderLine, ...]
    customer: Ref | None = None
    shipments: tuple[Shipment, ...] = ()

    @property
    def currency(self) -> str:
        """Of every amount on it."""
        return self.grand_total.currency


class Customer(Wire):
    """Whose order it is."""

    id: int
    email: str | None = None


class Delivery(Numbered):
    """Who gets the order, and where. Only the replacement's message may hold it."""

    market: Ref | None = None
    pricelist: Ref | None = None
    customer: Customer | None = None
    address: dict[str, object] | None = Field(default=None, validation_alias="shippingAddress")


class Placed(Wire):
    """An order that an exchange made, or that has its number."""

    id: str
    number: int
    status: str
    created_at: datetime = Field(validation_alias="createdAt")
    comment: str | None = Field(default=None, validation_alias="internalComment")
    customer: Ref | None = None


class ReturnLine(Wire):
    """Units of a shipment line."""

    shipment_line: IdOf = Field(validation_alias="shipmentLine")
    quantity: Units


class Return(Wire):
    """One return of Centra."""

    id: int
    external_id: str | None = Field(default=None, validation_alias="externalId")
    status: str = Field(validation_alias="returnStatus")
    created_at: datetime = Field(validation_alias="createdAt")
    comment: str | None = None
    grand_total: Total = Field(validation_alias="grandTotal")
    order_number: Annotated[int, _inside("number")] = Field(validation_alias="order")
    shipment: IdOf
    lines: tuple[ReturnLine, ...]


class PaymentEntry(Wire):
    """Money that went back, or was asked to."""

    status: str


class Payments(Wire):
    """The refund payments of one return."""

    entries: tuple[PaymentEntry, ...] = Field(validation_alias="refundPaymentHistory")


class Stock(Wire):
    """One SKU in one warehouse."""

    warehouse: IdOf
    physical: int = Field(validation_alias="physicalQuantity")
    free: int = Field(validation_alias="freeToAllocateQuantity")


class Part(Wire):
    """Units of one SKU in a bundle."""

    quantity: Units
    sku: Annotated[str, _inside("SKU")] = Field(validation_alias="productSize")


class Variant(Wire):
    """What a size is of; it has the status."""

    id: int
    status: str


class Size(Wire):
    """A product size: what a SKU is in Centra."""

    sku: str = Field(validation_alias="SKU")
    size: Ref
    variant: Variant = Field(validation_alias="productVariant")
    bundle: tuple[Part, ...] = ()
    stock: tuple[Stock, ...] = ()


class StockChange(Wire):
    """A movement; its description begins with our key when it is ours."""

    id: int
    created_at: AwareDatetime = Field(validation_alias="createdAt")
    description: str | None = None


class Edge(Wire):
    """One element of a connection."""

    node: StockChange


class PageInfo(Wire):
    """What lies before a page, and how to ask for it."""

    has_previous: bool = Field(validation_alias="hasPreviousPage")
    start: str | None = Field(default=None, validation_alias="startCursor")


class Connection(Wire):
    """One page of a Relay list."""

    edges: tuple[Edge, ...]
    page: PageInfo = Field(validation_alias="pageInfo")


class RateLimit(Wire):
    """One of the quotas."""

    type: str


class UserError(Wire):
    """Why a mutation was refused, or what it says beside."""

    message: str = ""


class Payload(Wire):
    """What every mutation answers. `made` is what it made, by its id."""

    errors: tuple[UserError, ...] = Field(validation_alias="userErrors")
    warnings: tuple[UserError, ...] = Field(default=(), validation_alias="userWarnings")
    made_return: Ref | None = Field(default=None, validation_alias="return")
    made_stock_change: Ref | None = Field(default=None, validation_alias="stockChange")


class OrderAnswer(Wire):
    """The Order API's answer to a new order."""

    status: str
    code: int | None = None
    orders: tuple[Number, ...] = ()
