"""Documents: the durable intent, written before the ERP is asked, and what became of it (N2)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select, update

from domain.documents import DocumentKind
from domain.returns import ReturnRef
from store.audit import Audit
from store.errors import KeyTaken, UnknownDocument
from store.records import DocumentPlan, DocumentRecord, DocumentState
from store.scope import Scope
from store.stage_times import note_posted
from store.tables_ledger import DocumentNumberRow, DocumentRow

#: Whether an RMA or a replacement exists is written elsewhere, in the same transaction as its number.
_AMONG_THE_FACTS = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT, DocumentKind.CREDIT)
#: A document that waits for no window.
OUT_OF_LINE: Mapping[str, Any] = {"window_at": None, "waiter": "", "batch": 0, "tries": 0, "refusal": None}
_FINAL = (DocumentState.POSTED, DocumentState.LINKED, DocumentState.BY_HAND, DocumentState.CANCELLED)


class Documents:
    """Documents of one transaction."""

    def __init__(self, scope: Scope, audit: Audit) -> None:
        self._scope = scope
        self._audit = audit

    async def plan(self, document: DocumentPlan, now: datetime) -> DocumentRecord:
        """Keep the intent, or give the one that has this key as it is: its `request` is what must be posted.

        Raises KeyTaken when the key belongs to another return or another kind of document.
        """
        row = document.model_dump(mode="json", exclude={"ref", "due_at"})
        due = document.due_at or now
        row |= {
            **document.ref.model_dump(),
            "state": DocumentState.PLANNED,
            "parts": [],
            "due_at": due,
            "clock_at": due,
        }
        if await self._scope.insert_new(DocumentRow, {**row, "created_at": now, "updated_at": now}):
            self._touch(document.ref, document.kind, now)
        return await self._owned(document)

    async def take_turns(self, ref: ReturnRef) -> None:
        """Serialise transactions that plan documents of one return by what they find planned, until this one ends."""
        await self._scope.lock(f"documents/{ref}")

    async def replan(self, document: DocumentPlan, now: datetime) -> DocumentRecord:
        """Plan a document anew that the ERP refused: it is surely not there, so its request and kind may change.

        In any other state the document stays as it is. It is due since it was due first.
        Raises UnknownDocument, and KeyTaken when the key belongs to another return.
        """
        before = await self._read(document.key, lock=True)
        if before.ref != document.ref:
            raise KeyTaken(f"{document.key} is a document of return {before.ref}, not of {document.ref}")
        if before.state is not DocumentState.REFUSED:
            return before
        values = document.model_dump(mode="json", exclude={"ref", "key", "due_at"})
        await self._scope.change(
            update(DocumentRow)
            .where(col(DocumentRow.key) == document.key)
            .values(**values, **OUT_OF_LINE, state=DocumentState.PLANNED, reason="", updated_at=now)
        )
        self._touch(document.ref, document.kind, now)
        return await self._read(document.key)

    async def mark(
        self,
        key: str,
        state: DocumentState,
        *,
        number: str = "",
        parts: Sequence[str] = (),
        total: int | None = None,
        reason: str = "",
        actor: str = "system",
        now: datetime,
    ) -> DocumentRecord:
        """Write down how far a document got. Raises UnknownDocument.

        Without `number`, `parts` or `total` what is known stays; `reason` belongs to the state alone.

        What the ERP has, it has: a late "planned", "queued" or "refused" of a slower attempt changes nothing.
        """
        before = await self._read(key, lock=True)
        if before.state in _FINAL and state not in _FINAL:
            return before
        after = before.model_copy(
            update={
                "state": DocumentState(state),
                "number": number or before.number,
                "parts": list(parts) or before.parts,
                "total": before.total if total is None else total,
                "reason": reason,
            }
        )
        if after == before:
            return before
        await self._save(after, now)
        if after.state.in_erp:
            await note_posted(self._scope, after, now)
        detail = {"return": str(after.ref), "number": after.number, "reason": reason, "mapping": after.mapping}
        await self._audit.add(actor, f"document.{after.state}", key, detail, now)
        return await self._read(key)

    async def set_refund(self, key: str, refund_id: str, now: datetime) -> None:
        """The credit note is answered by this refund: it came after the note, or took a failed one's place (E43)."""
        before = await self._read(key, lock=True)
        await self._scope.change(
            update(DocumentRow).where(col(DocumentRow.key) == key).values(refund_id=refund_id, updated_at=now)
        )
        self._scope.touch(before.ref, now)

    async def get(self, key: str) -> DocumentRecord | None:
        """The document with this business key, or None."""
        return await self._find(key)

    async def for_return(self, ref: ReturnRef) -> list[DocumentRecord]:
        """All documents of a return, in the order in which they were planned."""
        rows = await self._scope.rows(
            select(DocumentRow)
            .where(DocumentRow.connection == ref.connection, DocumentRow.return_id == ref.return_id)
            .order_by(col(DocumentRow.created_at), col(DocumentRow.key))
        )
        return [to_document(row) for row in rows]

    async def by_number(self, number: str) -> list[DocumentRecord]:
        """Documents that have, or had, this number in an ERP."""
        keys = select(DocumentNumberRow.key).where(DocumentNumberRow.number == number)
        rows = await self._scope.rows(
            select(DocumentRow).where(col(DocumentRow.key).in_(keys)).order_by(col(DocumentRow.key))
        )
        return [to_document(row) for row in rows]

    def _touch(self, ref: ReturnRef, kind: DocumentKind, now: datetime) -> None:
        """Have the header derived again, where documents of this kind are among the facts it is derived from."""
        if kind in _AMONG_THE_FACTS:
            self._scope.touch(ref, now)

    async def _find(self, key: str, lock: bool = False) -> DocumentRecord | None:
        query = select(DocumentRow).where(DocumentRow.key == key)
        row = await self._scope.first(query.with_for_update() if lock else query)
        return to_document(row) if row else None

    async def _read(self, key: str, lock: bool = False) -> DocumentRecord:
        record = await self._find(key, lock)
        if record is None:
            raise UnknownDocument(f"no document was planned under {key}")
        return record

    async def _owned(self, document: DocumentPlan) -> DocumentRecord:
        kept = await self._read(document.key)
        if (kept.ref, kept.kind) != (document.ref, document.kind):
            raise KeyTaken(f"{document.key} is the {kept.kind} of return {kept.ref}, not of {document.ref}")
        return kept

    async def _save(self, after: DocumentRecord, now: datetime) -> None:
        values = after.model_dump(mode="json", include={"state", "number", "parts", "total", "reason"})
        await self._scope.change(
            update(DocumentRow).where(col(DocumentRow.key) == after.key).values(**values, updated_at=now)
        )
        for number in {after.number, *after.parts} - {""}:
            await self._scope.insert_new(DocumentNumberRow, {"key": after.key, "number": number})
        self._touch(after.ref, after.kind, now)


def to_document(row: DocumentRow) -> DocumentRecord:
    """The record of a row."""
    own = row.model_dump(exclude={"connection", "return_id"})
    ref = ReturnRef(connection=row.connection, return_id=row.return_id)
    return DocumentRecord.model_validate({**own, "ref": ref})
