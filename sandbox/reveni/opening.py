"""Turns the specification of a return into a return."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.reveni.model import Item, Order, Return
from sandbox.reveni.money import four
from sandbox.reveni.specs import CUSTOMERS, ItemSpec, ReturnSpec

COVER = timedelta(days=30)
"""An instant return nobody processes is accepted after this time."""

ORDER_AGE = timedelta(days=10)

NewId = Callable[[], str]


def open_return(spec: ReturnSpec, order: Order, new_id: NewId, now: datetime) -> Return:
    """The return a customer asks for with `spec` at `now`. Raises ValueError on an impossible one."""
    _check(spec)
    instant = spec.mode == "instant"
    return_id = new_id()
    return Return(
        id=return_id,
        type=spec.type,
        mode=spec.mode,
        status=spec.status,
        currency=spec.currency,
        order=order,
        customer=spec.customer or CUSTOMERS[int(return_id, 16) % len(CUSTOMERS)],
        items=[open_item(item, new_id()) for item in spec.items],
        fees=spec.fees,
        shipping_refund=spec.shipping_refund,
        bonus=spec.bonus,
        refund_method=spec.refund_method or ("instant_bank_transfer" if instant else "original_payment_method"),
        created_at=now,
        updated_at=now,
        expires_at=now + COVER if instant else None,
        planned_refund=spec.planned_refund,
    )


def open_order(spec: ReturnSpec, new_id: NewId, now: datetime) -> Order:
    """The order that `spec` returns from, placed some days ago."""
    number = spec.order_number or f"#{spec.order_external_id}"
    return Order(new_id(), spec.order_external_id, number, now - ORDER_AGE)


def open_item(spec: ItemSpec, item_id: str) -> Item:
    """A pending item."""
    return Item(
        id=item_id,
        external_id=spec.external_id,
        sku=spec.sku,
        name=spec.name or spec.sku,
        quantity=spec.quantity,
        unit_price=spec.unit_price,
        discount=spec.discount,
        tax=_tax(spec) if spec.tax is None else spec.tax,
        tax_rate=spec.tax_rate,
        tax_included=spec.tax_included,
        return_reason=spec.reason,
        return_reason_text=spec.reason_text,
        exchange=spec.exchange,
    )


def _tax(spec: ItemSpec) -> Decimal:
    value = spec.unit_price * spec.quantity - spec.discount
    return four(value * spec.tax_rate / (1 + spec.tax_rate) if spec.tax_included else value * spec.tax_rate)


def _check(spec: ReturnSpec) -> None:
    if not spec.items:
        raise ValueError("a return needs at least one item")
    for item in spec.items:
        if item.quantity < 1 or (item.exchange and item.exchange.quantity < 1):
            raise ValueError(f"{item.sku}: quantities are at least 1")
