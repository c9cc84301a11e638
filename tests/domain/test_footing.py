"""Footing of the order: money.md 6.2 and 6.4."""

import pytest

from domain.footing import SnapshotNotFooting
from domain.order import Charge, LineTax, OrderDiscount, OrderSnapshot, OrderTax, TaxMode
from domain.slots import value_order
from tests.domain.builders import line, order, v5


def test_R43_all_parts_of_an_inclusive_order_count() -> None:
    snapshot = v5(shipping=595, fees=(Charge(code="GIFT", amount=250),)).model_copy(update={"total": 9497 + 595 + 250})
    assert value_order(snapshot).goods_total == 9497


def test_R43_exclusive_tax_of_lines_and_charges_counts() -> None:
    shipping = (Charge(code="POST", amount=500, tax=100),)
    lines = [line("A", 2, 20000, "10", line_discount=2000)]
    assert value_order(order(lines, 20400, mode=TaxMode.EXCLUSIVE).model_copy(update={"shipping": shipping})).lines


def test_R70_a_difference_is_refused_with_all_figures() -> None:
    snapshot = v5(shipping=595).model_copy(update={"total": 10100})
    with pytest.raises(SnapshotNotFooting) as caught:
        value_order(snapshot)
    text = str(caught.value)
    for figure in ("lines 104.97", "discounts -10.00", "shipping 5.95", "100.92", "101.00", "0.08"):
        assert figure in text


def test_R50_computed_tax_must_be_the_orders_tax() -> None:
    """6.4 (c): 3 lines of 0.33 at 20 % give 0.07 each, 0.21; the order charged 0.20."""
    lines = [line(name, 1, 33, "20") for name in "ABC"]
    assert value_order(order(lines, 99 + 21, mode=TaxMode.EXCLUSIVE)).goods_total == 120
    with pytest.raises(SnapshotNotFooting, match="computed from its rates"):
        value_order(order(lines, 99 + 20, mode=TaxMode.EXCLUSIVE))


def test_one_minor_unit_is_never_spread_in_silence() -> None:
    for total in (9496, 9498):
        with pytest.raises(SnapshotNotFooting):
            value_order(v5().model_copy(update={"total": total}))


BROKEN: dict[str, tuple[OrderSnapshot, str]] = {
    "repeated line": (
        order([line("A", 1, 100), line("A", 1, 100)], 200),
        "order line stated more than once: A",
    ),
    "line discount too large": (order([line("A", 1, 100, line_discount=150)], -50), "discount 1.50 is more"),
    "order discount too large": (order([line("A", 1, 100)], -50, 150), "discount 1.50 is more"),
    "unknown scope": (
        order([line("A", 1, 100)], 90).model_copy(update={"discounts": (OrderDiscount(amount=10, scope=("X",)),)}),
        "does not have: X",
    ),
    "scope too small": (
        order([line("A", 1, 100), line("B", 1, 900)], 800).model_copy(
            update={"discounts": (OrderDiscount(amount=200, scope=("A",)),)}
        ),
        "discount 2.00 is more",
    ),
    "tax on an order without tax": (
        order([line("A", 1, 100, taxes=(LineTax(code="T", rate="20", amount=17),))], 100, mode=TaxMode.NONE),
        "states to have none",
    ),
    "tax above the value that contains it": (
        order([line("A", 1, 100, taxes=(LineTax(code="T", rate="20", amount=101),))], 100),
        "tax 1.01 is more",
    ),
    "order tax without a line": (
        order([line("A", 1, 100)], 100, order_taxes=(OrderTax(code="T", rate="20", amount=17),)),
        "0.17 of tax 'T'",
    ),
    "order tax below the lines' own": (
        order(
            [line("A", 1, 100, taxes=(LineTax(code="T", rate="20", amount=17),))],
            100,
            order_taxes=(OrderTax(code="T", rate="20", amount=16),),
        ),
        "account for 0.17",
    ),
    "rounding line without lines of value": (
        order([line("A", 1, 0)], 1, rounding_line=1),
        "rounding line 0.01",
    ),
    "rounding line above the goods": (order([line("A", 1, 2)], -1, rounding_line=-3), "rounding line -0.03"),
    "tax code twice on a line": (
        order([line("A", 1, 100, taxes=(LineTax(code="T", rate="5"), LineTax(code="T", rate="6")))], 100),
        "tax code on line A",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_impossible_figures_are_refused(case: str) -> None:
    snapshot, text = BROKEN[case]
    with pytest.raises(SnapshotNotFooting, match=text):
        value_order(snapshot)
