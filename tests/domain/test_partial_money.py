"""Partial money on units: percentages (E22), differences of exchanges (6.4, 6.7); I3, I5 and I6 hold with it."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.exchange_value import ExchangeValue, split_difference
from domain.expected import ExpectedCredit, UnitPart, expect_credit, part_by_share
from domain.money import Money
from domain.order import OrderSnapshot, TaxMode
from domain.settlement import Mismatch, OrderBalance, build_credit, compare, guarded
from domain.slots import OrderValue, SlotLine, split_slot, value_order
from tests.domain.builders import line, order, v5
from tests.domain.orders import orders

FEW = settings(max_examples=80)
V5 = value_order(v5())
SHIRTS, HAT = V5.lines


def shares_of(slot_line: SlotLine, *shares: int) -> list[UnitPart]:
    """Percentages of the first slots of a line."""
    return [part_by_share(slot_line.line_id, slot, share) for slot, share in zip(slot_line.slots, shares, strict=False)]


@pytest.mark.parametrize(
    ("share", "primary", "tax"),
    [(100, 1809, 301), (50, 905, 151), (30, 543, 90), (1, 18, 3), (0, 0, 0)],
)
def test_E22_vector_share_of_a_unit_and_its_tax(share: int, primary: int, tax: int) -> None:
    """V5, first shirt: 18.09 with 3.01 tax; part = round(primary x share / 100), tax = round(tax x part / primary)."""
    [part] = shares_of(SHIRTS, share)
    assert (part.credited.primary, part.credited.tax) == (primary, tax)


def test_E22_vector_tax_on_top_follows_the_part() -> None:
    """V4: a unit of 90.00 net with 9.00 tax at 75 % is 67.50 + 6.75 = 74.25."""
    lines = [line("A", 2, 20000, "10", line_discount=2000)]
    value = value_order(order(lines, 19800, mode=TaxMode.EXCLUSIVE))
    expected = expect_credit(value, {}, parts=shares_of(value.lines[0], 75))
    assert [(row.unit_primary, row.tax) for row in expected.lines] == [(6750, 675)]
    assert expected.total == 7425


def test_E22_vector_no_decimals() -> None:
    """V7, first unit of 996 yen with 91 tax: half is 498 with 46 (45.5, away from zero)."""
    value = value_order(order([line("A", 3, 2987, "10")], 2987, currency="JPY"))
    [part] = shares_of(value.lines[0], 50)
    assert (part.credited.primary, part.credited.tax) == (498, 46)


def test_R44_whole_and_partial_units_are_different_lines() -> None:
    expected = expect_credit(V5, {SHIRTS.line_id: [1, 2]}, parts=shares_of(SHIRTS, 50, 50, 50))
    assert [(row.quantity, row.unit_primary, row.tax, row.partial) for row in expected.lines] == [
        (1, 1809, 301, False),
        (1, 1808, 302, False),
        (2, 905, 302, True),
        (1, 904, 151, True),
    ]
    assert expected.claimed == {SHIRTS.line_id: (1, 2)}, "hypotheses are about whole units"
    assert expected.goods == 1809 + 1808 + 905 * 2 + 904


def test_E22_a_part_of_nothing_is_no_line() -> None:
    assert expect_credit(V5, {}, parts=shares_of(SHIRTS, 0)).lines == ()


def test_6_7_vector_cheaper_replacement_credits_the_difference_with_its_tax() -> None:
    """V5: one shirt (18.09) for something at 15.00: 3.09 back, of which 0.51 tax (301 x 309 / 1809 = 51.4)."""
    [(credited, rest)] = split_difference(SHIRTS.slots[:1], ExchangeValue(carried=1809, price=1500).credit)
    assert (credited.primary, credited.tax, rest.primary, rest.tax) == (309, 51, 1500, 250)


def test_6_7_vector_dearer_replacement_is_a_line_of_its_own() -> None:
    """A hat for 40.71 is refunded, and 5.00 were kept for a dearer replacement of a shirt."""
    expected = expect_credit(V5, {HAT.line_id: [1]}, top_up=500)
    credit = build_credit(expected, expected.total, "rounding", rma_lines={HAT.line_id: 1}, map_tax=str, map_charge=str)
    assert (credit.total, [(c.purpose, c.amount) for c in credit.charges]) == (3571, [("exchange", -500)])
    assert credit.lines[0].unit_primary == 4071, "VAT of the goods is reversed in full"


def comes_to(snapshot: OrderSnapshot, expected: ExpectedCredit) -> int:
    """What an ERP adds up from the document."""
    numbers = {line.line_id: number for number, line in enumerate(value_order(snapshot).lines, 1)}
    credit = build_credit(expected, expected.total, "rounding", rma_lines=numbers, map_tax=str, map_charge=str)
    on_top = snapshot.tax_mode is TaxMode.EXCLUSIVE
    goods = sum(row.quantity * row.unit_primary + (row.tax if on_top else 0) for row in credit.lines)
    return goods + sum(charge.amount for charge in credit.charges)


@FEW
@given(orders(), st.integers(0, 100))
def test_I3_I4_part_and_rest_are_the_slot(snapshot: OrderSnapshot, share: int) -> None:
    for slot_line in value_order(snapshot).lines:
        for slot in slot_line.slots:
            credited = part_by_share(slot_line.line_id, slot, share).credited
            again, rest = split_slot(slot, credited.primary)
            assert again == credited
            assert credited.primary + rest.primary == slot.primary
            assert tuple(a + b for a, b in zip(credited.taxes, rest.taxes, strict=True)) == slot.taxes
            assert min(credited.primary, rest.primary, *credited.taxes, *rest.taxes, 0) == 0


@FEW
@given(orders(), st.randoms(use_true_random=False))
def test_I3_I5_any_mix_of_credits_shares_and_exchanges_adds_up(snapshot: OrderSnapshot, dice: random.Random) -> None:
    """Each unit is credited whole, in part, exchanged, or not at all: credits and what stays are the order."""
    value = value_order(snapshot)
    whole: dict[str, list[int]] = {}
    parts: list[UnitPart] = []
    stays = 0
    for slot_line in value.lines:
        exchanged = []
        for slot in slot_line.slots:
            match dice.choice(["whole", "share", "exchange", "nothing"]):
                case "whole":
                    whole.setdefault(slot_line.line_id, []).append(slot.no)
                case "share":
                    part = part_by_share(slot_line.line_id, slot, dice.randint(1, 99))
                    parts.append(part)
                    stays += value.gross([split_slot(slot, part.credited.primary)[1]])
                case "exchange":
                    exchanged.append(slot)
                case _:
                    stays += value.gross([slot])
        carried = sum(slot.primary for slot in exchanged)
        difference = ExchangeValue(carried=carried, price=dice.randint(0, 2 * carried)).credit
        for credited, rest in split_difference(exchanged, difference):
            parts.append(UnitPart(line_id=slot_line.line_id, credited=credited))
            stays += value.gross([rest])
    expected = expect_credit(value, whole, parts=parts)
    assert expected.total + stays == value.goods_total
    assert comes_to(snapshot, expected) == expected.total


@FEW
@given(orders(), st.integers(1, 100), st.integers(0, 50), st.integers(-3, 3))
def test_I6_guards_hold_with_partial_money(snapshot: OrderSnapshot, share: int, top_up: int, difference: int) -> None:
    value = value_order(snapshot)
    parts = [part_by_share(one.line_id, slot, share) for one in value.lines for slot in one.slots]
    expected = expect_credit(value, {}, parts=parts, top_up=min(top_up, _worth(value, parts)))
    refund = Money(amount=expected.total + difference, currency=value.currency)
    balance = OrderBalance(order_total=snapshot.total, captured=max(expected.total, 0))
    verdict = guarded(compare(expected, refund, step=1, cap=3), refund, balance, 3)
    if not isinstance(verdict, Mismatch):
        assert refund.amount <= (balance.captured or 0) <= snapshot.total
    assert comes_to(snapshot, expected) == expected.total


def _worth(value: OrderValue, parts: list[UnitPart]) -> int:
    return sum(value.gross([part.credited]) for part in parts)
