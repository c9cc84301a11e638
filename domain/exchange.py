"""Exchanges: which units are to be replaced when, and what the replacement costs (money.md 6.7)."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import count

from domain.connection import ExchangeOn
from domain.model import Message, Value
from domain.returns import ExchangeWish


class ExchangeState(StrEnum):
    """Where one replacement is (domain.md 5.2)."""

    REQUESTED = "REQUESTED"
    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    ORDERED = "ORDERED"
    CONVERTED_TO_REFUND = "CONVERTED_TO_REFUND"
    CANCELLED = "CANCELLED"

    @property
    def final(self) -> bool:
        """Whether nothing more is to be done for it."""
        return self not in (ExchangeState.REQUESTED, ExchangeState.AWAITING_PAYMENT)

    @property
    def refundable(self) -> bool:
        """Whether its units are credited like any other after all."""
        return self in (ExchangeState.CONVERTED_TO_REFUND, ExchangeState.CANCELLED)


class ExchangeUnits(Message):
    """Returned units that one replacement order stands for. `number` is the n of its business key.

    exchange_id: the wish that it is for; empty once it was taken back because the customer wished something else (E61)
    """

    number: int
    exchange_id: str
    line_id: str
    units: int
    state: ExchangeState = ExchangeState.REQUESTED


class ExchangeDue(Message):
    """Returned units of a wish that have no replacement order yet and should get one now."""

    wish: ExchangeWish
    units: int


class SetAside(Value):
    """Returned units of one wish that no refund may touch. `number` is the n of its first replacement order."""

    wish: ExchangeWish
    number: int
    units: int


def units_to_exchange(line_id: str, wishes: Iterable[ExchangeWish], begun: Iterable[ExchangeUnits]) -> int:
    """Units of a return line that are exchanged; those that became a refund, and wishes that are gone, left out."""
    wished = {wish.exchange_id: wish.quantity for wish in wishes if wish.line_id == line_id}
    given_up = sum(one.units for one in begun if one.exchange_id in wished and one.state.refundable)
    return max(sum(wished.values()) - given_up, 0)


def exchanges_due(
    wishes: Sequence[ExchangeWish],
    begun: Sequence[ExchangeUnits],
    on: ExchangeOn,
    accepted: Mapping[str, int],
) -> list[ExchangeDue]:
    """What must be ordered now: all of a wish at confirmation, or the units accepted so far (E55).

    accepted: line id → accepted units. On a line with refund and exchange the exchange takes the first of them (E57).
    A wish that is not one for one is ordered as a whole, when all of its units are accepted.
    """
    due = []
    left = dict(accepted)
    for wish in wishes:
        covered = sum(one.units for one in begun if one.exchange_id == wish.exchange_id)
        units = wish.quantity
        if on is ExchangeOn.ACCEPTANCE:
            units = min(left.get(wish.line_id, 0), wish.quantity)
            left[wish.line_id] = left.get(wish.line_id, 0) - units
            if wish.replacement_quantity != wish.quantity and units < wish.quantity:
                units = 0
        if units > covered:
            due.append(ExchangeDue(wish=wish, units=units - covered))
    return due


def set_aside(wishes: Iterable[ExchangeWish], begun: Sequence[ExchangeUnits]) -> list[SetAside]:
    """What an RMA sets aside for exchanges, beside the units that later orders of a wish stand for.

    A wish goes on with the number of its first order. Of what became a refund nothing is set aside any more.
    """
    taken = {one.number for one in begun}
    fresh = (number for number in count(1) if number not in taken)
    found = []
    for wish in wishes:
        mine = [one for one in begun if one.exchange_id == wish.exchange_id]
        live = sorted((one for one in mine if not one.state.refundable), key=lambda one: one.number)
        elsewhere = sum(one.units for one in mine if one.state.refundable or one not in live[:1])
        units = max(wish.quantity - elsewhere, 0)
        if live or units:
            found.append(SetAside(wish=wish, number=live[0].number if live else next(fresh), units=units))
    return found


def replacement_units(wish: ExchangeWish, units: int) -> int:
    """New units for so many returned units of a wish: one for one, or the whole wish at once."""
    return units if wish.replacement_quantity == wish.quantity else wish.replacement_quantity
