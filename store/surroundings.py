"""What stands around the exceptions of one page: their returns and those ones' documents, in a few queries for all."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from domain.documents import DocumentKind
from domain.returns import ReturnRef
from store.queue_records import ErpNumber, RefundText, Surroundings
from store.scope import Scope
from store.tables import RefundRow, ReturnLineRow, ReturnRow
from store.tables_ledger import DocumentRow


async def read_surroundings(scope: Scope, refs: Iterable[ReturnRef]) -> dict[ReturnRef, Surroundings]:
    """The surroundings of every return that is named; those of an unknown one are empty."""
    wanted: dict[str, set[str]] = {}
    for ref in refs:
        wanted.setdefault(ref.connection, set()).add(ref.return_id)
    found: dict[ReturnRef, Surroundings] = {}
    for connection, return_ids in wanted.items():
        found |= await _of_connection(scope, connection, sorted(return_ids))
    return found


async def _of_connection(scope: Scope, connection: str, return_ids: list[str]) -> dict[ReturnRef, Surroundings]:
    headers = {
        row.return_id: row for row in await scope.rows(select(ReturnRow).where(*_of(ReturnRow, connection, return_ids)))
    }
    units = dict(
        await scope.tuples(
            select(col(ReturnLineRow.return_id), func.sum(col(ReturnLineRow.quantity)))
            .where(*_of(ReturnLineRow, connection, return_ids), col(ReturnLineRow.removed).is_(False))
            .group_by(col(ReturnLineRow.return_id))
        )
    )
    refunds = await scope.rows(
        select(RefundRow)
        .where(*_of(RefundRow, connection, return_ids))
        .order_by(col(RefundRow.first_seen_at), col(RefundRow.refund_id))
    )
    numbers = await scope.tuples(
        select(DocumentRow.return_id, DocumentRow.kind, DocumentRow.number)
        .where(*_of(DocumentRow, connection, return_ids), col(DocumentRow.number) != "")
        .order_by(col(DocumentRow.created_at), col(DocumentRow.key))
    )
    return {
        ref: Surroundings(
            ref=ref,
            order_number=header.order_number if header else "",
            tracking_number=header.tracking_number if header else "",
            rma_number=header.rma_number if header else "",
            units=int(units.get(return_id) or 0),
            refunds=[_refund(row) for row in refunds if row.return_id == return_id],
            numbers=[ErpNumber(kind=DocumentKind(kind), number=no) for of, kind, no in numbers if of == return_id],
        )
        for return_id in return_ids
        for ref, header in [(ReturnRef(connection=connection, return_id=return_id), headers.get(return_id))]
    }


def _of(table: Any, connection: str, return_ids: list[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(table.connection) == connection, col(table.return_id).in_(return_ids)


def _refund(row: RefundRow) -> RefundText:
    return RefundText(refund_id=row.refund_id, amount_text=row.amount_text, currency=row.currency)
