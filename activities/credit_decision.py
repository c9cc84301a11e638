"""What a refund is credited with: by the comparison with the order, or by a person (E36, E37, E45, R42, R46)."""

from dataclasses import dataclass, replace
from typing import Literal

from activities.decisions import last_kind
from activities.edge import Link
from activities.outcomes import Stop
from activities.signatures import CreditRefund
from activities.valuation import Books, Valuation, order_balance, value_refund
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.expected import expect_credit
from domain.money import AmountPrecisionError, Money, decimal_text, parse_money
from domain.settlement import Mismatch, Rounding, broken_guard

#: Decisions that name a credit note which exists already: there is nothing left to guard.
_EXISTS = (ResolutionKind.DONE_BY_HAND, ResolutionKind.LINK_EXISTING)
#: Decisions for which the platform's amounts need not be usable.
_BY_ORDER = (ResolutionKind.ACCEPT_ORDER_AMOUNT, *_EXISTS)


@dataclass(frozen=True)
class Settlement:
    """What will be credited: the units, the total, and what a difference to their value is booked as."""

    valuation: Valuation
    total: int
    difference_as: Literal["rounding", "goodwill"]

    @property
    def rounding(self) -> int:
        """The signed rounding line, in minor units."""
        verdict = self.valuation.verdict
        return verdict.difference if self.difference_as == "rounding" and isinstance(verdict, Rounding) else 0


def settle(link: Link, request: CreditRefund, books: Books) -> Settlement:
    """What to credit for a refund. The guards of the order hold for a person's decision too."""
    decided = last_kind(request.decisions)
    try:
        refund = _refund_money(request, books)
    except Stop:
        if decided not in _BY_ORDER:
            raise
        refund, books = Money(amount=0, currency=books.snapshot.currency), _without_parts(books)
    try:
        valuation = value_refund(link, books, request, refund)
    except AmountPrecisionError as error:
        if decided not in _BY_ORDER:
            reason = f"the platform's fee, shipping or bonus cannot be used: {error}"
            raise Stop(ExceptionCode.AMOUNT_PRECISION, reason, amount=refund) from error
        valuation = value_refund(link, _without_parts(books), request, refund)
    if valuation is None:
        goodwill = Settlement(_no_goods(books, refund), refund.amount, "goodwill")
        if decided in _EXISTS:
            return goodwill
        if decided is ResolutionKind.ACCEPT_PLATFORM_AMOUNT:
            return _guarded(link, books, goodwill, refund)
        raise _nothing_left(request, books, refund)
    if decided is ResolutionKind.ACCEPT_PLATFORM_AMOUNT:
        return _guarded(link, books, Settlement(valuation, refund.amount, "goodwill"), refund)
    if decided in _EXISTS:
        return Settlement(valuation, valuation.expected.total, "goodwill")
    if decided is ResolutionKind.ACCEPT_ORDER_AMOUNT:
        return _guarded(link, books, Settlement(valuation, valuation.expected.total, "goodwill"), refund)
    if isinstance(valuation.verdict, Mismatch):
        raise _mismatch(request, valuation, valuation.verdict, refund)
    return Settlement(valuation, refund.amount, "rounding")


def _refund_money(request: CreditRefund, books: Books) -> Money:
    """The refund's amount, exact (E38, AMOUNT_PRECISION)."""
    refund, currency = request.refund, books.snapshot.currency
    figures = {"refund": refund.refund_id, "amount": refund.amount_text, "currency": refund.currency}
    if refund.currency != currency:
        reason = f"the platform refunded {refund.amount_text} {refund.currency}, the order is in {currency}"
        raise Stop(ExceptionCode.CURRENCY_MISMATCH, reason, figures=figures)
    try:
        return parse_money(refund.amount_text, currency)
    except AmountPrecisionError as error:
        reason = f"refund {refund.refund_id}: {error}"
        raise Stop(ExceptionCode.AMOUNT_PRECISION, reason, figures=figures) from error


def _without_parts(books: Books) -> Books:
    """The order alone: fee, shipping and bonus that the platform states cannot be used."""
    unstated = {"fee_text": "0", "shipping_text": "0", "bonus_text": "0"}
    return replace(books, record=books.record.model_copy(update=unstated))


def _guarded(link: Link, books: Books, settlement: Settlement, refund: Money) -> Settlement:
    credit = Money(amount=settlement.total, currency=refund.currency)
    cap = link.connection.policy.tolerance_cap(refund.currency)
    if broken := broken_guard(order_balance(books), credit, 0, cap):
        raise Stop(ExceptionCode.REFUND_MISMATCH, broken, amount=credit)
    return settlement


def _no_goods(books: Books, refund: Money) -> Valuation:
    """Money without units, which a person accepted: all of it is goodwill."""
    verdict = Mismatch(difference=refund.amount, reason="accepted by a person")
    return Valuation([], {}, {}, expect_credit(books.value, {}), verdict)


def _nothing_left(request: CreditRefund, books: Books, refund: Money) -> Stop:
    """A second refund for the same goods (R46, E35), or one for goods that were not accepted."""
    credited = [claim for claim in books.held if claim.credit_key is not None]
    figures = {"refund": request.refund.refund_id, "amount": str(refund)}
    if credited:
        code, why = ExceptionCode.DUPLICATE_REFUND, "every accepted unit of this return is credited already"
    else:
        code, why = ExceptionCode.REFUND_EXCEEDS_ACCEPTED, "no unit of this return was accepted"
    return Stop(code, f"the platform refunded {refund}, but {why}", amount=refund, figures=figures)


def _mismatch(request: CreditRefund, valuation: Valuation, mismatch: Mismatch, refund: Money) -> Stop:
    currency = refund.currency
    figures = {
        "refund": request.refund.refund_id,
        "platform_amount": decimal_text(refund.amount, currency),
        "order_amount": decimal_text(valuation.expected.total, currency),
        "difference": decimal_text(mismatch.difference, currency),
    }
    reason = mismatch.reason
    if mismatch.hypotheses:
        reason += f". Most likely: {mismatch.hypotheses[0].sentence}"
        figures["hypothesis"] = mismatch.hypotheses[0].cause
        figures["hypotheses"] = "; ".join(h.sentence for h in mismatch.hypotheses[:5])
    return Stop(ExceptionCode.REFUND_MISMATCH, reason, amount=refund, figures=figures)
