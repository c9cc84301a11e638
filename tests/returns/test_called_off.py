"""The platform calls a return off: what happens depends on how far it got (E58–E60, E11, E12)."""

import asyncio
from decimal import Decimal

import pytest
from temporalio.client import WorkflowFailureError

from domain.documents import CancelRma, RmaLine, RmaRequest
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from store.records import ExceptionRecord
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, totals
from tests.returns.looking import (
    drawn,
    ended,
    eventually,
    live_rmas,
    next_parked,
    slots_of,
)
from tests.returns.parcels import stock
from tests.world import COAT, World

pytestmark = pytest.mark.verify

TWO_COATS = [("1", COAT, 2, "220.50")]
CAP = "P8400-BLU-S"


async def test_E58_cancelled_before_the_request_was_finished(world: World) -> None:
    order = world.order()
    ref = world.returned(order, status="incomplete")
    async with asyncio.timeout(PATIENCE):
        while await world.record(ref) is None:
            await asyncio.sleep(0.05)
    world.reveni["uk"].cancel(ref.return_id)
    outcome = await ended(world, ref, "CANCELLED")
    assert outcome["stage"] == "CANCELLED"
    assert world.rmas(ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_E58_cancelled_while_the_rma_is_being_posted(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    world.fault("prima", ref, "NewReturn", "latency", seconds=1.5)
    await eventually(lambda: drawn(world, ref, "latency"))
    world.reveni["uk"].cancel(ref.return_id)
    await ended(world, ref, "CANCELLED")
    assert len(world.rmas(ref)) == 1
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_E59_cancelled_when_part_of_the_goods_is_here_stock_stays_and_the_goods_go_back(world: World) -> None:
    order = world.order()
    ref = world.returned(order, TWO_COATS)
    await world.stage(ref, "AWAITING_GOODS")
    world.fault("uk", ref, "partial_validate", "unavailable", times=None)
    await world.inspect(ref, (COAT, 1, "A"))
    await eventually(lambda: bool(world.received(ref)))
    world.reveni["uk"].cancel(ref.return_id)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.CANCEL_AFTER_RECEIPT, Owner.CX)
    await world.resolve(item, ResolutionKind.RETURN_TO_CUSTOMER)
    await eventually(lambda: len(world.entries("DepotTransfer", ref)) == 1)
    [moved] = world.entries("DepotTransfer", ref)
    assert (moved["from_depot"], moved["to_depot"]) == ("01", "HC")
    assert moved["lines"] == [{"sku": COAT, "quantity": 1}]
    assert world.received(ref) == {(COAT, "01"): 1}
    assert len(live_rmas(world, ref)) == 1
    assert world.credits(ref) == []
    world.reveni["uk"].faults.clear()


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (ResolutionKind.DONE_BY_HAND, {"document": "VOID-1"}),
        (ResolutionKind.CANCEL_TRACK, {"reason": "the customer may keep it"}),
    ],
)
async def test_E60_cancelled_after_the_credit_finance_decides(
    world: World, kind: ResolutionKind, fields: dict[str, str]
) -> None:
    """The note is never reversed by itself, and what was not paid before the cancellation is not waited for."""
    ref = world.returned(world.order(), TWO_COATS, planned_refund=BY_HAND)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    await world.stage(ref, "PARTLY_RECEIVED")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("220.50"))
    await eventually(lambda: totals(world, ref) == ["220.50"])
    await eventually_credited(world, ref)
    world.reveni["uk"].cancel(ref.return_id)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.CANCEL_AFTER_CREDIT, Owner.FINANCE)
    assert len(live_rmas(world, ref)) == 1
    assert world.received(ref) == {(COAT, "01"): 1}
    await world.resolve(item, kind, **fields)
    await world.inspect(ref, (COAT, 1, "A"), scan="scan-2")
    drift = await next_parked(world, item)
    assert drift.code is ExceptionCode.STATUS_DRIFT, "the platform takes no result of a cancelled return"
    await world.resolve(drift, ResolutionKind.CANCEL_TRACK, reason="it is cancelled there")
    await world.closed(ref)
    assert (totals(world, ref), world.received(ref)) == (["220.50"], {(COAT, "01"): 2})


async def eventually_credited(world: World, ref: ReturnRef) -> None:
    """Wait until the workflow knows its credit: the step has ended."""
    async with asyncio.timeout(PATIENCE):
        while True:
            described = await world.handle(ref).describe()
            if not described.raw_description.pending_activities:
                return
            await asyncio.sleep(0.05)


async def test_E11_a_parcel_of_a_refused_rma_is_kept_and_booked_once_it_is_open(world: World) -> None:
    world.prima.add_item("P8300-RED-M", active=False)
    order = world.order([{"sku": "P8300-RED-M", "quantity": 1, "price": "20.00"}])
    ref = world.returned(order, [("1", "P8300-RED-M", 1, "20.00")])
    item = await world.parked(ref)
    assert item.code is ExceptionCode.SKU_NOT_IN_MASTER
    assert (await world.inspect(ref, ("P8300-RED-M", 1, "A"))).status_code == 200
    assert world.received(ref) == {}
    world.prima.set_item_active("P8300-RED-M", True)
    await world.resolve(item, ResolutionKind.RETRY)
    await eventually(lambda: world.received(ref) == {("P8300-RED-M", "01"): 1})


async def test_E12_N7_an_inspection_before_the_rma_is_booked_after_it(world: World) -> None:
    ref = world.returned(world.order(), TWO_COATS)
    world.fault("prima", ref, "NewReturn", "latency", seconds=1.5)
    await eventually(lambda: drawn(world, ref, "latency"))
    assert world.rmas(ref) == []
    assert (await world.inspect(ref, (COAT, 2, "A"))).status_code == 200
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 2}
    assert totals(world, ref) == ["441.00"]


async def test_E12_E19_an_inspection_before_the_first_read_that_does_not_fit_is_booked_into_quarantine(
    world: World,
) -> None:
    ref = world.returned(world.order(), [("1", COAT, 1, "220.50")])
    world.fault("uk", ref, "GET return", "unavailable", times=2)
    await eventually(lambda: any(left == 1 for f, left in world.reveni["uk"].faults.left() if f.key == ref.return_id))
    assert (await world.inspect(ref, (COAT, 2, "A"))).status_code == 200
    item = await world.parked(ref)
    assert item.code is ExceptionCode.OVER_RECEIPT
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="ours")
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}
    assert [e["lines"] for e in world.entries("StockAdjustment", ref)] == [
        [{"sku": COAT, "quantity": 1, "depot": "QT"}]
    ]


async def test_D5_E11_an_rma_that_the_erp_refuses_for_good_is_given_up_and_frees_its_units(world: World) -> None:
    order = world.order([{"sku": COAT, "quantity": 1, "price": "100.00"}])
    by_hand = await open_by_hand(world, order)
    ref = world.returned(order, [("1", COAT, 1, "100.00")])
    item = await world.parked(ref)
    assert item.code is ExceptionCode.VALIDATION_QTY
    assert await slots_of(world, ref, order) == 1
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason=f"it is on {by_hand}")
    await ended(world, ref, "REJECTED")
    assert world.rmas(ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_E29_called_off_on_the_platform_during_the_grace_it_ends_at_once(world: World) -> None:
    ref = world.returned(world.order(), connection="late")
    await world.stage(ref, "EXPIRED")
    assert (await world.handle(ref).describe()).close_time is None
    world.reveni["late"].cancel(ref.return_id)
    outcome = await ended(world, ref, "EXPIRED")
    assert outcome["stage"] == "EXPIRED"


async def test_D5_E29_the_brake_works_during_the_grace(world: World) -> None:
    order = world.order()
    ref = world.returned(order, connection="late")
    await world.stage(ref, "EXPIRED")
    await world.handle(ref).cancel()
    with pytest.raises(WorkflowFailureError):
        await world.handle(ref).result()
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0


async def test_E29_a_parcel_within_the_grace_goes_through_the_bridge_like_any_other(world: World) -> None:
    ref = world.returned(world.order(), connection="late")
    await world.stage(ref, "EXPIRED")
    assert (await world.inspect(ref, (COAT, 1, "A"))).status_code == 200
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}
    assert totals(world, ref) == ["220.50"]
    assert len(world.rmas(ref)) == 2
    assert len(live_rmas(world, ref)) == 1


async def test_E59_E29_called_off_while_a_late_parcel_reopens_the_return_a_person_decides(world: World) -> None:
    ref = world.returned(world.order(), connection="late")
    await world.stage(ref, "EXPIRED")
    world.fault("prima", ref, "NewReturn", "latency", seconds=1.5)
    assert (await world.inspect(ref, (COAT, 1, "A"))).status_code == 200
    await eventually(lambda: drawn(world, ref, "latency"))
    world.reveni["late"].cancel(ref.return_id)
    await eventually(lambda: world.received(ref) == {(COAT, "01"): 1})
    async with asyncio.timeout(PATIENCE):
        while ExceptionCode.CANCEL_AFTER_RECEIPT not in {item.code for item in await world.exceptions(ref)}:
            await asyncio.sleep(0.05)


async def test_E29_a_late_parcel_whose_return_cannot_be_opened_again_lies_in_quarantine(world: World) -> None:
    order = world.order([{"sku": COAT, "quantity": 1, "price": "100.00"}])
    ref = world.returned(order, [("1", COAT, 1, "100.00")], connection="late")
    await world.stage(ref, "EXPIRED")
    await open_by_hand(world, order)
    await world.inspect(ref, (COAT, 1, "A"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.VALIDATION_QTY
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="it belongs to another return")
    late = await next_parked(world, item)
    assert (late.code, late.owner) == (ExceptionCode.LATE_RETURN, Owner.WAREHOUSE)
    await world.resolve(late, ResolutionKind.CANCEL_TRACK, reason="it stays there")
    await ended(world, ref, "EXPIRED")
    assert stock(world, ref) == {(COAT, "QT"): 1}
    assert world.credits(ref) == []
    assert await slots_of(world, ref, order) == 0


async def open_by_hand(world: World, order: str) -> str:
    """Somebody opens an RMA for one coat in Prima; its number."""
    erp = world.ready[0].erp(world.http)
    snapshot = await erp.read_order(order)
    posted = await erp.open_rma(
        RmaRequest(
            key=f"hand-{order}",
            order_number=order,
            customer_ref=snapshot.customer_ref,
            currency="GBP",
            tax_inclusive=True,
            standalone=False,
            lines=[RmaLine(line_no=1, order_line_id="1", sku=COAT, quantity=1, unit_value=10000, reason="CM")],
        )
    )
    assert posted.outcome == "posted"
    return posted.number


async def partly_accepted(world: World) -> tuple[ReturnRef, str, ExceptionRecord]:
    """Prima said yes to a coat and a shirt, and its RMA has the coat only."""
    order = world.order([{"sku": COAT, "quantity": 1, "price": "100.00"}, {"sku": CAP, "quantity": 1, "price": "9.00"}])
    world.prima.drop_from_returns(CAP)
    ref = world.returned(order, [("1", COAT, 1, "100.00"), ("2", CAP, 1, "9.00")])
    item = await world.parked(ref)
    world.prima.drop_from_returns(CAP, dropped=False)
    assert (item.code, item.owner) == (ExceptionCode.PARTIAL_ACCEPT, Owner.WAREHOUSE)
    assert f"1 x {CAP}" in item.reason
    assert len(live_rmas(world, ref)) == 1
    return ref, order, item


async def test_E14_N17_a_line_that_the_erp_left_out_is_found_and_the_return_goes_on_with_a_whole_rma(
    world: World,
) -> None:
    ref, order, item = await partly_accepted(world)
    erp = world.ready[0].erp(world.http)
    [part] = live_rmas(world, ref)
    await erp.cancel_rma(CancelRma(key="by-hand", rma_number=part, rma_key="", reason="incomplete"))
    snapshot = await erp.read_order(order)
    lines = [
        RmaLine(line_no=n, order_line_id=str(n), sku=sku, quantity=1, unit_value=900, reason="CM")
        for n, sku in ((1, COAT), (2, CAP))
    ]
    whole = await erp.open_rma(
        RmaRequest(
            key=f"whole-{order}",
            order_number=order,
            customer_ref=snapshot.customer_ref,
            currency="GBP",
            tax_inclusive=True,
            standalone=False,
            lines=lines,
        )
    )
    assert whole.outcome == "posted"
    await world.resolve(item, ResolutionKind.LINK_EXISTING, document=whole.number)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), (CAP, 1, "A"))
    await eventually(lambda: world.received(ref) == {(COAT, "01"): 1, (CAP, "01"): 1})


async def test_E14_an_rma_that_is_given_up_leaves_no_part_of_it_behind(world: World) -> None:
    ref, order, item = await partly_accepted(world)
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="the customer keeps it")
    await ended(world, ref, "REJECTED")
    assert live_rmas(world, ref) == []
    assert await slots_of(world, ref, order) == 0
