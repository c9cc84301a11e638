"""The second transaction of an exchange: checked with stock read fresh, ordered under our key, cancelled (R54–R60)."""

from adapters.patchworks import answers, contract, mapping
from adapters.patchworks.client import VENDOR, PatchworksClient
from adapters.patchworks.orders import missing_data
from adapters.patchworks.posting import Posting
from adapters.patchworks.settings import PatchworksSettings
from adapters.patchworks.shapes import ItemsRead, OrderRead, StockRead, WireOrder
from domain.documents import CancelReplacement, Posted, ReplacementFault, ReplacementOrder
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected, RetryLater


class Replacements:
    """Replacement orders through one client."""

    def __init__(self, client: PatchworksClient, settings: PatchworksSettings) -> None:
        self._client = client
        self._settings = settings
        self._posting = Posting(client)

    async def check(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """Item, stock and data, each read now and all of them, whatever is wrong first (R37, R58).

        Nothing is wrong when the order is there already: its own stock must not refuse it (E50).
        """
        if await self.find(request.key) is not None:
            return []
        original = await self.order(request.original_order)
        faults = await self._goods_faults(request)
        return [*faults, *(_data_fault(name, request.original_order) for name in missing_data(original))]

    async def find(self, key: str) -> Posted | None:
        """The order under our key. Rejected(EXCHANGE_DATA) when it is cancelled: the key is used up."""
        found = await self._client.find(contract.CREATE_EXCHANGE_ORDER, key)
        if found is None:
            return None
        live = answers.live(found, contract.CREATE_EXCHANGE_ORDER)
        return Posted(number=live.erp.document_number, adopted=True)

    async def place(self, request: ReplacementOrder) -> Posted:
        """create_exchange_order, once. Rejected(EXCHANGE_OOS) in words of ours, which name the SKU."""
        blocks = mapping.exchange_order(request, self._settings)
        try:
            return await self._posting.make(contract.CREATE_EXCHANGE_ORDER, request.key, blocks)
        except Rejected as refused:
            if refused.code is not ExceptionCode.EXCHANGE_OOS:
                raise
            words = f"{VENDOR}: there are not {request.quantity} of {request.sku} to sell any more"
            raise Rejected(refused.code, words, refused.vendor_code, {"sku": request.sku}) from None

    async def cancel(self, request: CancelReplacement) -> Posted:
        """cancel_exchange_order, by number or else by key. One that was never made is success, number empty."""
        operation, number = contract.CANCEL_EXCHANGE_ORDER, request.order_number
        return await self._posting.undo(operation, request.key, number, request.key, request.reason)

    async def order(self, number: str) -> WireOrder:
        """get_order. RetryLater when the flow answers another order."""
        read = await self._client.read(contract.GET_ORDER, {"orderId": number}, OrderRead)
        if number not in (read.order.id, read.order.order_number):
            raise RetryLater(f"{VENDOR} {contract.GET_ORDER.name}: the reply is about another order")
        return read.order

    async def _goods_faults(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """An item that cannot be ordered, and too few units of it."""
        asked = {"skus": [request.sku]}
        items = await self._client.read(contract.GET_ITEMS, asked, ItemsRead)
        stock = await self._client.read(contract.GET_STOCK, asked, StockRead)
        item = next((item for item in items.items if item.sku == request.sku), None)
        places = self._settings.exchange_locations
        on_sale = sum(
            max(row.available, 0)
            for row in stock.stock
            if row.sku == request.sku and (not places or row.location_id in places)
        )
        faults = []
        if item is None or not item.active or item.components:
            why = "is a bundle, which cannot be ordered as a replacement" if item and item.active else "is inactive"
            why = why if item else "is unknown"
            faults.append(ReplacementFault(kind="item", field="sku", reason=f"{request.sku} {why} in the ERP"))
        if on_sale < request.quantity:
            reason = f"{request.sku}: {request.quantity} wanted, {on_sale} available"
            faults.append(ReplacementFault(kind="stock", field="quantity", reason=reason))
        return faults


def _data_fault(name: str, order_number: str) -> ReplacementFault:
    return ReplacementFault(kind="data", field=name, reason=f"{name} is missing on order {order_number}")
