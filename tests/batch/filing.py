"""The window's steps over a store and an ERP that does with files as it is told: called, without a server."""

import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from temporalio.testing import ActivityEnvironment

from activities.edge import Edge, Link
from activities.window_signatures import Collect, HandOver, WindowNews, WindowStart
from activities.windows import WindowActivities
from adapters.assembly import load_connections
from adapters.bluecherry.port import UNSEEN, BlueCherryErp
from domain.batches import Acknowledgement, Batch, BatchRef, HandedOver, RecordClass, Refusal, Taken
from domain.connection import Connection
from domain.documents import CancelCredit, CancelRma, DocumentKind, Posted
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.ports import BatchErp, ReturnsPlatform
from domain.returns import ReturnRef
from domain.windows import Timing, WindowCalendar
from store import Store
from store.records import DocumentPlan, DocumentRecord, ExceptionRecord, ExceptionState
from store.window_records import BatchRecord
from tests.world import API_KEY, connection_table

T = TypeVar("T")
REF = ReturnRef(connection="uk", return_id="R1")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
#: Each day's window, and when its answer is overdue.
WINDOW = datetime(2026, 3, 20, 22, 0, tzinfo=UTC)
ANSWER_BY = WINDOW + 60 * MINUTE
NIGHTLY = WindowCalendar(opens=(WINDOW.time(),), length=30 * MINUTE)
TIMING = Timing(rma=NIGHTLY, stock=NIGHTLY, credit=NIGHTLY)


@dataclass
class FilingErp:
    """Files by batch number.

    lying: files that nobody takes; answers: what an acknowledgement says; known: what a look-up finds
    room: documents that a file has room for
    """

    capabilities = BlueCherryErp.capabilities
    unseen = UNSEEN
    files: dict[int, list[str]] = field(default_factory=dict)
    lying: set[int] = field(default_factory=set)
    answers: dict[int, Acknowledgement | Rejected] = field(default_factory=dict)
    known: dict[str, Posted | Rejected] = field(default_factory=dict)
    room: int = 500

    async def hand_over(self, batch: Batch) -> HandedOver:
        keys = [document.request.key for document in batch.documents]
        found = batch.ref.number in self.files
        taken = self.files.setdefault(batch.ref.number, keys[: self.room])
        left_out = [key for key in keys if key not in taken]
        return HandedOver(file=f"F{batch.ref.number}", left_out=left_out, found=found)

    async def acknowledgement(self, batch: BatchRef) -> Acknowledgement | None:
        return _or_refused(self.answers.get(batch.number))

    async def is_picked_up(self, batch: BatchRef) -> bool:
        return batch.number not in self.lying

    async def find_document(self, kind: DocumentKind, key: str) -> Posted | None:
        return _or_refused(self.known.get(key))

    def answer(self, number: int, *refused: Refusal) -> None:
        """The file is acknowledged: what is not refused was made."""
        gone = {refusal.key for refusal in refused}
        taken = [Taken(key=key, number=f"N-{key}") for key in self.files[number] if key not in gone]
        self.answers[number] = Acknowledgement(acknowledged_at=WINDOW, taken=taken, refused=list(refused))


@dataclass
class Line:
    """One connection of the ERP. `now` is the time of every step."""

    store: Store
    connection: Connection
    erp: Any = field(default_factory=FilingErp)
    now: datetime = WINDOW - HOUR

    @property
    def link(self) -> Link:
        erp = cast(BatchErp, self.erp)
        return Link(connection=self.connection, platform=cast(ReturnsPlatform, None), erp=erp)

    @property
    def edge(self) -> Edge:
        return Edge(store=self.store, clock=lambda: self.now)

    @property
    def steps(self) -> WindowActivities:
        return WindowActivities(self.edge, {self.connection.name: self.link}, cast(BatchErp, self.erp))

    async def queued(self, key: str, kind: DocumentKind, request: Any = None, at: datetime = WINDOW) -> str:
        """A document that waits for the window of that time."""
        request = request or _REQUESTS[kind](key)
        plan = DocumentPlan(key=key, ref=REF, kind=kind, order_number="ORD-1", request=request.model_dump(mode="json"))
        async with self.store.begin() as unit:
            await unit.documents.plan(plan, self.now)
            await unit.windows.queue(key, at, REF.workflow_id, self.now)
        return key

    async def credit(self, name: str = "1", at: datetime = WINDOW) -> str:
        """A document of the credit class."""
        return await self.queued(f"bh-r1-c-{name}-x", DocumentKind.CREDIT_CANCELLATION, at=at)

    async def hand_over(self, record_class: RecordClass = RecordClass.CREDIT, opens: datetime = WINDOW) -> list[int]:
        """The step before a window; the files that wait for an answer."""
        start = WindowStart(books=self.connection.books, record_class=record_class)
        news: WindowNews = await self.run(self.steps.hand_over, HandOver(start=start, opens=opens))
        return news.batches

    async def collect(
        self,
        number: int,
        record_class: RecordClass = RecordClass.CREDIT,
        answer_by: datetime = ANSWER_BY,
        waited: timedelta = timedelta(),
    ) -> list[str]:
        """The step after a window; keys of documents whose workflows are told."""
        start = WindowStart(books=self.connection.books, record_class=record_class)
        asked = Collect(start=start, number=number, answer_by=answer_by)
        news: WindowNews = await self.run(self.steps.collect, asked, waited=waited)
        return [key for told in news.told for key in told.keys]

    async def run(
        self, step: Callable[..., Awaitable[T]], *arguments: Any, waited: timedelta = timedelta(), attempt: int = 1
    ) -> T:
        """One attempt of a step that was scheduled so long ago."""
        environment = ActivityEnvironment()
        info = dataclasses.replace(environment.info, scheduled_time=self.now - waited, attempt=attempt)
        environment.info = info
        return await environment.run(step, *arguments)

    async def document(self, key: str) -> DocumentRecord:
        async with self.store.reading() as unit:
            found = await unit.documents.get(key)
        assert found is not None
        return found

    async def file(self, number: int) -> BatchRecord:
        async with self.store.reading() as unit:
            return await unit.windows.batch(self.connection.books, number)

    async def raised(self, state: ExceptionState | None = ExceptionState.OPEN) -> list[ExceptionRecord]:
        """Exceptions of the connection."""
        async with self.store.reading() as unit:
            return await unit.exceptions.list(state=state, connection=self.connection.name)


def line_with(store: Store, erp: Any = None, **changes: Any) -> Line:
    """Windows every night at ten."""
    table = connection_table("http://unused.example", "http://unused.example", REF.connection)
    [ready] = load_connections({"connections": {REF.connection: table}}, {"REVENI_KEY": API_KEY})
    connection = ready.connection.model_copy(update={"timing": TIMING, **changes})
    return Line(store, connection, erp or FilingErp())


def unusable() -> Rejected:
    """What an adapter says of an acknowledgement that is none."""
    return Rejected(ExceptionCode.EVENT_INVALID, "the acknowledgement of batch 1 cannot be used: no UTF-8")


def _or_refused(found: T | Rejected) -> T:
    if isinstance(found, Rejected):
        raise found
    return found


_REQUESTS: dict[DocumentKind, Callable[[str], Any]] = {
    DocumentKind.CREDIT_CANCELLATION: lambda key: CancelCredit(key=key, credit_number="C1", reason="by mistake"),
    DocumentKind.RMA_CANCELLATION: lambda key: CancelRma(key=key, rma_number="RA1", rma_key=key, reason="by mistake"),
}
