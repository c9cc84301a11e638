"""The RMA of a return: what speaks against one, how it stands, and taking it back."""

from collections.abc import Callable
from datetime import datetime

from adapters.bluecherry import mapping
from adapters.bluecherry.client import ReadApi
from adapters.bluecherry.codes import extref
from adapters.bluecherry.contract import CANCELLED, RETURN_OPEN, RETURNS_OPEN, VENDOR
from adapters.bluecherry.handover import HandOver
from adapters.bluecherry.items import Items
from adapters.bluecherry.orders import no_order
from adapters.bluecherry.settings import BlueCherrySettings
from domain.documents import CancelRma, Posted, Posting, Queued, RmaRequest, RmaState
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected, RetryLater


class Rmas:
    """RMAs of one division."""

    def __init__(
        self,
        api: ReadApi,
        handover: HandOver,
        items: Items,
        settings: BlueCherrySettings,
        clock: Callable[[], datetime],
    ) -> None:
        self._api = api
        self._handover = handover
        self._items = items
        self._settings = settings
        self._clock = clock

    async def open(self, request: RmaRequest) -> Posting:
        """The one under our key, or checked and queued."""
        if (found := await self._live(request)) is not None:
            return found
        if not request.standalone:
            await self._check_order(request)
        await self._items.check([line.sku for line in request.lines], ExceptionCode.SKU_NOT_IN_MASTER)
        mapping.rma(request, self._clock().date(), self._settings)
        return Queued()

    async def state(self, number: str) -> RmaState:
        """As of the last window. Rejected(RMA_CLOSED_IN_ERP) when BlueCherry does not have it."""
        if (found := await self._api.rma(number)) is None:
            raise Rejected(ExceptionCode.RMA_CLOSED_IN_ERP, f"{VENDOR} has no return {number}", "E208")
        return RmaState(number=found.ra_no, open=found.status in RETURNS_OPEN, cancelled=found.status == CANCELLED)

    async def cancel(self, request: CancelRma) -> Posting:
        """Cancelled or never made: posted. One that still lies in a file is waited for."""
        if not request.rma_number and await self._handover.is_waiting("RAH", request.rma_key):
            raise RetryLater(f"{VENDOR} has not read the file with return {request.rma_key} yet")
        found = await (
            self._api.rma(request.rma_number) if request.rma_number else self._api.rma_by_key(extref(request.rma_key))
        )
        if found is None or found.status == CANCELLED:
            return Posted(number=found.ra_no if found else "", adopted=True)
        if found.status != RETURN_OPEN:
            reason = f"{VENDOR} return {found.ra_no} is {found.status}"
            raise Rejected(ExceptionCode.RMA_REJECTED, reason, "E208")
        return Queued()

    async def _live(self, request: RmaRequest) -> Posted | None:
        """The RMA under our key, when it is alive, of our order and has all our lines."""
        found = await self._api.rma_by_key(extref(request.key))
        if found is None:
            return None
        if found.status == CANCELLED:
            raise Rejected(ExceptionCode.RMA_CLOSED_IN_ERP, f"{VENDOR} return {found.ra_no} is cancelled", CANCELLED)
        if found.order_no not in ("", request.order_number):
            raise Rejected(ExceptionCode.RMA_REJECTED, f"{VENDOR} return {found.ra_no} is of another order")
        has = {line.line_no: line.qty for line in found.lines}
        lacking = [line for line in request.lines if has.get(line.line_no, 0) < line.quantity]
        if lacking:
            text = ", ".join(f"{line.quantity} x {line.sku} (line {line.line_no})" for line in lacking)
            raise Rejected(ExceptionCode.PARTIAL_ACCEPT, f"{VENDOR} return {found.ra_no} lacks {text}")
        return Posted(number=found.ra_no, adopted=True)

    async def _check_order(self, request: RmaRequest) -> None:
        if (order := await self._api.order(request.order_number)) is None:
            raise no_order(request.order_number)
        if order.archived:
            reason = f"{VENDOR} order {order.order_no} is archived"
            raise Rejected(ExceptionCode.ORDER_LOCKED, reason, "E203")
        known = {line.line_no for line in order.lines}
        if lost := sorted({line.order_line_id for line in request.lines} - known):
            reason = f"{VENDOR} order {order.order_no} has no line {', '.join(lost)}"
            raise Rejected(ExceptionCode.VALIDATION_QTY, reason, "E202")
