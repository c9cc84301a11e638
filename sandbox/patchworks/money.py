"""Amounts of the emulated ERP: Decimal, in the decimals of their currency."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from sandbox.kit.money import ZERO, exponent


def in_step(amount: Decimal, currency: str) -> Decimal:
    """The same amount with exactly the currency's decimals. Raises ValueError when it has more."""
    stepped = amount.quantize(step(currency))
    if stepped != amount:
        raise ValueError(f"{amount} has more decimals than {currency}")
    return stepped


def text(amount: Decimal, currency: str) -> str:
    """Decimal text as in our own blocks of the JSON, and in the journal."""
    return f"{in_step(amount, currency):f}"


def shares(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """An order discount over its lines: in proportion, what is left over one step each to the largest remainders."""
    whole, one = sum(weights, ZERO), step(currency)
    if not whole:
        return [ZERO] * len(weights)
    exact = [amount * weight / whole for weight in weights]
    given = [share.quantize(one, rounding=ROUND_FLOOR) for share in exact]
    left = int((amount - sum(given, ZERO)) / one)
    by_remainder = sorted(range(len(weights)), key=lambda i: (given[i] - exact[i], -weights[i], i))
    for index in by_remainder[:left]:
        given[index] += one
    return given


def step(currency: str) -> Decimal:
    """The smallest amount of the currency."""
    return Decimal(1).scaleb(-exponent(currency))
