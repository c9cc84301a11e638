"""Stock: what one parcel's inspection means in the ERP's ledger, booked document by document (R20–R33)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from activities import journal
from activities.closing import close_if_settled
from activities.decisions import edits, verdict
from activities.due import due_since
from activities.edge import Edge, Link
from activities.exposure import clear_exposure
from activities.outcomes import AwaitsWindow, Stop, problem_from
from activities.parcel_documents import as_planned, documents_of, plan_parcel
from activities.posting import Poster
from activities.quarantine import book_surplus, depot_of
from activities.signatures import BookGoods, GoodsBooked, RmaLineRef, StockBooked
from domain.connection import Mappings
from domain.dispositions import Disposition, StockAction, StockDocument
from domain.documents import AdjustmentRequest, DocumentKind, MovementLine, ReceiptRequest
from domain.exceptions import ExceptionCode
from domain.inspection import AllocatedUnits, BookedUnits
from domain.outcomes import Rejected
from store.records import DocumentLine, DocumentPlan, DocumentRecord

_KINDS = {StockDocument.RECEIPT: DocumentKind.RECEIPT, StockDocument.ADJUSTMENT: DocumentKind.ADJUSTMENT}


@dataclass(frozen=True)
class Movement:
    """Units of one disposition that go into one depot by one document."""

    disposition: Disposition
    action: StockAction
    depot: str
    units: tuple[BookedUnits, ...]


async def book_goods(edge: Edge, link: Link, request: BookGoods) -> GoodsBooked:
    """All stock documents of one parcel.

    Mappings are resolved before anything is planned. A document that the ERP refuses, or that waits for a window, does
    not stop the others: it comes back with its problem or its window, so that nobody else need wait for it (E41, E64).
    """
    location = edits(request.decisions).get("location", request.inspection.location)
    if request.surplus:
        depot_of(link, location, Disposition.QUARANTINE)
    units, records = await _plan(edge, link, request, location)
    surplus = await _book_surplus(edge, link, request)
    units += [in_quarantine for document in surplus for in_quarantine in document.units]
    booked = [*[await _post(edge, link, request, record) for record in records], *surplus]
    await _record(edge, request, units, booked)
    return GoodsBooked(inspection_id=request.inspection.inspection_id, units=units, documents=booked)


async def _book_surplus(edge: Edge, link: Link, request: BookGoods) -> list[StockBooked]:
    """What the return does not have is physical truth too (E18, E19)."""
    return await book_surplus(
        edge,
        link,
        request.ref,
        request.inspection.inspection_id,
        request.inspection.location,
        request.surplus,
        order_number=request.rma.order_number,
        decisions=request.decisions,
    )


async def _plan(
    edge: Edge, link: Link, request: BookGoods, location: str
) -> tuple[list[BookedUnits], list[DocumentRecord]]:
    """The durable intent of the whole parcel, in one transaction: what each unit is, and the documents for them."""
    due_at = await due_since(edge, request.decisions)

    def drafts(units: Sequence[BookedUnits]) -> list[DocumentPlan]:
        return [_document(edge, link, request, m, due_at) for m in _movements(link, request, location, units)]

    async with edge.store.begin() as unit:
        documents = await documents_of(unit, request.ref, request.inspection.inspection_id)
        mapped = [_mapped(link, request, allocated) for allocated in request.units]
        planned = as_planned(request.units, mapped, documents)
        units = [
            _dispose(link, request, allocated, kept or now)
            for allocated, kept, now in zip(request.units, planned, mapped, strict=True)
        ]
        fresh = [u for u, kept in zip(units, planned, strict=True) if kept is None]
        return units, await plan_parcel(edge, unit, documents, fresh, drafts, request.decisions)


def _code(request: BookGoods, allocated: AllocatedUnits) -> str:
    """The sender's code for the units, as people corrected it."""
    return edits(request.decisions).get(f"disposition.{allocated.disposition}", allocated.disposition)


def _mapped(link: Link, request: BookGoods, allocated: AllocatedUnits) -> Disposition | None:
    code, reason = _code(request, allocated), request.reasons.get(allocated.line_id, "")
    return link.connection.mappings.disposition(code, reason)


def _dispose(link: Link, request: BookGoods, allocated: AllocatedUnits, disposition: Disposition | None) -> BookedUnits:
    """The units with our disposition, and the share of their value that the policy credits (E22)."""
    mappings, reason = link.connection.mappings, request.reasons.get(allocated.line_id, "")
    code = _code(request, allocated)
    if disposition is None:
        raise _unmapped(code, reason, allocated.sku)
    return BookedUnits(
        line_id=allocated.line_id,
        sku=allocated.sku,
        quantity=allocated.quantity,
        disposition=disposition,
        share=link.connection.policy.credit_share(disposition, reason) if disposition.accepted else 100,
        rule=", ".join(_rules(mappings, code, reason, disposition)),
    )


def _rules(mappings: Mappings, code: str, reason: str, disposition: Disposition) -> Iterator[str]:
    """What the return's reason decided (R24, R28)."""
    if mappings.disposition(code) is not disposition and mappings.disposition(code, reason) is disposition:
        yield f"reason_dispositions.{reason}"
    action = mappings.stock_actions.get(disposition)
    if action is not None and action.bucket in mappings.reason_depots.get(reason, {}):
        yield f"reason_depots.{reason}"


def _unmapped(code: str, reason: str, sku: str) -> Stop:
    named = f"disposition {code!r}" if code else f"no disposition, and reason {reason!r}"
    table = "mappings.dispositions" if code else "mappings.reason_dispositions"
    text = f"{sku} came with {named}, which {table} does not map"
    figures = {"disposition": code, "reason": reason, "sku": sku}
    return Stop(ExceptionCode.DISPOSITION_UNMAPPED, text, figures=figures)


def _movements(link: Link, request: BookGoods, location: str, units: Sequence[BookedUnits]) -> list[Movement]:
    """One movement per disposition and depot; a depot is never guessed (R29)."""
    mappings, movements = link.connection.mappings, []
    for disposition in Disposition:
        action = mappings.stock_actions.get(disposition)
        if not disposition.arrived or action is None or action.document is StockDocument.NONE:
            continue
        by_depot: dict[str, list[BookedUnits]] = {}
        for u in units:
            if u.disposition is disposition:
                depot = mappings.depot(location, action.bucket, request.reasons.get(u.line_id, ""))
                if depot is None:
                    raise _no_depot(location, action.bucket)
                by_depot.setdefault(depot, []).append(u)
        movements += [
            Movement(disposition=disposition, action=action, depot=depot, units=tuple(of_this))
            for depot, of_this in by_depot.items()
        ]
    return movements


def _no_depot(location: str, bucket: str) -> Stop:
    reason = f"location {location!r} has no depot for {bucket} in mappings.locations; no stock moved"
    return Stop(ExceptionCode.LOCATION_UNMAPPED, reason, figures={"location": location, "bucket": bucket})


def _document(edge: Edge, link: Link, request: BookGoods, movement: Movement, due_at: datetime) -> DocumentPlan:
    rma_lines = {line.line_id: line for line in request.rma.lines}
    lines = [
        MovementLine(
            rma_line_no=_rma_line(rma_lines, u).rma_line_no,
            sku=_rma_line(rma_lines, u).sku,
            quantity=u.quantity,
        )
        for u in movement.units
    ]
    day = edge.clock().date()
    body: ReceiptRequest | AdjustmentRequest
    if movement.action.document is StockDocument.RECEIPT:
        body = ReceiptRequest(
            key=journal.NO_KEY,
            rma_number=request.rma.number,
            order_number=request.rma.order_number,
            depot=movement.depot,
            condition=movement.action.condition,
            received_on=day,
            lines=lines,
        )
    else:
        body = AdjustmentRequest(
            key=journal.NO_KEY,
            order_number=request.rma.order_number,
            depot=movement.depot,
            reason=movement.action.condition,
            adjusted_on=day,
            lines=lines,
        )
    return DocumentPlan(
        key=journal.NO_KEY,
        ref=request.ref,
        kind=_KINDS[movement.action.document],
        order_number=request.rma.order_number,
        depot=movement.depot,
        inspection_id=request.inspection.inspection_id,
        lines=[
            DocumentLine(line_id=u.line_id, sku=u.sku, quantity=u.quantity, disposition=u.disposition)
            for u in movement.units
        ],
        mapping=link.connection.mappings.version,
        due_at=due_at,
        request=body.model_dump(mode="json"),
    )


def _rma_line(lines: dict[str, RmaLineRef], units: BookedUnits) -> RmaLineRef:
    line = lines.get(units.line_id)
    if line is None:
        reason = f"line {units.line_id} came to the return after its RMA was opened"
        raise Stop(ExceptionCode.UNEXPECTED_SKU, reason, figures={"line": units.line_id, "sku": units.sku})
    return line


async def _post(edge: Edge, link: Link, request: BookGoods, record: DocumentRecord) -> StockBooked:
    problem, queued = None, None
    try:
        decision = verdict(request.decisions, record.key)
        record = await Poster(edge, link).post(record, lambda: journal.send(link, record), decision)
    except AwaitsWindow as waiting:
        queued = waiting.awaited
    except Rejected as rejection:
        problem = problem_from(rejection, subject=record.key, figures={"depot": record.depot})
    is_receipt = record.kind is DocumentKind.RECEIPT
    return StockBooked(
        key=record.key,
        number=record.number,
        document=StockDocument.RECEIPT if is_receipt else StockDocument.ADJUSTMENT,
        depot=record.depot,
        units=[BookedUnits.model_validate(line.model_dump()) for line in record.lines],
        problem=problem,
        queued=queued,
    )


def _by(units: BookedUnits) -> str:
    return f" (by {units.rule})" if units.rule else ""


async def _record(edge: Edge, request: BookGoods, units: Sequence[BookedUnits], booked: Sequence[StockBooked]) -> None:
    now, scan = edge.clock(), request.inspection.inspection_id
    actor = request.inspection.inspector
    async with edge.store.begin() as unit:
        if await unit.inspections.save(request.ref, request.inspection, list(units), now):
            await clear_exposure(unit, request.ref, units, now)
        found = ", ".join(f"{u.quantity} x {u.sku} {u.disposition}{_by(u)}" for u in units)
        text = f"inspected at {request.inspection.location}: {found}"
        at = request.inspection.inspected_at or now
        await unit.timeline.add(request.ref, f"inspection/{scan}", at, actor, "inspection", text, {"inspection": scan})
        for document in booked:
            if document.number:
                text = f"{document.document} {document.number} into depot {document.depot}: " + ", ".join(
                    f"{u.quantity} x {u.sku}" for u in document.units
                )
                refs = {"stock": document.number, "depot": document.depot}
                await unit.timeline.add(request.ref, f"stock/{document.key}", now, "backhaul", "stock", text, refs)
        await close_if_settled(unit, request.ref, now)
