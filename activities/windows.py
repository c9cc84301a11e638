"""Steps on a batch ERP's windows: what waits goes over in files, and every answer finds its document (D7, R35)."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from temporalio import activity

from activities.edge import Edge, Link, foreseen
from activities.outcomes import NotYet
from activities.window_files import as_parts, in_files, tell, to_send_again
from activities.window_signatures import (
    Collect,
    HandOver,
    WindowFailure,
    WindowNews,
    WindowPlan,
    WindowStart,
)
from domain.batches import (
    Acknowledgement,
    Batch,
    RecordClass,
    Refusal,
    Taken,
    files_of,
)
from domain.documents import Posted
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.ports import BatchErp
from domain.windows import WindowCalendar
from store.records import DocumentRecord, DocumentState
from store.unit import Unit
from store.window_records import BatchRecord

#: How often a window may bring a document back before a person is asked.
TRIES = 3
#: What trouble with files is raised as: they do not go over, or what comes back cannot be used.
_DOWN, _INVALID = ExceptionCode.CONNECTION_DOWN, ExceptionCode.EVENT_INVALID
_SHORTEST_LOOK, _LONGEST_LOOK = timedelta(seconds=1), timedelta(minutes=1)


class WindowActivities:
    """Implements `WindowSteps` for one batch ERP. `links` has every connection of these books by name."""

    def __init__(self, edge: Edge, links: Mapping[str, Link], erp: BatchErp) -> None:
        self._edge = edge
        self._links = links
        self._erp = erp
        self._link = next(iter(links.values()))

    @activity.defn
    async def plan_window(self, request: WindowStart) -> WindowPlan:
        """The next window whose files can still be handed over."""
        async with foreseen():
            timing = self._link.connection.timing
            window = self._calendar(request.record_class).next(self._edge.clock() + timing.hand_over_before)
            return WindowPlan(
                hand_over_at=window.opens - timing.hand_over_before,
                opens=window.opens,
                answer_by=window.closes + timing.acknowledge_within,
            )

    @activity.defn
    async def hand_over(self, request: HandOver) -> WindowNews:
        """Every document that waited lies there in a file; what one has no room for is in another.

        Files that are not answered yet are asked about again. One that came too late is asked about after its own
        window.
        """
        async with self._edge.at_erp(None, self._link):
            told: list[DocumentRecord] = []
            while begun := await self._begun(request):
                for batch in begun:
                    told += await self._hand_over(batch)
            return WindowNews(told=tell(told), batches=await self._due(request.start, request.opens))

    @activity.defn
    async def collect(self, request: Collect) -> WindowNews:
        """Every document of the file is posted, refused, or waits for another window.

        Without an answer in time each is looked up, and what is not there goes into another file (contract E). A file
        that the ERP did not take is raised and stays where it is: the ERP may still take it.
        """
        async with self._edge.at_erp(None, self._link):
            async with self._edge.store.reading() as unit:
                batch = await unit.windows.batch(request.start.books, request.number)
                documents = await unit.windows.in_batch(list(self._links), request.number)
            answer, wrong = await self._answer(batch)
            if answer is None and (left := request.answer_by - self._edge.clock()) > timedelta():
                pause = min(max(left / 20, _SHORTEST_LOOK), _LONGEST_LOOK)
                raise NotYet(wrong or f"file {batch.file} is not answered yet", pause)
            if answer is None and not await self._erp.is_picked_up(batch.ref):
                async with self._edge.store.begin() as unit:
                    stalled = f"file {batch.file} still lies there after its window: it is stalled"
                    await self._raise_trouble(unit, batch.ref.record_class, _DOWN, stalled)
                return WindowNews()
            answer, refused = await self._completed(documents, answer)
            return WindowNews(told=tell(await self._settle(batch, documents, answer, wrong or refused)))

    @activity.defn
    async def note_failure(self, request: WindowFailure) -> WindowNews:
        """One exception for the class says why its files stand still, until one of them is answered again."""
        reason = f"{request.start.record_class} files: {request.reason}"
        async with self._edge.store.begin() as unit:
            await self._raise_trouble(unit, request.start.record_class, _INVALID, reason)
        return WindowNews(batches=await self._due(request.start, request.opens) if request.opens else [])

    async def _begun(self, request: HandOver) -> list[BatchRecord]:
        """Everything that waits is in a file now; a repeated step finds the files of the first."""
        start, now = request.start, self._edge.clock()
        async with self._edge.store.begin() as unit:
            waiting = await unit.windows.waiting(list(self._links), start.record_class, request.opens)
            for some in in_files(waiting):
                keys = [document.key for document in some]
                await unit.windows.begin_batch(start.books, start.record_class, request.opens, keys, now)
            open_ = await unit.windows.open_batches(start.books, start.record_class)
            return [batch for batch in open_ if not batch.file]

    async def _due(self, start: WindowStart, opens: datetime) -> list[int]:
        """Files that this window takes, or an earlier one should have taken."""
        async with self._edge.store.reading() as unit:
            open_ = await unit.windows.open_batches(start.books, start.record_class)
        return [batch.ref.number for batch in open_ if batch.file and batch.window_at <= opens]

    async def _hand_over(self, batch: BatchRecord) -> list[DocumentRecord]:
        """Hand one file over; the documents that could not be written into it."""
        async with self._edge.store.reading() as unit:
            documents = await unit.windows.in_batch(list(self._links), batch.ref.number)
        parts = as_parts(documents)
        if not parts:
            async with self._edge.store.begin() as unit:
                await unit.windows.answered(batch.books, batch.ref.number)
            return []
        handed = await self._erp.hand_over(Batch(ref=batch.ref, documents=parts))
        refused = {refusal.key: refusal for refusal in handed.refused}
        written = [d.key for d in documents if d.key not in refused and d.key not in handed.left_out]
        assert written or refused or handed.found, "an empty file has room for a document"
        async with self._edge.store.begin() as unit:
            for key in handed.left_out:
                await unit.windows.move(key, batch.window_at, self._edge.clock(), tried=False)
            if written:
                opens = batch.window_at if handed.found else self._next(batch)
                await unit.windows.handed_over(batch.books, batch.ref.number, handed.file, opens, written)
            else:
                await unit.windows.answered(batch.books, batch.ref.number)
            return [d for d in documents if d.key in refused and await self._refuse(unit, d, refused[d.key])]

    def _next(self, batch: BatchRecord) -> datetime:
        """The first window that a file which has come to lie there just now can go into."""
        return self._calendar(batch.ref.record_class).next(self._edge.clock()).opens

    async def _answer(self, batch: BatchRecord) -> tuple[Acknowledgement | None, str]:
        """The ERP's answer, or why it cannot be used: then it is as good as none, and may still be written again."""
        try:
            return await self._erp.acknowledgement(batch.ref), ""
        except Rejected as unusable:
            return None, str(unusable)

    async def _completed(
        self, documents: Sequence[DocumentRecord], answer: Acknowledgement | None
    ) -> tuple[Acknowledgement, str]:
        """The answer, with what the ERP has of documents that it does not name; the rest is to be sent again.

        Where the ERP refuses to be asked nothing is known of a document, and it is not named; why, is the text.
        """
        if answer is not None and answer.file_refused:
            passing = [to_send_again(d.key, f"its file was refused: {answer.file_refused}") for d in documents]
            return answer.model_copy(update={"refused": passing}), ""
        taken = list(answer.taken) if answer else []
        refused = list(answer.refused) if answer else []
        named, wrong = {one.key for one in taken} | {one.key for one in refused}, ""
        for document in documents:
            if document.key in named:
                continue
            try:
                found = await self._look_up(document)
            except Rejected as no:
                wrong = str(no)
                continue
            if found is not None:
                taken.append(Taken(key=document.key, number=found.number, adopted=True, total=found.total))
            else:
                refused.append(to_send_again(document.key, "the ERP neither answered for it nor has it"))
        return Acknowledgement(acknowledged_at=self._edge.clock(), taken=taken, refused=refused), wrong

    async def _look_up(self, document: DocumentRecord) -> Posted | None:
        if document.kind in self._erp.unseen:
            return None  # sent again it comes back as the one that is there
        return await self._erp.find_document(document.kind, document.key)

    async def _settle(
        self, batch: BatchRecord, documents: Sequence[DocumentRecord], answer: Acknowledgement, wrong: str
    ) -> list[DocumentRecord]:
        """Write down what became of each document; those whose workflow must hear of it.

        A document of which nothing is known stays in the file, which is then asked about again.
        """
        taken = {one.key: one for one in answer.taken}
        refused = {one.key: one for one in answer.refused}
        changed = []
        async with self._edge.store.begin() as unit:
            for document in documents:
                if document.key in taken:
                    changed.append(await self._post(unit, document, taken[document.key]))
                elif document.key in refused and await self._refuse(unit, document, refused[document.key]):
                    changed.append(document)
            if all(document.key in taken or document.key in refused for document in documents):
                await unit.windows.answered(batch.books, batch.ref.number)
            await self._judge(unit, batch, answer.file_refused, wrong)
        return changed

    async def _judge(self, unit: Unit, batch: BatchRecord, file_refused: str, wrong: str) -> None:
        """Raise what was wrong with the file. With a good one trouble is over, unless an older one still has it."""
        record_class = batch.ref.record_class
        if file_refused:
            refused = f"file {batch.file} was refused as a whole: {file_refused}"
            await self._raise_trouble(unit, record_class, _DOWN, refused)
        elif wrong:
            await self._raise_trouble(unit, record_class, _INVALID, f"file {batch.file}: {wrong}")
        elif not await self._is_older_one_open(unit, batch):
            await self._clear_trouble(unit, record_class)

    async def _post(self, unit: Unit, document: DocumentRecord, taken: Taken) -> DocumentRecord:
        return await unit.documents.mark(
            document.key,
            DocumentState.POSTED,
            number=taken.number,
            parts=taken.parts,
            total=taken.total,
            now=self._edge.clock(),
        )

    async def _refuse(self, unit: Unit, document: DocumentRecord, refusal: Refusal) -> bool:
        """Keep the refusal for the document's step; whether there is one. A passing one goes into the next window."""
        timing, now = self._link.connection.timing, self._edge.clock()
        if refusal.transient and document.tries < TRIES:
            calendar = timing.calendar(document.kind)
            assert calendar is not None, "connection_problems demands windows of batch ERPs"
            window = calendar.next(now + timing.hand_over_before)
            await unit.windows.move(document.key, window.opens, now, tried=True)
            text = f"{document.kind} waits for the window at {window.opens:%Y-%m-%d %H:%M} UTC: {refusal.reason}"
            key = f"window/{document.key}/{window.opens.isoformat()}"
            await unit.timeline.add(document.ref, key, now, "backhaul", "window", text)
            return False
        await unit.windows.refuse(document.key, refusal, now)
        return True

    async def _is_older_one_open(self, unit: Unit, batch: BatchRecord) -> bool:
        open_ = await unit.windows.open_batches(batch.books, batch.ref.record_class)
        return any(one.file and one.window_at <= batch.window_at for one in open_)

    async def _raise_trouble(self, unit: Unit, record_class: RecordClass, code: ExceptionCode, reason: str) -> None:
        connection = self._link.connection
        system = files_of(connection.erp, record_class)
        await unit.exceptions.open_for_connection(connection.name, code, reason, self._edge.clock(), system=system)

    async def _clear_trouble(self, unit: Unit, record_class: RecordClass) -> None:
        connection = self._link.connection
        system = files_of(connection.erp, record_class)
        for code in (_DOWN, _INVALID):
            await unit.exceptions.clear_connection(connection.name, code, self._edge.clock(), system=system)

    def _calendar(self, record_class: RecordClass) -> WindowCalendar:
        calendar = self._link.connection.timing.of(record_class)
        assert calendar is not None, "connection_problems demands windows of batch ERPs"
        return calendar
