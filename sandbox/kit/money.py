"""Money of every sandbox: Decimal amounts, decimals of the currency, halves away from zero."""

from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)

_NO_DECIMALS = frozenset({"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"})
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def exponent(currency: str) -> int:
    """Decimals of the currency's minor unit (ISO 4217): 0, 2 or 3."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def payable(amount: Decimal, currency: str) -> Decimal:
    """The amount rounded half-up to the currency's minor unit: nobody can pay a tenth of a cent."""
    return amount.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP)


def vat_of(value: Decimal, rate: Decimal, inclusive: bool, currency: str) -> Decimal:
    """VAT inside (inclusive) or on top of `value`, rounded to the currency. `rate` in percent."""
    base = 100 + rate if inclusive else Decimal(100)
    return payable(value * rate / base, currency)


def no_float(value: object) -> object:
    """Refuse a binary fraction where an amount is expected. Raises ValueError."""
    if type(value) is float:
        raise ValueError("write amounts as text, not as a number with a point")
    return value
