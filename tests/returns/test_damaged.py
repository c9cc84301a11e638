"""Damaged but accepted: what the policy does not decide, finance does, and the platform hears it only then (E22)."""

from decimal import Decimal
from typing import Any

import pytest

from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from sandbox.reveni import ItemSpec, ReturnSpec
from store.records import ExceptionRecord
from tests.returns.course import BY_HAND, parked_again, totals
from tests.returns.looking import eventually
from tests.returns.parcels import stock
from tests.world import COAT, SHIRT, World

pytestmark = pytest.mark.verify

VAT = Decimal("0.20")
TWO_COATS = [("1", COAT, 2, "220.50")]


def decisions(world: World, ref: ReturnRef) -> list[tuple[int, str]]:
    """(units, status) of every decision that the platform was told."""
    told = world.reveni[ref.connection].journal.entries("item_decided")
    return [(entry["quantity"], entry["status"]) for entry in told if entry["return_id"] == ref.return_id]


async def damaged(world: World, *found: tuple[str, int, str], **spec: Any) -> tuple[ReturnRef, ExceptionRecord]:
    """A return whose damaged unit waits for finance."""
    units = found or ((COAT, 1, "DAMAGED"),)
    items = [("1", COAT, sum(quantity for _, quantity, _ in units), "220.50")]
    ref = world.returned(world.order(), items, connection="judged", **spec)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, *units)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.DAMAGED_DECISION, Owner.FINANCE)
    return ref, item


async def shares(world: World, ref: ReturnRef) -> dict[Disposition, int | None]:
    """Disposition → percentage, as the store has it."""
    async with world.store.reading() as unit:
        return {u.disposition: u.share for one in await unit.inspections.list(ref) for u in one.booked}


async def test_E22_damaged_units_are_in_their_depot_at_once_and_the_platform_hears_nothing(world: World) -> None:
    ref, item = await damaged(world)
    assert world.received(ref) == {(COAT, "DM"): 1}
    assert decisions(world, ref) == []
    assert await shares(world, ref) == {Disposition.DAMAGED: None}
    await world.resolve(item, ResolutionKind.ACCEPT_ORDER_AMOUNT)
    await world.closed(ref)
    assert decisions(world, ref) == [(1, "accepted")]
    assert totals(world, ref) == ["220.50"]
    assert await shares(world, ref) == {Disposition.DAMAGED: 100}
    assert world.received(ref) == {(COAT, "DM"): 1}


@pytest.mark.parametrize("kind", [ResolutionKind.CANCEL_TRACK, ResolutionKind.RETURN_TO_CUSTOMER])
async def test_E22_no_credit_means_that_the_platform_hears_rejected(world: World, kind: ResolutionKind) -> None:
    ref, item = await damaged(world)
    await world.resolve(item, kind, reason="worn")
    await world.closed(ref)
    assert decisions(world, ref) == [(1, "rejected")]
    assert world.credits(ref) == []
    assert await shares(world, ref) == {Disposition.DAMAGED: 0}


async def test_E23_damaged_units_that_go_back_wait_in_the_hold_depot_and_the_others_stay(world: World) -> None:
    lines = [("1", COAT, 2, "220.50", "changed_mind"), ("2", SHIRT, 1, "30.00", "defective")]
    items = [ItemSpec(i, sku, n, Decimal(price), tax_rate=VAT, reason=why) for i, sku, n, price, why in lines]
    spec = ReturnSpec(order_external_id=world.order(), items=tuple(items), currency="GBP")
    ref = ReturnRef(connection="judged", return_id=world.reveni["judged"].add_return(spec))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), (COAT, 1, "DAMAGED"), (SHIRT, 1, "DAMAGED"))
    await world.resolve(await world.parked(ref), ResolutionKind.RETURN_TO_CUSTOMER)
    await world.closed(ref)
    assert stock(world, ref) == {(COAT, "01"): 1, (COAT, "HC"): 1, (SHIRT, "DM"): 1}
    assert totals(world, ref) == ["250.50"]
    assert sorted(decisions(world, ref)) == [(1, "accepted"), (1, "accepted"), (1, "rejected")]


async def test_E22_the_rest_of_the_parcel_is_reported_and_credited_without_waiting(world: World) -> None:
    ref, item = await damaged(world, (COAT, 1, "A"), (COAT, 1, "DAMAGED"), planned_refund=BY_HAND)
    await eventually(lambda: decisions(world, ref) == [(1, "accepted")])
    world.reveni["judged"].pay_refund(ref.return_id, Decimal("220.50"))
    await eventually(lambda: totals(world, ref) == ["220.50"])
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="worn")
    await eventually(lambda: decisions(world, ref) == [(1, "accepted"), (1, "rejected")])
    await world.closed(ref)
    assert totals(world, ref) == ["220.50"]
    assert world.received(ref) == {(COAT, "01"): 1, (COAT, "DM"): 1}


async def test_E22_a_percentage_is_written_down_and_must_be_one(world: World) -> None:
    ref, item = await damaged(world)
    with pytest.raises(ValueError, match="share is a whole percentage"):
        await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"share": "101"})
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-1"})
    again = await parked_again(world, ref, item)
    assert again.code is ExceptionCode.DAMAGED_DECISION
    await world.resolve(again, ResolutionKind.EDIT_AND_RETRY, edits={"share": "50"})
    await eventually(lambda: decisions(world, ref) == [(1, "accepted")])
    assert await shares(world, ref) == {Disposition.DAMAGED: 50}


async def test_E22_supplier_fault_is_credited_in_full_without_asking(world: World) -> None:
    ref = world.returned(world.order(), connection="judged", reason="defective")
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "DAMAGED"))
    await world.closed(ref)
    assert totals(world, ref) == ["220.50"]
    assert await world.exceptions(ref, None) == []


async def test_E21_missing_units_are_reported_as_rejected_and_make_no_document(world: World) -> None:
    ref = world.returned(world.order(), TWO_COATS)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), (COAT, 1, "MISSING"))
    await world.closed(ref)
    assert sorted(decisions(world, ref)) == [(1, "accepted"), (1, "rejected")]
    assert world.received(ref) == {(COAT, "01"): 1}
    assert totals(world, ref) == ["220.50"]
