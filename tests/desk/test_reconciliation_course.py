"""The course of one difference: it changes while somebody has it, is decided, comes again; no run ever fails on it."""

from datetime import date, timedelta

import pytest

from desk.link import TemporalLink
from desk.resolutions import decide
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from store import Store
from store.reconciliation_records import DifferenceState, RunState
from store.records import ExceptionRecord, ExceptionState
from tests.desk.reconciled import ANY_STATE, NOW, OLD, Shop, shop_with

DAY = timedelta(days=1)
D = DifferenceClass


@pytest.fixture
def shop(store: Store) -> Shop:
    return shop_with(store)


def gbp(amount: int) -> Money:
    return Money(amount=amount, currency="GBP")


async def told(shop: Shop) -> list[tuple[DifferenceClass, str, int | None]]:
    """What is open, with its amount."""
    found = await shop.differences()
    return sorted((one.kind, one.subject, one.value.amount if one.value else None) for one in found)


async def asked(shop: Shop) -> list[tuple[ExceptionCode, Money | None]]:
    """What people are asked to decide. Each open difference stands for itself."""
    items = await shop.exceptions()
    assert {item.id for item in items} == {one.exception_id for one in await shop.differences()}
    return sorted(((item.code, item.amount) for item in items), key=lambda one: (one[0], one[1] and one[1].amount))


async def decided(
    shop: Shop, link: TemporalLink, kind: ResolutionKind = ResolutionKind.CANCEL_TRACK
) -> ExceptionRecord:
    """Finance decides about the only open exception."""
    [item] = await shop.exceptions()
    answer = await decide(shop.store, link, item, await shop.decided(item, kind, "CN-9"), lambda: shop.now, limits={})
    assert answer.outcome == "decided", answer.text
    return item


async def test_R52_N6_a_payout_whose_order_gets_a_return_changes_its_class_and_is_asked_once(shop: Shop) -> None:
    await shop.paid_out("rf-x", "ORD-new", "42.00")
    await shop.reconcile()
    assert await told(shop) == [(D.OUT_OF_BAND_REFUND, "rf-x", 4200)]
    await shop.returned("new", at=NOW)
    assert (await shop.reconcile(NOW + DAY)).state == RunState.DONE
    assert await told(shop) == [(D.UNMATCHED_PAYOUT, "rf-x", 4200)]
    assert await asked(shop) == [(ExceptionCode.OUT_OF_BAND_REFUND, gbp(4200))]


async def test_R52_N6_an_amount_that_changes_while_somebody_has_it_is_asked_anew_and_once(shop: Shop) -> None:
    shop.paid_outside("rf-1", "42.00")
    await shop.reconcile()
    [before] = await shop.exceptions()
    shop.platform.refunds.clear()
    shop.paid_outside("rf-1", "84.00")
    await shop.reconcile(NOW + DAY)
    assert await told(shop) == [(D.OUT_OF_BAND_REFUND, "rf-1", 8400)]
    assert await asked(shop) == [(ExceptionCode.OUT_OF_BAND_REFUND, gbp(8400))]
    cleared = {item.id: item.state for item in await shop.exceptions(None)}
    assert cleared[before.id] == ExceptionState.CLEARED


async def test_N6_an_amount_that_goes_back_to_what_was_decided_is_nobodys_matter(
    shop: Shop, no_temporal: TemporalLink
) -> None:
    for days, amount in enumerate(("42.00", "84.00", "42.00")):
        shop.platform.refunds.clear()
        shop.paid_outside("rf-1", amount)
        await shop.reconcile(NOW + days * DAY)
        if not days:
            await decided(shop, no_temporal)
    assert await told(shop) == [] and await shop.exceptions() == []


async def test_N6_a_refund_that_was_decided_is_told_no_more_when_its_day_is_past_and_its_payout_is_not(
    shop: Shop, no_temporal: TemporalLink
) -> None:
    await shop.returned("ok", at=OLD - 11 * DAY)
    shop.paid_outside("rf-9", "42.00")
    await shop.paid_out("rf-9", "ORD-ok", "42.00", at=OLD + 3 * DAY)
    await shop.reconcile()
    await decided(shop, no_temporal)
    for days in (1, 26):
        await shop.reconcile(NOW + days * DAY)
        assert await told(shop) == [] and await shop.exceptions() == []
    assert {one.state for one in await shop.differences(ANY_STATE)} == {DifferenceState.DECIDED}


async def test_N6_R84_the_next_month_knows_a_refund_of_this_one_by_its_payout(shop: Shop) -> None:
    await shop.returned("ok", at=OLD - 11 * DAY)
    shop.paid_outside("rf-9", "42.00", at=NOW - DAY)
    await shop.paid_out("rf-9", "ORD-ok", "42.00", at=NOW + 2 * DAY)
    await shop.reconcile(NOW + 2 * DAY, since=date(2026, 11, 1), until=date(2026, 12, 1))
    before = await shop.differences()
    await shop.reconcile(NOW + 33 * DAY, since=date(2026, 12, 1), until=date(2027, 1, 1))
    assert await told(shop) == [(D.OUT_OF_BAND_REFUND, "rf-9", 4200)]
    assert [one.id for one in await shop.differences()] == [one.id for one in before]


async def test_R80_a_payout_over_another_amount_than_a_refund_of_other_days_is_told_with_both(shop: Shop) -> None:
    shop.paid_outside("rf-9", "42.00", at=NOW - DAY)
    await shop.reconcile(NOW + 2 * DAY, since=date(2026, 11, 1), until=date(2026, 12, 1))
    await shop.paid_out("rf-9", "ORD-9", "45.00", at=NOW + 2 * DAY)
    await shop.reconcile(NOW + 33 * DAY, since=date(2026, 12, 1), until=date(2027, 1, 1))
    assert (D.UNMATCHED_PAYOUT, "rf-9", 300) in await told(shop)


async def test_N6_units_that_change_while_somebody_has_them_are_asked_anew_and_once(shop: Shop) -> None:
    ref = await shop.returned("units", "20.00")
    await shop.credited(ref, 2000)
    await shop.reconcile()
    [before] = await shop.exceptions()
    await shop.restocked(ref, 1)
    await shop.reconcile(NOW + DAY)
    [item] = await shop.exceptions()
    assert item.id != before.id and item.units == 1


async def test_R78_a_note_by_hand_without_rma_over_what_we_credited_is_a_duplicate_and_in_the_way(shop: Shop) -> None:
    ref = await shop.returned("ok", "20.00")
    await shop.restocked(ref)
    await shop.credited(ref, 2000)
    shop.noted("CN-HAND", 2000, "ORD-ok")
    shop.noted("CN-OTHER", 1990, "ORD-ok")
    await shop.reconcile()
    assert await told(shop) == [(D.DUPLICATE_CREDIT, "CN-HAND", -2000), (D.FOREIGN_CREDIT, "CN-OTHER", -1990)]
    [item] = await shop.exceptions()
    assert (item.code, item.return_id) == (ExceptionCode.REFUND_MISMATCH, "ok")


async def test_E42_a_note_by_hand_over_a_refund_that_still_lacks_its_note_is_no_duplicate(shop: Shop) -> None:
    ref = await shop.returned("two", "20.00", "20.00", quantity=4)
    await shop.restocked(ref, 4)
    await shop.credited(ref, 2000)
    shop.noted("CN-HAND", 2000, "ORD-two")
    await shop.reconcile()
    assert [(kind, subject) for kind, subject, _ in await told(shop) if kind is not D.STOCK_MISMATCH] == [
        (D.FOREIGN_CREDIT, "CN-HAND"),
        (D.MISSING_CREDIT, "two-2"),
    ]


async def test_R79_two_payout_lines_of_one_unknown_refund_are_two_differences(shop: Shop) -> None:
    await shop.paid_out("rf-x", "ORD-9", "7.00", "42.00")
    await shop.reconcile()
    expected = [(D.OUT_OF_BAND_REFUND, "rf-x", 700), (D.OUT_OF_BAND_REFUND, "rf-x#2", 4200)]
    assert await told(shop) == expected
    await shop.reconcile(NOW + DAY)
    assert await told(shop) == expected
    assert await asked(shop) == [(ExceptionCode.OUT_OF_BAND_REFUND, gbp(amount)) for amount in (700, 4200)]


async def test_R79_a_payout_of_a_refund_whose_amount_cannot_be_held_is_told_by_the_refund_alone(shop: Shop) -> None:
    shop.paid_outside("rf-x", "42.005")
    await shop.paid_out("rf-x", "ORD-9", "42.01")
    for days in (0, 1):
        await shop.reconcile(NOW + days * DAY)
        assert await told(shop) == [(D.OUT_OF_BAND_REFUND, "rf-x", None)]
    assert len(await shop.exceptions(None)) == 1
