"""An RMA that somebody cancelled in the ERP by hand is never met with silence (E13, E62)."""

import asyncio
from decimal import Decimal

import pytest

from domain.documents import CancelRma, RmaLine, RmaRequest
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from store.records import DocumentState, ExceptionRecord
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, parked_again, totals
from tests.returns.looking import document_states, ended, eventually, live_rmas, slots_of
from tests.world import COAT, World

pytestmark = pytest.mark.verify


async def cancel_by_hand(world: World, ref: ReturnRef) -> str:
    """Somebody cancels the RMA in Prima; its number."""
    [number] = live_rmas(world, ref)
    erp = world.ready[0].erp(world.http)
    await erp.cancel_rma(CancelRma(key="by-hand", rma_number=number, rma_key="", reason="a mistake"))
    return number


async def another_rma(world: World, order: str) -> str:
    """Somebody opens another RMA in Prima; its number."""
    erp = world.ready[0].erp(world.http)
    snapshot = await erp.read_order(order)
    line = RmaLine(line_no=1, order_line_id="1", sku=COAT, quantity=1, unit_value=22050, reason="CM")
    request = RmaRequest(
        key=f"hand-{order}",
        order_number=order,
        customer_ref=snapshot.customer_ref,
        currency="GBP",
        tax_inclusive=True,
        standalone=False,
        lines=[line],
    )
    posted = await erp.open_rma(request)
    assert posted.outcome == "posted"
    return posted.number


async def refused(world: World) -> tuple[ReturnRef, str, str, ExceptionRecord]:
    """A parcel came on an RMA that was cancelled by hand."""
    order = world.order()
    ref = world.returned(order, planned_refund=BY_HAND)
    await world.stage(ref, "AWAITING_GOODS")
    number = await cancel_by_hand(world, ref)
    await world.inspect(ref, (COAT, 1, "A"))
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.RMA_CLOSED_IN_ERP, Owner.WAREHOUSE)
    assert number in item.reason
    return ref, order, number, item


async def test_E13_goods_refused_by_a_cancelled_rma_go_on_with_another_one(world: World) -> None:
    ref, order, number, item = await refused(world)
    other = await another_rma(world, order)
    await world.resolve(item, ResolutionKind.RETRY)
    again = await parked_again(world, ref, item)
    assert again.code is ExceptionCode.RMA_CLOSED_IN_ERP
    await world.resolve(again, ResolutionKind.LINK_EXISTING, document=other)
    await eventually(lambda: world.received(ref) == {(COAT, "01"): 1})
    record = await world.record(ref)
    assert record is not None
    assert record.rma_number == other != number
    assert [entry["return_number"] for entry in world.entries("ReturnReceipt", ref)] == [other]
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("220.50"))
    await world.closed(ref)
    assert [note["return_number"] for note in world.credits(ref)] == [other]


async def test_E13_the_goods_of_a_cancelled_rma_are_given_up_by_a_person(world: World) -> None:
    ref, _, _, item = await refused(world)
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="booked elsewhere")
    async with asyncio.timeout(PATIENCE):
        while await document_states(world, ref, "receipt") != [DocumentState.ABANDONED]:
            await asyncio.sleep(0.05)
    assert world.received(ref) == {}
    assert await world.exceptions(ref) == []


async def test_E62_noticed_at_the_reminder_and_the_return_goes_on_with_another_rma(world: World) -> None:
    order = world.order()
    ref = world.returned(order, connection="reminded")
    await world.stage(ref, "AWAITING_GOODS")
    number = await cancel_by_hand(world, ref)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.RMA_CLOSED_IN_ERP, Owner.WAREHOUSE)
    other = await another_rma(world, order)
    await world.resolve(item, ResolutionKind.LINK_EXISTING, document=other)
    await world.stage(ref, "AWAITING_GOODS")
    await eventually_rma(world, ref, other)
    assert number != other
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}
    assert totals(world, ref) == ["220.50"]


async def test_E62_noticed_at_the_reminder_and_the_return_is_called_off(world: World) -> None:
    order = world.order()
    ref = world.returned(order, connection="reminded")
    await world.stage(ref, "AWAITING_GOODS")
    await cancel_by_hand(world, ref)
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="the customer keeps it")
    outcome = await ended(world, ref, "CANCELLED")
    assert outcome["stage"] == "CANCELLED"
    assert await slots_of(world, ref, order) == 0


async def eventually_rma(world: World, ref: ReturnRef, number: str) -> None:
    """Wait until the return has this RMA."""
    async with asyncio.timeout(PATIENCE):
        while (record := await world.record(ref)) is None or record.rma_number != number:
            await asyncio.sleep(0.05)
