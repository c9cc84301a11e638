"""What finance has decided about a return hides nothing else: other refunds, other notes, units of other lines."""

from datetime import timedelta

import pytest

from desk.link import TemporalLink
from desk.resolutions import decide
from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.inspection import BookedUnits, InspectedUnits, Inspection
from domain.progress import Stage
from domain.reconciliation.classes import DifferenceClass
from domain.returns import Refund, RefundState, ReturnLine, ReturnRef
from store import Store
from store.records import ExceptionRecord
from tests.desk.reconciled import LINE, NOW, OLD, Shop, platform_return, shop_with

DAY = timedelta(days=1)
D = DifferenceClass
MISMATCH = ExceptionCode.REFUND_MISMATCH


@pytest.fixture
def shop(store: Store) -> Shop:
    return shop_with(store)


async def told(shop: Shop) -> list[tuple[DifferenceClass, str, int | None]]:
    """What is open, with its amount or its units."""
    found = await shop.differences()
    return sorted((one.kind, one.subject, one.value.amount if one.value else one.units) for one in found)


async def two_refunds(shop: Shop, first: int = 2000, second: int = 1000) -> ReturnRef:
    """A return with refunds of 20.00 and 30.00, and notes over these totals."""
    ref = await shop.returned("two", "20.00", "30.00", quantity=4)
    await shop.restocked(ref, 4)
    await shop.credited(ref, first, number=1)
    await shop.credited(ref, second, number=2)
    return ref


@pytest.mark.parametrize("kind", [ResolutionKind.ACCEPT_ORDER_AMOUNT, ResolutionKind.LINK_EXISTING])
async def test_R78_N6_a_decision_about_one_refund_hides_no_difference_of_the_next(
    shop: Shop, kind: ResolutionKind
) -> None:
    ref = await two_refunds(shop, first=1500)
    await shop.settled(ref, MISMATCH, kind, refund="two-1", difference="5.00")
    await shop.reconcile()
    assert await told(shop) == [(D.AMOUNT_MISMATCH, "two-2", 2000)]


async def test_R78_N6_what_was_accepted_is_told_once_it_is_another_difference(shop: Shop) -> None:
    ref = await two_refunds(shop, first=1500, second=3000)
    await shop.settled(ref, MISMATCH, ResolutionKind.ACCEPT_ORDER_AMOUNT, refund="two-1", difference="5.00")
    await shop.reconcile()
    assert await told(shop) == []
    shop.erp.credits[0] = shop.erp.credits[0].model_copy(update={"total": 500})
    await shop.reconcile(NOW + DAY)
    assert await told(shop) == [(D.AMOUNT_MISMATCH, "two-1", 1500)]


async def test_R78_the_platforms_amount_was_accepted_and_the_note_is_over_less(shop: Shop) -> None:
    ref = await two_refunds(shop, first=1500, second=3000)
    await shop.settled(ref, MISMATCH, ResolutionKind.ACCEPT_PLATFORM_AMOUNT, refund="two-1", difference="5.00")
    await shop.reconcile()
    assert await told(shop) == [(D.AMOUNT_MISMATCH, "two-1", 500)]


async def test_R78_the_platforms_amount_was_accepted_below_notes_that_were_there(shop: Shop) -> None:
    ref = await two_refunds(shop, first=2500, second=3000)
    figures = {"refund": "two-1", "difference": "-5.00", "credit_note": "CN-two-1"}
    await shop.settled(ref, MISMATCH, ResolutionKind.ACCEPT_PLATFORM_AMOUNT, **figures)
    await shop.reconcile()
    assert await told(shop) == []


async def test_R78_N6_a_second_note_of_ours_is_told_whatever_finance_accepted(shop: Shop) -> None:
    ref = await shop.returned("twice", "20.00")
    await shop.restocked(ref)
    await shop.credited(ref, 2000)
    await shop.settled(ref, MISMATCH, ResolutionKind.ACCEPT_PLATFORM_AMOUNT, refund="twice-1")
    key = "bh-twice-c-9"
    async with shop.store.begin() as unit:
        await shop.credit_in(unit, ref, 2000, number=9, refund=False, units=0, listed=False)
        await unit.documents.set_refund(key, "twice-1", OLD)
    shop.noted("CN-twice-9", 2000, "ORD-twice", key=key, rma_number="RMA-twice", at=OLD + timedelta(hours=1))
    await shop.reconcile()
    assert [kind for kind, _, _ in await told(shop)] == [D.DUPLICATE_CREDIT]


async def test_R78_N6_what_finance_decided_of_a_difference_ends_when_its_amount_changes(
    shop: Shop, no_temporal: TemporalLink
) -> None:
    ref = await shop.returned("amount", "21.90")
    await shop.restocked(ref)
    await shop.credited(ref, 2000)
    await shop.reconcile()
    [item] = await shop.exceptions()
    await decided(shop, no_temporal, item)
    await shop.reconcile(NOW + DAY)
    assert await told(shop) == []
    shop.erp.credits[0] = shop.erp.credits[0].model_copy(update={"total": 500})
    await shop.reconcile(NOW + 2 * DAY)
    assert await told(shop) == [(D.AMOUNT_MISMATCH, "amount-1", 1690)]


async def test_R78_R80_a_decision_about_a_payout_says_nothing_about_the_note(
    shop: Shop, no_temporal: TemporalLink
) -> None:
    ref = await shop.returned("paid", "20.00")
    await shop.restocked(ref)
    await shop.credited(ref, 2000)
    await shop.paid_out("paid-1", "ORD-paid", "25.00")
    await shop.reconcile()
    [item] = await shop.exceptions()
    await decided(shop, no_temporal, item)
    shop.erp.credits.clear()
    await shop.reconcile(NOW + DAY)
    assert await told(shop) == [(D.MISSING_CREDIT, "paid-1", 2000)]


async def test_R47_R91_a_refund_that_was_paid_long_after_it_was_made_is_late_by_its_payment(shop: Shop) -> None:
    ref, created = ReturnRef(connection="uk", return_id="slow"), NOW - 12 * DAY
    for state, at in ((RefundState.PENDING, created), (RefundState.PAID, NOW - timedelta(hours=1))):
        refund = Refund(refund_id="slow-1", state=state, amount_text="20.00", currency="GBP", created_at=created)
        async with shop.store.begin() as unit:
            await unit.returns.save_platform_return(ref, platform_return("slow", "ORD-slow", [refund]), at)
    shop.paid_outside("slow-1", "20.00", "slow", at=created)
    await shop.reconcile()
    assert await told(shop) == [] and await shop.exceptions() == []
    await shop.reconcile(NOW + DAY)
    [found] = await shop.differences()
    assert found.text == "refund slow-1 over 20.00 GBP was paid on 2026-11-30 and has no credit note"


async def test_R38_a_missing_unit_explains_none_that_came_and_is_not_credited_any_more(shop: Shop) -> None:
    ref = await shop.returned("gone", "10.00")
    await shop.restocked(ref, 1)
    await inspected(shop, ref, Disposition.MISSING)
    await shop.credited(ref, 1000, units=1, listed=False)
    async with shop.store.begin() as unit:
        await unit.slots.reserve("prima-test", "ORD-gone", ref, {LINE: 1}, {LINE: 2})
        await unit.slots.credit("prima-test", "ORD-gone", ref, {LINE: [1]}, "bh-gone-c-1", OLD)
        assert (await unit.returns.refresh_progress(ref, OLD)).stage is Stage.CLOSED
    for days in (0, 1, 2):
        await shop.reconcile(NOW + days * DAY)
        assert await told(shop) == [(D.MISSING_CREDIT, "gone-1", 1000), (D.STOCK_MISMATCH, "gone", 1)]
    assert len(await shop.exceptions(None)) == 2, "asked once, and not anew with every run"


async def test_R38_a_line_that_the_customer_keeps_explains_no_unit_of_another_line(shop: Shop) -> None:
    """The kept line is credited as well: its units are its own matter."""
    shirt = ReturnLine(line_id=LINE, order_line_id="1", sku="SHIRT", quantity=2, accepted=2)
    socks = ReturnLine(line_id="2/SOCKS", order_line_id="2", sku="SOCKS", quantity=2, keep=True)
    ref = await shop.returned("kept", "20.00", lines=[shirt, socks])
    await shop.credited(ref, 2000)
    await shop.reconcile()
    [found] = await shop.differences()
    assert (found.kind, found.units) == (D.STOCK_MISMATCH, 2)


async def inspected(shop: Shop, ref: ReturnRef, disposition: Disposition) -> None:
    """One unit more, without a stock document."""
    scan = Inspection(
        inspection_id="scan-2",
        location="LDN-1",
        units=[InspectedUnits(sku="SHIRT", quantity=1, disposition=disposition)],
    )
    booked = BookedUnits(line_id=LINE, sku="SHIRT", quantity=1, disposition=disposition)
    async with shop.store.begin() as unit:
        await unit.inspections.save(ref, scan, [booked], OLD)
        await unit.returns.set_reported(ref, OLD)


async def decided(shop: Shop, link: TemporalLink, item: ExceptionRecord) -> None:
    """Finance ends the matter."""
    resolution = await shop.decided(item, ResolutionKind.CANCEL_TRACK)
    answer = await decide(shop.store, link, item, resolution, lambda: shop.now, limits={})
    assert answer.outcome == "decided", answer.text
