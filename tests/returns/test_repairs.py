"""Trouble beside the straight way: no track gets stuck, and none leaves before all is heard."""

from decimal import Decimal

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from store.records import ExceptionState
from tests.returns.looking import ended, eventually, exception_states, next_parked, told
from tests.returns.parcels import stock
from tests.world import COAT, World

pytestmark = pytest.mark.verify


async def test_R71_E25_a_wrong_correction_of_refused_stock_parks_again(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="LDN-3")
    refused = await world.parked(ref)
    await world.resolve(refused, ResolutionKind.EDIT_AND_RETRY, edits={"location": "NOWHERE"})
    unmapped = await next_parked(world, refused)
    assert (unmapped.code, unmapped.owner) == (ExceptionCode.LOCATION_UNMAPPED, Owner.WAREHOUSE)
    await world.resolve(unmapped, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-2"})
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "02"): 1}


async def test_R71_refused_stock_remembers_what_was_corrected_before(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "GRADE-Y"), location="NEW-HUB")
    grade = await world.parked(ref)
    await world.resolve(grade, ResolutionKind.EDIT_AND_RETRY, edits={"disposition.GRADE-Y": "SELLABLE"})
    place = await next_parked(world, grade)
    await world.resolve(place, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-3"})
    refused = await next_parked(world, place)
    world.prima.world.depots["09"] = True
    await world.resolve(refused, ResolutionKind.RETRY)
    await world.closed(ref)
    del world.prima.world.depots["09"]
    assert world.received(ref) == {(COAT, "09"): 1}
    assert "every track is final" in await told(world, ref)


async def test_R26_N2_a_grade_is_not_corrected_by_way_of_a_refused_document(world: World) -> None:
    """Of two documents one is refused. As another grade its units would look like those of the other one."""
    ref = world.returned(world.order(charges={}), [("1", COAT, 2, "220.50")])
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), (COAT, 1, "C"), location="LDN-3")
    refused = await world.parked(ref)
    await eventually(lambda: world.received(ref) == {(COAT, "DM"): 1})
    with pytest.raises(WorkflowUpdateFailedError) as no:
        await world.resolve(refused, ResolutionKind.EDIT_AND_RETRY, edits={"disposition.A": "DAMAGED"})
    assert "regrade" in str(no.value.cause)
    await world.resolve(refused, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-1"})
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "DM"): 1, (COAT, "01"): 1}


async def test_R106_a_refused_reminder_does_not_stop_the_wait_for_the_parcel(world: World) -> None:
    ref = world.returned(world.order(), connection="fast")
    world.fault("fast", ref, "notes", "unavailable", status=400)
    item = await world.parked(ref)
    await world.inspect(ref, (COAT, 1, "A"))
    await eventually(lambda: len(world.credits(ref)) == 1)
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="called the customer")
    await world.closed(ref)


async def test_E35_a_refund_that_is_read_while_the_return_closes_is_not_lost(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    journal = world.reveni["uk"].journal
    world.fault("prima", ref, "NewCreditNote", "latency", seconds=0.8)
    await world.inspect(ref, (COAT, 1, "A"))
    await eventually(lambda: any(e["return_id"] == ref.return_id for e in journal.entries("item_decided")))
    world.fault("uk", ref, "GET return", "latency", seconds=2)
    await world.stage(ref, "CLOSED")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("10.00"))
    item = await world.parked(ref)
    assert item.owner is Owner.FINANCE
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="taken back at the bank")
    await world.closed(ref)
    assert len(world.credits(ref)) == 1


async def test_E12_E16_of_two_parcels_for_one_unit_the_second_one_is_asked_about(world: World) -> None:
    ref = world.returned(world.order())
    world.fault("uk", ref, "GET return", "latency", seconds=3)
    await eventually(lambda: all(f.key != ref.return_id or left == 0 for f, left in world.reveni["uk"].faults.left()))
    await world.inspect_by_update(ref, (COAT, 1, "A"), scan="first")
    await world.inspect_by_update(ref, (COAT, 1, "A"), scan="second")
    item = await world.parked(ref)
    assert item.code is ExceptionCode.OVER_RECEIPT
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document="counted again: one unit")
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}


async def test_E11_E20_goods_that_came_for_an_authorisation_that_was_given_up(world: World) -> None:
    world.prima.add_item("P8300-RED-M", active=False)
    order = world.order([{"sku": "P8300-RED-M", "quantity": 1, "price": "20.00"}])
    ref = world.returned(order, [("1", "P8300-RED-M", 1, "20.00")])
    item = await world.parked(ref)
    await world.inspect(ref, ("P8300-RED-M", 1, "A"))
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="sold by mistake")
    goods = await next_parked(world, item)
    assert (goods.code, goods.owner) == (ExceptionCode.INSPECTION_AFTER_CANCEL, Owner.WAREHOUSE)
    assert stock(world, ref) == {("P8300-RED-M", "QT"): 1}
    await world.resolve(goods, ResolutionKind.RETURN_TO_CUSTOMER)
    await ended(world, ref, "REJECTED")
    await eventually(lambda: stock(world, ref) == {("P8300-RED-M", "HC"): 1})
    assert world.credits(ref) == []
    assert set((await exception_states(world, ref)).values()) == {ExceptionState.RESOLVED}
