"""Which decisions one person may not make alone: those that settle much money (R110).

What a decision does counts, not what it is called: decisions of the same effect need the same people.
"""

from collections.abc import Iterable

from domain.catalogue import CATALOGUE
from domain.edits import edit_fields
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.money import Money, exponent
from domain.resolution import ENDS_FINANCE, SETTLES_REFUND

#: They set an amount, and so does a correction of the share that is credited.
_AMOUNT = frozenset({ResolutionKind.ACCEPT_PLATFORM_AMOUNT, ResolutionKind.ACCEPT_ORDER_AMOUNT})
_SHARE = "share"
#: The flow goes on, and what it credits then is compared and decided as ever.
_GOES_ON = frozenset(
    {
        ResolutionKind.RETRY,
        ResolutionKind.EDIT_AND_RETRY,
        ResolutionKind.SUBSTITUTE_SKU,
        ResolutionKind.CONVERT_TO_REFUND,
    }
)
_GIVES_UP = frozenset({ResolutionKind.WRITE_OFF, ResolutionKind.CANCEL_TRACK})


def settles_money(code: ExceptionCode, kind: ResolutionKind, edits: Iterable[str] = ()) -> bool:
    """Whether this decision sets an amount, or ends a matter of money. `edits`: names of what it corrects."""
    if kind in _AMOUNT or _SHARE in edits:
        return True
    if kind in _GOES_ON or not _about_money(code):
        return False
    # where the warehouse says that goods are, or what it booked by hand, gives nothing up
    return kind in _GIVES_UP or CATALOGUE[code].owner is not Owner.WAREHOUSE


def may_settle_money(code: ExceptionCode, kind: ResolutionKind) -> bool:
    """The same for people who have not decided yet: whether it does with any correction that it allows here."""
    return settles_money(code, kind, [field.name for field in edit_fields(code, kind, {})])


def above(amounts: Iterable[Money], limit: int | None) -> bool:
    """Whether any amount passes the limit, which is in whole units of each amount's own currency; None: no limit.

    The sign does not matter: 600 taken back is as much as 600 given.
    """
    return limit is not None and any(abs(money.amount) > limit * 10 ** exponent(money.currency) for money in amounts)


def _about_money(code: ExceptionCode) -> bool:
    """Whether ending this matter settles money, or gives up what is worth some.

    Goods that can still go back to the customer are the customer's: nothing of ours is given up with them.
    """
    entry = CATALOGUE[code]
    ours = ResolutionKind.WRITE_OFF in entry.resolutions and ResolutionKind.RETURN_TO_CUSTOMER not in entry.resolutions
    return entry.owner is Owner.FINANCE or code in ENDS_FINANCE | SETTLES_REFUND or ours
