"""What a refund is credited with: by the comparison with the order, or by a person (E36, E37, E45, R42, R46)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from activities.books import Books, LooseNote
from activities.credit_stops import mismatch_with_notes, mismatch_with_order, nothing_left
from activities.decisions import standing_kind
from activities.edge import Link
from activities.notes import exact_notes, near_notes, total_of
from activities.outcomes import Stop
from activities.signatures import CreditRefund
from activities.valuation import Valuation, fits_what_is_to_come, nothing_valued, value_goods, value_refund
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.money import AmountPrecisionError, Money, parse_money, told_amount
from domain.returns import Refund
from domain.settlement import Exact, Mismatch, Rounding, broken_guard

#: Decisions that name a credit note which exists already: there is nothing left to guard.
_EXISTS = (ResolutionKind.DONE_BY_HAND, ResolutionKind.LINK_EXISTING)
#: Decisions for which the platform's amounts need not be usable.
_BY_ORDER = (ResolutionKind.ACCEPT_ORDER_AMOUNT, *_EXISTS)


class TooEarly(Exception):
    """The refund is the money of goods that have not come yet: it waits for them, and nobody has to decide."""


@dataclass(frozen=True)
class Settlement:
    """What will be credited: the units, the total, and what a difference to their value is booked as.

    `taken`: notes that exist and that the refund is the money of; then only `total` is still to be credited.
    """

    valuation: Valuation
    total: int
    difference_as: Literal["rounding", "goodwill"]
    taken: Sequence[LooseNote] = ()

    @property
    def rounding(self) -> int:
        """The signed rounding line, in minor units."""
        verdict = self.valuation.verdict
        return verdict.difference if self.difference_as == "rounding" and isinstance(verdict, Rounding) else 0


def settle(link: Link, request: CreditRefund, books: Books) -> Settlement:
    """What to credit. The guards of the order hold for a person's decision too."""
    if request.refund is None:
        return _by_acceptance(link, request, books)
    decided = standing_kind(request.decisions)
    try:
        refund = _refund_money(request.refund, books)
    except Stop:
        if decided not in _BY_ORDER:
            raise
        refund, books = Money(amount=0, currency=books.snapshot.currency), without_parts(books)
    if taken := exact_notes(books.loose, refund):
        return _credited_before(books, taken)
    valuation = _valuation(link, request, books, refund)
    fits = valuation is not None and isinstance(valuation.verdict, Exact)
    if not fits and (taken := near_notes(link, books.loose, refund)):
        return _credited_before(books, taken)
    if valuation is None:
        return _without_units(link, request, request.refund, books, refund)
    if decided is ResolutionKind.ACCEPT_PLATFORM_AMOUNT:
        return _guarded(link, books, Settlement(valuation, refund.amount, "goodwill"), refund)
    if decided in _EXISTS:
        return Settlement(valuation, valuation.expected.total, "goodwill")
    if decided is ResolutionKind.ACCEPT_ORDER_AMOUNT:
        return _guarded(link, books, Settlement(valuation, valuation.expected.total, "goodwill"), refund)
    if isinstance(valuation.verdict, Mismatch):
        if fits_what_is_to_come(link, books, request, refund):
            raise TooEarly
        raise mismatch_with_order(request.refund, valuation, valuation.verdict, refund)
    return Settlement(valuation, refund.amount, "rounding")


def _credited_before(books: Books, taken: Sequence[LooseNote]) -> Settlement:
    return Settlement(nothing_valued(books, Exact()), 0, "goodwill", taken)


def _by_acceptance(link: Link, request: CreditRefund, books: Books) -> Settlement:
    """Accepted goods at the order's amount, before the platform has paid anything."""
    decided = standing_kind(request.decisions)
    try:
        valuation = value_goods(link, books, request)
    except AmountPrecisionError as error:
        if decided not in _BY_ORDER:
            raise _unusable(error) from error
        valuation = value_goods(link, without_parts(books), request)
    if valuation is None:
        raise Stop(ExceptionCode.CREDIT_REJECTED, "no accepted unit is left to credit")
    settlement = Settlement(valuation, valuation.expected.total, "goodwill")
    return settlement if decided in _EXISTS else _guarded(link, books, settlement, valuation.expected.money)


def _valuation(link: Link, request: CreditRefund, books: Books, refund: Money) -> Valuation | None:
    try:
        return value_refund(link, books, request, refund)
    except AmountPrecisionError as error:
        if standing_kind(request.decisions) not in _BY_ORDER:
            raise _unusable(error, refund) from error
        return value_refund(link, without_parts(books), request, refund)


def _without_units(link: Link, request: CreditRefund, refund: Refund, books: Books, money: Money) -> Settlement:
    """Money for which no unit is left: for notes whose refund is open, or as goodwill by decision."""
    decided = standing_kind(request.decisions)
    all_goodwill = Mismatch(difference=money.amount, reason="accepted by a person")
    if books.loose:
        above = max(money.amount - total_of(books.loose), 0) if decided not in _BY_ORDER else 0
        settlement = Settlement(nothing_valued(books, all_goodwill), above, "goodwill", books.loose)
        if decided in _BY_ORDER:
            return settlement
        if decided is ResolutionKind.ACCEPT_PLATFORM_AMOUNT:
            return _guarded(link, books, settlement, money)
        raise mismatch_with_notes(refund, books.loose, money)
    goodwill = Settlement(nothing_valued(books, all_goodwill), money.amount, "goodwill")
    if decided in _EXISTS:
        return goodwill
    if decided is ResolutionKind.ACCEPT_PLATFORM_AMOUNT:
        return _guarded(link, books, goodwill, money)
    raise nothing_left(refund, books, money)


def _refund_money(refund: Refund, books: Books) -> Money:
    """The refund's amount, exact (E38, AMOUNT_PRECISION)."""
    currency = books.snapshot.currency
    figures = {"refund": refund.refund_id, "amount": refund.amount_text, "currency": refund.currency}
    if refund.currency != currency:
        reason = f"the platform refunded {told_amount(refund.amount_text, refund.currency)}, the order is in {currency}"
        raise Stop(ExceptionCode.CURRENCY_MISMATCH, reason, figures=figures)
    try:
        return parse_money(refund.amount_text, currency)
    except AmountPrecisionError as error:
        reason = f"refund {refund.refund_id}: {error}"
        raise Stop(ExceptionCode.AMOUNT_PRECISION, reason, figures=figures) from error


def _unusable(error: AmountPrecisionError, amount: Money | None = None) -> Stop:
    reason = f"the platform's fee, shipping or bonus cannot be used: {error}"
    return Stop(ExceptionCode.AMOUNT_PRECISION, reason, amount=amount)


def without_parts(books: Books) -> Books:
    """The order alone: fee, shipping and bonus that the platform states cannot be used."""
    unstated = {"fee_text": "0", "shipping_text": "0", "bonus_text": "0"}
    return replace(books, record=books.record.model_copy(update=unstated))


def _guarded(link: Link, books: Books, settlement: Settlement, refund: Money) -> Settlement:
    credit = Money(amount=settlement.total, currency=refund.currency)
    cap = link.connection.policy.tolerance_cap(refund.currency)
    if broken := broken_guard(books.balance, credit, 0, cap):
        raise Stop(ExceptionCode.REFUND_MISMATCH, broken, amount=credit)
    return settlement
