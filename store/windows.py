"""Documents that wait for windows, and the files they go into (D7, R35)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlmodel import col, func, select, update

from domain.batches import BatchRef, RecordClass, Refusal, record_class_of
from domain.documents import DocumentKind
from store.documents import to_document
from store.records import DocumentRecord, DocumentState
from store.scope import Scope
from store.stage_times import clock_after_wait
from store.tables_ledger import BatchRow, DocumentRow
from store.window_records import BatchRecord

_KINDS = {one: [kind for kind in DocumentKind if record_class_of(kind) is one] for one in RecordClass}


class Windows:
    """What waits for windows in one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def queue(self, key: str, window_at: datetime, waiter: str, now: datetime) -> DocumentRecord:
        """Have a pending document wait for a window, in no file yet. KeyError for an unknown key.

        It keeps its place when it waits already; one that the ERP has stays as it is.
        """
        before = await self._get(key)
        if before.state.pending and before.state is not DocumentState.QUEUED:
            clock_at = clock_after_wait(before, window_at, now)
            waits = {"window_at": window_at, "waiter": waiter, "batch": 0, "clock_at": clock_at}
            await self._set(key, now, state=DocumentState.QUEUED, **waits)
        return await self._get(key)

    async def move(self, key: str, window_at: datetime, now: datetime, *, tried: bool) -> None:
        """Have a document wait for another window; `tried`: a window brought it back."""
        before = await self._get(key)
        if before.state is DocumentState.QUEUED:
            clock_at = clock_after_wait(before, window_at, now)
            tries = before.tries + tried
            await self._set(key, now, window_at=window_at, batch=0, tries=tries, clock_at=clock_at)

    async def leave(self, key: str, now: datetime) -> bool:
        """Take a document out of the line; False when a file has it already, or had it."""
        before = await self._get(key)
        if before.state is not DocumentState.QUEUED or before.batch:
            return False
        await self._set(key, now, state=DocumentState.CANCELLED)
        return True

    async def refuse(self, key: str, refusal: Refusal, now: datetime) -> None:
        """Keep why a window refused a document, until its step tells it on."""
        await self._set(key, now, refusal=refusal.model_dump(mode="json"), batch=0)

    async def waiting(
        self, connections: Collection[str], record_class: RecordClass, until: datetime
    ) -> list[DocumentRecord]:
        """Documents of a class that are in no file and may go into the window that opens then, oldest first."""
        query = (
            select(DocumentRow)
            .where(
                col(DocumentRow.connection).in_(connections),
                col(DocumentRow.kind).in_(_KINDS[record_class]),
                DocumentRow.state == DocumentState.QUEUED,
                DocumentRow.batch == 0,
                col(DocumentRow.window_at) <= until,
            )
            .order_by(col(DocumentRow.created_at), col(DocumentRow.key))
        )
        found = [to_document(row) for row in await self._scope.rows(query)]
        return [document for document in found if document.refusal is None]

    async def in_batch(self, connections: Collection[str], number: int) -> list[DocumentRecord]:
        """Documents of one file that no answer came for yet."""
        query = (
            select(DocumentRow)
            .where(
                col(DocumentRow.connection).in_(connections),
                DocumentRow.batch == number,
                DocumentRow.state == DocumentState.QUEUED,
            )
            .order_by(col(DocumentRow.created_at), col(DocumentRow.key))
        )
        return [to_document(row) for row in await self._scope.rows(query)]

    async def open_batches(self, books: str, record_class: RecordClass) -> list[BatchRecord]:
        """Files of a class that wait to be handed over or to be answered, in the order of their numbers."""
        query = (
            select(BatchRow)
            .where(
                BatchRow.books == books,
                BatchRow.record_class == record_class,
                col(BatchRow.answered).is_(False),
            )
            .order_by(col(BatchRow.number))
        )
        return [_batch(row) for row in await self._scope.rows(query)]

    async def begin_batch(
        self, books: str, record_class: RecordClass, window_at: datetime, keys: Sequence[str], now: datetime
    ) -> BatchRecord:
        """Put documents into a new file, under the next number of these books."""
        await self._scope.lock(f"batches/{books}")
        [last] = await self._scope.rows(select(func.max(BatchRow.number)).where(BatchRow.books == books))
        number = (last or 0) + 1
        row = {
            "books": books,
            "number": number,
            "record_class": record_class,
            "window_at": window_at,
            "created_at": now,
            "file": "",
            "answered": False,
        }
        await self._scope.insert_new(BatchRow, row)
        await self._scope.change(
            update(DocumentRow)
            .where(col(DocumentRow.key).in_(keys))
            .values(batch=number, window_at=window_at, updated_at=now)
        )
        return await self.batch(books, number)

    async def batch(self, books: str, number: int) -> BatchRecord:
        """One file. KeyError for an unknown number."""
        query = select(BatchRow).where(BatchRow.books == books, BatchRow.number == number)
        row = await self._scope.first(query)
        if row is None:
            raise KeyError(f"no batch {number} of {books}")
        return _batch(row)

    async def handed_over(self, books: str, number: int, file: str, window_at: datetime, keys: Sequence[str]) -> None:
        """A file with these documents lies there for the ERP, in time for the window that opens then."""
        await self._change_batch(books, number, file=file, window_at=window_at)
        await self._scope.change(update(DocumentRow).where(col(DocumentRow.key).in_(keys)).values(window_at=window_at))

    async def answered(self, books: str, number: int) -> None:
        """Nothing more is expected of a file."""
        await self._change_batch(books, number, answered=True)

    async def _change_batch(self, books: str, number: int, **values: object) -> None:
        mine = col(BatchRow.books) == books, col(BatchRow.number) == number
        await self._scope.change(update(BatchRow).where(*mine).values(**values))

    async def _get(self, key: str) -> DocumentRecord:
        row = await self._scope.first(select(DocumentRow).where(DocumentRow.key == key).with_for_update())
        if row is None:
            raise KeyError(f"no document was planned under {key}")
        return to_document(row)

    async def _set(self, key: str, now: datetime, **values: object) -> None:
        await self._scope.change(
            update(DocumentRow).where(col(DocumentRow.key) == key).values(**values, updated_at=now)
        )
        document = await self._get(key)
        self._scope.touch(document.ref, now)


def _batch(row: BatchRow) -> BatchRecord:
    ref = BatchRef(number=row.number, record_class=RecordClass(row.record_class), created_at=row.created_at)
    return BatchRecord(books=row.books, ref=ref, window_at=row.window_at, file=row.file, answered=row.answered)
