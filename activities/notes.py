"""Refunds for what is credited already: acceptance came first (design 3.6), or an earlier payment failed (E43)."""

from collections.abc import Iterator, Sequence

from activities.books import LooseNote
from activities.edge import Link
from domain.money import Money
from domain.settlement import rounded_components


def exact_notes(loose: Sequence[LooseNote], refund: Money) -> Sequence[LooseNote]:
    """The notes that this refund is the money of: all, the oldest few, or one. Empty when it is of none of them."""
    return next((choice for choice in _choices(loose) if total_of(choice) == refund.amount), ())


def near_notes(link: Link, loose: Sequence[LooseNote], refund: Money) -> Sequence[LooseNote]:
    """The same, when the amount differs by no more than rounding."""
    near = (c for c in _choices(loose) if abs(total_of(c) - refund.amount) <= _tolerance(link, c, refund))
    return next(near, ())


def total_of(notes: Sequence[LooseNote]) -> int:
    """What these notes come to, in minor units."""
    return sum(note.total for note in notes)


def _choices(loose: Sequence[LooseNote]) -> Iterator[Sequence[LooseNote]]:
    for count in range(len(loose), 0, -1):
        yield loose[:count]
    for note in loose[1:]:
        yield [note]


def _tolerance(link: Link, notes: Sequence[LooseNote], refund: Money) -> int:
    """As for a comparison with the order: one step per rounded component, at most the cap (money.md 6.8)."""
    policy = link.connection.policy
    components = sum(rounded_components(note.request.lines, note.request.charges) for note in notes)
    return min(components * policy.tolerance_step, policy.tolerance_cap(refund.currency))
