"""Credit: one refund that the platform paid becomes one credit note against the original order (R39–R44, R50)."""

from datetime import datetime

from activities.closing import close_if_settled
from activities.credit_decision import settle
from activities.credit_document import plan_credit
from activities.decisions import last_kind, verdict
from activities.edge import Edge, Link
from activities.outcomes import Stop, problem_from
from activities.posting import Poster
from activities.signatures import Credited, CreditRefund
from activities.valuation import Books
from domain.documents import CreditRequest, DocumentKind
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.keys import Step, business_key
from domain.money import Money, decimal_text
from domain.outcomes import Rejected
from domain.slots import value_order
from store.errors import UnknownReturn
from store.records import DocumentRecord, DocumentState
from store.unit import Unit


async def credit_refund(edge: Edge, link: Link, request: CreditRefund) -> Credited:
    """The credit note of one refund, posted or found; or the record of a person's decision that there is none."""
    key = business_key(request.ref, Step.CREDIT, request.number)
    if last_kind(request.decisions) is ResolutionKind.CANCEL_TRACK:
        return await _give_up(edge, request, key)
    record = await _intend(edge, link, request, key)
    ready = CreditRequest.model_validate(record.request)
    try:
        decision = verdict(request.decisions, key) or verdict(request.decisions, "")
        record = await Poster(edge).post(record, lambda: link.erp.post_credit(ready), decision)
    except Rejected as rejection:
        problem = problem_from(rejection, subject=key)
        amount = Money(amount=ready.total, currency=ready.currency)
        figures = problem.figures
        raise Stop(problem.code, problem.reason, subject=key, amount=amount, figures=figures) from rejection
    _check_total(request, record, ready)
    await _record(edge, request, record)
    return _credited(request, record)


async def _intend(edge: Edge, link: Link, request: CreditRefund, key: str) -> DocumentRecord:
    """Value the refund, claim its units and write the intent down: one transaction (D6)."""
    now, name = edge.clock(), link.connection.books
    async with edge.store.begin() as unit:
        known = await unit.documents.get(key)
        if known is not None and known.state is not DocumentState.REFUSED:
            return known
        if known is not None:  # surely not in the ERP: value it again, with what was corrected since
            await _take_back(unit, key, now)
        books = await _books(unit, link, request)
        settlement = settle(link, request, books)
        plan = plan_credit(link, request, key, books, settlement, now.date())
        valuation, order = settlement.valuation, books.snapshot.order_number
        await unit.slots.credit(name, order, request.ref, valuation.slots, key, now)
        shipping, total = valuation.expected.shipping, settlement.total
        await unit.ledger.add(name, order, key, shipping, settlement.rounding, total)
        await unit.refunds.set_credit(request.ref, request.refund.refund_id, key, now)
        write = unit.documents.plan if known is None else unit.documents.replan
        return await write(plan, now)


async def _books(unit: Unit, link: Link, request: CreditRefund) -> Books:
    """Everything about the order, under its lock: what is decided from it cannot be overtaken."""
    name, order = link.connection.books, request.rma.order_number
    totals = await unit.ledger.totals(name, order)
    snapshot = await unit.snapshots.get(name, order)
    record = await unit.returns.get(request.ref)
    if snapshot is None or record is None:
        raise UnknownReturn(f"return {request.ref} has no frozen order {order}: its RMA step never finished")
    documents = await unit.documents.for_return(request.ref)
    return Books(
        snapshot=snapshot,
        value=value_order(snapshot),
        record=record,
        held=await unit.slots.held(name, order, request.ref),
        claims=await unit.slots.credited(name, order),
        totals=totals,
        first_credit=not any(d.kind is DocumentKind.CREDIT and d.state.in_erp for d in documents),
    )


async def _give_up(edge: Edge, request: CreditRefund, key: str) -> Credited:
    """Finance decided that this refund gets no credit of ours. A note that exists stays, and counts."""
    now, refund = edge.clock(), request.refund
    decision = request.decisions[-1].resolution
    async with edge.store.begin() as unit:
        record = await unit.documents.get(key)
        if record is not None and record.state.in_erp:
            return _credited(request, record)
        if record is not None:
            await _take_back(unit, key, now)
            await unit.documents.mark(key, DocumentState.ABANDONED, reason=decision.reason, now=now)
        await unit.refunds.decide(request.ref, refund.refund_id, decision.reason, now)
        await unit.returns.close_finance(request.ref, now)
        text = f"refund {refund.refund_id} gets no credit note: {decision.reason}"
        key = f"no-credit/{refund.refund_id}"
        await unit.timeline.add(request.ref, key, now, decision.actor, "credit", text)
        await close_if_settled(unit, request.ref, now)
    return Credited(refund_id=refund.refund_id, number="", total=0, currency=refund.currency)


async def _take_back(unit: Unit, key: str, now: datetime) -> None:
    """A credit that the ERP surely does not have gives its units and money back to the order's ledger."""
    await unit.slots.uncredit(key, now)
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


def _credited(request: CreditRefund, record: DocumentRecord) -> Credited:
    return Credited(
        refund_id=request.refund.refund_id,
        number=record.number,
        total=record.total or 0,
        currency=record.currency,
        units={line.line_id: line.quantity for line in record.lines},
        inspections=[scan for scan in record.inspection_id.split(" ") if scan],
    )


async def _record(edge: Edge, request: CreditRefund, record: DocumentRecord) -> None:
    now, amount = edge.clock(), Money(amount=record.total or 0, currency=record.currency)
    async with edge.store.begin() as unit:
        text = f"credit note {record.number} over {amount} for refund {request.refund.refund_id}"
        refs = {"credit": record.number, "refund": request.refund.refund_id, "order": record.order_number}
        await unit.timeline.add(request.ref, f"credit/{record.key}", now, "backhaul", "credit", text, refs)
        await close_if_settled(unit, request.ref, now)
