"""What the customer pays for dearer new items."""

from datetime import datetime
from decimal import Decimal

from sandbox.kit.money import ZERO
from sandbox.reveni.breakdown import difference_due
from sandbox.reveni.model import Payment, Return
from sandbox.reveni.money import four


def opened(ret: Return, amount: Decimal | None, payment_id: str) -> Payment:
    """Add a pending payment; `amount` None is what is still due. Raises ValueError when that is not positive."""
    value = four(still_due(ret) if amount is None else amount)
    if value <= 0:
        raise ValueError(f"a payment needs a positive amount, not {value}")
    payment = Payment(payment_id, "pending", value)
    ret.payments.append(payment)
    return payment


def pending(ret: Return) -> Payment | None:
    """The oldest payment that is still to be made."""
    return next((payment for payment in ret.payments if payment.status == "pending"), None)


def newest_live(ret: Return) -> Payment | None:
    """The newest payment that has not failed."""
    return next((payment for payment in reversed(ret.payments) if payment.status != "failed"), None)


def still_due(ret: Return) -> Decimal:
    """What is due less what is paid; negative when too much was paid."""
    return difference_due(ret) - sum((p.amount for p in ret.payments if p.status == "paid"), ZERO)


def settle(payment: Payment, amount: Decimal | None, now: datetime) -> None:
    """The money is here, another amount than asked for when one is given. Raises ValueError when not positive."""
    if amount is not None:
        if amount <= 0:
            raise ValueError(f"a payment needs a positive amount, not {amount}")
        payment.amount = four(amount)
    payment.status, payment.paid_at = "paid", now
