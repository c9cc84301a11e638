"""Damaged but accepted units are credited in part, kept ones without goods; the money stays exact (E22, U31, 6.4)."""

from decimal import Decimal
from typing import Any

import pytest

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.returns import ReturnRef
from sandbox.reveni import ItemSpec, ReturnSpec
from tests.returns.course import BY_HAND, arrive, discounted_order, totals
from tests.returns.looking import eventually
from tests.world import HAT, SHIRT, World

pytestmark = pytest.mark.verify

Row = tuple[int, str, str]


def rows(note: dict[str, Any]) -> list[Row]:
    """(quantity, price, VAT) of a note's goods lines."""
    return [(row["quantity"], row["price"], row["vat"]) for row in note["lines"]]


def shirts(world: World, quantity: int, connection: str, refund: Decimal = BY_HAND) -> ReturnRef:
    items = [("1", SHIRT, quantity, "18.09")]
    return world.returned(discounted_order(world), items, connection=connection, planned_refund=refund)


async def test_E22_policy_credits_half_of_a_damaged_unit_with_half_of_its_tax(policies: World) -> None:
    ref = shirts(policies, 1, "half", Decimal("9.05"))
    await arrive(policies, ref, (SHIRT, 1, "DAMAGED"))
    await policies.closed(ref)
    [note] = policies.credits(ref)
    assert (note["total"], rows(note), note["charges"]) == ("9.05", [(1, "9.05", "1.51")], [])
    assert policies.received(ref) == {(SHIRT, "DM"): 1}
    async with policies.store.reading() as unit:
        held = await unit.slots.held("prima-test", note["order"], ref)
    assert [claim.credit_key is not None for claim in held] == [True], "the rest of the slot is never credited"


async def test_E22_R44_whole_and_partial_units_are_lines_of_their_own(policies: World) -> None:
    """18.09 + 18.08 in full, and half of 18.09 (9.045, halves away from zero)."""
    ref = shirts(policies, 3, "half", Decimal("45.22"))
    await arrive(policies, ref, (SHIRT, 1, "DAMAGED"), (SHIRT, 2, "A"))
    await policies.closed(ref)
    [note] = policies.credits(ref)
    assert note["total"] == "45.22"
    assert rows(note) == [(1, "18.09", "3.01"), (1, "18.08", "3.02"), (1, "9.05", "1.51")]


async def test_E22_R42_full_refund_for_a_half_credited_unit_is_a_mismatch(policies: World) -> None:
    ref = shirts(policies, 1, "half", Decimal("18.09"))
    await arrive(policies, ref, (SHIRT, 1, "DAMAGED"))
    item = await policies.parked(ref)
    assert (item.code, item.payload["order_amount"]) == (ExceptionCode.REFUND_MISMATCH, "9.05")
    await policies.resolve(item, ResolutionKind.ACCEPT_PLATFORM_AMOUNT, reason="kind")
    await policies.closed(ref)
    [note] = policies.credits(ref)
    assert (note["total"], rows(note)) == ("18.09", [(1, "9.05", "1.51")])


async def test_E22_undecided_units_never_enter_a_credit(world: World) -> None:
    """One sellable and one damaged unit: the first is credited, the other waits for finance and its refund."""
    ref = shirts(world, 2, "judged")
    await arrive(world, ref, (SHIRT, 1, "A"), (SHIRT, 1, "DAMAGED"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.DAMAGED_DECISION
    world.reveni["judged"].pay_refund(ref.return_id, Decimal("18.09"))
    await eventually(lambda: totals(world, ref) == ["18.09"])
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"share": "30"})
    await world.stage(ref, "SETTLING")
    world.reveni["judged"].pay_refund(ref.return_id, Decimal("5.42"))
    await world.closed(ref)
    assert [rows(note) for note in world.credits(ref)] == [[(1, "18.09", "3.01")], [(1, "5.42", "0.91")]]


@pytest.mark.parametrize("kind", [ResolutionKind.CANCEL_TRACK, ResolutionKind.RETURN_TO_CUSTOMER])
async def test_E22_share_of_nothing_owes_nothing(world: World, kind: ResolutionKind) -> None:
    ref = shirts(world, 1, "judged")
    await arrive(world, ref, (SHIRT, 1, "DAMAGED"))
    await world.resolve(await world.parked(ref), kind, reason="worn")
    await world.closed(ref)
    assert world.credits(ref) == []


def kept(world: World, order: str, *, with_hat: bool, **spec: Any) -> ReturnRef:
    """A shirt that the customer keeps, and perhaps a hat that comes back."""
    items = [_item("1", SHIRT, "18.09", keep_item=True)]
    if with_hat:
        items.append(_item("2", HAT, "40.71"))
    made = ReturnSpec(order_external_id=order, items=tuple(items), currency="GBP", **spec)
    return ReturnRef(connection="uk", return_id=world.reveni["uk"].add_return(made))


def _item(line: str, sku: str, price: str, *, keep_item: bool = False) -> ItemSpec:
    rate = Decimal("0.20")
    return ItemSpec(
        external_id=line, sku=sku, quantity=1, unit_price=Decimal(price), tax_rate=rate, keep_item=keep_item
    )


async def test_U31_R20_kept_units_are_credited_without_goods_and_without_exposure(world: World) -> None:
    ref = kept(world, discounted_order(world), with_hat=False)
    await world.closed(ref)
    [note] = world.credits(ref)
    assert (note["total"], rows(note)) == ("18.09", [(1, "18.09", "3.01")])
    assert world.received(ref) == {}
    async with world.store.reading() as unit:
        assert await unit.exposures.of(ref) == []
    assert await world.exceptions(ref, None) == []


async def test_U31_E57_kept_and_returned_units_share_a_return(world: World) -> None:
    ref = kept(world, discounted_order(world), with_hat=True)
    await arrive(world, ref, (HAT, 1, "A"))
    await world.closed(ref)
    assert sum(Decimal(total) for total in totals(world, ref)) == Decimal("58.80")
    assert sorted(row["sku"] for note in world.credits(ref) for row in note["lines"]) == sorted([SHIRT, HAT])


async def test_U31_R49_kept_unit_of_an_instant_return_is_no_exposure(world: World) -> None:
    ref = kept(world, discounted_order(world), with_hat=True, mode="instant")
    await eventually(lambda: totals(world, ref) == ["58.80"])
    async with world.store.reading() as unit:
        out = [(record.line_id, record.amount) for record in await unit.exposures.of(ref)]
    assert out == [(f"2/{HAT}", 4071)]
    await arrive(world, ref, (HAT, 1, "MISSING"))
    item = await world.parked(ref)
    assert item.amount is not None and item.amount.amount == 4071
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="claimed")
    await world.closed(ref)
