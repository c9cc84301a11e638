"""Goods that were booked and go another way: back to the customer, or into the return after all (E18, E19, E59)."""

from collections import Counter
from collections.abc import Iterator, Sequence

from activities.edge import Edge, Link
from activities.goods_signatures import HoldGoods, SurplusTaken, TakeSurplus
from activities.journal import finished
from activities.outcomes import Stop
from activities.posting import awaited
from activities.quarantine import hold, relabel, take_back
from activities.signatures import Done
from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.inspection import BookedUnits
from domain.slots import value_order
from store.errors import NoFreeSlots
from store.records import DocumentLine, DocumentRecord, DocumentState
from store.unit import Unit

_RECEIVED = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)
_MOVED = (DocumentKind.TRANSFER, DocumentKind.REMOVAL)


async def hold_goods(edge: Edge, link: Link, request: HoldGoods) -> Done:
    """One transfer into the hold depot for each document that brought the goods in; the same again moves nothing."""
    async with edge.store.reading() as unit:
        documents = await unit.documents.for_return(request.ref)
        locations = {
            one.inspection.inspection_id: one.inspection.location for one in await unit.inspections.list(request.ref)
        }
    goods = [d for d in documents if d.kind in _RECEIVED and d.inspection_id]
    if request.inspection_id:
        goods = [part for d in goods if (part := _part(request, d)).lines]
        _check_in_erp(edge, link, request.inspection_id, goods)
    for document in _not_moved(goods, documents):
        moved = await hold(edge, link, document, locations[document.inspection_id], request.decisions)
        finished([moved])
    return Done()


def _part(request: HoldGoods, document: DocumentRecord) -> DocumentRecord:
    """The document with those of its lines that are to go back: of the parcel's units, or of its surplus."""
    units = {(units.line_id, units.disposition) for units in request.units} or {("", Disposition.QUARANTINE)}
    mine = document.lines if document.inspection_id == request.inspection_id else []
    return document.model_copy(update={"lines": [line for line in mine if (line.line_id, line.disposition) in units]})


def _not_moved(goods: Sequence[DocumentRecord], documents: Sequence[DocumentRecord]) -> Iterator[DocumentRecord]:
    """What the ERP has of these goods, without units that went to the hold depot or out of stock before."""
    gone = {
        (d.inspection_id, line.line_id, line.was)
        for d in documents
        if d.kind in _MOVED and d.state.in_erp
        for line in d.lines
    }
    for document in (d for d in goods if d.state.in_erp):
        lines = [
            line
            for line in document.lines
            if line.disposition is not Disposition.RETURN_TO_CUSTOMER
            and (document.inspection_id, line.line_id, line.disposition) not in gone
        ]
        if lines:
            yield document.model_copy(update={"lines": lines})


def _check_in_erp(edge: Edge, link: Link, scan: str, goods: Sequence[DocumentRecord]) -> None:
    """Raises AwaitsWindow while goods of the parcel are on their way into the ERP, Stop when it did not take them."""
    if queued := [d for d in goods if d.state is DocumentState.QUEUED]:
        raise awaited(edge, link, queued)
    if any(not d.state.in_erp for d in goods):
        reason = f"units of parcel {scan} are not in the ERP yet; nothing was moved"
        raise Stop(ExceptionCode.STOCK_REJECTED, reason, figures={"inspection": scan})


async def take_surplus(edge: Edge, link: Link, request: TakeSurplus) -> SurplusTaken:
    """The return claims the units of the order, and they count as its quarantined ones from now on."""
    units = [
        BookedUnits(line_id=u.line_id, sku=u.sku, quantity=u.quantity, disposition=Disposition.QUARANTINE)
        for u in request.units
    ]
    try:
        async with edge.store.begin() as unit:
            await _claim(unit, link, request)
    except NoFreeSlots as error:
        reason = f"{error.wanted} unit(s) of order line {error.line_id} wanted, {error.free} not returned yet"
        raise Stop(ExceptionCode.VALIDATION_QTY, reason, figures={"line": error.line_id}) from error
    await _relabel(edge, link, request, units)
    now = edge.clock()
    async with edge.store.begin() as unit:
        await unit.inspections.take_surplus(request.ref, request.inspection_id, units, now)
        text = ", ".join(f"{u.quantity} x {u.sku}" for u in units) + " of the surplus belong to the return now"
        key = f"surplus/{request.inspection_id}"
        await unit.timeline.add(request.ref, key, now, "backhaul", "inspection", text)
    return SurplusTaken(units=units)


async def _relabel(edge: Edge, link: Link, request: TakeSurplus, units: Sequence[BookedUnits]) -> None:
    """What was scanned wrongly lies in quarantine under the wrong SKU: the ledger is put right first (E19)."""
    async with edge.store.reading() as unit:
        documents = await unit.documents.for_return(request.ref)
    surplus = [
        d
        for d in documents
        if d.kind is DocumentKind.ADJUSTMENT and d.inspection_id == request.inspection_id and not d.lines[0].line_id
    ]
    wrong = [d for d in surplus if _skus(d.lines) != _skus(units)]
    _check_in_erp(edge, link, request.inspection_id, wrong)
    for document in wrong:
        finished([await relabel(edge, link, document, units, request.decisions)])
        finished([await take_back(edge, link, document, request.decisions)])


def _skus(lines: Sequence[BookedUnits] | Sequence[DocumentLine]) -> Counter[str]:
    skus = Counter[str]()
    for line in lines:
        skus[line.sku] += line.quantity
    return skus


async def _claim(unit: Unit, link: Link, request: TakeSurplus) -> None:
    """As many units of the order as came of each line, or as the RMA waits for. Again it is the same number."""
    books, order = link.connection.books, request.rma.order_number
    snapshot = await unit.snapshots.get(books, order)
    if snapshot is None:
        raise Stop(ExceptionCode.VALIDATION_QTY, f"order {order} was never frozen")
    came = Counter[str]()
    for one in await unit.inspections.list(request.ref):
        mine = one.inspection.inspection_id == request.inspection_id
        for units in one.booked:
            came[units.line_id] += units.quantity
        if mine and any(not units.line_id for units in one.booked):
            for taking in request.units:
                came[taking.line_id] += taking.quantity
    wanted = Counter[str]()
    for line in request.rma.lines:
        wanted[line.slot_line_id] += max(line.quantity, came[line.line_id])
    available = {line.line_id: line.quantity for line in value_order(snapshot).lines}
    await unit.slots.reserve(books, order, request.ref, wanted, available)
