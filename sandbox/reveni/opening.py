"""Turns the specification of a return into a return."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from sandbox.kit.wanted import CUSTOMERS, ItemSpec, Kind, ReturnSpec
from sandbox.reveni.model import Item, Order, Return
from sandbox.reveni.money import four

COVER = timedelta(days=30)
"""An instant return nobody processes is accepted after this time."""

ORDER_AGE = timedelta(days=10)

NewId = Callable[[], str]


def open_return(spec: ReturnSpec, order: Order, new_id: NewId, now: datetime) -> Return:
    """The return a customer asks for with `spec` at `now`. Raises ValueError on an impossible one."""
    if not spec.items:
        raise ValueError("a return needs at least one item")
    instant = spec.mode == "instant"
    return_id = new_id()
    items = [open_item(item, new_id()) for item in spec.items]
    return Return(
        id=return_id,
        type=spec.type or kind_of(items),
        mode=spec.mode,
        status=spec.status,
        currency=spec.currency,
        order=order,
        customer=spec.customer or CUSTOMERS[int(return_id, 16) % len(CUSTOMERS)],
        items=items,
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
    """A pending item, or an accepted one when the customer keeps it. Raises ValueError on an impossible one."""
    if spec.quantity < 1 or (spec.exchange and spec.exchange.quantity < 1):
        raise ValueError(f"{spec.sku}: quantities are at least 1")
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
        keep_item=spec.keep_item,
        status="accepted" if spec.keep_item else "pending",
    )


def kind_of(items: Iterable[Item]) -> Kind:
    """Refund, exchange, or both in one request."""
    wanted = {item.exchange is not None for item in items}
    if len(wanted) == 2:
        return "mixed"
    return "exchange" if True in wanted else "refund"


def _tax(spec: ItemSpec) -> Decimal:
    value = spec.unit_price * spec.quantity - spec.discount
    return four(value * spec.tax_rate / (1 + spec.tax_rate) if spec.tax_included else value * spec.tax_rate)
