"""What an exchange of another value means for the credit: differences and top-ups, before and after goods (6.7)."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domain.returns import ReturnRef
from store.exchange_records import ExposureKind, ExposureState
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, arrive, charges, totals
from tests.returns.exchanging import SHIRT_L, Swap, replacements, shirts, swapped
from tests.returns.looking import eventually
from tests.world import COAT, SHIRT, World

pytestmark = pytest.mark.verify


def rows(note: dict[str, Any]) -> list[tuple[str, int, str, str]]:
    """(SKU, quantity, price, VAT) of a note's goods lines."""
    return [(row["sku"], row["quantity"], row["price"], row["vat"]) for row in note["lines"]]


async def waits_for(world: World, ref: ReturnRef, what: str) -> None:
    """Wait until people see that the return waits for this."""
    async with asyncio.timeout(PATIENCE):
        while (record := await world.record(ref)) is None or record.waiting_for != what:
            await asyncio.sleep(0.02)


def stocked(world: World) -> str:
    """Two coats and a shirt; the shirt's other size is in stock."""
    world.prima.add_item(SHIRT_L)
    world.prima.add_stock(SHIRT_L, 5)
    return world.order(charges={})


async def test_R49_E57_instant_refund_and_cheaper_replacement_are_one_note_before_the_goods(world: World) -> None:
    swaps = (Swap(COAT, "220.50"), Swap(SHIRT, "30.00", SHIRT_L, "24.00", line="2"))
    ref = swapped(world, stocked(world), *swaps, mode="instant")
    await eventually(lambda: totals(world, ref) == ["226.50"])
    [note] = world.credits(ref)
    assert rows(note) == [(COAT, 1, "220.50", "36.75"), (SHIRT, 1, "6.00", "1.00")]
    assert len(replacements(world, ref)) == 1
    async with world.store.reading() as unit:
        out = {(record.kind, record.amount) for record in await unit.exposures.of(ref)}
        [exchange] = await unit.exchanges.for_return(ref)
    assert out == {(ExposureKind.REFUND, 22050), (ExposureKind.EXCHANGE, 3000)}
    assert exchange.credit_key is not None
    await arrive(world, ref, (COAT, 1, "A"), (SHIRT, 1, "A"))
    await world.closed(ref)
    assert totals(world, ref) == ["226.50"], "the difference is settled once"
    async with world.store.reading() as unit:
        assert {record.state for record in await unit.exposures.of(ref)} == {ExposureState.CLEARED}


async def test_6_7_difference_of_several_units_is_split_to_the_last_penny(world: World) -> None:
    """Two shirts of 30.00 for two of 24.99: 10.02 back, 5.01 each, with a sixth of it as tax."""
    ref = swapped(world, shirts(world, 2), Swap(SHIRT, "30.00", SHIRT_L, "24.99", quantity=2))
    await arrive(world, ref, (SHIRT, 2, "A"))
    await world.closed(ref)
    [note] = world.credits(ref)
    assert (note["total"], rows(note), charges(note)) == ("10.02", [(SHIRT, 2, "5.01", "1.68")], [])


async def test_R43_exchanged_units_keep_their_slot_and_the_rest_of_the_order_can_come_back(world: World) -> None:
    """One of two units is exchanged for less, the other is refunded whole: 6.00 and 30.00 of the 60.00."""
    order = shirts(world, 2)
    first = swapped(world, order, Swap(SHIRT, "30.00", SHIRT_L, "24.00"))
    await arrive(world, first, (SHIRT, 1, "A"))
    await world.closed(first)
    second = swapped(world, order, Swap(SHIRT, "30.00"))
    await arrive(world, second, (SHIRT, 1, "A"))
    await world.closed(second)
    assert (totals(world, first), totals(world, second)) == (["6.00"], ["30.00"])
    async with world.store.reading() as unit:
        ledger = await unit.ledger.totals("prima-test", order)
        [held] = await unit.slots.held("prima-test", order, first)
    assert ledger.total == 3600
    assert (held.credit_key, held.exchange_key is not None) == (None, True)


async def test_R42_refund_that_forgets_the_difference_is_credited_for_its_units_and_the_difference_stays_owed(
    world: World,
) -> None:
    swaps = (Swap(COAT, "220.50"), Swap(SHIRT, "30.00", SHIRT_L, "24.00", line="2"))
    ref = swapped(world, stocked(world), *swaps, planned_refund=Decimal("220.50"))
    await arrive(world, ref, (COAT, 1, "A"), (SHIRT, 1, "A"))
    await eventually(lambda: totals(world, ref) == ["220.50"])
    await waits_for(world, ref, "the platform to confirm the refund of the price difference")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("6.00"))
    await world.closed(ref)
    assert totals(world, ref) == ["220.50", "6.00"]


async def test_credit_on_inspection_credits_the_difference_with_the_goods(policies: World) -> None:
    swaps = (Swap(COAT, "220.50"), Swap(SHIRT, "30.00", SHIRT_L, "24.00", line="2"))
    ref = swapped(policies, stocked(policies), *swaps, connection="early", planned_refund=BY_HAND)
    await arrive(policies, ref, (COAT, 1, "A"), (SHIRT, 1, "A"))
    await eventually(lambda: totals(policies, ref) == ["226.50"])
    policies.reveni["early"].pay_refund(ref.return_id, Decimal("226.50"))
    await policies.closed(ref)
    assert totals(policies, ref) == ["226.50"]
