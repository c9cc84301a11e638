"""Finds returns by any id that a person may have in hand (R86, R87, N15)."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import false, union
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from store.tables import ExceptionRow, InspectionRow, RefundRow, ReturnRow
from store.tables_ledger import DocumentNumberRow, DocumentRow, InboxRow

_WORKFLOW = "return/"


def matching(any_id: str) -> SelectOfScalar[ReturnRow]:
    """Returns that have this id; an empty one matches nothing.

    Return id, ``connection/return id``, workflow id, order, RMA, tracking, refund, inspection, exception or
    delivery id, ERP number of any document, business key.
    """
    if not any_id:
        return select(ReturnRow).where(false())
    found = union(*_keys(any_id)).subquery()
    same = (col(ReturnRow.connection) == found.c.connection) & (col(ReturnRow.return_id) == found.c.return_id)
    return select(ReturnRow).join(found, same)


def _keys(any_id: str) -> Iterator[Select[str, str]]:
    """One query per place where an id may be, so that each goes through its own index."""
    for own in (ReturnRow.return_id, ReturnRow.order_number, ReturnRow.rma_number, ReturnRow.tracking_number):
        yield _returns(ReturnRow).where(col(own) == any_id)
    connection, _, return_id = any_id.removeprefix(_WORKFLOW).partition("/")
    yield _returns(ReturnRow).where(ReturnRow.connection == connection, ReturnRow.return_id == return_id)
    yield _returns(RefundRow).where(RefundRow.refund_id == any_id)
    yield _returns(InspectionRow).where(InspectionRow.inspection_id == any_id)
    yield _returns(ExceptionRow).where(ExceptionRow.id == any_id)
    yield _returns(InboxRow).where(InboxRow.delivery_id == any_id)
    numbered = select(DocumentNumberRow.key).where(DocumentNumberRow.number == any_id)
    yield _returns(DocumentRow).where(or_(col(DocumentRow.key) == any_id, col(DocumentRow.key).in_(numbered)))


def _returns(table: Any) -> Select[str, str]:
    return select(table.connection, table.return_id)
