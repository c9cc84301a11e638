"""Beside the finance track: refunds that do not come, that fail, and that were paid for goods nobody accepted."""

from collections.abc import Callable

from temporalio import workflow

from activities.signatures import Credited, Problem
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.exposure import unit_figures
from domain.money import Money
from domain.resolution import Resolution
from workflows.case import ReturnCase
from workflows.money import failed_note, unconfirmed
from workflows.parking import park
from workflows.waiting import until


async def watch_confirmation(case: ReturnCase) -> None:
    """Goods were accepted, and the platform confirms no refund within the limit (E34). No clock without a limit."""
    while not case.over:
        await until(case, lambda: unconfirmed(case))
        limit = case.rma.flow.refund_limit if case.rma else None
        if limit is None:
            return
        if not unconfirmed(case):
            continue
        case.refund_by = case.refund_by or workflow.now() + limit
        left = case.refund_by - workflow.now()
        came = await until(
            case, lambda: not unconfirmed(case), timeout=left, timeout_summary="refund of the accepted goods"
        )
        if not came and unconfirmed(case):
            told = "goods were accepted and told to the platform"
            reason = f"{told}; after {limit} it has confirmed no refund for them that counts"
            problem = Problem(code=ExceptionCode.REFUND_NOT_CONFIRMED, reason=reason)
            _obey(case, problem, await _park(case, "await-refund", problem, lambda: not unconfirmed(case)))
        case.refund_by = None


async def watch_failures(case: ReturnCase) -> None:
    """A refund failed after its credit note was posted (E43, R48). The note stays, and is not paid."""
    while not case.over:
        await until(case, lambda: failed_note(case) is not None)
        note = failed_note(case)
        if note is None:
            continue
        problem = _failed(note)
        resolution = await _park(case, "refund-failed", problem, _other_than(case, note))
        if resolution is not None and resolution.settles_refund(problem.code):
            case.refunds_settled.add(note.refund_id)


async def watch_refused_goods(case: ReturnCase) -> None:
    """Units were refunded before their goods came, and the goods were not accepted (E21, E33)."""
    while not case.over:
        await until(case, lambda: any(case.line_money(line).refused for line in case.lines))
        refused = {line.line_id: units for line in case.lines if (units := case.line_money(line).refused)}
        if not refused:
            continue
        resolution = await park(case, Track.FINANCE, "refused-goods", _refused(case, refused))
        if resolution is not None and resolution.kind is not ResolutionKind.RETRY:
            for line_id, units in refused.items():
                case.exposure_decided[line_id] = case.exposure_decided.get(line_id, 0) + units


async def _park(case: ReturnCase, step: str, problem: Problem, moot: Callable[[], bool]) -> Resolution | None:
    return await park(case, Track.FINANCE, step, problem, moot=moot)


def _obey(case: ReturnCase, problem: Problem, resolution: Resolution | None) -> None:
    """Settled elsewhere, or given up: no refund is waited for any more."""
    if resolution is not None and resolution.ends_finance(problem.code):
        case.finance_closed = True


def _other_than(case: ReturnCase, note: Credited) -> Callable[[], bool]:
    """Whether this note is paid again."""
    return lambda: note.number not in [unpaid.number for unpaid in case.notes_unpaid()]


def _failed(note: Credited) -> Problem:
    amount = Money(amount=note.total, currency=note.currency)
    reason = f"refund {note.refund_id} of {amount} failed after credit note {note.number} was posted; the note stays"
    figures = {"refund": note.refund_id, "credit_note": note.number}
    return Problem(code=ExceptionCode.REFUND_FAILED, reason=reason, amount=amount, figures=figures)


def _refused(case: ReturnCase, refused: dict[str, int]) -> Problem:
    value = sum(case.line_money(line).refused_value for line in case.lines)
    currency = next((credit.currency for credit in case.credits.values() if credit.exposed), "")
    amount = Money(amount=value, currency=currency)
    skus = {line.line_id: line.sku for line in case.lines}
    units = ", ".join(f"{count} x {skus[line_id]}" for line_id, count in refused.items())
    reason = f"{amount} was refunded for {units} before the goods came, and they were not accepted"
    return Problem(
        code=ExceptionCode.REFUND_EXCEEDS_ACCEPTED, reason=reason, amount=amount, figures=unit_figures(refused)
    )
