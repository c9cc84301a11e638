"""`credit_on = inspection`: accepted goods are credited at once, and the later refund is compared with that note."""

from decimal import Decimal
from typing import Any

import pytest

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from store.exchange_records import ExposureState
from store.records import ExceptionRecord
from tests.returns.course import BY_HAND, arrive, charges, decide, discounted_order, totals
from tests.returns.looking import eventually, told
from tests.world import SHIRT, World

pytestmark = pytest.mark.verify

EARLY = "early"


def shirt(world: World, quantity: int = 1, **spec: Any) -> ReturnRef:
    """A return of shirts whose refund is paid by hand."""
    fields = {"planned_refund": BY_HAND, "connection": EARLY, **spec}
    return world.returned(discounted_order(world), [("1", SHIRT, quantity, "18.09")], **fields)


async def accepted(world: World) -> ReturnRef:
    """One shirt, accepted and credited; the platform has paid nothing."""
    ref = shirt(world)
    await arrive(world, ref, (SHIRT, 1, "A"))
    await eventually(lambda: len(world.credits(ref)) == 1)
    await world.stage(ref, "SETTLING")
    return ref


def pay(world: World, ref: ReturnRef, amount: str) -> None:
    world.reveni[EARLY].pay_refund(ref.return_id, Decimal(amount))


async def refund_of(world: World, ref: ReturnRef) -> list[tuple[str, str]]:
    """(refund id, refund of the note) for every note: they must agree in the end."""
    async with world.store.reading() as unit:
        notes = [d for d in await unit.documents.for_return(ref) if d.kind == "credit"]
        refunds = await unit.returns.refunds(ref)
    keys = {refund.credit_key: refund.refund_id for refund in refunds}
    return [(keys.get(note.key, ""), note.refund_id) for note in notes]


async def test_R39_R41_accepted_goods_are_credited_before_any_refund_at_the_orders_amount(policies: World) -> None:
    ref = await accepted(policies)
    [note] = policies.credits(ref)
    assert (note["total"], [(row["price"], row["vat"]) for row in note["lines"]]) == ("18.09", [("18.09", "3.01")])
    assert policies.refunds(ref) == []
    record = await policies.stage(ref, "SETTLING")
    assert record.waiting_for == "the platform to confirm the refund of a credit note"
    pay(policies, ref, "18.09")
    await policies.closed(ref)
    assert totals(policies, ref) == ["18.09"], "no second note"
    [(refund, answered)] = await refund_of(policies, ref)
    assert refund == answered == policies.refunds(ref)[0]["refund_id"]
    assert f"refund {refund} is the money of credit note" in await told(policies, ref)
    assert await policies.exceptions(ref, None) == []


@pytest.mark.parametrize("amount", ["18.08", "18.11"])
async def test_R42_E36_refund_within_tolerance_of_the_note_needs_no_second_one(policies: World, amount: str) -> None:
    ref = await accepted(policies)
    pay(policies, ref, amount)
    await policies.closed(ref)
    assert totals(policies, ref) == ["18.09"]
    assert await policies.exceptions(ref, None) == []


async def differing(world: World, amount: str) -> tuple[ReturnRef, ExceptionRecord]:
    ref = await accepted(world)
    pay(world, ref, amount)
    return ref, await world.parked(ref)


@pytest.mark.parametrize(("amount", "difference"), [("19.99", "1.90"), ("10.00", "-8.09")])
async def test_R42_E37_refund_that_is_not_the_notes_amount_parks(policies: World, amount: str, difference: str) -> None:
    ref, item = await differing(policies, amount)
    assert (item.code, item.owner) == (ExceptionCode.REFUND_MISMATCH, Owner.FINANCE)
    shown = {name: item.payload[name] for name in ("platform_amount", "order_amount", "difference")}
    assert shown == {"platform_amount": amount, "order_amount": "18.09", "difference": difference}
    assert str(item.payload["credit_note"]) in item.reason
    await decide(policies, ref, ResolutionKind.ACCEPT_ORDER_AMOUNT)
    assert totals(policies, ref) == ["18.09"]


async def test_E45_accepted_platform_amount_adds_the_difference_alone(policies: World) -> None:
    ref, _ = await differing(policies, "19.99")
    await decide(policies, ref, ResolutionKind.ACCEPT_PLATFORM_AMOUNT, reason="promised")
    first, second = policies.credits(ref)
    assert (first["total"], second["total"]) == ("18.09", "1.90")
    assert (second["lines"], charges(second)) == ([], [("GOODW", "1.90")])


async def test_R46_E35_second_refund_for_one_note_is_a_duplicate(policies: World) -> None:
    ref = shirt(policies, 2)
    await arrive(policies, ref, (SHIRT, 1, "A"), scan="parcel-1")
    await eventually(lambda: len(policies.credits(ref)) == 1)
    await policies.stage(ref, "PARTLY_RECEIVED")
    pay(policies, ref, "18.09")
    pay(policies, ref, "18.09")
    await arrive(policies, ref, (SHIRT, 1, "MISSING"), scan="parcel-2")
    item = await policies.parked(ref)
    assert item.code is ExceptionCode.DUPLICATE_REFUND
    await decide(policies, ref, ResolutionKind.CANCEL_TRACK, reason="paid twice")
    assert totals(policies, ref) == ["18.09"]


async def test_E17_one_refund_may_be_for_the_notes_of_two_parcels(policies: World) -> None:
    ref = shirt(policies, 2)
    await arrive(policies, ref, (SHIRT, 1, "A"), scan="parcel-1")
    await eventually(lambda: len(policies.credits(ref)) == 1)
    await arrive(policies, ref, (SHIRT, 1, "A"), scan="parcel-2")
    await eventually(lambda: len(policies.credits(ref)) == 2)
    pay(policies, ref, "36.17")
    await policies.closed(ref)
    assert totals(policies, ref) == ["18.09", "18.08"]
    assert {answered for _, answered in await refund_of(policies, ref)} == {policies.refunds(ref)[0]["refund_id"]}


async def test_R49_instant_refund_is_credited_when_paid_all_the_same(policies: World) -> None:
    """R49 comes before `credit_on`: the goods that come later are credited no second time."""
    ref = shirt(policies, mode="instant", planned_refund=Decimal("18.09"))
    await eventually(lambda: len(policies.credits(ref)) == 1)
    await arrive(policies, ref, (SHIRT, 1, "A"))
    await policies.closed(ref)
    assert totals(policies, ref) == ["18.09"]
    async with policies.store.reading() as unit:
        assert [record.state for record in await unit.exposures.of(ref)] == [ExposureState.CLEARED]


async def test_E34_a_track_that_was_given_up_credits_nothing(policies: World) -> None:
    """A tax code without a target stops the note; a person ends it."""
    order = policies.order([{"sku": SHIRT, "quantity": 1, "price": "30.00", "vat_rate": "12.5"}], charges={})
    ref = policies.returned(order, [("1", SHIRT, 1, "30.00")], connection=EARLY, planned_refund=BY_HAND)
    await arrive(policies, ref, (SHIRT, 1, "A"))
    item = await policies.parked(ref)
    assert item.code is ExceptionCode.TAX_CODE_UNMAPPED
    await decide(policies, ref, ResolutionKind.CANCEL_TRACK, reason="credited in the shop")
    assert policies.credits(ref) == []
