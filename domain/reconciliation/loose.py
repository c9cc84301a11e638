"""What belongs to no return of ours: refunds made elsewhere, notes of somebody else, lines of payout reports."""

from datetime import datetime

from domain.exceptions import ExceptionCode
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import PAID_OUT, Difference, Matched, Placed
from domain.reconciliation.facts import Agreed, LooseCredit, LooseRefund, PayoutCounterpart, PayoutFact
from domain.returns import RefundState


def match_loose_refund(refund: LooseRefund, agreed: Agreed, now: datetime) -> Matched:
    """A refund without a return case; its webhook may just be late, so it has the agreed time (R52, E44)."""
    if refund.state is not RefundState.PAID:
        return _refund(refund, DifferenceClass.NOT_COUNTED)
    if now - refund.at <= agreed.credit:
        return _refund(refund, DifferenceClass.PENDING)
    amount = str(refund.amount) if refund.amount is not None else refund.amount_text
    text = f"refund {refund.refund_id} over {amount} {_for_order(refund.order_number)} belongs to no return"
    if refund.platform_return:
        text += f" here; the platform has it on return {refund.platform_return}"
    if refund.credit:
        text += f". Credit note {refund.credit} over the same amount is in the ERP"
    figures = {"refunded": amount, "order": refund.order_number, "credit_note": refund.credit}
    difference = Difference(
        kind=DifferenceClass.OUT_OF_BAND_REFUND,
        subject=refund.refund_id,
        text=text,
        at=refund.at,
        value=refund.amount,
        order_number=refund.order_number,
        refund_id=refund.refund_id,
        figures={name: figure for name, figure in figures.items() if figure},
        code=ExceptionCode.OUT_OF_BAND_REFUND,
    )
    return _refund(refund, DifferenceClass.OUT_OF_BAND_REFUND, difference)


def match_loose_credit(credit: LooseCredit, tells: bool, agreed: Agreed, now: datetime) -> Matched:
    """A note that no return of this connection has.

    tells: whether this connection speaks for its books; of several that share them one does, so that it is told once.
    """
    if credit.reversed:
        return _credit(credit, DifferenceClass.NOT_COUNTED)
    if credit.connection or not (tells or credit.repeats):
        return _credit(credit, DifferenceClass.OTHER_CONNECTION)
    if credit.repeats:
        return _credited_again(credit, agreed, now)
    difference = Difference(
        kind=DifferenceClass.FOREIGN_CREDIT,
        subject=credit.number,
        text=f"credit note {credit.number} over {credit.total} {_for_order(credit.order_number)} was made by somebody"
        " else and belongs to no return",
        at=credit.at,
        value=-credit.total,
        order_number=credit.order_number,
        credit=credit.number,
    )
    return _credit(credit, DifferenceClass.FOREIGN_CREDIT, difference)


def _credited_again(credit: LooseCredit, agreed: Agreed, now: datetime) -> Matched:
    """Somebody made a note that we have made as well: it has the time in which a refund for it may still come."""
    if now - credit.at <= agreed.credit:
        return _credit(credit, DifferenceClass.PENDING)
    difference = Difference(
        kind=DifferenceClass.DUPLICATE_CREDIT,
        subject=credit.number,
        text=f"credit note {credit.number} over {credit.total} {_for_order(credit.order_number)} was made by somebody"
        f" else, on top of {credit.repeats} over the same amount",
        at=credit.at,
        value=-credit.total,
        return_id=credit.return_id,
        order_number=credit.order_number,
        credit=credit.number,
        figures={"credited": str(credit.total)},
        code=ExceptionCode.REFUND_MISMATCH,
    )
    return _credit(credit, DifferenceClass.DUPLICATE_CREDIT, difference)


def match_payout(line: PayoutFact, known: PayoutCounterpart) -> Difference | None:
    """What is wrong with one line of a payout report; None when the platform's refund explains it (R79, R80).

    Of several lines of one refund, each is a difference of its own.
    """
    subject = f"{line.refund_id}#{known.earlier + 1}" if known.earlier else line.refund_id
    value, figures = line.amount, {PAID_OUT: str(line.amount), "order": line.order_number}
    if known.unusable and not known.earlier:
        return None  # that is told of the refund itself
    if (known.refund is not None or known.unusable) and known.earlier:
        kind, code = DifferenceClass.DUPLICATE_REFUND, ExceptionCode.DUPLICATE_REFUND
        text = f"refund {line.refund_id} was paid out again on {line.paid_at:%Y-%m-%d}: {line.amount} more"
    elif known.refund is not None:
        if known.refund == line.amount:
            return None
        kind, code = DifferenceClass.UNMATCHED_PAYOUT, ExceptionCode.REFUND_MISMATCH
        text = f"the gateway paid {line.amount} for refund {line.refund_id}, which is over {known.refund}"
        value = _difference(line.amount, known.refund)
        figures["refunded"] = str(known.refund)
    elif known.order_has_case:
        kind, code = DifferenceClass.UNMATCHED_PAYOUT, ExceptionCode.OUT_OF_BAND_REFUND
        text = (
            f"the gateway paid {line.amount} as refund {line.refund_id} {_for_order(line.order_number)},"
            " and the order's returns have no such refund"
        )
    else:
        kind, code = DifferenceClass.OUT_OF_BAND_REFUND, ExceptionCode.OUT_OF_BAND_REFUND
        text = (
            f"refund {line.refund_id} over {line.amount} {_for_order(line.order_number)} was paid out by the gateway,"
            " and no return has it"
        )
    return Difference(
        kind=kind,
        subject=subject,
        text=text,
        at=line.paid_at,
        value=value,
        return_id=known.return_id,
        order_number=line.order_number,
        refund_id=line.refund_id,
        figures={name: figure for name, figure in figures.items() if figure},
        code=code,
    )


def _difference(paid: Money, refunded: Money) -> Money:
    return paid - refunded if paid.currency == refunded.currency else paid


def _for_order(order_number: str) -> str:
    return f"for order {order_number}" if order_number else "for an order that nobody names"


def _refund(refund: LooseRefund, kind: DifferenceClass, difference: Difference | None = None) -> Matched:
    placed = [Placed(side="refund", item_id=refund.refund_id, kind=kind)]
    return Matched(placed=placed, differences=[difference] if difference else [])


def _credit(credit: LooseCredit, kind: DifferenceClass, difference: Difference | None = None) -> Matched:
    placed = [Placed(side="credit", item_id=credit.number, kind=kind)]
    return Matched(placed=placed, differences=[difference] if difference else [])
