"""The read model: what the platform says, what we know, and the stage that follows from both."""

import asyncio

import pytest

from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.progress import Stage
from domain.returns import PlatformPhase, RefundState, ReturnRef
from store import Store
from store.errors import UnknownReturn
from store.records import DocumentState, ReturnRecord
from store.unit import Unit
from tests.store.given import (
    LINE,
    NOW,
    OTHER,
    REF,
    booked,
    document,
    inspection,
    later,
    line,
    platform_return,
    refund,
)

ORDER = ("books", "ORD-1")


async def header(unit: Unit, ref: ReturnRef = REF) -> ReturnRecord:
    found = await unit.returns.get(ref)
    assert found is not None
    return found


async def authorise(unit: Unit, ref: ReturnRef = REF, rma: str = "RMA-1") -> None:
    await unit.returns.set_authorised(ref, rma, False, "hash", later(60), NOW)


async def test_R1_a_return_survives_a_restart_with_everything(store_url: str) -> None:
    first = Store(store_url)
    await first.migrate()
    told = platform_return(line(), line("L2/HAT", 1), refunds=[refund()])
    async with first.begin() as unit:
        await unit.returns.save_platform_return(REF, told, NOW)
    await first.close()
    second = Store(store_url)
    await second.migrate()
    async with second.reading() as unit:
        kept = await header(unit)
        assert (kept.ref, kept.order_number, kept.kind, kept.created_at) == (REF, "ORD-1", told.kind, NOW)
        assert await unit.returns.lines(REF) == told.lines
        [money] = await unit.returns.refunds(REF)
        assert money.model_dump(include=set(refund().model_fields_set)) == refund().model_dump(
            include=set(refund().model_fields_set)
        )
    await second.close()


async def test_R9_saving_the_same_again_changes_nothing_of_ours(store: Store) -> None:
    told = platform_return(refunds=[refund()])
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, told, NOW)
        await authorise(unit)
        await unit.refunds.set_credit(REF, "RF1", "bh-r1-c-1", NOW)
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, told, later())
    async with store.reading() as unit:
        kept = await header(unit)
        assert (kept.rma_number, kept.snapshot_hash, kept.deadline) == ("RMA-1", "hash", later(60))
        assert kept.created_at == NOW
        [money] = await unit.returns.refunds(REF)
        assert (money.credit_key, money.first_seen_at) == ("bh-r1-c-1", NOW)


async def test_E61_the_platforms_present_lines_count(store: Store) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(line(), line("L2/HAT", 1)), NOW)
        changed = platform_return(line(quantity=3), line("L3/SOCK", 1))
        await unit.returns.save_platform_return(REF, changed, later())
        assert [(x.line_id, x.quantity) for x in await unit.returns.lines(REF)] == [(LINE, 3), ("L3/SOCK", 1)]
        assert [x.expected for x in (await unit.returns.facts(REF)).lines] == [3, 1]
        await unit.returns.save_platform_return(REF, platform_return(line("L2/HAT", 1)), later(2))
        assert [x.line_id for x in await unit.returns.lines(REF)] == ["L2/HAT"]


async def test_R87_the_stage_follows_the_facts_from_request_to_close(store: Store) -> None:
    seen: list[tuple[Stage, str]] = []

    async def look() -> None:
        async with store.reading() as unit:
            now = await header(unit)
            seen.append((now.stage, now.waiting_for))

    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(phase=PlatformPhase.DRAFT), NOW)
    await look()
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(), NOW)
    await look()
    async with store.begin() as unit:
        await authorise(unit)
        await unit.slots.reserve(*ORDER, REF, {LINE: 2}, {LINE: 2})
    await look()
    async with store.begin() as unit:
        await unit.inspections.save(REF, inspection("S1", 1), booked(1), NOW)
    await look()
    async with store.begin() as unit:
        await unit.inspections.save(REF, inspection("S2", 1), booked(1, Disposition.QUARANTINE), NOW)
        await unit.documents.plan(document("bh-r1-g-1", DocumentKind.RECEIPT), NOW)
    await look()
    async with store.begin() as unit:
        await unit.documents.mark("bh-r1-g-1", DocumentState.POSTED, number="GRN-1", now=NOW)
    await look()
    async with store.begin() as unit:
        await unit.returns.set_reported(REF, NOW)
    await look()
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(refunds=[refund()]), NOW)
    await look()
    async with store.begin() as unit:
        await unit.documents.plan(document(), NOW)
        await unit.slots.credit(*ORDER, REF, {LINE: [1, 2]}, "bh-r1-c-1", NOW)
        await unit.refunds.set_credit(REF, "RF1", "bh-r1-c-1", NOW)
    await look()
    async with store.begin() as unit:
        await unit.documents.mark("bh-r1-c-1", DocumentState.POSTED, number="CN-1", now=later(7))
    await look()
    assert seen == [
        (Stage.RECEIVED, "the customer to finish the request"),
        (Stage.VALIDATING, "the RMA in the ERP"),
        (Stage.AWAITING_GOODS, "the warehouse to inspect 2 unit(s)"),
        (Stage.PARTLY_RECEIVED, "the warehouse to inspect 1 of 2 unit(s)"),
        (Stage.INSPECTED, "the stock documents in the ERP"),
        (Stage.INSPECTED, "the platform to take the inspection result"),
        (Stage.SETTLING, "the platform to confirm the refund of 2 unit(s)"),
        (Stage.SETTLING, "the credit note in the ERP"),
        (Stage.SETTLING, "the credit note in the ERP"),
        (Stage.CLOSED, ""),
    ]
    async with store.reading() as unit:
        closed = await header(unit)
        assert (closed.waiting_since, closed.closed_at) == (None, later(7))
        assert await unit.returns.stages() == {Stage.CLOSED: 1}


async def test_R87_waiting_since_stays_while_the_reason_stays(store: Store) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(), NOW)
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(), later(5))
        assert (await header(unit)).waiting_since == NOW
        await unit.returns.set_authorised(REF, "RMA-1", False, "hash", later(60), later(7))
        assert (await header(unit)).waiting_since == later(7)


async def test_facts_count_accepted_credited_and_open_work(store: Store) -> None:
    async with store.begin() as unit:
        money = [refund(), refund("RF2", RefundState.PENDING)]
        told = platform_return(line(), line("L2/HAT", 1), refunds=money)
        await unit.returns.save_platform_return(REF, told, NOW)
        await unit.inspections.save(REF, inspection("S1"), [*booked(1), *booked(2, Disposition.MISSING)], NOW)
        await unit.slots.reserve(*ORDER, REF, {LINE: 2, "L2/HAT": 1}, {LINE: 2, "L2/HAT": 1})
        await unit.slots.credit(*ORDER, REF, {LINE: [1]}, "bh-r1-c-1", NOW)
        for n, state in enumerate([DocumentState.QUEUED, DocumentState.REFUSED, DocumentState.ABANDONED]):
            await unit.documents.plan(document(f"bh-r1-g-{n}", DocumentKind.ADJUSTMENT), NOW)
            await unit.documents.mark(f"bh-r1-g-{n}", state, now=NOW)
        facts = await unit.returns.facts(REF)
        shirt, hat = facts.lines
        assert (shirt.expected, shirt.inspected, shirt.accepted, shirt.credited) == (2, 3, 1, 1)
        assert (hat.inspected, hat.accepted, hat.credited) == (0, 0, 0)
        assert (facts.stock_open, facts.refunds_open) == (2, 1)


async def test_E18_units_beyond_the_announced_owe_no_credit(store: Store) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(line(quantity=1)), NOW)
        await unit.inspections.save(REF, inspection(), booked(3), NOW)
        assert [x.accepted for x in (await unit.returns.facts(REF)).lines] == [1]


async def test_a_refund_is_closed_by_a_live_credit_or_by_a_decision(store: Store) -> None:
    async with store.begin() as unit:
        told = platform_return(refunds=[refund("RF1"), refund("RF2")])
        await unit.returns.save_platform_return(REF, told, NOW)
        await unit.documents.plan(document(), NOW)
        await unit.refunds.set_credit(REF, "RF1", "bh-r1-c-1", NOW)
        assert (await unit.returns.facts(REF)).refunds_open == 2
        await unit.documents.mark("bh-r1-c-1", DocumentState.BY_HAND, number="CN-1", now=NOW)
        assert (await unit.returns.facts(REF)).refunds_open == 1
        await unit.refunds.decide(REF, "RF2", "paid twice, kept as goodwill", NOW)
        assert (await unit.returns.facts(REF)).refunds_open == 0
        await unit.documents.mark("bh-r1-c-1", DocumentState.CANCELLED, now=NOW)
        assert (await unit.returns.facts(REF)).refunds_open == 1


async def test_a_whole_bundle_and_its_parts_count_on_the_return_line(store: Store) -> None:
    async with store.begin() as unit:
        told = platform_return(line("L1/SET", 1), line("L7/CAP", 1))
        await unit.returns.save_platform_return(REF, told, NOW)
        wanted = {"L1/TOP": 1, "L1/TIE": 1, "L3/CAP": 1}
        await unit.slots.reserve(*ORDER, REF, wanted, wanted)
        await unit.slots.credit(*ORDER, REF, {line_id: [1] for line_id in wanted}, "bh-r1-c-1", NOW)
        assert [x.credited for x in (await unit.returns.facts(REF)).lines] == [1, 1]


async def test_R9_E15_a_scan_counts_once_and_makes_the_report_due_again(store: Store) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(), NOW)
        assert await unit.inspections.save(REF, inspection(), booked(), NOW)
        await unit.returns.set_reported(REF, NOW)
    async with store.begin() as unit:
        assert not await unit.inspections.save(REF, inspection(), booked(), later())
        assert (await header(unit)).reported
        assert await unit.inspections.save(REF, inspection("SCAN-2", 1), booked(1), later())
        assert not (await header(unit)).reported
        first, second = await unit.inspections.list(REF)
    assert (first.inspection, first.booked, first.saved_at) == (inspection(), booked(), NOW)
    assert second.inspection.inspection_id == "SCAN-2"


async def test_E12_an_inspection_is_kept_before_the_return_is_known(store: Store) -> None:
    async with store.begin() as unit:
        await unit.inspections.save(REF, inspection(), booked(), NOW)
    async with store.begin() as unit:
        assert await unit.returns.get(REF) is None
        await unit.returns.save_platform_return(REF, platform_return(), later())
        assert [x.inspected for x in (await unit.returns.facts(REF)).lines] == [2]


@pytest.mark.parametrize("stage", [Stage.CANCELLED, Stage.EXPIRED, Stage.REJECTED])
async def test_an_end_that_was_carried_out_is_the_stage(store: Store, stage: Stage) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(), NOW)
        for minutes in (1, 2):
            await unit.returns.set_ended(REF, stage, later(minutes))
        with pytest.raises(ValueError, match="not the end"):
            await unit.returns.set_ended(REF, Stage.SETTLING, NOW)
        ended = await header(unit)
    assert (ended.stage, ended.waiting_for, ended.waiting_since) == (stage, "", None)


async def test_a_finance_track_given_up_by_hand_counts_as_final(store: Store) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(), NOW)
        await authorise(unit)
        await unit.inspections.save(REF, inspection(), booked(), NOW)
        await unit.returns.set_reported(REF, NOW)
        assert (await header(unit)).stage is Stage.SETTLING
        await unit.returns.close_finance(REF, NOW)
        assert (await unit.returns.refresh_progress(REF, later())).stage is Stage.CLOSED


async def test_what_was_never_saved_is_unknown(store: Store) -> None:
    async with store.begin() as unit:
        assert await unit.returns.get(REF) is None
        assert await unit.returns.lines(REF) == []
        for call in (
            unit.returns.facts(REF),
            unit.returns.refresh_progress(REF, NOW),
            unit.returns.set_reported(REF, NOW),
            unit.refunds.set_credit(REF, "RF1", "k", NOW),
        ):
            with pytest.raises(UnknownReturn):
                await call


async def test_changes_at_once_leave_a_header_that_knows_them_all(store: Store) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(line(quantity=8)), NOW)
        await authorise(unit)

    async def scan(n: int) -> None:
        async with store.begin() as unit:
            await unit.inspections.save(REF, inspection(f"S{n}", 1), booked(1), later(n))

    await asyncio.gather(*(scan(n) for n in range(7)))
    async with store.reading() as unit:
        assert (await header(unit)).waiting_for == "the warehouse to inspect 1 of 8 unit(s)"


async def test_R86_R87_N15_a_return_is_found_by_every_id(store: Store) -> None:
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(refunds=[refund("RF-R1")]), NOW)
        await unit.returns.save_platform_return(OTHER, platform_return(return_id="R2"), later())
        await authorise(unit)
        await unit.inspections.save(REF, inspection("SCAN-R1"), booked(), NOW)
        await unit.documents.plan(document(), NOW)
        await unit.documents.mark("bh-r1-c-1", DocumentState.POSTED, number="CN-1", parts=["CN-1B"], now=NOW)
    mine = ["R1", "shop/R1", "return/shop/R1", " RMA-1 ", "RF-R1", "SCAN-R1", "bh-r1-c-1", "CN-1", "CN-1B"]
    async with store.reading() as unit:
        for any_id in mine:
            assert [found.ref for found in await unit.returns.find(any_id)] == [REF], any_id
        for shared in ("ORD-1", "TRACK-1"):
            assert {str(found.ref) for found in await unit.returns.find(shared)} == {"shop/R1", "shop/R2"}
        for nothing in ("", " ", "R3", "shop/R3", "%"):
            assert await unit.returns.find(nothing) == []
        assert [x.ref for x in await unit.returns.list(stage=Stage.VALIDATING)] == [OTHER]
        assert [x.ref for x in await unit.returns.list(connection="else")] == []
