"""A set with every kind of defect: each is found once, in its class, nothing else is told, and the sums foot."""

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest

from desk.link import TemporalLink
from desk.reconciliation import BANDS, ageing, differences_csv, list_runs, read_differences, run_summary
from desk.resolutions import decide
from desk.view import find_views
from domain.exceptions import ExceptionCode, Owner, ResolutionKind, Track
from domain.messages import ReconcileOutcome
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from store import Store
from store.reconciliation_records import DifferenceQuery, DifferenceState, RunState
from store.records import DocumentState, ExceptionRecord, ExceptionState, OpenException
from tests.desk.defects import clean, seeded
from tests.desk.reconciled import ANY_STATE, NAME, NOW, OLD, Shop, shop_with

DAY = timedelta(days=1)
D = DifferenceClass


@pytest.fixture
def shop(store: Store) -> Shop:
    return shop_with(store)


@dataclass
class Compared:
    """The seeded set after its first run, to be looked at only. `expected`: what has to be told."""

    shop: Shop
    expected: dict[tuple[DifferenceClass, str], ExceptionCode | None]
    outcome: ReconcileOutcome


@pytest.fixture(scope="module")
async def compared(empty_database: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Compared]:
    path = tmp_path_factory.mktemp("compared") / "backhaul.db"
    shutil.copyfile(empty_database, path)
    store = Store(f"sqlite:///{path}")
    shop = shop_with(store)
    expected = await seeded(shop)
    yield Compared(shop, expected, await shop.reconcile())
    await store.close()


async def test_N6_R78_every_defect_is_found_once_in_its_class_and_nothing_else_is_told(compared: Compared) -> None:
    shop, expected, outcome = compared.shop, compared.expected, compared.outcome
    found = await shop.differences()
    assert sorted((one.kind.value, one.subject) for one in found) == sorted((k.value, s) for k, s in expected)
    assert outcome.state == RunState.DONE and sum(outcome.differences.values()) == len(expected)
    raised = {item.id: item.code for item in await shop.exceptions()}
    told = {(one.kind, one.subject): raised.get(one.exception_id) for one in found}
    assert told == expected
    assert len(raised) == sum(1 for code in expected.values() if code), "one exception for each, and no other"


async def test_N6_a_second_run_tells_nothing_twice(shop: Shop) -> None:
    await seeded(shop)
    await shop.reconcile()
    before = {one.id: (one.exception_id, one.found_at) for one in await shop.differences()}
    raised = {item.id for item in await shop.exceptions(None)}
    await shop.reconcile(NOW + DAY)
    after = {one.id: (one.exception_id, one.found_at) for one in await shop.differences() if one.subject != "fresh-1"}
    assert after == before
    fresh = [one for one in await shop.differences() if one.subject == "fresh-1"]
    assert [one.kind for one in fresh] == [D.MISSING_CREDIT], "its day has passed"
    assert {item.id for item in await shop.exceptions(None)} - raised == {fresh[0].exception_id}


async def test_R78_N6_sums_foot_to_the_totals_of_both_systems(compared: Compared) -> None:
    shop = compared.shop
    [run] = await list_runs(shop.store, NAME)
    summary = await run_summary(shop.store, run.name)
    assert summary is not None and summary.foots
    refunds, notes = summary.sides
    paid = [one.amount_text.replace(".", "") for one in shop.platform.refunds]
    assert (refunds.side, refunds.listed, refunds.moved.amount) == ("refund", len(paid), sum(map(int, paid)))
    live = [one.total for one in shop.erp.credits if not one.reversed]
    assert (notes.side, notes.listed, notes.moved.amount) == ("credit", len(live) + 1, sum(live))
    by_class = {one.kind: one.count for one in refunds.classes}
    assert by_class == {
        D.MATCHED: 13,
        D.ROUNDING: 2,
        D.DECIDED: 2,
        D.AMOUNT_MISMATCH: 2,
        D.MISSING_CREDIT: 3,
        D.DUPLICATE_REFUND: 1,
        D.OUT_OF_BAND_REFUND: 1,
        D.PENDING: 1,
    }
    assert {one.kind: one.count for one in notes.classes}[D.NOT_COUNTED] == 1


async def test_R81_rounding_is_no_exception_and_keeps_its_sign(compared: Compared) -> None:
    shop = compared.shop
    rounding = {one.subject: one for one in await shop.differences() if one.kind is D.ROUNDING}
    assert {name: one.value.amount for name, one in rounding.items() if one.value} == {"round1-1": 1, "round2-1": -1}
    assert {one.exception_id for one in rounding.values()} == {""}


async def test_R38_both_numbers_of_units_are_told(compared: Compared) -> None:
    shop = compared.shop
    [found] = [one for one in await shop.differences() if one.kind is D.STOCK_MISMATCH]
    assert found.text == "2 unit(s) were credited and 1 restocked: 1 without a reason"
    item = await exception_of(shop, D.STOCK_MISMATCH)
    assert item.payload["class"] == D.STOCK_MISMATCH.words
    assert (item.payload["credited_units"], item.payload["restocked_units"]) == ("2", "1")
    assert item.units == 1


async def test_R52_a_refund_made_outside_names_order_and_amount(compared: Compared) -> None:
    shop = compared.shop
    item = await exception_of(shop, D.OUT_OF_BAND_REFUND, "rf-outside")
    assert (item.owner, item.amount) == (Owner.FINANCE, Money(amount=4200, currency="GBP"))
    assert item.payload["order"] == "ORD-777" and "ORD-777" in item.reason and item.return_id is None


async def test_R52_a_note_by_hand_for_such_a_refund_is_named(shop: Shop) -> None:
    shop.paid_outside("rf-outside", "42.00", "elsewhere")
    shop.platform.orders["elsewhere"] = "ORD-777"
    shop.noted("CN-BYHAND", 4200, "ORD-777")
    await shop.reconcile()
    assert (await exception_of(shop, D.OUT_OF_BAND_REFUND)).payload["credit_note"] == "CN-BYHAND"


async def test_R86_a_difference_leads_to_its_return_order_and_documents(compared: Compared) -> None:
    shop = compared.shop
    [found] = [one for one in await shop.differences() if one.subject == "amount-1"]
    assert (found.return_id, found.order_number, found.credit) == ("amount", "ORD-amount", "CN-amount-1")
    for name in (found.refund_id, found.credit, found.order_number, found.exception_id):
        [view] = await find_views(shop.store, name)
        assert view.return_id == "amount"


async def test_N3_a_refund_has_a_note_or_an_exception_and_an_exception_is_not_raised_twice(shop: Shop) -> None:
    ref = await shop.returned("parked", "20.00")
    parked = OpenException(
        id="ex-flow",
        connection=NAME,
        return_id=ref.return_id,
        code=ExceptionCode.CREDIT_REJECTED,
        track=Track.FINANCE,
        step="credit",
        reason="the ERP said no",
        now=OLD,
    )
    async with shop.store.begin() as unit:
        await unit.exceptions.open(parked)
    await shop.reconcile()
    [found] = await shop.differences()
    assert (found.kind, found.exception_id, found.own) == (D.MISSING_CREDIT, "ex-flow", False)
    assert [item.id for item in await shop.exceptions()] == ["ex-flow"]
    async with shop.store.begin() as unit:
        await unit.exceptions.clear("ex-flow", NOW)
    await shop.reconcile(NOW + DAY)
    [item] = await shop.exceptions()
    assert item.code is ExceptionCode.CREDIT_OVERDUE, "nobody is on it any more, and there is no note"


async def test_N6_what_is_mended_is_over_and_its_exception_closes_by_itself(shop: Shop) -> None:
    ref = await shop.returned("nonote", "20.00")
    await shop.restocked(ref)
    await shop.reconcile()
    [item] = await shop.exceptions()
    await shop.credited(ref, 2000, at=NOW + timedelta(hours=1))
    await shop.reconcile(NOW + DAY)
    assert await shop.differences() == [] and await shop.exceptions() == []
    [over] = await shop.differences(ANY_STATE)
    assert (over.state, over.over_at) == (DifferenceState.OVER, NOW + DAY)
    [cleared] = await shop.exceptions(None)
    assert (cleared.id, cleared.state) == (item.id, ExceptionState.CLEARED)


@pytest.mark.parametrize("kind", [ResolutionKind.DONE_BY_HAND, ResolutionKind.LINK_EXISTING])
async def test_R76_a_refund_that_was_credited_by_hand_is_told_no_more(
    shop: Shop, no_temporal: TemporalLink, kind: ResolutionKind
) -> None:
    await shop.returned("nonote", "20.00")
    await shop.reconcile()
    [item] = await shop.exceptions()
    shop.noted("CN-55", 2000, "ORD-nonote")
    await decided(shop, no_temporal, item, kind, "CN-55")
    await shop.reconcile(NOW + DAY)
    assert await shop.differences() == [] and await shop.exceptions() == []


async def test_R76_a_note_that_was_named_for_a_refund_made_outside_is_nobody_elses(
    shop: Shop, no_temporal: TemporalLink
) -> None:
    shop.paid_outside("rf-outside", "42.00")
    shop.noted("CN-77", 4200, "ORD-777")
    await shop.reconcile()
    assert {one.kind for one in await shop.differences()} == {D.OUT_OF_BAND_REFUND, D.FOREIGN_CREDIT}
    await decided(
        shop, no_temporal, await exception_of(shop, D.OUT_OF_BAND_REFUND), ResolutionKind.LINK_EXISTING, "CN-77"
    )
    await shop.reconcile(NOW + DAY)
    assert await shop.differences() == [] and await shop.exceptions() == []
    states = {one.kind: one.state for one in await shop.differences(ANY_STATE)}
    assert states == {D.OUT_OF_BAND_REFUND: DifferenceState.DECIDED, D.FOREIGN_CREDIT: DifferenceState.OVER}


async def test_a_decision_holds_until_the_amount_changes(shop: Shop, no_temporal: TemporalLink) -> None:
    """It changes once while somebody has it, and once after it was decided."""
    for days, amount in enumerate(("42.00", "63.00", "84.00")):
        shop.platform.refunds.clear()
        shop.paid_outside("rf-outside", amount)
        await shop.reconcile(NOW + days * DAY)
        item = await exception_of(shop, D.OUT_OF_BAND_REFUND)
        assert str(item.amount) == f"{amount} GBP"
        assert [open_one.id for open_one in await shop.exceptions()] == [item.id]
        if amount == "63.00":
            await decided(shop, no_temporal, item, ResolutionKind.CANCEL_TRACK)
            await shop.reconcile(NOW + days * DAY + timedelta(hours=1))
            assert await shop.exceptions() == []


async def test_to_look_again_is_no_decision(shop: Shop, no_temporal: TemporalLink) -> None:
    ref = await shop.returned("units", "20.00")
    await shop.restocked(ref, 2, posted=False)
    await shop.credited(ref, 2000)
    async with shop.store.begin() as unit:
        await unit.documents.mark("bh-units-g-1", DocumentState.CANCELLED, now=OLD)
    await shop.reconcile()
    item = await exception_of(shop, D.STOCK_MISMATCH)
    assert item.code is ExceptionCode.STOCK_REJECTED
    async with shop.store.begin() as unit:
        await unit.exceptions.resolve(item.id, item.version, await shop.decided(item, ResolutionKind.RETRY), NOW)
    await shop.reconcile(NOW + DAY)
    again = await exception_of(shop, D.STOCK_MISMATCH)
    assert again.id != item.id


async def test_a_run_looks_back_as_far_as_a_difference_is_open(shop: Shop) -> None:
    long_ago = NOW - timedelta(days=50)
    ref = await shop.returned("old", "20.00", at=long_ago)
    await shop.restocked(ref, at=long_ago)
    await shop.reconcile(long_ago + 2 * DAY)
    assert len(await shop.differences()) == 1
    await shop.reconcile(NOW)
    [run, _] = await list_runs(shop.store, NAME)
    assert run.since == long_ago.date()
    await shop.credited(ref, 2000, at=NOW)
    await shop.reconcile(NOW + DAY)
    assert await shop.differences() == []
    await shop.reconcile(NOW + 2 * DAY)
    latest = (await list_runs(shop.store, NAME))[0]
    assert latest.until - latest.since == timedelta(days=35)


async def test_R78_a_note_counts_on_the_day_it_was_posted_whatever_day_the_erp_gives_it(shop: Shop) -> None:
    """Centra dates a note by its return, and lists far back for that."""
    shop.erp.look_back = timedelta(days=120)
    long_ago = (NOW - timedelta(days=60)).date()
    ref = await shop.returned("ok", "20.00")
    await shop.restocked(ref)
    await shop.credited(ref, 2000, credited_on=long_ago)
    shop.noted("CN-OLD", 990, "ORD-888", credited_on=long_ago)
    await shop.reconcile()
    assert await shop.differences() == []
    [run] = await list_runs(shop.store, NAME)
    assert [(one.side, one.count) for one in run.placed] == [("refund", 1), ("credit", 1)]


async def test_a_newer_run_takes_over_and_days_are_asked_for_one_by_one(shop: Shop) -> None:
    await shop.reconcile(days=3)
    spans = shop.platform.asked
    assert [until - since for since, until in spans[:-1]] == [DAY, DAY] and spans[-1][1] == NOW
    async with shop.store.begin() as unit:
        first = await unit.reconciliation.begin(
            NAME, date(2026, 11, 1), date(2026, 12, 1), execution="a", tells=True, now=NOW
        )
        again = await unit.reconciliation.begin(
            NAME, date(2026, 11, 1), date(2026, 12, 1), execution="a", tells=True, now=NOW
        )
        second = await unit.reconciliation.begin(
            NAME, date(2026, 11, 1), date(2026, 12, 1), execution="b", tells=True, now=NOW
        )
        assert first == again and second.name.endswith("/2")
        assert (await unit.reconciliation.get(first.id)).state is RunState.SUPERSEDED


async def test_a_listing_that_cannot_be_cut_is_asked_for_once(shop: Shop) -> None:
    await clean(shop, "ok")
    shop.platform.capabilities = shop.platform.capabilities.model_copy(update={"lists_spans": False})
    await shop.reconcile()
    assert len(shop.platform.asked) == 1 and await shop.differences() == []


async def test_R76_a_note_on_our_rma_is_the_refunds_whoever_made_it(shop: Shop) -> None:
    ref = await shop.returned("ok", "20.00")
    await shop.restocked(ref)
    await shop.credited(ref, 2000)
    shop.erp.credits[0] = shop.erp.credits[0].model_copy(update={"key": "", "number": "CN-X", "rma_number": "RMA-ok"})
    await shop.reconcile()
    assert await shop.differences() == [], "the note on our RMA over the same amount is the refund's, whoever made it"


async def test_U34_R78_age_and_value_are_shown_and_old_notes_are_urgent(shop: Shop) -> None:
    await shop.returned("late", "20.00", at=NOW - timedelta(days=11))
    await shop.returned("later", "30.00", at=NOW - timedelta(days=15))
    await shop.returned("new", "40.00", at=NOW - timedelta(days=2))
    await shop.reconcile()
    page = await read_differences(shop.store, DifferenceQuery(connection=NAME), NOW, {}, limit=2)
    rest = await read_differences(shop.store, DifferenceQuery(connection=NAME), NOW, {}, after=page.next or 0)
    views = {one.return_id: one for one in [*page.items, *rest.items]}
    assert {name: one.urgent for name, one in views.items()} == {"late": True, "later": True, "new": False}
    assert views["late"].age_seconds == 11 * 24 * 3600 and len(page.items) == 2 and rest.next is None
    bands = {(one.band, one.amount) for one in await ageing(shop.store, NAME, NOW)}
    assert bands == {(3, 2000), (len(BANDS), 3000), (1, 4000)}


async def test_differences_are_exported_for_a_spreadsheet(compared: Compared) -> None:
    shop = compared.shop
    lines = [line async for line in differences_csv(shop.store, DifferenceQuery(connection=NAME), NOW)]
    assert len(lines) == 1 + len(compared.expected) and lines[0].startswith(
        "connection,class,state,since,age_days,value,currency,units,return"
    )
    [amount] = [line for line in lines if "amounts differ" in line and "ORD-amount" in line]
    assert amount.startswith(
        "uk,amounts differ,open,2026-11-21 05:00,9,1.90,GBP,,amount,ORD-amount,amount-1,CN-amount-1,"
    )


async def exception_of(shop: Shop, kind: DifferenceClass, subject: str = "") -> ExceptionRecord:
    """The open exception of the one difference of this class, or of this subject in it."""
    [found] = [one for one in await shop.differences() if one.kind is kind and subject in ("", one.subject)]
    [item] = [item for item in await shop.exceptions() if item.id == found.exception_id]
    return item


async def decided(
    shop: Shop, link: TemporalLink, item: ExceptionRecord, kind: ResolutionKind, document: str = ""
) -> None:
    """Finance decides as people do, and Temporal is not needed for it."""
    resolution = await shop.decided(item, kind, document)
    answer = await decide(shop.store, link, item, resolution, lambda: NOW, limits={})
    assert answer.outcome == "decided", answer.text
