"""Closing a month, and what rounding adds up to."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from desk.link import TemporalLink
from desk.periods import close_period, period_statement
from desk.resolutions import decide
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from domain.resolution import Role
from store import Store
from store.records import OpenException
from tests.desk.reconciled import NAME, NOW, OLD, Shop, shop_with

NOVEMBER = "2026-11"
AFTER = datetime(2026, 12, 2, 5, 0, tzinfo=UTC)
LAST_HOUR = datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
IN_NOVEMBER: dict[str, Any] = {"since": date(2026, 11, 1), "until": date(2026, 12, 1)}


@pytest.fixture
def shop(store: Store) -> Shop:
    return shop_with(store)


async def clean(shop: Shop, name: str = "ok", at: datetime = OLD) -> None:
    ref = await shop.returned(name, "20.00", at=at)
    await shop.restocked(ref, at=at)
    await shop.credited(ref, 2000, at=at)


async def close(shop: Shop, role: Role = Role.FINANCE, at: datetime = AFTER) -> str:
    answer = await close_period(shop.store, NAME, NOVEMBER, actor="jo", role=role, clock=lambda: at)
    assert (answer.outcome == "refused") == bool(answer.text)
    return answer.text or ("again" if answer.repeated else "closed")


async def test_R84_a_month_without_open_finance_items_is_ready_and_can_be_closed_once(shop: Shop) -> None:
    """Old refunds and one of the last hour of the month: all have their note."""
    await clean(shop)
    await clean(shop, "last", LAST_HOUR)
    await shop.reconcile(AFTER, **IN_NOVEMBER)
    statement = await period_statement(shop.store, NAME, NOVEMBER, AFTER)
    assert statement.ready and statement.blockers == () and statement.closed is None
    assert [(side.side, side.moved.amount, side.foots) for side in statement.sides] == [
        ("refund", 4000, True),
        ("credit", 4000, True),
    ]
    assert {(one.kind, one.count) for side in statement.sides for one in side.classes} == {(DifferenceClass.MATCHED, 2)}
    assert await close(shop) == "closed"
    assert await close(shop) == "again"
    closed = (await period_statement(shop.store, NAME, NOVEMBER, AFTER)).closed
    assert closed is not None and (closed.closed_by, closed.closed_at) == ("jo", AFTER)
    assert closed.statement["run"] == statement.run
    async with shop.store.reading() as unit:
        [entry] = await unit.audit.list(f"{NAME}/{NOVEMBER}")
    assert (entry.actor, entry.action) == ("jo", "period.closed")


async def test_R84_N3_a_refund_within_the_agreed_time_is_in_the_way_until_it_has_its_note(shop: Shop) -> None:
    midnight, later = datetime(2026, 12, 1, 0, 10, tzinfo=UTC), AFTER + timedelta(days=5)
    ref = await shop.returned("late", "500.00", at=LAST_HOUR)
    await shop.reconcile(midnight, **IN_NOVEMBER)
    for now in (midnight, later):
        [one] = (await period_statement(shop.store, NAME, NOVEMBER, now)).blockers
        assert (one.kind, one.value, one.since) == ("run", Money(amount=50000, currency="GBP"), LAST_HOUR)
        assert "1 refund over 500.00 GBP within the agreed time" in one.text
    assert "within the agreed time" in await close(shop, at=later)
    await shop.restocked(ref, at=AFTER)
    await shop.credited(ref, 50000, at=AFTER)
    await shop.reconcile(later, since=date(2026, 11, 1), until=date(2026, 12, 8))
    assert "within the agreed time" in await close(shop, at=later), "it rests on the run of exactly this month"
    await shop.reconcile(later + timedelta(minutes=1), **IN_NOVEMBER)
    assert await close(shop, at=later) == "closed"


async def test_R84_N3_what_became_unsettled_after_the_run_of_the_month_is_in_the_way(shop: Shop) -> None:
    """A later run that covers the month too does not find the note in the ERP any more."""
    morning = LAST_HOUR + timedelta(hours=7)
    await clean(shop, at=LAST_HOUR)
    await shop.reconcile(morning, **IN_NOVEMBER)
    shop.erp.credits.clear()
    await shop.reconcile(morning + timedelta(hours=1), days=35)
    assert "1 refund over 20.00 GBP within the agreed time" in await close(shop, at=morning + timedelta(hours=2))


async def test_R84_refunds_of_the_next_month_that_still_have_time_are_not_in_the_way(shop: Shop) -> None:
    await clean(shop)
    await shop.returned("december", "30.00", at=AFTER - timedelta(hours=2))
    await shop.reconcile(AFTER, days=35)
    assert (await period_statement(shop.store, NAME, NOVEMBER, AFTER)).ready


@pytest.mark.parametrize("refund", ["ok-1", "", "another"])
async def test_R84_an_exception_of_finance_that_came_later_is_in_the_way_when_it_is_about_the_months_refund(
    shop: Shop, refund: str
) -> None:
    await clean(shop, at=LAST_HOUR)
    await shop.reconcile(AFTER, **IN_NOVEMBER)
    await parked(shop, AFTER, {"refund": refund} if refund else {})
    blockers = (await period_statement(shop.store, NAME, NOVEMBER, AFTER)).blockers
    assert [one.id for one in blockers] == ([] if refund == "another" else ["ex-1"])


async def test_R84_a_thousand_decided_differences_hide_none_that_is_open(
    shop: Shop, no_temporal: TemporalLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.periods._MOST", 3)
    for number in range(4):
        shop.paid_outside(f"rf-{number}", "42.00")
    await shop.reconcile(AFTER, **IN_NOVEMBER)
    items = {item.id: item for item in await shop.exceptions()}
    for one in (await shop.differences())[:3]:
        decision = await shop.decided(items[one.exception_id], ResolutionKind.DONE_BY_HAND, f"CN-{one.id}")
        await decide(shop.store, no_temporal, items[one.exception_id], decision, lambda: AFTER, limits={})
    [left] = (await period_statement(shop.store, NAME, NOVEMBER, AFTER)).blockers
    assert left.text.startswith("refunded outside the platform: refund rf-3")


async def test_R84_R78_a_month_whose_classes_do_not_add_up_is_not_ready(shop: Shop) -> None:
    await clean(shop)
    await shop.reconcile(AFTER, **IN_NOVEMBER)
    assert (await period_statement(shop.store, NAME, NOVEMBER, AFTER)).ready
    async with shop.store.begin() as unit:
        [run] = await unit.reconciliation.latest(NAME)
        pulled = [{**one.model_dump(mode="json"), "amount": one.amount + 1} for one in run.pulled]
        await unit.reconciliation._set(run, pulled=pulled)
    blockers = (await period_statement(shop.store, NAME, NOVEMBER, AFTER)).blockers
    assert [(one.kind, "do not add up" in one.text) for one in blockers] == [("run", True)] * 2
    assert "do not add up" in await close(shop)


async def test_R84_what_is_open_is_listed_with_its_value_and_the_close_is_refused(shop: Shop) -> None:
    await clean(shop)
    await shop.returned("nonote", "30.00")
    await parked(shop, NOW)
    await shop.reconcile(AFTER, **IN_NOVEMBER)
    statement = await period_statement(shop.store, NAME, NOVEMBER, AFTER)
    assert not statement.ready and statement.value == (Money(amount=3500, currency="GBP"),)
    assert [(one.kind, one.return_id, one.value and one.value.amount) for one in statement.blockers] == [
        ("difference", "nonote", 3000),
        ("exception", "ok", 500),
    ]
    assert (await close(shop)).startswith("2026-11 is not ready: credit note is missing: refund nonote-1 over 30.00")
    async with shop.store.reading() as unit:
        [entry] = await unit.audit.list(f"{NAME}/{NOVEMBER}")
    assert entry.action == "period.refused" and (await unit_closed(shop)) is False


async def test_R84_what_was_decided_is_in_the_way_no_more(shop: Shop, no_temporal: TemporalLink) -> None:
    shop.paid_outside("rf-1", "42.00")
    await shop.reconcile(AFTER, **IN_NOVEMBER)
    [item] = await shop.exceptions()
    decision = await shop.decided(item, ResolutionKind.DONE_BY_HAND, "CN-1")
    await decide(shop.store, no_temporal, item, decision, lambda: AFTER, limits={})
    assert await close(shop) == "closed"


@pytest.mark.parametrize("role", [Role.WAREHOUSE, Role.CX, Role.MERCHANDISING, Role.INTEGRATION])
async def test_R84_closing_is_finances(shop: Shop, role: Role) -> None:
    await shop.reconcile(AFTER, **IN_NOVEMBER)
    assert "belongs to finance" in await close(shop, role)


async def test_R84_a_month_is_not_ready_before_it_is_over_and_compared_as_a_whole(shop: Shop) -> None:
    await shop.reconcile(NOW, **IN_NOVEMBER)
    early = await period_statement(shop.store, NAME, NOVEMBER, NOW)
    assert [one.text for one in early.blockers] == [
        "2026-11 is not over",
        "no reconciliation has compared all days from 2026-11-01 to 2026-12-01 (not included) since they were over",
    ]
    await shop.reconcile(AFTER, since=date(2026, 11, 2), until=date(2026, 12, 3))
    assert [one.kind for one in (await period_statement(shop.store, NAME, NOVEMBER, AFTER)).blockers] == ["run"]
    await shop.reconcile(AFTER + timedelta(hours=1), days=35)
    assert (await period_statement(shop.store, NAME, NOVEMBER, AFTER)).ready


async def test_R84_what_is_no_month_is_refused(shop: Shop) -> None:
    for month in ("2026-13", "november", "2026-11-01"):
        with pytest.raises(ValueError):
            await period_statement(shop.store, NAME, month, AFTER)


async def test_R85_a_hundred_differences_of_one_add_up_and_are_one_alert_beyond_the_limit(
    store: Store, no_temporal: TemporalLink
) -> None:
    shop = shop_with(store, rounding_balance=99)
    ref = await shop.returned("r", *["20.01"] * 100)
    async with store.begin() as unit:
        for number in range(1, 100):
            await shop.credit_in(unit, ref, 2001, number=number, rounding=1, units=0)
    await shop.reconcile(NOW)
    assert await balance(shop) == (99, 99)
    assert [item.code for item in await shop.exceptions()] == [ExceptionCode.CREDIT_OVERDUE]
    await shop.credited(ref, 2001, number=100, rounding=1, units=0)
    await shop.reconcile(NOW + timedelta(minutes=1))
    assert await balance(shop) == (100, 100)
    [drift] = await shop.exceptions()
    assert (drift.code, drift.amount) == (ExceptionCode.ROUNDING_DRIFT, Money(amount=100, currency="GBP"))
    assert "add up to 1.00 GBP" in drift.reason
    await shop.reconcile(NOW + timedelta(minutes=2))
    assert [item.id for item in await shop.exceptions()] == [drift.id]
    decision = await shop.decided(drift, ResolutionKind.DONE_BY_HAND, "J-1")
    await decide(shop.store, no_temporal, drift, decision, lambda: NOW, limits={})
    await shop.reconcile(NOW + timedelta(minutes=3))
    assert await shop.exceptions() == [] and await balance(shop) == (100, 100), "finance knows these hundred"


async def test_R85_what_finance_accepted_is_left_out_of_the_next_alert(store: Store, no_temporal: TemporalLink) -> None:
    shop = shop_with(store, rounding_balance=1)
    amounts: list[int | None] = []
    for number in range(4):
        ref = await shop.returned(f"r{number}", "20.01")
        await shop.credited(ref, 2001, rounding=1, units=0)
        await shop.reconcile(NOW + timedelta(minutes=number))
        drifts = await shop.exceptions()
        amounts.append(drifts[0].amount.amount if drifts and drifts[0].amount else None)
        for drift in drifts:
            decision = await shop.decided(drift, ResolutionKind.DONE_BY_HAND, "J-1")
            await decide(shop.store, no_temporal, drift, decision, lambda: NOW, limits={})
    assert amounts == [None, 2, None, 2]


async def test_R85_the_balance_is_signed(store: Store) -> None:
    shop = shop_with(store, rounding_balance=0)
    for name, amount, rounding in (("up", "20.01", 1), ("down", "19.99", -1)):
        ref = await shop.returned(name, amount)
        await shop.credited(ref, 2000 + rounding, rounding=rounding, units=0)
    await shop.reconcile()
    assert await balance(shop) == (0, 2) and await shop.exceptions() == []
    kinds = {one.kind for one in await shop.differences()}
    assert kinds == {DifferenceClass.ROUNDING}


async def parked(shop: Shop, now: datetime, figures: dict[str, Any] | None = None) -> None:
    """Finance has to decide about the return ``ok``."""
    item = OpenException(
        id="ex-1",
        connection=NAME,
        return_id="ok",
        code=ExceptionCode.REFUND_MISMATCH,
        track=Track.FINANCE,
        step="credit",
        reason="they differ",
        amount=Money(amount=500, currency="GBP"),
        payload=figures or {},
        now=now,
    )
    async with shop.store.begin() as unit:
        await unit.exceptions.open(item)


async def balance(shop: Shop) -> tuple[int, int]:
    async with shop.store.reading() as unit:
        [one] = await unit.periods.rounding(NAME)
    return one.amount, one.count


async def unit_closed(shop: Shop) -> bool:
    async with shop.store.reading() as unit:
        return await unit.periods.get(NAME, NOVEMBER) is not None
