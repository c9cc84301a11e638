"""Steps on the queue of one ERP, for all connections that share its books."""

from collections.abc import Mapping

from temporalio import activity

from activities import authorise, credit, held, replacement, stock, withdraw, withdraw_replacement
from activities.credit_stops import naming_refund
from activities.edge import Edge, Link
from activities.exchange_signatures import PlaceReplacement, ReplacementPlaced, WithdrawReplacement
from activities.goods_signatures import CheckRma, HoldGoods, SurplusTaken, TakeSurplus
from activities.signatures import (
    BookGoods,
    Credited,
    CreditRefund,
    Done,
    GoodsBooked,
    OpenRma,
    RmaOpened,
    WithdrawRma,
)
from domain.documents import RmaState


class ErpActivities:
    """Implements `ErpSteps`, `HeldGoodsSteps` and `ReplacementSteps` of the signatures.

    `links` has every connection of these books by name."""

    def __init__(self, edge: Edge, links: Mapping[str, Link]) -> None:
        self._edge = edge
        self._links = links

    @activity.defn
    async def open_rma(self, request: OpenRma) -> RmaOpened:
        """The RMA, new or found."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await authorise.open_rma(self._edge, link, request)

    @activity.defn
    async def withdraw_rma(self, request: WithdrawRma) -> Done:
        """The RMA is cancelled, or never was."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await withdraw.withdraw_rma(self._edge, link, request)

    @activity.defn
    async def check_rma(self, request: CheckRma) -> RmaState:
        """The RMA as the ERP has it now."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await link.erp.read_rma(request.rma_number)

    @activity.defn
    async def place_replacement(self, request: PlaceReplacement) -> ReplacementPlaced:
        """The replacement order, or how the exchange was decided."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await replacement.place_replacement(self._edge, link, request)

    @activity.defn
    async def withdraw_replacement(self, request: WithdrawReplacement) -> ReplacementPlaced:
        """The replacement order is cancelled, or never was."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await withdraw_replacement.withdraw_replacement(self._edge, link, request)

    @activity.defn
    async def book_goods(self, request: BookGoods) -> GoodsBooked:
        """All stock documents of one parcel."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await stock.book_goods(self._edge, link, request)

    @activity.defn
    async def hold_goods(self, request: HoldGoods) -> Done:
        """The goods are in the hold depot."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await held.hold_goods(self._edge, link, request)

    @activity.defn
    async def take_surplus(self, request: TakeSurplus) -> SurplusTaken:
        """The units of the return's lines."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            return await held.take_surplus(self._edge, link, request)

    @activity.defn
    async def credit_refund(self, request: CreditRefund) -> Credited:
        """The credit note of one refund."""
        link = self._links[request.ref.connection]
        async with self._edge.at_erp(request.ref, link):
            with naming_refund(request.refund):
                return await credit.credit_refund(self._edge, link, request)
