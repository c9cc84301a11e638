"""What takes longer than agreed is listed once, with what it waits for, and goes by itself (R15, R30, R65, R89)."""

from datetime import timedelta

import pytest

from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, Track
from domain.exchange import ExchangeState
from domain.lateness import StuckKind
from domain.progress import Stage
from domain.returns import PlatformPhase, ReturnKind
from store import Store, stuck
from store.exchange_records import ExchangePlan
from store.sweep_records import StuckState
from tests.store.given import LINE, NOW, booked, delivery, inspection
from tests.sweep.looking import DAY, HOUR, NAME, Shop, ago, shop_with, wish

pytestmark = pytest.mark.verify

MINUTE = timedelta(minutes=1)


async def test_R15_a_return_without_rma_is_named_with_its_cause_after_the_limit_and_once(shop: Shop) -> None:
    ref = await shop.returned(since=ago(minutes=31), rma=False)
    await shop.returned("young", since=ago(minutes=29), rma=False)
    await shop.planned(ref, DocumentKind.RMA, ago(minutes=31))
    found = await shop.sweep()
    assert found.late == {StuckKind.RMA: 1}
    [late] = await shop.stuck()
    assert (late.kind, late.ref, late.since, late.limit) == (StuckKind.RMA, ref, ago(minutes=31), 30 * MINUTE)
    assert (late.blocker, late.told_by) == ("the ERP to take document bh-r1-rma", "")
    await shop.sweep(NOW + 15 * MINUTE)
    again = {one.return_id: one for one in await shop.stuck()}
    assert again["R1"].found_at == NOW, "the same matter, not a new one"
    assert await shop.exceptions(None) == [], "what is only slow is no exception"


async def test_R15_it_is_over_by_itself_and_counts_anew_when_it_comes_again(shop: Shop, store: Store) -> None:
    ref = await shop.returned(since=ago(hours=1), rma=False)
    await shop.sweep()
    async with store.begin() as unit:
        await unit.returns.set_authorised(ref, "RMA-1", False, "hash", NOW + 30 * DAY, NOW)
    await shop.sweep(NOW + MINUTE)
    assert await shop.stuck() == []
    async with store.begin() as unit:
        await unit.returns.set_authorised(ref, "", False, "hash", NOW + 30 * DAY, NOW)
    await shop.sweep(NOW + 2 * HOUR)
    [late] = await shop.stuck()
    assert (late.state, late.found_at) == (StuckState.OPEN, NOW + 2 * HOUR)


async def test_R15_E67_a_parked_return_is_not_told_of_a_second_time(shop: Shop) -> None:
    ref = await shop.returned(since=ago(hours=1), rma=False)
    await shop.parked(ref, ExceptionCode.RMA_REJECTED, Track.RMA)
    assert (await shop.sweep()).late == {}


async def test_E64_the_clock_stands_still_in_the_line_of_a_window(shop: Shop) -> None:
    """Authorised ten hours before its window: late half an hour after it, and green all the time before."""
    ref = await shop.returned(since=ago(hours=10), rma=False)
    await shop.planned(ref, DocumentKind.RMA, ago(hours=10), window_at=NOW)
    assert (await shop.sweep(NOW - MINUTE)).late == {}
    assert (await shop.sweep(NOW + 29 * MINUTE)).late == {}
    assert (await shop.sweep(NOW + 31 * MINUTE)).late == {StuckKind.RMA: 1}
    [late] = await shop.stuck()
    assert late.since == NOW


async def test_E64_what_was_late_before_it_came_into_the_line_is_green_in_it(shop: Shop, store: Store) -> None:
    """Nobody can do anything before the window; after it the time from before counts again."""
    ref = await shop.returned(since=ago(days=1), rma=False)
    key = await shop.planned(ref, DocumentKind.RMA, ago(hours=10))
    assert (await shop.sweep()).late == {StuckKind.RMA: 1}
    async with store.begin() as unit:
        await unit.windows.queue(key, NOW + HOUR, ref.workflow_id, NOW)
    assert (await shop.sweep(NOW + MINUTE)).late == {}
    assert await shop.stuck() == []
    assert (await shop.sweep(NOW + HOUR + MINUTE)).late == {StuckKind.RMA: 1}


@pytest.mark.parametrize("kind", [DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT, DocumentKind.TRANSFER])
async def test_R30_a_stock_document_that_the_erp_does_not_take_is_late_until_it_is_there(
    shop: Shop, kind: DocumentKind
) -> None:
    ref = await shop.returned(since=ago(days=2))
    key = await shop.planned(ref, kind, ago(hours=5))
    assert (await shop.sweep()).late == {StuckKind.STOCK: 1}
    [late] = await shop.stuck(StuckKind.STOCK)
    assert (late.subject, late.since) == (key, ago(hours=5))
    await shop.posted(key, NOW)
    assert (await shop.sweep(NOW + MINUTE)).late == {}
    assert await shop.stuck() == []


async def test_E64_R30_stock_in_the_line_of_a_window_is_green(shop: Shop) -> None:
    ref = await shop.returned(since=ago(days=2))
    await shop.planned(ref, DocumentKind.RECEIPT, ago(hours=5), window_at=NOW + HOUR)
    assert (await shop.sweep()).late == {}
    assert (await shop.sweep(NOW + 6 * HOUR)).late == {StuckKind.STOCK: 1}


async def test_R65_a_confirmed_exchange_without_order_is_told_also_when_its_rma_is_parked(shop: Shop) -> None:
    """The customer was told yes: that another team has the RMA on its desk is no answer to them."""
    ref = await shop.returned(since=ago(hours=2), rma=False, kind=ReturnKind.EXCHANGE, exchanges=[wish()])
    parked = await shop.parked(ref, ExceptionCode.RMA_REJECTED, Track.RMA)
    await shop.sweep()
    [late] = await shop.stuck()
    assert (late.kind, late.subject, late.limit) == (StuckKind.EXCHANGE, wish().exchange_id, HOUR)
    assert late.blocker == f"warehouse to decide RMA_REJECTED ({parked})"


async def test_R65_E67_an_exchange_that_is_parked_itself_is_not_told_of_a_second_time(shop: Shop) -> None:
    ref = await shop.returned(since=ago(hours=2), kind=ReturnKind.EXCHANGE, exchanges=[wish()])
    await shop.parked(ref, ExceptionCode.EXCHANGE_OOS, Track.EXCHANGE)
    assert (await shop.sweep()).late == {}


async def test_R65_an_exchange_is_no_longer_late_once_it_is_ordered(shop: Shop, store: Store) -> None:
    ref = await shop.returned(since=ago(hours=2), kind=ReturnKind.EXCHANGE, exchanges=[wish()])
    plan = ExchangePlan(
        key="bh-r1-x-1",
        ref=ref,
        number=1,
        exchange_id=wish().exchange_id,
        line_id=LINE,
        units=1,
        sku="SHIRT-L",
        quantity=1,
        currency="GBP",
    )
    async with store.begin() as unit:
        await unit.exchanges.plan(plan, ago(hours=2))
    assert (await shop.sweep()).late == {StuckKind.EXCHANGE: 1}
    [before] = await shop.stuck()
    async with store.begin() as unit:
        await unit.exchanges.mark(plan.key, ExchangeState.AWAITING_PAYMENT, now=NOW)
    assert (await shop.sweep(NOW + MINUTE)).late == {}, "what the customer has not paid for is not confirmed"
    async with store.begin() as unit:
        await unit.exchanges.mark(plan.key, ExchangeState.ORDERED, order_number="SO-1", now=NOW)
    assert (await shop.sweep(NOW + 2 * MINUTE)).late == {}
    assert before.subject == wish().exchange_id, "planned or not, it is the same promise"


async def test_R65_at_acceptance_the_clock_begins_with_the_goods(store: Store) -> None:
    shop = shop_with(store)
    ref = await shop.returned(since=ago(days=3), kind=ReturnKind.EXCHANGE, exchanges=[wish()])
    async with store.begin() as unit:
        await unit.returns.set_authorised(
            ref,
            "RMA-1",
            False,
            "hash",
            NOW + DAY,
            ago(days=3),
            exchange_on="acceptance",  # type: ignore[arg-type]
        )
    assert (await shop.sweep()).late == {}
    async with store.begin() as unit:
        await unit.inspections.save(ref, inspection(), booked(), ago(minutes=61))
    assert (await shop.sweep()).late == {StuckKind.EXCHANGE: 1}


async def test_R89_a_return_that_does_not_move_is_told_with_stage_and_blocker(shop: Shop, store: Store) -> None:
    ref = await shop.returned(since=ago(days=30))
    async with store.begin() as unit:
        await unit.inspections.save(ref, inspection(), booked(), ago(days=8))
        await unit.returns.set_reported(ref, ago(days=8))
    await shop.sweep()
    [late] = await shop.stuck()
    assert (late.kind, late.stage, late.since) == (StuckKind.STAGE, "SETTLING", ago(days=8))
    assert late.blocker == "the platform to confirm the refund of 2 unit(s)"


async def test_R89_an_open_exception_or_a_window_is_no_standstill(shop: Shop, store: Store) -> None:
    for return_id in ("asked", "in-line"):
        ref = await shop.returned(return_id, since=ago(days=30))
        async with store.begin() as unit:
            await unit.inspections.save(ref, inspection(), booked(), ago(days=8))
            await unit.returns.set_reported(ref, ago(days=8))
        if return_id == "asked":
            await shop.parked(ref, ExceptionCode.REFUND_NOT_CONFIRMED, Track.FINANCE, ago(days=8))
        else:
            await shop.planned(ref, DocumentKind.CREDIT, ago(days=8), window_at=NOW + HOUR)
    assert (await shop.sweep()).late == {}


async def test_R89_what_says_more_than_the_stage_is_told_alone(shop: Shop) -> None:
    await shop.returned(since=ago(hours=5), rma=False)
    assert (await shop.sweep()).late == {StuckKind.RMA: 1}, "VALIDATING for five hours is the same matter"


async def test_R2_webhooks_that_nobody_was_told_of_are_on_the_list_as_one(shop: Shop, store: Store) -> None:
    async with store.begin() as unit:
        for number in range(3):
            await unit.inbox.accept(NAME, delivery(f"D{number}", f"R{number}"), "digest", "", ago(minutes=20))
        await unit.inbox.accept("other", delivery(), "digest", "", ago(minutes=20))
    assert (await shop.sweep()).late == {StuckKind.UNDELIVERED: 1}
    [late] = await shop.stuck()
    assert late.ref is None
    assert late.blocker == "the bridge to tell 3 accepted webhook(s) to their workflows"


async def test_E63_while_the_erp_is_down_its_own_exception_tells_of_all_returns(shop: Shop, store: Store) -> None:
    for number in range(50):
        await shop.returned(f"R{number:02}", since=ago(days=2), rma=False)
    async with store.begin() as unit:
        down = await unit.exceptions.open_for_connection(
            NAME, ExceptionCode.CONNECTION_DOWN, "prima: no answer", ago(hours=30), system="prima"
        )
    await shop.sweep()
    late = await shop.stuck()
    assert len(late) == 50
    assert {one.told_by for one in late} == {down.id}
    assert {one.blocker for one in late} == {"prima, which has not answered since 2026-02-28 03:30 UTC"}
    assert [one.id for one in await shop.exceptions(None)] == [down.id]


async def test_R89_lists_of_any_length_are_read_in_pages(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stuck, "PAGE", 2)
    for number in range(5):
        ref = await shop.returned(f"R{number}", since=ago(hours=9))
        await shop.planned(ref, DocumentKind.RECEIPT, ago(hours=9), key=f"bh-{number}-a")
        await shop.planned(ref, DocumentKind.RECEIPT, ago(hours=9), key=f"bh-{number}-b")
        await shop.returned(f"N{number}", since=ago(hours=9), rma=False)
        await shop.returned(f"D{number}", since=ago(hours=9), rma=False, phase=PlatformPhase.ACCEPTED)
    found = await shop.sweep()
    assert found.late == {StuckKind.STOCK: 10, StuckKind.RMA: 10}
    assert found.raised == 5
    again = await shop.sweep(NOW + MINUTE)
    assert (again.late, again.raised, again.cleared) == (found.late, 0, 0)
    async with shop.store.reading() as unit:
        first = await unit.sweep.open_stuck(NAME, StuckKind.STOCK, limit=7)
        rest = await unit.sweep.open_stuck(NAME, StuckKind.STOCK, after=(first[-1].since, first[-1].id))
        assert len({one.id for one in [*first, *rest]}) == 10
        assert await unit.sweep.stuck_counts(NAME) == found.late


async def test_R89_a_limit_that_the_site_names_leaves_the_others_as_they_are(store: Store) -> None:
    usual = shop_with(store).link.connection.limits.stage_times
    named = shop_with(store, stages={"SETTLING": "1d"}).link.connection.limits.stage_times
    assert named == {**usual, Stage.SETTLING: DAY}
    assert len(named) > 1
