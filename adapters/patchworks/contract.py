"""What we take Patchworks and the flows behind it to be (vendors/patchworks.md). All of it is here or in `shapes`.

`ASSUMED(n)` numbers are those of the contract. Documented are the addresses of the callback and start triggers, the
header `patchworks-signature`, the raw API key, the array around every callback reply, the run states and the fields of
a return. The JSON between us and the flows is our own design; docs/patchworks-integration-guide.md says the same to
whoever builds the flows, and a test keeps its operations equal to `OPERATIONS`. Where no number is given, it is ours:

- Keys. A create carries our business key, which the flow keeps on the ERP document's external reference. An operation
  that undoes has the suffix `UNDO`, because we name the document and its cancellation by one key. Reads have a random
  key. `apply_credit_note` and `tell_commerce` carry the key of the document: they finish what is open.
- A stored error never uses a key up: nothing was made, and the same key may be sent again with a corrected body.
- `get_operation` tells the document as it is *now*: `applied`, `unapplied`, `cancelled`, and `commerce`.
- `erp.lines` of `create_return` names every line that was taken, with its quantity (N17).
- A write may answer `commerce`: whether the commerce side was told too (R136).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType

from adapters.kit.status import COMMON, Meaning, StatusTable
from domain.exceptions import ExceptionCode
from domain.order import OrderStatus

# --- addresses and headers: documented ------------------------------------
CALLBACKS_URL = "https://callbacks.wearepatchworks.com"
START_URL = "https://start.wearepatchworks.com"
CORE_URL = "https://core.wearepatchworks.com"
CALLBACK = "/api/v1/{company}/{callback_id}"
START_RAW = "/api/v1/flows/{flow_id}/start/raw"
FLOW_RUNS = "/api/v1/flow-runs"
SIGNATURE_HEADER = "patchworks-signature"
HEADERS = MappingProxyType({"Content-Type": "application/json", "Accept": "application/json"})

# --- limits: documented quotas, ASSUMED(11) how we stay below them ---------
REQUESTS_PER_SECOND = 4
MAX_IN_FLIGHT = 8
MAX_REQUEST_BYTES = 8 * 1000 * 1000
SKUS_AT_ONCE = 100

#: ASSUMED(11). A flow that is not deployed (404) is the connection's trouble, not a return's: asked again until it is
#: there. After 5xx the outcome is unknown, 503 included. Other 4xx: Patchworks did not take the payload.
STATUSES = StatusTable(
    {**COMMON, 404: Meaning.BUSY, 409: Meaning.REFUSED, 503: Meaning.TROUBLE},
)

# --- keys -------------------------------------------------------------------
UNDO = "-undo"
READ_KEY = "read-{random}"

# --- runs of long work: documented states, ASSUMED(6), ASSUMED(7) ------------
RUN_STARTED, RUN_SUCCESS, RUN_FAILURE, RUN_STOPPED, RUN_PARTIAL = 1, 2, 3, 4, 5
RUN_ID_KEYS = ("flow_run_id", "id", "run_id")
RUNS_PER_PAGE = 50
MAX_RUN_PAGES = 10
CLOCKS_APART = timedelta(minutes=2)
"""How far Patchworks' clock may be behind ours: runs are looked for from that much before the start."""

# --- statuses of a reply: ASSUMED(3) ----------------------------------------
OK, ERROR, IN_PROGRESS, NOT_FOUND = "ok", "error", "in_progress", "not_found"
COMMERCE_TOLD, COMMERCE_FAILED = "told", "failed"

# --- error codes: ASSUMED(4), the two last ours ------------------------------
VALIDATION, ORDER_NOT_FOUND, ITEM_NOT_FOUND = "VALIDATION", "ORDER_NOT_FOUND", "ITEM_NOT_FOUND"
QUANTITY_EXCEEDED, PERIOD_CLOSED, OUT_OF_STOCK, CONFLICT = (
    "QUANTITY_EXCEEDED",
    "PERIOD_CLOSED",
    "OUT_OF_STOCK",
    "CONFLICT",
)
DOCUMENT_NOT_FOUND, LOCATION_NOT_FOUND = "DOCUMENT_NOT_FOUND", "LOCATION_NOT_FOUND"
FINAL = frozenset(
    {VALIDATION, ORDER_NOT_FOUND, ITEM_NOT_FOUND, QUANTITY_EXCEEDED, PERIOD_CLOSED, OUT_OF_STOCK, CONFLICT}
    | {DOCUMENT_NOT_FOUND, LOCATION_NOT_FOUND}
)
TRANSIENT = frozenset({"ERP_UNAVAILABLE", "ERP_TIMEOUT", "RATE_LIMITED"})


@dataclass(frozen=True)
class Operation:
    """One operation of the flows, and what its errors mean.

    gone: our code when the document under our key was cancelled in the ERP since
    personal: the flow handles names and addresses for it, so what it says is never quoted
    """

    name: str
    otherwise: ExceptionCode
    write: bool = False
    refusals: Mapping[str, ExceptionCode] = field(default_factory=dict)
    gone: ExceptionCode = ExceptionCode.EVENT_CONFLICT
    personal: bool = False

    def refusal(self, code: str) -> ExceptionCode:
        """Our code for one of the flow's."""
        return self.refusals.get(code, self.otherwise)


_STOCK = MappingProxyType({ITEM_NOT_FOUND: ExceptionCode.SKU_NOT_IN_MASTER, PERIOD_CLOSED: ExceptionCode.PERIOD_CLOSED})

CREATE_RETURN = Operation(
    "create_return",
    ExceptionCode.RMA_REJECTED,
    write=True,
    refusals={
        ORDER_NOT_FOUND: ExceptionCode.ORDER_NOT_FOUND,
        ITEM_NOT_FOUND: ExceptionCode.SKU_NOT_IN_MASTER,
        QUANTITY_EXCEEDED: ExceptionCode.VALIDATION_QTY,
        CONFLICT: ExceptionCode.ORDER_LOCKED,
    },
    gone=ExceptionCode.RMA_CLOSED_IN_ERP,
)
CANCEL_RETURN = Operation("cancel_return", ExceptionCode.RMA_REJECTED, write=True)
RECEIVE_RETURN = Operation(
    "receive_return",
    ExceptionCode.STOCK_REJECTED,
    write=True,
    refusals={
        **_STOCK,
        CONFLICT: ExceptionCode.RMA_CLOSED_IN_ERP,
        DOCUMENT_NOT_FOUND: ExceptionCode.RMA_CLOSED_IN_ERP,
    },
    gone=ExceptionCode.STOCK_REJECTED,
)
ADJUST_STOCK = Operation(
    "adjust_stock", ExceptionCode.STOCK_REJECTED, write=True, refusals=_STOCK, gone=ExceptionCode.STOCK_REJECTED
)
TRANSFER_STOCK = Operation(
    "transfer_stock", ExceptionCode.STOCK_REJECTED, write=True, refusals=_STOCK, gone=ExceptionCode.STOCK_REJECTED
)
CREATE_CREDIT_NOTE = Operation(
    "create_credit_note",
    ExceptionCode.CREDIT_REJECTED,
    write=True,
    refusals={PERIOD_CLOSED: ExceptionCode.PERIOD_CLOSED},
    gone=ExceptionCode.CREDIT_REJECTED,
)
APPLY_CREDIT_NOTE = Operation("apply_credit_note", ExceptionCode.NOTHING_TO_APPLY, write=True)
VOID_CREDIT_NOTE = Operation(
    "void_credit_note",
    ExceptionCode.CREDIT_REJECTED,
    write=True,
    refusals={PERIOD_CLOSED: ExceptionCode.PERIOD_CLOSED},
)
CREATE_EXCHANGE_ORDER = Operation(
    "create_exchange_order",
    ExceptionCode.EXCHANGE_DATA,
    write=True,
    refusals={
        OUT_OF_STOCK: ExceptionCode.EXCHANGE_OOS,
        ITEM_NOT_FOUND: ExceptionCode.SKU_NOT_IN_MASTER,
        ORDER_NOT_FOUND: ExceptionCode.ORDER_NOT_FOUND,
    },
    gone=ExceptionCode.EXCHANGE_DATA,
    personal=True,
)
CANCEL_EXCHANGE_ORDER = Operation(
    "cancel_exchange_order",
    ExceptionCode.EXCHANGE_DATA,
    write=True,
    refusals={CONFLICT: ExceptionCode.EXCHANGE_EXPOSURE},
)
TELL_COMMERCE = Operation("tell_commerce", ExceptionCode.STATUS_DRIFT, write=True)
GET_ORDER = Operation(
    "get_order",
    ExceptionCode.ORDER_LOCKED,
    refusals={ORDER_NOT_FOUND: ExceptionCode.ORDER_NOT_FOUND},
    personal=True,
)
GET_RETURN = Operation(
    "get_return", ExceptionCode.RMA_REJECTED, refusals={DOCUMENT_NOT_FOUND: ExceptionCode.RMA_CLOSED_IN_ERP}
)
GET_STOCK = Operation("get_stock", ExceptionCode.SKU_NOT_IN_MASTER)
GET_ITEMS = Operation("get_items", ExceptionCode.SKU_NOT_IN_MASTER)
GET_CREDIT_NOTES = Operation("get_credit_notes", ExceptionCode.CREDIT_REJECTED)
GET_OPERATION = Operation("get_operation", ExceptionCode.CONFIG_INVALID)

#: ASSUMED(2), "Readings agreed", and our own `get_return`, `tell_commerce`.
OPERATIONS: Mapping[str, Operation] = MappingProxyType(
    {
        operation.name: operation
        for operation in (
            *(CREATE_RETURN, CANCEL_RETURN, RECEIVE_RETURN, ADJUST_STOCK, TRANSFER_STOCK),
            *(CREATE_CREDIT_NOTE, APPLY_CREDIT_NOTE, VOID_CREDIT_NOTE, CREATE_EXCHANGE_ORDER, CANCEL_EXCHANGE_ORDER),
            *(TELL_COMMERCE, GET_ORDER, GET_RETURN, GET_STOCK, GET_ITEMS, GET_CREDIT_NOTES, GET_OPERATION),
        )
    }
)

#: What may be started as a run of its own: all but the question after the outcome itself.
LONG_OPERATIONS = frozenset(OPERATIONS) - {GET_OPERATION.name}

# --- words: ASSUMED(9) ------------------------------------------------------
RETURN_APPROVED = "approved"
OUTCOME_REFUND, OUTCOME_EXCHANGE = "refund", "exchange"
PAID_BY = "platform"
DISPOSITIONS = frozenset({"restock", "quarantine", "refurbish", "scrap", "return_to_customer"})
CONDITIONS = frozenset({"new", "opened", "used", "damaged", "missing"})
RECEIPT_CONDITIONS = DISPOSITIONS | CONDITIONS | {""}
"""What a receipt may say of its units; without any word its location says all."""
ORDER_DISCOUNT = "order"
SHIPPING_CODE = "shipping"
"""The order's shipping has no code on the wire; mappings of charges know it by this one."""

#: Status of an order in lower case → what it allows. `archived` locks whatever the status. Others are refused.
ORDER_STATES: Mapping[str, OrderStatus] = MappingProxyType(
    {
        "pending approval": OrderStatus.OPEN,
        "pending fulfillment": OrderStatus.OPEN,
        "partially fulfilled": OrderStatus.OPEN,
        "pending billing/partially fulfilled": OrderStatus.OPEN,
        "pending billing": OrderStatus.OPEN,
        "billed": OrderStatus.OPEN,
        "closed": OrderStatus.LOCKED,
        "cancelled": OrderStatus.CANCELLED,
    }
)

CREDIT_POSTED, CREDIT_VOIDED = "posted", "voided"
#: Every status of a credit note, for the check that a connection maps them all (R18).
CREDIT_STATUSES = (CREDIT_POSTED, CREDIT_VOIDED)

#: Without these fields of an order nobody could deliver its replacement (R58).
NEEDED = (
    "customer.id",
    *(f"shippingAddress.{name}" for name in ("firstName", "lastName", "address1", "city")),
    *(f"shippingAddress.{name}" for name in ("zipCodeOrPostalCode", "country")),
)

# --- inbound events: ASSUMED(8) ---------------------------------------------
AUTHORIZATION_HEADER, BEARER = "authorization", "Bearer "
EVENT_ID_HEADER = "idempotency-key"
INSPECTED = "return.inspected"
EVENTS = frozenset({"return.received", INSPECTED, "return.restocked", "credit_note.posted", "exchange_order.shipped"})
INSPECTOR = "patchworks"
