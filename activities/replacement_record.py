"""What became of a replacement, for the books: its state, the value that it carries, and what is out for it."""

from collections.abc import Sequence
from datetime import datetime

from activities.closing import close_if_settled
from activities.decisions import standing
from activities.edge import Edge, Link
from activities.exchange_signatures import PlaceReplacement, ReplacementPlaced
from activities.exchange_units import Exchange
from domain.carried import CarriedOrder, CarriedTax
from domain.exchange import ExchangeState
from domain.exchange_value import replacement_taxes
from domain.money import Money
from domain.returns import ReturnRef
from store.exchange_records import ExchangePlan, ExposureKind, OpenExposure
from store.records import DocumentRecord, DocumentState
from store.unit import Unit


async def record_ordered(
    edge: Edge, link: Link, request: PlaceReplacement, exchange: Exchange, record: DocumentRecord
) -> ReplacementPlaced:
    """The replacement is ordered: keep the value that it carries, and count what is out until its goods come."""
    now, ref = edge.clock(), request.ref
    async with edge.store.begin() as unit:
        slots = [slot.no for slot in exchange.slots]
        value = exchange.value
        await unit.exchanges.mark(
            exchange.key,
            ExchangeState.ORDERED,
            order_number=record.number,
            sku=exchange.sku,
            quantity=exchange.quantity,
            carried=value.carried,
            price=value.price,
            slots=slots,
            now=now,
        )
        books = link.connection.books
        await unit.carried.keep(books, record.number, _carried(exchange), now, exchange_key=exchange.key)
        await unit.exposures.open(await _exposure(unit, request, exchange), now)
        worth = Money(amount=value.carried, currency=exchange.currency)
        text = f"replacement order {record.number} for {exchange.quantity} x {exchange.sku}, worth {worth}"
        refs = {"exchange": record.number, "order": record.order_number, "rma": request.rma.number}
        await unit.timeline.add(ref, f"exchange/{exchange.key}", now, "backhaul", "exchange", text, refs)
        await close_if_settled(unit, ref, now)
    return _placed(request, exchange, ExchangeState.ORDERED, record.number)


async def record_unpaid(edge: Edge, request: PlaceReplacement, exchange: Exchange) -> ReplacementPlaced:
    """The replacement waits for the customer's payment; nothing is in the ERP."""
    now = edge.clock()
    async with edge.store.begin() as unit:
        await unit.exchanges.mark(exchange.key, ExchangeState.AWAITING_PAYMENT, now=now)
        due = Money(amount=exchange.value.due, currency=exchange.currency)
        text = f"the replacement {exchange.sku} costs {due} more; it is ordered once the platform confirms the payment"
        key = f"unpaid/{exchange.key}"
        await unit.timeline.add(request.ref, key, now, "backhaul", "exchange", text)
    return _placed(request, exchange, ExchangeState.AWAITING_PAYMENT)


async def record_given_up(
    edge: Edge, request: PlaceReplacement, exchange: Exchange, state: ExchangeState
) -> ReplacementPlaced:
    """A person decided that there is no replacement: its units are refunded like any other."""
    decision, now = standing(request.decisions), edge.clock()
    assert decision is not None
    async with edge.store.begin() as unit:
        await give_up(unit, request.ref, exchange.key, state, decision.reason, decision.actor, now)
    return _placed(request, exchange, state)


async def give_up(
    unit: Unit, ref: ReturnRef, key: str, state: ExchangeState, reason: str, actor: str, now: datetime
) -> None:
    """An exchange without a replacement: its units are free to be refunded, and nothing is out for them."""
    await unit.exchanges.mark(key, state, now=now)
    await unit.slots.unexchange(key, now)
    await unit.exposures.void(key, now, reason)
    if (document := await unit.documents.get(key)) is not None and document.state.pending:
        await unit.documents.mark(key, DocumentState.ABANDONED, reason=reason, now=now)
    text = f"exchange {state.replace('_', ' ').lower()}" + (f": {reason}" if reason else "")
    await unit.timeline.add(ref, f"exchange-end/{key}", now, actor, "exchange", text)
    await close_if_settled(unit, ref, now)


def plan_of(request: PlaceReplacement, exchange: Exchange) -> ExchangePlan:
    """The wish as the customer had it, whatever was substituted since (R62)."""
    return ExchangePlan(
        key=exchange.key,
        ref=request.ref,
        number=request.number,
        exchange_id=request.wish.exchange_id,
        line_id=request.wish.line_id,
        units=request.units,
        sku=request.wish.sku,
        quantity=exchange.quantity,
        carried=exchange.value.carried,
        price=exchange.value.price,
        currency=exchange.currency,
        slot_line_id=exchange.line.line_id,
        slots=[slot.no for slot in exchange.slots],
    )


def _carried(exchange: Exchange) -> CarriedOrder:
    """What the replacement is worth: what came back, and what was paid or credited besides. That is its price."""
    mode, line = exchange.snapshot.tax_mode, exchange.line
    amounts = replacement_taxes(line, exchange.slots, exchange.value, mode)
    codes = zip(line.tax_codes, line.tax_rates, amounts, strict=True)
    return CarriedOrder(
        sku=exchange.sku,
        quantity=exchange.quantity,
        primary=exchange.value.price,
        taxes=tuple(CarriedTax(code=code, rate=rate, amount=amount) for code, rate, amount in codes),
        tax_mode=mode,
    )


async def _exposure(unit: Unit, request: PlaceReplacement, exchange: Exchange) -> Sequence[OpenExposure]:
    """The units whose goods are not accepted yet: the latest ones of the order."""
    inspections = await unit.inspections.list(request.ref)
    accepted = sum(
        units.quantity
        for record in inspections
        for units in record.booked
        if units.line_id == request.wish.line_id and units.disposition.accepted and units.share
    )
    others = await unit.exchanges.for_return(request.ref)
    ordered = [o for o in others if o.state is ExchangeState.ORDERED and o.line_id == request.wish.line_id]
    before = sum(o.units for o in ordered if o.number < request.number)
    line = next((line for line in await unit.returns.lines(request.ref) if line.line_id == request.wish.line_id), None)
    if line is not None and line.keep:
        return []
    missing = exchange.slots[max(accepted - before, 0) :]
    return [
        OpenExposure(
            ref=request.ref,
            slot_line_id=exchange.line.line_id,
            slot_no=slot.no,
            line_id=request.wish.line_id,
            amount=slot.primary,
            currency=exchange.currency,
            kind=ExposureKind.EXCHANGE,
            reference=exchange.key,
            cover_until=request.cover_until,
        )
        for slot in missing
    ]


def _placed(
    request: PlaceReplacement, exchange: Exchange, state: ExchangeState, order_number: str = ""
) -> ReplacementPlaced:
    return ReplacementPlaced(
        number=request.number,
        state=state,
        order_number=order_number,
        sku=exchange.sku,
        carried=exchange.value.carried,
        price=exchange.value.price,
        currency=exchange.currency,
    )
