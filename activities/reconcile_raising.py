"""Writing differences down, and the exceptions that they call for: once each, cleared when they are gone (N3, N6)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import JsonValue

from activities.sweep_raising import clear_gone, raise_once
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.limits import Limits
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import Difference
from domain.returns import ReturnRef
from store.reconciliation_records import DifferenceRecord, DifferenceState, RoundingBalance, RunRecord
from store.records import ExceptionState, OpenException
from store.unit import Unit

STEP = "reconciliation"
_AGAIN = (ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY)


async def tell(unit: Unit, run: RunRecord, found: Iterable[Difference], now: datetime) -> None:
    """Write down what was found. What calls for somebody gets an exception, unless one is open for it already."""
    differences = list(found)
    records = await unit.differences.see(run, differences, now)
    for one, record in zip(differences, records, strict=True):
        if one.code is not None and record.state is DifferenceState.OPEN:
            await _raise(unit, one, record, now)


async def end_unseen(unit: Unit, gone: Sequence[DifferenceRecord], now: datetime) -> None:
    """Differences that are not there any more, with the exceptions that were raised for them."""
    await unit.differences.over([record.id for record in gone], now)
    for record in gone:
        await _clear_own(unit, record, now)


async def watch_rounding(unit: Unit, connection: str, limits: Limits, now: datetime) -> None:
    """Add up rounding; what is beyond the limit, and finance has not decided about, is one exception (R85)."""
    for balance in await unit.periods.add_up_rounding(connection, now):
        settled = await _settled(unit, balance)
        rest = Money(amount=settled.amount - settled.settled, currency=settled.currency)
        if abs(rest.amount) > limits.rounding_balance:
            record, _ = await raise_once(unit, _drift_fact(settled), _drift(settled, rest, limits, now))
            settled = settled.model_copy(update={"exception_id": record.id if record else settled.exception_id})
        elif settled.exception_id:
            await unit.exceptions.clear(settled.exception_id, now)
            settled = settled.model_copy(update={"exception_id": ""})
        await unit.periods.keep_rounding(settled, now)


async def _raise(unit: Unit, one: Difference, record: DifferenceRecord, now: datetime) -> None:
    """One exception stands for the difference: one of somebody who is at work on it, or one that is about it alone."""
    if one.covered_by and not (record.own and one.covered_by == record.exception_id):
        if one.covered_by != record.exception_id:
            await _clear_own(unit, record, now)
            await unit.differences.raised(record.id, one.covered_by, own=False)
        return
    fact, item = _fact(record.connection, one), _exception(record.connection, one, now)
    raised, _ = await raise_once(unit, fact, item, instead_of=record.exception_id if record.own else "")
    if raised is not None and raised.id == record.exception_id:
        return
    await _clear_own(unit, record, now)
    if raised is None:
        await unit.differences.decide(record.id, record.document, now)
    else:
        await unit.differences.raised(record.id, raised.id, own=True)


async def _clear_own(unit: Unit, record: DifferenceRecord, now: datetime) -> None:
    if record.own and (known := await unit.exceptions.get(record.exception_id)) is not None:
        await clear_gone(unit, known, now)


def _fact(connection: str, one: Difference) -> str:
    """What the exception stands for. A late note is the same fact for a sweep (R47)."""
    if one.kind is DifferenceClass.MISSING_CREDIT and one.return_id:
        ref = ReturnRef(connection=connection, return_id=one.return_id)
        return f"{ref.workflow_id}/overdue/{one.refund_id}"
    return f"{connection}/difference/{one.kind}/{one.subject}/{one.value}/{one.units}"


def _exception(connection: str, one: Difference, now: datetime) -> OpenException:
    assert one.code is not None, "differences without a code are only told"
    figures: dict[str, JsonValue] = {"class": one.kind.words, **one.figures}
    if one.order_number:
        figures["order"] = one.order_number
    if one.credit:
        figures["credit_note"] = one.credit
    if one.decides:
        figures["refund"] = one.decides
    return OpenException(
        id="to-be-numbered",
        connection=connection,
        return_id=one.return_id or None,
        code=one.code,
        step=STEP if one.return_id else f"{STEP} {one.kind} {one.subject}",
        reason=one.text,
        payload=figures,
        amount=one.value,
        now=now,
    )


async def _settled(unit: Unit, balance: RoundingBalance) -> RoundingBalance:
    """The balance with what finance decided about it since."""
    known = await unit.exceptions.get(balance.exception_id) if balance.exception_id else None
    if known is None or known.state is ExceptionState.OPEN:
        return balance
    settled = balance.settled
    if known.resolution is not None and known.resolution.kind not in _AGAIN:
        settled = int(str(known.payload["balance"]))
    return balance.model_copy(update={"settled": settled, "exception_id": ""})


def _drift_fact(balance: RoundingBalance) -> str:
    return f"{balance.connection}/rounding/{balance.currency}/{balance.settled}"


def _drift(balance: RoundingBalance, rest: Money, limits: Limits, now: datetime) -> OpenException:
    limit = Money(amount=limits.rounding_balance, currency=balance.currency)
    reason = f"rounding differences of {balance.connection} add up to {rest}; at most {limit} was agreed"
    if balance.settled:
        reason += " since they were last accepted"
    return OpenException(
        id="to-be-numbered",
        connection=balance.connection,
        return_id=None,
        code=ExceptionCode.ROUNDING_DRIFT,
        step=f"rounding {balance.currency}",
        reason=reason,
        payload={"balance": str(balance.amount), "differences": str(balance.count), "limit": str(limit)},
        amount=rest,
        now=now,
    )
