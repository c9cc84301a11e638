"""Exceptions that a sweep raises and clears: each once for one fact, for as long as the fact is true (R77, R83, N11).

They are beside the flow: no workflow waits for them, and they are decided in the store.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from pydantic import JsonValue

from activities.closing import close_if_settled
from activities.exposure import decide_exposure
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.exposure import unit_figures
from domain.keys import exception_id
from domain.money import Money, told_amount
from domain.returns import ReturnRef
from store.records import ExceptionRecord, ExceptionState, OpenException
from store.sweep_records import Candidate, DriftCandidate, LapsingExposure
from store.unit import Unit

#: Steps of these exceptions.
DRIFT_STEP, CREDIT_STEP, COVER_STEP = "sweep-drift", "sweep-credit", "sweep-cover"
STEPS = (DRIFT_STEP, CREDIT_STEP, COVER_STEP)

#: The open exception of a fact, and whether it was opened just now.
Raised: TypeAlias = tuple[ExceptionRecord | None, bool]

_AGAIN = (ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY)


async def raise_once(unit: Unit, fact: str, item: OpenException, *, fresh: bool = True, instead_of: str = "") -> Raised:
    """Open an exception unless the fact has one; None where a person decided about it for good.

    Over and true again, or tried again in vain, it is raised anew. `item.id` is replaced by the fact's.
    fresh: False gives only what is open already
    instead_of: id of the exception of a fact that this one takes the place of. It is over before the new one is opened,
    because a connection has at most one open exception of a code and step
    """
    number = 1
    while (known := await unit.exceptions.get(exception_id(fact, number))) is not None:
        if known.state is ExceptionState.OPEN:
            return known, False
        if known.resolution is not None and known.resolution.kind not in _AGAIN:
            return None, False
        number += 1
    if not fresh:
        return None, False
    if instead_of:
        await unit.exceptions.clear(instead_of, item.now)
    return await unit.exceptions.open(item.model_copy(update={"id": exception_id(fact, number)})), True


async def clear_gone(unit: Unit, record: ExceptionRecord, now: datetime) -> None:
    """What it tells is not true any more. The return may have waited for nothing else."""
    await unit.exceptions.clear(record.id, now)
    if record.ref is not None and await unit.returns.get(record.ref) is not None:
        await close_if_settled(unit, record.ref, now)


async def raise_drift(unit: Unit, found: DriftCandidate, now: datetime, *, fresh: bool = True) -> Raised:
    """The platform has finished, and the ERP lacks a document (R77). `fresh` as above."""
    lacking = [name for name, lacks in (("RMA", found.no_rma), ("stock document", found.no_stock)) if lacks]
    phase = found.phase.replace("_", " ")
    reason = (
        f"the platform says that the return is {phase}, last at {found.since:%Y-%m-%d %H:%M} UTC,"
        f" and the ERP has no {' and no '.join(lacking)} for it"
    )
    figures = {"platform": phase, "lacking": ", ".join(lacking), "waits_for": found.waiting_for}
    item = _beside(found.ref, ExceptionCode.STATUS_DRIFT, DRIFT_STEP, reason, figures, now)
    return await raise_once(unit, f"{found.ref.workflow_id}/drift", item, fresh=fresh)


async def raise_overdue(
    unit: Unit, found: Candidate, amount: Money | None, blocker: str, now: datetime, *, fresh: bool = True
) -> Raised:
    """A paid refund whose credit note is late (R47, N3). `fresh` as above."""
    paid = told_amount(found.amount_text, found.currency)
    day = f"{found.since:%Y-%m-%d %H:%M} UTC"
    reason = f"refund {found.subject} of {paid} was paid at {day} and has no credit note yet; it waits for {blocker}"
    figures = {
        "refund": found.subject,
        "amount": found.amount_text,
        "currency": found.currency,
        "paid_at": day,
        "waits_for": blocker,
    }
    item = _beside(found.ref, ExceptionCode.CREDIT_OVERDUE, CREDIT_STEP, reason, figures, now, amount)
    fact = f"{found.ref.workflow_id}/overdue/{found.subject}"
    return await raise_once(unit, fact, item, fresh=fresh)


async def raise_cover(unit: Unit, found: LapsingExposure, now: datetime) -> Raised:
    """Money is out for a return that has ended, and its cover runs out (N11). A decision ends the exposure."""
    fact = f"{found.ref.workflow_id}/cover"
    if await _decided(unit, fact, found, now):
        return None, False
    until = f"{found.cover_until:%Y-%m-%d %H:%M} UTC"
    out = ", ".join(map(str, found.amounts))
    reason = (
        f"the return ended as {found.stage} while the customer has {out} and the goods were not accepted;"
        f" cover ends {until}"
    )
    figures = {"cover_until": until, **unit_figures(found.units)}
    amount = found.amounts[0] if len(found.amounts) == 1 else None
    item = _beside(found.ref, ExceptionCode.EXPOSURE_DUE, COVER_STEP, reason, figures, now, amount)
    return await raise_once(unit, fact, item)


async def _decided(unit: Unit, fact: str, found: LapsingExposure, now: datetime) -> bool:
    """Carry out what a person decided about the exposure since the last sweep; whether there was such a decision."""
    number = 1
    while (known := await unit.exceptions.get(exception_id(fact, number))) is not None:
        if known.resolution is not None and known.resolution.ends_exposure(known.code):
            await decide_exposure(unit, found.ref, known.payload, known.resolution, now)
            return True
        number += 1
    return False


def _beside(
    ref: ReturnRef,
    code: ExceptionCode,
    step: str,
    reason: str,
    figures: Mapping[str, JsonValue],
    now: datetime,
    amount: Money | None = None,
) -> OpenException:
    return OpenException(
        id="to-be-numbered",
        connection=ref.connection,
        return_id=ref.return_id,
        code=code,
        step=step,
        reason=reason,
        payload=dict(figures),
        amount=amount,
        now=now,
    )
