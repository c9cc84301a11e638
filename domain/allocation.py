"""Order totals down to lines: discounts, the rounding line and tax (money.md 6.2–6.4).

Results are parallel to the snapshot's lines, in minor units. Amounts that the ERP already states per line are
used unchanged (6.1.4). All functions raise SnapshotNotFooting when a total has nothing to be split over.
"""

import math
from collections.abc import Sequence
from fractions import Fraction

from domain.footing import SnapshotNotFooting
from domain.money import decimal_text, largest_remainder, round_half_away
from domain.order import LineTax, OrderLine, OrderSnapshot, OrderTax, TaxMode


def discount_shares(snapshot: OrderSnapshot) -> tuple[int, ...]:
    """What all order discounts together take off each line (6.3), in the order of their application."""
    taken = [0] * len(snapshot.lines)
    for discount in snapshot.discounts:
        values = [
            line.base - taken[i] if not discount.scope or line.line_id in discount.scope else 0
            for i, line in enumerate(snapshot.lines)
        ]
        if discount.amount > sum(values):
            raise SnapshotNotFooting(
                f"discount {decimal_text(discount.amount, snapshot.currency)} is more than"
                f" the lines it applies to, {decimal_text(sum(values), snapshot.currency)}"
            )
        shares = largest_remainder(discount.amount, values)
        taken = [before + share for before, share in zip(taken, shares, strict=True)]
    return tuple(taken)


def line_primaries(snapshot: OrderSnapshot) -> tuple[int, ...]:
    """Value P of each line after discounts and rounding line: gross if tax is inclusive, net if exclusive."""
    shares = discount_shares(snapshot)
    return spread_rounding_line(snapshot, [line.base - shares[i] for i, line in enumerate(snapshot.lines)])


def spread_rounding_line(snapshot: OrderSnapshot, values: Sequence[int]) -> tuple[int, ...]:
    """Add the ERP's explicit rounding line to the line values, in proportion to them (6.2)."""
    if -snapshot.rounding_line > sum(values) or (snapshot.rounding_line and not any(values)):
        raise SnapshotNotFooting(
            f"rounding line {decimal_text(snapshot.rounding_line, snapshot.currency)} cannot be spread over"
            f" lines of {decimal_text(sum(values), snapshot.currency)}"
        )
    shares = largest_remainder(snapshot.rounding_line, values)
    return tuple(value + share for value, share in zip(values, shares, strict=True))


def line_taxes(snapshot: OrderSnapshot, primaries: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Tax per line and code, first that there is: (a) of the line, (b) of the order, (c) by rate (6.4)."""
    of_order = {tax.code: _order_tax_shares(snapshot, primaries, tax) for tax in snapshot.order_taxes}
    result = []
    for i, line in enumerate(snapshot.lines):
        taxes = []
        for tax in line.taxes:
            if tax.amount is not None:
                taxes.append(tax.amount)
            elif tax.code in of_order:
                taxes.append(of_order[tax.code][i])
            else:
                taxes.append(tax_at_rate(snapshot.tax_mode, line, tax, primaries[i]))
        _check_contained(snapshot, line, primaries[i], taxes)
        result.append(tuple(taxes))
    return tuple(result)


def tax_at_rate(mode: TaxMode, line: OrderLine, tax: LineTax, primary: int) -> int:
    """Tax of one code on a line value, from the rate alone (6.4 c)."""
    if mode is TaxMode.NONE:
        return 0
    contained = sum(other.rate_fraction for other in line.taxes) if mode is TaxMode.INCLUSIVE else 0
    amount = primary * tax.rate_fraction / (100 + contained)
    return round_half_away(amount.numerator, amount.denominator)


def _order_tax_shares(snapshot: OrderSnapshot, primaries: Sequence[int], order_tax: OrderTax) -> dict[int, int]:
    """Line index → share of an order's tax, for the lines of this code that state no amount themselves."""
    stated, rates = 0, dict[int, Fraction]()
    for i, line in enumerate(snapshot.lines):
        for tax in line.taxes:
            if tax.code == order_tax.code and tax.amount is not None:
                stated += tax.amount
            elif tax.code == order_tax.code:
                rates[i] = tax.rate_fraction
    left = order_tax.amount - stated
    weights = _whole([primaries[i] * rate for i, rate in rates.items()])
    if left < 0 or (left and not any(weights)):
        raise SnapshotNotFooting(
            f"the order states {decimal_text(order_tax.amount, snapshot.currency)} of tax {order_tax.code!r};"
            f" its lines account for {decimal_text(stated, snapshot.currency)},"
            f" and {decimal_text(left, snapshot.currency)} cannot be split over the others"
        )
    return dict(zip(rates, largest_remainder(left, weights), strict=True))


def _whole(weights: Sequence[Fraction]) -> list[int]:
    """The same proportions in integers."""
    scale = math.lcm(*(weight.denominator for weight in weights))
    return [int(weight * scale) for weight in weights]


def _check_contained(snapshot: OrderSnapshot, line: OrderLine, primary: int, taxes: Sequence[int]) -> None:
    if snapshot.tax_mode is TaxMode.INCLUSIVE and sum(taxes) > primary:
        raise SnapshotNotFooting(
            f"line {line.line_id}: tax {decimal_text(sum(taxes), snapshot.currency)} is more than"
            f" the value that contains it, {decimal_text(primary, snapshot.currency)}"
        )
