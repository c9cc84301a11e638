"""What the customer owes for dearer new items, and what is paid of it (E53), as decimal text. Pure."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from adapters.reveni import contract
from adapters.reveni.contract import WirePayment
from adapters.reveni.words import invalid, known
from domain.money import exponent


def due_text(total: str, currency: str) -> str:
    """What a composition with that total leaves to the customer, in whole minor units; ``"0"`` when it is a refund."""
    owed = -Decimal(total)
    if owed <= 0:
        return "0"
    return format(owed.quantize(Decimal(1).scaleb(-exponent(currency)), rounding=ROUND_HALF_UP), "f")


def paid_text(payments: Sequence[WirePayment], currency: str) -> str:
    """Sum of what is paid; ``"0"`` without payments.

    Rejected(EVENT_INVALID) for another currency than the return's, an unknown status, and a payment listed twice.
    """
    paid = Decimal(0)
    seen: set[str] = set()
    for n, payment in enumerate(payments):
        counts = known(contract.PAYMENT_PAID, payment.status, f"payments.{n}.status")
        if payment.currency != currency:
            raise invalid(f"Reveni's return: payments.{n}.currency is not the return's")
        if payment.id in seen:
            raise invalid(f"Reveni's return: payments.{n}.id is listed twice")
        seen.add(payment.id)
        paid += Decimal(payment.amount) if counts else 0
    return format(paid, "f")
