"""The ERP refuses a note: a closed period, a note made by hand, an invoice with nothing open (E42, E47, E48)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from activities.credit_posting import first_of_next_month
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from store.records import DocumentRecord, DocumentState, ExceptionRecord
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, arrive, decide, discounted_order, one_shirt, totals
from tests.world import SHIRT, World

pytestmark = pytest.mark.verify


def today() -> date:
    return datetime.now(UTC).date()


@asynccontextmanager
async def closed_until(world: World, day: date) -> AsyncIterator[None]:
    """Prima's periods are closed up to that day."""
    world.prima.set_period_closed_until(day)
    try:
        yield
    finally:
        world.prima.set_period_closed_until(None)


async def accepted(world: World, connection: str = "uk", order: str | None = None) -> ReturnRef:
    """An accepted shirt that waits for its refund."""
    ref = one_shirt(world, order, planned_refund=BY_HAND, connection=connection)
    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.stage(ref, "SETTLING")
    return ref


def pay(world: World, ref: ReturnRef, amount: str = "18.09") -> None:
    world.reveni[ref.connection].pay_refund(ref.return_id, Decimal(amount))


async def note_of(world: World, ref: ReturnRef) -> DocumentRecord:
    async with world.store.reading() as unit:
        [note] = [d for d in await unit.documents.for_return(ref) if d.kind == "credit"]
    return note


async def test_E47_policy_dates_the_note_into_the_next_period_with_its_own_date_in_the_text(policies: World) -> None:
    ref = await accepted(policies, "month")
    async with closed_until(policies, today()):
        pay(policies, ref)
        await policies.closed(ref)
    [posted] = policies.credits(ref)
    assert posted["total"] == "18.09"
    note = await note_of(policies, ref)
    assert note.request["credited_on"] == first_of_next_month(today()).isoformat()
    assert str(note.request["reason"]).endswith(f"dated {today().isoformat()}")
    held = policies.prima.world.credits[posted["credit_number"]]
    assert held.day == first_of_next_month(today())
    assert await policies.exceptions(ref, None) == []


async def test_E47_still_closed_in_the_next_month_parks(policies: World) -> None:
    ref = await accepted(policies, "month")
    async with closed_until(policies, today() + timedelta(days=70)):
        pay(policies, ref)
        item = await policies.parked(ref)
        assert (item.code, item.owner) == (ExceptionCode.PERIOD_CLOSED, Owner.FINANCE)
        assert policies.credits(ref) == []
    await decide(policies, ref, ResolutionKind.RETRY)
    assert (await note_of(policies, ref)).request["credited_on"] == today().isoformat()


@pytest.mark.parametrize(
    ("day", "next_period"),
    [
        ("2026-01-31", "2026-02-01"),
        ("2026-12-01", "2027-01-01"),
        ("2028-02-29", "2028-03-01"),
    ],
)
def test_E47_the_next_period_begins_with_the_month(day: str, next_period: str) -> None:
    assert first_of_next_month(date.fromisoformat(day)).isoformat() == next_period


def by_hand(world: World, ref: ReturnRef, price: str) -> str:
    """Somebody credits the shirt at Prima's own screen."""
    [rma] = world.rmas(ref)
    return world.prima.post_credit_by_hand(rma["return_number"], lines=[{"price": price}])


async def test_E42_note_made_by_hand_is_found_and_adopted(world: World) -> None:
    ref = await accepted(world)
    number = by_hand(world, ref, "18.09")
    pay(world, ref)
    await world.closed(ref)
    assert totals(world, ref) == [], "no second note"
    note = await note_of(world, ref)
    assert (note.number, note.state, note.total) == (number, DocumentState.LINKED, 1809)
    assert await world.exceptions(ref, None) == []


async def refused(world: World, price: str) -> tuple[ReturnRef, ExceptionRecord, str]:
    ref = await accepted(world)
    number = by_hand(world, ref, price)
    pay(world, ref)
    return ref, await world.parked(ref), number


async def test_E42_note_by_hand_over_another_amount_is_named(world: World) -> None:
    ref, item, number = await refused(world, "17.00")
    assert (item.code, item.owner) == (ExceptionCode.CREDIT_REJECTED, Owner.FINANCE)
    refund = world.refunds(ref)[0]["refund_id"]
    figures = {name: item.payload[name] for name in ("refund", "credit_note", "erp_total", "our_total")}
    assert figures == {"refund": refund, "credit_note": number, "erp_total": "17.00", "our_total": "18.09"}
    assert number in item.reason
    await decide(world, ref, ResolutionKind.LINK_EXISTING, document=number)
    assert (totals(world, ref), (await note_of(world, ref)).state) == ([], DocumentState.LINKED)


async def test_E42_two_notes_by_hand_answer_two_refunds(world: World) -> None:
    """What one refund adopted, no other refund can adopt again."""
    ref = world.returned(discounted_order(world), [("1", SHIRT, 2, "18.09")], planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-1")
    numbers = {by_hand(world, ref, "18.09"), by_hand(world, ref, "18.08")}
    pay(world, ref)
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-2")
    async with asyncio.timeout(PATIENCE):
        while not await linked(world, ref):
            await asyncio.sleep(0.02)
    pay(world, ref, "18.08")
    await world.closed(ref)
    assert await linked(world, ref) == numbers
    assert totals(world, ref) == []


@pytest.mark.parametrize("kind", [ResolutionKind.DONE_BY_HAND, ResolutionKind.LINK_EXISTING])
async def test_E42_D4_a_note_made_by_hand_needs_no_code_of_ours_and_gets_no_second_note(
    world: World, kind: ResolutionKind
) -> None:
    """The order's tax code has no target: that would stop our own note, not the record of somebody else's."""
    lines = [{"sku": SHIRT, "quantity": 1, "price": "30.00", "vat_rate": "12.5"}]
    ref = world.returned(world.order(lines, charges={}), [("1", SHIRT, 1, "30.00")], planned_refund=Decimal("35.00"))
    await arrive(world, ref, (SHIRT, 1, "A"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.REFUND_MISMATCH
    await world.resolve(item, kind, document="CN-HAND")
    await world.closed(ref)
    assert totals(world, ref) == []
    assert (await note_of(world, ref)).number == "CN-HAND"
    assert len(await world.exceptions(ref, None)) == 1


async def linked(world: World, ref: ReturnRef) -> set[str]:
    async with world.store.reading() as unit:
        return {d.number for d in await unit.documents.for_return(ref) if d.state is DocumentState.LINKED}


async def nothing_open(world: World) -> tuple[ReturnRef, ExceptionRecord, str]:
    """Two returns of one order; a goodwill note by hand has used up what the invoice was over."""
    order = discounted_order(world)
    ref = await accepted(world, order=order)
    other = one_shirt(world, order, planned_refund=BY_HAND)
    await world.stage(other, "AWAITING_GOODS")
    [rma] = world.rmas(other)
    number = world.prima.post_credit_by_hand(rma["return_number"], charges={"GOODW": "95.00"})
    pay(world, ref)
    return ref, await world.parked(ref), number


@pytest.mark.parametrize("kind", [ResolutionKind.DONE_BY_HAND, ResolutionKind.RETRY])
async def test_E48_R45_invoice_without_an_open_amount_parks_and_goes_on(world: World, kind: ResolutionKind) -> None:
    ref, item, number = await nothing_open(world)
    assert (item.code, item.owner) == (ExceptionCode.NOTHING_TO_APPLY, Owner.FINANCE)
    assert item.amount is not None and item.amount.amount == 1809
    assert world.credits(ref) == []
    if kind is ResolutionKind.RETRY:
        credit = world.prima.world.credits[number]
        world.prima.world.credits.put(number, type(credit)(**{**vars(credit), "reversal": "REV-1"}))
    await decide(world, ref, kind, document="PAID-OUT-1" if kind is ResolutionKind.DONE_BY_HAND else "")
    assert totals(world, ref) == ([] if kind is ResolutionKind.DONE_BY_HAND else ["18.09"])
