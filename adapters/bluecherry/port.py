"""BlueCherry as `domain.ports.BatchErp`: writes find by our key, check, and answer `Queued` (D7)."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from adapters.bluecherry import contract, mapping, orders
from adapters.bluecherry.client import ReadApi
from adapters.bluecherry.contract import MEMO_VOIDED, VENDOR
from adapters.bluecherry.files import DirectoryDrop, Drop
from adapters.bluecherry.handover import HandOver
from adapters.bluecherry.items import Items
from adapters.bluecherry.lookup import UNSEEN, Lookup, credit_record
from adapters.bluecherry.replacements import Replacements
from adapters.bluecherry.rmas import Rmas
from adapters.bluecherry.settings import BlueCherrySettings, DirectorySettings, depot_problems
from adapters.bluecherry.sftp import SftpDrop
from adapters.kit.outside import Outside
from domain.batches import Acknowledgement, Batch, BatchRef, HandedOver
from domain.documents import (
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    CreditPage,
    CreditRequest,
    DepotStock,
    DocumentKind,
    ItemRecord,
    Posted,
    Posting,
    Queued,
    ReceiptRequest,
    ReplacementFault,
    ReplacementOrder,
    RmaRequest,
    RmaState,
    TransferRequest,
)
from domain.exceptions import ExceptionCode
from domain.order import OrderSnapshot
from domain.outcomes import Rejected
from domain.ports import ErpCapabilities

__all__ = ["CREDIT_STATUSES", "RECEIPT_CONDITIONS", "UNSEEN", "BlueCherryErp", "build", "depot_problems"]

#: Every status of a credit memo, for the configuration check (R18).
CREDIT_STATUSES = contract.CREDIT_STATUSES
RECEIPT_CONDITIONS = contract.GRADES


def build(settings: BlueCherrySettings, outside: Outside) -> "BlueCherryErp":
    """The port of one connection."""
    return BlueCherryErp(ReadApi(settings, outside), _drop(settings), settings, outside.clock)


def _drop(settings: BlueCherrySettings) -> Drop:
    if isinstance(settings.drop, DirectorySettings):
        return DirectoryDrop(settings.drop.path)
    assert settings.drop_secret is not None, "the settings were checked"
    return SftpDrop(settings.drop, settings.drop_secret.get_secret_value(), settings.timeout_seconds)


class BlueCherryErp:
    """One division. Nothing is posted when a call returns: documents go over by `hand_over`."""

    unseen = UNSEEN
    capabilities = ErpCapabilities(
        standalone_rma=True,
        batch=True,
        stock_adjustments=True,
        applies_credit_to_invoice=False,
        exchange_orders=True,
        credit_needs_receipt=True,
        charges=mapping.CHARGES,
    )

    def __init__(self, api: ReadApi, drop: Drop, settings: BlueCherrySettings, clock: Callable[[], datetime]) -> None:
        self._api = api
        self._settings = settings
        self._clock = clock
        self._lookup = Lookup(api, settings)
        self._handover = HandOver(api, drop, settings)
        self._items = Items(api, settings)
        self._rmas = Rmas(api, self._handover, self._items, settings, clock)
        self._replacements = Replacements(api, self._handover, settings)

    async def read_order(self, order_number: str) -> OrderSnapshot:
        """The order, and the item master for prepacks without part lines. Rejected as in `orders.snapshot`."""
        if (found := await self._api.order(order_number)) is None:
            raise orders.no_order(order_number)
        order = orders.snapshot(found, self._settings.sku_separator)
        items = await self.check_items(orders.whole_lines(order))
        return orders.with_recipes(order, {item.sku: item.components for item in items})

    async def check_items(self, skus: Sequence[str]) -> list[ItemRecord]:
        """One call each. Rejected(SKU_NOT_IN_MASTER) for a text that cannot be a SKU here."""
        return await self._items.records(skus)

    async def depot_stock(self, skus: Sequence[str]) -> list[DepotStock]:
        """Stock in each warehouse of our division, as of the last window. Rejected for an unknown SKU."""
        return await self._items.stock(skus)

    async def open_rma(self, request: RmaRequest) -> Posting:
        """RAH, with no order in it when `standalone` (R16). Rejected as in `ports`, or RMA_CLOSED_IN_ERP when the
        return under our key was cancelled; PARTIAL_ACCEPT when it lacks lines (N17)."""
        return await self._rmas.open(request)

    async def read_rma(self, number: str) -> RmaState:
        """The RMA as of the last window. Rejected(RMA_CLOSED_IN_ERP) when BlueCherry does not have it."""
        return await self._rmas.state(number)

    async def cancel_rma(self, request: CancelRma) -> Posting:
        """RAX. Without a number it is looked up by key; none there is success, number empty. One that still lies in
        a file is waited for."""
        return await self._rmas.cancel(request)

    async def receive_goods(self, request: ReceiptRequest) -> Posting:
        """RCV each line. BlueCherry shows no receipts by key: one that is there already comes back as a duplicate."""
        mapping.receipt(request, self._settings)
        state = await self.read_rma(request.rma_number)
        if state.cancelled:
            reason = f"{VENDOR} return {request.rma_number} is cancelled"
            raise Rejected(ExceptionCode.RMA_CLOSED_IN_ERP, reason, "E208")
        return Queued()

    async def adjust_stock(self, request: AdjustmentRequest) -> Posting:
        """ADJ each line; as for receipts."""
        mapping.adjustment(request, self._settings)
        await self._items.check([line.sku for line in request.lines], ExceptionCode.STOCK_REJECTED)
        return Queued()

    async def transfer_stock(self, request: TransferRequest) -> Posting:
        """Two ADJ each line, out of one warehouse and into the other; as for receipts (E24)."""
        mapping.transfer(request, self._settings)
        await self._items.check([line.sku for line in request.lines], ExceptionCode.STOCK_REJECTED)
        return Queued()

    async def check_replacement(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """Stock is that of the exchange warehouse. Rejected(ORDER_NOT_FOUND) when the original order is gone."""
        return await self._replacements.faults(request)

    async def find_replacement(self, key: str) -> Posted | None:
        """By our EXTREF. Rejected(EXCHANGE_DATA) when the order was cancelled."""
        return await self._lookup.replacement(key)

    async def order_replacement(self, request: ReplacementOrder) -> Posting:
        """SOH. Rejected as in `ports`; EXCHANGE_DATA also when the order under our key was cancelled."""
        if (found := await self._lookup.replacement(request.key)) is not None:
            return found
        await self._replacements.check(request)
        return Queued()

    async def cancel_replacement(self, request: CancelReplacement) -> Posting:
        """SOX. Without a number it is looked up by key; none there is success, number empty."""
        return await self._replacements.cancel(request)

    async def post_credit(self, request: CreditRequest) -> Posting:
        """CMH against the order's invoice (R40, R125). Rejected(CREDIT_REJECTED) also for charges that a memo cannot
        carry, and when the memo under our key was voided."""
        if (found := await self._lookup.credit(request)) is not None:
            return found
        if (order := await self._api.order(request.order_number)) is None:
            raise orders.no_order(request.order_number)
        mapping.credit(request, order.customer_no, request.invoice_number or orders.invoice(order))
        return Queued()

    async def cancel_credit(self, request: CancelCredit) -> Posting:
        """CMV; `number` of one that is voided already is that of the reversal."""
        memo = await self._lookup.memo(*self._lookup.around(self._clock()), number=request.credit_number)
        if memo is not None and memo.status == MEMO_VOIDED:
            return Posted(number=memo.voided_by or memo.cm_no, adopted=True)
        mapping.credit_void(request.key, request.credit_number, request.reason)
        return Queued()

    async def list_credits(self, since: date, until: date, page: int = 1) -> CreditPage:
        """Memos as of the last window."""
        memos, following = await self._api.credit_memos(since, until, page)
        return CreditPage(records=[credit_record(memo) for memo in memos], next_page=following)

    async def hand_over(self, batch: Batch) -> HandedOver:
        """The batch as one file in ``inbound``; `file` is empty when no document could be written."""
        return await self._handover.hand_over(batch)

    async def acknowledgement(self, batch: BatchRef) -> Acknowledgement | None:
        """The file in ``outbound/ack``."""
        return await self._handover.acknowledgement(batch)

    async def is_picked_up(self, batch: BatchRef) -> bool:
        """Whether the file has left ``inbound``."""
        return await self._handover.is_picked_up(batch)

    async def find_document(self, kind: DocumentKind, key: str) -> Posted | None:
        """Through the read API. RetryLater for `UNSEEN` kinds: it shows nothing of them, so None would be a guess.
        Cancellations are found when they carry the key of what they cancel."""
        return await self._lookup.document(kind, key, self._clock())

    async def probe(self) -> None:
        """An order that need not exist, and the drop directories."""
        await self._api.probe()
        await self._handover.probe()
