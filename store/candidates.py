"""A row of the store as something that may take too long, with what it waited for windows (E64, R89)."""

from datetime import datetime, timedelta

from domain.progress import Stage
from domain.returns import ReturnRef
from store.records import DocumentState
from store.sweep_records import Candidate
from store.tables import ReturnRow
from store.tables_ledger import DocumentRow


def candidate(header: ReturnRow, subject: str, since: datetime, document: DocumentRow | None) -> Candidate:
    """What may take too long, with the document that is on its way, if there is one."""
    queued = document is not None and document.state == DocumentState.QUEUED
    return Candidate(
        ref=ReturnRef(connection=header.connection, return_id=header.return_id),
        subject=subject,
        stage=Stage(header.stage),
        waiting_for=header.waiting_for,
        since=since,
        waited=waited(document),
        window_at=document.window_at if document is not None and queued else None,
        document=document.key if document is not None else "",
    )


def waited(document: DocumentRow | None) -> timedelta:
    """Time that a document spent, or will spend, in the line of windows (E64)."""
    if document is None or document.clock_at is None:
        return timedelta()
    return max(document.clock_at - due(document), timedelta())


def due(document: DocumentRow) -> datetime:
    """When the ERP should have been told of it."""
    return document.due_at or document.created_at
