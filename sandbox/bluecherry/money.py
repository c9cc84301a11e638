"""Amounts on the wire: decimal text with a point and two decimals, three in currencies that have three."""

from decimal import Decimal

from sandbox.bluecherry.refusal import Refused
from sandbox.kit.money import exponent, payable

ZERO = Decimal(0)


def read_amount(text: str, currency: str, name: str) -> Decimal:
    """The amount of a field whose shape the layout has checked. Refused with E212 for decimals of another currency."""
    amount = Decimal(text)
    if amount.as_tuple().exponent != -_decimals(currency) or amount != payable(amount, currency):
        raise Refused("E212", f"{name} {text} IS NOT AN AMOUNT IN {currency}")
    return amount


def write_amount(amount: Decimal, currency: str) -> str:
    """As files and JSON carry it: `220.50`, `6.375` in KWD, `1100.00` in JPY."""
    return f"{amount.quantize(Decimal(1).scaleb(-_decimals(currency))):f}"


def _decimals(currency: str) -> int:
    return max(2, exponent(currency))
