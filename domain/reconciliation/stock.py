"""Units of a return: credited against restocked (R38)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.exceptions import ExceptionCode, Track
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import Difference
from domain.reconciliation.facts import Agreed, CaseFact, LineUnits, StockFact

_ABOUT_UNITS = (ExceptionCode.STOCK_REJECTED, ExceptionCode.REFUND_EXCEEDS_ACCEPTED, ExceptionCode.REFUND_NOT_CONFIRMED)


def stock_difference(case: CaseFact, agreed: Agreed, now: datetime) -> Difference | None:
    """The units that were credited and not restocked, or the other way round, with no reason; None when all is right.

    Units on their way into the ERP, and a return that is not finished, are given the agreed time.
    """
    stock = case.stock
    if stock is None or now - stock.at <= agreed.stock:
        return None
    missing = [(line, _unexplained(line.unstocked, line.without_stock)) for line in stock.lines]
    uncredited = []
    if stock.final and not case.ended:
        uncredited = [(line, _unexplained(line.uncredited, line.without_credit)) for line in stock.lines]
    found = [(line, units) for line, units in (*missing, *uncredited) if units]
    return _told(case, stock, found) if found else None


def _told(case: CaseFact, stock: StockFact, found: Sequence[tuple[LineUnits, int]]) -> Difference:
    credited, restocked = (sum(getattr(line, name) for line in stock.lines) for name in ("credited", "restocked"))
    units = sum(count for _, count in found)
    what = str(units) if len(stock.lines) == 1 else ", ".join(f"{count} x {line.sku}" for line, count in found)
    text = f"{credited} unit(s) were credited and {restocked} restocked: {what} without a reason"
    if explained := _explained(stock):
        text += f" ({', '.join(f'{count} {reason}' for reason, count in sorted(explained.items()))} left out)"
    return Difference(
        kind=DifferenceClass.STOCK_MISMATCH,
        subject=case.return_id,
        text=text,
        at=stock.at,
        units=units,
        return_id=case.return_id,
        order_number=case.order_number,
        figures={
            "credited_units": str(credited),
            "restocked_units": str(restocked),
            "quantity": str(units),
        },
        code=_code(found[0][0]),
        covered_by=_covered(case),
    )


def _unexplained(units: int, reasons: Mapping[str, int]) -> int:
    """What is left of the units of a line; a reason explains no more of them than there are."""
    return max(units - sum(reasons.values()), 0)


def _explained(stock: StockFact) -> Mapping[str, int]:
    """Reason → units that it explains."""
    explained = Counter[str]()
    for line in stock.lines:
        for units, reasons in ((line.unstocked, line.without_stock), (line.uncredited, line.without_credit)):
            left = units
            for reason, count in reasons.items():
                explained[reason] += min(count, left)
                left -= min(count, left)
    return +explained


def _code(line: LineUnits) -> ExceptionCode:
    """Whose matter it is: a document that is missing, units that were never accepted, or a refund that never came."""
    if line.restocked > line.credited:
        return ExceptionCode.REFUND_NOT_CONFIRMED
    if line.accepted > line.restocked:
        return ExceptionCode.STOCK_REJECTED
    return ExceptionCode.REFUND_EXCEEDS_ACCEPTED


def _covered(case: CaseFact) -> str:
    matters = (m.exception_id for m in case.open if m.track is Track.GOODS or m.code in _ABOUT_UNITS)
    return next(matters, "")
