"""The order changes in the ERP after its amounts were frozen (N12, E46)."""

from decimal import Decimal
from typing import Any

import pytest

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from store.records import ExceptionRecord
from tests.returns.course import BY_HAND, arrive, decide, discounted_order, one_shirt, parked_again, totals
from tests.returns.looking import told
from tests.world import SHIRT, World

pytestmark = pytest.mark.verify


async def edited(world: World, **edit: Any) -> ReturnRef:
    """An accepted shirt of an order that somebody edits before the refund is paid."""
    order = discounted_order(world)
    ref = one_shirt(world, order, planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.stage(ref, "SETTLING")
    world.prima.edit_order(order, **edit)
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    return ref


async def drifted(world: World) -> tuple[ReturnRef, ExceptionRecord]:
    ref = await edited(world, lines=[{"line": 1, "price": "29.99"}])
    return ref, await world.parked(ref)


async def test_N12_E46_changed_returned_line_parks_with_both_values(world: World) -> None:
    ref, item = await drifted(world)
    assert (item.code, item.owner) == (ExceptionCode.ORDER_DRIFT, Owner.FINANCE)
    frozen, now = str(item.payload["frozen.1"]), str(item.payload["now.1"])
    assert "59.97 GBP less 5.71" in frozen
    assert "89.97 GBP less 5.71" in now
    assert frozen in item.reason and now in item.reason
    assert world.credits(ref) == []
    await decide(world, ref, ResolutionKind.ACCEPT_ORDER_AMOUNT)
    assert totals(world, ref) == ["18.09"], "the frozen amount"


async def test_N12_E46_retry_looks_at_the_order_again(world: World) -> None:
    ref, item = await drifted(world)
    await world.resolve(item, ResolutionKind.RETRY)
    again = await parked_again(world, ref, item)
    assert again.code is ExceptionCode.ORDER_DRIFT
    record = await world.record(ref)
    assert record is not None
    world.prima.edit_order(record.order_number, lines=[{"line": 1, "price": "19.99"}])
    await decide(world, ref, ResolutionKind.RETRY)
    assert totals(world, ref) == ["18.09"]


@pytest.mark.parametrize(
    "edit",
    [{"lines": [{"line": 2, "price": "60.00"}]}, {"add": [{"sku": SHIRT, "quantity": 1, "price": "5.00"}]}],
    ids=["another line", "a new line"],
)
async def test_N12_E46_anything_else_is_noted_and_the_credit_goes_on(world: World, edit: dict[str, Any]) -> None:
    ref = await edited(world, **edit)
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"]
    story = await told(world, ref)
    assert "the order changed in the ERP since it was frozen" in story
    assert "the returned lines did not" in story
    assert await world.exceptions(ref, None) == []


async def test_E46_a_status_is_no_drift(world: World) -> None:
    ref = await edited(world, status="Closed", archived=True)
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"]
    assert "changed in the ERP" not in await told(world, ref)


async def test_E46_N2_a_note_that_may_be_in_the_erp_is_not_questioned(world: World) -> None:
    """The answer to the first posting is lost, and the order is edited before the next attempt."""
    order = discounted_order(world)
    ref = one_shirt(world, order, planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.stage(ref, "SETTLING")
    world.fault("prima", ref, "NewCreditNote", "unavailable", status=503, times=1)
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"]
