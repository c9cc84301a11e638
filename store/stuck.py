"""What may take too long: candidates in pages, read by SQL, never all at once (R15, R30, R47, R77, R89).

Each reader takes a connection, the time before which the clock must have begun, and a cursor. Whether one is really
late is for `domain.lateness` to say: time in a window's line does not count.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, exists, func, or_, select, tuple_

from domain.documents import DocumentKind
from domain.exceptions import Owner, Track
from domain.progress import Stage
from domain.returns import PlatformPhase, RefundState, ReturnRef
from store.candidates import candidate, due
from store.records import DocumentState, ExceptionState
from store.scope import Scope
from store.sweep_records import CandidatePage, Cursor, DriftCandidate, DriftPage
from store.tables import ExceptionRow, InspectionRow, RefundRow, ReturnLineRow, ReturnRow
from store.tables_ledger import DocumentRow, InboxRow

#: Candidates of one page.
PAGE = 200

_FINAL = [stage for stage in Stage if stage.final]
_PENDING = [state for state in DocumentState if state.pending]
_IN_ERP = [state for state in DocumentState if state.in_erp]
_STOCK = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT, DocumentKind.REMOVAL, DocumentKind.TRANSFER)
_DECIDED = (PlatformPhase.ACCEPTED, PlatformPhase.PARTLY_ACCEPTED)

T = TypeVar("T")


class Stuck:
    """Candidates of one transaction; it only reads."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def rmas(self, connection: str, before: datetime, after: Cursor = None) -> CandidatePage:
        """Authorised returns without an RMA that are not parked on the way to it."""
        document = and_(
            col(DocumentRow.connection) == ReturnRow.connection,
            col(DocumentRow.return_id) == ReturnRow.return_id,
            col(DocumentRow.kind) == DocumentKind.RMA,
            col(DocumentRow.state).in_(_PENDING),
        )
        query = (
            select(ReturnRow, DocumentRow)
            .join(DocumentRow, document, isouter=True)
            .where(
                *_of(connection, after),
                col(ReturnRow.stage).not_in(_FINAL),
                ReturnRow.phase != PlatformPhase.DRAFT,
                ReturnRow.rma_number == "",
                ReturnRow.created_at <= before,
                ~_parked(Track.RMA, Track.PLATFORM),
            )
            .order_by(col(ReturnRow.return_id))
            .limit(PAGE)
        )
        rows = await self._scope.tuples(query)
        items = [candidate(header, "", _authorised(header), found) for header, found in rows]
        return CandidatePage(items=[one for one in items if one.since <= before], after=_next(rows, _by_return))

    async def stock(self, connection: str, before: datetime, after: Cursor = None) -> CandidatePage:
        """Stock documents that the ERP does not have, of returns whose goods are not parked."""
        query = (
            select(ReturnRow, DocumentRow)
            .join(DocumentRow, _its(DocumentRow))
            .where(
                col(DocumentRow.connection) == connection,
                col(DocumentRow.state).in_(_PENDING),
                col(DocumentRow.kind).in_(_STOCK),
                col(DocumentRow.created_at) <= before,
                *_after(after, col(DocumentRow.return_id), col(DocumentRow.key)),
                ~_parked(Track.GOODS),
            )
            .order_by(col(DocumentRow.return_id), col(DocumentRow.key))
            .limit(PAGE)
        )
        rows = await self._scope.tuples(query)
        items = [candidate(header, found.key, due(found), found) for header, found in rows]
        return CandidatePage(items=items, after=_next(rows, lambda row: (row[1].return_id, row[1].key)))

    async def credits(
        self, connection: str, before: datetime, after: Cursor = None, *, own: Sequence[str] = ()
    ) -> CandidatePage:
        """Paid refunds without a credit note in the ERP and without a decision.

        own: steps of exceptions that only say this; any other open one of finance is in `handled_by`
        """
        paid_at = func.coalesce(RefundRow.paid_at, RefundRow.created_at, RefundRow.first_seen_at)
        handled = _exception_of_finance(own).scalar_subquery()
        query = (
            select(ReturnRow, DocumentRow, RefundRow, handled)
            .join(RefundRow, _its(RefundRow))
            .join(DocumentRow, col(DocumentRow.key) == RefundRow.credit_key, isouter=True)
            .where(
                col(RefundRow.connection) == connection,
                RefundRow.state == RefundState.PAID,
                RefundRow.decision == "",
                or_(col(DocumentRow.key).is_(None), col(DocumentRow.state).not_in(_IN_ERP)),
                paid_at <= before,
                *_after(after, col(RefundRow.return_id), col(RefundRow.refund_id)),
            )
            .order_by(col(RefundRow.return_id), col(RefundRow.refund_id))
            .limit(PAGE)
        )
        rows = await self._scope.tuples(query)
        items = [
            candidate(header, refund.refund_id, _paid(refund), found).model_copy(
                update={
                    "amount_text": refund.amount_text,
                    "currency": refund.currency,
                    "handled_by": handled_by or "",
                }
            )
            for header, found, refund, handled_by in rows
        ]
        return CandidatePage(items=items, after=_next(rows, lambda row: (row[2].return_id, row[2].refund_id)))

    async def stages(self, connection: str, stage: Stage, before: datetime, after: Cursor = None) -> CandidatePage:
        """Returns in which nothing has moved since, and of which nobody has to decide anything."""
        query = (
            select(ReturnRow)
            .where(
                *_of(connection, after),
                ReturnRow.stage == stage,
                col(ReturnRow.waiting_since) <= before,
                ReturnRow.exceptions_open == 0,
            )
            .order_by(col(ReturnRow.return_id))
            .limit(PAGE)
        )
        headers = await self._scope.rows(query)
        lines = await self._documents_of(connection, [header.return_id for header in headers])
        items = [
            candidate(header, "", header.waiting_since or header.updated_at, lines.get(header.return_id))
            for header in headers
        ]
        return CandidatePage(items=items, after=_next(headers, lambda row: (row.return_id, "")))

    async def undelivered(self, connection: str, before: datetime) -> tuple[int, datetime | None]:
        """Deliveries that came before and that no workflow was told of: how many, and the oldest one's time."""
        query = select(func.count(), func.min(InboxRow.received_at)).where(
            InboxRow.connection == connection, InboxRow.state == "waiting", InboxRow.received_at <= before
        )
        [(count, oldest)] = await self._scope.tuples(query)
        return count, oldest

    async def drifts(self, connection: str, before: datetime, now: datetime, after: Cursor = None) -> DriftPage:
        """Open returns that the platform decided, of which the ERP has no RMA or nothing of the accepted goods.

        Left out: one that somebody has to decide about, which says more, and one whose RMA waits for its window.
        """
        at = func.coalesce(ReturnRow.platform_updated_at, ReturnRow.created_at)
        no_stock = and_(_accepted_there(), ~_any(InspectionRow), ~_any(DocumentRow, col(DocumentRow.kind).in_(_STOCK)))
        in_line = _any(DocumentRow, *_queued(now), col(DocumentRow.kind) == DocumentKind.RMA)
        no_rma = col(ReturnRow.rma_number) == ""
        query = (
            select(ReturnRow, no_rma, no_stock)
            .where(
                *_of(connection, after),
                col(ReturnRow.stage).not_in(_FINAL),
                col(ReturnRow.phase).in_(_DECIDED),
                or_(no_rma, no_stock),
                ~in_line,
                at <= before,
                ReturnRow.created_at <= before,
                ~_parked(Track.PLATFORM, Track.RMA, Track.GOODS),
            )
            .order_by(col(ReturnRow.return_id))
            .limit(PAGE)
        )
        rows = await self._scope.tuples(query)
        items = [
            DriftCandidate(
                ref=_ref(header),
                stage=Stage(header.stage),
                waiting_for=header.waiting_for,
                phase=PlatformPhase(header.phase),
                since=max(header.platform_updated_at or header.created_at, header.created_at),
                no_rma=bool(unauthorised),
                no_stock=bool(unbooked),
            )
            for header, unauthorised, unbooked in rows
        ]
        return DriftPage(items=items, after=_next(rows, _by_return))

    async def _documents_of(self, connection: str, return_ids: Sequence[str]) -> dict[str, DocumentRow]:
        """Of each return the document on its way whose window is the latest."""
        query = (
            select(DocumentRow)
            .where(DocumentRow.connection == connection, col(DocumentRow.return_id).in_(return_ids))
            .where(col(DocumentRow.state).in_(_PENDING))
            .order_by(col(DocumentRow.window_at))
        )
        rows = await self._scope.rows(query)
        rows.sort(key=lambda row: (row.window_at is not None, row.window_at or row.created_at))
        return {row.return_id: row for row in rows}


def _authorised(header: ReturnRow) -> datetime:
    """Since when it waits for its RMA; one that was opened again waits anew."""
    again = header.waiting_since if header.stage == Stage.VALIDATING else None
    return again or header.authorised_at or header.created_at


def _paid(refund: RefundRow) -> datetime:
    return refund.paid_at or refund.created_at or refund.first_seen_at


def _ref(header: ReturnRow) -> ReturnRef:
    return ReturnRef(connection=header.connection, return_id=header.return_id)


def _of(connection: str, after: Cursor) -> list[ColumnElement[bool]]:
    beyond = [col(ReturnRow.return_id) > after[0]] if after else []
    return [col(ReturnRow.connection) == connection, *beyond]


def _after(after: Cursor, *columns: Any) -> list[ColumnElement[bool]]:
    return [tuple_(*columns) > after] if after else []


def _its(table: type[DocumentRow] | type[RefundRow]) -> ColumnElement[bool]:
    return and_(col(table.connection) == ReturnRow.connection, col(table.return_id) == ReturnRow.return_id)


def _any(table: type[Any], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the return has such a row."""
    mine = table.connection == ReturnRow.connection, table.return_id == ReturnRow.return_id
    return exists().where(*mine, *conditions)


def _accepted_there() -> ColumnElement[bool]:
    """Whether the platform accepted units that had to come."""
    line = ReturnLineRow
    return _any(line, col(line.removed).is_(False), col(line.keep).is_(False), col(line.accepted) > 0)


def _queued(now: datetime) -> list[ColumnElement[bool]]:
    """A document that waits for a window that has not opened."""
    return [col(DocumentRow.state) == DocumentState.QUEUED, col(DocumentRow.window_at) > now]


def _parked(*tracks: Track) -> ColumnElement[bool]:
    """Whether somebody has to decide about one of these tracks of the return."""
    return _any(ExceptionRow, col(ExceptionRow.state) == ExceptionState.OPEN, col(ExceptionRow.track).in_([*tracks]))


def _exception_of_finance(own: Sequence[str]) -> Any:
    """Id of an exception that stands for the refund: it names it, or stops the money of the return as a whole."""
    payload: Any = ExceptionRow.payload
    about = func.coalesce(payload["refund"].as_string(), "")
    return (
        select(func.min(ExceptionRow.id))
        .where(
            ExceptionRow.connection == RefundRow.connection,
            ExceptionRow.return_id == RefundRow.return_id,
            ExceptionRow.state == ExceptionState.OPEN,
            or_(col(ExceptionRow.track) == Track.FINANCE, col(ExceptionRow.owner) == Owner.FINANCE),
            or_(about == RefundRow.refund_id, and_(about == "", col(ExceptionRow.track) == Track.FINANCE)),
            col(ExceptionRow.step).not_in(own),
        )
        .correlate(RefundRow)
    )


def _by_return(row: tuple[Any, ...]) -> tuple[str, str]:
    return row[0].return_id, ""


def _next(rows: Sequence[T], cursor: Callable[[T], tuple[str, str]]) -> Cursor:
    return cursor(rows[-1]) if len(rows) == PAGE else None
