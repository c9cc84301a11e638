"""What store and Temporal know about a return at the end."""

from collections.abc import Iterator

from temporalio.client import Client

from domain.documents import DocumentKind
from domain.money import decimal_text, parse_minor
from domain.returns import RefundState, ReturnRef
from starter.demo.actions import count_actions
from starter.demo.report import CreditNote, PaidRefund, RaisedException, ReturnRow, StockLine
from store import Store, Unit
from store.records import DocumentRecord, RefundRecord

_STOCK = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)


async def collect(store: Store, client: Client, ref: ReturnRef, row: ReturnRow) -> ReturnRow:
    """`row` with everything that is known about the return `ref`. Raises RPCError."""
    async with store.reading() as unit:
        known = await _known(unit, ref, row)
    handle = client.get_workflow_handle(ref.workflow_id)
    info = (await handle.describe()).raw_description.workflow_execution_info
    events = (await handle.fetch_history()).events
    cost = {
        "actions": count_actions(events),
        "events": len(events),
        "history_bytes": info.history_size_bytes,
    }
    return known.model_copy(update=cost)


async def _known(unit: Unit, ref: ReturnRef, row: ReturnRow) -> ReturnRow:
    record = await unit.returns.get(ref)
    if record is None:
        return row
    documents = await unit.documents.for_return(ref)
    exceptions = await unit.exceptions.list(connection=ref.connection, return_id=ref.return_id)
    facts = {
        "status": record.stage,
        "order": record.order_number,
        "rma": record.rma_number,
        "standalone": record.standalone,
        "stock": tuple(line for document in documents for line in _stock(document)),
        "credit_notes": tuple(_credit(d) for d in documents if d.kind is DocumentKind.CREDIT and d.state.in_erp),
        "refunds": tuple(_refund(r) for r in await unit.returns.refunds(ref) if r.state is RefundState.PAID),
        "exceptions": tuple(RaisedException(code=e.code, owner=e.owner, state=e.state) for e in exceptions),
    }
    return row.model_copy(update=facts)


def _stock(document: DocumentRecord) -> Iterator[StockLine]:
    if document.kind not in _STOCK or not document.state.in_erp:
        return
    for line in document.lines:
        yield StockLine(sku=line.sku, depot=document.depot, quantity=line.quantity, document=document.number)


def _credit(document: DocumentRecord) -> CreditNote:
    return CreditNote(
        number=document.number,
        total=decimal_text(document.total or 0, document.currency),
        currency=document.currency,
    )


def _refund(refund: RefundRecord) -> PaidRefund:
    amount = decimal_text(parse_minor(refund.amount_text, refund.currency), refund.currency)
    return PaidRefund(id=refund.refund_id, amount=amount, currency=refund.currency)
