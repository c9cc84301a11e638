"""Replacements of returns that are withdrawn or whose goods are not accepted (E51, E54, design D5)."""

import pytest
from temporalio.client import WorkflowFailureError

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.returns import ReturnRef
from sandbox.kit.faults import Fault
from store.records import ExceptionRecord
from tests.returns.exchanging import SHIRT_L, Swap, cancelled_orders, replacements, shirts, swapped
from tests.returns.looking import drawn, eventually, live_rmas
from tests.world import SHIRT, World

pytestmark = pytest.mark.verify


async def test_E51_cancelled_before_despatch_order_and_rma_are_undone_in_reverse(world: World) -> None:
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    await world.handle(ref).result()
    assert len(cancelled_orders(world, ref)) == 1
    assert live_rmas(world, ref) == []
    entries = [entry["op"] for entry in world.prima.journal.entries() if entry["op"] in ("CancelOrder", "CancelReturn")]
    assert entries[-2:] == ["CancelOrder", "CancelReturn"]


async def test_E51_cancelled_after_despatch_a_person_decides_about_the_exposure(world: World) -> None:
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    world.prima.despatch(replacements(world, ref)[0]["order"])
    world.reveni["uk"].cancel(ref.return_id)
    item = await world.parked(ref)
    assert item.code is ExceptionCode.EXCHANGE_EXPOSURE
    await world.resolve(item, ResolutionKind.WRITE_OFF, reason="too small to chase")
    await world.stage(ref, "CANCELLED")
    await world.handle(ref).result()
    assert cancelled_orders(world, ref) == []
    assert live_rmas(world, ref) == []


async def rejected_after_despatch(world: World, ref: ReturnRef) -> ExceptionRecord:
    """The replacement is on its way when the goods are not accepted: a person is asked."""
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    world.prima.despatch(replacements(world, ref)[0]["order"])
    await world.inspect(ref, (SHIRT, 1, "RETURN_TO_CUSTOMER"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.EXCHANGE_EXPOSURE
    return item


async def test_E54_goods_rejected_after_the_replacement_was_despatched(world: World) -> None:
    ref = swapped(world, shirts(world))
    item = await rejected_after_despatch(world, ref)
    async with world.store.reading() as unit:
        assert [str(one.amount) for one in await unit.exposures.of(ref) if one.state == "open"] == ["3000"]
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document="INV-CHARGED-1")
    await world.closed(ref)
    async with world.store.reading() as unit:
        assert {one.state for one in await unit.exposures.of(ref)} == {"decided"}
    assert world.credits(ref) == []


async def test_E54_goods_rejected_before_despatch_the_order_is_cancelled(world: World) -> None:
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "RETURN_TO_CUSTOMER"))
    await world.closed(ref)
    assert len(cancelled_orders(world, ref)) == 1
    assert world.received(ref) == {(SHIRT, "HC"): 1}


async def test_E54_R56_no_difference_is_credited_for_a_cheaper_replacement_whose_goods_are_rejected(
    policies: World,
) -> None:
    """What is accepted is credited at once there: the order is taken back first."""
    ref = swapped(policies, shirts(policies), Swap(SHIRT, "30.00", SHIRT_L, "24.00"), connection="early")
    await eventually(lambda: len(replacements(policies, ref)) == 1)
    await policies.stage(ref, "AWAITING_GOODS")
    await policies.inspect(ref, (SHIRT, 1, "RETURN_TO_CUSTOMER"))
    await policies.closed(ref)
    assert len(cancelled_orders(policies, ref)) == 1
    assert policies.credits(ref) == []
    assert await policies.exceptions(ref, None) == []


@pytest.mark.parametrize("connection", ["early", "month"])
async def test_E54_R56_a_customer_who_keeps_the_cheaper_replacement_is_owed_nothing_beside_it(
    policies: World, connection: str
) -> None:
    ref = swapped(policies, shirts(policies), Swap(SHIRT, "30.00", SHIRT_L, "24.00"), connection=connection)
    item = await rejected_after_despatch(policies, ref)
    assert policies.credits(ref) == []
    await policies.resolve(item, ResolutionKind.DONE_BY_HAND, document="INV-CHARGED-1")
    await policies.closed(ref)
    assert policies.credits(ref) == []
    assert len(await policies.exceptions(ref, None)) == 1


async def test_D5_native_cancel_while_the_replacement_is_being_ordered_leaves_neither_order_nor_rma(
    world: World,
) -> None:
    ref = swapped(world, shirts(world), status="incomplete")
    world.fault("prima", ref, "MultiNewOrder", "latency", seconds=1.5)
    world.reveni["uk"].complete(ref.return_id)
    await eventually(lambda: drawn(world, ref, "latency"))
    await world.handle(ref).cancel()
    with pytest.raises(WorkflowFailureError):
        await world.handle(ref).result()
    placed = {entry["order"] for entry in replacements(world, ref)}
    assert {entry["order"] for entry in cancelled_orders(world, ref)} == placed
    assert live_rmas(world, ref) == []


async def test_D5_E50_E51_cancelled_after_a_lost_answer_the_order_is_found_and_cancelled(world: World) -> None:
    ref = swapped(world, shirts(world), status="incomplete")
    world.fault("prima", ref, "MultiNewOrder", "lost_answer", status=0)
    world.reveni["uk"].complete(ref.return_id)
    await eventually(lambda: drawn(world, ref, "lost_answer"))
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    await world.handle(ref).result()
    assert len(replacements(world, ref)) == len(cancelled_orders(world, ref)) == 1
    assert live_rmas(world, ref) == []


async def test_E51_cancelled_while_the_exchange_is_parked_the_exception_closes_by_itself(world: World) -> None:
    gone = "P2001-WHT-3XL"
    world.prima.add_item(gone)
    ref = swapped(world, shirts(world), Swap(SHIRT, "30.00", gone))
    await world.parked(ref)
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    await world.handle(ref).result()
    assert await world.exceptions(ref) == []
    assert replacements(world, ref) == []
    assert live_rmas(world, ref) == []


async def test_D5_a_cancellation_that_the_erp_refuses_twice_is_tried_until_it_holds(world: World) -> None:
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    number = replacements(world, ref)[0]["order"]
    world.prima.faults.add(Fault(match="CancelOrder", kind="unavailable", key=number, status=503, times=2))
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    await world.handle(ref).result()
    assert len(cancelled_orders(world, ref)) == 1
    assert live_rmas(world, ref) == []
