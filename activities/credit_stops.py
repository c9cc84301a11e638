"""Why a refund is not credited without a person, with every figure that they need (R42, R46, N4)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from activities.books import Books, LooseNote
from activities.notes import total_of
from activities.outcomes import Stop, problem_from
from activities.valuation import Valuation
from domain.exceptions import ExceptionCode
from domain.hypotheses import BETWEEN
from domain.money import Money, decimal_text
from domain.outcomes import Rejected
from domain.returns import Refund
from domain.settlement import Mismatch


@contextmanager
def naming_refund(refund: Refund | None) -> Iterator[None]:
    """Whatever stops the credit of a refund names it: what is decided about it counts for no other refund."""
    try:
        yield
    except (Stop, Rejected) as trouble:
        if refund is None:
            raise
        problem = trouble.problem if isinstance(trouble, Stop) else problem_from(trouble)
        figures = {"refund": refund.refund_id, **problem.figures}
        stop = Stop(problem.code, problem.reason, subject=problem.subject, amount=problem.amount, figures=figures)
        raise stop from trouble


def nothing_left(refund: Refund, books: Books, money: Money) -> Stop:
    """A second refund for the same goods (R46, E35), or one for goods that were not accepted."""
    credited = [claim for claim in books.held if claim.credit_key is not None]
    figures = {"refund": refund.refund_id, "amount": str(money)}
    if credited:
        code = ExceptionCode.DUPLICATE_REFUND
        why = "every unit of this return that may be refunded is credited already, or was given up by finance"
    else:
        code, why = ExceptionCode.REFUND_EXCEEDS_ACCEPTED, "no unit of this return was accepted"
    return Stop(code, f"the platform refunded {money}, but {why}", amount=money, figures=figures)


def mismatch_with_order(refund: Refund, valuation: Valuation, mismatch: Mismatch, money: Money) -> Stop:
    """Both amounts, their difference, and the causes that explain it best."""
    currency = money.currency
    figures = {
        "refund": refund.refund_id,
        "platform_amount": decimal_text(money.amount, currency),
        "order_amount": decimal_text(valuation.expected.total, currency),
        "difference": decimal_text(mismatch.difference, currency),
    }
    reason = mismatch.reason
    if mismatch.hypotheses:
        reason += f". Most likely: {mismatch.hypotheses[0].sentence}"
        figures["hypothesis"] = mismatch.hypotheses[0].cause
        figures["hypotheses"] = BETWEEN.join(h.sentence for h in mismatch.hypotheses[:5])
    return Stop(ExceptionCode.REFUND_MISMATCH, reason, amount=money, figures=figures)


def mismatch_with_notes(refund: Refund, notes: Sequence[LooseNote], money: Money) -> Stop:
    """The refund is for notes that exist, but it is another amount."""
    credited, currency = total_of(notes), money.currency
    numbers = ", ".join(note.record.number for note in notes)
    texts = [decimal_text(amount, currency) for amount in (money.amount, credited, money.amount - credited)]
    reason = f"the platform refunded {money}, but credit note {numbers} over {texts[1]} {currency} is there already"
    figures = {
        "refund": refund.refund_id,
        "platform_amount": texts[0],
        "order_amount": texts[1],
        "difference": texts[2],
        "credit_note": numbers,
    }
    return Stop(ExceptionCode.REFUND_MISMATCH, reason, amount=money, figures=figures)
