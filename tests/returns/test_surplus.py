"""More than was authorised, or something else: physical truth is booked, into quarantine, and never credited."""

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.messages import INSPECTION_SIGNAL, LooseInspection
from domain.returns import ReturnRef
from store.records import ExceptionRecord
from tests.patience import PATIENCE
from tests.returns.course import parked_again, totals
from tests.returns.looking import eventually, slots_of, told
from tests.returns.parcels import stock
from tests.world import COAT, HAT, SHIRT, World

pytestmark = pytest.mark.verify


def quarantined(world: World, ref: ReturnRef) -> list[dict[str, Any]]:
    """What adjustment journals booked for the return."""
    return [line for entry in world.entries("StockAdjustment", ref) for line in entry["lines"]]


def held(world: World, ref: ReturnRef) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Transfers of the return: from, to, lines."""
    return [(t["from_depot"], t["to_depot"], t["lines"]) for t in world.entries("DepotTransfer", ref)]


async def over_receipt(world: World) -> tuple[ReturnRef, ExceptionRecord]:
    """Two coats came where one was authorised; the first is credited, the second in quarantine."""
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    answer = await world.inspect(ref, (COAT, 2, "A"), confirmed=True)
    assert answer.status_code == 200, answer.text
    await eventually(lambda: len(world.credits(ref)) == 1)
    return ref, await world.parked(ref)


async def test_E18_too_many_units_are_refused_until_they_were_counted_again(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await world.inspect_by_update(ref, (COAT, 2, "A"))
    assert "confirmed=true" in str(refused.value.cause)
    assert quarantined(world, ref) == []


async def test_E18_confirmed_surplus_goes_to_quarantine_and_only_what_was_authorised_is_credited(world: World) -> None:
    ref, item = await over_receipt(world)
    assert (item.code, item.owner) == (ExceptionCode.OVER_RECEIPT, Owner.WAREHOUSE)
    assert world.received(ref) == {(COAT, "01"): 1}
    assert quarantined(world, ref) == [{"sku": COAT, "quantity": 1, "depot": "QT"}]
    assert totals(world, ref) == ["220.50"]
    await world.resolve(item, ResolutionKind.WRITE_OFF, reason="we keep it")
    await world.closed(ref)
    assert len(quarantined(world, ref)) == 1
    assert held(world, ref) == []
    assert totals(world, ref) == ["220.50"]


async def test_E18_surplus_goes_back_to_the_customer_by_one_transfer(world: World) -> None:
    ref, item = await over_receipt(world)
    await world.resolve(item, ResolutionKind.RETURN_TO_CUSTOMER)
    await world.closed(ref)
    assert held(world, ref) == [("QT", "HC", [{"sku": COAT, "quantity": 1}])]
    assert totals(world, ref) == ["220.50"]


async def test_E18_surplus_that_the_return_has_no_room_for_is_asked_about_again(world: World) -> None:
    ref, item = await over_receipt(world)
    await world.resolve(item, ResolutionKind.RETRY)
    again = await parked_again(world, ref, item)
    assert again.code is ExceptionCode.OVER_RECEIPT
    await world.resolve(again, ResolutionKind.CANCEL_TRACK, reason="it stays")
    await world.closed(ref)


async def test_E18_a_parcel_of_nothing_but_surplus_after_all_goods_were_here(world: World) -> None:
    ref = world.returned(world.order(), [("1", COAT, 1, "220.50"), ("2", SHIRT, 1, "30.00")])
    await world.stage(ref, "AWAITING_GOODS")
    world.fault("uk", ref, "partial_validate", "latency", seconds=1.5)
    await world.inspect(ref, (COAT, 1, "A"), (SHIRT, 1, "A"))
    await eventually(lambda: bool(world.received(ref)))
    answer = await world.inspect(ref, (SHIRT, 1, "A"), scan="scan-2", confirmed=True)
    assert answer.status_code == 200, answer.text
    item = await world.parked(ref)
    assert item.code is ExceptionCode.OVER_RECEIPT
    assert quarantined(world, ref) == [{"sku": SHIRT, "quantity": 1, "depot": "QT"}]
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="ours")
    await world.closed(ref)
    assert totals(world, ref) == ["250.50"]


async def test_E19_a_wrong_item_goes_to_quarantine_and_the_right_one_is_still_expected(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"), confirmed=True)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.UNEXPECTED_SKU, Owner.WAREHOUSE)
    assert SHIRT in item.reason
    assert quarantined(world, ref) == [{"sku": SHIRT, "quantity": 1, "depot": "QT"}]
    assert (world.received(ref), world.credits(ref)) == ({}, [])
    assert (await world.stage(ref, "AWAITING_GOODS")).exceptions_open == 1
    await world.inspect(ref, (COAT, 1, "A"), scan="scan-2")
    await eventually(lambda: len(world.credits(ref)) == 1)
    await world.resolve(item, ResolutionKind.RETURN_TO_CUSTOMER)
    await world.closed(ref)
    assert held(world, ref) == [("QT", "HC", [{"sku": SHIRT, "quantity": 1}])]
    assert totals(world, ref) == ["220.50"]


async def wrong_item(world: World, *found: tuple[str, int, str]) -> tuple[ReturnRef, str, ExceptionRecord]:
    """One coat is announced; what came was scanned as something else."""
    order = world.order()
    ref = world.returned(order)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, *(found or ((SHIRT, 1, "A"),)), confirmed=True)
    item = await world.parked(ref)
    assert item.code is ExceptionCode.UNEXPECTED_SKU
    return ref, order, item


async def test_E19_units_that_were_scanned_wrongly_become_the_line_that_a_person_names(world: World) -> None:
    ref, order, item = await wrong_item(world)
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={f"sku.{SHIRT}": COAT})
    await world.closed(ref)
    assert stock(world, ref) == {(COAT, "QT"): 1}
    assert totals(world, ref) == ["220.50"]
    assert await slots_of(world, ref, order) == 1
    assert f"1 x {COAT}" in await told(world, ref)


async def test_E19_a_correction_that_does_not_fit_says_why_and_moves_nothing(world: World) -> None:
    ref, _, item = await wrong_item(world, (COAT, 1, "A"), (SHIRT, 1, "A"))
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={f"sku.{SHIRT}": HAT})
    on_no_line = await parked_again(world, ref, item)
    assert f"1 x {HAT} is on no line of the RMA" in on_no_line.reason
    await world.resolve(on_no_line, ResolutionKind.EDIT_AND_RETRY, edits={f"sku.{SHIRT}": COAT})
    no_room = await parked_again(world, ref, on_no_line)
    assert f"1 x {COAT} is more than the return has room for" in no_room.reason
    assert HAT not in no_room.reason
    assert stock(world, ref) == {(COAT, "01"): 1, (SHIRT, "QT"): 1}
    await world.resolve(no_room, ResolutionKind.RETURN_TO_CUSTOMER)
    await world.closed(ref)
    assert stock(world, ref) == {(COAT, "01"): 1, (SHIRT, "HC"): 1}
    assert totals(world, ref) == ["220.50"]


async def test_E19_surplus_of_an_open_return_is_not_handed_to_another_one(world: World) -> None:
    ref, _, item = await wrong_item(world)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"return": "R-1"})
    assert "record them as a parcel of return R-1" in str(refused.value.cause)
    await world.resolve(item, ResolutionKind.RETURN_TO_CUSTOMER)
    assert stock(world, ref) in ({(SHIRT, "QT"): 1}, {(SHIRT, "HC"): 1})


async def test_E19_a_signal_cannot_be_asked_back_so_it_is_booked(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    units = [{"sku": s, "quantity": "1", "disposition": "A"} for s in (COAT, SHIRT)]
    loose = LooseInspection(inspection_id="by-signal", location="LDN-1", units=units)
    await world.handle(ref).signal(INSPECTION_SIGNAL, loose)
    item = await world.parked(ref)
    await eventually(lambda: len(world.credits(ref)) == 1)
    assert (world.received(ref), quarantined(world, ref)) == (
        {(COAT, "01"): 1},
        [{"sku": SHIRT, "quantity": 1, "depot": "QT"}],
    )
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="keep")
    await world.closed(ref)


async def test_E18_refused_surplus_is_repaired_like_any_stock_document(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    world.prima.world.depots.pop("QT")
    try:
        await world.inspect(ref, (COAT, 2, "A"), confirmed=True)
        async with asyncio.timeout(PATIENCE):
            while len(found := await world.exceptions(ref)) < 2:
                await asyncio.sleep(0.05)
    finally:
        world.prima.world.depots["QT"] = False
    assert {item.code for item in found} == {ExceptionCode.STOCK_REJECTED, ExceptionCode.OVER_RECEIPT}
    assert world.received(ref) == {(COAT, "01"): 1}
    by_code = {item.code: item for item in found}
    await world.resolve(by_code[ExceptionCode.STOCK_REJECTED], ResolutionKind.RETRY)
    await eventually(lambda: len(quarantined(world, ref)) == 1)
    await world.resolve(by_code[ExceptionCode.OVER_RECEIPT], ResolutionKind.RETURN_TO_CUSTOMER)
    await world.closed(ref)
    assert len(quarantined(world, ref)) == len(held(world, ref)) == 1
    assert totals(world, ref) == ["220.50"]


async def test_E15_E16_a_second_result_for_one_parcel_moves_nothing(world: World) -> None:
    ref = world.returned(world.order(), [("1", COAT, 2, "220.50")])
    await world.stage(ref, "AWAITING_GOODS")
    first = await world.inspect(ref, (COAT, 1, "A"), scan="s1", parcel="LPN-7")
    same = await world.inspect(ref, (COAT, 1, "A"), scan="s2", parcel="LPN-7")
    other = [
        await world.inspect(ref, (COAT, 1, "DAMAGED"), scan="s1", parcel="LPN-7"),
        await world.inspect(ref, (COAT, 1, "DAMAGED"), scan="s1", parcel="LPN-7"),
    ]
    assert [first.status_code, same.status_code, *(one.status_code for one in other)] == [200, 200, 409, 409]
    assert same.json()["repeated"] is True
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.INSPECTION_CONFLICT, Owner.WAREHOUSE)
    assert "1 x P1001-BLK-080 DAMAGED" in item.reason
    await eventually(lambda: world.received(ref) == {(COAT, "01"): 1})
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="the first one counts")
    await world.inspect(ref, (COAT, 1, "A"), scan="s3", parcel="LPN-8")
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 2}


async def test_E16_another_scan_of_the_same_parcel_with_another_result_is_a_conflict(world: World) -> None:
    ref = world.returned(world.order(), [("1", COAT, 2, "220.50")])
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), scan="s1", parcel="LPN-7")
    second = await world.inspect(ref, (COAT, 2, "A"), scan="s2", parcel="LPN-7")
    assert (second.status_code, second.json()["error"]) == (409, "inspection_conflict")
    item = await world.parked(ref)
    assert item.code is ExceptionCode.INSPECTION_CONFLICT
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document="recount")
    await world.inspect(ref, (COAT, 1, "A"), scan="s3")
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 2}
