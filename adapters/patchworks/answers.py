"""What the flows answer → what we say about documents, items, stock and credits."""

from collections.abc import Mapping, Sequence

from adapters.patchworks.client import VENDOR
from adapters.patchworks.contract import Operation
from adapters.patchworks.orders import components, minor
from adapters.patchworks.shapes import CreditNotesRead, StockRead, WireCreditNote, WireItem, WireReturnOrder, Written
from domain.documents import CreditPage, CreditRecord, DepotStock, ItemRecord, Posted, RmaRequest, RmaState
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected


def live(reply: Written, operation: Operation) -> Written:
    """The document under our key, when nobody has undone it since."""
    if reply.erp.cancelled:
        number = reply.erp.document_number
        raise Rejected(operation.gone, f"{VENDOR}: {number} was cancelled in the ERP", "cancelled")
    return reply


def whole_rma(reply: Written, request: RmaRequest) -> Posted:
    """The return order, when it has every line that was asked for; PARTIAL_ACCEPT otherwise (N17)."""
    taken = {line.id: line.quantity for line in reply.erp.lines}
    lacking = []
    for line in request.lines:
        number = str(line.line_no)
        quantity = taken.get(number, 0)  # a line that is named without a quantity was taken whole
        if quantity is not None and quantity < line.quantity:
            lacking.append(f"{line.quantity} x {line.sku} (line {number})")
    if lacking:
        text = f"{VENDOR}: return order {reply.erp.document_number} lacks {', '.join(lacking)}"
        raise Rejected(ExceptionCode.PARTIAL_ACCEPT, text)
    return posted(reply)


def posted(reply: Written) -> Posted:
    """The document's number. `adopted`: it was there before this call."""
    return Posted(number=reply.erp.document_number, adopted=reply.duplicate)


def credit_figures(reply: Written, currency: str) -> tuple[int, int]:
    """Total and unapplied amount of a credit note. Rejected(CREDIT_REJECTED) when the flow does not tell them."""
    erp = reply.erp
    if erp.applied is None or erp.unapplied is None:
        text = f"{VENDOR}: credit note {erp.document_number} was made, but erp.applied and erp.unapplied are missing"
        raise Rejected(ExceptionCode.CREDIT_REJECTED, text, figures={"credit_note": erp.document_number})
    applied, unapplied = (minor("erp", text, currency) for text in (erp.applied, erp.unapplied))
    return applied + unapplied, unapplied


def rma_state(order: WireReturnOrder) -> RmaState:
    """The return order as it is now."""
    return RmaState(number=order.number, open=order.open and not order.cancelled, cancelled=order.cancelled)


def item_records(items: Mapping[str, WireItem], skus: Sequence[str]) -> list[ItemRecord]:
    """One record per asked SKU, in that order; inactive when the ERP does not know it."""
    return [_item(sku, items.get(sku)) for sku in skus]


def _item(sku: str, item: WireItem | None) -> ItemRecord:
    if item is None:
        return ItemRecord(sku=sku, active=False)
    parts = {part.sku: part.quantity_per_bundle for part in components(item.components, sku)}
    return ItemRecord(sku=sku, active=item.active, components=parts)


def stock_records(read: StockRead) -> list[DepotStock]:
    """Stock per location."""
    return [
        DepotStock(sku=row.sku, depot=row.location_id, physical=row.on_hand, available=row.available)
        for row in read.stock
    ]


def credit_page(read: CreditNotesRead) -> CreditPage:
    """One page of credit notes; voided ones count as reversed."""
    return CreditPage(records=[_credit(note) for note in read.credit_notes], next_page=read.next_page)


def _credit(note: WireCreditNote) -> CreditRecord:
    return CreditRecord(
        number=note.number,
        key=note.external_id,
        rma_number=note.return_number,
        order_number=note.order_id,
        credited_on=note.date,
        total=minor("creditNotes.total", note.total, note.currency),
        currency=note.currency,
        reversed=note.voided,
    )
