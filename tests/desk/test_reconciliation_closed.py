"""A closed month: the statement that it was closed on stays as it was, and what is found later is told beside it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from desk.link import TemporalLink
from desk.periods import close_period, period_statement
from desk.resolutions import decide
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.resolution import Role
from store import Store
from store.records import OpenException
from tests.desk.defects import clean
from tests.desk.reconciled import NAME, Shop, shop_with

NOVEMBER = "2026-11"
CLOSE = datetime(2026, 12, 2, 5, 0, tzinfo=UTC)
LATER = CLOSE + timedelta(days=3)
IN_NOVEMBER: dict[str, Any] = {"since": date(2026, 11, 1), "until": date(2026, 12, 1)}


@pytest.fixture
async def shop(store: Store) -> Shop:
    """November is closed, with one return whose sides agree."""
    shop = shop_with(store)
    await clean(shop, "ok")
    await shop.reconcile(CLOSE, **IN_NOVEMBER)
    answer = await close_period(store, NAME, NOVEMBER, actor="jo", role=Role.FINANCE, clock=lambda: CLOSE)
    assert answer.outcome == "closed"
    return shop


async def test_R84_N15_a_closed_month_shows_what_it_was_closed_on_and_apart_from_it_what_was_found_since(
    shop: Shop,
) -> None:
    before = await period_statement(shop.store, NAME, NOVEMBER, CLOSE)
    await shop.returned("late", "30.00")
    await shop.reconcile(LATER, **IN_NOVEMBER)
    after = await period_statement(shop.store, NAME, NOVEMBER, LATER)
    assert after.closed is not None and (after.closed.closed_by, after.closed.closed_at) == ("jo", CLOSE)
    assert (after.run, after.sides, after.rounding) == (before.run, before.sides, before.rounding)
    assert after.ready and after.blockers == () and before.since_close == ()
    [late] = after.since_close
    assert (late.return_id, late.value and late.value.amount, late.kind) == ("late", 3000, "difference")
    [item] = await shop.exceptions()
    assert late.id == item.id


async def test_R84_a_difference_in_a_closed_month_is_an_exception_that_names_the_month(shop: Shop) -> None:
    await shop.returned("late", "30.00")
    shop.paid_outside("outside", "42.00")
    await shop.returned("december", "50.00", at=CLOSE - timedelta(hours=6))
    await shop.reconcile(LATER, days=35)
    reasons = {item.amount.amount: item.reason for item in await shop.exceptions() if item.amount}
    assert {amount: reason.endswith("; 2026-11 is closed already") for amount, reason in reasons.items()} == {
        3000: True,
        4200: True,
        5000: False,
    }


async def test_R84_what_was_found_since_stays_when_it_is_decided_and_goes_when_it_is_over(
    shop: Shop, no_temporal: TemporalLink
) -> None:
    shop.paid_outside("outside", "42.00")
    ref = await shop.returned("late", "30.00")
    await shop.reconcile(LATER, **IN_NOVEMBER)
    item = next(item for item in await shop.exceptions() if item.code is ExceptionCode.OUT_OF_BAND_REFUND)
    decision = await shop.decided(item, ResolutionKind.DONE_BY_HAND, "CN-1")
    await decide(shop.store, no_temporal, item, decision, lambda: LATER, limits={})
    await shop.restocked(ref)
    await shop.credited(ref, 3000)
    await shop.reconcile(LATER + timedelta(hours=1), **IN_NOVEMBER)
    [left] = (await period_statement(shop.store, NAME, NOVEMBER, LATER)).since_close
    assert left.id == item.id


async def test_R84_what_was_decided_before_the_close_and_what_is_of_another_month_was_not_found_since(
    store: Store, no_temporal: TemporalLink
) -> None:
    shop = shop_with(store)
    shop.paid_outside("decided", "42.00")
    await shop.reconcile(CLOSE, **IN_NOVEMBER)
    [item] = await shop.exceptions()
    decision = await shop.decided(item, ResolutionKind.DONE_BY_HAND, "CN-1")
    await decide(store, no_temporal, item, decision, lambda: CLOSE, limits={})
    await close_period(store, NAME, NOVEMBER, actor="jo", role=Role.FINANCE, clock=lambda: CLOSE)
    shop.paid_outside("october", "10.00", at=datetime(2026, 10, 31, 10, tzinfo=UTC))
    await shop.reconcile(LATER, days=40)
    assert (await period_statement(store, NAME, NOVEMBER, LATER)).since_close == ()


async def test_R84_a_later_exception_about_a_refund_of_the_closed_month_was_found_since(shop: Shop) -> None:
    late = OpenException(
        id="ex-1",
        connection=NAME,
        return_id="ok",
        code=ExceptionCode.REFUND_MISMATCH,
        track=Track.FINANCE,
        step="credit",
        reason="they differ",
        payload={"refund": "ok-1"},
        now=LATER,
    )
    async with shop.store.begin() as unit:
        await unit.exceptions.open(late)
    assert [one.id for one in (await period_statement(shop.store, NAME, NOVEMBER, LATER)).since_close] == ["ex-1"]
