"""Weeks pass in seconds: grace, cover, parcels that nobody inspects, on real steps and real vendors."""

import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest
from temporalio.testing import WorkflowEnvironment

from desk.starting import start_or_poke
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.messages import Poke
from domain.returns import ReturnRef
from store.records import ExceptionState
from tests.patience import PATIENCE
from tests.returns.looking import eventually, exception_states, live_rmas, slots_of
from tests.workflows.test_clock import skipping
from tests.world import COAT, World

pytestmark = pytest.mark.verify

__all__ = ["skipping"]

Skipping = tuple[World, WorkflowEnvironment]


async def poke(world: World, ref: ReturnRef) -> None:
    """Say that something was heard: this world has no bridge."""
    await start_or_poke(world.client, ref, world.ready[0].connection, Poke())


async def waiting(world: World, **spec: object) -> tuple[ReturnRef, str]:
    """A return of one coat that waits for goods, and its order."""
    order = world.order()
    ref = world.returned(order, **spec)  # type: ignore[arg-type]
    await poke(world, ref)
    await world.stage(ref, "AWAITING_GOODS")
    return ref, order


async def codes(world: World, ref: ReturnRef) -> list[str]:
    """Codes of the open exceptions."""
    return sorted(item.code.value for item in await world.exceptions(ref))


async def raised(world: World, ref: ReturnRef, *wanted: str) -> None:
    """Wait for exactly these open exceptions."""
    async with asyncio.timeout(PATIENCE):
        while await codes(world, ref) != sorted(wanted):
            await asyncio.sleep(0.05)


async def test_E29_a_parcel_within_the_grace_reopens_the_return_on_another_rma(skipping: Skipping) -> None:
    world, environment = skipping
    ref, order = await waiting(world)
    first = live_rmas(world, ref)
    await environment.sleep(timedelta(days=31))
    await world.stage(ref, "EXPIRED")
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0
    await environment.sleep(timedelta(days=4))
    await world.inspect_by_update(ref, (COAT, 1, "A"))
    await eventually(lambda: bool(world.received(ref)))
    [live] = live_rmas(world, ref)
    assert live not in first
    assert [rma["tpguid"][-2:] for rma in world.rmas(ref)] == ["-1", "-2"]
    assert await slots_of(world, ref, order) == 1
    await eventually(lambda: bool(world.refunds(ref)))
    await poke(world, ref)
    record = await world.stage(ref, "CLOSED")
    assert record.rma_number == live
    assert [note["total"] for note in world.credits(ref)] == ["220.50"]


async def test_E29_after_the_grace_it_ends(skipping: Skipping) -> None:
    world, environment = skipping
    ref, _ = await waiting(world)
    await environment.sleep(timedelta(days=31))
    await world.stage(ref, "EXPIRED")
    assert (await world.handle(ref).describe()).close_time is None
    await environment.sleep(timedelta(days=8))
    outcome = await world.handle(ref).result()
    assert outcome["stage"] == "EXPIRED"
    assert len(world.rmas(ref)) == 1


async def test_N11_E28_instant_refund_without_goods_is_raised_on_every_rung_and_does_not_expire(
    skipping: Skipping,
) -> None:
    world, environment = skipping
    ref, _ = await waiting(world, mode="instant")
    for days, open_ones in ((22, 0), (2, 1), (5, 2)):
        await environment.sleep(timedelta(days=days))
        await raised(world, ref, *["EXPOSURE_DUE"] * open_ones)
    assert {item.owner for item in await world.exceptions(ref)} == {Owner.CX}
    await environment.sleep(timedelta(days=5))
    await world.stage(ref, "AWAITING_GOODS")
    assert len(live_rmas(world, ref)) == 1
    await world.inspect_by_update(ref, (COAT, 1, "A"))
    await eventually(lambda: world.received(ref) == {(COAT, "01"): 1})
    await raised(world, ref)
    assert await exception_states(world, ref) == {"EXPOSURE_DUE": ExceptionState.CLEARED}
    assert [note["total"] for note in world.credits(ref)] == ["220.50"]


async def test_E28_a_person_writes_off_what_an_instant_refund_was_paid_for(skipping: Skipping) -> None:
    world, environment = skipping
    ref, _ = await waiting(world, mode="instant")
    await environment.sleep(timedelta(days=24))
    await raised(world, ref, "EXPOSURE_DUE")
    [item] = await world.exceptions(ref)
    await world.resolve(item, ResolutionKind.WRITE_OFF, reason="the cover pays")
    await eventually(lambda: bool(_rejected(world, ref)))
    assert world.received(ref) == {}


async def test_E28_a_person_ends_it_and_slots_without_a_credit_are_free(skipping: Skipping) -> None:
    world, environment = skipping
    ref, order = await waiting(world, mode="instant", planned_refund=Decimal("100.00"))
    await environment.sleep(timedelta(days=24))
    found = [item for item in await world.exceptions(ref) if item.code is ExceptionCode.EXPOSURE_DUE]
    assert len(found) == 1
    await world.resolve(found[0], ResolutionKind.CANCEL_TRACK, reason="claimed elsewhere")
    await world.stage(ref, "EXPIRED")
    assert await slots_of(world, ref, order) == 0
    assert live_rmas(world, ref) == []


async def test_E30_a_delivered_parcel_that_nobody_inspects_is_raised_and_closes_by_itself(skipping: Skipping) -> None:
    world, environment = skipping
    ref, _ = await waiting(world)
    world.reveni["uk"].ship(ref.return_id)
    world.reveni["uk"].receive(ref.return_id)
    await poke(world, ref)
    await eventually_phase(world, ref, "received")
    await environment.sleep(timedelta(days=2))
    assert await codes(world, ref) == []
    await environment.sleep(timedelta(days=2))
    await raised(world, ref, "RECEIPT_NOT_INSPECTED")
    await world.inspect_by_update(ref, (COAT, 1, "A"))
    await raised(world, ref)
    assert await exception_states(world, ref) == {"RECEIPT_NOT_INSPECTED": ExceptionState.CLEARED}


async def test_E30_E31_a_delivered_parcel_does_not_expire_but_is_asked_about(skipping: Skipping) -> None:
    world, environment = skipping
    ref, order = await waiting(world)
    world.reveni["uk"].ship(ref.return_id)
    world.reveni["uk"].receive(ref.return_id)
    await poke(world, ref)
    await eventually_phase(world, ref, "received")
    await environment.sleep(timedelta(days=31))
    await raised(world, ref, "LOST_PARCEL", "RECEIPT_NOT_INSPECTED")
    assert len(live_rmas(world, ref)) == 1
    assert await slots_of(world, ref, order) == 1
    await world.inspect_by_update(ref, (COAT, 1, "A"))
    await raised(world, ref)
    await eventually(lambda: world.received(ref) == {(COAT, "01"): 1})


async def eventually_phase(world: World, ref: ReturnRef, phase: str) -> None:
    """Wait until the store shows the platform's phase."""
    async with asyncio.timeout(PATIENCE):
        while (record := await world.record(ref)) is None or record.phase != phase:
            await asyncio.sleep(0.05)


def _rejected(world: World, ref: ReturnRef) -> list[str]:
    told = world.reveni[ref.connection].journal.entries("item_decided")
    return [e["status"] for e in told if e["return_id"] == ref.return_id and e["status"] == "rejected"]
