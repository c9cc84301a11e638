"""Replacement orders: what speaks against one, and taking one back (R54-R60)."""

from adapters.bluecherry import mapping
from adapters.bluecherry.client import ReadApi
from adapters.bluecherry.codes import extref, split_sku
from adapters.bluecherry.contract import CANCELLED, SHIPPED_STATES, VENDOR
from adapters.bluecherry.handover import HandOver
from adapters.bluecherry.orders import no_order
from adapters.bluecherry.settings import BlueCherrySettings
from domain.documents import CancelReplacement, Posted, Posting, Queued, ReplacementFault, ReplacementOrder
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected, RetryLater

#: What a fault of this kind is to the ERP, the worst first.
_CODES = {
    "stock": ExceptionCode.EXCHANGE_OOS,
    "item": ExceptionCode.SKU_NOT_IN_MASTER,
    "data": ExceptionCode.EXCHANGE_DATA,
}


class Replacements:
    """Replacement orders of one division."""

    def __init__(self, api: ReadApi, handover: HandOver, settings: BlueCherrySettings) -> None:
        self._api = api
        self._handover = handover
        self._settings = settings

    async def faults(self, request: ReplacementOrder) -> list[ReplacementFault]:
        """Item, stock and data, each read now and all of them, whatever is wrong first (R37, R58)."""
        if (original := await self._api.order(request.original_order)) is None:
            raise no_order(request.original_order)
        missing = mapping.missing_data(original)
        return [*await self._goods_faults(request), *(_data_fault(name, request.original_order) for name in missing)]

    async def check(self, request: ReplacementOrder) -> None:
        """Rejected with every fault, by the worst of them."""
        if faults := await self.faults(request):
            kinds = {fault.kind for fault in faults}
            code = next(code for kind, code in _CODES.items() if kind in kinds)
            figures = {"sku": request.sku, "fields": ", ".join(sorted({fault.field for fault in faults}))}
            raise Rejected(code, "; ".join(fault.reason for fault in faults), figures=figures)

    async def cancel(self, request: CancelReplacement) -> Posting:
        """Cancelled or never made: posted. One that still lies in a file is waited for."""
        if not request.order_number and await self._handover.is_waiting("SOH", request.key):
            raise RetryLater(f"{VENDOR} has not read the file with replacement order {request.key} yet")
        number, status = await self._found(request)
        if not number or status == CANCELLED:
            return Posted(number=number, adopted=True)
        if status in SHIPPED_STATES:
            reason = f"{VENDOR} order {number} is {status}"
            raise Rejected(ExceptionCode.EXCHANGE_EXPOSURE, reason, status)
        return Queued()

    async def _found(self, request: CancelReplacement) -> tuple[str, str]:
        """Number and status of the order; empty when there is none."""
        if not request.order_number:
            found = await self._api.sales_order(extref(request.key))
            return (found.order_no, found.status) if found else ("", "")
        order = await self._api.order(request.order_number)
        return (order.order_no, order.status) if order else ("", "")

    async def _goods_faults(self, request: ReplacementOrder) -> list[ReplacementFault]:
        try:
            sku = split_sku(request.sku, self._settings.sku_separator)
        except Rejected as no_sku:
            return [ReplacementFault(kind="item", field="SKU", reason=str(no_sku))]
        item = await self._api.item(sku)
        if item is None or not item.active:
            return [_item_fault(f"{request.sku} is unknown or inactive in {VENDOR}")]
        faults = []
        if item.is_prepack:
            faults.append(_item_fault(f"{request.sku} is a prepack, which cannot be ordered as a replacement"))
        row = await self._api.stock(self._settings.exchange_warehouse, item)
        available = row.available if row else 0
        if available < request.quantity:
            reason = f"{request.sku}: {request.quantity} wanted, {available} available"
            faults.append(ReplacementFault(kind="stock", field="QTY", reason=reason))
        return faults


def _item_fault(reason: str) -> ReplacementFault:
    return ReplacementFault(kind="item", field="SKU", reason=reason)


def _data_fault(name: str, order_number: str) -> ReplacementFault:
    return ReplacementFault(kind="data", field=name, reason=f"{name} is missing on order {order_number}")
