"""Money as integers in minor units (money.md 6.1). No float comes near it."""

import re
from collections.abc import Sequence

from pydantic import Field

from domain.model import Value

#: ISO 4217 currencies whose exponent is not 2.
_WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"
_EXPONENTS = {
    **dict.fromkeys(_WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
    **dict.fromkeys(_FOUR_DECIMALS.split(), 4),
}
_DECIMAL = re.compile(r"([+-]?)([0-9]+)(?:\.([0-9]+))?")
#: No amount of money is written with more characters.
_LONGEST = 100


class AmountPrecisionError(ValueError):
    """A decimal text cannot be held exactly in the currency's minor unit."""


def exponent(currency: str) -> int:
    """Number of decimals of an ISO 4217 currency code."""
    return _EXPONENTS.get(currency, 2)


class Money(Value):
    """An amount in minor units of one currency: ``Money(amount=7648, currency="EUR")`` is 76.48 EUR."""

    amount: int
    currency: str = Field(pattern=r"^[A-Z]{3}$")

    def __add__(self, other: "Money") -> "Money":
        return Money(amount=self.amount + self._same(other).amount, currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(amount=self.amount - self._same(other).amount, currency=self.currency)

    def __neg__(self) -> "Money":
        return Money(amount=-self.amount, currency=self.currency)

    def __str__(self) -> str:
        return f"{decimal_text(self.amount, self.currency)} {self.currency}"

    def _same(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"cannot combine {self} with {other}: different currencies")
        return other


def parse_money(text: str, currency: str) -> Money:
    """Read a decimal text exactly; trailing zeros are fine (``"76.4800"`` EUR is 76.48).

    Raises AmountPrecisionError for more significant decimals than the currency has, and for no plain decimal.
    """
    return Money(amount=parse_minor(text, currency), currency=currency)


def told_amount(text: str, currency: str) -> str:
    """An amount as people write it: ``"76.4800"`` of EUR is "76.48 EUR". What is no exact amount stays as it came."""
    try:
        return str(parse_money(text, currency))
    except ValueError:  # AmountPrecisionError, and a currency that is none
        return f"{text} {currency}"


def parse_minor(text: str, currency: str) -> int:
    """As `parse_money`, giving minor units."""
    if len(text) > _LONGEST:
        raise AmountPrecisionError(f"a text of {len(text)} characters is no amount of {currency}")
    match = _DECIMAL.fullmatch(text.strip())
    if match is None:
        raise AmountPrecisionError(f"{text!r} is not a plain decimal amount")
    sign, whole, fraction = match[1], match[2], (match[3] or "")
    digits = exponent(currency)
    if fraction[digits:].strip("0"):
        raise AmountPrecisionError(
            f"{text} {currency} has more than {digits} significant decimals; {currency} has {digits}"
        )
    minor = int(whole + fraction[:digits].ljust(digits, "0"))
    return -minor if sign == "-" else minor


def decimal_text(amount: int, currency: str, places: int | None = None) -> str:
    """Write minor units as decimal text with the currency's decimals, or with more `places` (zeros added)."""
    digits = exponent(currency)
    sign, text = ("-" if amount < 0 else ""), str(abs(amount)).rjust(digits + 1, "0")
    whole, fraction = (text[:-digits], text[-digits:]) if digits else (text, "")
    fraction = fraction.ljust(places or 0, "0")
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def round_half_away(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` to the nearest integer, halves away from zero; exact for any size."""
    if denominator <= 0:
        raise ValueError(f"denominator must be positive, not {denominator}")
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -magnitude if numerator < 0 else magnitude


def largest_remainder(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` over `weights` so that the shares add up to it exactly (money.md 6.1.3).

    Leftover units go one each to the largest remainders; ties: the larger weight, then the earlier position.
    Raises ValueError when all weights are zero and there is something to split.
    """
    if any(weight < 0 for weight in weights):
        raise ValueError(f"weights must not be negative: {list(weights)}")
    if amount < 0:
        return [-share for share in largest_remainder(-amount, weights)]
    total = sum(weights)
    if total == 0:
        if amount:
            raise ValueError(f"cannot split {amount} over weights that are all zero")
        return [0] * len(weights)
    shares = [amount * weight // total for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % total), -weights[i], i))
    for i in by_remainder[: amount - sum(shares)]:
        shares[i] += 1
    return shares
