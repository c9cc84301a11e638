"""Exposure: money that is out while its goods are not accepted, unit by unit (R49, E33, N11).

Both sides look under the lock of the return's header, so that a credit and an inspection of the same moment agree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from activities.signatures import CreditRefund
from activities.valuation import Slots
from domain.exposure import units_in
from domain.inspection import BookedUnits
from domain.resolution import Resolution
from domain.returns import ReturnRef
from domain.slots import OrderValue, Slot
from store.exchange_records import ExposureKind, ExposureRecord, ExposureState, OpenExposure
from store.slot_records import SlotClaim
from store.unit import Unit

_COUNTS = (ExposureState.OPEN, ExposureState.DECIDED)


async def open_exposure(
    unit: Unit,
    books: str,
    request: CreditRefund,
    value: OrderValue,
    ahead: Mapping[str, Slots],
    key: str,
    now: datetime,
) -> None:
    """The credit `key` is for units whose goods are still to come: write down what is out for each of them.

    Units that were accepted since the return was looked at are no exposure any more.
    """
    if not ahead:
        return
    ref = request.ref
    await unit.returns.refresh_progress(ref, now)  # takes the lock
    accepted = _accepted([u for record in await unit.inspections.list(ref) for u in record.booked])
    held = await unit.slots.held(books, request.rma.order_number, ref)
    known = await unit.exposures.of(ref)
    rows: list[OpenExposure] = []
    for line_id, slots in ahead.items():
        for slot_line, numbers in slots.items():
            missing = _missing([c for c in held if c.line_id == slot_line], known, line_id, accepted[line_id])
            line = value.line(slot_line)
            latest = line.pick(numbers[max(len(numbers) - missing, 0) :]) if line else ()
            rows += [_row(request, value, line_id, slot_line, slot, key) for slot in latest]
    await unit.exposures.open(rows, now)


async def clear_exposure(unit: Unit, ref: ReturnRef, units: Iterable[BookedUnits], now: datetime) -> None:
    """Units of a parcel were accepted: nothing is out for so many any more. Once for each parcel or decision."""
    if await unit.returns.get(ref) is None:
        return
    await unit.returns.refresh_progress(ref, now)  # takes the lock
    for line_id, quantity in _accepted(units).items():
        await unit.exposures.clear(ref, line_id, quantity, ExposureState.CLEARED, "accepted at inspection", now)


async def decide_exposure(
    unit: Unit, ref: ReturnRef, figures: Mapping[str, object], decision: Resolution, now: datetime
) -> None:
    """A person decided what becomes of money that is out for good: the units that the exception was about."""
    note = f"{decision.kind}: {decision.reason or decision.document}"
    for line_id, units in units_in(figures).items():
        await unit.exposures.clear(ref, line_id, units, ExposureState.DECIDED, note, now)


def exposed_by(records: Sequence[ExposureRecord], key: str) -> dict[str, list[int]]:
    """What one credit put out: line id → value of each unit, by slot."""
    amounts: dict[str, list[int]] = {}
    for record in records:
        if record.reference == key and record.state is not ExposureState.VOIDED:
            amounts.setdefault(record.line_id, []).append(record.amount)
    return amounts


def _row(request: CreditRefund, value: OrderValue, line_id: str, slot_line: str, slot: Slot, key: str) -> OpenExposure:
    return OpenExposure(
        ref=request.ref,
        slot_line_id=slot_line,
        slot_no=slot.no,
        line_id=line_id,
        amount=value.gross([slot]),
        currency=value.currency,
        kind=ExposureKind.REFUND,
        reference=key,
        cover_until=request.cover_until,
    )


def _missing(held: Sequence[SlotClaim], known: Sequence[ExposureRecord], line_id: str, accepted: int) -> int:
    """Credited units of a line for which no accepted unit and no exposure stands yet."""
    credited = sum(1 for claim in held if claim.credit_key is not None)
    exchanged = sum(1 for claim in held if claim.exchange_key is not None)
    counted = [r for r in known if r.line_id == line_id and r.kind is ExposureKind.REFUND and r.state in _COUNTS]
    return max(credited - max(accepted - exchanged, 0) - len(counted), 0)


def _accepted(units: Iterable[BookedUnits]) -> Counter[str]:
    """Line id → accepted units that are worth something."""
    accepted: Counter[str] = Counter()
    for unit in units:
        if unit.line_id and unit.disposition.accepted and unit.share:
            accepted[unit.line_id] += unit.quantity
    return accepted
