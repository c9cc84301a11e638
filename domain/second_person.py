"""Which decisions one person may not make alone: those that settle much money (R110)."""

from collections.abc import Iterable

from domain.exceptions import Owner, ResolutionKind
from domain.money import Money, exponent

#: They settle money, or give value up, whoever owns the exception.
_ALWAYS = frozenset(
    {
        ResolutionKind.ACCEPT_PLATFORM_AMOUNT,
        ResolutionKind.ACCEPT_ORDER_AMOUNT,
        ResolutionKind.WRITE_OFF,
    }
)
#: They end the matter without a posting of ours. On finance's exceptions that matter is money.
_ON_FINANCE = frozenset(
    {
        ResolutionKind.LINK_EXISTING,
        ResolutionKind.DONE_BY_HAND,
        ResolutionKind.CANCEL_TRACK,
    }
)


def settles_money(owner: Owner, kind: ResolutionKind) -> bool:
    """Whether this decision on an exception of this owner is about money. Trying again never is."""
    return kind in _ALWAYS or (owner is Owner.FINANCE and kind in _ON_FINANCE)


def above(amounts: Iterable[Money], limit: int | None) -> bool:
    """Whether any amount passes the limit, which is in whole units of each amount's own currency; None: no limit.

    The sign does not matter: 600 taken back is as much as 600 given.
    """
    return limit is not None and any(abs(money.amount) > limit * 10 ** exponent(money.currency) for money in amounts)
