"""Parcels that no open return waits for: found again, matched, or kept in quarantine until a person decides."""

from collections.abc import Sequence
from datetime import datetime

from activities import quarantine
from activities.decisions import edits, last_kind
from activities.edge import Edge, Link
from activities.journal import finished
from activities.parcel_signatures import MoveParcel, ParcelMoved, ParcelPlaced, PlaceParcel
from activities.signatures import Decision, Problem
from activities.turned_up import Ended, book_found, leftover
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.inspection import Inspection, OpenLine, SurplusUnits, split
from domain.progress import Stage
from domain.returns import PlatformPhase, ReturnRef
from store.records import InspectionRecord, ReturnRecord
from store.unit import Unit

_GIVEN_UP = (ResolutionKind.CANCEL_TRACK, ResolutionKind.WRITE_OFF)
_CALLED_OFF = (Stage.CANCELLED, Stage.REJECTED)
_CALLED_OFF_THERE = (PlatformPhase.CANCELLED, PlatformPhase.REJECTED)


async def place(edge: Edge, link: Link, request: PlaceParcel) -> ParcelPlaced:
    """Book the parcel, each unit once, and say what is left to decide."""
    given_up = last_kind(request.decisions) in _GIVEN_UP
    if given_up and not request.decisions[-1].subject:
        return ParcelPlaced(dropped=True)  # it stopped before anything was planned
    placed = await (_place_blind if request.blind else _place_late)(edge, link, request)
    return ParcelPlaced(dropped=True) if given_up else placed


async def take_back(edge: Edge, link: Link, request: MoveParcel) -> ParcelMoved:
    """Book the parcel out of quarantine: its return books it. A parcel that never was there needs nothing."""
    known = await quarantine.quarantined(edge, request.ref, request.inspection_id)
    number = ""
    if known is not None:
        number = "".join(finished([await quarantine.take_back(edge, link, known, request.decisions)]))
    if request.to is not None:
        await _tell_matched(edge, request, request.to, number)
    return ParcelMoved(number=number)


async def hold(edge: Edge, link: Link, request: MoveParcel) -> ParcelMoved:
    """Move the parcel from quarantine to the hold depot, where it waits for its way back to the customer."""
    if last_kind(request.decisions) in _GIVEN_UP and not request.decisions[-1].subject:
        return ParcelMoved()
    known = await quarantine.quarantined(edge, request.ref, request.inspection_id)
    if known is None:
        return ParcelMoved()
    held = await quarantine.hold(edge, link, known, request.location, request.decisions)
    return ParcelMoved(number="".join(finished([held])))


async def _place_blind(edge: Edge, link: Link, request: PlaceParcel) -> ParcelPlaced:
    """Straight to the one return that it fits; else to quarantine, with the returns that it may belong to (E26)."""
    inspection = request.inspection
    fitting, others = await _candidates(edge, link, request)
    known = await quarantine.quarantined(edge, request.ref, inspection.inspection_id)
    if fitting is not None and known is None:
        return ParcelPlaced(match=fitting, rest=inspection.units)
    surplus = [SurplusUnits(sku=u.sku, quantity=u.quantity, why="unexpected") for u in inspection.units]
    numbers = await _quarantine(edge, link, request, surplus, request.order_number)
    if fitting is not None:
        return ParcelPlaced(numbers=numbers, match=fitting, rest=inspection.units)
    named = ", ".join(others)
    reason = f"parcel {inspection.inspection_id} belongs to no return that waits for it; it is in quarantine"
    figures = {
        "inspection": inspection.inspection_id,
        "tracking": request.tracking_number,
        "order": request.order_number,
        "units": _words(surplus),
        "candidates": named,
    }
    text = f"{reason}. It may belong to {named}" if named else reason
    return ParcelPlaced(
        numbers=numbers,
        rest=inspection.units,
        problem=Problem(
            code=ExceptionCode.UNMATCHED_RECEIPT, reason=text, figures={k: v for k, v in figures.items() if v}
        ),
    )


async def _place_late(edge: Edge, link: Link, request: PlaceParcel) -> ParcelPlaced:
    """What had been given up is received as found (E32); the rest goes to quarantine, and somebody decides."""
    ref, inspection, corrections = request.ref, request.inspection, edits(request.decisions)
    async with edge.store.reading() as unit:
        record = await unit.returns.get(ref)
        inspections = await unit.inspections.list(ref)
        ended = await _ended(unit, ref, record, inspections)
        platform_skus = {line.line_id: line.sku for line in await unit.returns.lines(ref)}
    if any(one.booked and one.inspection.inspection_id == inspection.inspection_id for one in inspections):
        return ParcelPlaced()  # the return itself had booked this scan (E15)
    lines = ended.given_up(inspection.inspection_id, platform_skus) if ended else []
    found, surplus = split(inspection, lines)
    rest = leftover(inspection, lines)
    numbers = []
    if ended is not None:
        booked = await book_found(edge, link, ended, inspection, found, corrections, request.decisions)
        numbers = finished(booked)
    order = record.order_number if record else ""
    numbers += await _quarantine(edge, link, request, surplus, order)
    if not surplus:
        return ParcelPlaced(numbers=numbers)
    match = None
    if request.look_again:  # a person asks for another return of the order
        left = inspection.model_copy(update={"units": rest})
        asked = request.model_copy(update={"order_number": order, "inspection": left})
        match, _ = await _candidates(edge, link, asked)
    problem = _late(inspection, record, surplus, edge.clock())
    return ParcelPlaced(numbers=numbers, rest=rest, match=match, problem=problem)


def _late(
    inspection: Inspection, record: ReturnRecord | None, surplus: Sequence[SurplusUnits], now: datetime
) -> Problem:
    code, state = _why(record, now)
    units = _words(surplus)
    reason = f"{state}; {units} of parcel {inspection.inspection_id} are in quarantine, not credited"
    return Problem(code=code, reason=reason, figures={"inspection": inspection.inspection_id, "units": units})


def _why(record: ReturnRecord | None, now: datetime) -> tuple[ExceptionCode, str]:
    """What kind of late parcel it is. A return that is just being called off is as good as cancelled."""
    if record is None:
        return ExceptionCode.INSPECTION_AFTER_CANCEL, "the return ended before it could be read"
    waiting = record.stage is Stage.AWAITING_GOODS
    if record.stage is Stage.EXPIRED or (waiting and record.deadline is not None and record.deadline < now):
        return ExceptionCode.LATE_RETURN, "the return has expired"
    if record.stage in _CALLED_OFF or (waiting and record.phase in _CALLED_OFF_THERE):
        return ExceptionCode.INSPECTION_AFTER_CANCEL, "the return was cancelled or rejected"
    return ExceptionCode.OVER_RECEIPT, "the return is over, and nothing of it is missing"


async def _ended(
    unit: Unit, ref: ReturnRef, record: ReturnRecord | None, inspections: Sequence[InspectionRecord]
) -> Ended | None:
    """The return with its RMA, as long as that is live: a cancelled one receives nothing."""
    documents = await unit.documents.for_return(ref)
    live = [d for d in documents if d.kind is DocumentKind.RMA and d.state.in_erp]
    rma = next((d for d in live if record and d.number == record.rma_number), None)
    if rma is None:
        return None
    return Ended(ref, rma, inspections, documents)


async def _quarantine(
    edge: Edge, link: Link, request: PlaceParcel, surplus: Sequence[SurplusUnits], order_number: str
) -> list[str]:
    """Evidence first, then the stock document."""
    ref, inspection, now = request.ref, request.inspection, edge.clock()
    async with edge.store.begin() as unit:
        await unit.inspections.save(ref, inspection, [], now)
        found = ", ".join(f"{u.quantity} x {u.sku} {u.disposition}" for u in inspection.units)
        key, refs = f"inspection/{inspection.inspection_id}", {"inspection": inspection.inspection_id}
        text = f"inspected at {inspection.location}, beside the return's own parcels: {found}"
        at = inspection.inspected_at or now
        await unit.timeline.add(ref, key, at, inspection.inspector, "inspection", text, refs)
    booked = await quarantine.book_surplus(
        edge,
        link,
        ref,
        inspection.inspection_id,
        inspection.location,
        surplus,
        order_number=order_number,
        decisions=request.decisions,
    )
    return finished(booked)


async def _candidates(edge: Edge, link: Link, request: PlaceParcel) -> tuple[ReturnRef | None, list[str]]:
    """The one return that the numbers on the box and the units agree on; and all that may be meant."""
    mappings, inspection = link.connection.mappings, corrected(request.inspection, request.decisions)
    given = {u.sku for u in inspection.units}
    skus = given | {ours for ours, theirs in mappings.skus.items() if theirs in given}
    async with edge.store.reading() as unit:
        found = await unit.parcels.candidates(
            request.ref.connection, request.tracking_number, request.order_number, sorted(skus)
        )
        named = [r for r in found if _is_named(r, request) and r.ref not in request.refused_by]
        fitting = [r for r in named if not split(inspection, await open_lines(unit, link, r.ref))[1]]
    match = fitting[0].ref if len(fitting) == 1 else None
    return match, [record.ref.return_id for record in found]


async def open_lines(unit: Unit, link: Link, ref: ReturnRef) -> list[OpenLine]:
    """The return's lines with what is still to come, as far as the store knows."""
    lines, facts = await unit.returns.lines(ref), (await unit.returns.facts(ref)).lines
    skus = link.connection.mappings.skus
    return [
        OpenLine(
            line_id=line.line_id,
            order_line_id=line.order_line_id,
            skus=list(dict.fromkeys([skus.get(line.sku, line.sku), line.sku])),
            outstanding=max(fact.expected - fact.inspected, 0),
        )
        for line, fact in zip(lines, facts, strict=True)
    ]


def _is_named(record: ReturnRecord, request: PlaceParcel) -> bool:
    named = ((request.tracking_number, record.tracking_number), (request.order_number, record.order_number))
    return any(given and given == known for given, known in named)


def corrected(inspection: Inspection, decisions: Sequence[Decision]) -> Inspection:
    """The inspection with what people corrected about it."""
    changes = edits(decisions)
    units = [
        u.model_copy(
            update={
                "sku": changes.get(f"sku.{u.sku}", u.sku),
                "disposition": changes.get(f"disposition.{u.disposition}", u.disposition),
            }
        )
        for u in inspection.units
    ]
    return inspection.model_copy(update={"location": changes.get("location", inspection.location), "units": units})


def _words(units: Sequence[SurplusUnits]) -> str:
    return ", ".join(f"{u.quantity} x {u.sku}" for u in units)


async def _tell_matched(edge: Edge, request: MoveParcel, to: ReturnRef, number: str) -> None:
    """Both sides know of each other."""
    scan, now = request.inspection_id, edge.clock()
    taken = f"; {number} took it out of quarantine" if number else ""
    async with edge.store.begin() as unit:
        text = f"parcel {scan}, which had come without its return, belongs to this one{taken}"
        await unit.timeline.add(to, f"parcel/{scan}", now, "backhaul", "parcel", text, {"inspection": scan})
        if request.ref != to:
            text = f"parcel {scan} belongs to return {to}{taken}"
            await unit.timeline.add(request.ref, f"matched/{scan}", now, "backhaul", "parcel", text)
