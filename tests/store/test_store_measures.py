"""How long documents took: one row for each that reached the ERP, windows apart; and figures over a period."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.latency import PostingStage
from domain.progress import Stage
from domain.resolution import Resolution, Role
from domain.returns import PlatformPhase, ReturnRef
from store import Store
from store.measure_records import DayFlow, OpenWork
from store.records import DocumentLine, DocumentPlan, DocumentState, OpenException
from store.unit import Unit
from tests.store.given import NOW, delivery, document, platform_return, refund

HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=1)
#: Long before anything, and long after.
EVER = (NOW - timedelta(days=1), NOW + timedelta(days=400))


@pytest_asyncio.fixture(scope="module", params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Store]:
    """One database for all tests of this file: each has a connection of its own."""
    folder: Path = tmp_path_factory.mktemp("measures")
    url = f"sqlite:///{folder / 'store.db'}"
    if request.param == "postgresql":
        create: Callable[[], str] = request.getfixturevalue("new_database")
        url = create()
    store = Store(url)
    await store.migrate()
    yield store
    await store.close()


def plan(name: str, kind: DocumentKind = DocumentKind.CREDIT, number: int = 1, **fields: Any) -> DocumentPlan:
    """A document of the first return of a connection."""
    return document(f"bh-{name}-{kind}-{number}", kind, ReturnRef(connection=name, return_id="R1")).model_copy(
        update=fields
    )


async def post(unit: Unit, planned: DocumentPlan, at: datetime, due_at: datetime = NOW) -> None:
    await unit.documents.plan(planned.model_copy(update={"due_at": due_at}), due_at)
    await unit.documents.mark(planned.key, DocumentState.POSTED, number=f"N-{planned.key}", now=at)


async def delays(unit: Unit, name: str) -> list[tuple[str, str, int, int, int]]:
    """(stage, depot, documents, longest delay, window time), times in seconds."""
    found = await unit.measures.delays(*EVER, [name])
    return [(s.stage, s.depot, s.count, s.longest_ms // 1000, s.window_ms // 1000) for s in found]


async def test_R90_a_document_counts_once_however_often_it_is_marked(store: Store) -> None:
    planned = plan("once", DocumentKind.RECEIPT, depot="01")
    async with store.begin() as unit:
        await post(unit, planned, NOW + timedelta(seconds=90))
    for state in (DocumentState.POSTED, DocumentState.BY_HAND, DocumentState.REFUSED):
        async with store.begin() as unit:
            await unit.documents.mark(planned.key, state, number="again", now=NOW + HOUR)
    async with store.reading() as unit:
        assert await delays(unit, "once") == [(PostingStage.STOCK, "01", 1, 90, 0)]
        assert await unit.measures.last_posted("once") == NOW + timedelta(seconds=90)


@pytest.mark.parametrize(("brought_back", "second_wait"), [(10, 230), (-2, 240)])
async def test_R130_E64_time_in_the_line_for_a_window_is_no_delay(
    store: Store, brought_back: int, second_wait: int
) -> None:
    """Due at 9:30, queued at 9:31 for 13:30; brought back around then, for 17:30; posted at 17:45."""
    name, minute = f"windows{brought_back}", timedelta(minutes=1)
    planned, first, second = plan(name), NOW + 4 * HOUR, NOW + 8 * HOUR
    async with store.begin() as unit:
        await unit.documents.plan(planned, NOW)
        await unit.windows.queue(planned.key, first, "return/windows/R1", NOW + minute)
        await unit.windows.queue(planned.key, first, "return/windows/R1", NOW + 2 * minute)
        [waiting] = [one for one in await unit.measures.open_work(NOW + HOUR) if one.connection == name]
        await unit.windows.move(planned.key, second, first + brought_back * minute, tried=True)
        [back] = [one for one in await unit.measures.open_work(second + 5 * minute) if one.connection == name]
        await unit.documents.mark(planned.key, DocumentState.POSTED, number="CN", now=second + 15 * minute)
        waited = (239 + second_wait) * 60
        assert await delays(unit, name) == [(PostingStage.CREDIT, "", 1, 8 * 3600 + 15 * 60 - waited, waited)]
    assert (waiting.count, waiting.waiting, waiting.late_from, waiting.next_window) == (1, 1, None, first)
    assert (back.waiting, back.late_from) == (0, NOW + timedelta(seconds=waited))


async def test_E64_a_document_that_a_person_makes_before_its_window_waited_only_until_then(store: Store) -> None:
    planned = plan("early")
    async with store.begin() as unit:
        await unit.documents.plan(planned, NOW)
        await unit.windows.queue(planned.key, NOW + 8 * HOUR, "", NOW + HOUR)
        await unit.documents.mark(planned.key, DocumentState.BY_HAND, number="CN", actor="anna", now=NOW + 3 * HOUR)
        [found] = await unit.measures.delays(*EVER, ["early"])
    assert (found.longest_ms, found.window_ms, found.hand) == (3_600_000, 7_200_000, 1)


async def test_R90_a_refused_document_is_due_since_it_was_due_first(store: Store) -> None:
    planned = plan("refused")
    async with store.begin() as unit:
        await unit.documents.plan(planned.model_copy(update={"due_at": NOW}), NOW + timedelta(seconds=5))
        await unit.documents.mark(planned.key, DocumentState.REFUSED, reason="no", now=NOW + HOUR)
        [open_] = [one for one in await unit.measures.open_work(NOW + HOUR) if one.connection == "refused"]
        await unit.documents.replan(planned.model_copy(update={"due_at": NOW + 2 * HOUR}), NOW + 2 * HOUR)
        await unit.documents.mark(planned.key, DocumentState.POSTED, number="CN", now=NOW + 3 * HOUR)
        assert await delays(unit, "refused") == [(PostingStage.CREDIT, "", 1, 3 * 3600, 0)]
    assert open_.late_from == NOW


async def test_only_what_somebody_waits_for_is_measured(store: Store) -> None:
    kinds = (DocumentKind.RMA_CANCELLATION, DocumentKind.TRANSFER, DocumentKind.REMOVAL)
    async with store.begin() as unit:
        for kind in kinds:
            await post(unit, plan("beside", kind), LATER)
        await unit.documents.plan(plan("beside"), NOW)
        await unit.documents.mark(plan("beside").key, DocumentState.ABANDONED, now=NOW)
        assert await delays(unit, "beside") == []


async def test_R90_counts_over_a_limit_and_below_bounds_are_exact(store: Store) -> None:
    async with store.begin() as unit:
        for number, seconds in enumerate((1, 59, 60, 61, 600), start=1):
            planned = plan("bounds", DocumentKind.RECEIPT, number, depot="01" if number < 5 else "02")
            await post(unit, planned, NOW + timedelta(seconds=seconds))
        over = await unit.measures.longer_than({(PostingStage.STOCK, "bounds"): 60_000}, *EVER)
        below = await unit.measures.below([60_000, 3_600_000], *EVER)
    assert {place.depot: count for place, count in over.items()} == {"01": 1, "02": 1}
    mine = {place.depot: counts for place, counts in below.items() if place.connection == "bounds"}
    assert mine == {"01": [3, 4, 4, 181_000], "02": [0, 1, 1, 600_000]}


async def test_R13_a_return_is_due_since_its_webhook_not_since_its_draft(store: Store) -> None:
    ref = ReturnRef(connection="known", return_id="R1")
    async with store.begin() as unit:
        await unit.inbox.accept("known", delivery("D1"), "digest", "", NOW)
        draft = platform_return(phase=PlatformPhase.DRAFT)
        await unit.returns.save_platform_return(ref, draft, NOW + timedelta(seconds=5))
        record = await unit.returns.get(ref)
        assert record is not None and record.authorised_at is None
        assert [one for one in await unit.measures.open_work(LATER) if one.connection == "known"] == []
        await unit.inbox.accept("known", delivery("D2"), "digest", "", NOW + HOUR)
        for at in (NOW + 2 * HOUR, NOW + 3 * HOUR):
            await unit.returns.save_platform_return(ref, platform_return(), at)
        record = await unit.returns.get(ref)
        [waits] = [one for one in await unit.measures.open_work(LATER) if one.connection == "known"]
    assert record is not None and record.authorised_at == NOW + HOUR
    assert waits == OpenWork(
        stage=PostingStage.RMA,
        connection="known",
        depot="",
        count=1,
        waiting=0,
        late_from=NOW + HOUR,
        next_window=None,
    )


async def test_R47_a_paid_refund_waits_for_its_credit_only_once_its_goods_are_done(store: Store) -> None:
    ref = ReturnRef(connection="paid", return_id="R1")
    async with store.begin() as unit:
        await unit.returns.save_platform_return(ref, platform_return(refunds=[refund()]), NOW)
        await unit.returns.set_authorised(ref, "RMA", False, "hash", LATER, NOW)
        early = [one for one in await unit.measures.open_work(LATER) if one.connection == "paid"]
        await unit.returns.set_ended(ref, Stage.CLOSED, NOW)
        await unit.returns.refresh_progress(ref, NOW)
        [late] = [one for one in await unit.measures.open_work(LATER) if one.connection == "paid"]
        [kept] = await unit.returns.refunds(ref)
    assert early == []
    assert (late.stage, late.count, late.late_from) == (PostingStage.CREDIT, 1, NOW)
    assert kept.paid_at == NOW


async def test_R96_the_flow_of_each_day_in_returns_money_and_units(store: Store) -> None:
    """Days of a year of its own: a figure of the whole house has no connection to tell it by."""
    start = NOW + timedelta(days=600)
    ref = ReturnRef(connection="flow", return_id="R1")
    sellable = DocumentLine(line_id="1", sku="S", quantity=3, disposition=Disposition.SELLABLE)
    damaged = sellable.model_copy(update={"quantity": 2, "disposition": Disposition.DAMAGED})
    async with store.begin() as unit:
        await unit.returns.save_platform_return(ref, platform_return(), start)
        await post(unit, plan("flow"), start)
        await post(unit, plan("flow", number=2, total=-500, currency="GBP"), start)
        await post(unit, plan("flow", DocumentKind.RECEIPT, lines=[sellable]), start + timedelta(days=2))
        await post(unit, plan("flow", DocumentKind.ADJUSTMENT, lines=[damaged]), start + timedelta(days=2))
        await unit.returns.set_ended(ref, Stage.CLOSED, start + timedelta(days=2))
    async with store.reading() as unit:
        days = await unit.figures.flow(start - HOUR, start + timedelta(days=9))
    money = [(str(one.amount), one.currency) for one in days[0].credited]
    assert (days[0].day, days[0].opened, days[0].closed, money) == (
        start.date(),
        1,
        0,
        [("2000", "EUR"), ("-500", "GBP")],
    )
    assert days[1:] == [DayFlow(day=(start + timedelta(days=2)).date(), closed=1, units=5, restocked=3)]


async def test_R96_touchless_returns_exceptions_and_handling_times(store: Store) -> None:
    """Three returns close: one alone, one after an exception, one with a note made by hand. One is cancelled."""
    start = NOW + timedelta(days=700)
    until = start + timedelta(days=7)
    refs = [ReturnRef(connection="effort", return_id=f"E{n}") for n in range(4)]
    async with store.begin() as unit:
        for ref in refs:
            await unit.returns.save_platform_return(ref, platform_return(return_id=ref.return_id), start)
        for minutes in (10, 20, 60):
            await _resolved(unit, refs[1], start, timedelta(minutes=minutes))
        by_hand = document("bh-effort-hand", ref=refs[2])
        await unit.documents.plan(by_hand, start)
        await unit.documents.mark(by_hand.key, DocumentState.BY_HAND, number="CN", now=start)
        for ref, stage in zip(refs, (Stage.CLOSED, Stage.CLOSED, Stage.CLOSED, Stage.CANCELLED), strict=True):
            await unit.returns.set_ended(ref, stage, start + HOUR)
    async with store.reading() as unit:
        figures = unit.figures
        assert (await figures.opened(start, until), await figures.exceptions_opened(start, until)) == (4, 3)
        assert (await figures.closed(start, until), await figures.closed_with_a_hand(start, until)) == (3, 2)
        handled = await figures.handled(start, until)
        [cause] = await figures.causes(start, until, 5)
    assert [(one.owner, one.count, one.median_ms // 60_000, one.total_ms // 60_000) for one in handled] == [
        (None, 3, 20, 90),
        ("finance", 3, 20, 90),
    ]
    assert (cause.code, cause.count, cause.open) == (ExceptionCode.REFUND_MISMATCH, 3, 0)


async def _resolved(unit: Unit, ref: ReturnRef, opened_at: datetime, after: timedelta) -> None:
    name = f"{ref}/{after}"
    item = OpenException(
        id=name,
        connection=ref.connection,
        return_id=ref.return_id,
        code=ExceptionCode.REFUND_MISMATCH,
        step="credit",
        reason="apart",
        now=opened_at,
    )
    opened = await unit.exceptions.open(item)
    decision = Resolution(
        exception_id=name, version=opened.version, kind=ResolutionKind.RETRY, role=Role.FINANCE, actor="anna"
    )
    await unit.exceptions.resolve(name, opened.version, decision, opened_at + after)
