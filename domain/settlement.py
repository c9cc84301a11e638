"""Comparing a refund with the order, and making the credit (money.md 6.8). Amounts are minor units."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from domain.documents import CreditCharge, CreditLine
from domain.expected import ExpectedCredit
from domain.hypotheses import Hypothesis, RefundContext, explain
from domain.model import Message
from domain.money import Money, decimal_text


class Exact(Message):
    """The refund is the expected credit."""

    verdict: Literal["exact"] = "exact"


class Rounding(Message):
    """The refund differs within tolerance: goods at slot value plus a rounding line of `difference` (E36)."""

    verdict: Literal["rounding"] = "rounding"
    difference: int


class Mismatch(Message):
    """Nothing may be posted (REFUND_MISMATCH, E37). `reason` has the figures; hypotheses are best first."""

    verdict: Literal["mismatch"] = "mismatch"
    difference: int
    reason: str
    hypotheses: tuple[Hypothesis, ...] = ()


ChargePurpose = Literal["shipping", "fee", "rounding", "goodwill", "exchange"]
Verdict = Annotated[Exact | Rounding | Mismatch, Field(discriminator="verdict")]


class OrderBalance(Message):
    """What live credits of one order came to. `rounding` is the signed sum of their rounding lines.

    captured: money captured from the customer; None when the ERP does not tell
    """

    order_total: int
    captured: int | None = None
    credited: int = 0
    rounding: int = 0


class Credit(Message):
    """The parts of a credit document. `total` is goods with their tax plus all charges."""

    lines: list[CreditLine]
    charges: list[CreditCharge]
    total: int


def tolerance(expected: ExpectedCredit, step: int, cap: int) -> int:
    """Largest difference that counts as rounding: one step per rounded component, at most the cap."""
    return min(expected.rounded_components * step, cap)


def rounded_components(lines: Sequence[CreditLine], charges: Sequence[CreditCharge]) -> int:
    """How many parts of a credit were rounded each on its own: lines, tax codes, shipping, fee (money.md 6.8)."""
    codes = {line.tax_code for line in lines if line.tax}
    rounded = [charge for charge in charges if charge.purpose in ("shipping", "fee")]
    return len(lines) + len(codes) + len(rounded)


def compare(
    expected: ExpectedCredit, refund: Money, step: int, cap: int, context: RefundContext | None = None
) -> Exact | Rounding | Mismatch:
    """Whether the platform's refund is what the order says. Guards are separate: see `guarded`.

    With a context a mismatch carries the ranked hypotheses.
    Raises ValueError when the currencies differ: that is CURRENCY_MISMATCH (E38), decided before.
    """
    difference = (refund - expected.money).amount
    allowed = tolerance(expected, step, cap)
    if difference == 0:
        return Exact()
    if abs(difference) <= allowed:
        return Rounding(difference=difference)
    more = "more" if difference > 0 else "less"
    reason = (
        f"the platform refunded {refund}, the order says {expected.money}:"
        f" {decimal_text(abs(difference), refund.currency)} {more},"
        f" and at most {decimal_text(allowed, refund.currency)} counts as rounding"
    )
    hypotheses = explain(context, refund.amount) if context else ()
    return Mismatch(difference=difference, reason=reason, hypotheses=hypotheses)


def guarded(
    verdict: Exact | Rounding | Mismatch, refund: Money, balance: OrderBalance, cap: int
) -> Exact | Rounding | Mismatch:
    """The same verdict, or a mismatch when posting this refund would break a guard of the order."""
    if isinstance(verdict, Mismatch):
        return verdict
    difference = verdict.difference if isinstance(verdict, Rounding) else 0
    reason = broken_guard(balance, refund, difference, cap)
    return Mismatch(difference=difference, reason=reason) if reason else verdict


def broken_guard(balance: OrderBalance, credit: Money, rounding: int, cap: int) -> str:
    """The guard that one more credit of this order would break, with figures; empty when none.

    Holds for every credit, also when a person accepted its amount. `rounding` is its rounding line, or 0.
    """
    credited, rounded = balance.credited + credit.amount, balance.rounding + rounding
    if credited > balance.order_total:
        return _over("credits", credited, "the order total", balance.order_total, credit.currency)
    if balance.captured is not None and credited > balance.captured:
        return _over("credits", credited, "the money captured", balance.captured, credit.currency)
    if rounding and abs(rounded) > 2 * cap:
        return _over("rounding lines", abs(rounded), "what one order may collect", 2 * cap, credit.currency)
    return ""


def build_credit(
    expected: ExpectedCredit,
    total: int,
    difference_as: Literal["rounding", "goodwill"],
    *,
    rma_lines: Mapping[str, int],
    map_tax: Callable[[str], str],
    map_charge: Callable[[str], str],
) -> Credit:
    """The credit's lines and charges, so that they come to `total`.

    Goods always stay at slot value; what `total` differs from the expected amount becomes a line of its own:
    "rounding" for a Rounding verdict (E36), "goodwill" for an amount that a person accepted (E45).
    For an exact refund and for ACCEPT_ORDER_AMOUNT pass ``expected.total``. A fee is a negative charge (V18), and so
    is what the platform kept back for a dearer replacement.

    rma_lines: line id → RMA line number; KeyError for a line that it lacks
    map_tax: the order's tax code → the ERP's; not asked for lines without a tax code
    map_charge: purpose → the ERP's charge code; both raise what the caller wants when there is no mapping
    """
    difference = total - expected.total
    charges = [
        _charge("shipping", expected.shipping, map_charge),
        _charge("fee", -expected.fee, map_charge),
        _charge("exchange", -expected.top_up, map_charge),
        _charge("rounding", difference if difference_as == "rounding" else 0, map_charge),
        _charge("goodwill", expected.goodwill + (difference if difference_as == "goodwill" else 0), map_charge),
    ]
    lines = [
        CreditLine(
            rma_line_no=rma_lines[line.line_id],
            order_line_id=line.order_line_id,
            sku=line.sku,
            quantity=line.quantity,
            unit_primary=line.unit_primary,
            tax=line.tax,
            tax_code=map_tax(line.tax_code) if line.tax_code else "",
            tax_rate=line.tax_rate,
        )
        for line in expected.lines
    ]
    return Credit(lines=lines, charges=[charge for charge in charges if charge], total=total)


def _charge(purpose: ChargePurpose, amount: int, map_charge: Callable[[str], str]) -> CreditCharge | None:
    """A charge line, or None: an unused purpose needs no mapping."""
    return CreditCharge(purpose=purpose, code=map_charge(purpose), amount=amount) if amount else None


def _over(what: str, amount: int, limit_name: str, limit: int, currency: str) -> str:
    return (
        f"{what} of the order would come to {decimal_text(amount, currency)} {currency},"
        f" above {limit_name}, {decimal_text(limit, currency)}"
    )
