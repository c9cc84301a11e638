"""Whose each listed refund and note is: the return of ours that has it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select as columns_of
from sqlmodel import col, select

from domain.documents import DocumentKind
from domain.reconciliation.classes import DifferenceClass
from store.reconciliation_days import start_of
from store.reconciliation_records import DifferenceState, RunItem, RunRecord
from store.records import DocumentState
from store.scope import Scope
from store.tables import RefundRow, ReturnRow
from store.tables_ledger import DocumentNumberRow, DocumentRow
from store.tables_reconciliation import DifferenceRow

#: Our own notes in the ERP, and refunds that lack one.
_MADE = (DocumentState.POSTED, DocumentState.LINKED)
_WAITING = (DifferenceClass.MISSING_CREDIT, DifferenceClass.OUT_OF_BAND_REFUND)
#: Item id → connection and return id.
Owners = dict[str, tuple[str, str]]


async def owners_of_refunds(scope: Scope, connection: str, items: Sequence[RunItem]) -> Owners:
    """By the refund's own id, else by the return that the platform names, where it is a case here."""
    ids = [item.item_id for item in items]
    known = await scope.tuples(
        select(RefundRow.refund_id, RefundRow.return_id)
        .where(RefundRow.connection == connection, col(RefundRow.refund_id).in_(ids))
        .order_by(RefundRow.refund_id, RefundRow.return_id)
    )
    owners = {refund_id: (connection, return_id) for refund_id, return_id in known}
    named = {item.platform_return for item in items if item.item_id not in owners and item.platform_return}
    cases = await scope.rows(
        select(ReturnRow.return_id).where(ReturnRow.connection == connection, col(ReturnRow.return_id).in_(named))
    )
    for item in items:
        if item.item_id not in owners and item.platform_return in cases:
            owners[item.item_id] = (connection, item.platform_return)
    return owners


async def owners_of_credits(
    scope: Scope, run: RunRecord, connections: Sequence[str], items: Sequence[RunItem]
) -> tuple[Owners, set[str]]:
    """By our key, else by the note's number, else by the RMA that it is on (E42); this connection's own first.

    Second, the notes that are none of these days: an ERP may date a note by its return, and list it by that day. Ours
    count by when they were posted, all others by their date.
    """
    by_key = await _by_key(scope, connections, _named(item.key for item in items))
    by_number = await _by_number(scope, connections, _named(item.item_id for item in items))
    by_rma = await _by_rma(scope, connections, _named(item.rma_number for item in items))
    days = start_of(run.since), start_of(run.until)
    owners: Owners = {}
    others: set[str] = set()
    for item in items:
        found = by_key.get(item.key) or by_number.get(item.item_id) or by_rma.get(item.rma_number)
        own = next((one for one in found if one.connection == run.connection), found[0]) if found else None
        if own is not None:
            owners[item.item_id] = (own.connection, own.return_id)
        if not days[0] <= item.at < days[1] and not (own and own.at and days[0] <= own.at < days[1]):
            others.add(item.item_id)
    return owners, others


class OurNote(NamedTuple):
    """A note of ours, and the return that has it."""

    connection: str
    return_id: str
    number: str


async def notes_like(
    scope: Scope, connection: str, connections: Sequence[str], items: Sequence[RunItem]
) -> dict[str, OurNote]:
    """Item id → our note for the same order over the same amount; this connection's own first.

    Left out: orders with a refund of that amount that still waits for its note, since the item is rather that one.
    What a person did by hand is left out too: it may be the very item, under another number.
    """
    loose = [item for item in items if not item.return_id]
    orders, row, waiting = _named(item.order_number for item in loose), DocumentRow, DifferenceRow
    columns: list[Any] = [row.order_number, row.total, row.currency, row.connection, row.return_id, row.number]
    ours = await scope.columns(
        columns_of(*columns)
        .where(col(row.order_number).in_(orders), col(row.connection).in_(connections))
        .where(col(row.kind) == DocumentKind.CREDIT, col(row.state).in_(_MADE))
    )
    columns = [waiting.order_number, waiting.amount, waiting.currency]
    lacking = await scope.columns(
        columns_of(*columns)
        .where(col(waiting.order_number).in_(orders), col(waiting.connection).in_(connections))
        .where(col(waiting.kind).in_(_WAITING), col(waiting.state) == DifferenceState.OPEN)
    )
    notes: dict[tuple[Any, ...], OurNote] = {}
    for one in sorted(ours, key=lambda one: (one.connection != connection, one.connection, one.number)):
        known = OurNote(one.connection, one.return_id, one.number)
        notes.setdefault((one.order_number, one.total, one.currency), known)
    for order in lacking:
        notes.pop(tuple(order), None)
    keys = {item.item_id: (item.order_number, item.amount, item.currency) for item in loose}
    return {name: notes[key] for name, key in keys.items() if key in notes}


class _Owner(NamedTuple):
    """Whose a note is. `at`: when our document of it was posted, if it is one of ours."""

    connection: str
    return_id: str
    at: datetime | None = None


async def _by_key(scope: Scope, connections: Sequence[str], keys: Sequence[str]) -> dict[str, list[_Owner]]:
    document = DocumentRow
    return _grouped(
        await scope.tuples(
            select(document.key, document.connection, document.return_id, document.updated_at)
            .where(col(document.key).in_(keys), col(document.connection).in_(connections))
            .where(document.kind == DocumentKind.CREDIT)
        )
    )


async def _by_number(scope: Scope, connections: Sequence[str], numbers: Sequence[str]) -> dict[str, list[_Owner]]:
    document = DocumentRow
    return _grouped(
        await scope.tuples(
            select(DocumentNumberRow.number, document.connection, document.return_id, document.updated_at)
            .join(document, col(document.key) == col(DocumentNumberRow.key))
            .where(col(DocumentNumberRow.number).in_(numbers), col(document.connection).in_(connections))
            .where(document.kind == DocumentKind.CREDIT)
        )
    )


async def _by_rma(scope: Scope, connections: Sequence[str], numbers: Sequence[str]) -> dict[str, list[_Owner]]:
    found = await scope.tuples(
        select(ReturnRow.rma_number, ReturnRow.connection, ReturnRow.return_id).where(
            col(ReturnRow.rma_number).in_(numbers), col(ReturnRow.connection).in_(connections)
        )
    )
    return _grouped((name, connection, return_id, None) for name, connection, return_id in found)


def _grouped(rows: Iterable[tuple[str, str, str, datetime | None]]) -> dict[str, list[_Owner]]:
    found: dict[str, list[_Owner]] = {}
    for name, connection, return_id, at in sorted(rows, key=lambda row: row[:3]):
        found.setdefault(name, []).append(_Owner(connection, return_id, at))
    return found


def _named(names: Iterable[str]) -> list[str]:
    return sorted({name for name in names if name})
