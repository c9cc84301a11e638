"""More money than goods: a second refund parks before any posting, and every way out of it leads out (R46, E35)."""

import asyncio
from decimal import Decimal

import pytest

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from store.records import ExceptionRecord
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, arrive, charges, decide, discounted_order, one_shirt, totals
from tests.world import SHIRT, World

pytestmark = pytest.mark.verify


async def paid_twice(world: World) -> tuple[ReturnRef, ExceptionRecord]:
    """Two refunds for one shirt that one read of the return shows together."""
    ref = one_shirt(world, planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.stage(ref, "SETTLING")
    world.fault("uk", ref, "GET return", "latency", seconds=0.3, times=None)
    for _ in range(2):
        world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    return ref, await world.parked(ref)


async def test_R46_E35_second_refund_for_the_same_units_parks_before_any_posting(world: World) -> None:
    ref, item = await paid_twice(world)
    assert (item.code, item.owner) == (ExceptionCode.DUPLICATE_REFUND, Owner.FINANCE)
    assert "18.09 GBP" in item.reason and item.amount is not None and item.amount.amount == 1809
    assert len(world.refunds(ref)) == 2
    assert totals(world, ref) == ["18.09"]
    await decide(world, ref, ResolutionKind.CANCEL_TRACK, reason="recovered from the customer")
    assert totals(world, ref) == ["18.09"]


async def test_R46_R39_an_intended_second_refund_is_credited_as_goodwill_alone(world: World) -> None:
    ref, _ = await paid_twice(world)
    await decide(world, ref, ResolutionKind.ACCEPT_PLATFORM_AMOUNT, reason="a gift")
    first, second = world.credits(ref)
    assert (first["total"], len(first["lines"]), charges(first)) == ("18.09", 1, [])
    assert (second["total"], second["lines"], charges(second)) == ("18.09", [], [("GOODW", "18.09")])


@pytest.mark.parametrize("kind", [ResolutionKind.LINK_EXISTING, ResolutionKind.DONE_BY_HAND])
async def test_R46_a_second_refund_may_have_its_note_already(world: World, kind: ResolutionKind) -> None:
    ref, _ = await paid_twice(world)
    await decide(world, ref, kind, document="CN-HAND")
    assert totals(world, ref) == ["18.09"]
    async with world.store.reading() as unit:
        notes = [d.number for d in await unit.documents.for_return(ref) if d.kind == "credit"]
    assert notes[1:] == ["CN-HAND"]


async def test_R46_the_second_of_two_parcels_is_no_duplicate(world: World) -> None:
    """Two refunds of one amount, but for two units: the second waits for its unit, and a third one parks."""
    ref = world.returned(discounted_order(world), [("1", SHIRT, 2, "18.09")], planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-1")
    for _ in range(2):
        world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    await world.stage(ref, "PARTLY_RECEIVED")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.08"))
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-2")
    item = await world.parked(ref)
    assert item.code is ExceptionCode.DUPLICATE_REFUND
    assert len(world.credits(ref)) == 2
    await decide(world, ref, ResolutionKind.CANCEL_TRACK, reason="paid thrice")
    assert len(world.credits(ref)) == 2


async def refund_seen(world: World, ref: ReturnRef) -> None:
    """Wait until the store knows a refund of the return."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with world.store.reading() as unit:
                if await unit.returns.refunds(ref):
                    return
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("kind", [ResolutionKind.CANCEL_TRACK, ResolutionKind.ACCEPT_PLATFORM_AMOUNT])
async def test_E21_R39_refund_for_an_empty_box_parks(world: World, kind: ResolutionKind) -> None:
    ref = one_shirt(world, planned_refund=BY_HAND)
    await world.stage(ref, "AWAITING_GOODS")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    await refund_seen(world, ref)
    await arrive(world, ref, (SHIRT, 1, "MISSING"))
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.REFUND_EXCEEDS_ACCEPTED, Owner.FINANCE)
    assert (world.received(ref), world.credits(ref)) == ({}, [])
    await decide(world, ref, kind, reason="decided")
    notes = [charges(note) for note in world.credits(ref)]
    assert notes == ([] if kind is ResolutionKind.CANCEL_TRACK else [[("GOODW", "18.09")]])


async def test_R39_refund_that_fails_before_its_credit_is_not_credited(world: World) -> None:
    ref = one_shirt(world, planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.stage(ref, "SETTLING")
    world.reveni["uk"].plan_refund_amount(ref.return_id, Decimal("18.09"))
    world.reveni["uk"].fail_refund(ref.return_id)
    await refund_seen(world, ref)
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"]


async def test_R43_rejected_units_are_free_for_another_return(world: World) -> None:
    """Whatever fact comes last, a closed return gives back the units that it was not credited for."""
    order = world.order([{"sku": SHIRT, "quantity": 2, "price": "30.00"}], charges={})
    ref = world.returned(order, [("1", SHIRT, 2, "30.00")])
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"), (SHIRT, 1, "RETURN_TO_CUSTOMER"), location="LDN-3")  # no depot 09
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document="G-HAND")
    await world.closed(ref)
    async with world.store.reading() as unit:
        held = await unit.slots.held("prima-test", order, ref)
        story = [entry.kind for entry in await unit.timeline.list(ref)]
    assert [claim.slot_no for claim in held if claim.credit_key is None] == []
    assert "closed" in story


async def test_E34_refund_that_never_comes_is_still_waited_for(world: World) -> None:
    ref = one_shirt(world, planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"))
    record = await world.stage(ref, "SETTLING")
    assert record.waiting_for == "the platform to confirm the refund of 1 unit(s)"
    assert record.waiting_since is not None
    assert world.received(ref) == {(SHIRT, "01"): 1}
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    closed = await world.closed(ref)
    assert closed.closed_at is not None
