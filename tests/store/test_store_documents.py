"""Documents: intent first, and the same intent for ever (N2)."""

import asyncio

import pytest

from domain.documents import DocumentKind
from store import Store
from store.errors import KeyTaken, UnknownDocument
from store.records import DocumentState
from tests.store.given import NOW, OTHER, REF, document, later

KEY = "bh-r1-c-1"


async def test_N2_a_plan_is_kept_as_it_was_first_written(store: Store) -> None:
    async with store.begin() as unit:
        first = await unit.documents.plan(document(), NOW)
    changed = document().model_copy(update={"total": 1, "request": {"total": 1}})
    async with store.begin() as unit:
        again = await unit.documents.plan(changed, later())
    assert again == first
    assert (again.state, again.number, again.request) == (DocumentState.PLANNED, "", document().request)
    assert (again.created_at, again.lines) == (NOW, document().lines)


async def test_N2_plans_made_at_once_are_one(store: Store) -> None:
    async def plan(total: int) -> int | None:
        async with store.begin() as unit:
            made = await unit.documents.plan(document().model_copy(update={"total": total}), NOW)
            return made.total

    totals = await asyncio.gather(*(plan(total) for total in range(8)))
    assert len(set(totals)) == 1


async def test_N2_a_key_of_another_return_is_not_silently_shared(store: Store) -> None:
    async with store.begin() as unit:
        await unit.documents.plan(document(), NOW)
        with pytest.raises(KeyTaken):
            await unit.documents.plan(document(ref=OTHER), NOW)
        with pytest.raises(KeyTaken):
            await unit.documents.plan(document(kind=DocumentKind.RECEIPT), NOW)


async def test_N2_marking_twice_is_marking_once(store: Store) -> None:
    async with store.begin() as unit:
        await unit.documents.plan(document(), NOW)
        first = await unit.documents.mark(KEY, DocumentState.POSTED, number="CN-1", total=1999, now=later())
        again = await unit.documents.mark(KEY, DocumentState.POSTED, number="CN-1", total=1999, now=later(9))
        assert again == first
        assert (first.number, first.total, first.updated_at) == ("CN-1", 1999, later())
        assert [entry.action for entry in await unit.audit.list(KEY)] == ["document.posted"]


async def test_N2_what_is_not_said_again_stays(store: Store) -> None:
    async with store.begin() as unit:
        await unit.documents.plan(document(), NOW)
        await unit.documents.mark(KEY, DocumentState.REFUSED, reason="period closed", now=NOW)
        await unit.documents.mark(KEY, DocumentState.POSTED, number="CN-1", parts=["CN-1A"], now=NOW)
        made = await unit.documents.mark(KEY, DocumentState.CANCELLED, reason="voided", actor="fin-7", now=NOW)
    assert (made.number, made.parts, made.total, made.reason) == ("CN-1", ["CN-1A"], 2000, "voided")


async def test_R69_what_was_refused_may_be_planned_anew_and_nothing_else(store: Store) -> None:
    changed = document().model_copy(update={"total": 1900, "request": {"total": 1900}})
    async with store.begin() as unit:
        with pytest.raises(UnknownDocument):
            await unit.documents.replan(changed, NOW)
        first = await unit.documents.plan(document(), NOW)
        assert await unit.documents.replan(changed, later()) == first
        await unit.documents.mark(KEY, DocumentState.REFUSED, reason="period closed", now=NOW)
        with pytest.raises(KeyTaken):
            await unit.documents.replan(document(ref=OTHER), later())
        anew = await unit.documents.replan(changed, later())
        assert (anew.state, anew.request, anew.total, anew.reason) == (
            DocumentState.PLANNED,
            {"total": 1900},
            1900,
            "",
        )
        await unit.documents.mark(KEY, DocumentState.POSTED, number="CN-1", now=NOW)
        assert (await unit.documents.replan(document(), later(2))).total == 1900


@pytest.mark.parametrize("late", [DocumentState.PLANNED, DocumentState.QUEUED, DocumentState.REFUSED])
async def test_N2_a_slow_attempt_cannot_take_back_what_the_erp_has(store: Store, late: DocumentState) -> None:
    async with store.begin() as unit:
        await unit.documents.plan(document(), NOW)
        await unit.documents.mark(KEY, DocumentState.POSTED, number="CN-1", now=NOW)
        assert (await unit.documents.mark(KEY, late, now=later())).state is DocumentState.POSTED


async def test_a_document_that_was_never_planned_is_unknown(store: Store) -> None:
    async with store.begin() as unit:
        assert await unit.documents.get(KEY) is None
        with pytest.raises(UnknownDocument):
            await unit.documents.mark(KEY, DocumentState.POSTED, now=NOW)


async def test_N15_documents_are_found_by_every_number_they_had(store: Store) -> None:
    async with store.begin() as unit:
        await unit.documents.plan(document(), NOW)
        await unit.documents.plan(document("bh-r2-g-1", DocumentKind.RECEIPT, OTHER), later())
        await unit.documents.mark(KEY, DocumentState.POSTED, number="CN-1", parts=["CN-2"], now=NOW)
        await unit.documents.mark(KEY, DocumentState.LINKED, number="CN-9", now=later())
    async with store.reading() as unit:
        for number in ("CN-1", "CN-2", "CN-9"):
            assert [found.key for found in await unit.documents.by_number(number)] == [KEY]
        assert await unit.documents.by_number("CN-7") == []
        assert [found.key for found in await unit.documents.for_return(REF)] == [KEY]
