"""Regrades: units that are booked already get another disposition. Stock moves once, money never (E24, N8)."""

from collections.abc import Sequence

from activities import journal
from activities.decisions import edits, last_kind
from activities.edge import Edge, Link
from activities.outcomes import Stop
from activities.parcel_signatures import BookRegrade, Regraded
from domain.connection import Mappings
from domain.documents import AdjustmentRequest, DocumentKind, MovementLine, StockUnits, TransferRequest
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.inspection import Regrade, RegradedUnits
from domain.keys import Step
from domain.returns import ReturnRef
from store.balance import depot_for, regrade_refusal
from store.records import DocumentLine, DocumentPlan, DocumentRecord
from store.unit import Unit

_ENDED = (ResolutionKind.CANCEL_TRACK, ResolutionKind.DONE_BY_HAND)


async def book_regrade(edge: Edge, link: Link, request: BookRegrade) -> Regraded:
    """One movement per pair of depots. The header, finance and the inspections of the return stay as they are."""
    if last_kind(request.decisions) in _ENDED and not request.decisions[-1].subject:
        return Regraded()  # it stopped before anything was planned
    ref, regrade = request.ref, _corrected(request)
    async with edge.store.begin() as unit:
        records = await _plan(edge, link, unit, ref, regrade)
        found = ", ".join(f"{u.quantity} x {u.sku} {u.was} to {u.now}" for u in regrade.units)
        text = f"regraded at {regrade.location}: {found}"
        key = f"regrade/{regrade.regrade_id}"
        await unit.timeline.add(ref, key, edge.clock(), regrade.inspector, "regrade", text)
    booked = [await journal.post(edge, link, record, request.decisions) for record in records]
    return Regraded(numbers=journal.finished(booked))


async def _plan(edge: Edge, link: Link, unit: Unit, ref: ReturnRef, regrade: Regrade) -> list[DocumentRecord]:
    """Check and intent in one transaction: two regrades of the same units cannot both find them."""
    await unit.documents.take_turns(ref)
    documents = await unit.documents.for_return(ref)
    mappings = link.connection.mappings
    if reason := regrade_refusal(documents, mappings, regrade):
        figures = {"regrade": regrade.regrade_id, "location": regrade.location}
        raise Stop(ExceptionCode.INSPECTION_CONFLICT, reason, figures=figures)
    order = next((d.order_number for d in documents if d.order_number), "")
    moves: dict[tuple[str, str], list[RegradedUnits]] = {}
    for units in regrade.units:
        source, target = (depot_for(mappings, regrade.location, d) or "" for d in (units.was, units.now))
        moves.setdefault((source, target), []).append(units)
    return [
        await journal.plan_in(edge, unit, _draft(edge, mappings, ref, regrade, order, depots, units), Step.TRANSFER)
        for depots, units in moves.items()
    ]


def _draft(
    edge: Edge,
    mappings: Mappings,
    ref: ReturnRef,
    regrade: Regrade,
    order: str,
    depots: tuple[str, str],
    moved: Sequence[RegradedUnits],
) -> DocumentPlan:
    """A transfer; out of stock by an adjustment when the new disposition lies in no depot."""
    source, target = depots
    skus = [mappings.skus.get(units.sku, units.sku) for units in moved]
    body: TransferRequest | AdjustmentRequest
    if target:
        body = TransferRequest(
            key=journal.NO_KEY,
            order_number=order,
            from_depot=source,
            to_depot=target,
            reason=mappings.stock_actions[moved[0].now].condition,
            lines=[StockUnits(sku=sku, quantity=u.quantity) for sku, u in zip(skus, moved, strict=True)],
        )
    else:
        body = AdjustmentRequest(
            key=journal.NO_KEY,
            order_number=order,
            depot=source,
            reason=mappings.stock_actions[moved[0].was].condition,
            adjusted_on=edge.clock().date(),
            lines=[
                MovementLine(rma_line_no=0, sku=sku, quantity=u.quantity) for sku, u in zip(skus, moved, strict=True)
            ],
            remove=True,
        )
    return DocumentPlan(
        key=journal.NO_KEY,
        ref=ref,
        kind=DocumentKind.TRANSFER if target else DocumentKind.REMOVAL,
        order_number=order,
        depot=target or source,
        inspection_id=regrade.regrade_id,
        lines=[
            DocumentLine(line_id="", sku=sku, quantity=u.quantity, was=u.was, disposition=u.now)
            for sku, u in zip(skus, moved, strict=True)
        ],
        request=body.model_dump(mode="json"),
    )


def _corrected(request: BookRegrade) -> Regrade:
    corrections = edits(request.decisions)
    units = [u.model_copy(update={"sku": corrections.get(f"sku.{u.sku}", u.sku)}) for u in request.regrade.units]
    location = corrections.get("location", request.regrade.location)
    return request.regrade.model_copy(update={"location": location, "units": units})
