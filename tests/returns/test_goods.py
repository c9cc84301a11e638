"""Goods: stock moves only after inspection, into the depot of its location and disposition, unit by unit."""

import asyncio
from decimal import Decimal

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.messages import INSPECTION_SIGNAL, LooseInspection
from tests.patience import PATIENCE
from tests.returns.looking import eventually
from tests.world import COAT, SHIRT, World

KIT, BAG, BELT, CASE = "K9001-SET", "P9001-BAG", "P9002-BELT", "P9003-CASE"


async def test_R20_nothing_moves_before_the_inspection(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    sandbox = world.reveni["uk"]
    sandbox.ship(ref.return_id)
    sandbox.receive(ref.return_id)
    await asyncio.sleep(1.5)
    assert world.received(ref) == {}
    assert world.credits(ref) == []
    assert (await world.record(ref)).stage == "AWAITING_GOODS"  # type: ignore[union-attr]


async def test_R25_R32_R114_damaged_and_sellable_units_of_one_line_go_to_their_own_depots(world: World) -> None:
    ref = world.returned(world.order(), [("1", COAT, 2, "220.50")])
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), (COAT, 1, "DAMAGED"))
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1, (COAT, "DM"): 1}
    assert [note["total"] for note in world.credits(ref)] == ["441.00"]


async def test_R27_R113_stock_goes_to_the_depot_of_the_receiving_location(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "SELLABLE"), location="LDN-2")
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "02"): 1}


async def test_R32_each_disposition_has_its_own_bucket(world: World) -> None:
    order = world.order([{"sku": COAT, "quantity": 4, "price": "100.00"}])
    ref = world.returned(order, [("1", COAT, 4, "100.00")])
    await world.stage(ref, "AWAITING_GOODS")
    found = [(COAT, 1, "SELLABLE"), (COAT, 1, "DAMAGED"), (COAT, 1, "QUARANTINE"), (COAT, 1, "RETURN_TO_CUSTOMER")]
    await world.inspect(ref, *found)
    await world.closed(ref)
    assert world.received(ref) == {(COAT, depot): 1 for depot in ("01", "DM", "QT", "HC")}
    assert [note["total"] for note in world.credits(ref)] == ["300.00"]


async def test_R33_one_part_of_a_kit_comes_back_alone(world: World) -> None:
    parts = [{"sku": BAG}, {"sku": BELT}, {"sku": CASE}]
    order = world.order([{"sku": KIT, "quantity": 1, "price": "90.00", "parts": parts}])
    ref = world.returned(order, [("3", BELT, 1, "30.00")])
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (BELT, 1, "A"))
    await world.closed(ref)
    assert world.received(ref) == {(BELT, "01"): 1}
    assert [note["total"] for note in world.credits(ref)] == ["30.00"]


async def test_E17_two_parcels_add_up(world: World) -> None:
    lines = [("1", COAT, 2, "220.50"), ("2", SHIRT, 1, "30.00")]
    ref = world.returned(world.order(), lines, shipping_refund=Decimal("4.95"))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    assert world.received(ref) == {(COAT, "01"): 1}
    await world.inspect(ref, (COAT, 1, "A"), (SHIRT, 1, "A"), scan="parcel-2")
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 2, (SHIRT, "01"): 1}
    assert sum(len(entry["lines"]) for entry in world.credits(ref)) >= 2
    assert [note["total"] for note in world.credits(ref)] == ["475.95"]


async def test_E17_N5_a_platform_that_cannot_hear_keeps_no_parcel_from_stock(world: World) -> None:
    ref = world.returned(world.order(), [("1", COAT, 2, "220.50")])
    await world.stage(ref, "AWAITING_GOODS")
    world.fault("uk", ref, "partial_validate", "unavailable", times=None)
    await world.inspect(ref, (COAT, 1, "A"), scan="p1")
    await eventually(lambda: world.received(ref) == {(COAT, "01"): 1})
    await world.inspect(ref, (COAT, 1, "A"), scan="p2")
    await eventually(lambda: world.received(ref) == {(COAT, "01"): 2})
    assert world.refunds(ref) == []
    world.reveni["uk"].faults.clear()
    await world.closed(ref)
    assert len(world.refunds(ref)) >= 1


async def test_R31_E15_the_same_inspection_three_times_books_once(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    answers = await asyncio.gather(*(world.inspect(ref, (COAT, 1, "A"), scan="once") for _ in range(3)))
    assert {answer.status_code for answer in answers} == {200}
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}
    assert len(world.credits(ref)) == 1


async def test_R22_wrong_sku_and_too_many_units_are_refused_on_the_spot(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await world.inspect_by_update(ref, ("P9999-X", 1, "A"))
    assert "P9999-X is not on this return" in str(refused.value.cause)
    answer = await world.inspect(ref, (COAT, 2, "A"), scan="too-many")
    assert answer.status_code == 422
    assert "only 1 unit(s) are still to come" in answer.text
    assert world.received(ref) == {}
    await world.inspect(ref, (COAT, 1, "A"), scan="right")
    await world.closed(ref)


async def test_R22_R70_a_signal_without_location_parks_and_names_the_field(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    loose = LooseInspection(inspection_id="no-place", units=[{"sku": COAT, "quantity": "1", "disposition": "A"}])
    await world.handle(ref).signal(INSPECTION_SIGNAL, loose)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.EVENT_INVALID, Owner.INTEGRATION)
    assert "location" in item.reason
    assert world.received(ref) == {}
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="sent again")
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)


async def test_R21_signal_fallback_books_like_the_update(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    units = [{"sku": COAT, "quantity": "1", "disposition": "A"}]
    loose = LooseInspection(inspection_id="by-signal", location="LDN-1", units=units)
    await world.handle(ref).signal(INSPECTION_SIGNAL, loose)
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}


async def test_R29_E25_unmapped_location_parks_and_is_edited(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="NEW-HUB")
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.LOCATION_UNMAPPED, Owner.WAREHOUSE)
    assert "NEW-HUB" in item.reason
    assert world.received(ref) == {}
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-1"})
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}


async def test_R23_E27_unknown_disposition_parks_and_is_edited(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "GRADE-Z"))
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.DISPOSITION_UNMAPPED, Owner.WAREHOUSE)
    assert world.received(ref) == {}
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"disposition.GRADE-Z": "QUARANTINE"})
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "QT"): 1}


async def test_R71_R26_E41_N5_refused_stock_parks_while_the_credit_goes_on(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="LDN-3")
    item = await world.parked(ref)
    assert item.owner is Owner.WAREHOUSE
    async with asyncio.timeout(PATIENCE):
        while not world.credits(ref):
            await asyncio.sleep(0.05)
    assert world.received(ref) == {}
    world.prima.world.depots["09"] = True
    await world.resolve(item, ResolutionKind.RETRY)
    await world.closed(ref)
    del world.prima.world.depots["09"]
    assert world.received(ref) == {(COAT, "09"): 1}
    assert len(world.credits(ref)) == 1


async def test_R26_R76_stock_done_by_hand_is_never_posted_again(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="LDN-3")
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document="G-HAND-1")
    await world.closed(ref)
    assert world.received(ref) == {}
    async with world.store.reading() as unit:
        stock = [d for d in await unit.documents.for_return(ref) if d.kind == "receipt"]
    assert [(d.number, d.state) for d in stock] == [("G-HAND-1", "by_hand")]
