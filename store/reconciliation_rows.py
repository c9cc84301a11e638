"""The rows behind a page of returns, in a fixed number of queries however many returns it has."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, select
from sqlmodel import col

from domain.documents import DocumentKind
from domain.exchange import ExchangeState
from store.exchange_records import ExposureKind, ExposureState
from store.reconciliation_records import RunRecord
from store.records import DocumentState
from store.scope import Scope
from store.tables import BookedUnitsRow, ExceptionRow, RefundRow, ReturnLineRow, ReturnRow
from store.tables_exchange import ExchangeRow, ExposureRow
from store.tables_ledger import DocumentRow, OrderCreditRow
from store.tables_reconciliation import RunItemRow

_KINDS = (DocumentKind.CREDIT, DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)
#: A unit that stands in these was accounted for: its goods are still to come, or a person decided about it.
_OUT = (ExposureState.OPEN, ExposureState.DECIDED)
_GIVEN_UP = [state for state in ExchangeState if state.refundable]


@dataclass
class CaseRows:
    """Rows of one return. `rounding`: credit key → signed rounding line; `exposed`, `exchanged`: units per line."""

    header: Any
    items: list[Any] = field(default_factory=list)
    refunds: list[Any] = field(default_factory=list)
    documents: list[Any] = field(default_factory=list)
    rounding: dict[str, int] = field(default_factory=dict)
    lines: list[Any] = field(default_factory=list)
    booked: list[Any] = field(default_factory=list)
    exposed: Counter[str] = field(default_factory=Counter)
    exchanged: Counter[str] = field(default_factory=Counter)
    exceptions: list[Any] = field(default_factory=list)


async def read_rows(scope: Scope, run: RunRecord, ids: Sequence[str]) -> dict[str, CaseRows]:
    """Return id → its rows, in the order of the ids; a return without a header is left out."""
    headers = await scope.columns(_headers(run, ids))
    cases = {header.return_id: CaseRows(header=header) for header in sorted(headers, key=lambda one: one.return_id)}
    for name, query in (
        ("items", _items(run, ids)),
        ("refunds", _of(RefundRow, run, ids, "refund_id", *_REFUND)),
        ("documents", _documents(run, ids)),
        ("lines", _of(ReturnLineRow, run, ids, *_LINE).where(col(ReturnLineRow.removed).is_(False))),
        ("booked", _of(BookedUnitsRow, run, ids, "line_id", "disposition", "quantity", "share")),
        ("exceptions", _of(ExceptionRow, run, ids, "id", *_EXCEPTION)),
    ):
        for return_id, rows in _grouped(await scope.columns(query)).items():
            if return_id in cases:
                setattr(cases[return_id], name, rows)
    await _add_units(scope, run, ids, cases)
    await _add_rounding(scope, cases)
    return cases


async def read_requests(scope: Scope, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Business key → what the ERP was asked for: large, so it is read only where it is needed."""
    if not keys:
        return {}
    rows = await scope.columns(
        select(col(DocumentRow.key), col(DocumentRow.request)).where(col(DocumentRow.key).in_(keys))
    )
    return {row.key: row.request for row in rows}


_LINE = ("line_id", "sku", "quantity", "keep")
_REFUND = ("state", "amount_text", "currency", "created_at", "first_seen_at", "paid_at", "credit_key", "decision")
_EXCEPTION = ("code", "track", "state", "payload", "currency", "resolution")


def _headers(run: RunRecord, ids: Sequence[str]) -> Select[Any]:
    return _of(ReturnRow, run, ids, "order_number", "stage", "waiting_for", "finance_closed")


def _items(run: RunRecord, ids: Sequence[str]) -> Select[Any]:
    item = RunItemRow
    columns: list[Any] = [item.return_id, item.side, item.item_id, item.key, item.amount, item.amount_text]
    columns += [item.currency, item.state, item.at]
    return (
        select(*columns)
        .where(col(item.run) == run.id, col(item.return_id).in_(ids), col(item.owner) == run.connection)
        .order_by(col(item.side), col(item.item_id))
    )


def _documents(run: RunRecord, ids: Sequence[str]) -> Select[Any]:
    columns = ("key", "kind", "state", "number", "lines", "total", "currency", "refund_id", "window_at", "updated_at")
    gone = (DocumentState.CANCELLED,)
    query = _of(DocumentRow, run, ids, *columns)
    return query.where(col(DocumentRow.kind).in_(_KINDS), col(DocumentRow.state).not_in(gone))


def _of(table: Any, run: RunRecord, ids: Sequence[str], *columns: str) -> Select[Any]:
    return (
        select(table.return_id, *(getattr(table, column) for column in columns))
        .where(table.connection == run.connection, table.return_id.in_(ids))
        .order_by(getattr(table, columns[0]))
    )


async def _add_units(scope: Scope, run: RunRecord, ids: Sequence[str], cases: dict[str, CaseRows]) -> None:
    exposure, exchange = ExposureRow, ExchangeRow
    exposed = (
        select(col(exposure.return_id), col(exposure.line_id), func.count().label("units"))
        .where(col(exposure.connection) == run.connection, col(exposure.return_id).in_(ids))
        .where(col(exposure.kind) == ExposureKind.REFUND, col(exposure.state).in_(_OUT))
        .group_by(col(exposure.return_id), col(exposure.line_id))
    )
    exchanged = (
        select(col(exchange.return_id), col(exchange.line_id), func.sum(exchange.units).label("units"))
        .where(col(exchange.connection) == run.connection, col(exchange.return_id).in_(ids))
        .where(col(exchange.state).not_in(_GIVEN_UP))
        .group_by(col(exchange.return_id), col(exchange.line_id))
    )
    for name, query in (("exposed", exposed), ("exchanged", exchanged)):
        for row in await scope.columns(query):
            if row.return_id in cases:
                getattr(cases[row.return_id], name)[row.line_id] = int(row.units)


async def _add_rounding(scope: Scope, cases: dict[str, CaseRows]) -> None:
    owner = {
        document.key: return_id
        for return_id, case in cases.items()
        for document in case.documents
        if document.kind == DocumentKind.CREDIT
    }
    credit = OrderCreditRow
    query = select(col(credit.credit_key), col(credit.rounding)).where(
        col(credit.credit_key).in_(list(owner)), col(credit.rounding) != 0
    )
    for row in await scope.columns(query) if owner else ():
        cases[owner[row.credit_key]].rounding[row.credit_key] = row.rounding


def _grouped(rows: Iterable[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.return_id].append(row)
    return found
