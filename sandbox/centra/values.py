"""What units are worth.

The units of an order line are numbered. Their running total is rounded to the currency, so that they add up to the
line whatever its quantity is: 10.00 for three are 3.33, 3.34, 3.33. Tax follows the money in the same way. A return
takes the lowest numbers that no other live return holds.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_UP, Decimal

from sandbox.centra.model import ZERO, Order, OrderLine, Shipment, gross
from sandbox.kit.money import exponent, payable


def units_worth(order: Order, line: OrderLine, numbers: Iterable[int]) -> tuple[Decimal, Decimal]:
    """Gross value and tax of the units with these numbers (from 1)."""
    value = tax = ZERO
    for number in numbers:
        own = _value(order, line, number) - _value(order, line, number - 1)
        own_tax = _tax(order, line, number) - _tax(order, line, number - 1)
        value += own if order.vat_inclusive else own + own_tax
        tax += own_tax
    return value, tax


def split(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """The amount over some weights, running total rounded, so that the parts add up to it."""
    whole = sum(weights, ZERO)
    parts, before, reached = [], ZERO, ZERO
    for weight in weights:
        reached += weight
        upto = payable(amount * reached / whole, currency) if whole else ZERO
        parts.append(upto - before)
        before = upto
    return parts


def written(amount: Decimal, currency: str) -> str:
    """For journals and texts: with all decimals of the currency."""
    return f"{payable(amount, currency):f}"


def shipment_goods(order: Order, shipment: Shipment) -> Decimal:
    """Gross value of what is in a parcel, not rounded."""
    parts = ((order.line(row.order_line), row.quantity) for row in shipment.lines)
    return sum((gross(order, line) * quantity / line.quantity for line, quantity in parts if line), ZERO)


def shipment_discount(order: Order, shipment: Shipment) -> Decimal:
    """The most that returns of a parcel may take of the order's discounts: its share, a minor unit of room a line."""
    if not order.goods:
        return order.discount
    step = Decimal(1).scaleb(-exponent(order.currency))
    share = (order.discount * shipment_goods(order, shipment) / order.goods).quantize(step, rounding=ROUND_UP)
    return min(order.discount, share + step * len(shipment.lines)) if order.discount else ZERO


def _value(order: Order, line: OrderLine, units: int) -> Decimal:
    return payable(line.value * units / line.quantity, order.currency)


def _tax(order: Order, line: OrderLine, units: int) -> Decimal:
    if not line.value:
        return ZERO
    return payable(line.tax * _value(order, line, units) / line.value, order.currency)
