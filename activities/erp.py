"""Steps on the queue of one ERP, for all connections that share its books."""

from collections.abc import Mapping

from temporalio import activity

from activities import authorise, credit, stock, withdraw
from activities.edge import Edge, Link
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


class ErpActivities:
    """Implements `activities.signatures.ErpSteps`. `links` has every connection of these books by name."""

    def __init__(self, edge: Edge, links: Mapping[str, Link]) -> None:
        self._edge = edge
        self._links = links

    @activity.defn
    async def open_rma(self, request: OpenRma) -> RmaOpened:
        """The RMA, new or found."""
        link = self._links[request.ref.connection]
        async with self._edge.crossing(request.ref, link.connection, link.connection.erp):
            return await authorise.open_rma(self._edge, link, request)

    @activity.defn
    async def withdraw_rma(self, request: WithdrawRma) -> Done:
        """The RMA is cancelled, or never was."""
        link = self._links[request.ref.connection]
        async with self._edge.crossing(request.ref, link.connection, link.connection.erp):
            return await withdraw.withdraw_rma(self._edge, link, request)

    @activity.defn
    async def book_goods(self, request: BookGoods) -> GoodsBooked:
        """All stock documents of one parcel."""
        link = self._links[request.ref.connection]
        async with self._edge.crossing(request.ref, link.connection, link.connection.erp):
            return await stock.book_goods(self._edge, link, request)

    @activity.defn
    async def credit_refund(self, request: CreditRefund) -> Credited:
        """The credit note of one refund."""
        link = self._links[request.ref.connection]
        async with self._edge.crossing(request.ref, link.connection, link.connection.erp):
            return await credit.credit_refund(self._edge, link, request)
