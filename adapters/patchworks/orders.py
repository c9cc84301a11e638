"""get_order → the order snapshot, and whether its customer data would do for a delivery. No name or address leaves."""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

from adapters.patchworks import contract
from adapters.patchworks.client import VENDOR
from adapters.patchworks.shapes import WireComponent, WireOrder, WireOrderLine
from domain.exceptions import ExceptionCode
from domain.money import AmountPrecisionError, exponent, parse_minor
from domain.order import (
    Charge,
    Component,
    Fulfilment,
    LineTax,
    OrderDiscount,
    OrderLine,
    OrderSnapshot,
    OrderStatus,
    TaxMode,
)
from domain.outcomes import Rejected

_RATE = re.compile(r"([0-9]{1,3})(?:\.([0-9]{0,10}))?")


def snapshot(order: WireOrder) -> OrderSnapshot:
    """The order with every amount in minor units.

    Rejected: ORDER_LOCKED for an unknown state, AMOUNT_PRECISION for what its currency cannot hold,
    SNAPSHOT_NOT_FOOTING for negative values or no rate, BUNDLE_RECIPE_MISSING for a recipe that names a part twice.
    """
    currency = order.currency
    customer = order.customer or {}
    discounts = [d for d in order.discounts if d.type == contract.ORDER_DISCOUNT]
    return OrderSnapshot(
        order_number=order.order_number,
        currency=currency,
        tax_mode=TaxMode.INCLUSIVE if order.tax_included else TaxMode.EXCLUSIVE,
        ordered_on=order.order_date,
        status=_status(order),
        erp_status=order.status,
        customer_ref=str(customer.get("id") or ""),
        # the first, whatever is due on it: the snapshot must not change because something was credited
        invoice_number=order.invoices[0].number if order.invoices else "",
        lines=tuple(_line(line, currency) for line in order.line_items if line.quantity),
        fulfilment={line.id: _fulfilment(line) for line in order.line_items},
        discounts=tuple(
            OrderDiscount(amount=_positive("discounts", minor("discounts.amount", d.amount, currency)))
            for d in discounts
            if Decimal(d.amount)
        ),
        shipping=tuple(_charges([(contract.SHIPPING_CODE, order.shipping_price, order.shipping_tax)], currency)),
        fees=tuple(_charges([(fee.code, fee.amount, fee.tax_amount) for fee in order.fees], currency)),
        rounding_line=minor("rounding", order.rounding, currency),
        total=minor("totalPrice", order.total_price, currency),
    )


def missing_data(order: WireOrder) -> list[str]:
    """Names of the fields without which nobody could deliver a replacement (R58)."""
    parts = {"customer": order.customer, "shippingAddress": order.shipping_address}
    return [name for name in contract.NEEDED if not _given(parts, *name.split("."))]


def _given(parts: Mapping[str, Mapping[str, object] | None], part: str, name: str) -> bool:
    value = (parts[part] or {}).get(name)
    return value is not None and str(value).strip() != ""


def minor(name: str, text: str, currency: str) -> int:
    """Minor units. Rejected(AMOUNT_PRECISION) when the text cannot be held exactly."""
    try:
        return parse_minor(text, currency)
    except AmountPrecisionError as wrong:
        raise Rejected(ExceptionCode.AMOUNT_PRECISION, f"{VENDOR} {name}: {wrong}") from None


def components(parts: Sequence[WireComponent], sku: str) -> tuple[Component, ...]:
    """A recipe, with its weights as whole numbers; without prices every unit weighs the same (money.md 6.6)."""
    if len({part.sku for part in parts}) < len(parts):
        problem = f"the recipe of {sku} names a part twice"
        raise Rejected(ExceptionCode.BUNDLE_RECIPE_MISSING, problem, figures={"sku": sku})
    weights = [Fraction(part.weight) for part in parts]
    if not any(weights):
        weights = [Fraction(part.quantity) for part in parts]
    if min(weights, default=Fraction()) < 0:
        raise Rejected(ExceptionCode.BUNDLE_RECIPE_MISSING, f"{sku} has a negative weight", figures={"sku": sku})
    scale = lcm(*(weight.denominator for weight in weights))
    return tuple(
        Component(
            sku=part.sku,
            quantity_per_bundle=part.quantity,
            weight=int(weight * scale),
            order_line_id=part.order_line_item_id,
        )
        for part, weight in zip(parts, weights, strict=True)
    )


def _status(order: WireOrder) -> OrderStatus:
    status = contract.ORDER_STATES.get(order.status.strip().lower())
    if status is None:
        raise Rejected(ExceptionCode.ORDER_LOCKED, f"{VENDOR} order state {order.status!r} is not known", order.status)
    return OrderStatus.LOCKED if order.archived and status is not OrderStatus.CANCELLED else status


def _line(line: WireOrderLine, currency: str) -> OrderLine:
    where = f"order line {line.id}"
    gross = _positive(where, _extended(line, currency))
    discount = _positive(where, minor(f"{where} lineDiscount", line.line_discount, currency))
    if discount > gross:
        raise Rejected(ExceptionCode.SNAPSHOT_NOT_FOOTING, f"{VENDOR} {where}: discount above its price")
    return OrderLine(
        line_id=line.id,
        sku=line.sku,
        quantity=line.quantity,
        gross_of_discount=gross,
        line_discount=discount,
        taxes=_taxes(line, where, currency),
        components=components(line.components, line.sku),
        returnable=line.returnable,
    )


def _fulfilment(line: WireOrderLine) -> Fulfilment:
    """What cannot be returned any more of what was sent out is back, or on its way."""
    sent = line.quantity if line.quantity_fulfilled is None else line.quantity_fulfilled
    left = sent if line.quantity_returnable is None else line.quantity_returnable
    return Fulfilment(despatched=sent, returned=max(sent - left, 0))


def _taxes(line: WireOrderLine, where: str, currency: str) -> tuple[LineTax, ...]:
    """The tax of the line; none when the line names neither code nor rate nor amount."""
    amount = None
    if line.tax_amount is not None:
        amount = _positive(where, minor(f"{where} taxAmount", line.tax_amount, currency))
    if not (line.tax_code or line.tax_rate or amount):
        return ()
    percent = _rate(line.tax_rate or "0", where)
    return (LineTax(code=line.tax_code or percent, rate=percent, amount=amount),)


def _rate(text: str, where: str) -> str:
    """A percentage with at least two decimals and no needless zeros: ``20`` and ``20.000`` → ``20.00``."""
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise Rejected(ExceptionCode.SNAPSHOT_NOT_FOOTING, f"{VENDOR} {where}: taxRate is no percentage")
    return f"{int(match[1])}.{(match[2] or '').rstrip('0').ljust(2, '0')}"


def _extended(line: WireOrderLine, currency: str) -> int:
    """Unit price times quantity; only the product has to be exact."""
    exact = Fraction(line.unit_price) * line.quantity * 10 ** exponent(currency)
    if exact.denominator != 1:
        cause = f"{line.quantity} x {line.unit_price} {currency} has more than {exponent(currency)} decimals"
        raise Rejected(ExceptionCode.AMOUNT_PRECISION, f"{VENDOR} order line {line.id} unitPrice: {cause}")
    return int(exact)


def _charges(stated: Sequence[tuple[str, str, str]], currency: str) -> Iterator[Charge]:
    """Charges that are not zero."""
    for code, amount, tax in stated:
        charge = Charge(code=code, amount=minor(code, amount, currency), tax=minor(f"{code} tax", tax, currency))
        if charge.amount or charge.tax:
            yield charge


def _positive(where: str, amount: int) -> int:
    if amount < 0:
        raise Rejected(ExceptionCode.SNAPSHOT_NOT_FOOTING, f"{VENDOR} {where} has a negative value")
    return amount
