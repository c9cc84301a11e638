"""Credit: what the platform refunded, or what was accepted, becomes one credit note against the order (R39–R50)."""

from datetime import datetime

from activities.books import Books, read_books
from activities.closing import close_if_settled
from activities.credit_decision import Settlement, TooEarly, settle
from activities.credit_document import plan_credit
from activities.credit_posting import post_credit
from activities.decisions import last_kind
from activities.due import credit_due_since
from activities.edge import Edge, Link
from activities.exposure import exposed_by, open_exposure
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


class SettledInQueue(Exception):
    """A person has settled the refund beside the flow: its note exists, or there will be none."""


async def credit_refund(edge: Edge, link: Link, request: CreditRefund) -> Credited:
    """The credit note, posted or found; or the record that there is one already, or is none by decision."""
    key = business_key(request.ref, Step.CREDIT, request.number)
    if last_kind(request.decisions) is ResolutionKind.CANCEL_TRACK:
        return await _give_up(edge, request, key)
    await check_drift(edge, link, request, key)
    try:
        if link.erp.capabilities.credit_needs_receipt:
            request = await await_receipts(edge, link, request)
        record = await _intend(edge, link, request, key)
    except TooEarly:
        currency = request.refund.currency if request.refund else ""
        return Credited(refund_id=_refund_id(request), number="", total=0, currency=currency, early=True)
    except SettledInQueue as settled:
        return await _leave(edge, request, str(settled))
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
        if known is None and await _notes_of(unit, request):
            return None  # matched before, and the answer was lost
        if known is None and (decision := await _decision_on(unit, request)):
            raise SettledInQueue(decision)
        if known is not None:  # surely not in the ERP: value it again, with what was corrected since
            await _take_back(unit, key, now)
        books = await read_books(unit, link, request)
        settlement = settle(link, request, books)
        await _take_over(unit, request, settlement, now)
        if settlement.taken and not settlement.total:
            return None
        due_at = await credit_due_since(unit, link, request, books, settlement.valuation.reading.inspections)
        plan = plan_credit(link, request, key, books, settlement, now.date())
        await _claim(unit, name, request, books, settlement, key, now)
        if request.refund is not None:
            await unit.refunds.set_credit(request.ref, request.refund.refund_id, key, now)
        write = unit.documents.plan if known is None else unit.documents.replan
        return await write(plan.model_copy(update={"due_at": due_at}), now)


async def _claim(
    unit: Unit, name: str, request: CreditRefund, books: Books, settlement: Settlement, key: str, now: datetime
) -> None:
    """Everything that the credit stands for is its own from here on."""
    valuation, order = settlement.valuation, books.snapshot.order_number
    await unit.slots.credit(name, order, request.ref, valuation.slots, key, now)
    for share in valuation.reading.exchanges:
        exchange = books.exchanges[share.number]
        await unit.exchanges.mark(exchange.key, exchange.state, credit_key=key, now=now)
    await unit.ledger.add(name, order, key, valuation.expected.shipping, settlement.rounding, settlement.total)
    await open_exposure(unit, name, request, books.value, valuation.ahead, key, now)


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


async def _give_up(edge: Edge, request: CreditRefund, key: str) -> Credited:
    """Finance decided that there is no credit of ours. A note that exists stays, and counts."""
    now, refund = edge.clock(), request.refund
    decision = request.decisions[-1].resolution
    async with edge.store.begin() as unit:
        record = await unit.documents.get(key)
        if record is not None and record.state.in_erp:
            return await _credited(unit, request, record)
        if record is not None:
            await _take_back(unit, key, now)
            await unit.documents.mark(key, DocumentState.ABANDONED, reason=decision.reason, now=now)
        if refund is not None:
            await unit.refunds.decide(request.ref, refund.refund_id, decision.reason, now)
        await unit.returns.close_finance(request.ref, now)
        text = f"{_subject(request)} gets no credit note: {decision.reason}"
        entry = f"no-credit/{refund.refund_id if refund else key}"
        await unit.timeline.add(request.ref, entry, now, decision.actor, "credit", text)
        await close_if_settled(unit, request.ref, now)
    return Credited(refund_id=_refund_id(request), number="", total=0, currency=refund.currency if refund else "")


async def _decision_on(unit: Unit, request: CreditRefund) -> str:
    """What a person decided about the refund in the queue; empty when nobody did. Late notes are decided there."""
    known = {refund.refund_id: refund.decision for refund in await unit.returns.refunds(request.ref)}
    return known.get(_refund_id(request), "")


async def _leave(edge: Edge, request: CreditRefund, decision: str) -> Credited:
    """There is nothing left to credit: a note of ours would be a second one."""
    now, currency = edge.clock(), request.refund.currency if request.refund else ""
    async with edge.store.begin() as unit:
        await unit.returns.close_finance(request.ref, now)
        text = f"{_subject(request)} gets no credit note of ours: {decision}"
        await unit.timeline.add(request.ref, f"settled/{_refund_id(request)}", now, "backhaul", "credit", text)
        await close_if_settled(unit, request.ref, now)
    return Credited(refund_id=_refund_id(request), number="", total=0, currency=currency)


async def _take_back(unit: Unit, key: str, now: datetime) -> None:
    """A credit that the ERP surely does not have gives its units and money back to the order's ledger."""
    await unit.slots.uncredit(key, now)
    await unit.exchanges.uncredit(key, now)
    await unit.exposures.void(key, now, "the credit was never made")
    await unit.ledger.remove(key)


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
