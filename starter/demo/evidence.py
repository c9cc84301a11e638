"""What store and Temporal know about a return at the end."""

from collections.abc import Iterator, Sequence

from temporalio.client import Client

from domain.documents import DocumentKind
from domain.exchange import ExchangeState
from domain.money import decimal_text, parse_minor
from domain.returns import RefundState, ReturnRef
from starter.demo.actions import children, count_actions
from starter.demo.report import CreditNote, Exposed, NewOrder, PaidRefund, RaisedException, ReturnRow, StockLine
from store import Store, Unit
from store.exchange_records import ExchangeRecord, ExposureRecord, ExposureState
from store.records import DocumentRecord, RefundRecord

_IN, _OUT = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT), DocumentKind.REMOVAL


async def collect(
    store: Store, client: Client, ref: ReturnRef, row: ReturnRow, parcels: Sequence[ReturnRef] = ()
) -> ReturnRow:
    """`row` with everything that is known about the return `ref`. Raises RPCError.

    parcels: what stood for it while nobody knew whose goods they were
    """
    async with store.reading() as unit:
        known = await _known(unit, ref, row, parcels)
    handle = client.get_workflow_handle(ref.workflow_id)
    info = (await handle.describe()).raw_description.workflow_execution_info
    events = (await handle.fetch_history()).events
    histories = [(await client.get_workflow_handle(child).fetch_history()).events for child in children(events)]
    cost = {
        "actions": sum(count_actions(history) for history in (events, *histories)),
        "events": len(events),
        "history_bytes": info.history_size_bytes,
    }
    return known.model_copy(update=cost)


async def _known(unit: Unit, ref: ReturnRef, row: ReturnRow, parcels: Sequence[ReturnRef]) -> ReturnRow:
    record = await unit.returns.get(ref)
    if record is None:
        return row
    documents = await unit.documents.for_return(ref)
    stock, exceptions = list(documents), []
    for parcel in parcels:
        stock += await unit.documents.for_return(parcel)
    for one in (*parcels, ref):
        exceptions += await unit.exceptions.list(connection=one.connection, return_id=one.return_id)
    facts = {
        "status": record.stage,
        "order": record.order_number,
        "rma": record.rma_number,
        "standalone": record.standalone,
        "stock": tuple(line for document in stock for line in stock_lines(document)),
        "credit_notes": tuple(_credit(d) for d in documents if d.kind is DocumentKind.CREDIT and d.state.in_erp),
        "refunds": tuple(_refund(r) for r in await unit.returns.refunds(ref) if r.state is RefundState.PAID),
        "replacements": tuple(_order(e) for e in await unit.exchanges.for_return(ref) if e.order_number),
        "exposure": tuple(_exposed(e) for e in await unit.exposures.of(ref) if e.state is not ExposureState.VOIDED),
        "exceptions": tuple(RaisedException(code=e.code, owner=e.owner, state=e.state) for e in exceptions),
    }
    return row.model_copy(update=facts)


def stock_lines(document: DocumentRecord) -> Iterator[StockLine]:
    """What a document did to the stock; a transfer takes out of one depot what it puts into another."""
    if not document.state.in_erp:
        return
    moves = {}
    if document.kind in _IN:
        moves = {document.depot: +1}
    elif document.kind is _OUT:
        moves = {document.depot: -1}
    elif document.kind is DocumentKind.TRANSFER:
        moves = {str(document.request["from_depot"]): -1, document.depot: +1}
    for depot, sign in moves.items():
        for line in document.lines:
            yield StockLine(sku=line.sku, depot=depot, quantity=sign * line.quantity, document=document.number)


def _credit(document: DocumentRecord) -> CreditNote:
    return CreditNote(
        number=document.number,
        total=decimal_text(document.total or 0, document.currency),
        currency=document.currency,
    )


def _refund(refund: RefundRecord) -> PaidRefund:
    amount = decimal_text(parse_minor(refund.amount_text, refund.currency), refund.currency)
    return PaidRefund(id=refund.refund_id, amount=amount, currency=refund.currency)


def _order(exchange: ExchangeRecord) -> NewOrder:
    return NewOrder(
        number=exchange.order_number,
        sku=exchange.sku,
        total=decimal_text(exchange.value.due, exchange.currency),
        cancelled=exchange.state is ExchangeState.CANCELLED,
    )


def _exposed(record: ExposureRecord) -> Exposed:
    amount = decimal_text(record.amount, record.currency)
    return Exposed(kind=record.kind, state=record.state, amount=amount, currency=record.currency)
