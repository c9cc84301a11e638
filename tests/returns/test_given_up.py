"""What finance gives up is one refund: the rest of the return's money goes on (R39, R48, N3; domain.md 5.2)."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from desk.clock import utc_now
from desk.resolutions import decide_in_store
from desk.view import read_view
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.resolution import Resolution, Role
from domain.returns import ReturnRef
from sandbox.kit.faults import Fault
from store.records import DocumentState, ExceptionRecord, OpenException
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, arrive, discounted_order, one_shirt, totals
from tests.returns.looking import eventually, slots_of, told
from tests.world import HAT, SHIRT, World

pytestmark = pytest.mark.verify

SHIRT_AND_HAT = [("1", SHIRT, 1, "18.09"), ("2", HAT, 1, "40.71")]
#: A VAT rate that no credit code is mapped to.
UNMAPPED = {"sku": SHIRT, "quantity": 1, "price": "30.00", "vat_rate": "12.5"}


async def give_up(world: World, ref: ReturnRef, code: ExceptionCode) -> None:
    """Finance ends the open exception of this code."""
    item = await opened(world, ref, code)
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="settled with the customer")
    await eventually_decided(world, item)


async def opened(world: World, ref: ReturnRef, code: ExceptionCode) -> ExceptionRecord:
    """Wait for the open exception of this code."""
    async with asyncio.timeout(PATIENCE):
        while not (found := [item for item in await world.exceptions(ref) if item.code is code]):
            await asyncio.sleep(0.05)
    return found[0]


async def eventually_decided(world: World, item: ExceptionRecord) -> None:
    """Wait until the decision is carried out."""
    assert item.ref is not None
    async with asyncio.timeout(PATIENCE):
        while "no credit note of ours" not in await told(world, item.ref):
            await asyncio.sleep(0.05)


async def waits_for_refund(world: World, ref: ReturnRef) -> None:
    """Everything is here, and the platform still has to pay for one unit."""
    async with asyncio.timeout(PATIENCE):
        while (await world.stage(ref, "SETTLING")).waiting_for != "the platform to confirm the refund of 1 unit(s)":
            await asyncio.sleep(0.05)


def pay(world: World, ref: ReturnRef, amount: str, **fields: Any) -> None:
    world.reveni[ref.connection].pay_refund(ref.return_id, Decimal(amount), **fields)


async def test_R39_E17_a_wrong_refund_that_is_given_up_ends_nothing_for_the_next_parcel(world: World) -> None:
    ref = world.returned(discounted_order(world), SHIRT_AND_HAT, planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    pay(world, ref, "12.34")
    await give_up(world, ref, ExceptionCode.REFUND_MISMATCH)
    await arrive(world, ref, (HAT, 1, "A"), scan="parcel-2")
    await world.stage(ref, "SETTLING")
    pay(world, ref, "40.71")
    await eventually(lambda: totals(world, ref) == ["40.71"])
    await waits_for_refund(world, ref)
    pay(world, ref, "18.09")
    await world.closed(ref)
    assert totals(world, ref) == ["40.71", "18.09"]


async def test_R48_E43_a_duplicate_that_is_given_up_hides_no_refund_that_fails(world: World) -> None:
    ref = one_shirt(world, mode="instant")
    await eventually(lambda: totals(world, ref) == ["18.09"])
    await world.stage(ref, "AWAITING_GOODS")
    pay(world, ref, "18.09", kind="manual")
    await give_up(world, ref, ExceptionCode.DUPLICATE_REFUND)
    for _ in range(2):
        world.reveni["uk"].fail_refund(ref.return_id)
    await opened(world, ref, ExceptionCode.REFUND_FAILED)


async def test_R48_E43_a_failed_refund_that_was_settled_elsewhere_is_one_refund_only(world: World) -> None:
    ref = world.returned(discounted_order(world), SHIRT_AND_HAT, planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-1")
    pay(world, ref, "18.09")
    await eventually(lambda: totals(world, ref) == ["18.09"])
    await world.caught_up(ref)
    world.reveni["uk"].fail_refund(ref.return_id)
    item = await opened(world, ref, ExceptionCode.REFUND_FAILED)
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document="BANK-1")
    await arrive(world, ref, (HAT, 1, "A"), scan="parcel-2")
    await waits_for_refund(world, ref)
    pay(world, ref, "18.09")
    await opened(world, ref, ExceptionCode.REFUND_MISMATCH)  # paid by the bank, and now once more
    assert totals(world, ref) == ["18.09"]


async def test_R39_N5_a_right_refund_whose_note_is_given_up_settles_its_own_units_alone(world: World) -> None:
    """The customer has the money: nothing more is owed for the shirt, and the hat waits for its own."""
    order = world.order([UNMAPPED, {"sku": HAT, "quantity": 1, "price": "45.00"}], charges={})
    items = [("1", SHIRT, 1, "30.00"), ("2", HAT, 1, "45.00")]
    ref = world.returned(order, items, planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    pay(world, ref, "30.00")
    await give_up(world, ref, ExceptionCode.TAX_CODE_UNMAPPED)
    await arrive(world, ref, (HAT, 1, "A"), scan="parcel-2")
    await waits_for_refund(world, ref)
    pay(world, ref, "45.00")
    await world.closed(ref)
    assert totals(world, ref) == ["45.00"]
    assert await slots_of(world, ref, order) == 2, "its goods are here: the shirt cannot come back once more"


async def test_R49_N11_money_that_is_out_stays_exposed_when_its_note_is_given_up(world: World) -> None:
    order = world.order([UNMAPPED], charges={})
    ref = world.returned(order, [("1", SHIRT, 1, "30.00")], mode="instant")
    await give_up(world, ref, ExceptionCode.TAX_CODE_UNMAPPED)
    async with world.store.reading() as unit:
        [out] = await unit.exposures.of(ref)
    assert (out.amount, out.state) == (3000, "open")
    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert world.credits(ref) == []
    view = await read_view(world.store, ref)
    assert view is not None
    assert [track.state for track in view.tracks if track.track == "finance"] == ["CLOSED_BY_HAND"]


async def test_R39_E17_an_early_note_that_is_given_up_ends_nothing_for_the_next_parcel(policies: World) -> None:
    order = policies.order([UNMAPPED, {"sku": HAT, "quantity": 1, "price": "45.00"}], charges={})
    items = [("1", SHIRT, 1, "30.00"), ("2", HAT, 1, "45.00")]
    ref = policies.returned(order, items, connection="early", planned_refund=BY_HAND)
    await arrive(policies, ref, (SHIRT, 1, "A"), scan="parcel-1")
    await give_up(policies, ref, ExceptionCode.TAX_CODE_UNMAPPED)
    await arrive(policies, ref, (HAT, 1, "A"), scan="parcel-2")
    await eventually(lambda: totals(policies, ref) == ["45.00"])
    pay(policies, ref, "45.00")
    await policies.closed(ref)
    assert totals(policies, ref) == ["45.00"]


@pytest.mark.parametrize("kind", [ResolutionKind.DONE_BY_HAND, ResolutionKind.CANCEL_TRACK])
async def test_R39_R47_what_the_queue_decides_about_a_refund_is_that_refunds(
    world: World, kind: ResolutionKind
) -> None:
    """The note was late, so a person decided in the queue before the flow came to it."""
    order = discounted_order(world)
    ref = world.returned(order, SHIRT_AND_HAT, planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    world.prima.faults.add(Fault(match="OrderDetail", kind="unavailable", key=order, times=None))
    pay(world, ref, "18.09")
    await overdue(world, ref, kind)
    world.prima.faults.clear()
    await arrive(world, ref, (HAT, 1, "A"), scan="parcel-2")
    await waits_for_refund(world, ref)
    pay(world, ref, "40.71")
    await world.closed(ref)
    assert totals(world, ref) == ["40.71"]
    async with world.store.reading() as unit:
        notes = {d.number: d.state for d in await unit.documents.for_return(ref) if d.kind == "credit"}
    by_hand = kind is ResolutionKind.DONE_BY_HAND
    expected = {"CN-HAND": DocumentState.BY_HAND} if by_hand else {"": DocumentState.ABANDONED}
    assert notes == {**expected, world.credits(ref)[0]["credit_number"]: DocumentState.POSTED}


async def overdue(world: World, ref: ReturnRef, kind: ResolutionKind) -> None:
    """The sweep finds the paid refund without a note, and finance decides about it."""
    async with asyncio.timeout(PATIENCE):
        while not (refunds := await _refunds(world, ref)):
            await asyncio.sleep(0.05)
    late = OpenException(
        id=f"late-{ref.return_id[:8]}",
        connection=ref.connection,
        return_id=ref.return_id,
        code=ExceptionCode.CREDIT_OVERDUE,
        step="sweep",
        reason="no note yet",
        payload={"refund": refunds[0]},
        now=utc_now(),
    )
    async with world.store.begin() as unit:
        await unit.exceptions.open(late)
    decision = Resolution(
        exception_id=late.id,
        version=1,
        kind=kind,
        role=Role.FINANCE,
        actor="jo",
        reason="paid in the shop",
        document="CN-HAND",
    )
    assert (await decide_in_store(world.store, decision, utc_now)).outcome == "decided"


async def _refunds(world: World, ref: ReturnRef) -> list[str]:
    async with world.store.reading() as unit:
        return [refund.refund_id for refund in await unit.returns.refunds(ref)]
