"""What people are told about times, health and effort: a late stage is red, a return in a window's line is not."""

from datetime import timedelta

import pytest

from desk.measures import (
    effort,
    exposure_totals,
    health,
    latencies,
    open_ages,
    red_stages,
    touchless,
)
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, Owner
from domain.latency import PostingStage, delay_step
from domain.money import Money
from domain.ports import CallQuota
from domain.progress import Stage
from domain.returns import PlatformPhase, ReturnRef
from store import Store
from store.exchange_records import ExposureKind, OpenExposure
from store.records import DocumentState, OpenException
from store.sweep_records import Side
from tests.desk.measured import DAY, HOUR, MINUTE, SHOP, connection, posted
from tests.store.given import NOW, booked, delivery, document, inspection, platform_return, refund


@pytest.mark.parametrize("slow", list(PostingStage))
async def test_N10_R90_a_delay_in_one_stage_turns_that_stage_alone_red(store: Store, slow: PostingStage) -> None:
    async with store.begin() as unit:
        for stage in PostingStage:
            for number in range(6):
                late = 25 * HOUR if stage is slow and number == 5 else timedelta(seconds=number)
                await posted(unit, stage, number, late)
    found = await latencies(store, [SHOP], NOW - DAY, NOW + 3 * DAY)
    assert red_stages(found) == {("shop", slow)}
    [worst] = [one for one in found if one.red]
    assert (worst.count, worst.over, worst.longest_seconds) == (6, 1, 25 * 3600)
    assert (worst.p50_seconds, worst.p95_seconds) == (2, 25 * 3600)


async def test_N10_E64_R130_a_document_that_waited_for_its_window_stays_green(store: Store) -> None:
    async with store.begin() as unit:
        for stage in PostingStage:
            await posted(unit, stage, 1, 10 * MINUTE, window=40 * HOUR)
    found = await latencies(store, [SHOP], NOW, NOW + 3 * DAY)
    assert {one.stage for one in found} == set(PostingStage)
    assert red_stages(found) == set()
    for one in found:
        assert (one.p95_seconds, one.waited, one.window_mean_seconds) == (600, 1, 40 * 3600)


async def test_R90_each_depot_and_each_erp_has_its_own_figures(store: Store) -> None:
    async with store.begin() as unit:
        for number in range(40):
            await posted(unit, PostingStage.STOCK, number, number * MINUTE, depot="01" if number % 2 else "DM")
    [main, damaged] = await latencies(store, [SHOP, connection("other")], NOW, NOW + DAY, "shop")
    assert [(one.erp, one.books, one.depot, one.count) for one in (main, damaged)] == [
        ("prima", "prima-test", "01", 20),
        ("prima", "prima-test", "DM", 20),
    ]
    assert 19 * 60 <= main.p50_seconds <= 19 * 60 * 1.1
    assert 37 * 60 <= main.p95_seconds <= 39 * 60
    assert await latencies(store, [SHOP], NOW + DAY, NOW + 2 * DAY) == []


def test_a_percentile_is_never_more_than_a_tenth_too_long() -> None:
    for delay in (1, 7, 999, 12_345, 86_400_000):
        assert delay_step(delay) < delay_step(round(delay * 1.1) + 1)
    assert [delay_step(delay) for delay in (-5, 0, 1)] == [0, 0, 1]


async def test_N10_E64_what_waits_now_is_red_only_when_its_time_is_over(store: Store) -> None:
    """One refused document is five hours late, one waits for tonight's window since five hours."""
    late, queued = (
        document(f"bh-open-{name}", DocumentKind.RECEIPT, ReturnRef(connection="shop", return_id=name)).model_copy(
            update={"depot": depot}
        )
        for name, depot in (("late", "01"), ("queued", "02"))
    )
    async with store.begin() as unit:
        await unit.documents.plan(late, NOW)
        await unit.documents.mark(late.key, DocumentState.REFUSED, reason="no", now=NOW)
        await unit.documents.plan(queued, NOW)
        await unit.windows.queue(queued.key, NOW + 9 * HOUR, "", NOW + MINUTE)
    [first, second] = await open_ages(store, [SHOP], NOW + 5 * HOUR)
    assert (first.depot, first.red, first.oldest_seconds, first.waiting) == ("01", True, 5 * 3600, 0)
    assert (second.depot, second.red, second.oldest_seconds, second.waiting) == ("02", False, None, 1)
    assert second.next_window == NOW + 9 * HOUR
    [_, second] = await open_ages(store, [SHOP], NOW + 9 * HOUR + 3 * MINUTE)
    assert (second.red, second.oldest_seconds, second.waiting) == (False, 4 * 60, 0)
    [_, second] = await open_ages(store, [SHOP], NOW + 14 * HOUR)
    assert second.red


async def test_R95_health_lists_each_connection_its_last_success_backlog_and_oldest_item(store: Store) -> None:
    down = connection("down")
    async with store.begin() as unit:
        await unit.inbox.accept("shop", delivery("D1"), "digest", "", NOW)
        await unit.inbox.accept("shop", delivery("D2"), "digest", "", NOW + HOUR)
        await unit.inbox.settle("shop", ["D1"], "started", NOW)
        await posted(unit, PostingStage.CREDIT, 1, 2 * HOUR)
        await unit.exceptions.open_for_connection(
            "down", ExceptionCode.CONNECTION_DOWN, "prima: refused", NOW + HOUR, system="prima"
        )
        await unit.sweep.answered("down", Side.PLATFORM, "reveni", NOW)
        await unit.sweep.failed("down", Side.PLATFORM, "reveni", "timed out", NOW + 3 * HOUR)
        await unit.sweep.failed("shop", Side.LISTING, "reveni listing", "quota used", NOW)
        await unit.calls.count("reveni/1", NOW.date())
    quotas = {"shop": CallQuota(account="reveni/1", daily_calls=2_000)}
    at = NOW + 3 * HOUR + MINUTE
    [shop, other] = await health(store, [SHOP, down], at, quotas)
    assert (shop.connection, shop.up, shop.backlog, shop.oldest_at) == ("shop", True, 1, NOW + HOUR)
    assert [(one.side, one.last_success) for one in shop.sides] == [
        (Side.PLATFORM, NOW + HOUR),
        (Side.ERP, NOW + 2 * HOUR),
        (Side.LISTING, None),
    ]
    assert (shop.sides[2].up, shop.sides[2].reason) == (False, "quota used")
    assert shop.quota is not None and (shop.quota.used, shop.quota.daily_calls) == (1, 2_000)
    [platform, erp] = other.sides
    assert (platform.up, platform.last_success) == (True, NOW)
    assert (erp.up, erp.down_since, erp.reason) == (False, NOW + HOUR, "prima: refused")
    assert (other.up, other.exceptions_open, other.oldest_exception_at) == (False, 1, NOW + HOUR)
    [_, other] = await health(store, [SHOP, down], at + down.policy.outage_limit)
    assert (other.sides[0].up, other.sides[0].down_since) == (False, NOW + 3 * HOUR)


async def test_R96_N11_the_report_says_what_a_period_cost_people_and_what_is_out(store: Store) -> None:
    parked = OpenException(
        id="x-1",
        connection="shop",
        return_id="R1",
        code=ExceptionCode.LOCATION_UNMAPPED,
        step="book-goods",
        reason="no depot",
        payload={"location": "LDN-9"},
        now=NOW,
    )
    exposed = OpenExposure(
        ref=ReturnRef(connection="shop", return_id="R1"),
        slot_line_id="1/S",
        slot_no=1,
        line_id="1/S",
        amount=2_500,
        currency="EUR",
        kind=ExposureKind.REFUND,
        reference="bh-1",
    )
    async with store.begin() as unit:
        for name in ("R1", "R2"):
            ref = ReturnRef(connection="shop", return_id=name)
            await unit.returns.save_platform_return(ref, platform_return(return_id=name), NOW)
        await unit.exceptions.open(parked)
        await unit.exposures.open([exposed], NOW)
    report = await effort(store, NOW, NOW + DAY)
    assert (report.opened, report.exceptions, report.per_100) == (2, 1, 50)
    assert report.touchless.share is None
    [cause] = report.causes
    assert (cause.owner, cause.wrong, cause.count, cause.open) == (Owner.WAREHOUSE, "location LDN-9", 1, 1)
    assert (await touchless(store, NOW - DAY, NOW)).closed == 0
    [total] = await exposure_totals(store)
    assert (total.connection, total.amount, total.units) == ("shop", Money(amount=2_500, currency="EUR"), 1)


async def test_R88_a_refund_without_its_credit_is_a_gap_and_no_closed_return(store: Store) -> None:
    ref = ReturnRef(connection="shop", return_id="R1")
    done = platform_return(phase=PlatformPhase.ACCEPTED, refunds=[refund()])
    note = document("bh-r1-c-1").model_copy(update={"due_at": NOW, "refund_id": "RF1"})
    async with store.begin() as unit:
        await unit.returns.save_platform_return(ref, done, NOW)
        await unit.returns.set_authorised(ref, "RMA-1", False, "hash", NOW + DAY, NOW)
        await unit.inspections.save(ref, inspection(), booked(), NOW)
        await unit.returns.set_reported(ref, NOW)
        await unit.documents.plan(note, NOW)
        await unit.refunds.set_credit(ref, "RF1", note.key, NOW)
        await unit.documents.mark(note.key, DocumentState.REFUSED, reason="period closed", now=NOW)
        header = await unit.returns.get(ref)
    assert header is not None
    assert header.stage is Stage.SETTLING
    [gap] = await open_ages(store, [SHOP], NOW + 25 * HOUR)
    assert (gap.stage, gap.count, gap.oldest_seconds, gap.red) == (PostingStage.CREDIT, 1, 25 * 3600, True)
    assert (await touchless(store, NOW, NOW + 2 * DAY)).closed == 0
