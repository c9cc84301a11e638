"""Refunds without a note, and what platform and ERP disagree about: raised once, and over by itself (R47, R77, N11)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from desk.resolutions import decide_in_store
from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, Owner, ResolutionKind, Track
from domain.lateness import StuckKind
from domain.money import Money
from domain.progress import Stage
from domain.resolution import Resolution, Role
from domain.returns import PlatformPhase, ReturnRef
from store import Store
from store.exchange_records import ExposureKind, ExposureState, OpenExposure
from store.records import ExceptionRecord, ExceptionState
from tests.store.given import LINE, NOW, booked, inspection, line
from tests.sweep.looking import DAY, HOUR, NAME, Shop, ago, paid

pytestmark = pytest.mark.verify

MINUTE = timedelta(minutes=1)
ACCEPTED: dict[str, Any] = {"phase": PlatformPhase.ACCEPTED, "lines": [line().model_copy(update={"accepted": 2})]}


async def decide(shop: Shop, item: ExceptionRecord, kind: ResolutionKind, at: datetime) -> None:
    """A person decides it in the store."""
    async with shop.store.begin() as unit:
        await unit.exceptions.resolve(item.id, item.version, _decision(item, kind), at)


def _decision(item: ExceptionRecord, kind: ResolutionKind) -> Resolution:
    return Resolution(
        exception_id=item.id,
        version=item.version,
        kind=kind,
        role=Role.ADMIN,
        actor="tester",
        reason="known",
        document="CN-9",
    )


async def test_R47_N3_a_refund_without_note_is_on_the_list_and_one_exception_of_finance(shop: Shop) -> None:
    ref = await shop.returned(since=ago(hours=30), refunds=[paid(ago(hours=25)), paid(ago(hours=23), "RF2")])
    found = await shop.sweep()
    assert (found.late, found.raised) == ({StuckKind.CREDIT: 1}, 1)
    [item] = await shop.exceptions()
    assert (item.code, item.owner, item.ref) == (ExceptionCode.CREDIT_OVERDUE, Owner.FINANCE, ref)
    assert item.amount == Money(amount=2000, currency="GBP")
    assert item.payload["refund"] == "RF1"
    assert "waits for the warehouse to inspect 2 unit(s)" in item.reason
    [late] = await shop.stuck()
    assert (late.subject, late.amount, late.told_by) == ("RF1", item.amount, item.id), "alerted by its exception"
    again = await shop.sweep(NOW + 15 * MINUTE)
    assert again.raised == 0
    assert [one.id for one in await shop.exceptions()] == [item.id]


async def test_R47_N3_only_a_posted_note_stops_the_clock(shop: Shop, store: Store) -> None:
    ref = await shop.returned(since=ago(hours=30), refunds=[paid(ago(hours=25))])
    key = await shop.planned(ref, DocumentKind.CREDIT, ago(hours=24), refund_id="RF1")
    assert (await shop.sweep()).raised == 1
    await shop.posted(key, NOW)
    found = await shop.sweep(NOW + MINUTE)
    assert (found.late, found.cleared) == ({}, 1)
    assert [item.state for item in await shop.exceptions(None)] == [ExceptionState.CLEARED]


async def test_R47_E64_a_note_in_the_line_of_a_window_is_not_late(shop: Shop) -> None:
    ref = await shop.returned(since=ago(hours=30), refunds=[paid(ago(hours=25))])
    await shop.planned(ref, DocumentKind.CREDIT, ago(hours=25), refund_id="RF1", window_at=NOW + HOUR)
    assert (await shop.sweep()).late == {}
    assert (await shop.sweep(NOW + 26 * HOUR)).raised == 1


async def test_N3_U34_an_open_exception_of_finance_stands_for_the_note_but_the_refund_grows_old(shop: Shop) -> None:
    """Ten days without a note are a matter of law, whoever has it on the desk."""
    ref = await shop.returned(since=ago(days=12), refunds=[paid(ago(days=9))])
    await shop.parked(ref, ExceptionCode.REFUND_MISMATCH, Track.FINANCE)
    assert (await shop.sweep()).late == {}
    found = await shop.sweep(NOW + 2 * DAY)
    assert (found.late, found.raised) == ({StuckKind.NOTE_AGE: 1}, 0)


@pytest.mark.parametrize(
    ("track", "figures", "late"),
    [
        pytest.param(Track.FINANCE, {"refund": "RF1"}, ["RF2"], id="its refund"),
        pytest.param(Track.FINANCE, {}, [], id="the money of the return"),
        pytest.param(None, {"refund": "RF2"}, ["RF1"], id="its refund, beside the flow"),
        pytest.param(None, {}, ["RF1", "RF2"], id="something else, beside the flow"),
    ],
)
async def test_R47_N3_an_exception_of_finance_stands_for_no_other_refund_of_the_return(
    shop: Shop, track: Track | None, figures: dict[str, Any], late: list[str]
) -> None:
    ref = await shop.returned(since=ago(days=4), refunds=[paid(ago(days=4)), paid(ago(days=3), "RF2")])
    await shop.parked(ref, ExceptionCode.REFUND_MISMATCH, track, **figures)
    assert (await shop.sweep()).raised == len(late)
    told = [item for item in await shop.exceptions() if item.code is ExceptionCode.CREDIT_OVERDUE]
    assert sorted(str(item.payload["refund"]) for item in told) == late


async def test_R47_an_exception_of_another_team_does_not_hide_the_refund_from_finance(shop: Shop) -> None:
    ref = await shop.returned(since=ago(hours=30), refunds=[paid(ago(hours=25))])
    parked = await shop.parked(ref, ExceptionCode.LOST_PARCEL, Track.GOODS)
    assert (await shop.sweep()).raised == 1
    [item] = [item for item in await shop.exceptions() if item.owner is Owner.FINANCE]
    assert f"waits for cx to decide LOST_PARCEL ({parked})" in item.reason


@pytest.mark.parametrize(
    ("kind", "open_after"),
    [(ResolutionKind.RETRY, 1), (ResolutionKind.CANCEL_TRACK, 0), (ResolutionKind.DONE_BY_HAND, 0)],
)
async def test_R47_tried_in_vain_it_is_raised_anew_and_decided_for_good_it_is_not(
    shop: Shop, kind: ResolutionKind, open_after: int
) -> None:
    await shop.returned(since=ago(hours=30), refunds=[paid(ago(hours=25))])
    await shop.sweep()
    [item] = await shop.exceptions()
    await decide(shop, item, kind, NOW)
    await shop.sweep(NOW + 15 * MINUTE)
    left = await shop.exceptions()
    assert len(left) == open_after
    assert item.id not in [one.id for one in left]


async def test_R39_N3_a_refund_that_is_paid_when_none_was_expected_any_more_is_found_too(
    shop: Shop, store: Store
) -> None:
    """A person ended the wait for refunds: what is paid after that needs its note, or a decision of its own."""
    ref = await shop.returned(since=ago(hours=30), refunds=[paid(ago(hours=25))])
    async with store.begin() as unit:
        await unit.returns.close_finance(ref, ago(hours=26))
    assert (await shop.sweep()).late == {StuckKind.CREDIT: 1}
    [item] = await shop.exceptions()
    assert (item.code, item.payload["refund"]) == (ExceptionCode.CREDIT_OVERDUE, "RF1")


async def test_R46_R47_a_note_of_ours_that_is_on_its_way_is_not_linked_to_another_one(shop: Shop, store: Store) -> None:
    """A retry settles nothing: the refund still waits for its note."""
    ref = await shop.returned(since=ago(hours=30), refunds=[paid(ago(hours=25))])
    await shop.planned(ref, DocumentKind.CREDIT, ago(hours=24), key="bh-own", refund_id="RF1")
    await shop.sweep()
    [item] = await shop.exceptions()
    link = _decision(item, ResolutionKind.LINK_EXISTING)
    refused = await decide_in_store(store, link, lambda: NOW)
    assert (refused.outcome, "bh-own" in refused.text) == ("refused", True)
    retried = await decide_in_store(store, _decision(item, ResolutionKind.RETRY), lambda: NOW)
    assert retried.outcome == "decided"
    async with store.reading() as unit:
        [refund] = await unit.returns.refunds(ref)
    assert refund.decision == ""


async def test_E63_R47_an_outage_raises_no_exception_per_refund_also_not_while_the_erp_catches_up(
    shop: Shop, store: Store
) -> None:
    for number in range(3):
        await shop.returned(f"R{number}", since=ago(hours=30), refunds=[paid(ago(hours=25))])
    async with store.begin() as unit:
        await unit.exceptions.open_for_connection(
            NAME, ExceptionCode.CONNECTION_DOWN, "prima: no answer", ago(hours=26), system="prima"
        )
    found = await shop.sweep()
    assert (found.late, found.raised) == ({StuckKind.CREDIT: 3}, 0)
    async with store.begin() as unit:
        await unit.exceptions.clear_connection(NAME, ExceptionCode.CONNECTION_DOWN, NOW, system="prima")
    assert (await shop.sweep(NOW + 10 * MINUTE)).raised == 0
    assert {one.blocker for one in await shop.stuck()} == {"prima, which answers again and catches up"}
    assert (await shop.sweep(NOW + 20 * MINUTE)).raised == 3, "it had its time to catch up"


async def test_R77_R83_R92_finished_on_the_platform_without_rma_is_one_exception_until_it_is_there(
    shop: Shop, store: Store
) -> None:
    ref = await shop.returned(since=ago(minutes=31), rma=False, **ACCEPTED)
    await shop.returned("young", since=ago(minutes=29), rma=False, **ACCEPTED)
    assert (await shop.sweep()).raised == 1
    [item] = await shop.exceptions()
    assert (item.code, item.owner, item.ref) == (ExceptionCode.STATUS_DRIFT, Owner.CX, ref)
    assert "the ERP has no RMA for it" in item.reason
    [late] = await shop.stuck(StuckKind.RMA)
    assert late.told_by == item.id
    async with store.begin() as unit:
        await unit.returns.set_authorised(ref, "RMA-1", False, "hash", NOW + DAY, NOW)
    found = await shop.sweep(NOW + MINUTE)
    assert found.cleared == 1
    assert [one.state for one in await shop.exceptions(None) if one.id == item.id] == [ExceptionState.CLEARED]


async def test_R77_accepted_on_the_platform_and_nothing_of_it_in_stock(shop: Shop, store: Store) -> None:
    ref = await shop.returned(since=ago(hours=5), **ACCEPTED)
    booked_ref = await shop.returned("booked", since=ago(hours=5), **ACCEPTED)
    kept = [line().model_copy(update={"accepted": 2, "keep": True})]
    await shop.returned("kept", since=ago(hours=5), phase=PlatformPhase.ACCEPTED, lines=kept)
    async with store.begin() as unit:
        await unit.inspections.save(booked_ref, inspection(), booked(disposition=Disposition.DISPOSED), ago(hours=5))
    await shop.sweep()
    [item] = await shop.exceptions()
    assert (item.ref, item.payload["lacking"]) == (ref, "stock document")
    await decide(shop, item, ResolutionKind.DONE_BY_HAND, NOW)
    await shop.sweep(NOW + HOUR)
    assert await shop.exceptions() == [], "a person has said what became of it"


async def test_R77_E64_an_rma_in_the_line_of_a_window_is_no_drift(shop: Shop) -> None:
    ref = await shop.returned(since=ago(hours=9), rma=False, **ACCEPTED)
    await shop.planned(ref, DocumentKind.RMA, ago(hours=9), window_at=NOW + HOUR)
    found = await shop.sweep()
    assert (found.late, found.raised) == ({}, 0)


def _out(ref: ReturnRef, slot: int) -> OpenExposure:
    return OpenExposure(
        ref=ref,
        slot_line_id=LINE,
        slot_no=slot,
        line_id=LINE,
        amount=1000,
        currency="GBP",
        kind=ExposureKind.REFUND,
        reference="bh-r1-c-1",
        cover_until=NOW + 6 * DAY,
    )


async def test_N11_money_that_is_out_for_a_return_that_has_ended_is_raised_before_its_cover_lapses(
    shop: Shop, store: Store
) -> None:
    """A running return rings by itself; one that operations have stopped cannot."""
    for return_id in ("ended", "running"):
        ref = await shop.returned(return_id, since=ago(days=20))
        async with store.begin() as unit:
            await unit.exposures.open([_out(ref, 1), _out(ref, 2)], ago(days=20))
            if return_id == "ended":
                await unit.returns.set_ended(ref, Stage.CANCELLED, ago(days=10))
    assert (await shop.sweep(NOW - 2 * DAY)).raised == 0, "the first alarm is a week before"
    await shop.sweep()
    [item] = await shop.exceptions()
    assert (item.code, item.return_id, item.amount) == (
        ExceptionCode.EXPOSURE_DUE,
        "ended",
        Money(amount=2000, currency="GBP"),
    )
    await decide(shop, item, ResolutionKind.WRITE_OFF, NOW)
    await shop.sweep(NOW + HOUR)
    assert await shop.exceptions() == []
    async with store.reading() as unit:
        states = [row.state for row in await unit.exposures.of(ReturnRef(connection=NAME, return_id="ended"))]
    assert states == [ExposureState.DECIDED] * 2, "the register knows the decision"
