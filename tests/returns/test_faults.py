"""Vendors that fail, lose answers, lie about the past or answer nonsense: one document each, and no hand (R30, R71)."""

import asyncio
import itertools
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.returns import ReturnRef
from sandbox.kit.faults import Fault
from tests.returns.course import BY_HAND, arrive, finish, totals
from tests.returns.looking import eventually
from tests.world import COAT, World

pytestmark = pytest.mark.verify

#: Every operation of a plain return at Prima, and what in its request tells one return from another.
PRIMA = {
    "OrderDetail": "order",
    "ProductDetail": "product",
    "ReturnDetail": "return",
    "NewReturn": "return",
    "ReceiptDetail": "return",
    "ReturnReceipt": "return",
    "CreditNoteDetail": "return",
    "NewCreditNote": "return",
}

Trouble = dict[str, Any]
DOWN: Trouble = {"kind": "unavailable", "times": 2}
THROTTLED: Trouble = {"kind": "throttle", "seconds": 1, "times": 2}
LOCKED: Trouble = {"kind": "unavailable", "status": 200}
SYSTEM: Trouble = {"kind": "unavailable", "status": 200, "seconds": 1}
CLOSED: Trouble = {"kind": "lost_answer", "status": 0}
GATEWAY: Trouble = {"kind": "lost_answer", "status": 502}
CUT: Trouble = {"kind": "cut_body"}
GARBAGE: Trouble = {"kind": "malformed_body"}


async def troubled(world: World, vendor: str, operation: str, **trouble: Any) -> None:
    """A plain return of which this one operation goes wrong; in the end there is one document of each kind."""
    product = f"PF{operation}{len(world.prima.world.orders)}".upper()
    order = world.order([{"sku": f"{product}-M", "quantity": 2, "price": "30.00"}], charges={})
    ref = world.returned(order, [("1", f"{product}-M", 1, "30.00")])
    keys = {"order": order, "product": product, "return": ref.return_id}
    plan = world.prima.faults if vendor == "prima" else world.reveni[vendor].faults
    fault = Fault(match=operation, key=keys[PRIMA.get(operation, "return")], **trouble)
    plan.add(fault)
    await finish(world, ref, (f"{product}-M", 1, "A"))
    assert (fault, 0) in plan.left(), f"{operation} was never asked"
    found = (len(world.rmas(ref)), world.received(ref), totals(world, ref), len(world.refunds(ref)))
    assert found == (1, {(f"{product}-M", "01"): 1}, ["30.00"], 1), operation
    assert await world.exceptions(ref, None) == [], operation


def in_turn(*troubles: Trouble) -> list[tuple[str, Trouble]]:
    """Every operation of Prima with one of these troubles."""
    return list(zip(PRIMA, itertools.cycle(troubles), strict=False))


@pytest.mark.parametrize(
    "troubles", [(DOWN,), (THROTTLED, LOCKED, SYSTEM)], ids=["503 twice", "429, LOCKED and SYSTEM in turn"]
)
async def test_R71_R30_any_operation_of_prima_may_be_refused_for_a_while(world: World, troubles: list[Trouble]) -> None:
    await asyncio.gather(*(troubled(world, "prima", name, **trouble) for name, trouble in in_turn(*troubles)))


@pytest.mark.parametrize(
    "troubles", [(CLOSED,), (CUT, GARBAGE, GATEWAY)], ids=["closed", "cut, garbage and 502 in turn"]
)
async def test_R39_E10_E39_any_answer_of_prima_may_be_lost(world: World, troubles: list[Trouble]) -> None:
    await asyncio.gather(*(troubled(world, "prima", name, **trouble) for name, trouble in in_turn(*troubles)))


async def test_R71_E10_any_operation_of_reveni_may_fail(world: World) -> None:
    reads, writes = [DOWN, THROTTLED, CUT, GARBAGE], [DOWN, THROTTLED, CLOSED, GATEWAY, GARBAGE]
    plan = [("GET return", trouble) for trouble in reads] + [("partial_validate", trouble) for trouble in writes]
    await asyncio.gather(*(troubled(world, "uk", name, **trouble) for name, trouble in plan))


async def test_R30_an_erp_that_fails_twenty_times_gets_each_movement_once(world: World) -> None:
    refs = [world.returned(world.order()) for _ in range(6)]
    fault = Fault(match="ReturnReceipt", kind="throttle", seconds=1, times=20)
    world.prima.faults.add(fault)
    await asyncio.gather(*(finish(world, ref) for ref in refs))
    assert (fault, 0) in world.prima.faults.left()
    for ref in refs:
        assert world.received(ref) == {(COAT, "01"): 1}
        assert await world.exceptions(ref, None) == []


async def test_E10_the_rma_is_made_once_although_prima_shows_it_late(world: World) -> None:
    """The answer is lost, and for a while the look-up does not find what was made: creating again is refused."""
    ref = world.returned(world.order())
    world.fault("prima", ref, "NewReturn", "lost_answer")
    world.fault("prima", ref, "ReturnDetail", "stale_read", seconds=60, times=3)
    await finish(world, ref)
    assert len(world.rmas(ref)) == 1


async def test_E39_the_note_is_made_once_although_prima_shows_it_late(world: World) -> None:
    ref = world.returned(world.order())
    world.fault("prima", ref, "NewCreditNote", "lost_answer", status=0)
    world.fault("prima", ref, "CreditNoteDetail", "stale_read", seconds=60, times=3)
    await finish(world, ref)
    assert totals(world, ref) == ["220.50"]


async def test_R9_a_new_return_that_cannot_be_read_yet_is_read_again(world: World) -> None:
    ref = world.returned(world.order())
    world.fault("uk", ref, "GET return", "stale_read", seconds=60)
    await finish(world, ref)
    assert await world.exceptions(ref, None) == []


async def test_R9_R39_a_read_that_lags_behind_the_refund_is_made_again(world: World) -> None:
    ref = world.returned(world.order(), planned_refund=BY_HAND)
    await arrive(world, ref)
    await world.stage(ref, "SETTLING")
    await asyncio.sleep(1 - datetime.now(UTC).microsecond / 1e6)  # Reveni's times have whole seconds
    world.fault("uk", ref, "GET return", "stale_read", seconds=0.6)
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("220.50"))
    await world.closed(ref)
    assert totals(world, ref) == ["220.50"]


async def test_R71_answers_of_five_writes_in_a_row_are_lost(world: World) -> None:
    ref = world.returned(world.order())
    for operation in ("NewReturn", "ReturnReceipt", "NewCreditNote"):
        world.fault("prima", ref, operation, "lost_answer", status=0)
    for operation in ("partial_validate", "GET return"):
        world.fault("uk", ref, operation, "cut_body")
    await finish(world, ref)
    found = (len(world.rmas(ref)), world.received(ref), totals(world, ref), len(world.refunds(ref)))
    assert found == (1, {(COAT, "01"): 1}, ["220.50"], 1)


async def test_E58_a_lost_answer_to_the_cancellation_cancels_once(world: World) -> None:
    ref = world.returned(world.order())
    record = await world.stage(ref, "AWAITING_GOODS")
    fault = Fault(match="CancelReturn", kind="lost_answer", status=0, key=record.rma_number)
    world.prima.faults.add(fault)
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    assert (fault, 0) in world.prima.faults.left()
    assert cancellations(world, ref) == 1


async def test_E58_a_prima_that_is_busy_cancels_once(world: World) -> None:
    ref = world.returned(world.order())
    record = await world.stage(ref, "AWAITING_GOODS")
    for trouble in (LOCKED, THROTTLED):
        world.prima.faults.add(Fault(match="CancelReturn", key=record.rma_number, **{**trouble, "times": 1}))
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    assert cancellations(world, ref) == 1


async def test_R20_slow_vendors_change_nothing(world: World) -> None:
    ref = world.returned(world.order())
    world.fault("prima", ref, "*", "latency", seconds=0.2, times=None)
    world.fault("uk", ref, "*", "latency", seconds=0.2, times=None)
    await finish(world, ref)
    await eventually(lambda: totals(world, ref) == ["220.50"])
    assert (len(world.rmas(ref)), world.received(ref)) == (1, {(COAT, "01"): 1})


def cancellations(world: World, ref: ReturnRef) -> int:
    """How often Prima cancelled an RMA of this return."""
    numbers = {rma["return_number"] for rma in world.rmas(ref)}
    return sum(1 for entry in world.prima.journal.entries("CancelReturn") if entry["return_number"] in numbers)
