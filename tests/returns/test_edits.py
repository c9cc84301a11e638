"""The platform changes the request: before goods another RMA follows, afterwards a person is asked (E61)."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from sandbox.kit.faults import Fault
from sandbox.reveni import ItemEdit, ItemSpec
from store.records import ExceptionRecord, ExceptionState
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, parked_again, totals
from tests.returns.looking import eventually, exception_states, live_rmas, slots_of
from tests.world import COAT, SHIRT, World

pytestmark = pytest.mark.verify


def edit(world: World, ref: ReturnRef, *items: tuple[str, str, int, str]) -> None:
    """The new request; items as in `World.returned`. What is not named any more is removed."""
    sandbox = world.reveni[ref.connection]
    known = {(i["external_id"], i["sku"]): i["id"] for i in sandbox.get(ref.return_id)["return_items"]}
    wanted = {(line, sku): (quantity, Decimal(price)) for line, sku, quantity, price in items}
    sandbox.edit_items(
        ref.return_id,
        change=[ItemEdit(known[key], quantity=quantity) for key, (quantity, _) in wanted.items() if key in known],
        remove=[item_id for key, item_id in known.items() if key not in wanted],
        add=[
            ItemSpec(*key, quantity, price, tax_rate=Decimal("0.20"))
            for key, (quantity, price) in wanted.items()
            if key not in known
        ],
    )


def lines(rma: dict[str, Any]) -> list[tuple[str, int]]:
    """(SKU, quantity) of an RMA in Prima's journal."""
    return [(line["sku"], line["quantity"]) for line in rma["lines"]]


async def test_E61_more_units_before_goods_the_next_rma_takes_the_place_of_the_first(world: World) -> None:
    order = world.order(charges={})
    ref = world.returned(order)
    first = await world.stage(ref, "AWAITING_GOODS")
    edit(world, ref, ("1", COAT, 2, "220.50"), ("2", SHIRT, 1, "30.00"))
    await eventually(lambda: len(world.rmas(ref)) == 2)
    assert [lines(rma) for rma in world.rmas(ref)] == [[(COAT, 1)], [(COAT, 2), (SHIRT, 1)]]
    assert [rma["tpguid"][-2:] for rma in world.rmas(ref)] == ["-1", "-2"]
    await eventually(lambda: len(live_rmas(world, ref)) == 1)
    assert first.rma_number not in live_rmas(world, ref)
    assert await slots_of(world, ref, order) == 3
    assert (await world.inspect(ref, (COAT, 2, "A"), (SHIRT, 1, "A"))).status_code == 200
    record = await world.closed(ref)
    assert [record.rma_number] == live_rmas(world, ref)
    assert world.received(ref) == {(COAT, "01"): 2, (SHIRT, "01"): 1}
    assert await world.exceptions(ref, None) == []


async def test_E61_fewer_units_free_what_is_not_wanted_any_more(world: World) -> None:
    order = world.order()
    ref = world.returned(order, [("1", COAT, 2, "220.50")])
    await world.stage(ref, "AWAITING_GOODS")
    edit(world, ref, ("1", COAT, 1, "220.50"))
    await eventually(lambda: [lines(rma) for rma in world.rmas(ref)] == [[(COAT, 2)], [(COAT, 1)]])
    other = world.returned(order, [("1", COAT, 1, "220.50")])
    await world.stage(other, "AWAITING_GOODS")
    assert (await slots_of(world, ref, order), await slots_of(world, other, order)) == (1, 1)
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)
    assert totals(world, ref) == ["220.50"]


async def test_E61_a_parcel_that_comes_while_the_rma_is_exchanged_waits_for_the_next_one(world: World) -> None:
    ref = world.returned(world.order(), [("1", COAT, 2, "220.50")])
    record = await world.stage(ref, "AWAITING_GOODS")
    slow = Fault(match="CancelReturn", kind="latency", seconds=1, key=record.rma_number)
    world.prima.faults.add(slow)
    edit(world, ref, ("1", COAT, 1, "220.50"))
    await eventually(lambda: (slow, 0) in world.prima.faults.left())
    assert (await world.inspect(ref, (COAT, 1, "A"))).status_code == 200
    await world.closed(ref)
    [live] = live_rmas(world, ref)
    assert live != record.rma_number
    assert [entry["return_number"] for entry in world.entries("ReturnReceipt", ref)] == [live]


async def test_E61_a_new_request_that_does_not_fit_the_order_parks_and_is_corrected(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    edit(world, ref, ("1", COAT, 5, "220.50"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.VALIDATION_QTY
    assert live_rmas(world, ref) == []
    edit(world, ref, ("1", COAT, 1, "220.50"))
    await eventually(lambda: len(live_rmas(world, ref)) == 1)
    assert await exception_states(world, ref) == {"VALIDATION_QTY": ExceptionState.CLEARED}
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)


async def test_E61_after_goods_both_sides_are_named_and_our_side_is_kept(world: World) -> None:
    ref = world.returned(world.order(), [("1", COAT, 2, "220.50")], planned_refund=BY_HAND)
    await world.stage(ref, "AWAITING_GOODS")
    world.fault("uk", ref, "partial_validate", "unavailable", times=None)
    await world.inspect(ref, (COAT, 1, "A"))
    await eventually(lambda: bool(world.received(ref)))
    edit(world, ref, ("1", COAT, 1, "220.50"))
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.STATUS_DRIFT, Owner.CX)
    assert "2 x P1001-BLK-080" in item.reason
    assert "1 x P1001-BLK-080" in item.reason
    await world.resolve(item, ResolutionKind.RETRY)
    again = await parked_again(world, ref, item)
    await world.resolve(again, ResolutionKind.DONE_BY_HAND, document="agreed with the customer")
    world.reveni["uk"].faults.clear()
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("220.50"))
    await world.closed(ref)
    assert len(world.rmas(ref)) == len(live_rmas(world, ref)) == 1
    assert totals(world, ref) == ["220.50"]


async def test_E61_a_change_after_goods_that_is_taken_back_closes_its_exception(world: World) -> None:
    ref = world.returned(world.order(), [("1", COAT, 2, "220.50")])
    await world.stage(ref, "AWAITING_GOODS")
    world.fault("uk", ref, "partial_validate", "unavailable", times=None)
    await world.inspect(ref, (COAT, 1, "A"))
    await eventually(lambda: bool(world.received(ref)))
    edit(world, ref, ("1", COAT, 2, "220.50"), ("2", SHIRT, 1, "30.00"))
    await world.parked(ref)
    edit(world, ref, ("1", COAT, 2, "220.50"))
    world.reveni["uk"].faults.clear()
    await world.inspect(ref, (COAT, 1, "A"), scan="scan-2")
    await world.closed(ref)
    assert await exception_states(world, ref) == {"STATUS_DRIFT": ExceptionState.CLEARED}


async def test_E18_surplus_belongs_to_the_return_once_the_platform_has_room_for_it(world: World) -> None:
    order = world.order()
    ref = world.returned(order, planned_refund=BY_HAND)
    await world.stage(ref, "AWAITING_GOODS")
    world.fault("uk", ref, "partial_validate", "unavailable", times=None)
    await world.inspect(ref, (COAT, 2, "A"), confirmed=True)
    surplus = await world.parked(ref)
    edit(world, ref, ("1", COAT, 2, "220.50"))
    await eventually_drift(world, ref)
    await world.resolve(surplus, ResolutionKind.RETRY)
    world.reveni["uk"].faults.clear()
    await eventually(lambda: accepted(world, ref) == 2)
    await world.stage(ref, "SETTLING")
    assert await slots_of(world, ref, order) == 2
    assert await exception_states(world, ref) == {
        "OVER_RECEIPT": ExceptionState.RESOLVED,
        "STATUS_DRIFT": ExceptionState.CLEARED,
    }
    assert world.received(ref) == {(COAT, "01"): 1}


async def test_E18_D6_surplus_of_two_parcels_claims_a_unit_of_the_order_for_each_of_its_units(world: World) -> None:
    order = world.order([{"sku": SHIRT, "quantity": 3, "price": "30.00"}], charges={})
    ref = world.returned(order, [("1", SHIRT, 1, "30.00")], planned_refund=BY_HAND)
    await world.stage(ref, "AWAITING_GOODS")
    world.fault("uk", ref, "partial_validate", "unavailable", times=None)
    await world.inspect(ref, (SHIRT, 2, "A"), confirmed=True)
    first = await world.parked(ref)
    edit(world, ref, ("1", SHIRT, 3, "30.00"))
    await eventually_drift(world, ref)
    await world.resolve(first, ResolutionKind.RETRY)
    await eventually_slots(world, ref, order, 2)
    world.reveni["uk"].faults.clear()
    await world.inspect(ref, (SHIRT, 1, "A"), scan="scan-2", confirmed=True)
    second = await surplus_after(world, ref, first)
    await world.resolve(second, ResolutionKind.RETRY)
    await eventually(lambda: accepted(world, ref) == 3)
    await eventually_slots(world, ref, order, 3)


def accepted(world: World, ref: ReturnRef) -> int:
    """Units that the platform was told are accepted."""
    told = [e for e in world.reveni["uk"].journal.entries("item_decided") if e["return_id"] == ref.return_id]
    return sum(entry["quantity"] for entry in told if entry["status"] == "accepted")


async def eventually_drift(world: World, ref: ReturnRef) -> None:
    """Wait until the change is noticed."""
    async with asyncio.timeout(PATIENCE):
        while not any(item.code is ExceptionCode.STATUS_DRIFT for item in await world.exceptions(ref)):
            await asyncio.sleep(0.05)


async def eventually_slots(world: World, ref: ReturnRef, order: str, units: int) -> None:
    """Wait until the return holds so many units of the order."""
    async with asyncio.timeout(PATIENCE):
        while await slots_of(world, ref, order) != units:
            await asyncio.sleep(0.05)


async def surplus_after(world: World, ref: ReturnRef, first: ExceptionRecord) -> ExceptionRecord:
    """The exception about the next parcel's surplus."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for item in await world.exceptions(ref):
                if item.code is ExceptionCode.OVER_RECEIPT and item.id != first.id:
                    return item
            await asyncio.sleep(0.05)
