"""What becomes of a file: answered, answered with nonsense, taken by nobody, late, or full (R34, R35, R70, E64)."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from temporalio.exceptions import ApplicationError

from adapters.bluecherry import layout
from adapters.bluecherry.port import build
from adapters.kit.outside import Outside
from domain.batches import Acknowledgement, RecordClass, Refusal
from domain.documents import DocumentKind, MovementLine, Posted
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected, RetryLater
from store import Store
from store.records import DocumentState, ExceptionState
from tests.adapters.bluecherry.samples import receipt, settings
from tests.batch.filing import ANSWER_BY, HOUR, MINUTE, WINDOW, Line, line_with, unusable

NIGHT = timedelta(days=1)


async def test_R70_an_acknowledgement_that_cannot_be_used_is_raised_and_its_documents_are_looked_up(line: Line) -> None:
    there, lost = await line.credit("1"), await line.credit("2")
    assert await line.hand_over() == [1]
    line.erp.answers[1] = unusable()
    line.erp.known[there] = Posted(number="CM1")
    line.now = WINDOW + 31 * MINUTE
    with pytest.raises(ApplicationError) as waits:
        await line.collect(1)
    assert not waits.value.non_retryable, "it may still be written again"
    assert await line.raised() == []
    line.now = ANSWER_BY
    assert await line.collect(1) == [there]
    assert (await line.document(there)).number == "CM1"
    again = await line.document(lost)
    assert (again.state, again.window_at, again.tries) == (DocumentState.QUEUED, WINDOW + NIGHT, 1)
    [item] = await line.raised()
    assert item.code is ExceptionCode.EVENT_INVALID
    assert "cannot be used" in item.reason


async def test_R70_it_is_over_with_the_next_acknowledgement_that_can_be_used(line: Line) -> None:
    await line.credit("1")
    await line.hand_over()
    line.erp.answers[1], line.now = unusable(), ANSWER_BY
    await line.collect(1)
    assert await line.hand_over(opens=WINDOW + NIGHT) == [2]
    line.erp.answer(2)
    line.now += NIGHT
    await line.collect(2, answer_by=ANSWER_BY + NIGHT)
    assert [item.state for item in await line.raised(None)] == [ExceptionState.CLEARED]


async def test_R70_a_look_up_that_is_refused_keeps_its_document_in_the_file_and_no_other(line: Line) -> None:
    """Sent again it might be made twice, and the ERP has not said that it lacks it."""
    asked, other = await line.credit("1"), await line.credit("2")
    await line.hand_over()
    line.erp.known |= {asked: Rejected(ExceptionCode.CONFIG_INVALID, "HTTP 400"), other: Posted(number="CM2")}
    line.now = ANSWER_BY
    assert await line.collect(1) == [other]
    [item] = await line.raised()
    assert "HTTP 400" in item.reason
    assert await line.hand_over(opens=WINDOW + NIGHT) == [1], "the file is asked about again"
    line.erp.known[asked] = Posted(number="CM1")
    line.now += NIGHT
    assert await line.collect(1, answer_by=ANSWER_BY + NIGHT) == [asked]
    assert await line.raised() == []


async def test_E64_waiting_for_an_acknowledgement_is_no_outage(line: Line) -> None:
    """The half hour that the ERP has for it is longer than an outage may last."""
    await line.credit()
    await line.hand_over()
    line.now = ANSWER_BY - MINUTE
    with pytest.raises(ApplicationError) as waits:
        await line.collect(1, waited=HOUR)
    assert not waits.value.non_retryable
    assert waits.value.next_retry_delay is not None
    assert await line.raised() == []


async def test_E63_a_look_for_an_acknowledgement_does_not_end_an_outage_of_the_erp(line: Line) -> None:
    """Its directories answer; whether its read API does, this tells nothing."""
    await line.credit()
    await line.hand_over()

    async def silent() -> None:
        async with line.edge.at_erp(None, line.link):
            raise RetryLater("no answer")

    line.now = WINDOW + 50 * MINUTE
    with pytest.raises(ApplicationError):
        await line.run(silent, waited=6 * HOUR)
    assert len(await line.raised()) == 1
    with pytest.raises(ApplicationError):
        await line.collect(1, waited=50 * MINUTE)
    assert [item.state for item in await line.raised(None)] == [ExceptionState.OPEN]


@pytest.mark.parametrize("trouble", ["stalled", "refused"])
@pytest.mark.parametrize("record_class", [RecordClass.RMA, RecordClass.CREDIT])
async def test_R35_trouble_with_a_file_is_not_over_when_another_file_is_answered(
    line: Line, trouble: str, record_class: RecordClass
) -> None:
    """Whatever class the other is of; a refused one's documents come again in the next file of theirs."""
    await line.credit("1")
    await line.hand_over()
    if trouble == "stalled":
        line.erp.lying.add(1)
    else:
        line.erp.answers[1] = Acknowledgement(acknowledged_at=WINDOW, file_refused="E102 TRAILER MISMATCH")
    line.now = ANSWER_BY
    await line.collect(1)
    if record_class is RecordClass.RMA:
        await line.queued("bh-r1-r-1-x", DocumentKind.RMA_CANCELLATION)
    elif trouble == "stalled":
        await line.credit("2", at=WINDOW + NIGHT)
    await line.hand_over(record_class, opens=WINDOW + NIGHT)
    line.erp.answer(2)
    line.now += NIGHT
    await line.collect(2, record_class, answer_by=ANSWER_BY + NIGHT)
    states = [item.state for item in await line.raised(None)]
    over = trouble == "refused" and record_class is RecordClass.CREDIT
    assert states == [ExceptionState.CLEARED if over else ExceptionState.OPEN]


async def test_R35_a_stalled_file_is_over_when_it_is_answered(line: Line) -> None:
    """Also while a newer file of its class waits for its own answer."""
    await line.credit("1")
    await line.hand_over()
    line.erp.lying.add(1)
    line.now = ANSWER_BY
    await line.collect(1)
    await line.collect(1)
    [item] = await line.raised()
    assert "stalled" in item.reason
    await line.credit("2", at=WINDOW + NIGHT)
    assert await line.hand_over(opens=WINDOW + NIGHT) == [1, 2]
    line.erp.answer(1)
    await line.collect(1, answer_by=ANSWER_BY + NIGHT)
    assert await line.raised() == []


async def test_R34_what_a_file_has_no_room_for_goes_into_another_one_of_the_same_window(line: Line) -> None:
    """A full file is no refusal of the ERP: nobody is asked about it, however many windows are full."""
    line.erp.room = 2
    keys = [await line.credit(str(number)) for number in range(5)]
    assert await line.hand_over() == [1, 2, 3]
    assert sorted(key for file in line.erp.files.values() for key in file) == keys
    assert [(await line.document(key)).tries for key in keys] == [0] * 5


async def test_R34_E64_parcels_of_many_lines_fill_several_files_of_bluecherry(store: Store, tmp_path: Path) -> None:
    """Each line of a receipt is a document there, and a file has room for 500."""
    folders = [tmp_path / "inbound" / name for name in ("archive", "error")] + [tmp_path / "outbound" / "ack"]
    for folder in folders:
        folder.mkdir(parents=True)
    async with httpx.AsyncClient() as http:
        line = line_with(store, build(settings(path=str(tmp_path)), Outside(http, clock=lambda: line.now)))
        units = [MovementLine(rma_line_no=number, sku="P1001-BLK-080", quantity=1) for number in range(1, 6)]
        for number in range(101):
            key = f"bh-{number:032x}-g-1"
            await line.queued(key, DocumentKind.RECEIPT, receipt(key=key, lines=units))
        assert await line.hand_over(RecordClass.STOCK) == [1, 2]
        files = [layout.read(path.read_bytes()) for path in sorted((tmp_path / "inbound").glob("*.dat"))]
        assert [len(file.documents) for file in files] == [500, 5]


async def test_R35_a_file_of_a_missed_window_is_asked_about_at_its_own(line: Line) -> None:
    """No worker ran at ten: what is handed over in the morning is taken tonight, and lies there rightly until then."""
    key = await line.credit()
    line.now = WINDOW + 12 * HOUR
    assert await line.hand_over() == []
    assert (await line.document(key)).window_at == WINDOW + NIGHT
    line.erp.lying.add(1)
    assert await line.raised(None) == []
    line.now = WINDOW + NIGHT - 2 * MINUTE
    assert await line.hand_over(opens=WINDOW + NIGHT) == [1]
    line.erp.answer(1)
    line.now = WINDOW + NIGHT + 5 * MINUTE
    assert await line.collect(1, answer_by=ANSWER_BY + NIGHT) == [key]


async def test_R35_a_file_that_lay_there_in_time_is_asked_about_at_once(line: Line) -> None:
    """Its writer ended before it could say so, and the next one comes after the window."""
    await line.credit()
    await line.hand_over()
    async with line.store.begin() as unit:
        await unit.windows.handed_over(line.connection.books, 1, "", WINDOW, [])
    line.now = WINDOW + 40 * MINUTE
    assert await line.hand_over() == [1]


async def test_R35_a_document_that_is_refused_for_now_waits_for_the_next_window(line: Line) -> None:
    busy, other = await line.credit("1"), await line.credit("2")
    await line.hand_over()
    line.erp.answer(1, Refusal(key=busy, code=ExceptionCode.CREDIT_REJECTED, reason="E211", transient=True))
    line.now = WINDOW + 5 * MINUTE
    assert await line.collect(1) == [other]
    assert ((await line.document(busy)).window_at, (await line.document(busy)).tries) == (WINDOW + NIGHT, 1)
