"""An ERP that cannot be asked for a key is told since when a movement may be there: since it was first meant (D1)."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from temporalio.testing import ActivityEnvironment

from activities.edge import Edge, Link
from activities.signatures import BookGoods, RmaLineRef, RmaOpened
from activities.stock import book_goods
from domain.documents import AdjustmentRequest, Posted, ReceiptRequest
from domain.exceptions import ExceptionCode
from domain.inspection import AllocatedUnits, InspectedUnits, Inspection, SurplusUnits
from domain.outcomes import Rejected
from domain.ports import Erp, ErpCapabilities, ReturnsPlatform
from store import Store
from tests.activities.given import AT_ONCE, NOW, REF
from tests.desk.reconciled import shop_with

LATER = NOW + timedelta(hours=3)


@dataclass
class Shelf:
    """An ERP that refuses stock while it is `closed`, and remembers what it was asked."""

    capabilities: ErpCapabilities = AT_ONCE
    closed: bool = False
    asked: list[ReceiptRequest | AdjustmentRequest] = field(default_factory=list)

    async def receive_goods(self, request: ReceiptRequest) -> Posted:
        return self._book(request)

    async def adjust_stock(self, request: AdjustmentRequest) -> Posted:
        return self._book(request)

    def _book(self, request: ReceiptRequest | AdjustmentRequest) -> Posted:
        self.asked.append(request)
        if self.closed:
            raise Rejected(ExceptionCode.STOCK_REJECTED, "the depot is closed")
        return Posted(number=f"N-{len(self.asked)}")


def parcel() -> BookGoods:
    """A shirt of the return, and one that nobody announced."""
    line = RmaLineRef(line_id="1/SHIRT", slot_line_id="1", rma_line_no=1, order_line_id="1", sku="SHIRT", quantity=1)
    return BookGoods(
        ref=REF,
        rma=RmaOpened(
            number="RMA-1",
            order_number="ORD-1",
            standalone=False,
            lines=[line],
            snapshot_hash="hash",
            opened_at=NOW,
            deadline=LATER,
        ),
        inspection=Inspection(
            inspection_id="scan-1",
            location="LDN-1",
            units=[InspectedUnits(sku="SHIRT", quantity=2, disposition="A")],
            inspected_at=NOW,
        ),
        units=[AllocatedUnits(line_id="1/SHIRT", sku="SHIRT", quantity=1, disposition="A")],
        surplus=[SurplusUnits(sku="SHIRT", quantity=1, why="over")],
    )


async def test_D1_a_movement_says_since_when_it_was_meant_however_often_it_is_tried(store: Store) -> None:
    shop, shelf = shop_with(store), Shelf(closed=True)
    await shop.returned(REF.return_id)
    link = Link(shop.connection, cast(ReturnsPlatform, None), cast(Erp, shelf))
    step = ActivityEnvironment()
    refused = await step.run(book_goods, Edge(store, lambda: NOW), link, parcel())
    assert [document.problem is None for document in refused.documents] == [False, False]
    shelf.closed = False
    booked = await step.run(book_goods, Edge(store, lambda: LATER), link, parcel())
    assert sorted(document.number for document in booked.documents) == ["N-3", "N-4"]
    assert [request.intended_at for request in shelf.asked] == [NOW] * 4
    assert {type(request).__name__ for request in shelf.asked} == {"ReceiptRequest", "AdjustmentRequest"}
