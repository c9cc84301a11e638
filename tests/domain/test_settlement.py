"""Expected credit, comparison, guards and the credit document: money.md 6.5 and 6.8."""

from collections.abc import Callable

import pytest

from domain.expected import ExpectedCredit, expect_credit
from domain.money import Money
from domain.order import LineTax, TaxMode
from domain.settlement import (
    Credit,
    Exact,
    Mismatch,
    OrderBalance,
    Rounding,
    broken_guard,
    build_credit,
    compare,
    guarded,
    tolerance,
)
from domain.slots import value_order
from tests.domain.builders import line, order, v5

VALUE = value_order(v5(shipping=595))
CAP = 3


def pounds(amount: int) -> Money:
    return Money(amount=amount, currency="GBP")


def credit_of(expected: ExpectedCredit, total: int, difference_as: str = "rounding") -> Credit:
    return build_credit(
        expected,
        total,
        "goodwill" if difference_as == "goodwill" else "rounding",
        rma_lines={"A/SKU-A": 1, "B/SKU-B": 2},
        map_tax=lambda code: code.lower(),
        map_charge=lambda purpose: purpose.upper(),
    )


def comes_to(credit: Credit, *, tax_on_top: bool = False) -> int:
    """What an ERP adds up to."""
    goods = sum(row.quantity * row.unit_primary + (row.tax if tax_on_top else 0) for row in credit.lines)
    return goods + sum(charge.amount for charge in credit.charges)


def test_R44_units_of_different_value_are_different_lines() -> None:
    expected = expect_credit(VALUE, {"A/SKU-A": [3, 2, 1], "B/SKU-B": [1]})
    assert [(row.slots, row.unit_primary, row.taxes) for row in expected.lines] == [
        ((1, 3), 1809, (602,)),
        ((2,), 1808, (302,)),
        ((1,), 4071, (679,)),
    ]
    assert expected.claimed == {"A/SKU-A": (1, 2, 3), "B/SKU-B": (1,)}
    assert expected.total == 9497


def test_R50_tax_per_code_is_the_proportional_reversal() -> None:
    whole = expect_credit(VALUE, {"A/SKU-A": [1, 2, 3], "B/SKU-B": [1]})
    assert whole.tax_per_code == {"VAT20": 904 + 679}


def test_refund_expected_is_goods_and_shipping_less_fee_plus_goodwill() -> None:
    expected = expect_credit(VALUE, {"B/SKU-B": [1]}, shipping=595, fee=395, goodwill=100)
    assert (expected.goods, expected.total) == (4071, 4071 + 595 - 395 + 100)


def test_exclusive_tax_comes_on_top() -> None:
    value = value_order(order([line("A", 2, 18000, "10")], 19800, mode=TaxMode.EXCLUSIVE))
    expected = expect_credit(value, {"A/SKU-A": [1]})
    assert (expected.goods, expected.total) == (9900, 9900)
    assert comes_to(credit_of(expected, 9900), tax_on_top=True) == 9900


def test_free_units_are_not_on_the_credit() -> None:
    value = value_order(order([line("A", 2, 0, "20"), line("B", 1, 500, "20")], 500))
    expected = expect_credit(value, {"A/SKU-A": [1, 2], "B/SKU-B": [1]})
    assert [row.line_id for row in expected.lines] == ["B/SKU-B"]


def test_unknown_line_or_slot_is_refused() -> None:
    with pytest.raises(ValueError, match="no line 'X/Y'"):
        expect_credit(VALUE, {"X/Y": [1]})
    with pytest.raises(ValueError, match="slots"):
        expect_credit(VALUE, {"A/SKU-A": [4]})


def test_tolerance_counts_lines_codes_shipping_and_fee_up_to_the_cap() -> None:
    whole = {"A/SKU-A": [1, 2, 3], "B/SKU-B": [1]}
    expected = expect_credit(VALUE, whole, shipping=595, fee=100, goodwill=50)
    assert expected.rounded_components == 3 + 1 + 1 + 1
    assert tolerance(expected, step=1, cap=100) == 6
    assert tolerance(expected, step=1, cap=3) == 3
    assert tolerance(expected, step=10, cap=100) == 60
    untaxed = value_order(order([line("A", 1, 100, "0")], 100))
    assert expect_credit(untaxed, {"A/SKU-A": [1]}).rounded_components == 1


def test_R42_a_mismatch_states_both_amounts_and_the_difference() -> None:
    found = compare(expect_credit(VALUE, {"A/SKU-A": [1]}), pounds(1999), step=1, cap=CAP)
    assert isinstance(found, Mismatch)
    for figure in ("19.99 GBP", "18.09 GBP", "1.90 more", "0.02"):
        assert figure in found.reason


def test_E38_another_currency_is_not_compared() -> None:
    with pytest.raises(ValueError, match="different currencies"):
        compare(expect_credit(VALUE, {"A/SKU-A": [1]}), Money(amount=1809, currency="EUR"), step=1, cap=CAP)


@pytest.mark.parametrize(
    ("balance", "credit", "rounding", "broken"),
    [
        (OrderBalance(order_total=10092, credited=8283), 1809, 0, ""),
        (
            OrderBalance(order_total=10092, credited=8284),
            1809,
            0,
            "100.93 GBP, above the order total, 100.92",
        ),
        (OrderBalance(order_total=10092, captured=5000, credited=3191), 1809, 0, ""),
        (
            OrderBalance(order_total=10092, captured=5000, credited=3192),
            1809,
            0,
            "above the money captured, 50.00",
        ),
        (OrderBalance(order_total=10092, rounding=4), 1811, 2, ""),
        (
            OrderBalance(order_total=10092, rounding=5),
            1811,
            2,
            "rounding lines of the order would come to 0.07",
        ),
        (OrderBalance(order_total=10092, rounding=-5), 1807, -2, "rounding lines"),
        (OrderBalance(order_total=10092, rounding=-5), 1811, 2, ""),
        (OrderBalance(order_total=10092, rounding=9), 1809, 0, ""),
    ],
)
def test_I6_guards_of_the_order(balance: OrderBalance, credit: int, rounding: int, broken: str) -> None:
    reason = broken_guard(balance, pounds(credit), rounding, CAP)
    assert broken in reason
    assert bool(reason) == bool(broken)


def test_I6_a_failed_guard_is_a_mismatch() -> None:
    full = OrderBalance(order_total=10092, credited=10092)
    free = OrderBalance(order_total=10092)
    found = guarded(Exact(), pounds(1809), full, CAP)
    assert isinstance(found, Mismatch)
    assert "order total" in found.reason
    assert guarded(Exact(), pounds(1809), free, CAP) == Exact()
    drifted = OrderBalance(order_total=10092, rounding=6)
    assert isinstance(guarded(Rounding(difference=1), pounds(1810), drifted, CAP), Mismatch)
    assert guarded(Rounding(difference=1), pounds(1810), free, CAP) == Rounding(difference=1)
    mismatch = Mismatch(difference=1, reason="other")
    assert guarded(mismatch, pounds(1810), full, CAP) == mismatch


EXPECTED = expect_credit(VALUE, {"A/SKU-A": [1, 2]}, shipping=595, fee=395)


@pytest.mark.parametrize(
    ("total", "difference_as", "extra"),
    [
        (EXPECTED.total, "rounding", []),
        (EXPECTED.total + 2, "rounding", [("rounding", 2)]),
        (EXPECTED.total - 2, "rounding", [("rounding", -2)]),
        (EXPECTED.total + 500, "goodwill", [("goodwill", 500)]),
        (EXPECTED.total - 500, "goodwill", [("goodwill", -500)]),
    ],
)
def test_E36_E45_goods_stay_at_slot_value_and_the_rest_is_a_line(
    total: int, difference_as: str, extra: list[tuple[str, int]]
) -> None:
    credit = credit_of(EXPECTED, total, difference_as)
    assert credit.total == total == comes_to(credit)
    assert [(row.unit_primary, row.tax, row.rma_line_no) for row in credit.lines] == [
        (1809, 301, 1),
        (1808, 302, 1),
    ]
    assert [(row.purpose, row.amount) for row in credit.charges] == [("shipping", 595), ("fee", -395), *extra]
    assert credit.lines[0].tax_code == "vat20"
    assert credit.lines[0].tax_rate == "20"


def test_agreed_and_accepted_goodwill_are_one_line() -> None:
    expected = expect_credit(VALUE, {"B/SKU-B": [1]}, goodwill=100)
    assert [row.amount for row in credit_of(expected, expected.total + 50, "goodwill").charges] == [150]
    assert credit_of(expected, expected.total - 100, "goodwill").charges == []


def refuse(name: str) -> str:
    raise LookupError(name)


@pytest.mark.parametrize(
    ("total", "map_tax", "map_charge", "missing"),
    [(1809, refuse, str, "VAT20"), (1810, str, refuse, "rounding")],
)
def test_R7_a_missing_mapping_stops_the_credit(
    total: int, map_tax: Callable[[str], str], map_charge: Callable[[str], str], missing: str
) -> None:
    expected = expect_credit(VALUE, {"A/SKU-A": [1]})
    with pytest.raises(LookupError, match=missing):
        build_credit(expected, total, "rounding", rma_lines={"A/SKU-A": 1}, map_tax=map_tax, map_charge=map_charge)


def test_unused_mappings_are_not_asked_for() -> None:
    value = value_order(order([line("A", 1, 100)], 100, mode=TaxMode.NONE))
    expected = expect_credit(value, {"A/SKU-A": [1]})
    credit = build_credit(expected, 100, "rounding", rma_lines={"A/SKU-A": 1}, map_tax=refuse, map_charge=refuse)
    assert (credit.lines[0].tax_code, credit.lines[0].tax_rate, credit.charges) == ("", "", [])


def test_several_tax_codes_of_a_line_need_a_mapping_of_their_own() -> None:
    taxes = (LineTax(code="GST", rate="5"), LineTax(code="QST", rate="9.975"))
    value = value_order(order([line("A", 1, 10000, taxes=taxes)], 10000, currency="CAD"))
    row = credit_of(expect_credit(value, {"A/SKU-A": [1]}), 10000).lines[0]
    assert (row.tax_code, row.tax_rate, row.tax) == ("gst+qst", "14.975", 435 + 868)
