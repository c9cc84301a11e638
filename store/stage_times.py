"""Writes down how long things took: since when each was due, and when the ERP had it (R90, N10, E64)."""

from datetime import UTC, datetime, timedelta

from sqlmodel import col, func, select, update

from domain.dispositions import Disposition
from domain.latency import PostingStage, delay_step, milliseconds, stage_of
from domain.returns import PlatformPhase, RefundState, ReturnRef
from store.records import DocumentRecord, DocumentState
from store.scope import Scope
from store.tables import RefundRow, ReturnRow
from store.tables_ledger import InboxRow
from store.tables_measures import StageTimeRow

_BY_HAND = (DocumentState.LINKED, DocumentState.BY_HAND)


def clock_after_wait(document: DocumentRecord, window_at: datetime, now: datetime) -> datetime:
    """Since when the delay of a document counts, once it waits for another window: the wait is none (E64).

    A wait for an earlier window that is not over yet counts once.
    """
    begins = max(now, document.window_at or now)
    return document.clock + max(window_at - begins, timedelta())


async def note_posted(scope: Scope, document: DocumentRecord, now: datetime) -> None:
    """The ERP has the document from now on. Only the first time counts, so a retry changes nothing."""
    stage = stage_of(document.kind)
    if stage is None:
        return
    early = max((document.window_at or now) - now, timedelta())
    waited = max(document.clock - early - document.due, timedelta())
    delay = milliseconds(now - document.due - waited)
    credit = stage is PostingStage.CREDIT
    await scope.insert_new(
        StageTimeRow,
        {
            "key": document.key,
            **document.ref.model_dump(),
            "stage": stage,
            "depot": document.depot,
            "due_at": document.due,
            "posted_at": now,
            "day": now.astimezone(UTC).date(),
            "window_ms": milliseconds(waited),
            "delay_ms": delay,
            "step": delay_step(delay),
            "hand": document.state in _BY_HAND,
            **_moved(document, stage),
            "amount": document.total if credit else None,
            "currency": document.currency if credit else "",
        },
    )


async def authorised_since(scope: Scope, ref: ReturnRef, phase: PlatformPhase, now: datetime) -> datetime | None:
    """Since when a return is known to be authorised: since the webhook that told it, or since now; None for a draft.

    Webhooks from before the last read are old news: that read still saw a draft.
    """
    known = select(ReturnRow).where(ReturnRow.connection == ref.connection, ReturnRow.return_id == ref.return_id)
    before = await scope.first(known)
    if before is not None and before.authorised_at is not None:
        return before.authorised_at
    if phase is PlatformPhase.DRAFT:
        return None
    told = select(func.min(InboxRow.received_at)).where(
        InboxRow.connection == ref.connection, InboxRow.return_id == ref.return_id
    )
    if before is not None:
        told = told.where(col(InboxRow.received_at) > before.updated_at)
    return min(await scope.first(told) or now, now)


async def note_paid(scope: Scope, ref: ReturnRef, now: datetime) -> None:
    """Keep since when each refund of a return is known to be paid."""
    await scope.change(
        update(RefundRow)
        .where(col(RefundRow.connection) == ref.connection, col(RefundRow.return_id) == ref.return_id)
        .where(col(RefundRow.state) == RefundState.PAID, col(RefundRow.paid_at).is_(None))
        .values(paid_at=now)
    )


def _moved(document: DocumentRecord, stage: PostingStage) -> dict[str, int]:
    """Units that a stock document brought in, and how many of them can be sold again."""
    if stage is not PostingStage.STOCK:
        return {"units": 0, "sellable": 0}
    sellable = (line.quantity for line in document.lines if line.disposition is Disposition.SELLABLE)
    return {"units": sum(line.quantity for line in document.lines), "sellable": sum(sellable)}
