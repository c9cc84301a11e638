"""An independent reading of money.md 6.1 to 6.4 with exact fractions, to hold the domain against."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import floor

from domain.order import OrderSnapshot, TaxMode


def nearest(x: Fraction) -> int:
    """Halves away from zero."""
    return floor(x + Fraction(1, 2)) if x >= 0 else -floor(-x + Fraction(1, 2))


def spread(amount: int, weights: Sequence[int]) -> list[int]:
    """LR of 6.1.3, unit by unit."""
    if amount < 0:
        return [-share for share in spread(-amount, weights)]
    exact = [Fraction(amount * weight, sum(weights) or 1) for weight in weights]
    shares = [floor(share) for share in exact]
    order = sorted(range(len(weights)), key=lambda i: (shares[i] - exact[i], -weights[i], i))
    for turn in range(amount - sum(shares)):
        shares[order[turn]] += 1
    return shares


def primaries(snapshot: OrderSnapshot) -> list[int]:
    """P per line: discounts in sequence, then the rounding line."""
    values = [line.gross_of_discount - line.line_discount for line in snapshot.lines]
    for discount in snapshot.discounts:
        inside = [not discount.scope or line.line_id in discount.scope for line in snapshot.lines]
        shares = spread(discount.amount, [v if use else 0 for v, use in zip(values, inside, strict=True)])
        values = [value - share for value, share in zip(values, shares, strict=True)]
    shares = spread(snapshot.rounding_line, values) if snapshot.rounding_line else [0] * len(values)
    return [value + share for value, share in zip(values, shares, strict=True)]


def rate_taxes(snapshot: OrderSnapshot, values: Sequence[int]) -> list[list[int]]:
    """T per line and code by 6.4 (c)."""
    result = []
    for line, value in zip(snapshot.lines, values, strict=True):
        rates = [Fraction(tax.rate) for tax in line.taxes]
        below = 100 + (sum(rates) if snapshot.tax_mode is TaxMode.INCLUSIVE else 0)
        taxed = snapshot.tax_mode is not TaxMode.NONE
        result.append([nearest(value * rate / below) if taxed else 0 for rate in rates])
    return result


def unit_values(value: int, quantity: int) -> list[int]:
    """Slot primaries by cumulative rounding."""
    return [after - before for before, after in pairwise(_reached(value, quantity))]


def unit_taxes(value: int, tax: int, quantity: int) -> list[int]:
    """Slot taxes of one code: they follow the money, or the units where there is no money."""
    by_money = [nearest(Fraction(tax * paid, value or 1)) for paid in _reached(value, quantity)]
    return [after - before for before, after in pairwise(by_money if value else _reached(tax, quantity))]


def _reached(value: int, quantity: int) -> list[int]:
    """C(k) for k = 0 to quantity."""
    return [nearest(Fraction(value * k, quantity)) for k in range(quantity + 1)]
