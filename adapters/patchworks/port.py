"""The ERP behind Patchworks as `domain.ports.Erp`. Each write finds by our key, creates, and on doubt finds again (D1).

| method             | operations                                                        |
| ------------------ | ----------------------------------------------------------------- |
| read_order         | get_order                                                         |
| check_items        | get_items                                                         |
| depot_stock        | get_stock                                                         |
| open_rma           | get_operation, create_return                                      |
| read_rma           | get_return                                                        |
| cancel_rma         | get_operation, cancel_return                                      |
| receive_goods      | get_operation, receive_return                                     |
| adjust_stock       | get_operation, adjust_stock                                       |
| transfer_stock     | get_operation, transfer_stock                                     |
| check_replacement  | get_operation, get_order, get_items, get_stock                    |
| find_replacement   | get_operation                                                     |
| order_replacement  | get_operation, create_exchange_order                              |
| cancel_replacement | get_operation, cancel_exchange_order                              |
| post_credit        | get_operation, create_credit_note, apply_credit_note when needed  |
| cancel_credit      | get_operation, void_credit_note                                   |
| list_credits       | get_credit_notes                                                  |

Every write may be followed by `tell_commerce` (R136), and begins again with `get_operation` after a lost answer.
"""

from collections.abc import Sequence
from datetime import date

from adapters.kit.outside import Outside
from adapters.patchworks import answers, contract, mapping, orders
from adapters.patchworks.client import VENDOR, PatchworksClient
from adapters.patchworks.credits import Credits
from adapters.patchworks.posting import Posting
from adapters.patchworks.replacements import Replacements
from adapters.patchworks.runs import LongClient
from adapters.patchworks.settings import PatchworksSettings
from adapters.patchworks.shapes import CreditNotesRead, ItemsRead, ReturnRead, StockRead, WireItem
from adapters.patchworks.webhook import PatchworksFeed
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
from domain.outcomes import RetryLater
from domain.ports import ErpCapabilities

#: Every status of a credit document, for the configuration check (R18).
CREDIT_STATUSES = contract.CREDIT_STATUSES
RECEIPT_CONDITIONS = contract.RECEIPT_CONDITIONS

#: Asked for by `probe`; nothing is ever made under it.
PROBE_KEY = "probe"


def build(settings: PatchworksSettings, outside: Outside) -> "PatchworksErp":
    """The port of one connection."""
    return PatchworksErp(LongClient(settings, outside), settings)


def build_feed(settings: PatchworksSettings) -> PatchworksFeed:
    """The reader of what the warehouse's connector reports. Without a token every delivery is refused."""
    return PatchworksFeed(settings.inbound_token, settings.source_platform)


class PatchworksErp:
    """The flows of one connection. Documents are posted when a call returns, never queued."""

    capabilities = ErpCapabilities(
        standalone_rma=True, batch=False, stock_adjustments=True, applies_credit_to_invoice=True, exchange_orders=True
    )

    def __init__(self, client: PatchworksClient, settings: PatchworksSettings) -> None:
        self._client = client
        self._settings = settings
        self._posting = Posting(client)
        self._credits = Credits(client, self._posting, settings)
        self._replacements = Replacements(client, settings)

    async def read_order(self, order_number: str) -> OrderSnapshot:
        """get_order. Rejected as in `orders.snapshot`."""
        return orders.snapshot(await self._replacements.order(order_number))

    async def check_items(self, skus: Sequence[str]) -> list[ItemRecord]:
        """get_items."""
        known: dict[str, WireItem] = {}
        for batch in mapping.batches(skus):
            read = await self._client.read(contract.GET_ITEMS, {"skus": batch}, ItemsRead)
            known |= {item.sku: item for item in read.items}
        return answers.item_records(known, skus)

    async def depot_stock(self, skus: Sequence[str]) -> list[DepotStock]:
        """get_stock."""
        records: list[DepotStock] = []
        for batch in mapping.batches(skus):
            records += answers.stock_records(await self._client.read(contract.GET_STOCK, {"skus": batch}, StockRead))
        return records

    async def open_rma(self, request: RmaRequest) -> Posted:
        """create_return (R4, R16). Rejected as in `ports`; RMA_CLOSED_IN_ERP when the return order under our key was
        cancelled there; PARTIAL_ACCEPT when lines were left out (N17)."""
        operation = contract.CREATE_RETURN
        reply = await self._posting.once(operation, request.key, mapping.rma(request, self._settings))
        made = answers.whole_rma(answers.live(reply, operation), request)
        await self._posting.told(operation, request.key, reply)
        return made

    async def read_rma(self, number: str) -> RmaState:
        """get_return. Rejected(RMA_CLOSED_IN_ERP) when the ERP does not have it."""
        read = await self._client.read(contract.GET_RETURN, {"documentNumber": number}, ReturnRead)
        if read.return_order.number != number:
            raise RetryLater(f"{VENDOR} {contract.GET_RETURN.name}: the reply is about another return order")
        return answers.rma_state(read.return_order)

    async def cancel_rma(self, request: CancelRma) -> Posted:
        """cancel_return, by number or else by key. One that was never made is success, number empty."""
        operation, number = contract.CANCEL_RETURN, request.rma_number
        return await self._posting.undo(operation, request.key, number, request.rma_key, request.reason)

    async def receive_goods(self, request: ReceiptRequest) -> Posted:
        """receive_return: an item receipt at exactly the location (R26, R135). DISPOSITION_UNMAPPED for a condition
        that is no word of the flows."""
        blocks = mapping.receipt(request, self._settings)
        return await self._posting.make(contract.RECEIVE_RETURN, request.key, blocks)

    async def adjust_stock(self, request: AdjustmentRequest) -> Posted:
        """adjust_stock."""
        return await self._posting.make(contract.ADJUST_STOCK, request.key, mapping.adjustment(request))

    async def transfer_stock(self, request: TransferRequest) -> Posted:
        """transfer_stock: a regrade (E24)."""
        return await self._posting.make(contract.TRANSFER_STOCK, request.key, mapping.transfer(request))

    async def check_replacement(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """Rejected(ORDER_NOT_FOUND) when the original order is gone, EXCHANGE_DATA when the key is used up."""
        return await self._replacements.check(request)

    async def find_replacement(self, key: str) -> Posted | None:
        """get_operation. Rejected(EXCHANGE_DATA) when the order was cancelled."""
        return await self._replacements.find(key)

    async def order_replacement(self, request: ReplacementOrder) -> Posted:
        """create_exchange_order, with our key as its number."""
        return await self._replacements.place(request)

    async def cancel_replacement(self, request: CancelReplacement) -> Posted:
        """cancel_exchange_order. Rejected(EXCHANGE_EXPOSURE) once it is despatched."""
        return await self._replacements.cancel(request)

    async def post_credit(self, request: CreditRequest) -> Posted:
        """create_credit_note, and apply_credit_note when some of it is unapplied (R45, R134); see `credits`."""
        return await self._credits.post(request)

    async def cancel_credit(self, request: CancelCredit) -> Posted:
        """void_credit_note; `number` is that of the reversing document where the ERP makes one. Voided is success."""
        operation, number = contract.VOID_CREDIT_NOTE, request.credit_number
        return await self._posting.undo(operation, request.key, number, "", request.reason)

    async def list_credits(self, since: date, until: date, page: int = 1) -> CreditPage:
        """get_credit_notes."""
        asked = mapping.credit_range(since, until, page)
        return answers.credit_page(await self._client.read(contract.GET_CREDIT_NOTES, asked, CreditNotesRead))

    async def probe(self) -> None:
        """get_operation of a key that nobody uses: address, signature and the flow are proved by any answer."""
        await self._client.outcome(PROBE_KEY)
