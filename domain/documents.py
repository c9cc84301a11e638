"""Documents that we ask an ERP to make, and what it answers. All amounts are minor units of `currency`."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal, get_args

from pydantic import Field

from domain.model import Message

ChargePurpose = Literal["shipping", "fee", "rounding", "goodwill", "exchange"]
CHARGE_PURPOSES: tuple[ChargePurpose, ...] = get_args(ChargePurpose)


class DocumentKind(StrEnum):
    """Kinds of ERP documents."""

    RMA = "rma"
    RMA_CANCELLATION = "rma_cancellation"
    RECEIPT = "receipt"
    ADJUSTMENT = "adjustment"
    REMOVAL = "removal"  # units that leave the stock: an adjustment journal the other way round
    TRANSFER = "transfer"
    CREDIT = "credit"
    CREDIT_CANCELLATION = "credit_cancellation"
    EXCHANGE = "exchange"
    EXCHANGE_CANCELLATION = "exchange_cancellation"


class Posted(Message):
    """The ERP has the document, under its own number. `adopted` says that it was there before this call (D1)."""

    outcome: Literal["posted"] = "posted"
    number: str
    adopted: bool = False
    total: int | None = Field(default=None, description="the ERP's own total, for credit documents")
    parts: list[str] = Field(default=[], description="further numbers where one request is several ERP documents")


class Queued(Message):
    """Nothing is wrong with the document, and a batch ERP will make it at its next window (D7)."""

    outcome: Literal["queued"] = "queued"


Posting = Annotated[Posted | Queued, Field(discriminator="outcome")]


class RmaLine(Message):
    """One line of an RMA, tied to a line of the original order (R4)."""

    line_no: int = Field(ge=1)
    order_line_id: str = Field(min_length=1)
    sku: str
    quantity: int = Field(ge=1)
    unit_value: int = Field(ge=0, description="value of one unit in the order's tax mode, rounded; for information")
    reason: str = ""


class RmaRequest(Message):
    """Open the authorisation. `standalone` when the order is closed or archived (R16)."""

    key: str
    return_id: str = Field(default="", description="the platform's own id of the return")
    order_number: str
    customer_ref: str
    currency: str
    tax_inclusive: bool
    standalone: bool
    lines: list[RmaLine] = Field(min_length=1)
    exchange_orders: list[str] = Field(default=[], description="order numbers that the replacements will have (R54)")


class CancelRma(Message):
    """Withdraw the authorisation while nothing of it was received."""

    key: str
    rma_number: str
    rma_key: str
    reason: str


class MovementLine(Message):
    """Units of one RMA line."""

    rma_line_no: int
    sku: str
    quantity: int = Field(ge=1)


class StockRequest(Message):
    """What every movement of stock says. An ERP that cannot be asked for a key is searched back to `intended_at`."""

    key: str
    order_number: str
    intended_at: datetime | None = Field(default=None, description="the ERP cannot have had it before; None: unknown")


class ReceiptRequest(StockRequest):
    """Receive units of an RMA into one depot."""

    rma_number: str
    depot: str
    condition: str = ""
    received_on: date
    lines: list[MovementLine] = Field(min_length=1)


class AdjustmentRequest(StockRequest):
    """Book units into one depot by an adjustment journal. Quantities are positive; `remove` books them out."""

    depot: str
    reason: str
    adjusted_on: date
    lines: list[MovementLine] = Field(min_length=1)
    remove: bool = False


class StockUnits(Message):
    """Units of one SKU, on no RMA line."""

    sku: str
    quantity: int = Field(ge=1)


class TransferRequest(StockRequest):
    """Move units from one depot to another: a regrade (E24). No money, no RMA."""

    from_depot: str
    to_depot: str
    reason: str = ""
    lines: list[StockUnits] = Field(min_length=1)


class CreditLine(Message):
    """Units of equal value of one RMA line. Amounts are positive; `tax` is the tax of all its units."""

    rma_line_no: int
    order_line_id: str
    sku: str
    quantity: int = Field(ge=1)
    unit_primary: int = Field(ge=0, description="one unit in the order's tax mode")
    tax: int = Field(ge=0)
    tax_code: str = Field(default="", description="the ERP's target code, already mapped")
    tax_rate: str = ""


class CreditCharge(Message):
    """A charge line of a credit: shipping given back (positive), a fee kept, rounding, goodwill (signed).

    `exchange` (negative) is what the platform kept back for a dearer replacement.
    """

    purpose: ChargePurpose
    code: str
    amount: int


class CreditRequest(Message):
    """Credit part of the original order. `total` is what the ERP must come to."""

    key: str
    order_number: str = Field(min_length=1)
    invoice_number: str
    rma_number: str
    currency: str
    tax_inclusive: bool
    credited_on: date
    lines: list[CreditLine]
    charges: list[CreditCharge] = []
    total: int
    reason: str = ""


class CancelCredit(Message):
    """Reverse a credit by a document of its own."""

    key: str
    credit_number: str
    reason: str


class CreditRecord(Message):
    """One credit document as the ERP lists it."""

    number: str
    key: str
    rma_number: str
    order_number: str
    credited_on: date
    total: int
    currency: str
    reversed: bool


class CreditPage(Message):
    """One page of credit documents; `next_page` is None at the end."""

    records: list[CreditRecord]
    next_page: int | None


class ItemRecord(Message):
    """One SKU of the item master. `components` is the recipe of a kit: SKU → units."""

    sku: str
    active: bool
    components: dict[str, int] = {}


class DepotStock(Message):
    """Stock of one SKU in one depot, in units."""

    sku: str
    depot: str
    physical: int
    available: int


class ReplacementOrder(Message):
    """The second transaction of an exchange: the order by which the new units go out (R54–R60).

    key: our key; it is the order's number in the ERP, so that either document leads to the other
    due: what the customer pays on top, in minor units; 0 for an even or a cheaper replacement
    Customer and delivery data are copied from the original order by the adapter; they never pass through here (D8).
    """

    key: str
    original_order: str = Field(min_length=1)
    rma_number: str = Field(min_length=1)
    currency: str
    tax_inclusive: bool
    sku: str
    quantity: int = Field(ge=1)
    due: int = Field(default=0, ge=0)


class ReplacementFault(Message):
    """One reason why a replacement cannot be ordered now (R58).

    kind: ``stock`` (not available), ``item`` (unknown or inactive SKU), ``data`` (customer or delivery data)
    field: what is wrong, e.g. ``PostCode``; reason: in plain words, without personal data
    """

    kind: Literal["stock", "item", "data"]
    field: str
    reason: str


class CancelReplacement(Message):
    """Cancel a replacement order that was not despatched."""

    key: str
    order_number: str
    reason: str


class RmaState(Message):
    """An RMA as the ERP has it now. `open`: goods can still be received on it."""

    number: str
    open: bool
    cancelled: bool = False
