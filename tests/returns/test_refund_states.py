"""Refunds that do not come, and refunds that fail after their note (E34, E43, R48)."""

import asyncio
from decimal import Decimal

import pytest

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from store.records import ExceptionRecord, ExceptionState
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, arrive, decide, discounted_order, one_shirt, parked_again, totals
from tests.returns.looking import eventually
from tests.world import SHIRT, World

pytestmark = pytest.mark.verify


async def unpaid(world: World) -> tuple[ReturnRef, ExceptionRecord]:
    """An accepted shirt for which no refund comes."""
    ref = one_shirt(world, planned_refund=BY_HAND, connection="chased")
    await arrive(world, ref, (SHIRT, 1, "A"))
    return ref, await world.parked(ref)


async def test_E34_accepted_goods_without_a_refund_are_raised_and_close_with_it(policies: World) -> None:
    ref, item = await unpaid(policies)
    assert (item.code, item.owner) == (ExceptionCode.REFUND_NOT_CONFIRMED, Owner.CX)
    assert policies.received(ref) == {(SHIRT, "01"): 1}, "stock does not wait"
    policies.reveni["chased"].pay_refund(ref.return_id, Decimal("18.09"))
    await policies.closed(ref)
    assert totals(policies, ref) == ["18.09"]
    [closed] = await policies.exceptions(ref, None)
    assert closed.state is ExceptionState.CLEARED


async def test_E34_retry_waits_for_the_limit_once_more(policies: World) -> None:
    ref, item = await unpaid(policies)
    await policies.resolve(item, ResolutionKind.RETRY)
    again = await parked_again(policies, ref, item)
    assert again.code is ExceptionCode.REFUND_NOT_CONFIRMED
    assert again.opened_at > item.opened_at
    policies.reveni["chased"].pay_refund(ref.return_id, Decimal("18.09"))
    await policies.closed(ref)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (ResolutionKind.DONE_BY_HAND, {"document": "CASH-1"}),
        (ResolutionKind.CANCEL_TRACK, {"reason": "the customer gave it away"}),
    ],
)
async def test_E34_what_was_settled_elsewhere_is_not_waited_for(
    policies: World, kind: ResolutionKind, fields: dict[str, str]
) -> None:
    ref, _ = await unpaid(policies)
    await decide(policies, ref, kind, **fields)
    assert policies.credits(ref) == []


async def failed_after_note(world: World) -> tuple[ReturnRef, ExceptionRecord]:
    """Two shirts in two parcels; the refund of the first one fails after its note."""
    ref = world.returned(discounted_order(world), [("1", SHIRT, 2, "18.09")], planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-1")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    await credited(world, ref, 1)
    world.reveni["uk"].fail_refund(ref.return_id)
    return ref, await world.parked(ref)


async def credited(world: World, ref: ReturnRef, count: int) -> None:
    """Wait until the store knows so many notes."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with world.store.reading() as unit:
                notes = [d for d in await unit.documents.for_return(ref) if d.kind == "credit" and d.state.in_erp]
            if len(notes) == count:
                return
            await asyncio.sleep(0.02)


async def test_R48_E43_refund_that_fails_after_its_note_parks_and_the_note_stays(world: World) -> None:
    ref, item = await failed_after_note(world)
    assert (item.code, item.owner) == (ExceptionCode.REFUND_FAILED, Owner.CX)
    assert item.amount is not None and item.amount.amount == 1809
    assert item.payload["credit_note"] == world.credits(ref)[0]["credit_number"]
    await arrive(world, ref, (SHIRT, 1, "MISSING"), scan="parcel-2")
    await world.stage(ref, "SETTLING")
    assert totals(world, ref) == ["18.09"]
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"], "the new payment takes the note over"
    [closed] = await world.exceptions(ref, None)
    assert closed.state is ExceptionState.CLEARED


async def test_E43_a_new_payment_of_another_amount_is_compared_afresh(world: World) -> None:
    ref, _ = await failed_after_note(world)
    await arrive(world, ref, (SHIRT, 1, "MISSING"), scan="parcel-2")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("15.00"))
    item = await code_of(world, ref, ExceptionCode.REFUND_MISMATCH)
    assert (item.payload["platform_amount"], item.payload["order_amount"]) == ("15.00", "18.09")
    await world.resolve(item, ResolutionKind.ACCEPT_ORDER_AMOUNT)
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"]


async def test_E43_the_other_parcels_refund_has_a_note_of_its_own(world: World) -> None:
    ref, _ = await failed_after_note(world)
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-2")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    await eventually(lambda: len(world.refunds(ref)) == 2)
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.08"))
    await world.closed(ref)
    assert totals(world, ref) == ["18.09", "18.08"]


@pytest.mark.parametrize("kind", [ResolutionKind.DONE_BY_HAND, ResolutionKind.CANCEL_TRACK])
async def test_E43_a_failed_refund_may_be_settled_elsewhere(world: World, kind: ResolutionKind) -> None:
    ref, item = await failed_after_note(world)
    await arrive(world, ref, (SHIRT, 1, "MISSING"), scan="parcel-2")
    await world.stage(ref, "SETTLING")
    await world.resolve(item, kind, document="VOID-1", reason="voided by finance")
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"]


async def test_E43_retry_asks_again_while_the_note_is_unpaid(world: World) -> None:
    ref, item = await failed_after_note(world)
    await world.resolve(item, ResolutionKind.RETRY)
    again = await parked_again(world, ref, item)
    assert again.code is ExceptionCode.REFUND_FAILED
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    await arrive(world, ref, (SHIRT, 1, "MISSING"), scan="parcel-2")
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"]


async def code_of(world: World, ref: ReturnRef, code: ExceptionCode) -> ExceptionRecord:
    """Wait for the open exception of this code."""
    async with asyncio.timeout(PATIENCE):
        while not (found := [item for item in await world.exceptions(ref) if item.code is code]):
            await asyncio.sleep(0.02)
    return found[0]
