"""What a refund should be worth: the units it can be for, their slots, and the comparison (R41, R42, money.md 6.8)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from activities.books import Books, by_line
from activities.edge import Link
from activities.readings import Reading, readings, readings_to_come
from activities.signatures import CreditRefund
from domain.connection import FeePolicy
from domain.exchange_value import split_difference
from domain.expected import ExpectedCredit, UnitPart, expect_credit, part_by_share
from domain.hypotheses import RefundContext
from domain.money import Money, parse_minor
from domain.settlement import Exact, Mismatch, Rounding, compare, guarded
from domain.shipping import ShippingLedger, shipping_paid, shipping_to_credit

Verdict = Exact | Rounding | Mismatch
Slots = dict[str, list[int]]


@dataclass(frozen=True)
class Valuation:
    """One reading of a refund: what it is worth, and how that compares. `ahead`: slots whose goods are to come."""

    reading: Reading
    slots: Slots
    ahead: Mapping[str, Slots]
    expected: ExpectedCredit
    verdict: Verdict


@dataclass
class _Picked:
    """Slots of one reading. `slots`: all of them by slot line; `whole`: those that are credited in full."""

    slots: Slots = field(default_factory=dict)
    whole: Slots = field(default_factory=dict)
    ahead: dict[str, Slots] = field(default_factory=dict)
    parts: list[UnitPart] = field(default_factory=list)


def value_refund(link: Link, books: Books, request: CreditRefund, refund: Money) -> Valuation | None:
    """The reading that fits best: all accepted parcels, or what else of the return alone explains the amount.

    None when no unit is left that the refund could be for.
    """
    found = readings(request)
    if not found:
        return None
    valued = [_value(link, books, request, reading, refund) for reading in found]
    for wanted in (Exact, Rounding):
        fitting = next((v for v in valued if isinstance(v.verdict, wanted)), None)
        if fitting is not None:
            return fitting
    return _value(link, books, request, found[0], refund, explained=True)


def fits_what_is_to_come(link: Link, books: Books, request: CreditRefund, refund: Money) -> bool:
    """Whether the refund is the money of units whose parcel has not come yet, with or without those that are here."""
    valued = (_value(link, books, request, reading, refund) for reading in readings_to_come(request))
    return any(not isinstance(one.verdict, Mismatch) for one in valued)


def value_goods(link: Link, books: Books, request: CreditRefund) -> Valuation | None:
    """What the accepted units are worth by the order alone (`credit_on = inspection`); None without any."""
    found = readings(request)
    if not found:
        return None
    valued = _value(link, books, request, found[0], Money(amount=0, currency=books.snapshot.currency))
    exact = guarded(Exact(), valued.expected.money, books.balance, _cap(link, books))
    return Valuation(valued.reading, valued.slots, valued.ahead, valued.expected, exact)


def nothing_valued(books: Books, verdict: Verdict) -> Valuation:
    """Money without units."""
    return Valuation(Reading(), {}, {}, expect_credit(books.value, {}), verdict)


def _value(
    link: Link, books: Books, request: CreditRefund, reading: Reading, refund: Money, *, explained: bool = False
) -> Valuation:
    picked = _pick(books, request, reading)
    expected = _expected(link, books, reading, picked)
    cap = _cap(link, books)
    context = _context(books, picked, expected) if explained else None
    verdict = compare(expected, refund, link.connection.policy.tolerance_step, cap, context)
    verdict = guarded(verdict, refund, books.balance, cap)
    return Valuation(reading, picked.slots, picked.ahead, expected, verdict)


def _cap(link: Link, books: Books) -> int:
    return link.connection.policy.tolerance_cap(books.snapshot.currency)


def _pick(books: Books, request: CreditRefund, reading: Reading) -> _Picked:
    """The lowest slots that this return holds and that nothing has settled: whole units first, the rest in part."""
    free = {line_id: list(numbers) for line_id, numbers in books.free.items()}
    slot_lines = {line.line_id: line.slot_line_id for line in request.rma.lines}
    picked = _Picked()
    for line_id, quantity in reading.units.items():
        slot_line, shares = slot_lines[line_id], reading.shares.get(line_id, [])
        ahead = reading.announced.get(line_id, 0)
        left = free.setdefault(slot_line, [])
        chosen, left[:] = left[:quantity], left[quantity:]
        whole = max(len(chosen) - len(shares), 0)
        picked.slots.setdefault(slot_line, []).extend(chosen)
        picked.whole.setdefault(slot_line, []).extend(chosen[:whole])
        picked.parts += _by_share(books, slot_line, chosen[whole:], shares)
        if ahead:
            picked.ahead[line_id] = {slot_line: chosen[max(whole - ahead, 0) : whole]}
    return picked


def _by_share(books: Books, slot_line: str, numbers: list[int], shares: list[int]) -> list[UnitPart]:
    line = books.value.line(slot_line)
    slots = line.pick(numbers) if line else ()
    return [part_by_share(slot_line, slot, share) for slot, share in zip(slots, shares, strict=False)]


def _expected(link: Link, books: Books, reading: Reading, picked: _Picked) -> ExpectedCredit:
    policy, record = link.connection.policy, books.record
    currency = books.snapshot.currency
    fee = parse_minor(record.fee_text, currency) if policy.return_fee is FeePolicy.PLATFORM_SAYS else 0
    bonus = parse_minor(record.bonus_text, currency)
    platform_says = parse_minor(record.shipping_text, currency)
    shipping = shipping_to_credit(policy.shipping, _shipping_ledger(books, picked.slots), platform_says)
    once = books.first_credit  # the platform states fee and bonus for the whole return
    differences, top_up = _differences(books, reading)
    return expect_credit(
        books.value,
        picked.whole,
        shipping,
        fee if once else 0,
        bonus if once else 0,
        parts=[*picked.parts, *differences],
        top_up=top_up,
    )


def _differences(books: Books, reading: Reading) -> tuple[list[UnitPart], int]:
    """What cheaper replacements give back, as parts of their units, and what dearer ones cost more (money.md 6.7)."""
    parts: list[UnitPart] = []
    top_up = 0
    for share in reading.exchanges:
        exchange = books.exchanges[share.number]
        top_up += exchange.value.due
        line = books.value.line(exchange.slot_line_id)
        if line is not None and exchange.value.credit:
            slots = line.pick(exchange.slots[: share.units])
            split = split_difference(slots, exchange.value.credit)
            parts += [UnitPart(line_id=line.line_id, credited=credited) for credited, _ in split]
    return parts, top_up


def _shipping_ledger(books: Books, slots: Slots) -> ShippingLedger:
    value = books.value
    credited = by_line(books.claims)
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


def _context(books: Books, picked: _Picked, expected: ExpectedCredit) -> RefundContext:
    return RefundContext(
        snapshot=books.snapshot,
        value=books.value,
        expected=expected,
        shipping_paid=shipping_paid(books.snapshot),
        shipping_credited=books.totals.shipping,
        unaccepted=_unaccepted(books, picked.slots),
        credited=by_line(books.claims),
    )


def _unaccepted(books: Books, slots: Slots) -> dict[str, tuple[int, ...]]:
    rest = {line: tuple(no for no in numbers if no not in slots.get(line, ())) for line, numbers in books.free.items()}
    return {line: numbers for line, numbers in rest.items() if numbers}
