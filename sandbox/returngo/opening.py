"""Turns the specification of a return into an RMA: one item for each unit."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from sandbox.kit.money import payable
from sandbox.kit.wanted import CUSTOMERS, ExchangeSpec, ItemSpec, ReturnSpec
from sandbox.returngo.model import Item, Rma, Wish

REFUND_TYPES = {
    None: "RefundToPaymentMethod",
    "original_payment_method": "RefundToPaymentMethod",
    "instant_bank_transfer": "RefundToBankAccount",
    "store_credit": "StoreCredit",
}

NewId = Callable[[], str]


def open_rma(spec: ReturnSpec, rma_id: str, new_item_id: NewId, now: datetime) -> Rma:
    """The pending RMA a customer asks for with `spec` at `now`. Raises ValueError on an impossible one."""
    if not spec.items:
        raise ValueError("a return needs at least one item")
    return Rma(
        id=rma_id,
        status="Pending",
        order_id=spec.order_external_id,
        order_name=spec.order_number or spec.order_external_id,
        currency=spec.currency,
        instant=spec.mode == "instant",
        refund_type=REFUND_TYPES[spec.refund_method],
        customer=spec.customer or CUSTOMERS[int(rma_id) % len(CUSTOMERS)],
        items=[unit for item in spec.items for unit in open_units(item, spec.currency, new_item_id)],
        fees=spec.fees,
        shipping_refund=spec.shipping_refund,
        bonus=spec.bonus,
        planned=spec.planned_refund,
        auto_approved=spec.status == "in_progress",
        created_at=now,
        updated_at=now,
    )


def open_units(spec: ItemSpec, currency: str, new_id: NewId) -> list[Item]:
    """The units of a line; their prices and taxes add up to the line's. Raises ValueError on an impossible one."""
    if spec.quantity < 1 or (spec.exchange and spec.exchange.quantity < 1):
        raise ValueError(f"{spec.sku}: quantities are at least 1")
    value = spec.unit_price * spec.quantity - spec.discount
    prices = _shares(value, spec.quantity, currency)
    taxes = _shares(_tax(spec, value) if spec.tax is None else spec.tax, spec.quantity, currency)
    return [
        Item(
            id=new_id(),
            line_id=spec.external_id,
            sku=spec.sku,
            name=spec.name or spec.sku,
            price=price,
            tax=tax,
            tax_included=spec.tax_included,
            reason=spec.reason,
            reason_text=spec.reason_text,
            wish=_wish_of_unit(spec, number),
            kept=spec.keep_item,
        )
        for number, (price, tax) in enumerate(zip(prices, taxes, strict=True))
    ]


def wish(spec: ExchangeSpec, units: int) -> Wish:
    """`units` of the new item."""
    return Wish(spec.sku, units, spec.unit_price, spec.variant_external_id)


def _wish_of_unit(spec: ItemSpec, number: int) -> Wish | None:
    """The share of one unit in the new units; early units get the odd ones, late ones may get none."""
    if spec.exchange is None:
        return None
    whole = spec.exchange.quantity
    units = -(-whole * (number + 1) // spec.quantity) - -(-whole * number // spec.quantity)
    return wish(spec.exchange, units) if units else None


def _shares(total: Decimal, units: int, currency: str) -> list[Decimal]:
    """A line's amount, rounded to the currency, over its units: no minor unit is lost or invented."""
    until = [payable(total * number / units, currency) for number in range(units + 1)]
    return [after - before for before, after in pairwise(until)]


def _tax(spec: ItemSpec, value: Decimal) -> Decimal:
    return value * spec.tax_rate / (1 + spec.tax_rate) if spec.tax_included else value * spec.tax_rate
