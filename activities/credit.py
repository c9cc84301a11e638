"""Credit: what the platform refunded, or what was accepted, becomes one credit note against the order (R39–R50)."""

from datetime import datetime

from activities.books import read_books
from activities.closing import close_if_settled
from activities.credit_claims import claim, take_back
from activities.credit_decision import Settlement, TooEarly, settle
from activities.credit_document import plan_credit
from activities.credit_given_up import as_decided_in_queue, give_up
from activities.credit_posting import post_credit
from activities.decisions import last_kind, standing_kind
from activities.due import credit_due_since
from activities.edge import Edge, Link
from activities.exposure import exposed_by
from activities.order_drift import check_drift
from activities.outcomes import Stop
from activities.receipts import await_receipts
from activities.signatures import Credited, CreditRefund
from domain.documents import CreditRequest, DocumentKind
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.keys import Step, business_key
from domain.money import Money, decimal_text
from store.records import DocumentRecord, DocumentState
from store.unit import Unit


class DecidedMeanwhile(Exception):
    """A person decided about the refund in the queue while this attempt was under way."""


async def credit_refund(edge: Edge, link: Link, request: CreditRefund) -> Credited:
    """The credit note, posted or found; or the record that there is one already, or is none by decision."""
    try:
        return await _attempt(edge, link, request)
    except DecidedMeanwhile:
        return await _attempt(edge, link, request)


async def _attempt(edge: Edge, link: Link, request: CreditRefund) -> Credited:
    key = business_key(request.ref, Step.CREDIT, request.number)
    async with edge.store.reading() as unit:
        known = await unit.documents.get(key)
        if known is None or known.state is DocumentState.REFUSED:
            request = await as_decided_in_queue(unit, request)
    if standing_kind(request.decisions) is ResolutionKind.CANCEL_TRACK:
        if known is not None and known.state.in_erp:
            return await _record(edge, request, known)  # it stays, and counts
        return await give_up(edge, link, request, key)
    await check_drift(edge, link, request, key)
    try:
        if link.erp.capabilities.credit_needs_receipt:
            request = await await_receipts(edge, link, request)
        record = await _intend(edge, link, request, key)
    except TooEarly:
        currency = request.refund.currency if request.refund else ""
        return Credited(refund_id=_refund_id(request), number="", total=0, currency=currency, early=True)
    if record is None:
        return await _matched(edge, request)
    record = await post_credit(edge, link, request, record)
    _check_total(request, record, CreditRequest.model_validate(record.request))
    return await _record(edge, request, record)


async def _intend(edge: Edge, link: Link, request: CreditRefund, key: str) -> DocumentRecord | None:
    """Value the refund, claim its units and write the intent down: one transaction (D6). None: no note is needed."""
    now, name = edge.clock(), link.connection.books
    async with edge.store.begin() as unit:
        known = await unit.documents.get(key)
        if known is not None and known.state is not DocumentState.REFUSED:
            return known
        if await as_decided_in_queue(unit, request) != request:
            raise DecidedMeanwhile
        if known is None and await _notes_of(unit, request):
            return None  # matched before, and the answer was lost
        if known is not None:  # surely not in the ERP: value it again, with what was corrected since
            await take_back(unit, key, now)
        books = await read_books(unit, link, request)
        settlement = settle(link, request, books)
        await _take_over(unit, request, settlement, now)
        if settlement.taken and not settlement.total:
            return None
        due_at = await credit_due_since(unit, link, request, books, settlement.valuation.reading.inspections)
        plan = plan_credit(link, request, key, books, settlement, now.date())
        await claim(unit, name, request, books, settlement.valuation, key, now)
        shipping, rounding = settlement.valuation.expected.shipping, settlement.rounding
        await unit.ledger.add(name, books.snapshot.order_number, key, shipping, rounding, settlement.total)
        if request.refund is not None:
            await unit.refunds.set_credit(request.ref, request.refund.refund_id, key, now)
        write = unit.documents.plan if known is None else unit.documents.replan
        return await write(plan.model_copy(update={"due_at": due_at}), now)


async def _take_over(unit: Unit, request: CreditRefund, settlement: Settlement, now: datetime) -> None:
    """Notes that exist are what this refund is for."""
    refund = request.refund
    if not settlement.taken or refund is None:
        return
    for note in settlement.taken:
        await unit.documents.set_refund(note.record.key, refund.refund_id, now)
    await unit.refunds.set_credit(request.ref, refund.refund_id, settlement.taken[0].record.key, now)


async def _matched(edge: Edge, request: CreditRefund) -> Credited:
    """The refund has its note already: nothing is posted."""
    now, refund = edge.clock(), request.refund
    assert refund is not None
    async with edge.store.begin() as unit:
        notes = await _notes_of(unit, request)
        numbers = [note.number for note in notes]
        words = ", ".join(f"{d.resolution.kind} {d.resolution.document}".strip() for d in request.decisions)
        text = f"refund {refund.refund_id} is the money of credit note {', '.join(numbers)}"
        text += f" (decided: {words})" if words else ""
        refs = {"credit": numbers[0], "refund": refund.refund_id}
        await unit.timeline.add(request.ref, f"matched/{refund.refund_id}", now, "backhaul", "credit", text, refs)
        await close_if_settled(unit, request.ref, now)
    total = sum(note.total or 0 for note in notes)
    currency = notes[0].currency
    return Credited(refund_id=refund.refund_id, number=numbers[0], total=total, currency=currency, matched=numbers)


async def _notes_of(unit: Unit, request: CreditRefund) -> list[DocumentRecord]:
    """Credit notes that this refund was found to be the money of, without the one that it may have itself."""
    if request.refund is None:
        return []
    own = business_key(request.ref, Step.CREDIT, request.number)
    documents = await unit.documents.for_return(request.ref)
    return [
        d
        for d in documents
        if d.kind is DocumentKind.CREDIT and d.refund_id == request.refund.refund_id and d.key != own
    ]


def _check_total(request: CreditRefund, record: DocumentRecord, ready: CreditRequest) -> None:
    """The ERP's own total must be ours; only a person may accept that it is not."""
    if record.total in (None, ready.total) or last_kind(request.decisions) is ResolutionKind.DONE_BY_HAND:
        return
    ours, theirs = (decimal_text(amount or 0, ready.currency) for amount in (ready.total, record.total))
    reason = f"credit note {record.number} exists, but the ERP computed {theirs} {ready.currency} and we sent {ours}"
    figures = {"credit_note": record.number, "erp_total": theirs, "our_total": ours}
    amount = Money(amount=ready.total, currency=ready.currency)
    raise Stop(ExceptionCode.CREDIT_REJECTED, reason, subject=record.key, amount=amount, figures=figures)


async def _record(edge: Edge, request: CreditRefund, record: DocumentRecord) -> Credited:
    now, amount = edge.clock(), Money(amount=record.total or 0, currency=record.currency)
    async with edge.store.begin() as unit:
        text = f"credit note {record.number} over {amount} for {_subject(request)}"
        refs = {"credit": record.number, "order": record.order_number}
        if request.refund is not None:
            refs["refund"] = request.refund.refund_id
        await unit.timeline.add(request.ref, f"credit/{record.key}", now, "backhaul", "credit", text, refs)
        await close_if_settled(unit, request.ref, now)
        return await _credited(unit, request, record)


async def _credited(unit: Unit, request: CreditRefund, record: DocumentRecord) -> Credited:
    """What the note settled, as the books have it: also when it was made by an earlier attempt."""
    inspections = [scan for scan in record.inspection_id.split(" ") if scan]
    exchanges = await unit.exchanges.for_return(request.ref)
    shares: dict[str, list[int]] = {}
    for parcel in request.accepted:
        for line_id, percentages in parcel.shares.items() if parcel.inspection_id in inspections else ():
            shares[line_id] = [*shares.get(line_id, []), *percentages]
    return Credited(
        refund_id=_refund_id(request),
        number=record.number,
        total=record.total or 0,
        currency=record.currency,
        units={line.line_id: line.quantity for line in record.lines},
        inspections=inspections,
        exchanges=[exchange.number for exchange in exchanges if exchange.credit_key == record.key],
        shares=shares,
        exposed=exposed_by(await unit.exposures.of(request.ref), record.key),
        matched=[note.number for note in await _notes_of(unit, request)],
    )


def _refund_id(request: CreditRefund) -> str:
    return request.refund.refund_id if request.refund else ""


def _subject(request: CreditRefund) -> str:
    return f"refund {request.refund.refund_id}" if request.refund else "accepted goods"
