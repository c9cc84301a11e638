"""Everything we ASSUME about Prima's wire, in one place, so that real names can be swapped in.

Documented are only: one SOAP method that takes and returns an XML string, `Request/@RequestType`, `Data`,
attribute style, Yes/No, `RequestStatus` / `RequestError`, `OrderStatus`, TPGUID on orders.
All else is ASSUMED:

- SOAP element names, namespace and SOAPAction; `comwsomhandler` takes `pcCompany` second.
- Every message below but `OrderStatus` and the attributes of `MultiNewOrder`; `RequestErrorCode`; error texts.
- `MultiNewOrder`: OrderNumber = TPGUID = our key, CustomerRef = RMA, WROrdRef1 = original order, order type and
  payment method of exchanges; it is releasable at once; the customer's address in it is where the goods go; a
  charge of a delivery service at zero asks for that service; Prima refuses what NEEDED names and is not there.
- `CancelOrder`: by number, before despatch only. `MultiAvailableToSell`: units that an order placed now would get.
- `APPLY`: a credit note beyond what the order's invoice was over is refused.
- TPGUID on every create, unique per message type, searchable by the detail messages; DUP when used again.
- `ReturnDetail` and `CreditNoteDetail` also look up by number; the three cancel messages have no TPGUID.
- `StockAdjustment`: signed Quantity, Depot and ReasonCode on the row; answers `AdjustmentNumber`.
- Price of an order line is per unit; DiscountValue and VatValue are of the whole line; no order discount, no
  rounding line, **no order total**: the snapshot's total is the sum of the lines and charges.
- Charges carry no VAT of their own. Credit Price is per unit, in the order's tax mode.
- Kits: a part is a line with KitLine = line number of the kit. KitData carries no price.
- Dates are YYYY-MM-DD. Depots, reasons, conditions and charges are the customer's codes, hence configuration.

When the retailer hands out the schema: names that differ go into WIRE_NAMES, the rest is edited here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from adapters.kit.status import Meaning, StatusTable
from domain.exceptions import ExceptionCode
from domain.order import OrderStatus

# --- transport ------------------------------------------------------------

SOAP_NS = "http://schemas.xmlsoap.org/soap/envelope/"
OM_NS = "urn:omlink"
METHOD = "wsomhandler"
COMPANY_METHOD = "comwsomhandler"
REQUEST_ELEMENT = "pcRequest"
COMPANY_ELEMENT = "pcCompany"
RESULT_ELEMENT = "result"
HEADERS = MappingProxyType({"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'})
INNER_ENCODING = "ISO-8859-1"

#: Our name (element or attribute) → the retailer's real one, applied both ways. Empty: names are as assumed.
WIRE_NAMES: Mapping[str, str] = MappingProxyType({})

#: Prima says no inside HTTP 200. Any other status is trouble on the way: a 4xx was not let in, a 5xx may be.
STATUSES = StatusTable(
    exact={
        401: Meaning.CREDENTIALS,
        403: Meaning.CREDENTIALS,
        407: Meaning.CREDENTIALS,
        408: Meaning.TROUBLE,
    },
    by_class={1: Meaning.TROUBLE, 2: Meaning.OK, 3: Meaning.TROUBLE, 4: Meaning.BUSY, 5: Meaning.TROUBLE},
)

# --- refusals ------------------------------------------------------------

NOTFOUND, ORDLINE, SKU, QTY, DEPOT = "NOTFOUND", "ORDLINE", "SKU", "QTY", "DEPOT"
STATUS, DUP, PERIOD, APPLY, LOCKED, SYSTEM = "STATUS", "DUP", "PERIOD", "APPLY", "LOCKED", "SYSTEM"
CODES = frozenset({NOTFOUND, ORDLINE, SKU, QTY, DEPOT, STATUS, DUP, PERIOD, APPLY, LOCKED, SYSTEM})
TRANSIENT = frozenset({LOCKED, SYSTEM})

#: Without a known code the text decides; the first that matches wins.
TEXTS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (code, re.compile(pattern, re.IGNORECASE))
    for code, pattern in (
        (LOCKED, r"\bin use\b|\blocked\b"),
        (SYSTEM, r"\bsystem error\b"),
        (DUP, r"\balready (used|exists)\b|\bduplicate\b"),
        (PERIOD, r"\bperiod\b.*\bclosed\b"),
        (APPLY, r"\bno open amount\b"),
        (ORDLINE, r"\b(order|return) ?line\b.*\bnot found\b"),
        (DEPOT, r"\bdepot\b.*\b(not found|does not exist|unknown|invalid)\b"),
        (SKU, r"\b(product|sku)\b.*\b(not found|not active|inactive|kit)\b"),
        (QTY, r"\bquantity\b|\bonly \d+ (left|open|available)\b|\bexceeds\b"),
        (NOTFOUND, r"\bnot found\b|\bno .+ found\b"),
        (STATUS, r"\b(archived|closed|cancelled|reversed|held|despatched)\b"),
    )
)

# --- states ------------------------------------------------------------

#: OrderStatus in lower case → what it allows. `Archived="Yes"` locks whatever the state. Others are refused.
ORDER_STATES: Mapping[str, OrderStatus] = MappingProxyType(
    {
        "entered": OrderStatus.OPEN,
        "held": OrderStatus.OPEN,
        "part despatched": OrderStatus.OPEN,
        "despatched": OrderStatus.OPEN,
        "invoiced": OrderStatus.OPEN,
        "closed": OrderStatus.LOCKED,
        "cancelled": OrderStatus.CANCELLED,
    }
)
RETURN_CANCELLED = ORDER_CANCELLED = "Cancelled"

#: States of a return on which goods can still be received.
RETURNS_OPEN = frozenset({"Open", "Part Receipted"})
CREDIT_POSTED, CREDIT_REVERSED = "Posted", "Reversed"

#: Every status of a credit, for the check that a connection maps them all (R18).
CREDIT_STATUSES = (CREDIT_POSTED, CREDIT_REVERSED)

# --- messages ------------------------------------------------------------

SKU_NAMES = ("Product", "MtrxCode1", "MtrxCode2", "MtrxCode3", "MtrxCode4")
_SKU = " ".join(SKU_NAMES)


@dataclass(frozen=True)
class Message:
    """One RequestType: what we send, and what its refusals mean.

    `shape` names the attributes of `Data` and of each kind of row, in order; unused ones are sent empty.
    `number` is the attribute of the answer that holds the document's number. `personal`: it carries names and
    addresses, so what Prima says to it is never quoted.
    """

    name: str
    shape: Mapping[str, str]
    otherwise: ExceptionCode
    write: bool = False
    refusals: Mapping[str, ExceptionCode] = field(default_factory=dict)
    number: str = ""
    personal: bool = False

    def refusal(self, code: str) -> ExceptionCode:
        """Our code for one of Prima's."""
        return self.refusals.get(code, self.otherwise)


ORDER_STATUS = Message("OrderStatus", {"Data": "OrderNumber"}, ExceptionCode.CONFIG_INVALID, number="OrderNumber")
ORDER_DETAIL = Message(
    "OrderDetail",
    {"Data": "OrderNumber"},
    ExceptionCode.ORDER_LOCKED,
    refusals={NOTFOUND: ExceptionCode.ORDER_NOT_FOUND},
)
PRODUCT_DETAIL = Message("ProductDetail", {"Data": "", "sku": _SKU}, ExceptionCode.SKU_NOT_IN_MASTER)
DEPOT_STOCK = Message("DepotStock", {"Data": "", "sku": _SKU}, ExceptionCode.SKU_NOT_IN_MASTER)

NEW_RETURN = Message(
    "NewReturn",
    {
        "Data": "UniqueId TPGUID OrderNumber Customer Currency VatInclusive ReturnDepot ReturnNarrative",
        "ReturnLineData": f"ReturnLine OrderLine {_SKU} Quantity Price ReasonCode LineReference",
    },
    ExceptionCode.RMA_REJECTED,
    write=True,
    refusals={
        ORDLINE: ExceptionCode.VALIDATION_QTY,
        QTY: ExceptionCode.VALIDATION_QTY,
        SKU: ExceptionCode.SKU_NOT_IN_MASTER,
        STATUS: ExceptionCode.ORDER_LOCKED,
    },
    number="ReturnNumber",
)
RETURN_DETAIL = Message(
    "ReturnDetail",
    {"Data": "TPGUID ReturnNumber"},
    ExceptionCode.RMA_REJECTED,
    refusals={NOTFOUND: ExceptionCode.RMA_CLOSED_IN_ERP},
    number="ReturnNumber",
)
CANCEL_RETURN = Message(
    "CancelReturn",
    {"Data": "ReturnNumber Narrative"},
    ExceptionCode.RMA_REJECTED,
    write=True,
    number="ReturnNumber",
)

RETURN_RECEIPT = Message(
    "ReturnReceipt",
    {"Data": "TPGUID ReturnNumber ReceiptDate", "ReceiptLineData": "ReturnLine Quantity Depot Condition"},
    ExceptionCode.STOCK_REJECTED,
    write=True,
    refusals={STATUS: ExceptionCode.RMA_CLOSED_IN_ERP},
    number="ReceiptNumber",
)
RECEIPT_DETAIL = Message("ReceiptDetail", {"Data": "TPGUID"}, ExceptionCode.STOCK_REJECTED, number="ReceiptNumber")
STOCK_ADJUSTMENT = Message(
    "StockAdjustment",
    {"Data": "TPGUID Narrative", "SKU": f"{_SKU} Quantity Depot ReasonCode"},
    ExceptionCode.STOCK_REJECTED,
    write=True,
    number="AdjustmentNumber",
)
ADJUSTMENT_DETAIL = Message(
    "AdjustmentDetail", {"Data": "TPGUID"}, ExceptionCode.STOCK_REJECTED, number="AdjustmentNumber"
)
DEPOT_TRANSFER = Message(
    "DepotTransfer",
    {"Data": "TPGUID FromDepot ToDepot Narrative", "SKU": f"{_SKU} Quantity"},
    ExceptionCode.STOCK_REJECTED,
    write=True,
    number="TransferNumber",
)
TRANSFER_DETAIL = Message("TransferDetail", {"Data": "TPGUID"}, ExceptionCode.STOCK_REJECTED, number="TransferNumber")

NEW_CREDIT_NOTE = Message(
    "NewCreditNote",
    {
        "Data": "TPGUID ReturnNumber OrderNumber InvoiceNumber Currency CreditDate",
        "CreditLineData": "CreditLine ReturnLine OrderLine Quantity Price VatRate VatValue",
        "CreditChargeData": "Charge ChargeValue",
    },
    ExceptionCode.CREDIT_REJECTED,
    write=True,
    refusals={PERIOD: ExceptionCode.PERIOD_CLOSED, APPLY: ExceptionCode.NOTHING_TO_APPLY},
    number="CreditNumber",
)
CREDIT_NOTE_DETAIL = Message(
    "CreditNoteDetail", {"Data": "TPGUID CreditNumber"}, ExceptionCode.CREDIT_REJECTED, number="CreditNumber"
)
CANCEL_CREDIT_NOTE = Message(
    "CancelCreditNote",
    {"Data": "CreditNumber Narrative"},
    ExceptionCode.CREDIT_REJECTED,
    write=True,
    refusals={PERIOD: ExceptionCode.PERIOD_CLOSED},
    number="ReversalNumber",
)
CREDIT_NOTE_LIST = Message("CreditNoteList", {"Data": "DateFrom DateTo FromRow MaxRows"}, ExceptionCode.CREDIT_REJECTED)

# --- replacement orders ------------------------------------------------------------

AVAILABLE_TO_SELL = Message("MultiAvailableToSell", {"Data": "", "sku": _SKU}, ExceptionCode.SKU_NOT_IN_MASTER)
NEW_ORDER = Message(
    "MultiNewOrder",
    {
        "Data": "UniqueId CustDef Customer TPGUID OrderNumber HoldOrder HoldOrderNarrative OrderChannel CustomerTitle "
        "CustomerForename CustomerSurname AddrLine1 AddrLine2 AddrLine3 AddrLine4 AddrLine5 AddrLine6 PostCode "
        "Country CustomerEmail CustomerPhone CustomerMobile CustomerFax CustomerRef VatInclusive Gender ReceiveMail "
        "ReceiveEmail ReceiveText ReceivePhone ReceiveMobile RentDetails DateOfBirth DelivAddrNo DeliveryFAO "
        "EntitlementCheck InvcAddrNo OrderType PaymentTerms Salesman SeasonDDValidation Wardrobe WorksNo WREmpCode "
        "WREmpDept WREmpRef1 WREmpRef2 WREmpRole WROrdRef1 WROrdRef2 WROrdRef3 WROrdRef4",
        "OrderHeaderData": "B2B Brand SpecialInstructions ShippingInstructions SourceMedia OrderCategory OrderStatus "
        "Carrier CarrServ Currency OrderContact OrderDate OrderEmail OrderPaid PaymentOnOrder ProdConv Proforma "
        "Season SendToApproval",
        "OrderLineData": f"OrderLine {_SKU} Quantity Price LineNarrative LineReference Warehouse",
        "OrderChargeData": "Charge ChargeValue",
        "OrderPaymentData": "PayMethod TranAmount PayProvider ExchCreditNo",
    },
    ExceptionCode.EXCHANGE_DATA,
    write=True,
    refusals={QTY: ExceptionCode.EXCHANGE_OOS, SKU: ExceptionCode.SKU_NOT_IN_MASTER},
    number="OrderNumber",
    personal=True,
)
CANCEL_ORDER = Message(
    "CancelOrder",
    {"Data": "OrderNumber Narrative"},
    ExceptionCode.EXCHANGE_DATA,
    write=True,
    refusals={STATUS: ExceptionCode.EXCHANGE_EXPOSURE},
    number="OrderNumber",
)

#: Attribute of `MultiNewOrder` ← attribute of `OrderDetail`'s `Data`, and of its `OrderDeliveryData`.
FROM_ORDER: Mapping[str, str] = MappingProxyType({"Customer": "Customer", "CustomerEmail": "CustomerEmail"})
FROM_DELIVERY: Mapping[str, str] = MappingProxyType(
    {"CustomerForename": "Forename", "CustomerSurname": "Surname"}
    | {name: name for name in (*(f"AddrLine{number}" for number in range(1, 7)), "PostCode", "Country")}
)

#: Attributes of `MultiNewOrder` without which nobody could deliver it.
NEEDED = ("Customer", "CustomerForename", "CustomerSurname", "AddrLine1", "PostCode", "Country")
