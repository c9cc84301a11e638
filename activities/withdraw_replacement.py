"""Taking a replacement back: its order is cancelled while that is possible, else a person decides (E51, E54)."""

from collections import Counter
from datetime import datetime

from activities.cancelling import cancel_by_document
from activities.closing import close_if_settled
from activities.decisions import last_kind
from activities.edge import Edge, Link
from activities.exchange_signatures import ReplacementPlaced, WithdrawReplacement
from activities.outcomes import Stop
from activities.replacement_record import give_up
from domain.documents import CancelReplacement, DocumentKind
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.exchange import ExchangeState
from domain.keys import Step, business_key, cancellation_key
from domain.money import Money
from store.exchange_records import NO_CREDIT, ExchangeRecord, ExposureState
from store.records import DocumentRecord, DocumentState
from store.unit import Unit

#: Decisions by which the replacement stays with the customer although its goods are not accepted.
_LET_GO = (ResolutionKind.WRITE_OFF, ResolutionKind.DONE_BY_HAND, ResolutionKind.CANCEL_TRACK)


async def withdraw_replacement(edge: Edge, link: Link, request: WithdrawReplacement) -> ReplacementPlaced:
    """Cancel the order if the ERP has one, or may have one. Rejected(EXCHANGE_EXPOSURE) once it is despatched."""
    key = business_key(request.ref, Step.EXCHANGE, request.number)
    async with edge.store.reading() as unit:
        exchange, document = await unit.exchanges.get(key), await unit.documents.get(key)
    if last_kind(request.decisions) in _LET_GO and exchange is not None:
        return await _let_go(edge, request, exchange)
    if exchange is not None and exchange.state is ExchangeState.ORDERED and request.accepted:
        raise _partly_accepted(request, exchange)
    if document is not None and _may_exist(document):
        await _cancel(edge, link, document, request.reason)
    return await _cancelled(edge, link, request, key, exchange, document)


async def _cancel(edge: Edge, link: Link, document: DocumentRecord, reason: str) -> None:
    if not link.erp.capabilities.batch:
        cancel = CancelReplacement(key=document.key, order_number=document.number, reason=reason)
        await link.erp.cancel_replacement(cancel)
        return
    key = cancellation_key(document.key)
    request = CancelReplacement(key=key, order_number=document.number, reason=reason)
    kind = DocumentKind.EXCHANGE_CANCELLATION
    await cancel_by_document(edge, link, document, kind, request, lambda: link.erp.cancel_replacement(request))


async def _cancelled(
    edge: Edge,
    link: Link,
    request: WithdrawReplacement,
    key: str,
    exchange: ExchangeRecord | None,
    document: DocumentRecord | None,
) -> ReplacementPlaced:
    now = edge.clock()
    async with edge.store.begin() as unit:
        if document is not None:
            await unit.documents.mark(key, DocumentState.CANCELLED, reason=request.reason, now=now)
        if exchange is not None:
            await give_up(unit, request.ref, key, ExchangeState.CANCELLED, request.reason, "backhaul", now)
        else:
            await unit.slots.unexchange(key, now)
        if request.superseded:
            await _supersede(unit, link, request, key, now)
    return ReplacementPlaced(number=request.number, state=ExchangeState.CANCELLED)


async def _supersede(unit: Unit, link: Link, request: WithdrawReplacement, key: str, now: datetime) -> None:
    """The wish is another one by now, or for fewer units: this order says nothing about it (E61)."""
    await unit.exchanges.supersede(key, now)
    if request.rma is not None:
        wanted = Counter[str]()
        for line in request.rma.lines:
            wanted[line.slot_line_id] += line.quantity
        await unit.slots.give_back(link.connection.books, request.rma.order_number, request.ref, wanted)


async def _let_go(edge: Edge, request: WithdrawReplacement, exchange: ExchangeRecord) -> ReplacementPlaced:
    """The customer keeps the replacement: a person accepted the loss, or recovers it outside."""
    decision, now, ref = request.decisions[-1].resolution, edge.clock(), request.ref
    note = decision.document or decision.reason
    async with edge.store.begin() as unit:
        if not exchange.state.final:  # its answer was lost, and now it is despatched
            exchange = await unit.exchanges.mark(exchange.key, ExchangeState.ORDERED, now=now)
        if exchange.owes_difference:
            await unit.exchanges.mark(exchange.key, exchange.state, credit_key=NO_CREDIT, now=now)
        await unit.exposures.clear(ref, exchange.line_id, exchange.units, ExposureState.DECIDED, note, now)
        text = f"the customer keeps replacement {exchange.order_number}: {note}"
        key = f"exchange-let-go/{exchange.key}"
        await unit.timeline.add(ref, key, now, decision.actor, "exchange", text)
        await close_if_settled(unit, ref, now)
    return ReplacementPlaced(
        number=exchange.number,
        state=exchange.state,
        order_number=exchange.order_number,
        sku=exchange.sku,
        carried=exchange.carried,
        price=exchange.price,
        currency=exchange.currency,
        kept=True,
    )


def _may_exist(document: DocumentRecord) -> bool:
    """Planned counts: its answer may have been lost. Refused does not: the ERP said no."""
    return document.state.in_erp or document.state in (DocumentState.PLANNED, DocumentState.QUEUED)


def _partly_accepted(request: WithdrawReplacement, exchange: ExchangeRecord) -> Stop:
    """Part of what comes back is accepted: the order is neither wholly owed nor wholly wrong."""
    reason = (
        f"replacement order {exchange.order_number} was made for {exchange.units} unit(s),"
        f" but only {request.accepted} came back accepted"
    )
    amount = Money(amount=exchange.carried, currency=exchange.currency)
    return Stop(ExceptionCode.EXCHANGE_EXPOSURE, reason, subject=exchange.key, amount=amount)
