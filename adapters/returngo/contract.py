"""What we take ReturnGO's API to be. Every assumption about it is here and nowhere else (vendors/returngo.md).

`ASSUMED(n)` numbers are those of the contract; `ASSUMED` without one is of its "Readings agreed", or ours where it says
nothing. When ReturnGO says otherwise, this file changes and no other. Fields bear the vendor's own names.
"""

from enum import Enum

from pydantic import BaseModel, ConfigDict, Field

from adapters.kit.status import COMMON, Meaning, StatusTable
from adapters.returngo.values import Amount, AmountOrZero, Flag, Id, Many, NewSku, Sku, Text, Time
from domain.returns import PlatformPhase, RefundState

# --- addresses and headers: documented; a sandbox is the same paths on another host, ASSUMED(1) ------------
PRODUCTION_URL = "https://api.returngo.ai"
KEY_HEADER = "x-api-key"
SHOP_HEADER = "x-shop-name"
RETURNS = "/rmas"
RETURN = "/rma/{return_id}"
STATUS = "/rma/{return_id}/status"
COMMENT = "/rma/{return_id}/comment"
TRANSACTIONS = "/transactions"
PAGE_SIZE = 500
MAX_PAGES = 200
"""No listing is longer. A vendor that always names a next page must not hold us, or spend our calls, for ever."""
NOT_BEFORE = "gte:{moment}"
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S"
"""ASSUMED: date filters carry no zone suffix and are in UTC. So are moments in bodies that name no zone."""

# --- errors: ASSUMED(12) ----------------------------------------------------------------------------------
STATUSES = StatusTable({**COMMON, 429: Meaning.REFUSED})
"""429 comes back as an answer: only its Retry-After, or that it has none, tells what is over."""
ERROR_FIELD = "message"

# --- quota: 2000 a day and one call at a time, documented --------------------------------------------------
DAILY_CALLS = 2000
URGENT_RESERVE = 500
"""ASSUMED(12): what is not urgent stops at 1500. A day is a UTC day: ASSUMED, the vendor does not say.

A 429 without Retry-After is the daily quota, ASSUMED: wait for the next day, spend nothing.
"""
REQUESTS_PER_SECOND = 10
MAX_IN_FLIGHT = 1
"""Of one connection in one process."""

# --- deliveries: event names documented; fields ASSUMED(3), token in the address ASSUMED(4) ---------------
EVENTS = frozenset(
    {
        "RMA_CREATED",
        "RMA_STATUS_UPDATED",
        "SHIPMENT_CREATED",
        "SHIPMENT_STATUS_UPDATED",
        "SHIPMENT_TRACKER_STATUS_UPDATED",
        "TRANSACTION_CREATED",
        "REFUND_CREATED",
    }
)

# --- words: first ones documented, the rest ASSUMED(10) ---------------------------------------------------
VALIDATED = "Validated"
DONE = "Done"
RECEIVED = "Received"
PHASES = {
    "Pending": PlatformPhase.DRAFT,
    "Approved": PlatformPhase.AUTHORISED,
    RECEIVED: PlatformPhase.RECEIVED,
    VALIDATED: PlatformPhase.ACCEPTED,
    DONE: PlatformPhase.ACCEPTED,
    "Rejected": PlatformPhase.REJECTED,
    "Canceled": PlatformPhase.CANCELLED,
}
SHIPMENT_MOVES = {
    "Pending": False,
    "LabelCreated": False,
    "Shipped": True,
    "Received": True,
    "Validated": True,
    "Canceled": False,
}
"""Shipment status → whether the parcel is on its way, or further."""
SHIPMENT_CANCELED = "Canceled"
EXCHANGED = {
    "RefundToPaymentMethod": False,
    "RefundToBankAccount": False,
    "StoreCredit": False,
    "GiftCard": False,
    "VariantExchange": True,
    "ProductExchange": True,
}
"""resolutionType → whether new goods go out for the item."""
KEPT = {
    "no shipment required": True,
    "ship with any carrier": False,
    "ship with pre-paid label": False,
    "return to drop-off location": False,
}
"""returnMethod.type, in lower case, → whether the customer keeps the item. No method at all: it comes back."""


class Flow(Enum):
    """What a transaction is to us."""

    REFUND = "money to the customer"
    PAYMENT = "the customer pays for dearer new goods"
    HOLD = "security on the customer's card for an instant exchange: neither of the two"


FLOWS = {
    "RefundToPaymentMethod": Flow.REFUND,
    "RefundToBankAccount": Flow.REFUND,
    "StoreCredit": Flow.REFUND,
    "GiftCard": Flow.REFUND,
    "InvoicePayment": Flow.PAYMENT,
    "PaymentAuthorization": Flow.HOLD,
    "PaymentCapture": Flow.HOLD,
}
MONEY_STATES = {
    "Requested": RefundState.PENDING,
    "Pending": RefundState.PENDING,
    "Success": RefundState.PAID,
    "Failed": RefundState.FAILED,
    "Canceled": RefundState.FAILED,
}
"""ASSUMED: money is real only with ``Success``."""
MONEY_CALLED_OFF = "Canceled"

# --- inspection: body and transitions ASSUMED(7) ----------------------------------------------------------
STEPS_TO_VALIDATED = {
    "Approved": (RECEIVED, VALIDATED),
    RECEIVED: (VALIDATED,),
    VALIDATED: (VALIDATED,),
    DONE: (VALIDATED,),
}
"""RMA status → what is set one after the other so that items can be validated; what is not here takes no inspection.

ASSUMED: after Done the dashboard can still validate items, so the API is asked; where it refuses, a person decides.
"""
NOT_RETURNED = "not_returned"
NOT_RESTOCKABLE = "not_restockable"
RESTOCKABLE = "restockable"
"""Our three words for what an inspection found: targets of ``mappings.dispositions``."""
NOT_RETURNED_REASON = "not accepted"
NOT_RESTOCKABLE_REASON = "cannot be sold again"
"""ASSUMED: a "no" wants an explanation; these stand where ours has no words."""
REASON_LIMIT = 200


# --- shapes: documented keys; how values are read is in `values` ---------------------------------------------
class Wire(BaseModel):
    """A part of a body that we read. What is not named, such as addresses and users, is never looked at."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, hide_input_in_errors=True)


class WireMoney(Wire):
    """`amount` in the currency that the customer saw, `shopAmount` in the shop's: ASSUMED(11)."""

    amount: Amount | None = None
    currency: Text = ""
    shopAmount: Amount | None = None
    shopCurrency: Text = ""


class WireWish(Wire):
    """New goods for a returned item.

    ASSUMED: `effectivePrice` is of one new unit, and contains tax as the item's `paidPrice` does.
    """

    sku: NewSku
    quantity: int = Field(default=1, ge=1, le=100_000)
    effectivePrice: WireMoney | None = None


class WireValidation(Wire):
    """What was found. There before any inspection too: only `lastValidationDate` tells (documented deviation)."""

    isReturned: Flag = None
    isRestockable: Flag = None
    nonReturnedReason: Text = ""
    nonRestockableReason: Text = ""
    storeLocationId: Text = ""
    lastValidationDate: Time = None


class WireMethod(Wire):
    """How the item comes back."""

    type: Text = ""


class WireItem(Wire):
    """One unit; ASSUMED: `shopLineItemId` is the ERP's order line, and fees are of this unit.

    ASSUMED: the three fees and the return's `cancellationFee` are in the currency of the amounts that are read.
    """

    returnedItemId: Id
    shopLineItemId: Text = ""
    sku: Sku
    paidPrice: WireMoney | None = None
    returnReason: Text = ""
    resolutionType: Text = ""
    policyRuleName: Text = ""
    restockingFee: AmountOrZero = "0"
    returnFee: AmountOrZero = "0"
    shipmentFee: AmountOrZero = "0"
    returnMethod: WireMethod | None = None
    itemValidationStatusResponse: WireValidation | None = None
    exchangeItems: Many[WireWish] = []
    taxIncluded: Flag = None


class WireTransaction(Wire):
    """Money that moved, will move or could not move."""

    id: Id
    type: Text = ""
    status: Text = ""
    amount: WireMoney | None = None
    createdAt: Time = None


class WireShipment(Wire):
    """A parcel; `isOutbound` is one with new goods."""

    status: Text = ""
    trackingNumber: Text = ""
    isOutbound: Flag = None


class WireSummary(Wire):
    """The return's identity and status."""

    rmaId: Id
    status: Text = ""
    order_name: Text = ""


class WireOrder(Wire):
    """ASSUMED: `orderId` or `order_name` is the ERP's order number, by configuration."""

    orderId: Text = ""
    order_name: Text = ""


class WireReturn(Wire):
    """A return. `exchangeOrders` is not read: they arrive incomplete, and some are fees (R140)."""

    rmaSummary: WireSummary
    orderDetails: WireOrder | None = None
    shipments: Many[WireShipment] = []
    items: Many[WireItem] = []
    exchangeItems: Many[WireWish] = []
    cancellationFee: AmountOrZero = "0"
    transactions: Many[WireTransaction] = []
    lastUpdated: Time = None


class WireEvent(Wire):
    """What happened to a return; the latest one tells when it changed last, ASSUMED."""

    eventDate: Time = None


class WireListed(Wire):
    """A return in a listing: only which one it is, and when it changed."""

    rmaId: Id
    events: Many[WireEvent] = []


class WirePage(Wire):
    """A page of a listing, of one or the other. ASSUMED(6): the last has no `next_cursor`, or nothing in it."""

    rmas: Many[object] = []
    transactions: Many[object] = []
    next_cursor: Text = ""


class WireDecision(Wire):
    """One unit of the status call: ASSUMED(7)."""

    returnedItemId: str
    isReturned: bool
    isRestockable: bool
    nonReturnedReason: str | None = None
    nonRestockableReason: str | None = None
    storeLocationId: str | None = None
