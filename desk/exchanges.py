"""The exchanges of a return, for people: what was wished, what was ordered, and what that costs."""

from collections.abc import Sequence
from datetime import datetime

from domain.exchange import ExchangeState
from domain.model import Value
from domain.money import AmountPrecisionError, Money, parse_minor
from domain.returns import ExchangeWish
from store.exchange_records import ExchangeRecord
from store.records import ReturnRecord


class ExchangeView(Value):
    """Returned units and the new units for them. A wish without an order yet has no key.

    `price` is that of all new units; `difference` is positive when the customer pays on top, negative when the
    platform gives money back; None while it is not known.
    """

    key: str
    exchange_id: str
    line_id: str
    units: int
    sku: str
    quantity: int
    state: ExchangeState
    order_number: str
    price: Money | None
    difference: Money | None
    credit_key: str | None
    since: datetime


def exchange_views(record: ReturnRecord, exchanges: Sequence[ExchangeRecord]) -> list[ExchangeView]:
    """Replacements by their number, then what of the wishes has none yet."""
    waiting = [(wish, units) for wish in record.exchanges if (units := uncovered(wish, exchanges))]
    return [_begun(exchange) for exchange in exchanges] + [_wished(record, wish, units) for wish, units in waiting]


def uncovered(wish: ExchangeWish, exchanges: Sequence[ExchangeRecord]) -> int:
    """Returned units of a wish that no replacement stands for yet."""
    return max(wish.quantity - sum(one.units for one in exchanges if one.exchange_id == wish.exchange_id), 0)


def _begun(exchange: ExchangeRecord) -> ExchangeView:
    own = exchange.model_dump(include=set(ExchangeView.model_fields) - {"price"})
    difference = exchange.value.due - exchange.value.credit
    return ExchangeView(
        **own,
        price=Money(amount=exchange.price, currency=exchange.currency),
        difference=Money(amount=difference, currency=exchange.currency),
        since=exchange.updated_at,
    )


def _wished(record: ReturnRecord, wish: ExchangeWish, units: int) -> ExchangeView:
    whole = units == wish.quantity
    quantity = wish.replacement_quantity if whole else units
    return ExchangeView(
        key="",
        exchange_id=wish.exchange_id,
        line_id=wish.line_id,
        units=units,
        sku=wish.sku,
        quantity=quantity,
        state=ExchangeState.CANCELLED if record.stage.final else ExchangeState.REQUESTED,
        order_number="",
        price=_price(wish.price_text, quantity, record.currency),
        difference=None,
        credit_key=None,
        since=record.created_at,
    )


def _price(text: str, quantity: int, currency: str) -> Money | None:
    """What the platform says that the new units cost; None when that is no amount."""
    try:
        return Money(amount=parse_minor(text, currency) * quantity, currency=currency)
    except AmountPrecisionError:
        return None
