"""Amounts as Prima writes them: plain decimal text with the decimals of the currency, sign in front."""

import re
from decimal import ROUND_HALF_UP, Decimal

from sandbox.prima.refusal import Refused

DECIMALS = {
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "CLP": 0,
    "ISK": 0,
    "KWD": 3,
    "BHD": 3,
    "JOD": 3,
    "OMR": 3,
    "TND": 3,
}
PLAIN = re.compile(r"-?\d{1,12}(\.\d+)?")


def parse_amount(text: str, currency: str, name: str) -> Decimal:
    """The amount written in `text`. Refused when it is not plain or has more decimals than the currency."""
    amount = parse_decimal(text, name)
    if amount != amount.quantize(_step(currency)):
        raise Refused(f"{name} '{text}' has more decimals than {currency}")
    return amount


def parse_decimal(text: str, name: str) -> Decimal:
    """Plain decimal text of any precision."""
    if not PLAIN.fullmatch(text):
        raise Refused(f"{name} '{text}' is not a number")
    return Decimal(text)


def write_amount(amount: Decimal, currency: str) -> str:
    """Exactly the currency's decimals."""
    return f"{amount.quantize(_step(currency)):f}"


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Nearest amount of the currency, halves away from zero."""
    return amount.quantize(_step(currency), rounding=ROUND_HALF_UP)


def _step(currency: str) -> Decimal:
    return Decimal(1).scaleb(-DECIMALS.get(currency, 2))
