"""Units of a return: credited against restocked (R38)."""

from collections.abc import Mapping
from datetime import datetime

from domain.exceptions import ExceptionCode, Track
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import Difference
from domain.reconciliation.facts import Agreed, CaseFact, StockFact

_ABOUT_UNITS = (ExceptionCode.STOCK_REJECTED, ExceptionCode.REFUND_EXCEEDS_ACCEPTED, ExceptionCode.REFUND_NOT_CONFIRMED)


def stock_difference(case: CaseFact, agreed: Agreed, now: datetime) -> Difference | None:
    """The units that were credited and not restocked, or the other way round, with no reason; None when all is right.

    Units on their way into the ERP, and a return that is not finished, are given the agreed time.
    """
    stock = case.stock
    if stock is None or now - stock.at <= agreed.stock:
        return None
    missing = stock.credited - stock.restocked - stock.booking - _sum(stock.without_stock)
    if missing > 0:
        return _told(case, stock, missing)
    uncredited = stock.restocked - stock.credited - _sum(stock.without_credit)
    if uncredited > 0 and stock.final and not case.ended:
        return _told(case, stock, uncredited)
    return None


def _told(case: CaseFact, stock: StockFact, units: int) -> Difference:
    reasons = {**stock.without_stock, **stock.without_credit}
    text = f"{stock.credited} unit(s) were credited and {stock.restocked} restocked: {units} without a reason"
    if reasons:
        text += f" ({', '.join(f'{count} {reason}' for reason, count in sorted(reasons.items()) if count)} left out)"
    return Difference(
        kind=DifferenceClass.STOCK_MISMATCH,
        subject=case.return_id,
        text=text,
        at=stock.at,
        units=units,
        return_id=case.return_id,
        order_number=case.order_number,
        figures={
            "credited_units": str(stock.credited),
            "restocked_units": str(stock.restocked),
            "quantity": str(units),
        },
        code=_code(stock),
        covered_by=_covered(case),
    )


def _code(stock: StockFact) -> ExceptionCode:
    """Whose matter it is: a document that is missing, units that were never accepted, or a refund that never came."""
    if stock.restocked > stock.credited:
        return ExceptionCode.REFUND_NOT_CONFIRMED
    if stock.accepted > stock.restocked:
        return ExceptionCode.STOCK_REJECTED
    return ExceptionCode.REFUND_EXCEEDS_ACCEPTED


def _covered(case: CaseFact) -> str:
    matters = (m.exception_id for m in case.open if m.track is Track.GOODS or m.code in _ABOUT_UNITS)
    return next(matters, "")


def _sum(reasons: Mapping[str, int]) -> int:
    return sum(reasons.values())
