"""Instant refunds: credited when paid, before the goods; what is out stays an exposure until they are accepted."""

import asyncio
from decimal import Decimal

import pytest

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from store.exchange_records import ExposureRecord, ExposureState
from store.records import ExceptionRecord
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, arrive, charges, decide, discounted_order, one_shirt, parked_again, totals
from tests.returns.looking import eventually
from tests.world import HAT, SHIRT, World

TWO_SHIRTS = [("1", SHIRT, 2, "18.09")]


async def exposures(world: World, ref: ReturnRef) -> list[ExposureRecord]:
    async with world.store.reading() as unit:
        return await unit.exposures.of(ref)


async def states(world: World, ref: ReturnRef) -> list[ExposureState]:
    return [record.state for record in await exposures(world, ref)]


async def credited(world: World, ref: ReturnRef, count: int = 1) -> None:
    """Wait until the return has so many notes and the store knows the latest of them."""
    await eventually(lambda: len(world.credits(ref)) == count)
    async with asyncio.timeout(PATIENCE):
        while True:
            async with world.store.reading() as unit:
                notes = [d for d in await unit.documents.for_return(ref) if d.kind == "credit" and d.state.in_erp]
            if len(notes) == count:
                return
            await asyncio.sleep(0.02)


async def test_R49_R138_E33_R20_instant_refund_is_credited_before_its_goods_and_stays_exposed(world: World) -> None:
    ref = one_shirt(world, mode="instant")
    await credited(world, ref)
    [note] = world.credits(ref)
    assert (note["total"], [(row["quantity"], row["price"], row["vat"]) for row in note["lines"]]) == (
        "18.09",
        [(1, "18.09", "3.01")],
    )
    assert world.received(ref) == {}, "stock waits for the inspection"
    assert (await world.stage(ref, "AWAITING_GOODS")).closed_at is None
    [out] = await exposures(world, ref)
    assert (out.amount, out.currency, out.state) == (1809, "GBP", ExposureState.OPEN)
    expires = world.reveni["uk"].get(ref.return_id)["expires_at"]
    assert out.cover_until is not None
    assert out.cover_until.isoformat().replace("+00:00", "Z")[:19] == expires[:19]

    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert (totals(world, ref), world.received(ref)) == (["18.09"], {(SHIRT, "01"): 1})
    assert await states(world, ref) == [ExposureState.CLEARED]
    assert await world.exceptions(ref, None) == []


async def refused(world: World, disposition: str = "MISSING") -> tuple[ReturnRef, ExceptionRecord]:
    """An instant refund whose unit is not accepted, and the exception that comes of it."""
    ref = one_shirt(world, mode="instant")
    await credited(world, ref)
    await arrive(world, ref, (SHIRT, 1, disposition))
    return ref, await world.parked(ref)


@pytest.mark.parametrize("disposition", ["MISSING", "RETURN_TO_CUSTOMER"])
async def test_E21_E33_R49_unit_that_is_not_accepted_after_its_refund_parks_with_its_amount(
    world: World, disposition: str
) -> None:
    ref, item = await refused(world, disposition)
    assert (item.code, item.owner, item.track) == (
        ExceptionCode.REFUND_EXCEEDS_ACCEPTED,
        Owner.FINANCE,
        "finance",
    )
    assert item.amount is not None and item.amount.amount == 1809
    assert f"1 x {SHIRT}" in item.reason and "18.09 GBP" in item.reason
    await world.stage(ref, "SETTLING")
    assert await states(world, ref) == [ExposureState.OPEN]
    await decide(world, ref, ResolutionKind.CANCEL_TRACK, reason="claimed from the platform")
    assert totals(world, ref) == ["18.09"], "the note stays"
    assert await states(world, ref) == [ExposureState.DECIDED]


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (ResolutionKind.ACCEPT_PLATFORM_AMOUNT, {"reason": "a good customer"}),
        (ResolutionKind.DONE_BY_HAND, {"document": "INV-REC-1"}),
    ],
)
async def test_E33_R49_exposure_is_ended_by_a_decision_that_says_why(
    world: World, kind: ResolutionKind, fields: dict[str, str]
) -> None:
    ref, _ = await refused(world)
    await decide(world, ref, kind, **fields)
    [out] = await exposures(world, ref)
    assert out.state is ExposureState.DECIDED
    assert next(iter(fields.values())) in out.note
    assert totals(world, ref) == ["18.09"]


async def test_E33_retry_changes_nothing_and_asks_again(world: World) -> None:
    ref, item = await refused(world)
    await world.resolve(item, ResolutionKind.RETRY)
    again = await parked_again(world, ref, item)
    assert again.code is ExceptionCode.REFUND_EXCEEDS_ACCEPTED
    assert await states(world, ref) == [ExposureState.OPEN]
    await decide(world, ref, ResolutionKind.CANCEL_TRACK, reason="enough")


async def test_E33_E17_parcels_clear_what_they_bring_and_the_rest_is_decided(world: World) -> None:
    ref = world.returned(discounted_order(world), TWO_SHIRTS, mode="instant", planned_refund=Decimal("36.17"))
    await credited(world, ref)
    await arrive(world, ref, (SHIRT, 1, "A"), scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    assert await world.exceptions(ref) == [], "the other unit may still come"
    await arrive(world, ref, (SHIRT, 1, "MISSING"), scan="parcel-2")
    item = await world.parked(ref)
    assert item.amount is not None and item.amount.amount == 1808
    assert await states(world, ref) == [ExposureState.CLEARED, ExposureState.OPEN]
    await decide(world, ref, ResolutionKind.CANCEL_TRACK, reason="claimed")
    assert (totals(world, ref), await states(world, ref)) == (
        ["36.17"],
        [ExposureState.CLEARED, ExposureState.DECIDED],
    )


async def test_E33_N5_instant_refund_that_differs_parks_before_goods_and_stock_goes_on(world: World) -> None:
    ref = one_shirt(world, mode="instant", planned_refund=Decimal("19.99"))
    item = await world.parked(ref)
    assert (item.code, item.payload["order_amount"]) == (ExceptionCode.REFUND_MISMATCH, "18.09")
    assert (world.credits(ref), await exposures(world, ref)) == ([], [])
    await arrive(world, ref, (SHIRT, 1, "A"))
    await eventually(lambda: bool(world.received(ref)))
    await decide(world, ref, ResolutionKind.ACCEPT_PLATFORM_AMOUNT, reason="promised")
    [note] = world.credits(ref)
    assert (note["total"], charges(note)) == ("19.99", [("GOODW", "1.90")])
    assert await exposures(world, ref) == [], "its goods are here"


async def test_R46_E35_second_refund_of_an_instant_return_is_a_duplicate(world: World) -> None:
    ref = one_shirt(world, mode="instant")
    await credited(world, ref)
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"), kind="manual")
    item = await world.parked(ref)
    assert item.code is ExceptionCode.DUPLICATE_REFUND
    assert totals(world, ref) == ["18.09"]
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="paid twice")
    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert totals(world, ref) == ["18.09"]


async def test_E33_two_instant_refunds_find_their_lines_by_value(world: World) -> None:
    items = [("1", SHIRT, 1, "18.09"), ("2", HAT, 1, "40.71")]
    ref = world.returned(discounted_order(world), items, mode="instant", planned_refund=BY_HAND)
    for number, amount in enumerate(("40.71", "18.09"), 1):
        world.reveni["uk"].pay_refund(ref.return_id, Decimal(amount))
        await credited(world, ref, number)
    assert [note["lines"][0]["sku"] for note in world.credits(ref)] == [HAT, SHIRT]
    await arrive(world, ref, (SHIRT, 1, "A"), (HAT, 1, "A"))
    await world.closed(ref)
    assert await states(world, ref) == [ExposureState.CLEARED] * 2


async def test_E33_instant_refund_paid_after_the_goods_leaves_nothing_exposed(world: World) -> None:
    ref = one_shirt(world, mode="instant", planned_refund=BY_HAND)
    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.stage(ref, "SETTLING")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("18.09"))
    await world.closed(ref)
    assert (totals(world, ref), await exposures(world, ref)) == (["18.09"], [])


async def test_R39_E39_lost_answer_of_an_instant_credit_makes_one_note_and_one_exposure(world: World) -> None:
    world.fault("prima", None, "NewCreditNote", "lost_answer", status=0, times=1)
    ref = one_shirt(world, mode="instant")
    await credited(world, ref)
    assert await states(world, ref) == [ExposureState.OPEN]
    await arrive(world, ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert (totals(world, ref), await states(world, ref)) == (["18.09"], [ExposureState.CLEARED])
