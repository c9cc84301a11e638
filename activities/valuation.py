"""What a refund should be worth: the units it can be for, their slots, and the comparison (R41, R42, money.md 6.8)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from activities.edge import Link
from activities.signatures import AcceptedUnits, CreditRefund
from domain.connection import FeePolicy
from domain.expected import ExpectedCredit, expect_credit
from domain.hypotheses import RefundContext
from domain.money import Money, parse_minor
from domain.order import OrderSnapshot
from domain.settlement import Exact, Mismatch, OrderBalance, Rounding, compare, guarded
from domain.shipping import ShippingLedger, shipping_paid, shipping_to_credit
from domain.slots import OrderValue
from store.records import OrderLedger, ReturnRecord, SlotClaim

Verdict = Exact | Rounding | Mismatch
Slots = dict[str, list[int]]


@dataclass(frozen=True)
class Books:
    """What is known of an order while a refund is valued. `claims`: all credited units; `held`: this return's own."""

    snapshot: OrderSnapshot
    value: OrderValue
    record: ReturnRecord
    held: Sequence[SlotClaim]
    claims: Sequence[SlotClaim]
    totals: OrderLedger
    first_credit: bool


@dataclass(frozen=True)
class Valuation:
    """One way to read a refund: parcels, their units, what they are worth, and how that compares."""

    inspections: list[str]
    units: dict[str, int]
    slots: Slots
    expected: ExpectedCredit
    verdict: Verdict


def value_refund(link: Link, books: Books, request: CreditRefund, refund: Money) -> Valuation | None:
    """The reading that fits best: all accepted parcels, or those of them that alone explain the amount.

    None when no accepted unit is left that the refund could be for.
    """
    readings = [_value(link, books, request, refund, parcels) for parcels in _readings(request.accepted)]
    for wanted in (Exact, Rounding):
        fitting = next((r for r in readings if isinstance(r.verdict, wanted)), None)
        if fitting is not None:
            return fitting
    return readings[0] if readings else None


def _readings(accepted: Sequence[AcceptedUnits]) -> Iterator[Sequence[AcceptedUnits]]:
    """All parcels first, then ever fewer of the oldest, then each of the others by itself."""
    for count in range(len(accepted), 0, -1):
        yield accepted[:count]
    for parcel in accepted[1:]:
        yield [parcel]


def _value(
    link: Link, books: Books, request: CreditRefund, refund: Money, parcels: Sequence[AcceptedUnits]
) -> Valuation:
    units: dict[str, int] = {}
    for parcel in parcels:
        for line_id, quantity in parcel.units.items():
            units[line_id] = units.get(line_id, 0) + quantity
    slots = _slots(books, request, units)
    expected = _expected(link, books, slots)
    policy = link.connection.policy
    cap = policy.tolerance_cap(refund.currency)
    context = RefundContext(
        snapshot=books.snapshot,
        value=books.value,
        expected=expected,
        shipping_paid=shipping_paid(books.snapshot),
        shipping_credited=books.totals.shipping,
        unaccepted=_unaccepted(books, slots),
        credited=_by_line(books.claims),
    )
    verdict = compare(expected, refund, policy.tolerance_step, cap, context)
    return Valuation(
        inspections=[parcel.inspection_id for parcel in parcels],
        units=units,
        slots=slots,
        expected=expected,
        verdict=guarded(verdict, refund, order_balance(books), cap),
    )


def order_balance(books: Books) -> OrderBalance:
    """The order's live credits against its limits."""
    snapshot = books.snapshot
    return OrderBalance(
        order_total=snapshot.total,
        captured=snapshot.captured,
        credited=books.totals.total,
        rounding=books.totals.rounding,
    )


def _slots(books: Books, request: CreditRefund, units: Mapping[str, int]) -> Slots:
    """The lowest slots that this return holds and that no credit carries."""
    free = _by_line([claim for claim in books.held if claim.credit_key is None])
    slot_lines = {line.line_id: line.slot_line_id for line in request.rma.lines}
    slots: Slots = {}
    for line_id, quantity in units.items():
        slot_line = slot_lines[line_id]
        used = len(slots.get(slot_line, []))
        chosen = list(free.get(slot_line, ()))[used : used + quantity]
        slots[slot_line] = [*slots.get(slot_line, []), *chosen]
    return slots


def _expected(link: Link, books: Books, slots: Slots) -> ExpectedCredit:
    policy, record = link.connection.policy, books.record
    currency = books.snapshot.currency
    fee = parse_minor(record.fee_text, currency) if policy.return_fee is FeePolicy.PLATFORM_SAYS else 0
    bonus = parse_minor(record.bonus_text, currency)
    platform_says = parse_minor(record.shipping_text, currency)
    shipping = shipping_to_credit(policy.shipping, _shipping_ledger(books, slots), platform_says)
    once = books.first_credit  # the platform states fee and bonus for the whole return
    return expect_credit(books.value, slots, shipping, fee if once else 0, bonus if once else 0)


def _shipping_ledger(books: Books, slots: Slots) -> ShippingLedger:
    value = books.value
    credited = _by_line(books.claims)
    before = sum(value.gross(line.pick(credited.get(line.line_id, ()))) for line in value.lines)
    now = sum(value.gross(line.pick(slots.get(line.line_id, ()))) for line in value.lines)
    units = sum(line.quantity for line in value.lines if line.returnable)
    return ShippingLedger(
        paid=shipping_paid(books.snapshot),
        credited=books.totals.shipping,
        goods_total=value.goods_total,
        goods_before=before,
        goods_now=now,
        last_units=len(books.claims) + sum(map(len, slots.values())) >= units,
    )


def _unaccepted(books: Books, slots: Slots) -> dict[str, tuple[int, ...]]:
    open_units = _by_line([claim for claim in books.held if claim.credit_key is None])
    rest = {line: tuple(no for no in numbers if no not in slots.get(line, ())) for line, numbers in open_units.items()}
    return {line: numbers for line, numbers in rest.items() if numbers}


def _by_line(claims: Sequence[SlotClaim]) -> dict[str, tuple[int, ...]]:
    lines: dict[str, tuple[int, ...]] = {}
    for claim in sorted(claims, key=lambda c: (c.line_id, c.slot_no)):
        lines[claim.line_id] = (*lines.get(claim.line_id, ()), claim.slot_no)
    return lines
