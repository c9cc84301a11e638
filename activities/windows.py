"""Steps on a batch ERP's windows: what waits goes over in files, and every answer finds its document (D7, R35)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta

from temporalio import activity

from activities.edge import Edge, Link
from activities.window_signatures import Collect, HandOver, Told, WindowNews, WindowPlan, WindowStart
from domain.batches import Acknowledgement, AnyRequest, Batch, BatchDocument, Refusal, Taken
from domain.documents import (
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    CreditRequest,
    DocumentKind,
    ReceiptRequest,
    ReplacementOrder,
    RmaRequest,
    TransferRequest,
)
from domain.exceptions import ExceptionCode
from domain.outcomes import RetryLater
from domain.ports import BatchErp
from domain.windows import WindowCalendar
from store.records import DocumentRecord, DocumentState
from store.unit import Unit
from store.window_records import BatchRecord

#: Documents in one file, and how often a window may bring one back before a person is asked.
FILE_LIMIT = 500
TRIES = 3
_SHORTEST_LOOK, _LONGEST_LOOK = timedelta(seconds=1), timedelta(minutes=1)
_READ: Mapping[DocumentKind, Callable[[object], AnyRequest]] = {
    DocumentKind.RMA: RmaRequest.model_validate,
    DocumentKind.RMA_CANCELLATION: CancelRma.model_validate,
    DocumentKind.RECEIPT: ReceiptRequest.model_validate,
    DocumentKind.ADJUSTMENT: AdjustmentRequest.model_validate,
    DocumentKind.REMOVAL: AdjustmentRequest.model_validate,
    DocumentKind.TRANSFER: TransferRequest.model_validate,
    DocumentKind.CREDIT: CreditRequest.model_validate,
    DocumentKind.CREDIT_CANCELLATION: CancelCredit.model_validate,
    DocumentKind.EXCHANGE: ReplacementOrder.model_validate,
    DocumentKind.EXCHANGE_CANCELLATION: CancelReplacement.model_validate,
}


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
        timing = self._link.connection.timing
        window = self._calendar(request).next(self._edge.clock() + timing.hand_over_before)
        return WindowPlan(
            hand_over_at=window.opens - timing.hand_over_before,
            opens=window.opens,
            answer_by=window.closes + timing.acknowledge_within,
        )

    @activity.defn
    async def hand_over(self, request: HandOver) -> WindowNews:
        """Every document that waited lies there in a file. Files that are not answered yet are asked about again."""
        async with self._edge.crossing(None, self._link.connection, self._link.connection.erp):
            told: list[DocumentRecord] = []
            for batch in await self._batches(request):
                if not batch.file:
                    told += await self._hand_over(batch)
            async with self._edge.store.reading() as unit:
                open_ = await unit.windows.open_batches(request.start.books, request.start.record_class)
            return WindowNews(told=_tell(told), batches=[batch.ref.number for batch in open_])

    @activity.defn
    async def collect(self, request: Collect) -> WindowNews:
        """Every document of the file is posted, refused, or waits for another window.

        Without an answer in time each is looked up, and what is not there goes into another file (contract E). A file
        that the ERP did not take is raised and stays where it is: the ERP may still take it.
        """
        async with self._edge.crossing(None, self._link.connection, self._link.connection.erp):
            async with self._edge.store.reading() as unit:
                batch = await unit.windows.batch(request.start.books, request.number)
                documents = await unit.windows.in_batch(list(self._links), request.number)
            answer = await self._erp.acknowledgement(batch.ref)
            if answer is None and (left := request.answer_by - self._edge.clock()) > timedelta():
                pause = min(max(left / 20, _SHORTEST_LOOK), _LONGEST_LOOK)
                raise RetryLater(f"file {batch.file} is not answered yet", pause)
            if answer is None and not await self._erp.is_picked_up(batch.ref):
                await self._raise_trouble(f"file {batch.file} still lies there after its window: it is stalled")
                return WindowNews()
            answer = await self._completed(documents, answer)
            changed = await self._settle(batch, documents, answer)
            return WindowNews(told=_tell(changed))

    async def _batches(self, request: HandOver) -> list[BatchRecord]:
        """Everything that waits is in a file now; a repeated step finds the files of the first."""
        start, now = request.start, self._edge.clock()
        async with self._edge.store.begin() as unit:
            waiting = await unit.windows.waiting(list(self._links), start.record_class, request.opens)
            for some in _files(waiting):
                keys = [document.key for document in some]
                await unit.windows.begin_batch(start.books, start.record_class, request.opens, keys, now)
            return await unit.windows.open_batches(start.books, start.record_class)

    async def _hand_over(self, batch: BatchRecord) -> list[DocumentRecord]:
        """Hand one file over; the documents that could not be written into it."""
        async with self._edge.store.reading() as unit:
            documents = await unit.windows.in_batch(list(self._links), batch.ref.number)
        parts = [BatchDocument(kind=d.kind, request=_READ[d.kind](d.request)) for d in documents]
        if not parts:
            async with self._edge.store.begin() as unit:
                await unit.windows.answered(batch.books, batch.ref.number)
            return []
        handed = await self._erp.hand_over(Batch(ref=batch.ref, documents=parts))
        refused = {refusal.key: refusal for refusal in handed.refused}
        async with self._edge.store.begin() as unit:
            if len(refused) < len(parts):
                await unit.windows.handed_over(batch.books, batch.ref.number, handed.file)
            else:
                await unit.windows.answered(batch.books, batch.ref.number)
            return [d for d in documents if d.key in refused and await self._refuse(unit, d, refused[d.key])]

    async def _completed(self, documents: Sequence[DocumentRecord], answer: Acknowledgement | None) -> Acknowledgement:
        """The answer, with what the ERP has of documents that it does not name; the rest is to be sent again."""
        if answer is not None and answer.file_refused:
            passing = [_to_send_again(d.key, f"its file was refused: {answer.file_refused}") for d in documents]
            return answer.model_copy(update={"refused": passing})
        taken = list(answer.taken) if answer else []
        refused = list(answer.refused) if answer else []
        named = {one.key for one in taken} | {one.key for one in refused}
        for document in documents:
            if document.key in named:
                continue
            found = None
            if document.kind not in self._erp.unseen:
                found = await self._erp.find_document(document.kind, document.key)
            if found is not None:
                taken.append(Taken(key=document.key, number=found.number, adopted=True, total=found.total))
            else:
                refused.append(_to_send_again(document.key, "the ERP neither answered for it nor has it"))
        return Acknowledgement(acknowledged_at=self._edge.clock(), taken=taken, refused=refused)

    async def _settle(
        self, batch: BatchRecord, documents: Sequence[DocumentRecord], answer: Acknowledgement
    ) -> list[DocumentRecord]:
        """Write down what became of each document; those whose workflow must hear of it."""
        taken = {one.key: one for one in answer.taken}
        refused = {one.key: one for one in answer.refused}
        if answer.file_refused:
            await self._raise_trouble(f"file {batch.file} was refused as a whole: {answer.file_refused}")
        changed = []
        async with self._edge.store.begin() as unit:
            for document in documents:
                if document.key in taken:
                    changed.append(await self._post(unit, document, taken[document.key]))
                elif await self._refuse(unit, document, refused[document.key]):
                    changed.append(document)
            await unit.windows.answered(batch.books, batch.ref.number)
        if not answer.file_refused:
            await self._clear_trouble()
        return changed

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

    async def _raise_trouble(self, reason: str) -> None:
        now, connection = self._edge.clock(), self._link.connection
        async with self._edge.store.begin() as unit:
            await unit.exceptions.open_for_connection(
                connection.name, ExceptionCode.CONNECTION_DOWN, reason, now, system=_files_of(connection.erp)
            )

    async def _clear_trouble(self) -> None:
        connection = self._link.connection
        async with self._edge.store.begin() as unit:
            await unit.exceptions.clear_connection(
                connection.name, ExceptionCode.CONNECTION_DOWN, self._edge.clock(), system=_files_of(connection.erp)
            )

    def _calendar(self, start: WindowStart) -> WindowCalendar:
        calendar = self._link.connection.timing.of(start.record_class)
        assert calendar is not None, "connection_problems demands windows of batch ERPs"
        return calendar


def _files(waiting: Sequence[DocumentRecord]) -> Iterator[Sequence[DocumentRecord]]:
    for start in range(0, len(waiting), FILE_LIMIT):
        yield waiting[start : start + FILE_LIMIT]


def _tell(documents: Iterable[DocumentRecord]) -> list[Told]:
    """Each waiting workflow with its documents."""
    keys: dict[str, list[str]] = defaultdict(list)
    for document in documents:
        keys[document.waiter].append(document.key)
    return [Told(workflow_id=waiter, keys=found) for waiter, found in keys.items() if waiter]


def _to_send_again(key: str, reason: str) -> Refusal:
    return Refusal(key=key, code=ExceptionCode.CONNECTION_DOWN, reason=reason, transient=True)


def _files_of(erp: str) -> str:
    return f"{erp} files"
