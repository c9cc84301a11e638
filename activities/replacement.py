"""Replacement: the second transaction of an exchange, checked right before it is made (R54–R60, R64)."""

from datetime import datetime

from activities.decisions import edits, made_by_hand, standing, standing_kind
from activities.due import due_since
from activities.edge import Edge, Link
from activities.exchange_signatures import PlaceReplacement, ReplacementPlaced
from activities.exchange_units import Exchange, claim_units
from activities.outcomes import Stop, problem_from
from activities.posting import Poster
from activities.replacement_record import plan_of, record_given_up, record_ordered, record_unpaid
from domain.documents import DocumentKind, ReplacementFault, ReplacementOrder
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.exchange import ExchangeState, replacement_units
from domain.exchange_value import ExchangeValue
from domain.keys import Step, business_key
from domain.money import AmountPrecisionError, Money, parse_minor, round_half_away
from domain.order import OrderSnapshot, TaxMode
from domain.outcomes import Rejected
from domain.returns import ExchangeWish
from domain.slots import Slot, SlotLine, value_order
from store.errors import UnknownReturn
from store.records import DocumentLine, DocumentPlan, DocumentRecord, DocumentState

#: Decisions by which there will be no replacement.
_GIVEN_UP = {
    ResolutionKind.CONVERT_TO_REFUND: ExchangeState.CONVERTED_TO_REFUND,
    ResolutionKind.CANCEL_TRACK: ExchangeState.CANCELLED,
}


async def place_replacement(edge: Edge, link: Link, request: PlaceReplacement) -> ReplacementPlaced:
    """The replacement order, found or made; or the record of a decision that there is none."""
    decided = standing_kind(request.decisions)
    exchange = await _value(edge, link, request)
    if decided in _GIVEN_UP:
        return await record_given_up(edge, request, exchange, _GIVEN_UP[decided])
    plan = _plan(request, exchange, await due_since(edge, request.decisions))
    if not made_by_hand(request.decisions) and not await _begun(edge, link, exchange.key):
        if not _paid(link, request, exchange):
            return await record_unpaid(edge, request, exchange)
        await _check(edge, link, exchange, ReplacementOrder.model_validate(plan.request))
    record = await _post(edge, link, request, await Poster(edge, link).plan(plan))
    return await record_ordered(edge, link, request, exchange, record)


async def _begun(edge: Edge, link: Link, key: str) -> bool:
    """Whether the ERP has the order already. It is planned right before it is sent, so an answer may have been lost."""
    async with edge.store.reading() as unit:
        record = await unit.documents.get(key)
    if record is None or record.state is DocumentState.REFUSED:
        return False
    return not record.state.pending or await link.erp.find_replacement(key) is not None


async def _value(edge: Edge, link: Link, request: PlaceReplacement) -> Exchange:
    """The returned units with their value, claimed for this exchange, and the price of what the customer wants.

    It is written down with its units: whatever becomes of it, the store knows that they were asked for.
    """
    books, order_number, now = link.connection.books, request.rma.order_number, edge.clock()
    async with edge.store.begin() as unit:
        snapshot = await unit.snapshots.get(books, order_number)
        if snapshot is None:
            raise UnknownReturn(f"return {request.ref} has no frozen order {order_number}: its RMA step never finished")
        line = _slot_line(snapshot, request)
        slots = line.pick(await claim_units(unit, books, request, line.line_id, now))
        exchange = _exchange(link, request, snapshot, line, slots)
        await unit.exchanges.plan(plan_of(request, exchange), now)
    return exchange


def _exchange(
    link: Link, request: PlaceReplacement, snapshot: OrderSnapshot, line: SlotLine, slots: tuple[Slot, ...]
) -> Exchange:
    quantity = replacement_units(request.wish, request.units)
    price = _price(request.wish, snapshot, line) * quantity
    sku = edits(request.decisions).get(f"sku.{request.wish.sku}") or request.wish.sku
    return Exchange(
        key=business_key(request.ref, Step.EXCHANGE, request.number),
        sku=link.connection.mappings.skus.get(sku, sku),
        quantity=quantity,
        snapshot=snapshot,
        line=line,
        slots=slots,
        value=ExchangeValue(carried=sum(slot.primary for slot in slots), price=price),
    )


def _slot_line(snapshot: OrderSnapshot, request: PlaceReplacement) -> SlotLine:
    by_line = {line.line_id: line.slot_line_id for line in request.rma.lines}
    line = value_order(snapshot).line(by_line.get(request.wish.line_id, ""))
    if line is None:
        reason = f"line {request.wish.line_id} asks for an exchange, but the RMA does not have it"
        raise Stop(ExceptionCode.EXCHANGE_DATA, reason, figures={"line": request.wish.line_id})
    return line


def _price(wish: ExchangeWish, snapshot: OrderSnapshot, returned: SlotLine) -> int:
    """Price of one new unit in the order's tax mode; where the platform's is in the other one, its tax is to it as
    the returned line's tax is to that."""
    try:
        price = parse_minor(wish.price_text, snapshot.currency)
    except AmountPrecisionError as error:
        reason = f"the price of {wish.sku} cannot be used: {error}"
        raise Stop(ExceptionCode.EXCHANGE_DATA, reason, figures={"price": wish.price_text}) from error
    if wish.tax_included and snapshot.tax_mode is TaxMode.EXCLUSIVE and returned.primary:
        return round_half_away(price * returned.primary, returned.primary + returned.tax)
    if wish.tax_included is False and snapshot.tax_mode is TaxMode.INCLUSIVE and returned.primary > returned.tax:
        return round_half_away(price * returned.primary, returned.primary - returned.tax)
    return price


def _paid(link: Link, request: PlaceReplacement, exchange: Exchange) -> bool:
    """Whether the customer has paid for a dearer replacement; it is never charged from here (E53).

    What the platform took off a refund is compared there. An exchange that stands alone has no refund: then the
    platform must ask for the difference, unless that is no more than rounding.
    """
    if not exchange.value.due:
        return True
    try:
        asked = parse_minor(request.due_text, exchange.currency)
        paid = parse_minor(request.paid_text, exchange.currency)
    except AmountPrecisionError as error:
        raise Stop(ExceptionCode.EXCHANGE_PAYMENT_MISSING, f"the customer's payment cannot be used: {error}") from error
    if request.alone:
        asked = max(asked, exchange.value.due - link.connection.policy.tolerance_cap(exchange.currency))
    return paid >= asked


async def _check(edge: Edge, link: Link, exchange: Exchange, ready: ReplacementOrder) -> None:
    """Refuse with every fault at once; nothing that is out of stock is promised (R58, R64)."""
    faults = await link.erp.check_replacement(ready)
    if not faults:
        return
    async with edge.store.begin() as unit:
        if await unit.documents.get(exchange.key) is not None:  # sent before, and surely not there
            reason = "; ".join(fault.reason for fault in faults)
            await unit.documents.mark(exchange.key, DocumentState.REFUSED, reason=reason, now=edge.clock())
    text = "; ".join(fault.reason for fault in faults)
    figures = {"sku": exchange.sku, "faults": text, "fields": ", ".join(sorted({fault.field for fault in faults}))}
    raise Stop(_code(faults), f"no replacement order was made: {text}", subject=exchange.key, figures=figures)


def _code(faults: list[ReplacementFault]) -> ExceptionCode:
    out_of_stock = any(fault.kind == "stock" for fault in faults)
    return ExceptionCode.EXCHANGE_OOS if out_of_stock else ExceptionCode.EXCHANGE_DATA


def _plan(request: PlaceReplacement, exchange: Exchange, due_at: datetime) -> DocumentPlan:
    order = ReplacementOrder(
        key=exchange.key,
        original_order=exchange.snapshot.order_number,
        rma_number=request.rma.number,
        currency=exchange.currency,
        tax_inclusive=exchange.snapshot.tax_mode is not TaxMode.EXCLUSIVE,
        sku=exchange.sku,
        quantity=exchange.quantity,
        due=exchange.value.due,
    )
    return DocumentPlan(
        key=exchange.key,
        ref=request.ref,
        kind=DocumentKind.EXCHANGE,
        order_number=exchange.snapshot.order_number,
        lines=[DocumentLine(line_id=request.wish.line_id, sku=exchange.sku, quantity=exchange.quantity)],
        currency=exchange.currency,
        total=exchange.value.due,
        due_at=due_at,
        request=order.model_dump(mode="json"),
    )


async def _post(edge: Edge, link: Link, request: PlaceReplacement, record: DocumentRecord) -> DocumentRecord:
    """Order it, or obey the standing decision."""
    decision = standing(request.decisions)
    ready = ReplacementOrder.model_validate(record.request)
    try:
        return await Poster(edge, link).post(record, lambda: link.erp.order_replacement(ready), decision)
    except Rejected as rejection:
        problem = problem_from(rejection)
        figures = problem.figures | {"sku": ready.sku, "order": ready.original_order}
        amount = Money(amount=ready.due, currency=ready.currency) if ready.due else None
        raise Stop(problem.code, problem.reason, subject=record.key, amount=amount, figures=figures) from rejection
