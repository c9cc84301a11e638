"""Parcels that the carrier lost: wait on, write off, or credit without stock when finance says so (E31)."""

import asyncio

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.messages import REPORT_LOST_UPDATE, LostReceipt, LostReport
from domain.resolution import Role
from domain.returns import ReturnRef
from store.records import ExceptionRecord, ExceptionState
from tests.patience import PATIENCE
from tests.returns.course import totals
from tests.returns.looking import eventually, exception_states
from tests.world import COAT, World

pytestmark = pytest.mark.verify

TWO_COATS = [("1", COAT, 2, "220.50")]


async def report(world: World, ref: ReturnRef) -> LostReceipt:
    """The carrier's word."""
    told = LostReport(reporter="carrier", reason="claim 4711")
    receipt = await world.handle(ref).execute_update(REPORT_LOST_UPDATE, told, result_type=LostReceipt)
    assert isinstance(receipt, LostReceipt)
    return receipt


async def lost(world: World) -> tuple[ReturnRef, ExceptionRecord]:
    """One of two coats is here and credited, the other one was reported as lost."""
    ref = world.returned(world.order(), TWO_COATS)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    await world.stage(ref, "PARTLY_RECEIVED")
    await world.caught_up(ref)
    assert (await report(world, ref)).units == 1
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.LOST_PARCEL, Owner.CX)
    assert "claim 4711" in item.reason
    return ref, item


def told(world: World, ref: ReturnRef) -> list[tuple[int, str]]:
    """What the platform heard."""
    entries = world.reveni[ref.connection].journal.entries("item_decided")
    return [(entry["quantity"], entry["status"]) for entry in entries if entry["return_id"] == ref.return_id]


async def test_E31_finance_credits_what_the_carrier_lost_without_stock(world: World) -> None:
    ref, item = await lost(world)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await world.resolve(item, ResolutionKind.ACCEPT_ORDER_AMOUNT)
    assert "belongs to finance" in str(refused.value.cause)
    await world.resolve(item, ResolutionKind.ACCEPT_ORDER_AMOUNT, role=Role.FINANCE)
    await world.closed(ref)
    assert told(world, ref) == [(1, "accepted"), (1, "accepted")]
    assert world.received(ref) == {(COAT, "01"): 1}
    assert totals(world, ref) == ["441.00"]


async def test_E31_written_off_means_no_credit_and_rejected(world: World) -> None:
    ref, item = await lost(world)
    await world.resolve(item, ResolutionKind.WRITE_OFF, reason="never shipped")
    await world.closed(ref)
    assert told(world, ref) == [(1, "accepted"), (1, "rejected")]
    assert totals(world, ref) == ["220.50"]


async def test_E31_waiting_on_moves_the_deadline_for_people_too(world: World) -> None:
    ref, item = await lost(world)
    before = await world.record(ref)
    await world.resolve(item, ResolutionKind.RETRY)
    async with asyncio.timeout(PATIENCE):
        while (now := await world.record(ref)) is None or before is None or now.deadline == before.deadline:
            await asyncio.sleep(0.05)
    assert now.deadline is not None
    assert before.deadline is not None
    assert now.deadline > before.deadline
    await world.inspect(ref, (COAT, 1, "A"), scan="parcel-2")
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 2}


async def test_E31_the_parcel_turns_up_while_a_person_is_asked(world: World) -> None:
    ref, _ = await lost(world)
    await world.inspect(ref, (COAT, 1, "A"), scan="parcel-2")
    await world.closed(ref)
    assert await exception_states(world, ref) == {"LOST_PARCEL": ExceptionState.CLEARED}
    assert world.received(ref) == {(COAT, "01"): 2}


async def test_E31_everything_lost_before_anything_arrived(world: World) -> None:
    ref = world.returned(world.order(), TWO_COATS)
    await world.stage(ref, "AWAITING_GOODS")
    await world.caught_up(ref)
    assert (await report(world, ref)).units == 2
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.ACCEPT_ORDER_AMOUNT, role=Role.ADMIN)
    await world.closed(ref)
    assert world.received(ref) == {}
    assert totals(world, ref) == ["441.00"]


async def test_E31_nothing_can_be_lost_of_a_return_that_waits_for_nothing(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    world.fault("uk", ref, "partial_validate", "latency", seconds=2)
    await world.inspect(ref, (COAT, 1, "A"))
    await eventually(lambda: bool(world.received(ref)))
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await report(world, ref)
    assert "every unit of the return was inspected" in str(refused.value.cause)
    await world.closed(ref)


async def test_E31_a_warehouse_cannot_find_what_was_lost(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    answer = await world.inspect(ref, (COAT, 1, "LOST_IN_TRANSIT"))
    assert answer.status_code == 422
    assert "decision of finance" in answer.text
