"""The money of an exchange: what comes back, what goes out, and what stays with the replacement (money.md 6.7)."""

from collections.abc import Sequence
from fractions import Fraction

from domain.model import Message
from domain.money import largest_remainder, round_half_away
from domain.order import TaxMode
from domain.slots import Slot, SlotLine, split_slot


class ExchangeValue(Message):
    """What a replacement means in money, in minor units and the order's tax mode.

    carried: value of the returned units (c); price: of the replacement (n)
    """

    carried: int
    price: int

    @property
    def due(self) -> int:
        """What the customer pays on top of a dearer one; 0 otherwise."""
        return max(self.price - self.carried, 0)

    @property
    def credit(self) -> int:
        """What is credited for a cheaper one; 0 otherwise."""
        return max(self.carried - self.price, 0)


def split_difference(slots: Sequence[Slot], credit: int) -> list[tuple[Slot, Slot]]:
    """A cheaper replacement's difference, taken from the exchanged units by their value: (credited, rest) of each."""
    if not credit:
        return [split_slot(slot, 0) for slot in slots]
    parts = largest_remainder(credit, [slot.primary for slot in slots])
    return [split_slot(slot, part) for slot, part in zip(slots, parts, strict=True)]


def replacement_taxes(line: SlotLine, slots: Sequence[Slot], value: ExchangeValue, mode: TaxMode) -> list[int]:
    """Tax per code of the replacement: that of the returned units, less what is credited, plus that of the top-up."""
    if value.credit:
        slots = [rest for _, rest in split_difference(slots, value.credit)]
    taxes = [sum(amounts) for amounts in zip(*(slot.taxes for slot in slots), strict=True)]
    rates = [Fraction(rate) for rate in line.tax_rates]
    whole = 100 + sum(rates) if mode is TaxMode.INCLUSIVE else Fraction(100)
    return [tax + _share(value.due * rate / whole) for tax, rate in zip(taxes, rates, strict=True)]


def _share(amount: Fraction) -> int:
    return round_half_away(amount.numerator, amount.denominator)
