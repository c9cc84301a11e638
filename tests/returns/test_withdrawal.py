"""A return that stops before its goods, or that never gets them: what was done is undone, in reverse (D5)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError

from domain.documents import MovementLine, ReceiptRequest
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import LineDecision
from sandbox.kit.faults import Fault
from store.records import ExceptionState
from tests.returns.looking import drawn, ended, eventually, exception_states, live_rmas, next_parked, slots_of, told
from tests.world import COAT, World

pytestmark = pytest.mark.verify

TWO_COATS = [("1", COAT, 2, "220.50")]


async def test_E58_D5_cancelled_before_goods_the_rma_is_cancelled_and_the_units_are_free(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    await world.stage(ref, "AWAITING_GOODS")
    assert len(live_rmas(world, ref)) == 1
    world.reveni["uk"].cancel(ref.return_id)
    outcome = await ended(world, ref, "CANCELLED")
    assert outcome["stage"] == "CANCELLED"
    assert live_rmas(world, ref) == []
    assert (world.received(ref), world.credits(ref)) == ({}, [])
    assert await slots_of(world, ref, order) == 0
    again = world.returned(order, TWO_COATS)
    await world.stage(again, "AWAITING_GOODS")
    assert len(live_rmas(world, again)) == 1


async def test_E58_R71_cancelled_while_the_erp_is_down_leaves_no_live_rma(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    world.fault("prima", ref, "NewReturn", "unavailable", times=2)
    await eventually(lambda: any(fault.key == ref.return_id and left == 1 for fault, left in world.prima.faults.left()))
    world.reveni["uk"].cancel(ref.return_id)
    await ended(world, ref, "CANCELLED")
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_E58_R6_cancelled_while_parked_closes_the_exception(world: World) -> None:
    world.prima.add_item("P8100-RED-M", active=False)
    order = world.order([{"sku": "P8100-RED-M", "quantity": 1, "price": "20.00"}])
    ref = world.returned(order, [("1", "P8100-RED-M", 1, "20.00")])
    assert (await world.parked(ref)).code is ExceptionCode.SKU_NOT_IN_MASTER
    world.reveni["uk"].cancel(ref.return_id)
    await ended(world, ref, "CANCELLED")
    assert world.rmas(ref) == []
    assert await exception_states(world, ref) == {"SKU_NOT_IN_MASTER": ExceptionState.CLEARED}
    assert await slots_of(world, ref, order) == 0


async def test_E58_E10_cancelled_while_the_answer_of_the_rma_is_lost(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    world.fault("prima", ref, "NewReturn", "latency", seconds=0.5)
    world.fault("prima", ref, "NewReturn", "lost_answer", status=0)
    await eventually(lambda: drawn(world, ref, "latency"))
    world.fault("prima", ref, "ReturnDetail", "unavailable", times=2)
    world.reveni["uk"].cancel(ref.return_id)
    await ended(world, ref, "CANCELLED")
    assert len(world.rmas(ref)) == 1
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_R13_rejected_by_the_platform_before_goods(world: World) -> None:
    order = world.order()
    ref = world.returned(order)
    await world.stage(ref, "AWAITING_GOODS")
    merchant = world.ready[0].platform(world.http)
    line = LineDecision(line_id=f"1/{COAT}", order_line_id="1", sku=COAT, rejected=1, reject_reason="not ours")
    await merchant.report_inspection(ref.return_id, [line])
    outcome = await ended(world, ref, "REJECTED")
    assert outcome["stage"] == "REJECTED"
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_E20_inspection_while_a_return_is_being_cancelled_is_refused(world: World) -> None:
    ref = world.returned(world.order())
    record = await world.stage(ref, "AWAITING_GOODS")
    slow = Fault(match="CancelReturn", kind="latency", seconds=3, key=record.rma_number)
    world.prima.faults.add(slow)
    world.reveni["uk"].cancel(ref.return_id)
    await eventually(lambda: (slow, 0) in world.prima.faults.left())
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await world.inspect_by_update(ref, (COAT, 1, "A"))
    assert "the return is CANCELLED" in str(refused.value.cause)
    await ended(world, ref, "CANCELLED")
    with pytest.raises(RPCError):
        await world.inspect_by_update(ref, (COAT, 1, "A"), scan="later")
    assert world.received(ref) == {}


async def test_E28_R106_nothing_shipped_reminds_and_expires(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS, connection="fast")
    await world.stage(ref, "AWAITING_GOODS")
    notes = world.reveni["fast"].journal
    await eventually(lambda: any(note["return_id"] == ref.return_id for note in notes.entries("note_added")))
    assert len(live_rmas(world, ref)) == 1
    outcome = await ended(world, ref, "EXPIRED")
    assert outcome["stage"] == "EXPIRED"
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0
    assert "has not arrived; it is expected until" in await told(world, ref)


async def test_E28_an_inspection_just_before_the_deadline_wins(world: World) -> None:
    ref = world.returned(world.order(), connection="fast")
    record = await world.stage(ref, "AWAITING_GOODS")
    world.fault("prima", ref, "ReturnReceipt", "latency", seconds=2.5)
    assert record.deadline is not None
    await asyncio.sleep((record.deadline - datetime.now(UTC)).total_seconds() - 0.8)
    assert (await world.inspect(ref, (COAT, 1, "A"))).status_code == 200
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}
    assert await world.exceptions(ref, None) == []


async def test_E31_part_of_the_goods_never_comes_a_person_waits_on_and_then_writes_off(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS, connection="fast")
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    first = await world.parked(ref)
    assert (first.code, first.owner) == (ExceptionCode.LOST_PARCEL, Owner.CX)
    await world.resolve(first, ResolutionKind.RETRY)
    second = await next_parked(world, first)
    assert second.opened_at - first.opened_at > timedelta(seconds=3.5)
    await world.resolve(second, ResolutionKind.WRITE_OFF, reason="the carrier lost it")
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}
    assert [note["total"] for note in world.credits(ref)] == ["220.50"]
    decided = [e for e in world.reveni["fast"].journal.entries("item_decided") if e["return_id"] == ref.return_id]
    assert sorted((e["status"], e["quantity"]) for e in decided) == [("accepted", 1), ("rejected", 1)]
    assert await slots_of(world, ref, order) == 1


async def test_E17_the_missing_parcel_arrives_while_a_person_is_asked(world: World) -> None:
    ref = world.returned(world.order(), TWO_COATS, connection="fast")
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    assert (await world.parked(ref)).code is ExceptionCode.LOST_PARCEL
    await world.inspect(ref, (COAT, 1, "DAMAGED"), scan="parcel-2")
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1, (COAT, "DM"): 1}
    assert await exception_states(world, ref) == {"LOST_PARCEL": ExceptionState.CLEARED}


async def test_E59_cancelled_after_the_inspection_stock_stays_and_a_person_decides(world: World) -> None:
    order = world.order()
    ref = world.returned(order)
    await world.stage(ref, "AWAITING_GOODS")
    world.fault("uk", ref, "partial_validate", "unavailable", times=None)
    await world.inspect(ref, (COAT, 1, "A"))
    await eventually(lambda: bool(world.received(ref)))
    world.reveni["uk"].cancel(ref.return_id)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.CANCEL_AFTER_RECEIPT, Owner.CX)
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document="C-1: sent back")
    world.reveni["uk"].faults.clear()
    drift = await next_parked(world, item)
    assert drift.code is ExceptionCode.STATUS_DRIFT
    await world.resolve(drift, ResolutionKind.CANCEL_TRACK, reason="cancelled there")
    await world.closed(ref)
    assert len(live_rmas(world, ref)) == 1
    assert world.received(ref) == {(COAT, "01"): 1}
    assert world.credits(ref) == []


async def test_E58_D4_the_erp_refuses_to_cancel_and_a_person_does_it_by_hand(world: World) -> None:
    order = world.order()
    ref = world.returned(order)
    await world.stage(ref, "AWAITING_GOODS")
    [rma] = live_rmas(world, ref)
    await (
        world.ready[0]
        .erp(world.http)
        .receive_goods(
            ReceiptRequest(
                key=f"hand-{ref.return_id[:20]}",
                rma_number=rma,
                order_number=order,
                depot="01",
                condition="A",
                received_on=datetime.now(UTC).date(),
                lines=[MovementLine(rma_line_no=1, sku=COAT, quantity=1)],
            )
        )
    )
    world.reveni["uk"].cancel(ref.return_id)
    item = await world.parked(ref)
    assert item.owner is Owner.WAREHOUSE
    assert rma in item.reason
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document=rma)
    await ended(world, ref, "CANCELLED")
    assert live_rmas(world, ref) == [rma]
    assert await slots_of(world, ref, order) == 0
