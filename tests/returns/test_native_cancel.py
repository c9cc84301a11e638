"""Temporal's own cancel is the brake of operations: what can be undone is undone, the rest is recorded (D5)."""

import asyncio
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowExecutionStatus, WorkflowFailureError
from temporalio.exceptions import CancelledError

from activities.desk import DeskActivities
from activities.desk_signatures import CloseException
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from sandbox.kit.faults import Fault
from store.records import DocumentState, ExceptionState
from tests.patience import PATIENCE
from tests.returns.looking import (
    document_states,
    drawn,
    eventually,
    exception_states,
    live_rmas,
    next_parked,
    slots_of,
    told,
)
from tests.returns.parcels import parcel_ended, stock
from tests.world import COAT, World, running_world
from worker import build_links, build_workers

pytestmark = pytest.mark.verify

TWO_COATS = [("1", COAT, 2, "220.50")]
STOPPED = "CANCELLED: stopped by operations"


async def stopped(world: World, ref: ReturnRef) -> None:
    """The workflow ended as cancelled, and the store says the same."""
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(WorkflowFailureError) as ended:
            await world.handle(ref).result()
    assert isinstance(ended.value.cause, CancelledError)
    assert (await world.handle(ref).describe()).status is WorkflowExecutionStatus.CANCELED
    await world.stage(ref, "CANCELLED")
    assert STOPPED in await told(world, ref)
    assert await world.exceptions(ref) == []


async def test_D5_E20_a_parcel_that_was_recorded_and_not_booked_goes_to_quarantine(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="nowhere-known")
    item = await world.parked(ref)
    assert item.code is ExceptionCode.LOCATION_UNMAPPED
    await world.handle(ref).cancel()
    again = await next_parked(world, item)
    assert again.code is ExceptionCode.LOCATION_UNMAPPED
    await world.resolve(again, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-1"})
    asked = await next_parked(world, again)
    assert (asked.code, asked.owner) == (ExceptionCode.INSPECTION_AFTER_CANCEL, Owner.WAREHOUSE)
    assert stock(world, ref) == {(COAT, "QT"): 1}
    await world.resolve(asked, ResolutionKind.WRITE_OFF, reason="test")
    await parcel_ended(world, ref, "scan-1")
    await stopped(world, ref)


async def test_D5_cancelled_while_waiting_for_goods(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    await world.stage(ref, "AWAITING_GOODS")
    await world.handle(ref).cancel()
    await stopped(world, ref)
    assert len(world.rmas(ref)) == 1
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0
    assert await document_states(world, ref, "rma") == [DocumentState.CANCELLED]


async def test_D5_cancelled_in_flight_waits_for_the_step_and_undoes_it(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    world.fault("prima", ref, "NewReturn", "latency", seconds=1.2)
    await eventually(lambda: drawn(world, ref, "latency"))
    await world.handle(ref).cancel()
    await stopped(world, ref)
    assert len(world.rmas(ref)) == 1
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_D5_E10_cancelled_between_two_attempts_of_a_step_whose_answer_was_lost(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    world.fault("prima", ref, "NewReturn", "latency", seconds=2)
    world.fault("prima", ref, "NewReturn", "lost_answer", status=0)
    await eventually(lambda: drawn(world, ref, "latency"))
    world.fault("prima", ref, "ReturnDetail", "unavailable", times=1)
    await eventually(lambda: drawn(world, ref, "unavailable"))
    await world.handle(ref).cancel()
    await stopped(world, ref)
    assert len(world.rmas(ref)) == 1
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_D5_a_cancel_that_arrives_together_with_the_result_is_obeyed(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with running_world(temporal_server, tmp_path, worker=False) as world, AsyncExitStack() as vendors:
        links = build_links(world.ready, world.http)
        flow, *steps = build_workers(world.client, world.edge, links, timedelta())
        for worker in steps:
            await vendors.enter_async_context(worker)
        order = world.order()
        ref = world.returned(order, TWO_COATS)
        world.fault("prima", ref, "NewReturn", "latency", seconds=1)
        async with flow:
            await eventually(lambda: drawn(world, ref, "latency"))
        await world.handle(ref).cancel()
        await eventually(lambda: bool(world.rmas(ref)))
        await asyncio.sleep(0.3)
        [again] = build_workers(world.client, world.edge, [], timedelta())
        async with again:
            await stopped(world, ref)
        assert live_rmas(world, ref) == []
        assert await slots_of(world, ref, order) == 0


async def test_D5_cancelled_while_parked_closes_the_exception(world: World) -> None:
    world.prima.add_item("P8200-RED-M", active=False)
    order = world.order([{"sku": "P8200-RED-M", "quantity": 1, "price": "20.00"}])
    ref = world.returned(order, [("1", "P8200-RED-M", 1, "20.00")])
    assert (await world.parked(ref)).code is ExceptionCode.SKU_NOT_IN_MASTER
    await world.handle(ref).cancel()
    await stopped(world, ref)
    assert world.rmas(ref) == []
    assert await exception_states(world, ref) == {"SKU_NOT_IN_MASTER": ExceptionState.CLEARED}
    attributes = (await world.handle(ref).describe()).typed_search_attributes
    assert {pair.key.name: pair.value for pair in attributes}["BackhaulAttention"] == "none"


async def test_D5_an_exception_that_was_never_opened_does_not_stop_the_brake(world: World) -> None:
    ref = ReturnRef(connection="uk", return_id="never-seen")
    await DeskActivities(world.edge).close_exception(CloseException(ref=ref, exception_id="ex-000000000000"))


async def test_D5_a_compensation_that_fails_twice_is_tried_again(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    await world.stage(ref, "AWAITING_GOODS")
    [rma] = live_rmas(world, ref)
    world.prima.faults.add(Fault(match="CancelReturn", kind="unavailable", times=2, key=rma))
    await world.handle(ref).cancel()
    await stopped(world, ref)
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_D5_a_second_cancel_does_not_cut_the_compensation(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    [rma] = live_rmas(world, ref)
    world.prima.faults.add(Fault(match="CancelReturn", kind="latency", seconds=3, key=rma))
    await world.handle(ref).cancel()
    await eventually(lambda: all(left == 0 for fault, left in world.prima.faults.left() if fault.key == rma))
    await world.handle(ref).cancel()
    await stopped(world, ref)
    assert live_rmas(world, ref) == []


async def test_D5_E51_after_goods_arrived_nothing_is_undone(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    await world.stage(ref, "PARTLY_RECEIVED")
    await world.handle(ref).cancel()
    await stopped(world, ref)
    assert "after goods had arrived: stock and credits stay as they are" in await told(world, ref)
    assert len(live_rmas(world, ref)) == 1
    assert world.received(ref) == {(COAT, "01"): 1}
    assert await slots_of(world, ref, order) == 2


async def test_D5_cancelled_during_a_withdrawal_finishes_it(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    await world.stage(ref, "AWAITING_GOODS")
    [rma] = live_rmas(world, ref)
    world.prima.faults.add(Fault(match="CancelReturn", kind="unavailable", times=2, key=rma))
    world.reveni["uk"].cancel(ref.return_id)
    await eventually(lambda: any(left == 1 for fault, left in world.prima.faults.left() if fault.key == rma))
    await world.handle(ref).cancel()
    await stopped(world, ref)
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_D5_cancelled_before_anything_was_done(world: World) -> None:
    ref = world.returned(world.order())
    world.fault("uk", ref, "GET return", "unavailable", times=2)
    await eventually(lambda: any(left == 1 for f, left in world.reveni["uk"].faults.left() if f.key == ref.return_id))
    await world.handle(ref).cancel()
    with pytest.raises(WorkflowFailureError):
        await world.handle(ref).result()
    world.reveni["uk"].faults.clear()
    assert world.rmas(ref) == []
    assert await world.record(ref) is None


async def test_D5_no_step_is_cut_off_by_the_brake(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    world.fault("prima", ref, "ReturnReceipt", "latency", seconds=1)
    await world.inspect(ref, (COAT, 1, "A"))
    await eventually(lambda: drawn(world, ref, "latency"))
    await world.handle(ref).cancel()
    await stopped(world, ref)
    assert world.received(ref) == {(COAT, "01"): 1}
    assert await document_states(world, ref, "receipt") == [DocumentState.POSTED]
    events = [event.event_type for event in (await world.handle(ref).fetch_history()).events]
    assert EventType.EVENT_TYPE_ACTIVITY_TASK_CANCELED not in events


async def test_D5_E10_an_rma_that_the_erp_applies_after_the_first_look_is_found_by_the_second(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    impatient = {"uk": {"prima": {"timeout_seconds": 1}}}
    async with running_world(temporal_server, tmp_path, impatient) as world:
        order = world.order()
        ref = world.returned(order, TWO_COATS)
        world.fault("prima", ref, "NewReturn", "latency", seconds=3.5)
        await eventually(lambda: drawn(world, ref, "latency"))
        await asyncio.sleep(1.3)
        await world.handle(ref).cancel()
        await stopped(world, ref)
        assert len(world.rmas(ref)) == 1
        assert live_rmas(world, ref) == []
        assert await slots_of(world, ref, order) == 0
