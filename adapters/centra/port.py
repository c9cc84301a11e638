"""Centra as `domain.ports.Erp`. Each write finds by our key, creates, and on doubt finds again (D1)."""

from collections.abc import Sequence
from datetime import date, timedelta

from adapters.centra import contract, mapping
from adapters.centra.client import CentraClient
from adapters.centra.contract import CREDIT_PREFIX, LOOK_BACK_DAYS, RETURN_COMPLETED, ROWS
from adapters.centra.credits import CARRIED, Credits
from adapters.centra.replacements import Replacements
from adapters.centra.returns import Returns
from adapters.centra.rmas import Rmas, belonging, closed
from adapters.centra.settings import CentraSettings
from adapters.centra.stock import StockRoom
from adapters.centra.units import mark
from adapters.centra.wire import Order, RateLimit, Return
from adapters.kit.outside import Outside
from domain.documents import (
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    CreditPage,
    CreditRecord,
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

#: Every status of a credit document, for the configuration check (R18). A pending return is no credit.
CREDIT_STATUSES = contract.CREDIT_STATUSES


def build(settings: CentraSettings, outside: Outside) -> "CentraErp":
    """The port of one connection."""
    return CentraErp(settings, outside)


class CentraErp:
    """One Centra. Documents are posted when a call returns, never queued.

    standalone_rma: there are no returns without a shipment, and none are needed: the shipments of an archived order can
    still be returned, which leaves the order as it is (R123).
    """

    capabilities = ErpCapabilities(
        standalone_rma=True,
        batch=False,
        stock_adjustments=True,
        applies_credit_to_invoice=False,
        exchange_orders=True,
        charges=CARRIED,
    )

    def __init__(self, settings: CentraSettings, outside: Outside) -> None:
        self._client = CentraClient(settings, outside)
        self._returns = Returns(self._client)
        self._stock = StockRoom(self._client)
        self._rmas = Rmas(self._client, self._returns, outside.clock)
        self._credits = Credits(self._client, self._returns, settings.refund_pays_out)
        self._replacements = Replacements(self._client, self._stock, self._returns, settings)

    async def read_order(self, order_number: str) -> OrderSnapshot:
        """orders, and once more among the archived ones. Rejected as in `mapping.snapshot`."""
        return mapping.snapshot(await mapping.read(self._client, order_number, Order, contract.ORDERS))

    async def check_items(self, skus: Sequence[str]) -> list[ItemRecord]:
        """productSizes."""
        return await self._stock.items(skus)

    async def depot_stock(self, skus: Sequence[str]) -> list[DepotStock]:
        """productSizes with their stock. Rejected(SKU_NOT_IN_MASTER) when Centra does not know one of them."""
        return await self._stock.stock(skus)

    async def open_rma(self, request: RmaRequest) -> Posted:
        """createReturn, one per shipment; no stock moves. Rejected as in `ports`, or PARTIAL_ACCEPT (N17)."""
        return await self._rmas.open(request)

    async def read_rma(self, number: str) -> RmaState:
        """returns by id. Rejected(RMA_CLOSED_IN_ERP) when it is deleted and no return stands for it."""
        return await self._rmas.state(number)

    async def cancel_rma(self, request: CancelRma) -> Posted:
        """deleteReturn for each of it. Without a number it is looked up by key; none there is success, number empty."""
        return await self._rmas.cancel(request)

    async def receive_goods(self, request: ReceiptRequest) -> Posted:
        """changeStock into the warehouse. Rejected(RMA_CLOSED_IN_ERP) when the RMA was deleted in Centra: nothing there
        would refuse the goods."""
        rows = await self._returns.where(orderNumber=[_number(request.order_number, request.rma_number)])
        if not belonging(rows, request.rma_number):
            raise closed(request.rma_number)
        text = f"receipt of return {request.rma_number}, order {request.order_number}, {request.condition}"
        return await self._stock.change(request, text, into=request.depot)

    async def adjust_stock(self, request: AdjustmentRequest) -> Posted:
        """changeStock into the warehouse, or out of it."""
        text = f"{request.reason}, order {request.order_number}"
        depot = {"out_of": request.depot} if request.remove else {"into": request.depot}
        return await self._stock.change(request, text, **depot)

    async def transfer_stock(self, request: TransferRequest) -> Posted:
        """changeStock with both warehouses: a regrade (E24)."""
        text = f"{request.reason}, order {request.order_number}"
        return await self._stock.change(request, text, into=request.to_depot, out_of=request.from_depot)

    async def check_replacement(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """Rejected(ORDER_NOT_FOUND) when the original order is gone."""
        return await self._replacements.check(request)

    async def find_replacement(self, key: str) -> Posted | None:
        """orders by the number that follows from our key. Rejected(EXCHANGE_DATA) when it was cancelled."""
        return await self._replacements.find(key)

    async def order_replacement(self, request: ReplacementOrder) -> Posted:
        """POST /order of the Order API under a number that follows from our key."""
        return await self._replacements.order(request)

    async def cancel_replacement(self, request: CancelReplacement) -> Posted:
        """cancelDirectToConsumerOrder. None there is success, number empty."""
        return await self._replacements.cancel(request)

    async def post_credit(self, request: CreditRequest) -> Posted:
        """The return is completed as its credit document; see `credits`."""
        return await self._credits.post(request)

    async def cancel_credit(self, request: CancelCredit) -> Posted:
        """uncompleteReturn, then deleteReturn. Money that Centra paid out does not come back by it."""
        return await self._credits.cancel(request)

    async def list_credits(self, since: date, until: date, page: int = 1) -> CreditPage:
        """Completed returns that were created up to `until`; from 120 days before `since`, because Centra can only be
        asked for when a return was created. `credited_on` is that day."""
        created = {
            "from": f"{since - timedelta(days=LOOK_BACK_DAYS)}T00:00:00+00:00",
            "to": f"{until + timedelta(days=1)}T23:59:59+00:00",
        }
        rows = await self._client.rows(contract.RETURNS, Return, w={"createdAt": created}, p=page)
        records = [_record(row) for row in rows if row.status == RETURN_COMPLETED]
        return CreditPage(records=records, next_page=page + 1 if len(rows) >= ROWS else None)

    async def probe(self) -> None:
        """rateLimits, which needs no permission."""
        await self._client.rows(contract.RATE_LIMITS, RateLimit)


def _record(row: Return) -> CreditRecord:
    said, currency = mark(row), row.grand_total.currency
    return CreditRecord(
        number=f"{CREDIT_PREFIX}{row.id}",
        key=said.key,
        rma_number=said.rma,
        order_number=str(row.order_number),
        credited_on=row.created_at.date(),
        total=row.grand_total.minor(currency, "grandTotal"),
        currency=currency,
        reversed=False,
    )


def _number(order_number: str, rma_number: str) -> int:
    if order_number.isascii() and order_number.isdecimal():
        return int(order_number)
    raise closed(rma_number)
