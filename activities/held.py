"""Goods that were booked and go another way: back to the customer, or into the return after all (E18, E19, E59)."""

from activities.edge import Edge, Link
from activities.goods_signatures import HoldGoods, SurplusTaken, TakeSurplus
from activities.journal import finished
from activities.outcomes import Stop
from activities.posting import awaited
from activities.quarantine import hold, quarantined
from activities.signatures import Done
from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.inspection import BookedUnits
from domain.slots import value_order
from store.errors import NoFreeSlots
from store.records import DocumentRecord, DocumentState
from store.unit import Unit

_RECEIVED = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)


async def hold_goods(edge: Edge, link: Link, request: HoldGoods) -> Done:
    """One transfer into the hold depot for each document that brought the goods in; the same again moves nothing."""
    async with edge.store.reading() as unit:
        locations = {
            one.inspection.inspection_id: one.inspection.location for one in await unit.inspections.list(request.ref)
        }
    for document in await _to_hold(edge, link, request):
        moved = await hold(edge, link, document, locations[document.inspection_id], request.decisions)
        finished([moved])
    return Done()


async def _to_hold(edge: Edge, link: Link, request: HoldGoods) -> list[DocumentRecord]:
    if request.inspection_id:
        document = await quarantined(edge, request.ref, request.inspection_id)
        if document is None:
            await _await_surplus(edge, link, request)
            reason = f"the surplus of parcel {request.inspection_id} is not in the ERP yet; nothing was moved"
            raise Stop(ExceptionCode.STOCK_REJECTED, reason, figures={"inspection": request.inspection_id})
        return [document]
    async with edge.store.reading() as unit:
        documents = await unit.documents.for_return(request.ref)
    goods = [d for d in documents if d.kind in _RECEIVED and d.state.in_erp and d.inspection_id]
    return [d for d in goods if d.lines[0].disposition is not Disposition.RETURN_TO_CUSTOMER]


async def _await_surplus(edge: Edge, link: Link, request: HoldGoods) -> None:
    """Raises AwaitsWindow while the surplus is still on its way into quarantine."""
    async with edge.store.reading() as unit:
        documents = await unit.documents.for_return(request.ref)
    mine = [d for d in documents if d.inspection_id == request.inspection_id and d.state is DocumentState.QUEUED]
    if mine:
        raise awaited(edge, link, mine)


async def take_surplus(edge: Edge, link: Link, request: TakeSurplus) -> SurplusTaken:
    """The return claims the units of the order, and they count as its quarantined ones from now on."""
    units = [
        BookedUnits(line_id=u.line_id, sku=u.sku, quantity=u.quantity, disposition=Disposition.QUARANTINE)
        for u in request.units
    ]
    now = edge.clock()
    try:
        async with edge.store.begin() as unit:
            await _claim(unit, link, request)
            await unit.inspections.take_surplus(request.ref, request.inspection_id, units, now)
            text = ", ".join(f"{u.quantity} x {u.sku}" for u in units) + " of the surplus belong to the return now"
            key = f"surplus/{request.inspection_id}"
            await unit.timeline.add(request.ref, key, now, "backhaul", "inspection", text)
    except NoFreeSlots as error:
        reason = f"{error.wanted} unit(s) of order line {error.line_id} wanted, {error.free} not returned yet"
        raise Stop(ExceptionCode.VALIDATION_QTY, reason, figures={"line": error.line_id}) from error
    return SurplusTaken(units=units)


async def _claim(unit: Unit, link: Link, request: TakeSurplus) -> None:
    """As many units of the order as the return holds by now and the surplus adds. Again it is the same number."""
    books, order = link.connection.books, request.rma.order_number
    snapshot = await unit.snapshots.get(books, order)
    if snapshot is None:
        raise Stop(ExceptionCode.VALIDATION_QTY, f"order {order} was never frozen")
    value = value_order(snapshot)
    slot_lines = {line.line_id: line.slot_line_id for line in request.rma.lines}
    wanted: dict[str, int] = {}
    for line in request.rma.lines:
        wanted[line.slot_line_id] = wanted.get(line.slot_line_id, 0) + line.quantity
    for units in request.units:
        wanted[slot_lines[units.line_id]] += units.quantity
    available = {line.line_id: line.quantity for line in value.lines}
    await unit.slots.reserve(books, order, request.ref, wanted, available)
