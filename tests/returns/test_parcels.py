"""Goods that no open return waits for: quarantine first, nothing guessed, nothing credited twice."""

import asyncio

import pytest
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.keys import Step, business_key
from domain.messages import INSPECTION_SIGNAL, REPORT_LOST_UPDATE, LooseInspection, LostReceipt, LostReport
from domain.parcel import parcel_ref
from domain.resolution import Role
from domain.returns import ReturnRef
from sandbox.kit.faults import Fault
from tests.patience import PATIENCE
from tests.returns.course import finish, totals
from tests.returns.looking import eventually, told
from tests.returns.parcels import UNHEARD, came_blind, decided, journal, new_scan, parcel_ended, stock
from tests.world import COAT, HAT, SHIRT, World


async def blind(world: World, *units: tuple[str, int, str], **hints: str) -> tuple[ReturnRef, str]:
    scan = new_scan()
    answer = await came_blind(world, scan, *units, **hints)
    assert (answer.status_code, answer.json()["parcel"]) == (202, scan), answer.text
    return parcel_ref("uk", scan), scan


async def expecting(world: World, *units: tuple[str, str, int, str]) -> ReturnRef:
    ref = world.returned(world.order(), list(units) or None)
    await world.stage(ref, "AWAITING_GOODS")
    return ref


async def reported_lost(world: World, ref: ReturnRef) -> bool:
    """Whether the case took the carrier's report: it knows of its RMA a moment after the store does."""
    try:
        report = LostReport(reason="claim 1")
        await world.handle(ref).execute_update(REPORT_LOST_UPDATE, report, result_type=LostReceipt)
    except WorkflowUpdateFailedError:
        return False
    return True


# E26, U24: blind parcels


async def test_E26_U24_a_parcel_without_return_lies_in_quarantine_and_names_who_it_may_be_for(world: World) -> None:
    ref = await expecting(world, ("2", SHIRT, 1, "30.00"))
    parcel, scan = await blind(world, (SHIRT, 1, "A"))
    item = await world.parked(parcel)
    assert (item.code, item.owner) == (ExceptionCode.UNMATCHED_RECEIPT, Owner.WAREHOUSE)
    assert scan in item.reason
    assert "candidates" in item.payload
    assert stock(world, parcel) == {(SHIRT, "QT"): 1}
    assert journal(world, "NewCreditNote", parcel) == []
    assert stock(world, ref) == {}
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="nobody misses it")
    outcome = await parcel_ended(world, parcel, scan)
    assert "stay in quarantine" in outcome["text"]
    assert stock(world, parcel) == {(SHIRT, "QT"): 1}


async def test_E26_the_case_and_its_rma_are_created_backwards(world: World) -> None:
    ref = world.returned(world.order(), delivery=UNHEARD)
    parcel, scan = await blind(world, (COAT, 1, "A"))
    item = await world.parked(parcel)
    assert await world.record(ref) is None
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"return": ref.return_id})
    outcome = await parcel_ended(world, parcel, scan)
    assert outcome["matched"] == ref.model_dump()
    world.reveni["uk"].set_delivery(ref.return_id, UNHEARD.__class__())
    await world.stage(ref, "SETTLING", "CLOSED")
    assert len(world.rmas(ref)) == 1
    assert world.received(ref) == {(COAT, "01"): 1}
    assert stock(world, ref, parcel) == {(COAT, "01"): 1}
    assert [entry["lines"][0]["quantity"] for entry in journal(world, "StockAdjustment", parcel)] == [1, -1]
    assert scan in await told(world, ref)


async def test_E26_matched_to_an_open_return_each_document_once(world: World) -> None:
    ref = await expecting(world)
    parcel, scan = await blind(world, (COAT, 1, "A"))
    await world.resolve(await world.parked(parcel), ResolutionKind.EDIT_AND_RETRY, edits={"return": ref.return_id})
    await parcel_ended(world, parcel, scan)
    await world.closed(ref)
    assert stock(world, ref, parcel) == {(COAT, "01"): 1}
    assert totals(world, ref) == ["220.50"]
    assert len(world.refunds(ref)) == 1
    assert await world.exceptions(parcel) == []


async def test_E26_the_tracking_number_finds_the_return_before_anything_is_booked(world: World) -> None:
    ref = await expecting(world)
    world.reveni["uk"].ship(ref.return_id)
    tracking = ""
    async with asyncio.timeout(PATIENCE):
        while not tracking:
            tracking = (await world.record(ref)).tracking_number  # type: ignore[union-attr]
            await asyncio.sleep(0.05)
    parcel, scan = await blind(world, (COAT, 1, "A"), tracking_number=tracking)
    assert (await parcel_ended(world, parcel, scan))["matched"] == ref.model_dump()
    await world.closed(ref)
    assert stock(world, ref, parcel) == {(COAT, "01"): 1}
    assert journal(world, "StockAdjustment", parcel) == []
    assert await world.exceptions(parcel, None) == []


async def test_E26_order_and_skus_find_the_return_but_only_when_they_agree(world: World) -> None:
    ref = await expecting(world)
    order = (await world.record(ref)).order_number  # type: ignore[union-attr]
    wrong, _ = await blind(world, (SHIRT, 1, "A"), order_number=order)
    item = await world.parked(wrong)
    assert ref.return_id in item.reason
    assert stock(world, wrong) == {(SHIRT, "QT"): 1}
    parcel, scan = await blind(world, (COAT, 1, "A"), order_number=order)
    assert (await parcel_ended(world, parcel, scan))["matched"] == ref.model_dump()
    await world.closed(ref)
    assert stock(world, ref, parcel) == {(COAT, "01"): 1}
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="a gift")


async def test_E26_retry_looks_again_for_a_return_that_came_later(world: World) -> None:
    order = world.order()
    parcel, scan = await blind(world, (COAT, 1, "A"), order_number=order)
    item = await world.parked(parcel)
    ref = world.returned(order)
    await world.stage(ref, "AWAITING_GOODS")
    await world.resolve(item, ResolutionKind.RETRY)
    assert (await parcel_ended(world, parcel, scan))["matched"] == ref.model_dump()
    await world.closed(ref)
    assert stock(world, ref, parcel) == {(COAT, "01"): 1}


async def test_E26_a_return_that_it_does_not_fit_refuses_it_and_it_stays_in_quarantine(world: World) -> None:
    ref = await expecting(world)
    parcel, scan = await blind(world, (SHIRT, 1, "A"))
    item = await world.parked(parcel)
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"return": ref.return_id})
    await decided(world, item)
    again = await world.parked(parcel)
    assert f"SKU {SHIRT} is not on this return" in again.reason
    await world.resolve(again, ResolutionKind.EDIT_AND_RETRY, edits={"return": "0" * 32})
    await decided(world, again)
    third = await world.parked(parcel)
    assert "0" * 32 in third.reason
    assert stock(world, parcel, ref) == {(SHIRT, "QT"): 1}
    await world.resolve(third, ResolutionKind.RETURN_TO_CUSTOMER)
    await parcel_ended(world, parcel, scan)
    assert stock(world, parcel, ref) == {(SHIRT, "HC"): 1}
    assert len(journal(world, "DepotTransfer", parcel)) == 1


async def test_E15_E16_the_same_scan_three_times_is_one_parcel_and_another_content_is_refused(world: World) -> None:
    scan = new_scan()
    answers = await asyncio.gather(*(came_blind(world, scan) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert sorted(answer.json()["repeated"] for answer in answers) == [False, True, True]
    other = await came_blind(world, scan, (HAT, 2, "A"))
    assert (other.status_code, other.json()["error"]) == (422, "inspection_refused")
    parcel = parcel_ref("uk", scan)
    item = await world.parked(parcel)
    assert stock(world, parcel) == {(COAT, "QT"): 1}
    assert len(journal(world, "StockAdjustment", parcel)) == 1
    await world.resolve(item, ResolutionKind.WRITE_OFF, reason="test")
    await parcel_ended(world, parcel, scan)


async def test_E26_a_misspelt_return_never_becomes_a_parcel_without_one(world: World) -> None:
    scan = new_scan()
    answer = await world.inspect(ReturnRef(connection="uk", return_id="f" * 32), (COAT, 1, "A"), scan=scan)
    assert (answer.status_code, answer.json()["error"]) == (404, "return_unknown")
    assert "blind=true" in answer.json()["message"]
    assert stock(world, parcel_ref("uk", scan)) == {}


async def test_E26_a_parcel_in_quarantine_is_not_booked_a_second_time_under_a_return(world: World) -> None:
    ref = await expecting(world)
    parcel, scan = await blind(world, (COAT, 1, "A"))
    item = await world.parked(parcel)
    answer = await world.inspect(ref, (COAT, 1, "A"), scan=scan)
    assert answer.status_code == 422
    assert "EDIT_AND_RETRY" in answer.json()["message"]
    assert stock(world, ref, parcel) == {(COAT, "QT"): 1}
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"return": ref.return_id})
    await world.closed(ref)
    repeated = await world.inspect(ref, (COAT, 1, "A"), scan=scan)
    assert (repeated.status_code, repeated.json()["repeated"]) == (200, True)
    assert stock(world, ref, parcel) == {(COAT, "01"): 1}


@pytest.mark.parametrize("kind", ["lost_answer", "unavailable", "latency"])
async def test_D1_a_quarantine_journal_whose_answer_is_lost_is_found_again(world: World, kind: str) -> None:
    scan = new_scan()
    parcel = parcel_ref("uk", scan)
    key = business_key(parcel, Step.QUARANTINE, 0)[:-1]
    fields = {"status": 0} if kind == "lost_answer" else {"seconds": 0.3}
    world.prima.faults.add(Fault(match="StockAdjustment", kind=kind, key=key, **fields))
    assert (await came_blind(world, scan)).status_code == 202
    item = await world.parked(parcel)
    assert len(journal(world, "StockAdjustment", parcel)) == 1
    world.prima.faults.add(Fault(match="StockAdjustment", kind=kind, key=key, **fields))
    ref = await expecting(world)
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"return": ref.return_id})
    await parcel_ended(world, parcel, scan)
    await world.closed(ref)
    assert len(journal(world, "StockAdjustment", parcel)) == 2
    assert stock(world, ref, parcel) == {(COAT, "01"): 1}


async def test_R29_a_quarantine_that_the_erp_refuses_parks_and_is_booked_after_the_decision(world: World) -> None:
    parcel, scan = await blind(world, ("NOT-IN-MASTER", 1, "A"))
    item = await world.parked(parcel)
    assert item.owner in (Owner.WAREHOUSE, Owner.MERCHANDISING)
    assert stock(world, parcel) == {}
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"sku.NOT-IN-MASTER": SHIRT})
    await decided(world, item)
    again = await world.parked(parcel)
    assert again.code is ExceptionCode.UNMATCHED_RECEIPT
    assert stock(world, parcel) == {(SHIRT, "QT"): 1}
    await world.resolve(again, ResolutionKind.WRITE_OFF, reason="test")
    await parcel_ended(world, parcel, scan)


async def test_D5_a_native_cancel_leaves_the_quarantine_and_says_so(world: World) -> None:
    parcel, scan = await blind(world)
    item = await world.parked(parcel)
    handle = world.client.get_workflow_handle(f"parcel/uk/{scan}")
    await handle.cancel()
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(WorkflowFailureError):
            await handle.result()
    assert (await decided(world, item)).state == "cleared"
    assert stock(world, parcel) == {(COAT, "QT"): 1}
    text = await told(world, parcel)
    assert "stopped by operations" in text
    assert "in depot QT" in text


# After the end of a return


async def test_E20_goods_of_a_cancelled_return_go_to_quarantine_and_are_not_credited(world: World) -> None:
    ref = await expecting(world)
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    scan = new_scan()
    answer = await world.inspect(ref, (COAT, 1, "A"), scan=scan)
    assert (answer.status_code, answer.json()["parcel"]) == (202, scan), answer.text
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.INSPECTION_AFTER_CANCEL, Owner.WAREHOUSE)
    assert stock(world, ref) == {(COAT, "QT"): 1}
    await world.resolve(item, ResolutionKind.RETURN_TO_CUSTOMER)
    await parcel_ended(world, ref, scan)
    assert stock(world, ref) == {(COAT, "HC"): 1}
    assert world.credits(ref) == []
    assert (await world.record(ref)).stage == "CANCELLED"  # type: ignore[union-attr]


async def test_E20_goods_that_come_while_the_return_is_being_cancelled_are_kept_too(world: World) -> None:
    ref = await expecting(world)
    record = await world.stage(ref, "AWAITING_GOODS")
    slow = Fault(match="CancelReturn", kind="latency", seconds=3, key=record.rma_number)
    world.prima.faults.add(slow)
    world.reveni["uk"].cancel(ref.return_id)
    await eventually(lambda: (slow, 0) in world.prima.faults.left())
    scan = new_scan()
    assert (await world.inspect(ref, (COAT, 1, "A"), scan=scan)).status_code == 202
    item = await world.parked(ref)
    assert item.code is ExceptionCode.INSPECTION_AFTER_CANCEL
    await world.stage(ref, "CANCELLED")
    assert stock(world, ref) == {(COAT, "QT"): 1}
    await world.resolve(item, ResolutionKind.WRITE_OFF, reason="test")
    await parcel_ended(world, ref, scan)


async def test_E20_goods_of_a_cancelled_return_are_booked_on_the_new_return_of_the_order(world: World) -> None:
    order = world.order()
    ref = world.returned(order)
    await world.stage(ref, "AWAITING_GOODS")
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    scan = new_scan()
    await world.inspect(ref, (COAT, 1, "A"), scan=scan)
    item = await world.parked(ref)
    new = world.returned(order)
    await world.stage(new, "AWAITING_GOODS")
    await world.resolve(item, ResolutionKind.RETRY)
    assert (await parcel_ended(world, ref, scan))["matched"] == new.model_dump()
    await world.closed(new)
    assert stock(world, ref, new) == {(COAT, "01"): 1}
    assert (totals(world, ref), totals(world, new)) == ([], ["220.50"])


async def test_E29_goods_after_expiry_and_grace_are_late(world: World) -> None:
    ref = world.returned(world.order(), connection="fast")
    await world.stage(ref, "EXPIRED")
    async with asyncio.timeout(PATIENCE):
        await world.handle(ref).result()
    scan = new_scan()
    assert (await world.inspect(ref, (COAT, 1, "A"), scan=scan)).status_code == 202
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.LATE_RETURN, Owner.WAREHOUSE)
    assert stock(world, ref) == {(COAT, "QT"): 1}
    await world.resolve(item, ResolutionKind.WRITE_OFF, reason="we keep it")
    await parcel_ended(world, ref, scan)
    assert world.credits(ref) == []
    assert (await world.record(ref)).stage == "EXPIRED"  # type: ignore[union-attr]


async def test_E18_one_more_parcel_of_a_closed_return_is_an_over_receipt(world: World) -> None:
    ref = await expecting(world)
    await finish(world, ref)
    scan = new_scan()
    assert (await world.inspect(ref, (COAT, 1, "A"), scan=scan)).status_code == 202
    item = await world.parked(ref)
    assert item.code is ExceptionCode.OVER_RECEIPT
    assert stock(world, ref) == {(COAT, "01"): 1, (COAT, "QT"): 1}
    await world.resolve(item, ResolutionKind.RETURN_TO_CUSTOMER)
    await parcel_ended(world, ref, scan)
    assert stock(world, ref) == {(COAT, "01"): 1, (COAT, "HC"): 1}
    assert totals(world, ref) == ["220.50"]
    await world.stage(ref, "CLOSED")


async def test_E15_a_scan_that_the_return_booked_is_no_new_parcel_after_its_end(world: World) -> None:
    ref = await expecting(world)
    units = [{"sku": COAT, "quantity": "1", "disposition": "A"}]
    loose = LooseInspection(inspection_id="by-signal", location="LDN-1", units=units)
    await world.handle(ref).signal(INSPECTION_SIGNAL, loose)
    await world.closed(ref)
    answer = await world.inspect(ref, (COAT, 1, "A"), scan="by-signal")
    assert (answer.status_code, answer.json()["repeated"]) == (200, True)
    assert stock(world, ref) == {(COAT, "01"): 1}
    assert await world.exceptions(ref) == []


async def test_E32_what_was_missing_turns_up_after_the_close_stock_only(world: World) -> None:
    ref = await expecting(world, ("1", COAT, 2, "220.50"))
    before = await finish(world, ref, (COAT, 1, "A"), (COAT, 1, "MISSING"))
    scan = new_scan()
    assert (await world.inspect(ref, (COAT, 1, "C"), scan=scan)).status_code == 202
    await parcel_ended(world, ref, scan)
    assert world.received(ref) == {(COAT, "01"): 1, (COAT, "DM"): 1}
    assert stock(world, ref) == {(COAT, "01"): 1, (COAT, "DM"): 1}
    assert totals(world, ref) == ["220.50"]
    assert await world.exceptions(ref, None) == []
    assert (await world.stage(ref, "CLOSED")).rma_number == before.rma_number
    assert "inspected at LDN-1, beside the return's own parcels: 1 x P1001-BLK-080 C" in await told(world, ref)


async def test_E32_a_lost_parcel_that_finance_credited_turns_up_after_the_close(world: World) -> None:
    ref = await expecting(world)
    async with asyncio.timeout(PATIENCE):
        while not await reported_lost(world, ref):
            await asyncio.sleep(0.05)
    await world.resolve(await world.parked(ref), ResolutionKind.ACCEPT_ORDER_AMOUNT, role=Role.FINANCE)
    await world.closed(ref)
    assert (stock(world, ref), totals(world, ref)) == ({}, ["220.50"])
    scan = new_scan()
    assert (await world.inspect(ref, (COAT, 1, "A"), scan=scan)).status_code == 202
    await parcel_ended(world, ref, scan)
    assert (stock(world, ref), totals(world, ref)) == ({(COAT, "01"): 1}, ["220.50"])
    assert world.received(ref) == {(COAT, "01"): 1}
    assert await world.exceptions(ref) == []
    await world.stage(ref, "CLOSED")


async def test_E32_more_than_was_missing_is_an_over_receipt(world: World) -> None:
    ref = await expecting(world, ("1", COAT, 2, "220.50"))
    await finish(world, ref, (COAT, 1, "A"), (COAT, 1, "MISSING"))
    first = new_scan()
    await world.inspect(ref, (COAT, 1, "C"), scan=first)
    await parcel_ended(world, ref, first)
    third = new_scan()
    await world.inspect(ref, (COAT, 1, "A"), scan=third)
    item = await world.parked(ref)
    assert item.code is ExceptionCode.OVER_RECEIPT
    await world.resolve(item, ResolutionKind.WRITE_OFF, reason="found in the shop")
    await parcel_ended(world, ref, third)
    assert stock(world, ref) == {(COAT, "01"): 1, (COAT, "DM"): 1, (COAT, "QT"): 1}


async def test_E32_the_rest_of_a_found_parcel_goes_to_another_return_and_only_the_rest(world: World) -> None:
    order = world.order()
    ref = world.returned(order)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "MISSING"))
    await world.closed(ref)
    scan = new_scan()
    await world.inspect(ref, (COAT, 1, "A"), (COAT, 1, "C"), scan=scan)
    item = await world.parked(ref)
    assert item.code is ExceptionCode.OVER_RECEIPT
    assert stock(world, ref) == {(COAT, "01"): 1, (COAT, "QT"): 1}
    other = world.returned(order)
    await world.stage(other, "AWAITING_GOODS")
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"return": other.return_id})
    await parcel_ended(world, ref, scan)
    await world.closed(other)
    assert stock(world, ref) == {(COAT, "01"): 1}
    assert world.received(other) == {(COAT, "DM"): 1}
    assert (totals(world, ref), totals(world, other)) == ([], ["220.50"])


async def test_N7_an_inspection_before_the_webhook_starts_the_case(world: World) -> None:
    ref = world.returned(world.order(), delivery=UNHEARD)
    answer = await world.inspect(ref, (COAT, 1, "A"))
    assert answer.status_code == 200, answer.text
    await eventually(lambda: world.received(ref) == {(COAT, "01"): 1})
    assert len(world.rmas(ref)) == 1
