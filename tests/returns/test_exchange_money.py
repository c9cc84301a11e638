"""Exchanges of different value: what is paid on top, what is credited, and what the replacement is worth later."""

from pathlib import Path

import pytest

from domain.exceptions import ExceptionCode, Owner
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from tests.returns.exchanging import SHIRT_L, Swap, replacements, shirts, swapped
from tests.returns.looking import eventually
from tests.world import COAT, SHIRT, World, running_world

pytestmark = pytest.mark.verify

IMPATIENT = {"policy": {"payment_limit": "1s", "order_lag": "1s", "rate_per_second": 200}}


async def test_E53_a_dearer_replacement_is_held_until_the_platform_confirms_the_payment(world: World) -> None:
    ref = swapped(world, shirts(world), Swap(SHIRT, "30.00", SHIRT_L, "36.50"))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    await eventually(lambda: world.received(ref) != {})
    assert replacements(world, ref) == []
    world.reveni["uk"].pay_difference(ref.return_id)
    await world.closed(ref)
    placed = replacements(world, ref)
    assert [entry["total"] for entry in placed] == ["6.50"]  # what was due; it is never charged from here
    assert world.credits(ref) == []


async def test_E53_an_unpaid_difference_is_raised_after_its_limit_and_closes_with_the_payment(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with running_world(temporal_server, tmp_path, {"uk": IMPATIENT}) as world:
        ref = swapped(world, shirts(world), Swap(SHIRT, "30.00", SHIRT_L, "36.50"))
        item = await world.parked(ref)
        assert (item.code, item.owner) == (ExceptionCode.EXCHANGE_PAYMENT_MISSING, Owner.CX)
        assert replacements(world, ref) == []
        world.reveni["uk"].pay_difference(ref.return_id)
        await eventually(lambda: len(replacements(world, ref)) == 1)
        await world.inspect(ref, (SHIRT, 1, "A"))
        await world.closed(ref)


async def test_R56_a_cheaper_replacement_credits_the_difference_with_its_tax(world: World) -> None:
    ref = swapped(world, shirts(world), Swap(SHIRT, "30.00", SHIRT_L, "24.00"))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert [entry["total"] for entry in replacements(world, ref)] == ["0.00"]
    notes = world.credits(ref)
    assert [note["total"] for note in notes] == ["6.00"]
    assert [line["vat"] for line in notes[0]["lines"]] == ["1.00"]  # 20 % within 6.00


async def test_N13_E56_a_replacement_that_comes_back_is_worth_what_was_paid_for_it(world: World) -> None:
    order = shirts(world)
    first = swapped(world, order, Swap(SHIRT, "30.00", SHIRT_L, "36.50"))
    await world.stage(first, "AWAITING_GOODS")
    world.reveni["uk"].pay_difference(first.return_id)
    second_order = await _replaced(world, first, SHIRT)
    world.prima.add_item("P2001-WHT-M2")
    world.prima.add_stock("P2001-WHT-M2", 5)
    second = swapped(world, second_order, Swap(SHIRT_L, "36.50", "P2001-WHT-M2", "33.00"))
    await world.stage(second, "AWAITING_GOODS")
    third_order = await _replaced(world, second, SHIRT_L)
    assert [note["total"] for note in world.credits(second)] == ["3.50"]
    third = swapped(world, third_order, Swap("P2001-WHT-M2", "33.00"))
    await world.stage(third, "AWAITING_GOODS")
    await world.inspect(third, ("P2001-WHT-M2", 1, "A"))
    await world.closed(third)
    # 30.00 + 6.50 paid on top - 3.50 given back
    assert [note["total"] for note in world.credits(third)] == ["33.00"]
    assert [line["vat"] for line in world.credits(third)[0]["lines"]] == ["5.50"]


async def test_R65_E53_a_difference_that_the_platform_does_not_ask_for_is_not_given_away(world: World) -> None:
    world.prima.add_item(SHIRT_L)
    world.prima.add_stock(SHIRT_L, 5)
    # The order's discount makes the unit worth 27.00; the platform believes in 30.00 and calls the exchange even.
    order = world.order([{"sku": SHIRT, "quantity": 1, "price": "30.00", "discount": "3.00"}], charges={})
    ref = swapped(world, order, Swap(SHIRT, "30.00", SHIRT_L, "30.00"))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    await eventually(lambda: world.received(ref) != {})
    assert replacements(world, ref) == []
    assert (await world.record(ref)).stage != "CLOSED"  # type: ignore[union-attr]


async def test_E57_a_top_up_that_was_taken_off_the_refund_is_a_line_of_the_note(world: World) -> None:
    world.prima.add_item(SHIRT_L)
    world.prima.add_stock(SHIRT_L, 5)
    order = world.order(charges={})
    ref = swapped(world, order, Swap(COAT, "220.50"), Swap(SHIRT, "30.00", SHIRT_L, "40.00", line="2"))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), (SHIRT, 1, "A"))
    await world.closed(ref)
    note = world.credits(ref)[0]
    assert note["total"] == "210.50"
    assert {"charge": "EXDIFF", "value": "-10.00"} in note["charges"]
    assert [entry["total"] for entry in replacements(world, ref)] == ["10.00"]


async def _replaced(world: World, ref: ReturnRef, sku: str) -> str:
    """Have the goods accepted; the number of the replacement order."""
    await world.inspect(ref, (sku, 1, "A"))
    await world.closed(ref)
    placed = replacements(world, ref)
    assert len(placed) == 1
    world.prima.despatch(placed[0]["order"])
    return str(placed[0]["order"])
