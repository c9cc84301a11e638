"""Finance track: each refund that the platform paid becomes one credit note, or one exception; never neither (R39)."""

from activities.signatures import Credited, CreditRefund, Decision, ErpSteps, Problem, RmaOpened
from domain.exceptions import ExceptionCode, Track
from domain.money import told_amount
from domain.returns import Refund
from workflows.case import ReturnCase
from workflows.exposure import cover_ends
from workflows.money import (
    ACCEPTED,
    acceptance_due,
    announced,
    awaited,
    exchange_shares,
    next_refund,
    shares_of_acceptance,
    uncredited,
)
from workflows.parking import settle
from workflows.steps import run_step
from workflows.waiting import until


async def run_finance(case: ReturnCase) -> None:
    """Refund by refund, oldest first, as soon as there are units for it; or what was accepted, where so configured."""
    while not case.over:
        await until(case, lambda: acceptance_due(case) or next_refund(case) is not None)
        refund = next_refund(case)
        if case.rma is not None and acceptance_due(case):
            await _credit(case, case.rma, f"{ACCEPTED}{len(case.credit_numbers) + 1}", None)
        elif refund is None:
            continue
        elif case.rma is None:
            _nothing_to_credit(case, refund)
        else:
            await _credit(case, case.rma, refund.refund_id, refund)


async def _credit(case: ReturnCase, rma: RmaOpened, name: str, refund: Refund | None) -> None:
    number = case.credit_numbers.setdefault(name, len(case.credit_numbers) + 1)

    async def attempt(decisions: list[Decision]) -> Credited:
        request = CreditRefund(
            ref=case.start.ref,
            rma=rma,
            refund=refund,
            accepted=uncredited(case),
            announced=announced(case) if refund else {},
            awaited=awaited(case) if refund else {},
            exchanges=exchange_shares(case) if refund else shares_of_acceptance(case),
            cover_until=cover_ends(case),
            outstanding=not case.goods_done and case.ended is None,
            number=number,
            decisions=decisions,
        )
        return await run_step(
            ErpSteps.credit_refund, request, step=f"credit-refund-{number}", queue=case.start.erp_queue
        )

    credited = await settle(case, Track.FINANCE, "credit-refund", attempt, step_cancels=True)
    if credited is not None and credited.early:
        case.early[name] = len(case.booked)
    elif credited is not None:
        case.credits[name] = credited


def _nothing_to_credit(case: ReturnCase, refund: Refund) -> None:
    """Money moved for a return that ended before it had an RMA: finance must know."""
    paid = f"refund {refund.refund_id} of {told_amount(refund.amount_text, refund.currency)} was paid"
    reason = f"{paid}, but the return ended without goods"
    figures = {"refund": refund.refund_id, "amount": refund.amount_text, "currency": refund.currency}
    problem = Problem(code=ExceptionCode.REFUND_EXCEEDS_ACCEPTED, reason=reason, figures=figures)
    case.misfits.append(problem)
    case.credits[refund.refund_id] = Credited(refund_id=refund.refund_id, number="", total=0, currency=refund.currency)
