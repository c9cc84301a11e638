"""Prima's texts → exact values: SKUs, whole numbers, rates, amounts, dates."""

import re
from datetime import date
from fractions import Fraction

from adapters.prima.codec import Record, Unreadable, Values
from adapters.prima.contract import SKU_NAMES
from domain.exceptions import ExceptionCode
from domain.money import AmountPrecisionError, exponent, parse_minor
from domain.outcomes import Rejected

_PLAIN = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_RATE = re.compile(r"(\d{1,3})(?:\.(\d{1,6}))?")


def split_sku(sku: str, separator: str) -> Values:
    """``P1001-BLK-080`` → Product and MtrxCode1..4. Rejected(SKU_NOT_IN_MASTER) when it does not fit."""
    parts = sku.split(separator)
    if not parts[0] or not parts[-1] or len(parts) > len(SKU_NAMES):
        raise Rejected(
            ExceptionCode.SKU_NOT_IN_MASTER, f"{sku!r} is no product with up to four codes", figures={"sku": sku}
        )
    return dict(zip(SKU_NAMES, parts + [""] * (len(SKU_NAMES) - len(parts)), strict=True))


def join_sku(record: Record, separator: str) -> str:
    """The inverse of `split_sku`; unused codes at the end are left out.

    Rejected(SKU_NOT_IN_MASTER) when a part holds the separator, for then the way back would be another SKU.
    """
    parts = [record.get(name) for name in SKU_NAMES]
    while len(parts) > 1 and not parts[-1]:
        parts.pop()
    sku = separator.join(parts)
    if not parts[0] or sku.count(separator) != len(parts) - 1:
        raise Rejected(
            ExceptionCode.SKU_NOT_IN_MASTER, f"{sku!r} cannot be written with {separator!r}", figures={"sku": sku}
        )
    return sku


def short_sku(values: Values) -> tuple[str, str, str]:
    """Product and the first two codes: all that stock rows state."""
    return values.get("Product", ""), values.get("MtrxCode1", ""), values.get("MtrxCode2", "")


def whole(record: Record, name: str) -> int:
    """A whole number, also when written ``2.00``. Unreadable otherwise."""
    text = record.need(name)
    if not _PLAIN.fullmatch(text) or (number := Fraction(text)).denominator != 1:
        raise Unreadable(f"{record.tag} {name} is no whole number")
    return number.numerator


def day(record: Record, name: str) -> date:
    """A date written YYYY-MM-DD. Unreadable otherwise."""
    try:
        return date.fromisoformat(record.need(name))
    except ValueError:
        raise Unreadable(f"{record.tag} {name} is no date") from None


def rate(text: str) -> str:
    """A percentage with at least two decimals and no needless zeros: ``20`` and ``20.000`` → ``20.00``.

    Raises ValueError when it is no plain number from 0 to 999.
    """
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no percentage")
    return f"{int(match[1])}.{(match[2] or '').rstrip('0').ljust(2, '0')}"


def line_rate(record: Record) -> str:
    """`VatRate` as `rate` writes it. Unreadable when it is no percentage."""
    try:
        return rate(record.need("VatRate"))
    except ValueError:
        raise Unreadable(f"{record.tag} VatRate is no percentage") from None


def amount(record: Record, name: str, currency: str, default: str = "") -> int:
    """Minor units. Rejected(AMOUNT_PRECISION) when the text cannot be held exactly."""
    try:
        return parse_minor(record.get(name) or default, currency)
    except AmountPrecisionError as wrong:
        raise Rejected(ExceptionCode.AMOUNT_PRECISION, f"Prima {record.tag} {name}: {wrong}") from None


def extended(record: Record, currency: str, quantity: int) -> int:
    """Unit `Price` times `quantity` in minor units; only the product has to be exact.

    Rejected(AMOUNT_PRECISION) when it is not, or when the price is no plain decimal.
    """
    text = record.get("Price")
    if not _PLAIN.fullmatch(text):
        raise Rejected(ExceptionCode.AMOUNT_PRECISION, f"Prima {record.tag} Price: {text!r} is no plain decimal")
    minor = Fraction(text) * quantity * 10 ** exponent(currency)
    if minor.denominator != 1:
        cause = f"{quantity} x {text} {currency} has more than {exponent(currency)} decimals"
        raise Rejected(ExceptionCode.AMOUNT_PRECISION, f"Prima {record.tag} Price: {cause}")
    return int(minor.numerator)
