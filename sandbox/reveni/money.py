"""Money of the wire: decimal text with four decimals, whatever the currency."""

from decimal import ROUND_HALF_UP, Decimal

FOUR = Decimal("0.0001")


def wire(amount: Decimal) -> str:
    """An amount as Reveni writes it, for example `Decimal("76.48")` as `"76.4800"`."""
    return format(four(amount), "f")


def four(amount: Decimal) -> Decimal:
    """The amount at four decimals, halves away from zero."""
    return amount.quantize(FOUR, rounding=ROUND_HALF_UP)


def share(total: Decimal, part: int, whole: int) -> Decimal:
    """The share of `part` units in an amount for `whole` units, at four decimals.

    The rest keeps `total - share`, so no split loses or invents money.
    """
    return four(total * part / whole)
