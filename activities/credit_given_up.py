"""A credit that finance gives up: it settles what it was for, and says nothing about the rest of the return (R39)."""

from datetime import datetime

from activities.books import Books, read_books
from activities.closing import close_if_settled
from activities.credit_claims import claim, take_back
from activities.credit_decision import TooEarly, settle, without_parts
from activities.decisions import standing
from activities.edge import Edge, Link
from activities.exposure import exposed_by
from activities.outcomes import Stop
from activities.readings import Reading
from activities.signatures import Credited, CreditRefund, Decision
from activities.valuation import Valuation, value_goods
from domain.documents import DocumentKind
from domain.exceptions import ResolutionKind
from domain.resolution import FIRST_VERSION, NEEDS_DOCUMENT, Resolution, Role
from store.records import DocumentLine, DocumentPlan, DocumentState
from store.unit import Unit

#: In place of an exception's id: the decision is not one on this step.
_IN_QUEUE = "decided in the queue"


async def give_up(edge: Edge, link: Link, request: CreditRefund, key: str) -> Credited:
    """No credit of ours. The money of a refund of the right amount is with the customer, so that nothing more is owed
    for its units; after one of a wrong amount they go on waiting for the right one."""
    now, name, decision = edge.clock(), link.connection.books, standing(request.decisions)
    assert decision is not None
    async with edge.store.begin() as unit:
        await take_back(unit, key, now)
        books = await read_books(unit, link, request)
        valuation = _value(link, request, books)
        if valuation is not None:
            await claim(unit, name, request, books, valuation, key, now)
            await _keep(unit, _plan(request, books, valuation.reading, key), decision, now)
        await _tell(unit, request, key, decision, now)
        await close_if_settled(unit, request.ref, now)
        exposed = exposed_by(await unit.exposures.of(request.ref), key)
    return _settled(request, valuation, exposed)


async def as_decided_in_queue(unit: Unit, request: CreditRefund) -> CreditRefund:
    """What a person decided about the refund while no step waited for it counts like a decision on this step."""
    if request.refund is None or any(d.resolution.exception_id == _IN_QUEUE for d in request.decisions):
        return request
    known = {refund.refund_id: refund.decision for refund in await unit.returns.refunds(request.ref)}
    text = known.get(request.refund.refund_id, "")
    decisions = [_decision(text), *request.decisions] if text else request.decisions
    return request.model_copy(update={"decisions": decisions})


def _decision(text: str) -> Decision:
    """``<kind>: <document or reason>``, as the queue keeps it. Whatever names no document ends the refund."""
    named, _, rest = text.partition(": ")
    by_hand = next((kind for kind in NEEDS_DOCUMENT if kind.value == named and rest), None)
    resolution = Resolution(
        exception_id=_IN_QUEUE,
        version=FIRST_VERSION,
        kind=by_hand or ResolutionKind.CANCEL_TRACK,
        role=Role.FINANCE,
        actor="backhaul",
        reason=text,
        document=rest if by_hand else "",
    )
    return Decision(subject="", resolution=resolution)


def _value(link: Link, request: CreditRefund, books: Books) -> Valuation | None:
    """What the credit would have been for; None when its amount is not that of any units."""
    if request.refund is None:
        return value_goods(link, without_parts(books), request)
    before = [d for d in request.decisions if d.resolution.kind is not ResolutionKind.CANCEL_TRACK]
    try:
        return settle(link, request.model_copy(update={"decisions": before}), books).valuation
    except (Stop, TooEarly):
        return None


def _plan(request: CreditRefund, books: Books, reading: Reading, key: str) -> DocumentPlan:
    """What the note would have been for; without a total, because nothing is credited."""
    skus = {line.line_id: line.sku for line in request.rma.lines}
    return DocumentPlan(
        key=key,
        ref=request.ref,
        kind=DocumentKind.CREDIT,
        order_number=books.snapshot.order_number,
        lines=[DocumentLine(line_id=line, sku=skus[line], quantity=units) for line, units in reading.units.items()],
        currency=books.snapshot.currency,
        refund_id=_refund_id(request),
        inspection_id=" ".join(reading.inspections),
    )


async def _keep(unit: Unit, plan: DocumentPlan, decision: Resolution, now: datetime) -> None:
    """A note that was given up is on record as one: what reads the documents knows why these units have none."""
    await unit.documents.plan(plan, now)
    await unit.documents.replan(plan, now)
    await unit.documents.mark(plan.key, DocumentState.ABANDONED, reason=decision.reason, actor=decision.actor, now=now)


async def _tell(unit: Unit, request: CreditRefund, key: str, decision: Resolution, now: datetime) -> None:
    refund_id = _refund_id(request)
    if refund_id:
        await unit.refunds.decide(request.ref, refund_id, decision.reason, now)
    subject = f"refund {refund_id} gets" if refund_id else "accepted goods get"
    text = f"{subject} no credit note of ours: {decision.reason}"
    await unit.timeline.add(request.ref, f"no-credit/{refund_id or key}", now, decision.actor, "credit", text)


def _settled(request: CreditRefund, valuation: Valuation | None, exposed: dict[str, list[int]]) -> Credited:
    reading = valuation.reading if valuation else Reading()
    return Credited(
        refund_id=_refund_id(request),
        number="",
        total=0,
        currency=request.refund.currency if request.refund else "",
        units=reading.units,
        inspections=reading.inspections,
        exchanges=[share.number for share in reading.exchanges],
        shares=reading.shares,
        exposed=exposed,
    )


def _refund_id(request: CreditRefund) -> str:
    return request.refund.refund_id if request.refund else ""
