"""What of a return is to be credited, and what is out without its goods: questions about a case."""

from datetime import timedelta

import pytest

from activities.exchange_signatures import ReplacementPlaced
from activities.signatures import Credited
from domain.connection import CreditOn, FlowPolicy
from domain.dispositions import Disposition
from domain.exchange import ExchangeState, ExchangeUnits
from domain.inspection import BookedUnits
from domain.returns import ExchangeWish, RefundState
from tests.workflows.cases import authorised, book, credit, line, platform, refund
from workflows.case import ReturnCase
from workflows.money import (
    acceptance_due,
    announced,
    exchange_shares,
    failed_note,
    next_refund,
    unconfirmed,
    uncredited,
)

ONE, TWO = "1/SKU-1", "2/SKU-2"


def instant(case: ReturnCase) -> ReturnCase:
    """The same return, whose refund comes before its goods."""
    assert case.platform is not None
    case.platform = case.platform.model_copy(update={"instant": True})
    return case


def flow(case: ReturnCase, **fields: object) -> ReturnCase:
    assert case.rma is not None
    case.rma = case.rma.model_copy(update={"flow": FlowPolicy.model_validate(fields)})
    return case


def ahead(case: ReturnCase, **units: int) -> None:
    """A credit for units whose goods are still to come, 10.00 each; units by line number, as ``l1=2``."""
    by_line = {one.line_id: units[f"l{one.order_line_id}"] for one in case.lines if f"l{one.order_line_id}" in units}
    case.credits["f-1"] = Credited(
        refund_id="f-1",
        number="C1",
        total=1000,
        currency="GBP",
        units=by_line,
        exposed={line_id: [1000] * count for line_id, count in by_line.items()},
    )


def share(case: ReturnCase, scan: str, *shares: int | None) -> None:
    """Give the units of a parcel these percentages, one by one."""
    units = [
        BookedUnits(line_id=ONE, sku="SKU-1", quantity=1, disposition=Disposition.DAMAGED, share=one) for one in shares
    ]
    case.booked[scan] = case.booked[scan].model_copy(update={"units": units})


def test_R49_announced_units_are_those_of_instant_returns_only() -> None:
    case = authorised(line(1, 3), line(2, 1))
    assert announced(case) == {}
    assert announced(instant(case)) == {ONE: 3, TWO: 1}
    book(case, "s1", (ONE, 1))
    assert announced(case) == {ONE: 2, TWO: 1}
    ahead(case, l1=1, l2=1)
    assert announced(case) == {ONE: 2}, "the credited unit of line 1 is the one that came"


def test_R49_a_credit_before_the_goods_takes_the_oldest_parcels() -> None:
    case = instant(authorised(line(1, 3), refunds=(refund(1),)))
    ahead(case, l1=2)
    book(case, "s1", (ONE, 1))
    assert uncredited(case) == []
    book(case, "s2", (ONE, 2))
    assert [(a.inspection_id, a.units) for a in uncredited(case)] == [("s2", {ONE: 1})]


def test_E33_refused_units_are_those_that_can_not_come_any_more() -> None:
    case = instant(authorised(line(1, 2), refunds=(refund(1),)))
    ahead(case, l1=2)
    money = case.line_money(case.lines[0])
    assert (money.ahead, money.refused) == (2, 0)
    book(case, "s1", (ONE, 1), disposition=Disposition.MISSING)
    assert case.line_money(case.lines[0]).refused == 1, "one of two is still to come"
    book(case, "s2", (ONE, 1))
    money = case.line_money(case.lines[0])
    assert (money.ahead, money.refused, money.refused_value) == (1, 1, 1000)
    case.reported = True
    assert case.progress().waiting_for == "a decision on units that were refunded and not accepted"
    assert not case.over
    case.exposure_decided = {ONE: 1}
    assert case.over


def test_E22_shares_ride_along_and_undecided_units_stay_out() -> None:
    case = authorised(line(1, 4))
    book(case, "s1", (ONE, 4))
    share(case, "s1", 100, 50, None, 0)
    [parcel] = uncredited(case)
    assert (parcel.units, parcel.shares) == ({ONE: 2}, {ONE: [50]})
    assert case.progress().waiting_for != "", "finance has not decided"


def test_E22_a_unit_that_is_decided_later_is_credited_with_its_own_share() -> None:
    case = authorised(line(1, 2))
    book(case, "s1", (ONE, 2))
    share(case, "s1", 50, None)
    case.credits["f-1"] = Credited(
        refund_id="f-1", number="C1", total=500, currency="GBP", units={ONE: 1}, shares={ONE: [50]}, inspections=["s1"]
    )
    assert uncredited(case) == []
    share(case, "s1", 50, 100)
    [parcel] = uncredited(case)
    assert (parcel.units, parcel.shares) == ({ONE: 1}, {}), "the whole one is left, not the half"


def test_U31_kept_units_need_no_parcel() -> None:
    kept = line(1, 2).model_copy(update={"keep": True})
    case = authorised(kept, line(2, 1))
    assert [(a.inspection_id, a.units) for a in uncredited(case)] == [("kept", {ONE: 2})]
    assert announced(instant(case)) == {TWO: 1}
    case.credits["f-1"] = Credited(
        refund_id="f-1", number="C1", total=2000, currency="GBP", units={ONE: 2}, inspections=["kept"]
    )
    assert uncredited(case) == []


def exchanged(price: int, *, due: str = "0", paid: str = "0") -> ReturnCase:
    """One of two units exchanged for something at this price; the unit is worth 10.00."""
    case = authorised(line(1, 2))
    assert case.platform is not None
    wish = ExchangeWish(exchange_id="x", line_id=ONE, quantity=1, sku="N", replacement_quantity=1, price_text="9.00")
    case.platform = case.platform.model_copy(update={"exchanges": [wish], "due_text": due, "paid_text": paid})
    case.wishes[1] = wish
    case.exchange_units.append(
        ExchangeUnits(number=1, exchange_id="x", line_id=ONE, units=1, state=ExchangeState.ORDERED)
    )
    case.exchanges[1] = ReplacementPlaced(
        number=1, state=ExchangeState.ORDERED, order_number="X1", carried=1000, price=price, currency="GBP"
    )
    return case


@pytest.mark.parametrize(
    ("price", "due", "paid", "numbers"),
    [
        (900, "0", "0", [1]),
        (1000, "0", "0", []),
        (1200, "0.0000", "0", [1]),
        (1200, "2.00", "2.00", []),
        (1200, "0", "2.00", []),
        (1200, "nonsense", "0", []),
    ],
    ids=["cheaper", "even", "taken off the refund", "paid", "paid, nothing due", "unreadable"],
)
def test_6_7_differences_that_a_refund_may_hold(price: int, due: str, paid: str, numbers: list[int]) -> None:
    case = exchanged(price, due=due, paid=paid)
    assert [one.number for one in exchange_shares(case)] == numbers
    case.credits["f-1"] = Credited(refund_id="f-1", number="C1", total=1, currency="GBP", exchanges=[1])
    assert exchange_shares(case) == []


def test_E57_the_exchange_takes_the_first_accepted_unit() -> None:
    case = exchanged(900)
    book(case, "s1", (ONE, 1))
    assert uncredited(case) == []
    book(case, "s2", (ONE, 1))
    assert [(a.inspection_id, a.units) for a in uncredited(case)] == [("s2", {ONE: 1})]


def test_E57_a_refund_waits_while_a_replacement_is_being_ordered() -> None:
    case = exchanged(900)
    assert case.platform is not None
    case.platform = case.platform.model_copy(update={"refunds": [refund(1)]})
    book(case, "s1", (ONE, 2))
    assert next_refund(case) is not None
    case.exchange_units[0] = case.exchange_units[0].model_copy(update={"state": ExchangeState.REQUESTED})
    assert next_refund(case) is None


def test_credit_on_inspection_credits_accepted_units_once() -> None:
    case = flow(authorised(line(1, 1)), credit_on=CreditOn.INSPECTION)
    assert not acceptance_due(case)
    book(case, "s1", (ONE, 1))
    assert acceptance_due(case)
    case.credits["accepted-1"] = Credited(
        refund_id="", number="C1", total=1000, currency="GBP", units={ONE: 1}, inspections=["s1"]
    )
    assert not acceptance_due(case)
    case.reported = True
    assert case.progress().waiting_for == "the platform to confirm the refund of a credit note"
    assert unconfirmed(case)
    case.platform = platform(line(1, 1), refunds=(refund(1),))
    assert next_refund(case) is not None
    case.credits["f-1"] = Credited(refund_id="f-1", number="C1", total=1000, currency="GBP", matched=["C1"])
    assert case.over


def test_E43_a_note_is_paid_again_by_whoever_takes_it_over() -> None:
    case = authorised(line(1, 1), refunds=(refund(1, RefundState.FAILED),))
    book(case, "s1", (ONE, 1))
    case.reported = True
    credit(case, 1, "s1", l1=1)
    note = failed_note(case)
    assert note is not None and note.number == "C1"
    assert not case.over
    case.platform = platform(line(1, 1), refunds=(refund(1, RefundState.FAILED), refund(2)))
    case.credits["f-2"] = Credited(refund_id="f-2", number="C1", total=1000, currency="GBP", matched=["C1"])
    assert failed_note(case) is None
    assert case.over
    case.platform = platform(line(1, 1), refunds=(refund(1, RefundState.FAILED), refund(2, RefundState.FAILED)))
    assert case.notes_unpaid() == [note], "the second payment failed too"


def test_E34_a_refund_that_is_announced_or_paid_is_not_missed() -> None:
    case = flow(authorised(line(1, 1)), refund_limit=timedelta(days=5))
    book(case, "s1", (ONE, 1))
    assert not unconfirmed(case), "the platform does not know yet"
    case.reported = True
    assert unconfirmed(case)
    for state in (RefundState.PENDING, RefundState.PAID):
        case.platform = platform(line(1, 1), refunds=(refund(1, state),))
        assert not unconfirmed(case)
    case.platform = platform(line(1, 1), refunds=(refund(1, RefundState.FAILED),))
    assert unconfirmed(case)
    case.finance_closed = True
    assert not unconfirmed(case)
