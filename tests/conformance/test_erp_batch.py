"""Documents in files: each is made once, whatever becomes of a file or of its acknowledgement (D7, R35, E64)."""

from typing import cast

import pytest

from adapters import registry
from domain.documents import Posted, Queued
from domain.outcomes import RetryLater
from domain.ports import BatchErp
from tests.conformance.asks import READS
from tests.conformance.case import Case
from tests.conformance.desk import ErpDesk, patiently
from tests.conformance.effects import Effect
from tests.conformance.erps import ERPS
from tests.conformance.faults import LOST
from tests.conformance.privacy import trouble_of
from tests.conformance.writes import BY_LABEL, OPEN, WRITES, Write, expected

BATCH_ERPS = [name for name in registry.ERPS if name in ERPS and registry.ERPS[name].capabilities.batch]
pytestmark = pytest.mark.parametrize("running", BATCH_ERPS, indirect=True)
each_write = pytest.mark.parametrize("write", WRITES, ids=str)


def port(erp: ErpDesk) -> BatchErp:
    return cast(BatchErp, erp.erp)


async def found_by_key(erp: ErpDesk, write: Write, case: Case) -> Posted | None:
    """What a look-up tells; None for kinds that the ERP shows nothing of, which must be said so."""
    try:
        return await port(erp).find_document(write.kind, write.ask(case).key)
    except RetryLater:
        assert write.name in ("receive_goods", "adjust_stock", "transfer_stock")
        return None


@each_write
@pytest.mark.parametrize("answer", ["lost", "cut"])
async def test_E_an_acknowledgement_that_does_not_come(erp: ErpDesk, write: Write, answer: str) -> None:
    """The file was taken: it is looked up, not sent again; written again, the answer says the same."""
    case = await erp.prepared(write)
    batch = erp.batch((write.kind, write.ask(case)))
    await port(erp).hand_over(batch)
    (erp.batch_stage.lose_answer if answer == "lost" else erp.batch_stage.cut_answer)()
    assert await port(erp).acknowledgement(batch.ref) is None
    erp.batch_stage.run_window(batch.ref.record_class)
    assert await port(erp).is_picked_up(batch.ref)
    assert await port(erp).acknowledgement(batch.ref) is None
    found = await found_by_key(erp, write, case)
    erp.batch_stage.write_answers()
    late = await port(erp).acknowledgement(batch.ref)
    assert late is not None
    assert (late.refused, late.file_refused) == ([], "")
    assert found is None or found.number == late.taken[0].number
    assert erp.effect(case) == expected(write, case, erp.able)


@each_write
async def test_E64_a_document_that_is_sent_again_under_a_new_number(erp: ErpDesk, write: Write) -> None:
    """Nobody could tell what became of the first file; the second one is answered with the first document."""
    case = await erp.prepared(write)
    first = erp.batch((write.kind, write.ask(case)))
    erp.batch_stage.lose_answer()
    await port(erp).hand_over(first)
    erp.batch_stage.run_window(first.ref.record_class)
    mark = erp.journal.mark
    again = await erp.through_window(erp.batch((write.kind, write.ask(case))))
    assert [taken.adopted for taken in again.taken] == [True]
    assert erp.effects_since(mark) == []
    assert erp.effect(case) == expected(write, case, erp.able)
    erp.batch_stage.write_answers()


@each_write
async def test_a_file_is_handed_over_once(erp: ErpDesk, write: Write) -> None:
    """Our process may end at any moment of it: the same batch again finds its file, before the window and after."""
    case = await erp.prepared(write)
    batch = erp.batch((write.kind, write.ask(case)))
    first = await port(erp).hand_over(batch)
    assert not await port(erp).is_picked_up(batch.ref)
    again = first.model_copy(update={"found": True})
    assert (first.found, await port(erp).hand_over(batch)) == (False, again)
    erp.batch_stage.run_window(batch.ref.record_class)
    assert await port(erp).hand_over(batch) == again
    erp.batch_stage.run_window(batch.ref.record_class)
    answer = await port(erp).acknowledgement(batch.ref)
    assert answer is not None
    assert [taken.adopted for taken in answer.taken] == [False]
    assert erp.effect(case) == expected(write, case, erp.able)


@each_write
async def test_a_file_that_is_refused_as_a_whole(erp: ErpDesk, write: Write) -> None:
    """Nothing of it was done; a new number takes the same document, the old one is never used again."""
    case = await erp.prepared(write)
    before = erp.effect(case)
    batch = erp.batch((write.kind, write.ask(case)))
    erp.batch_stage.refuse_file()
    answer = await erp.through_window(batch)
    assert answer.file_refused
    assert (answer.taken, answer.refused) == ([], [])
    assert erp.effect(case) == before
    await port(erp).hand_over(batch)
    erp.batch_stage.run_window(batch.ref.record_class)
    assert erp.effect(case) == before
    posted = await erp.post(write, case)
    assert not posted.adopted
    assert erp.effect(case) == expected(write, case, erp.able)


@each_write
async def test_a_document_that_is_refused_for_now(erp: ErpDesk, write: Write) -> None:
    """A record is in use: it may come again as it is, and its neighbour in the file is not held up."""
    case, other = await erp.case(), await erp.case()
    for one in (case, other):
        await erp.prepared(write, one)
    erp.batch_stage.refuse_document(case.return_id)
    answer = await erp.through_window(erp.batch((write.kind, write.ask(case)), (write.kind, write.ask(other))))
    assert [taken.key for taken in answer.taken] == [write.ask(other).key]
    assert [(refusal.key, refusal.transient) for refusal in answer.refused] == [(write.ask(case).key, True)]
    await erp.post(write, case)
    for one in (case, other):
        assert erp.effect(one) == expected(write, one, erp.able)


async def test_a_file_that_the_erp_left_lying_is_stalled(erp: ErpDesk) -> None:
    case = await erp.prepared(OPEN)
    batch = erp.batch((OPEN.kind, OPEN.ask(case)))
    await port(erp).hand_over(batch)
    erp.batch_stage.stall()
    erp.batch_stage.run_window(batch.ref.record_class)
    assert not await port(erp).is_picked_up(batch.ref)
    assert await port(erp).acknowledgement(batch.ref) is None
    assert erp.effect(case) == Effect()
    erp.batch_stage.run_window(batch.ref.record_class)
    assert await port(erp).is_picked_up(batch.ref)
    assert erp.effect(case) == expected(OPEN, case, erp.able)


async def test_R35_nothing_is_asked_of_an_erp_that_works_on_its_batch(erp: ErpDesk) -> None:
    case, credit = await erp.everything(), BY_LABEL["post_credit"]
    fresh = await erp.prepared(credit)
    erp.batch_stage.begin_window()
    try:
        for name, ask in READS.items():
            trouble = await trouble_of(ask(erp.erp, case))
            assert isinstance(trouble, RetryLater), name
        for write in (OPEN, credit):
            assert isinstance(await trouble_of(write.call(erp.erp, write.ask(fresh))), RetryLater)
        assert isinstance(await trouble_of(port(erp).find_document(OPEN.kind, OPEN.ask(case).key)), RetryLater)
    finally:
        erp.batch_stage.end_window()
    assert await credit.call(erp.erp, credit.ask(fresh)) == Queued()


async def test_a_document_is_looked_up_in_three_answers(erp: ErpDesk) -> None:
    """Not there, there, undone."""
    write, undo = OPEN, BY_LABEL["cancel_rma"]
    case = await erp.case()
    key = write.ask(case).key
    assert await port(erp).find_document(write.kind, key) is None
    assert await port(erp).find_document(undo.kind, key) is None
    case.numbers["open_rma"] = (await erp.post(write, case)).number
    there = await port(erp).find_document(write.kind, key)
    assert there is not None
    assert there.number == case.numbers["open_rma"]
    assert await port(erp).find_document(undo.kind, key) is None, "its cancellation is not there"
    await erp.post(undo, case)
    gone = await port(erp).find_document(undo.kind, key)
    assert gone is not None


@each_write
async def test_a_look_up_whose_answer_is_lost(erp: ErpDesk, write: Write) -> None:
    """The acknowledgement and the answer to the look-up, both."""
    case = await erp.prepared(write)
    batch = erp.batch((write.kind, write.ask(case)))
    await port(erp).hand_over(batch)
    erp.batch_stage.lose_answer()
    erp.batch_stage.run_window(batch.ref.record_class)
    for fault in LOST.values():
        erp.faults.script(fault)
        trouble = await trouble_of(port(erp).find_document(write.kind, write.ask(case).key))
        assert isinstance(trouble, RetryLater)
    erp.batch_stage.write_answers()
    answer = await patiently(lambda: port(erp).acknowledgement(batch.ref))
    assert answer is not None
    assert erp.effect(case) == expected(write, case, erp.able)
