"""Money of the wire: decimal text with four decimals, whatever the currency."""

from decimal import ROUND_HALF_UP, Decimal

FOUR = Decimal("0.0001")
ZERO = Decimal(0)

_NO_DECIMALS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"})
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def wire(amount: Decimal) -> str:
    """An amount as Reveni writes it, for example `Decimal("76.48")` as `"76.4800"`."""
    return format(four(amount), "f")


def four(amount: Decimal) -> Decimal:
    """The amount at four decimals, halves away from zero."""
    return amount.quantize(FOUR, rounding=ROUND_HALF_UP)


def payable(amount: Decimal, currency: str) -> Decimal:
    """The amount rounded half-up to the currency's minor unit: nobody can pay a tenth of a cent."""
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP)


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit (ISO 4217): 0, 2 or 3."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def share(total: Decimal, part: int, whole: int) -> Decimal:
    """The share of `part` units in an amount for `whole` units, at four decimals.

    The rest keeps `total - share`, so no split loses or invents money.
    """
    return four(total * part / whole)


def no_float(value: object) -> object:
    """Refuse a binary fraction where an amount is expected. Raises ValueError."""
    if type(value) is float:
        raise ValueError("write amounts as text, not as a number with a point")
    return value
