"""Money or a replacement that is out while its goods are not in (N11). Pure questions about a case."""

from datetime import datetime

from activities.signatures import Problem
from domain.exceptions import ExceptionCode
from domain.exchange import ExchangeState
from domain.exposure import unit_figures
from domain.money import told_amount
from domain.returns import RefundState
from workflows.case import ReturnCase
from workflows.receiving import missing


def money_out(case: ReturnCase) -> bool:
    """Whether the customer has the money or the new item for goods that are still to come."""
    if case.platform is None or case.ended is not None or case.goods_done:
        return False
    paid = any(refund.state is RefundState.PAID for refund in case.platform.refunds)
    credited = any(credit.number for credit in case.credits.values())
    return (case.platform.instant and (paid or credited)) or _replaced(case)


def cover_ends(case: ReturnCase) -> datetime | None:
    """Until when the platform covers the loss; where it states nothing, until when the goods are expected.

    None without an RMA: nothing is expected on it.
    """
    assert case.platform is not None
    return case.platform.expires_at or case.deadline or (case.rma.deadline if case.rma else None)


def exposure_problem(case: ReturnCase) -> Problem:
    """What a person must know about it."""
    assert case.platform is not None
    paid = [r for r in case.platform.refunds if r.state is RefundState.PAID]
    what = ", ".join(told_amount(r.amount_text, r.currency) for r in paid) or "the replacement"
    ends = cover_ends(case)
    until = f"{ends:%Y-%m-%d %H:%M} UTC" if ends else "unknown"
    reason = f"the customer has {what}, and {missing(case)} unit(s) have not arrived; cover ends {until}"
    figures = {"cover_until": until, "missing": str(missing(case)), "refunds": what, **unit_figures(paid_ahead(case))}
    return Problem(code=ExceptionCode.EXPOSURE_DUE, reason=reason, figures=figures)


def paid_ahead(case: ReturnCase) -> dict[str, int]:
    """Line id → units that were credited, whose goods are not accepted and about which nobody has decided."""
    return {line.line_id: units for line in case.lines if (units := case.line_money(line).ahead)}


def give_up(case: ReturnCase) -> None:
    """A person decided what becomes of the money: finance is not asked again for the same units."""
    for line_id, units in paid_ahead(case).items():
        case.exposure_decided[line_id] = case.exposure_decided.get(line_id, 0) + units


def _replaced(case: ReturnCase) -> bool:
    """Whether a replacement was ordered for units that were not inspected."""
    ordered: dict[str, int] = {}
    for one in case.exchange_units:
        if one.state is ExchangeState.ORDERED:
            ordered[one.line_id] = ordered.get(one.line_id, 0) + one.units
    return any(units > case.inspected(line_id) for line_id, units in ordered.items())
