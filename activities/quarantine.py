"""Goods that no return owes anything for go to quarantine by an adjustment of their own: physical truth first.

Over-receipts and wrong items (E18, E19), parcels without a return (E26) or after its end (E20, E29). Never credited.
The same journal takes them out again when they turn out to belong to a return.
"""

from collections.abc import Sequence

from activities import journal
from activities.decisions import edits
from activities.edge import Edge, Link
from activities.outcomes import Stop
from activities.signatures import Decision, StockBooked
from domain.dispositions import Disposition, StockDocument
from domain.documents import AdjustmentRequest, DocumentKind, MovementLine, StockUnits, TransferRequest
from domain.exceptions import ExceptionCode
from domain.inspection import BookedUnits, SurplusUnits
from domain.keys import Step
from domain.returns import ReturnRef
from store.records import DocumentLine, DocumentPlan, DocumentRecord


async def book_surplus(
    edge: Edge,
    link: Link,
    ref: ReturnRef,
    inspection_id: str,
    location: str,
    surplus: Sequence[SurplusUnits],
    *,
    order_number: str = "",
    decisions: Sequence[Decision] = (),
) -> list[StockBooked]:
    """Book one parcel's surplus into the quarantine depot of its location: one document, or none without surplus.

    A document that the ERP refuses comes back with its problem. Its lines have no `line_id`: they are no return
    line's, so nothing is credited for them. Raises Stop when the location has no quarantine depot (R29).
    """
    if not surplus:
        return []
    corrections = edits(decisions)
    skus = link.connection.mappings.skus
    lines = [
        DocumentLine(
            line_id="",
            sku=corrections.get(f"sku.{units.sku}") or skus.get(units.sku, units.sku),
            quantity=units.quantity,
            disposition=Disposition.QUARANTINE,
        )
        for units in surplus
    ]
    depot = depot_of(link, corrections.get("location", location), Disposition.QUARANTINE)
    entry = DocumentPlan(
        key=journal.NO_KEY,
        ref=ref,
        kind=DocumentKind.ADJUSTMENT,
        order_number=order_number,
        depot=depot,
        inspection_id=inspection_id,
        lines=lines,
        request=_adjustment(edge, link, order_number, depot, lines).model_dump(mode="json"),
    )
    return [await _carry_out(edge, link, entry, decisions)]


async def quarantined(edge: Edge, ref: ReturnRef, inspection_id: str) -> DocumentRecord | None:
    """The document that brought a parcel's surplus into quarantine, when the ERP has it."""
    async with edge.store.reading() as unit:
        documents = await unit.documents.for_return(ref)
    surplus = (d for d in documents if d.kind is DocumentKind.ADJUSTMENT and not d.lines[0].line_id)
    return next((d for d in surplus if d.inspection_id == inspection_id and d.state.in_erp), None)


async def take_back(edge: Edge, link: Link, booked: DocumentRecord, decisions: Sequence[Decision] = ()) -> StockBooked:
    """Take quarantined units out of stock by a document of its own: a return books them as what they are."""
    lines = [line.model_copy(update={"was": line.disposition, "disposition": None}) for line in booked.lines]
    request = _adjustment(edge, link, booked.order_number, booked.depot, lines, remove=True)
    return await _carry_out(edge, link, _after(booked, DocumentKind.REMOVAL, booked.depot, lines, request), decisions)


async def relabel(
    edge: Edge, link: Link, booked: DocumentRecord, units: Sequence[BookedUnits], decisions: Sequence[Decision] = ()
) -> StockBooked:
    """Book quarantined units as the SKU that they really are. What they were booked as is to be taken back then."""
    lines = [DocumentLine.model_validate(u.model_dump(include=set(DocumentLine.model_fields))) for u in units]
    request = _adjustment(edge, link, booked.order_number, booked.depot, lines)
    draft = _after(booked, DocumentKind.ADJUSTMENT, booked.depot, lines, request)
    return await _carry_out(edge, link, draft, decisions)


async def hold(
    edge: Edge, link: Link, booked: DocumentRecord, location: str, decisions: Sequence[Decision] = ()
) -> StockBooked:
    """Move quarantined units to where they wait for their way back to the customer."""
    held = Disposition.RETURN_TO_CUSTOMER
    depot = depot_of(link, edits(decisions).get("location", location), held)
    lines = [line.model_copy(update={"was": line.disposition, "disposition": held}) for line in booked.lines]
    request = TransferRequest(
        key=journal.NO_KEY,
        order_number=booked.order_number,
        from_depot=booked.depot,
        to_depot=depot,
        reason=link.connection.mappings.stock_actions[held].condition,
        lines=[StockUnits(sku=line.sku, quantity=line.quantity) for line in lines],
    )
    return await _carry_out(edge, link, _after(booked, DocumentKind.TRANSFER, depot, lines, request), decisions)


def depot_of(link: Link, location: str, disposition: Disposition) -> str:
    """The depot for a disposition at a location; never guessed (R29). Raises Stop."""
    mappings = link.connection.mappings
    action = mappings.stock_actions[disposition]
    if action.document is StockDocument.NONE:
        reason = f"{disposition} units enter no depot: mappings.stock_actions says so"
        raise Stop(ExceptionCode.CONFIG_INVALID, reason, figures={"disposition": disposition})
    depot = mappings.locations.get(location, {}).get(action.bucket)
    if depot is None:
        reason = f"location {location!r} has no depot for {action.bucket} in mappings.locations; no stock moved"
        raise Stop(ExceptionCode.LOCATION_UNMAPPED, reason, figures={"location": location, "bucket": action.bucket})
    return depot


async def _carry_out(edge: Edge, link: Link, draft: DocumentPlan, decisions: Sequence[Decision]) -> StockBooked:
    [record] = await journal.plan(edge, [draft], Step.QUARANTINE)
    return await journal.post(edge, link, record, decisions)


def _after(
    booked: DocumentRecord,
    kind: DocumentKind,
    depot: str,
    lines: Sequence[DocumentLine],
    request: AdjustmentRequest | TransferRequest,
) -> DocumentPlan:
    return DocumentPlan(
        key=journal.NO_KEY,
        ref=booked.ref,
        kind=kind,
        order_number=booked.order_number,
        depot=depot,
        inspection_id=booked.inspection_id,
        lines=list(lines),
        request=request.model_dump(mode="json"),
    )


def _adjustment(
    edge: Edge, link: Link, order_number: str, depot: str, lines: Sequence[DocumentLine], *, remove: bool = False
) -> AdjustmentRequest:
    return AdjustmentRequest(
        key=journal.NO_KEY,
        order_number=order_number,
        depot=depot,
        reason=link.connection.mappings.stock_actions[Disposition.QUARANTINE].condition,
        adjusted_on=edge.clock().date(),
        lines=[MovementLine(rma_line_no=0, sku=line.sku, quantity=line.quantity) for line in lines],
        remove=remove,
    )
