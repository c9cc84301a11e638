"""Prima as `domain.ports.Erp`. Each write finds by our key, creates, and on doubt finds again (D1)."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import partial

from adapters.kit.http import Limits, VendorHttp
from adapters.kit.outside import Outside
from adapters.prima import answers, contract, mapping, orders
from adapters.prima.client import VENDOR, PrimaClient
from adapters.prima.codec import Document
from adapters.prima.posting import Posting
from adapters.prima.replacements import Replacements
from adapters.prima.settings import PrimaSettings
from domain.documents import (
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    CreditPage,
    CreditRequest,
    DepotStock,
    ItemRecord,
    Posted,
    ReceiptRequest,
    ReplacementFault,
    ReplacementOrder,
    RmaRequest,
    RmaState,
    TransferRequest,
)
from domain.order import OrderSnapshot
from domain.ports import ErpCapabilities

#: Every status of a credit document, for the configuration check (R18).
CREDIT_STATUSES = contract.CREDIT_STATUSES

#: SKUs in one ProductDetail or DepotStock call.
SKUS_AT_ONCE = 100

#: Asked for by `probe`; it need not exist.
PROBE_ORDER = "0"


def build(settings: PrimaSettings, outside: Outside) -> "PrimaErp":
    """The port of one connection."""
    limits = Limits(settings.timeout_seconds, settings.max_answer_bytes, settings.max_in_flight)
    vendor = VendorHttp(outside.http, VENDOR, contract.STATUSES, limits, outside.clock)
    return PrimaErp(PrimaClient(vendor, settings.url, settings.company), settings)


class PrimaErp:
    """One Prima service. Documents are posted when a call returns, never queued."""

    capabilities = ErpCapabilities(
        standalone_rma=True, batch=False, stock_adjustments=True, applies_credit_to_invoice=False, exchange_orders=True
    )

    def __init__(self, client: PrimaClient, settings: PrimaSettings) -> None:
        self._client = client
        self._settings = settings
        self._posting = Posting(client)
        self._replacements = Replacements(client, settings)

    async def read_order(self, order_number: str) -> OrderSnapshot:
        """OrderDetail, then ProductDetail for kits without part lines. Rejected as in `orders.read`."""
        asked: Document = ({"OrderNumber": order_number}, ())
        draft = await self._client.call(contract.ORDER_DETAIL, asked, partial(orders.read, settings=self._settings))
        items = await self.check_items(draft.sold_skus)
        return draft.snapshot({item.sku: item.components for item in items})

    async def check_items(self, skus: Sequence[str]) -> list[ItemRecord]:
        """ProductDetail. Rejected(SKU_NOT_IN_MASTER) for a text that cannot be a SKU here."""
        records: list[ItemRecord] = []
        for batch in _batches(skus):
            asked = mapping.sku_rows(batch, self._settings)
            parse = partial(answers.item_records, skus=batch, settings=self._settings)
            records += await self._client.call(contract.PRODUCT_DETAIL, asked, parse)
        return records

    async def depot_stock(self, skus: Sequence[str]) -> list[DepotStock]:
        """DepotStock. Rejected(SKU_NOT_IN_MASTER) when Prima does not know one of them."""
        records: list[DepotStock] = []
        for group in mapping.distinct_short(skus, self._settings):
            for batch in _batches(group):
                asked = mapping.sku_rows(batch, self._settings)
                parse = partial(answers.stock_records, skus=batch, settings=self._settings)
                records += await self._client.call(contract.DEPOT_STOCK, asked, parse)
        return records

    async def open_rma(self, request: RmaRequest) -> Posted:
        """NewReturn, with no order in its header when `standalone` (R16). Rejected as in `ports`, or
        RMA_CLOSED_IN_ERP when the return under our key was cancelled in Prima. It is read back: PARTIAL_ACCEPT when
        Prima said yes and left lines out (N17)."""
        document = mapping.new_return(request, self._settings)
        found = partial(answers.found_rma, request=request)
        posted = await self._posting.once(contract.NEW_RETURN, document, contract.RETURN_DETAIL, found)
        if not posted.adopted:
            await self._client.find(contract.RETURN_DETAIL, {"TPGUID": request.key}, found)
        return posted

    async def read_rma(self, number: str) -> RmaState:
        """ReturnDetail by number. Rejected(RMA_CLOSED_IN_ERP) when Prima does not have it."""
        document: Document = ({"ReturnNumber": number}, ())
        return await self._client.call(contract.RETURN_DETAIL, document, answers.rma_state)

    async def cancel_rma(self, request: CancelRma) -> Posted:
        """CancelReturn. Without a number it is looked up by key; none there is success, number empty."""
        number = request.rma_number or await self._rma_number(request.rma_key)
        if not number:
            return Posted(number="", adopted=True)
        document: Document = ({"ReturnNumber": number, "Narrative": request.reason}, ())
        return await self._posting.cancel(
            contract.CANCEL_RETURN, document, contract.RETURN_DETAIL, answers.cancelled_rma
        )

    async def receive_goods(self, request: ReceiptRequest) -> Posted:
        """ReturnReceipt, Prima's goods receipt note (R26, R115)."""
        found = partial(answers.posted, contract.RECEIPT_DETAIL)
        document = mapping.receipt(request)
        return await self._posting.once(contract.RETURN_RECEIPT, document, contract.RECEIPT_DETAIL, found)

    async def adjust_stock(self, request: AdjustmentRequest) -> Posted:
        """StockAdjustment, Prima's adjustment journal (R26, R115)."""
        found = partial(answers.posted, contract.ADJUSTMENT_DETAIL)
        document = mapping.adjustment(request, self._settings)
        return await self._posting.once(contract.STOCK_ADJUSTMENT, document, contract.ADJUSTMENT_DETAIL, found)

    async def transfer_stock(self, request: TransferRequest) -> Posted:
        """DepotTransfer: a regrade (E24)."""
        found = partial(answers.posted, contract.TRANSFER_DETAIL)
        document = mapping.transfer(request, self._settings)
        return await self._posting.once(contract.DEPOT_TRANSFER, document, contract.TRANSFER_DETAIL, found)

    async def check_replacement(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """Rejected(ORDER_NOT_FOUND) when the original order is gone, BUNDLE_RECIPE_MISSING for a broken kit."""
        return await self._replacements.check(request)

    async def find_replacement(self, key: str) -> Posted | None:
        """OrderStatus, the only documented way. Rejected(EXCHANGE_DATA) when the order was cancelled."""
        return await self._replacements.find(key)

    async def order_replacement(self, request: ReplacementOrder) -> Posted:
        """MultiNewOrder under our key as its number. Rejected as in `ports`; EXCHANGE_DATA also when the order
        under our key was cancelled in Prima."""
        return await self._replacements.order(request)

    async def cancel_replacement(self, request: CancelReplacement) -> Posted:
        """CancelOrder. Without a number the key is the number; none there is success, number empty."""
        return await self._replacements.cancel(request)

    async def post_credit(self, request: CreditRequest) -> Posted:
        """NewCreditNote against the original order (R40, R116). Rejected(CREDIT_REJECTED) also when the note
        under our key was reversed in Prima, or belongs to another order."""
        document = mapping.credit_note(request)
        found = partial(answers.found_credit, request=request)
        made = partial(answers.posted_credit, currency=request.currency)
        return await self._posting.once(contract.NEW_CREDIT_NOTE, document, contract.CREDIT_NOTE_DETAIL, found, made)

    async def cancel_credit(self, request: CancelCredit) -> Posted:
        """CancelCreditNote; `number` is that of the reversing document. Reversed already is success."""
        document: Document = ({"CreditNumber": request.credit_number, "Narrative": request.reason}, ())
        return await self._posting.cancel(
            contract.CANCEL_CREDIT_NOTE, document, contract.CREDIT_NOTE_DETAIL, answers.reversed_credit
        )

    async def list_credits(self, since: date, until: date, page: int = 1) -> CreditPage:
        """CreditNoteList. A page number here is the row it starts from; follow `next_page`, do not count."""
        document = mapping.credit_range(since, until, page)
        parse = partial(answers.credit_page, from_row=page)
        return await self._client.call(contract.CREDIT_NOTE_LIST, document, parse)

    async def probe(self) -> None:
        """OrderStatus: found and not found both prove the address and the company."""
        await self._client.find(contract.ORDER_STATUS, {"OrderNumber": PROBE_ORDER}, lambda data: data)

    async def _rma_number(self, key: str) -> str:
        found = partial(answers.posted, contract.RETURN_DETAIL)
        rma = await self._client.find(contract.RETURN_DETAIL, {"TPGUID": key}, found)
        return rma.number if rma else ""


def _batches(skus: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(skus), SKUS_AT_ONCE):
        yield skus[start : start + SKUS_AT_ONCE]
