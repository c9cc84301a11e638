"""The refund records of a return."""

from datetime import datetime
from decimal import Decimal

from sandbox.kit.money import ZERO
from sandbox.reveni.breakdown import refund_due
from sandbox.reveni.model import Refund, Return
from sandbox.reveni.money import four

KINDS = ("default", "manual", "adjustment")


def opened(ret: Return, kind: str, amount: Decimal | None, refund_id: str, now: datetime) -> Refund:
    """Add a pending refund; `amount` None is what is due by the composition.

    Raises ValueError on an unknown kind, an amount that is not positive, or an adjustment without an amount.
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of refund: {kind}")
    if amount is None and kind == "adjustment":
        raise ValueError("an adjustment needs an amount")
    value = _positive(refund_due(ret) if amount is None else amount)
    refund = Refund(refund_id, ret.id, kind, ret.refund_method, "pending", value, ret.currency, now)
    ret.refunds.append(refund)
    return refund


def pending(ret: Return, kind: str) -> Refund | None:
    """The oldest refund of that kind that is still to be paid."""
    return next((refund for refund in ret.refunds if refund.kind == kind and refund.status == "pending"), None)


def newest_live(ret: Return) -> Refund | None:
    """The newest refund that has not failed."""
    return next((refund for refund in reversed(ret.refunds) if refund.status != "failed"), None)


def settle(refund: Refund, amount: Decimal | None, now: datetime) -> None:
    """The money has moved: the refund is paid, with another amount than planned when one is given."""
    if amount is not None:
        refund.amount = _positive(amount)
    refund.status, refund.paid_at = "paid", now


def follow(ret: Return, change: Decimal) -> Decimal:
    """The money due has changed: let the pending default refund follow. What remains to be paid on top is the answer.

    Money that has moved is not taken back.
    """
    refund = pending(ret, "default")
    if refund is None:
        return max(change, ZERO)
    refund.amount += change
    if refund.amount <= 0:
        ret.refunds.remove(refund)
    return ZERO


def _positive(amount: Decimal) -> Decimal:
    if amount <= 0:
        raise ValueError(f"a refund needs a positive amount, not {amount}")
    return four(amount)
