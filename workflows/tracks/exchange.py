"""Exchange track: each replacement is an order of its own, beside everything else (R54, R61, E57)."""

from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow

from activities.exchange_signatures import (
    ExchangeStart,
    PlaceReplacement,
    ReplacementPlaced,
    ReplacementSteps,
    WithdrawReplacement,
)
from activities.signatures import Decision, Problem
from domain.exceptions import ExceptionCode, Track
from domain.exchange import ExchangeState, ExchangeUnits
from workflows.case import ReturnCase, Withdrawal
from workflows.exchanges import (
    begin,
    is_given_up,
    is_kept,
    is_unwanted,
    note,
    payment_words,
    replacements_due,
    was_rejected,
)
from workflows.parking import park, settle
from workflows.saga import Saga
from workflows.side_by_side import Tracks
from workflows.steps import run_exchange, run_step
from workflows.waiting import until


async def run_exchanges(case: ReturnCase, saga: Saga, branches: Tracks) -> None:
    """Start every replacement as soon as it is due: at confirmation, or unit by unit at acceptance."""
    for begun in case.exchange_units:
        branches.start(_exchange(case, saga, begun), resumes=True)
    while not case.over:
        await until(case, lambda: bool(replacements_due(case)))
        for due in replacements_due(case):
            branches.start(_exchange(case, saga, begin(case, due)), resumes=True)


async def _exchange(case: ReturnCase, saga: Saga, units: ExchangeUnits) -> None:
    """One replacement: order it, hold it until it is paid; take it back when its goods are not accepted after all, or
    the customer no longer wants it."""
    saga.before(lambda withdrawal: _undo(case, units, withdrawal))
    if not units.state.final:
        case.ordering.add(units.number)
        try:
            await _order(case, units)
        finally:
            case.ordering.discard(units.number)
    await until(case, lambda: _must_go(case, units) or was_rejected(case, units))
    if case.withdrawal is None and is_unwanted(case, units):
        await _take_back(case, units, "the customer changed the request", accepted=0, superseded=True)
    elif case.withdrawal is None and was_rejected(case, units):
        await _take_back(case, units, "the returned goods were not accepted", case.accepted(units.line_id))


def _must_go(case: ReturnCase, units: ExchangeUnits) -> bool:
    """Whether the replacement is not to be ordered any more: the return is withdrawn, or the wish is gone."""
    return case.withdrawal is not None or is_unwanted(case, units)


async def _order(case: ReturnCase, units: ExchangeUnits) -> None:
    """Attempts until it is ordered or decided otherwise. A dearer one waits for the customer's payment (E53)."""
    while not _must_go(case, units) and case.ended is None:
        asked = payment_words(case)
        placed = await _attempt(case, units)
        if placed is None:
            return
        note(case, placed)
        if placed.state is not ExchangeState.AWAITING_PAYMENT:
            return
        await _await_payment(case, units, placed, asked)


async def _attempt(case: ReturnCase, units: ExchangeUnits) -> ReplacementPlaced | None:
    """One replacement order; parked with all its faults when it cannot be made (E49, E52). None: withdrawn."""
    before = case.exchange_decisions.get(units.number, [])

    async def attempt(decisions: list[Decision]) -> ReplacementPlaced:
        assert case.rma is not None
        assert case.platform is not None
        case.exchange_decisions[units.number] = [*before, *decisions]
        order = PlaceReplacement(
            ref=case.ref,
            rma=case.rma,
            wish=case.wishes[units.number],
            units=units.units,
            number=units.number,
            alone=not case.refundable,
            due_text=case.platform.due_text,
            paid_text=case.platform.paid_text,
            cover_until=case.platform.expires_at,
            decisions=case.exchange_decisions[units.number],
        )
        return await run_exchange(case.ref, ExchangeStart(erp_queue=case.start.erp_queue, order=order))

    step = f"order-replacement-{units.number}"
    return await settle(case, Track.EXCHANGE, step, attempt, moot=lambda: _must_go(case, units), step_cancels=True)


async def _await_payment(case: ReturnCase, units: ExchangeUnits, placed: ReplacementPlaced, asked: str) -> None:
    """Hold a dearer replacement until the platform says something new about the payment; raise it after the limit."""

    def changed() -> bool:
        return payment_words(case) != asked or _must_go(case, units)

    if not await _in_time(case, units, changed):
        reason = f"{placed.sku} costs more than what comes back, and the platform has not confirmed the payment"
        problem = Problem(code=ExceptionCode.EXCHANGE_PAYMENT_MISSING, reason=reason)
        resolution = await park(case, Track.EXCHANGE, f"await-payment-{units.number}", problem, moot=changed)
        if resolution is not None:
            case.exchange_decisions[units.number].append(Decision(subject="", resolution=resolution))
    case.pay_by.pop(units.number, None)


async def _in_time(case: ReturnCase, units: ExchangeUnits, changed: Callable[[], bool]) -> bool:
    """Whether it changed before the limit, which counts on in the next history (E70)."""
    limit, now = case.rma.flow.payment_limit if case.rma else None, workflow.now()
    if limit is not None:
        case.pay_by.setdefault(units.number, now + limit)
    left = case.pay_by[units.number] - now if limit is not None else None
    if left is None or left > timedelta():
        await until(case, changed, timeout=left, timeout_summary=f"payment for replacement {units.number}")
    return changed() or case.over


async def _undo(case: ReturnCase, units: ExchangeUnits, withdrawal: Withdrawal) -> None:
    """The return is withdrawn: no replacement either. It is not taken back while it is still being ordered."""
    await workflow.wait_condition(lambda: units.number not in case.ordering)
    await _take_back(case, units, withdrawal.reason, case.accepted(units.line_id))


async def _take_back(
    case: ReturnCase, units: ExchangeUnits, reason: str, accepted: int, *, superseded: bool = False
) -> None:
    """Cancel the order; once it is despatched, or part of its goods is accepted, a person decides (E51, E54).

    What became a refund before has no order any more, and what the customer keeps is decided."""
    if is_given_up(case, units) or is_kept(case, units):
        return

    async def attempt(decisions: list[Decision]) -> ReplacementPlaced:
        request = WithdrawReplacement(
            ref=case.ref,
            number=units.number,
            reason=reason,
            accepted=accepted,
            superseded=superseded,
            rma=case.rma if superseded else None,
            decisions=decisions,
        )
        step, queue = f"withdraw-replacement-{units.number}", case.start.erp_queue
        return await run_step(ReplacementSteps.withdraw_replacement, request, step=step, queue=queue)

    step = f"withdraw-replacement-{units.number}"
    if (placed := await settle(case, Track.EXCHANGE, step, attempt, step_cancels=True)) is not None:
        note(case, placed, superseded=superseded)
