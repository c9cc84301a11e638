"""Money end to end: the credits of an order's returns are its slots, and sum to the order (R40–R44, R50, R111)."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from domain.returns import ReturnRef
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, arrive, charges, discounted_order, finish, one_shirt, totals
from tests.world import COAT, HAT, SHIRT, World

pytestmark = pytest.mark.verify


async def one_after_another(world: World, order: str, *paid: str) -> list[ReturnRef]:
    """Returns of one unit of line 1 each, authorised one after another: each claims the lowest free slot."""
    returns = []
    for amount in paid:
        returns.append(world.returned(order, [("1", SHIRT, 1, amount)]))
        await world.stage(returns[-1], "AWAITING_GOODS")
    return returns


def lines(note: dict[str, Any]) -> list[tuple[int, int, str, str]]:
    """(order line, units, price, VAT) of a note's goods lines."""
    return [(row["order_line"], row["quantity"], row["price"], row["vat"]) for row in note["lines"]]


async def test_R41_R43_R50_three_returns_of_one_line_sum_to_the_order(world: World) -> None:
    """V5: 54.26 over three units, then the hat at 5 % with the shipping: 100.92 in all, VAT 9.04 + 1.94."""
    order = discounted_order(world)
    shirts = await one_after_another(world, order, "18.09", "18.08", "18.09")
    await asyncio.gather(*(finish(world, ref, (SHIRT, 1, "A")) for ref in shirts))
    hat = world.returned(order, [("2", HAT, 1, "40.71")], shipping_refund=Decimal("5.95"))
    await finish(world, hat, (HAT, 1, "A"))

    notes = [note for ref in [*shirts, hat] for note in world.credits(ref)]
    assert [lines(note) for note in notes] == [
        [(1, 1, "18.09", "3.01")],
        [(1, 1, "18.08", "3.02")],
        [(1, 1, "18.09", "3.01")],
        [(2, 1, "40.71", "1.94")],
    ]
    assert [charges(note) for note in notes] == [[], [], [], [("RM24", "5.95")]]
    assert sum(Decimal(note["total"]) for note in notes) == Decimal("100.92")
    assert sum(Decimal(note["lines"][0]["vat"]) for note in notes[:3]) == Decimal("9.04")


async def test_R43_R50_units_of_different_value_are_lines_of_their_own(world: World) -> None:
    ref = world.returned(discounted_order(world), [("1", SHIRT, 2, "18.09")], planned_refund=Decimal("36.17"))
    await finish(world, ref, (SHIRT, 2, "A"))
    [note] = world.credits(ref)
    assert (note["total"], lines(note)) == ("36.17", [(1, 1, "18.09", "3.01"), (1, 1, "18.08", "3.02")])


async def test_R40_R44_R111_the_note_names_order_invoice_rma_and_each_order_line(world: World) -> None:
    order = discounted_order(world)
    items = [("1", SHIRT, 1, "18.09"), ("2", HAT, 1, "40.71")]
    ref = world.returned(order, items)
    record = await finish(world, ref, (SHIRT, 1, "A"), (HAT, 1, "A"))
    [note], [rma] = world.credits(ref), world.rmas(ref)
    assert (note["order"], note["invoice"]) == (order, f"INV{order}")
    assert note["return_number"] == rma["return_number"] == record.rma_number
    authorised = {row["return_line"]: row for row in rma["lines"]}
    for row in note["lines"]:
        own = authorised[row["return_line"]]
        assert (row["order_line"], row["sku"]) == (own["order_line"], own["sku"])
        assert row["quantity"] <= own["quantity"]
    async with world.store.reading() as unit:
        [sent] = [d.request for d in await unit.documents.for_return(ref) if d.kind == "credit"]
    assert [(row["tax_code"], row["tax"]) for row in sent["lines"]] == [("20.00", 301), ("5.00", 194)]  # type: ignore[union-attr,index,call-overload]
    assert ref.return_id not in str(sent["reason"]) and record.rma_number in str(sent["reason"])


async def test_R40_R44_an_archived_order_is_credited_against_its_own_lines(world: World) -> None:
    order = world.order([{"sku": SHIRT, "quantity": 2, "price": "30.00"}], status="Closed", archived=True)
    ref = world.returned(order, [("1", SHIRT, 1, "30.00")])
    await finish(world, ref, (SHIRT, 1, "A"))
    [note], [rma] = world.credits(ref), world.rmas(ref)
    assert rma["standalone"] is True
    assert (note["order"], lines(note)) == (order, [(1, 1, "30.00", "5.00")])


CURRENCIES: list[tuple[str, dict[str, Any], str, str, list[tuple[int, int, str, str]]]] = [
    ("JPY", {"price": "1100", "quantity": 3, "discount": "313", "vat_rate": "10"}, "996", "996", [(1, 1, "996", "91")]),
    ("KWD", {"price": "6.375", "quantity": 2, "discount": "0.603", "vat_rate": "0"}, "6.074", "6.074", []),
    ("EUR", {"price": "33.33", "quantity": 3}, "33.33", "33.33", [(1, 1, "33.33", "5.56")]),
]


@pytest.mark.parametrize(("currency", "line", "paid", "total", "expected"), CURRENCIES, ids=[c[0] for c in CURRENCIES])
async def test_R41_R43_currencies_of_no_two_and_three_decimals(
    world: World, currency: str, line: dict[str, Any], paid: str, total: str, expected: list[tuple[int, int, str, str]]
) -> None:
    order = world.order([{"sku": SHIRT, **line}], charges={}, currency=currency)
    ref = world.returned(order, [("1", SHIRT, 1, paid)], currency=currency)
    await finish(world, ref, (SHIRT, 1, "A"))
    [note] = world.credits(ref)
    assert (note["total"], note["currency"]) == (total, currency)
    assert lines(note) == (expected or [(1, 1, "6.074", "0.000")])
    assert await world.exceptions(ref, None) == []


async def test_R41_R50_tax_on_top_is_credited_beside_the_net_price(world: World) -> None:
    """V4: net 180.00 and 18.00 tax for two; one unit is 90.00 + 9.00."""
    line = {"sku": SHIRT, "quantity": 2, "price": "100.00", "discount": "20.00", "vat_rate": "10"}
    order = world.order([line], charges={}, vat_inclusive=False)
    ref = world.returned(order, [("1", SHIRT, 1, "99.00")])
    await finish(world, ref, (SHIRT, 1, "A"))
    [note] = world.credits(ref)
    assert (note["total"], lines(note)) == ("99.00", [(1, 1, "90.00", "9.00")])


async def test_R43_return_fee_is_a_negative_line_and_goods_keep_their_value(world: World) -> None:
    """V18: VAT on the goods is reversed in full although the customer gets 14.14."""
    ref = one_shirt(world, fees=Decimal("3.95"))
    await finish(world, ref, (SHIRT, 1, "A"))
    [note] = world.credits(ref)
    assert (note["total"], lines(note)) == ("14.14", [(1, 1, "18.09", "3.01")])
    assert charges(note) == [("RETFEE", "-3.95")]


async def test_R43_bonus_that_the_platform_grants_is_a_goodwill_line(world: World) -> None:
    ref = one_shirt(world, bonus=Decimal("2.00"))
    await finish(world, ref, (SHIRT, 1, "A"))
    [note] = world.credits(ref)
    assert (note["total"], charges(note)) == ("20.09", [("GOODW", "2.00")])


async def test_R43_shipping_comes_back_with_the_last_unit_and_not_before(world: World) -> None:
    """V10 `on_full_return`: 0 + 0 + 5.95."""
    goods = [{"sku": SHIRT, "quantity": 2, "price": "45.00"}, {"sku": HAT, "quantity": 1, "price": "30.00"}]
    order = world.order(goods, charges={"RM24": "5.95"})
    for number, (item, shipping) in enumerate(
        [(("1", SHIRT, 1, "45.00"), "0"), (("1", SHIRT, 1, "45.00"), "0"), (("2", HAT, 1, "30.00"), "5.95")], 1
    ):
        ref = world.returned(order, [item], shipping_refund=Decimal(shipping))
        await finish(world, ref, (item[1], 1, "A"))
        [note] = world.credits(ref)
        assert charges(note) == ([("RM24", "5.95")] if number == 3 else [])


async def test_R43_shipping_paid_out_too_early_is_a_mismatch_that_says_so(world: World) -> None:
    ref = one_shirt(world, shipping_refund=Decimal("5.95"))
    await arrive(world, ref, (SHIRT, 1, "A"))
    item = await world.parked(ref)
    assert (item.code, item.payload["hypothesis"]) == ("REFUND_MISMATCH", "shipping_included")
    assert world.credits(ref) == []


async def test_R39_R43_each_parcel_with_its_own_refund_has_its_own_note(world: World) -> None:
    ref = world.returned(discounted_order(world), [("1", SHIRT, 3, "18.09")], planned_refund=BY_HAND)
    for scan, amount in (("parcel-1", "18.09"), ("parcel-2", "18.08"), ("parcel-3", "18.09")):
        await arrive(world, ref, (SHIRT, 1, "A"), scan=scan)
        world.reveni["uk"].pay_refund(ref.return_id, Decimal(amount))
        await noted(world, ref, int(scan[-1]))
    await world.closed(ref)
    assert totals(world, ref) == ["18.09", "18.08", "18.09"]
    assert await world.exceptions(ref, None) == []


@pytest.mark.parametrize("paid", [("220.50", "30.00"), ("30.00", "220.50")], ids=["in order", "the other way round"])
async def test_R39_R43_refunds_paid_late_find_their_parcels(world: World, paid: tuple[str, str]) -> None:
    """Two parcels are in before the first refund is paid; each refund is one parcel's value."""
    order = world.order()
    ref = world.returned(order, [("1", COAT, 1, "220.50"), ("2", SHIRT, 1, "30.00")], planned_refund=BY_HAND)
    await arrive(world, ref, scan="coat")
    await arrive(world, ref, (SHIRT, 1, "A"), scan="shirt")
    await world.stage(ref, "SETTLING")
    for number, amount in enumerate(paid, 1):
        world.reveni["uk"].pay_refund(ref.return_id, Decimal(amount))
        await noted(world, ref, number)
    await world.closed(ref)
    assert totals(world, ref) == list(paid)


async def test_R41_R43_two_connections_share_the_slots_of_one_order(world: World) -> None:
    """Two shops return units of the same order at once: each credits slots of its own (D6, E68)."""
    order = discounted_order(world)
    refs = [world.returned(order, [("1", SHIRT, 1, "18.09")], connection=name) for name in ("uk", "fast", "uk")]
    await asyncio.gather(*(arrive(world, ref, (SHIRT, 1, "A")) for ref in refs))
    await asyncio.gather(*(world.closed(ref) for ref in refs))
    goods = sorted(row for ref in refs for note in world.credits(ref) for row in lines(note))
    assert goods == [(1, 1, "18.08", "3.02"), (1, 1, "18.09", "3.01"), (1, 1, "18.09", "3.01")]
    [rounded] = [note for ref in refs for note in world.credits(ref) if note["charges"]]
    assert charges(rounded) == [("ROUND", "0.01")], "all three were paid 18.09"


async def noted(world: World, ref: ReturnRef, count: int) -> None:
    """Wait until the return has so many credit notes."""
    async with asyncio.timeout(PATIENCE):
        while len(world.credits(ref)) < count:
            await asyncio.sleep(0.02)
