"""Finance: a refund that is not what the order says parks, and goes on by a typed decision (E36–E38, E45, E47)."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from store.records import DocumentState, ExceptionState
from tests.patience import PATIENCE
from tests.returns.course import (
    BY_HAND,
    arrive,
    charges,
    decide,
    discounted_order,
    finish,
    mismatch,
    one_shirt,
    parked_again,
    totals,
)
from tests.returns.looking import eventually, told
from tests.world import COAT, SHIRT, World


async def test_R42_E37_refund_that_differs_parks_with_both_numbers_and_the_cause(world: World) -> None:
    ref, item = await mismatch(world, "19.99")
    assert (item.code, item.owner, item.track) == (ExceptionCode.REFUND_MISMATCH, Owner.FINANCE, "finance")
    told = {key: item.payload[key] for key in ("platform_amount", "order_amount", "difference", "hypothesis")}
    assert told == {
        "platform_amount": "19.99",
        "order_amount": "18.09",
        "difference": "1.90",
        "hypothesis": "line_discount_ignored",
    }
    assert "19.99" in item.reason and "18.09" in item.reason and "line discount ignored" in item.reason
    assert world.credits(ref) == []
    assert world.received(ref) == {(SHIRT, "01"): 1}, "stock goes on (N5)"
    await decide(world, ref, ResolutionKind.ACCEPT_ORDER_AMOUNT)


async def test_R42_E45_accepted_platform_amount_is_goods_and_a_goodwill_line(world: World) -> None:
    ref, _ = await mismatch(world, "19.99")
    await decide(world, ref, ResolutionKind.ACCEPT_PLATFORM_AMOUNT, reason="promised on the phone")
    [note] = world.credits(ref)
    assert note["total"] == "19.99"
    assert [(row["price"], row["vat"]) for row in note["lines"]] == [("18.09", "3.01")]
    assert charges(note) == [("GOODW", "1.90")]


async def test_R42_accepted_order_amount_is_the_goods_alone(world: World) -> None:
    ref, _ = await mismatch(world, "19.99")
    await decide(world, ref, ResolutionKind.ACCEPT_ORDER_AMOUNT)
    [note] = world.credits(ref)
    assert (note["total"], charges(note)) == ("18.09", [])


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        (ResolutionKind.DONE_BY_HAND, DocumentState.BY_HAND),
        (ResolutionKind.LINK_EXISTING, DocumentState.LINKED),
    ],
)
async def test_R42_E42_a_note_that_exists_is_recorded_and_never_posted(
    world: World, kind: ResolutionKind, state: DocumentState
) -> None:
    ref, _ = await mismatch(world, "19.99")
    await decide(world, ref, kind, document="CN-HAND")
    assert world.credits(ref) == []
    async with world.store.reading() as unit:
        notes = [d for d in await unit.documents.for_return(ref) if d.kind == "credit"]
    assert [(note.number, note.state) for note in notes] == [("CN-HAND", state)]


async def test_R42_R39_a_wrong_refund_that_is_given_up_leaves_no_note_and_the_right_one_gets_its_own(
    world: World,
) -> None:
    ref, item = await mismatch(world, "19.99")
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="recovered from the customer")
    async with asyncio.timeout(PATIENCE):
        while "gets no credit note of ours: recovered from the customer" not in await told(world, ref):
            await asyncio.sleep(0.02)
    assert world.credits(ref) == []
    closed = await world.exceptions(ref, ExceptionState.RESOLVED)
    assert [done.id for done in closed] == [item.id]
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"]


async def test_R42_N7_a_refund_that_is_paid_before_all_its_goods_are_here_waits_for_them(world: World) -> None:
    order = world.order([{"sku": COAT, "quantity": 3, "price": "245.00", "discount": "73.50"}])
    ref = world.returned(order, [("1", COAT, 2, "220.50")], planned_refund=BY_HAND)
    await arrive(world, ref, scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("441.00"))
    await eventually(lambda: "441.00" in str(world.refunds(ref)))
    await arrive(world, ref, scan="parcel-2")
    await world.closed(ref)
    assert totals(world, ref) == ["441.00"]
    assert await world.exceptions(ref, None) == []


async def test_R42_E37_a_refund_that_no_goods_explain_parks_at_once_although_some_are_to_come(world: World) -> None:
    order = world.order([{"sku": COAT, "quantity": 3, "price": "245.00", "discount": "73.50"}])
    ref = world.returned(order, [("1", COAT, 2, "220.50")], planned_refund=BY_HAND)
    await arrive(world, ref, scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("230.00"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.REFUND_MISMATCH
    assert world.credits(ref) == []


async def test_R42_retry_without_a_change_parks_again_and_posts_nothing(world: World) -> None:
    ref, item = await mismatch(world, "19.99")
    await world.resolve(item, ResolutionKind.RETRY)
    again = await parked_again(world, ref, item)
    assert again.code is ExceptionCode.REFUND_MISMATCH
    assert world.credits(ref) == []
    await decide(world, ref, ResolutionKind.ACCEPT_ORDER_AMOUNT)


@pytest.mark.parametrize(("refunded", "line"), [("18.08", "-0.01"), ("18.11", "0.02")])
async def test_R42_E36_rounding_difference_gets_its_own_line(world: World, refunded: str, line: str) -> None:
    ref = one_shirt(world, planned_refund=Decimal(refunded))
    await finish(world, ref, (SHIRT, 1, "A"))
    [note] = world.credits(ref)
    assert (note["total"], note["lines"][0]["price"]) == (refunded, "18.09")
    assert charges(note) == [("ROUND", line)]
    assert await world.exceptions(ref, None) == []


async def test_R42_E36_one_minor_unit_beyond_the_tolerance_parks(world: World) -> None:
    ref, item = await mismatch(world, "18.12")
    assert (item.code, item.payload["difference"]) == (ExceptionCode.REFUND_MISMATCH, "0.03")
    await decide(world, ref, ResolutionKind.ACCEPT_ORDER_AMOUNT)


@pytest.mark.parametrize("kind", [ResolutionKind.ACCEPT_ORDER_AMOUNT, ResolutionKind.DONE_BY_HAND])
async def test_E38_refund_in_another_currency_parks_and_is_decided(world: World, kind: ResolutionKind) -> None:
    ref, item = await mismatch(world, "18.09", currency="EUR")
    assert (item.code, item.owner) == (ExceptionCode.CURRENCY_MISMATCH, Owner.FINANCE)
    assert "EUR" in item.reason and "GBP" in item.reason
    assert world.credits(ref) == []
    document = {"document": "CN-HAND"} if kind is ResolutionKind.DONE_BY_HAND else {}
    await decide(world, ref, kind, **document)
    assert totals(world, ref) == ([] if document else ["18.09"])


async def test_R43_amount_with_too_many_decimals_is_never_rounded(world: World) -> None:
    ref, item = await mismatch(world, "18.0905")
    assert (item.code, item.owner) == (ExceptionCode.AMOUNT_PRECISION, Owner.FINANCE)
    assert "18.0905" in item.reason
    assert world.credits(ref) == []
    await decide(world, ref, ResolutionKind.ACCEPT_ORDER_AMOUNT)
    assert totals(world, ref) == ["18.09"]


async def test_R7_unmapped_tax_code_parks_before_there_is_a_note(world: World) -> None:
    order = world.order([{"sku": SHIRT, "quantity": 1, "price": "30.00", "vat_rate": "12.5"}], charges={})
    ref = world.returned(order, [("1", SHIRT, 1, "30.00")])
    await arrive(world, ref, (SHIRT, 1, "A"))
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.TAX_CODE_UNMAPPED, Owner.FINANCE)
    [code] = [value for key, value in item.payload.items() if key == "tax_code"]
    assert world.credits(ref) == []
    await decide(world, ref, ResolutionKind.EDIT_AND_RETRY, edits={f"tax_code.{code}": "12.50"})
    assert totals(world, ref) == ["30.00"]


async def test_E47_closed_period_parks_and_moves_into_an_open_one(world: World) -> None:
    ref = one_shirt(world, planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.stage(ref, "SETTLING")
    today = datetime.now(UTC).date()
    world.prima.set_period_closed_until(today)
    try:
        world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
        item = await world.parked(ref)
        assert (item.code, item.owner) == (ExceptionCode.PERIOD_CLOSED, Owner.FINANCE)
        edits = {"credited_on": (today + timedelta(days=1)).isoformat()}
        await decide(world, ref, ResolutionKind.EDIT_AND_RETRY, edits=edits)
    finally:
        world.prima.set_period_closed_until(None)
    assert totals(world, ref) == ["18.09"]


async def test_R42_money_of_the_order_is_never_credited_twice_over(world: World) -> None:
    """A person may be generous, but not beyond what the customer paid for the order."""
    ref, item = await mismatch(world, "150.00")
    await world.resolve(item, ResolutionKind.ACCEPT_PLATFORM_AMOUNT, reason="meant well")
    again = await parked_again(world, ref, item)
    assert again.code is ExceptionCode.REFUND_MISMATCH
    assert "order total" in again.reason and "100.92" in again.reason
    assert world.credits(ref) == []
    await decide(world, ref, ResolutionKind.ACCEPT_ORDER_AMOUNT)


async def test_R42_a_refund_that_includes_an_unaccepted_unit_says_so(world: World) -> None:
    ref = world.returned(discounted_order(world), [("1", SHIRT, 2, "18.09")], planned_refund=Decimal("36.17"))
    await arrive(world, ref, (SHIRT, 1, "A"), (SHIRT, 1, "MISSING"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.REFUND_MISMATCH
    assert "unaccepted_units" in str(item.payload) or "not accepted" in str(item.payload["hypotheses"])
    assert world.credits(ref) == []
    await decide(world, ref, ResolutionKind.ACCEPT_ORDER_AMOUNT)
    assert totals(world, ref) == ["18.09"]
