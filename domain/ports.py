"""What the business needs from a returns platform and from an ERP.

Every method raises the four outcomes of `domain.outcomes` and nothing else for vendor trouble.
Every write is find by key, create, on doubt find again (D1): calling it twice with one key makes one document.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from domain.batches import Acknowledgement, Batch, BatchRef, HandedOver
from domain.documents import (
    CHARGE_PURPOSES,
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    ChargePurpose,
    CreditPage,
    CreditRequest,
    DepotStock,
    DocumentKind,
    ItemRecord,
    Posted,
    Posting,
    ReceiptRequest,
    ReplacementFault,
    ReplacementOrder,
    RmaRequest,
    RmaState,
    TransferRequest,
)
from domain.inspection import WarehouseEvent
from domain.model import Value
from domain.order import OrderSnapshot
from domain.returns import ChangedReturn, Delivery, LineDecision, ListedRefund, PlatformReturn


class BadDelivery(Exception):
    """A webhook that must be refused. The caller answers the same for every cause; the text is for our log."""


class UnreadableDelivery(BadDelivery):
    """The platform signed it, and it cannot be read: our two sides disagree, and somebody must know."""


class WebhookReceiver(Protocol):
    """Checks one platform's webhooks. Pure: no network, no clock of its own."""

    def verify(self, headers: Mapping[str, str], body: bytes, now: datetime, token: str = "") -> Delivery:
        """The delivery, when the signature over the raw bytes holds and is fresh; BadDelivery otherwise, and
        UnreadableDelivery when a good signature covers nonsense.

        `headers` has lower-case names. `token` is what followed the connection's name in the address, for platforms
        that sign nothing. Events that we do not know give a delivery without `return_id`.
        """
        ...


class WarehouseFeed(Protocol):
    """Reads what an integration reports of the warehouse (ERP side). Pure: no network, no clock of its own."""

    def read(self, headers: Mapping[str, str], body: bytes) -> WarehouseEvent:
        """The event, when the token holds; BadDelivery otherwise, and UnreadableDelivery for nonsense with a good
        token. `headers` has lower-case names.
        """
        ...


class PlatformCapabilities(Value):
    """What a platform can do at all; known at start, not discovered at run time.

    inspects: its own users grade items there, so that an inspection may come from it (`PlatformReturn.graded`)
    signs_webhooks: False: the secret is the last part of the webhook's address, and every delivery is only a hint
    instant_refunds, exchanges, keep_items: whether its returns may have them
    lists_spans: a listing can be asked for day by day; False: it always runs on to the present, so it is asked for once
    """

    inspects: bool
    signs_webhooks: bool
    instant_refunds: bool
    exchanges: bool
    keep_items: bool
    lists_spans: bool = True


class ReturnsPlatform(Protocol):
    """The system that owns the customer's request."""

    capabilities: PlatformCapabilities

    async def read_return(self, return_id: str) -> PlatformReturn:
        """The present truth. Rejected(EVENT_INVALID) when the platform does not know the return."""
        ...

    async def report_inspection(self, return_id: str, decisions: Sequence[LineDecision]) -> PlatformReturn:
        """Bring the platform's decisions up to these totals; the return as it is afterwards.

        Rejected(STATUS_DRIFT) when the platform has decided otherwise for good.
        """
        ...

    async def list_refunds(self, since: datetime, until: datetime) -> list[ListedRefund]:
        """All refunds created in the half-open interval, every page of them."""
        ...

    async def list_returns(self, since: datetime, until: datetime) -> list[ChangedReturn]:
        """All returns whose latest change is in the half-open interval, every page of them, oldest first.

        One whose time the platform does not tell is never left out.
        """
        ...

    async def add_note(self, return_id: str, text: str) -> None:
        """Leave a note for the platform's users. Not guarded against repetition; never money or stock."""
        ...

    async def probe(self) -> None:
        """Prove that the address answers and the credentials hold."""
        ...


class ErpCapabilities(Value):
    """What an ERP can do at all; known at start, not discovered at run time.

    standalone_rma: it can authorise a return of an order that is closed or archived there (R16)
    batch: documents are handed over in files at windows; the port is a `BatchErp` too (D7)
    applies_credit_to_invoice: a credit is applied to its invoice, and may stay unapplied (R45)
    exchange_orders: it takes replacement orders
    credit_needs_receipt: nothing is credited there before it was received
    charges: purposes of `CreditCharge` that its credit documents can carry
    """

    standalone_rma: bool
    batch: bool
    stock_adjustments: bool
    applies_credit_to_invoice: bool
    exchange_orders: bool
    credit_needs_receipt: bool = False
    charges: frozenset[ChargePurpose] = frozenset(CHARGE_PURPOSES)


class Erp(Protocol):
    """The system of record for stock and money."""

    capabilities: ErpCapabilities

    async def read_order(self, order_number: str) -> OrderSnapshot:
        """The order with every amount, and how far it is as of now. Rejected(ORDER_NOT_FOUND) when it is not there."""
        ...

    async def check_items(self, skus: Sequence[str]) -> list[ItemRecord]:
        """One record per SKU, in the order asked; unknown SKUs are inactive."""
        ...

    async def depot_stock(self, skus: Sequence[str]) -> list[DepotStock]:
        """Stock of these SKUs per depot."""
        ...

    async def open_rma(self, request: RmaRequest) -> Posting:
        """Rejected(RMA_REJECTED | VALIDATION_QTY | SKU_NOT_IN_MASTER | ORDER_LOCKED …) when refused for good."""
        ...

    async def read_rma(self, number: str) -> RmaState:
        """The RMA as it is now. Rejected(RMA_CLOSED_IN_ERP) when the ERP does not know it any more."""
        ...

    async def cancel_rma(self, request: CancelRma) -> Posting:
        """Succeeds when it is cancelled already or was never opened; Rejected once goods were received."""
        ...

    async def receive_goods(self, request: ReceiptRequest) -> Posting:
        """Rejected(STOCK_REJECTED …) when refused for good."""
        ...

    async def adjust_stock(self, request: AdjustmentRequest) -> Posting:
        """Rejected(STOCK_REJECTED …) when refused for good."""
        ...

    async def transfer_stock(self, request: TransferRequest) -> Posting:
        """Rejected(STOCK_REJECTED …) when refused for good."""
        ...

    async def check_replacement(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """Every reason why this order cannot be made now, stock read fresh (R37, R58, R64); empty when it can."""
        ...

    async def find_replacement(self, key: str) -> Posted | None:
        """The order that was made under this key, or None. Only reads: its own stock must not refuse it (E50)."""
        ...

    async def order_replacement(self, request: ReplacementOrder) -> Posting:
        """Posted.number is the order's. Rejected(EXCHANGE_OOS | EXCHANGE_DATA | SKU_NOT_IN_MASTER) when refused."""
        ...

    async def cancel_replacement(self, request: CancelReplacement) -> Posting:
        """Succeeds when it is cancelled already or was never made; Rejected(EXCHANGE_EXPOSURE) once despatched."""
        ...

    async def post_credit(self, request: CreditRequest) -> Posting:
        """Posted.total is what the ERP computed. Rejected(CREDIT_REJECTED | PERIOD_CLOSED …) when refused for good."""
        ...

    async def cancel_credit(self, request: CancelCredit) -> Posting:
        """Rejected(PERIOD_CLOSED | CREDIT_REJECTED) when refused for good."""
        ...

    async def list_credits(self, since: date, until: date, page: int = 1) -> CreditPage:
        """Credit documents dated in the closed interval."""
        ...

    async def probe(self) -> None:
        """Prove that the address answers and the credentials hold."""
        ...


class BatchErp(Erp, Protocol):
    """An ERP that takes documents in files at its windows (D7). Its write methods find, check and answer `Queued`.

    `unseen`: kinds that nobody can look up there; sending one again is answered with the document that is there.
    """

    unseen: frozenset[DocumentKind]

    async def hand_over(self, batch: Batch) -> HandedOver:
        """Write the batch as one file and hand it over whole. Doing it twice with one number hands over one file.

        A document that cannot be written (its order is gone) is in `HandedOver.refused` and not in the file; one that
        the file has no room for is in `left_out`, and goes into another file. An empty file has room for one.
        """
        ...

    async def acknowledgement(self, batch: BatchRef) -> Acknowledgement | None:
        """What became of the batch; None while the ERP has not answered. Rejected(EVENT_INVALID): unreadable."""
        ...

    async def is_picked_up(self, batch: BatchRef) -> bool:
        """Whether the ERP has taken the file; one that it has not taken is stalled."""
        ...

    async def find_document(self, kind: DocumentKind, key: str) -> Posted | None:
        """A document by our key, through the read API; None when the ERP does not have it. RetryLater in a window."""
        ...


class CallQuota(Value):
    """How many calls a vendor takes in a day, under the name that a `CallCounter` counts them by."""

    account: str
    daily_calls: int


class CallCounter(Protocol):
    """Counts calls against a daily quota, for all processes together."""

    @property
    def urgent(self) -> bool:
        """Whether anything that is counted here can be urgent; if not, all of it leaves the reserve to others."""
        ...

    async def used(self, account: str, day: date) -> int:
        """Calls of that day so far."""
        ...

    async def count(self, account: str, day: date) -> int:
        """Count one call; calls of that day, this one included."""
        ...
