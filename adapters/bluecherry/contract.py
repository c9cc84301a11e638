"""Everything we ASSUME about BlueCherry, in one place (vendors/bluecherry.md, sections A to G and the readings).

The names of the read API's JSON are in `wire`, which belongs to this contract.

Nothing of BlueCherry's wire is public, so all of this is ASSUMED. What the contract leaves open and we had to decide:

- Our SKU is ``STYLE-COLOR-SIZE-DIM``; unused dimensions are ``-`` on the wire and left out at the end of our SKU.
- Style, colour, dim and size name an item in a file; `UPC` may stay empty. `LISTPRICE` is for information: 0.
- EXTREF is our key without ``bh-``. RCV and ADJ are one document a line, so they always carry a part: ``-1``, ``-2``;
  the two sides of a transfer ``-o`` and ``-i`` (``-o2``, ``-i2`` … for further SKUs). Nothing ties parts together
  there: each is taken or refused alone.
- Price and tax of an RAD are per unit as on a CMD; `TOTAL` of an RAH is what its lines come to. The tax stays 0: an
  authorisation has no money in it.
- The due of a dearer replacement is the price of its SOD, and the `TOTAL` of its SOH.
- An order's `discount` and `tax` are of the whole line; what `taxTotal` has beyond its lines is tax on the freight.
  There are no tax codes: ours is `TAX_CODE`, its rate is what the amounts come to.
- `shipTo` has the names of the SOH columns in lower case. `CMDATE` is the date that /creditmemos finds a memo by.
- `ATR` counts the ACK lines. `/returns` and `/salesorders` by EXTREF answer lists of at most one.
- Timestamps and dates are in the time zone of the settings.
- A money text has at least two decimals: 1000 JPY is ``1000.00``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from adapters.kit.status import COMMON, Meaning, StatusTable
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.order import OrderStatus

VENDOR = "BlueCherry"

# --- A: drop directories --------------------------------------------------------------------------------

INBOUND, ARCHIVE, ERROR, ACKS = "inbound", "inbound/archive", "inbound/error", "outbound/ack"
DATA_SUFFIX, ACK_SUFFIX, PART_SUFFIX = ".dat", ".ack", ".tmp"
FILE_NAME = "BC_{division}_{created}_{number:06d}"
MAX_FILE_BYTES = 8 * 1024 * 1024

# --- C: file format -------------------------------------------------------------------------------------

FORMAT, VERSION = "BC", "1.0"
STAMP, DAY = "%Y%m%d%H%M%S", "%Y%m%d"
MAX_DOCUMENTS = 500
EXTREF_LENGTH = 40
KEY_PREFIX = "bh-"
UNUSED = "-"
"""A dimension that an item does not have."""

FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        kind: tuple(names.split())
        for kind, names in {
            "HDR": "FORMAT VERSION BATCH DIVISION CREATED SENDER",
            "RAH": "EXTREF ORDERNO CUSTNO RADATE CURR RETWHSE REASON LINES TOTAL NOTE",
            "RAD": "EXTREF LINENO ORDLINE STYLE COLOR DIM SIZE UPC QTY PRICE TAX LREASON",
            "RAX": "EXTREF RANO CANCELREASON",
            "RCV": "EXTREF RANO LINENO QTY WHSE GRADE RCVDATE",
            "ADJ": "EXTREF WHSE STYLE COLOR DIM SIZE QTY ADJREASON DOCREF",
            "CMH": "EXTREF RANO INVNO CUSTNO CMDATE CURR SUBTOTAL TAX FREIGHT FEES TOTAL",
            "CMD": "EXTREF LINENO RALINE QTY PRICE TAX",
            "CMV": "EXTREF CMNO VOIDREASON",
            "SOH": "EXTREF ORDTYPE CUSTNO ORDDATE CURR WHSE SHIPVIA LINKRANO LINKRAEXT LINKORDER NAME ADDR1 ADDR2"
            " CITY STATE ZIP CTRY EMAIL PHONE FREIGHT TOTAL",
            "SOD": "EXTREF LINENO STYLE COLOR DIM SIZE UPC QTY PRICE LISTPRICE",
            "SOX": "EXTREF SONO CANCELREASON",
            "TRL": "BATCH RECORDS DOCUMENTS HASHTOTAL",
            "AHD": "BATCH DIVISION TIME STATUS READ ACCEPTED",
            "ACK": "RECORD EXTREF STATUS NUMBER DETAIL TEXT",
            "ATR": "BATCH COUNT",
        }.items()
    }
)
#: Fields that may be empty; with any other one empty a record is unreadable (E101), and its file with it.
OPTIONAL = frozenset(
    "ORDERNO ORDLINE NOTE UPC WHSE DOCREF SHIPVIA LINKRANO LINKRAEXT ADDR2 CITY STATE EMAIL PHONE".split()
)
NO_REASON = "NONE"
"""Stands where a record wants a reason and the request has none."""

HEADERS = frozenset({"RAH", "RAX", "RCV", "ADJ", "CMH", "CMV", "SOH", "SOX"})
FINANCIAL = frozenset({"CMH", "CMV"})
IN_PARTS = frozenset({"RCV", "ADJ"})

HEADER_OF: Mapping[DocumentKind, str] = MappingProxyType(
    {
        DocumentKind.RMA: "RAH",
        DocumentKind.RMA_CANCELLATION: "RAX",
        DocumentKind.RECEIPT: "RCV",
        DocumentKind.ADJUSTMENT: "ADJ",
        DocumentKind.REMOVAL: "ADJ",
        DocumentKind.TRANSFER: "ADJ",
        DocumentKind.CREDIT: "CMH",
        DocumentKind.CREDIT_CANCELLATION: "CMV",
        DocumentKind.EXCHANGE: "SOH",
        DocumentKind.EXCHANGE_CANCELLATION: "SOX",
    }
)
GRADES = frozenset("ABCD")
"""Condition of received units: sellable, quarantine, damaged, destroyed."""
DESTROYED = "D"
"""Units of this grade go into no warehouse, whatever the depot."""

# --- D: acknowledgement ---------------------------------------------------------------------------------

ACCEPTED, REFUSED, DUPLICATE = "A", "R", "D"
ALL_TAKEN, PARTLY_TAKEN, FILE_REFUSED = "A", "P", "R"
WHOLE_FILE = "HDR"
LOCKED, INTERNAL = "E211", "E299"
TRANSIENT = frozenset({LOCKED, INTERNAL})
WAREHOUSE_UNKNOWN = "E206"

#: What a code says, where its text must not be quoted (SOH and SOX carry names and addresses).
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "E201": "order not found",
        "E202": "order line not found",
        "E203": "order archived",
        "E204": "quantity exceeds returnable",
        "E205": "SKU unknown",
        WAREHOUSE_UNKNOWN: "warehouse unknown or inactive",
        "E207": "insufficient stock",
        "E208": "document not found or in the wrong state",
        "E209": "invoice not found",
        "E210": "period closed",
        LOCKED: "document locked",
        INTERNAL: "internal error",
    }
)
PERSONAL = frozenset({"SOH", "SOX"})
LINES_OF: Mapping[str, str] = MappingProxyType({"RAD": "RAH", "CMD": "CMH", "SOD": "SOH"})

OTHERWISE: Mapping[str, ExceptionCode] = MappingProxyType(
    {
        "RAH": ExceptionCode.RMA_REJECTED,
        "RAX": ExceptionCode.RMA_REJECTED,
        "RCV": ExceptionCode.STOCK_REJECTED,
        "ADJ": ExceptionCode.STOCK_REJECTED,
        "CMH": ExceptionCode.CREDIT_REJECTED,
        "CMV": ExceptionCode.CREDIT_REJECTED,
        "SOH": ExceptionCode.EXCHANGE_DATA,
        "SOX": ExceptionCode.EXCHANGE_DATA,
    }
)
#: Record type and BlueCherry's code → ours, where it is not `OTHERWISE`.
REFUSALS: Mapping[tuple[str, str], ExceptionCode] = MappingProxyType(
    {
        ("RAH", "E201"): ExceptionCode.ORDER_NOT_FOUND,
        ("RAH", "E202"): ExceptionCode.VALIDATION_QTY,
        ("RAH", "E203"): ExceptionCode.ORDER_LOCKED,
        ("RAH", "E204"): ExceptionCode.VALIDATION_QTY,
        ("RAH", "E205"): ExceptionCode.SKU_NOT_IN_MASTER,
        ("RCV", "E208"): ExceptionCode.RMA_CLOSED_IN_ERP,
        ("CMH", "E210"): ExceptionCode.PERIOD_CLOSED,
        ("CMV", "E210"): ExceptionCode.PERIOD_CLOSED,
        ("SOH", "E205"): ExceptionCode.SKU_NOT_IN_MASTER,
        ("SOH", "E207"): ExceptionCode.EXCHANGE_OOS,
        ("SOX", "E208"): ExceptionCode.EXCHANGE_EXPOSURE,
    }
)

# --- F: read API ----------------------------------------------------------------------------------------

KEY_HEADER = "X-Api-Key"
STATUSES = StatusTable({**COMMON, 409: Meaning.BUSY})
"""503 while a batch window runs. A read has no conflict: 409 is asked again."""
PROBE_ORDER = "0"
"""Asked for by `probe`; it need not exist."""

ORDER_STATES: Mapping[str, OrderStatus] = MappingProxyType(
    {
        "OPEN": OrderStatus.OPEN,
        "ALLOCATED": OrderStatus.OPEN,
        "SHIPPED": OrderStatus.OPEN,
        "INVOICED": OrderStatus.OPEN,
        "CLOSED": OrderStatus.LOCKED,
        "CANCELLED": OrderStatus.CANCELLED,
    }
)
CANCELLED = "CANCELLED"
SHIPPED_STATES = frozenset({"SHIPPED", "INVOICED", "CLOSED"})
RETURN_OPEN, RETURNS_OPEN = "OPEN", frozenset({"OPEN", "PARTIAL"})
MEMO_POSTED, MEMO_VOIDED = "POSTED", "VOIDED"

CREDIT_STATUSES = (MEMO_POSTED, MEMO_VOIDED)
"""Every status of a credit memo, for the check that a connection maps them all (R18)."""

TAX_CODE, FREIGHT_CODE = "TAX", "FREIGHT"
