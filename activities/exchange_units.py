"""Which units of the order an exchange stands for: they are marked once, and no refund may touch them (I5)."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from activities.exchange_signatures import PlaceReplacement
from activities.signatures import CreditRefund, OpenRma
from domain.exchange import SetAside
from domain.exchange_value import ExchangeValue
from domain.keys import Step, business_key
from domain.order import OrderSnapshot
from domain.returns import ExchangeWish, ReturnRef
from domain.slots import Slot, SlotLine
from store.unit import Unit


@dataclass(frozen=True)
class Exchange:
    """One exchange in the order's figures. `slots`: the returned units; `sku`: what goes out, maybe substituted."""

    key: str
    sku: str
    quantity: int
    snapshot: OrderSnapshot
    line: SlotLine
    slots: tuple[Slot, ...]
    value: ExchangeValue

    @property
    def currency(self) -> str:
        """The order's currency."""
        return self.snapshot.currency


async def reserve_for_exchange(
    unit: Unit, books: str, order_number: str, ref: ReturnRef, line_id: str, units: int, number: int, now: datetime
) -> list[int]:
    """Mark the lowest free units that the return holds of a slot line, in all `units`. Again changes nothing."""
    key = business_key(ref, Step.EXCHANGE, number)
    held = [claim for claim in await unit.slots.held(books, order_number, ref) if claim.line_id == line_id]
    marked = [claim.slot_no for claim in held if claim.exchange_key == key]
    free = [claim.slot_no for claim in held if claim.exchange_key is None and claim.credit_key is None]
    missing = free[: max(units - len(marked), 0)]
    if missing:
        await unit.slots.exchange(books, order_number, ref, {line_id: missing}, key, now)
    return sorted([*marked, *missing])[:units]


async def forget_exchanges(
    unit: Unit, books: str, order_number: str, request: OpenRma, wanted: Sequence[tuple[str, SetAside]], now: datetime
) -> None:
    """Lift the marks of exchanges that have no order, unless they are as `wanted` (slot line, what it sets aside)."""
    ordered = {business_key(request.ref, Step.EXCHANGE, b.number) for b in request.begun if not b.state.refundable}
    as_wanted = {business_key(request.ref, Step.EXCHANGE, one.number): {line: one.units} for line, one in wanted}
    marks: dict[str, Counter[str]] = {}
    for claim in await unit.slots.held(books, order_number, request.ref):
        if claim.exchange_key is not None:
            marks.setdefault(claim.exchange_key, Counter())[claim.line_id] += 1
    for key, lines in marks.items():
        if key not in ordered and lines != as_wanted.get(key):
            await unit.slots.unexchange(key, now)


async def free_unwished(unit: Unit, books: str, request: CreditRefund, wishes: Sequence[ExchangeWish]) -> None:
    """Give units back to the refunds whose exchange was never begun, and that nobody wishes any more (E61)."""
    ref, order_number = request.ref, request.rma.order_number
    begun = await unit.exchanges.for_return(ref)
    used = {(one.key, no) for one in begun if not one.state.refundable for no in one.slots}
    loose: dict[str, list[int]] = {}
    for claim in await unit.slots.held(books, order_number, ref):
        if claim.exchange_key is not None and (claim.exchange_key, claim.slot_no) not in used:
            loose.setdefault(claim.line_id, []).append(claim.slot_no)
    still = Counter[str]()
    lines = {line.line_id: line.slot_line_id for line in request.rma.lines}
    for wish in wishes:
        covered = sum(one.units for one in begun if one.exchange_id == wish.exchange_id)
        still[lines.get(wish.line_id, "")] += max(wish.quantity - covered, 0)
    spare = {line: numbers[still[line] :] for line, numbers in loose.items() if len(numbers) > still[line]}
    if spare:
        await unit.slots.unmark(books, order_number, ref, spare)


async def claim_units(unit: Unit, books: str, request: PlaceReplacement, line_id: str, now: datetime) -> list[int]:
    """The units of one replacement order. A later order of the same wish takes over what the first one left (E55)."""
    ref, order_number = request.ref, request.rma.order_number
    first = request.rma.exchanges.get(request.wish.exchange_id, request.number)
    if first != request.number:
        await _take_over(unit, books, request, line_id, first, now)
    return await reserve_for_exchange(unit, books, order_number, ref, line_id, request.units, request.number, now)


async def _take_over(
    unit: Unit, books: str, request: PlaceReplacement, line_id: str, first: int, now: datetime
) -> None:
    ref, order_number = request.ref, request.rma.order_number
    own, base = (business_key(ref, Step.EXCHANGE, number) for number in (request.number, first))
    held = [claim for claim in await unit.slots.held(books, order_number, ref) if claim.line_id == line_id]
    if any(claim.exchange_key == own for claim in held):
        return
    begun = await unit.exchanges.get(base)
    used = set(begun.slots) if begun else set()
    left = [claim.slot_no for claim in held if claim.exchange_key == base and claim.slot_no not in used]
    await unit.slots.hand_over(books, order_number, ref, {line_id: left[: request.units]}, own, now)
