"""Discounts in sequence, tax sources, rounding line, bundles, finding lines: money.md 6.2 to 6.6."""

import pytest

from domain.allocation import discount_shares, line_primaries, line_taxes
from domain.order import Component, LineTax, OrderDiscount, OrderTax, TaxMode
from domain.slots import Slot, lowest_free, split_slot, value_order
from tests.domain.builders import line, order, v5


def test_R43_discounts_apply_one_after_the_other_within_their_scope() -> None:
    """10.00 off A and B first (6 : 4), then 4.95 off everything on the values that are left (54 : 36 : 9)."""
    lines = [line("A", 1, 6000), line("B", 1, 4000), line("C", 1, 900)]
    discounts = (OrderDiscount(amount=1000, scope=("A", "B")), OrderDiscount(amount=495))
    snapshot = order(lines, 9405, discounts=discounts, mode=TaxMode.NONE)
    assert discount_shares(snapshot) == (870, 580, 45)
    assert value_order(snapshot).goods_total == 9405


def test_R43_V21_an_explicit_rounding_line_is_spread_over_line_values() -> None:
    lines = [line("A", 1, 7000), line("B", 1, 3000)]
    assert line_primaries(order(lines, 10003, rounding_line=3)) == (7002, 3001)
    assert line_primaries(order(lines, 9997, rounding_line=-3)) == (6998, 2999)


def test_R50_tax_of_the_line_wins_over_tax_of_the_order_and_over_the_rate() -> None:
    lines = [
        line("A", 1, 1000, taxes=(LineTax(code="T", rate="20", amount=200),)),
        line("B", 1, 1000, taxes=(LineTax(code="T", rate="20"),)),
        line("C", 1, 2000, taxes=(LineTax(code="T", rate="20"),)),
        line("D", 1, 1000, taxes=(LineTax(code="U", rate="5"),)),
    ]
    order_taxes = (OrderTax(code="T", rate="20", amount=803),)
    snapshot = order(lines, 5000 + 803 + 50, mode=TaxMode.EXCLUSIVE, order_taxes=order_taxes)
    assert line_taxes(snapshot, line_primaries(snapshot)) == ((200,), (201,), (402,), (50,))
    assert value_order(snapshot).goods_total == 5853


def test_R50_order_tax_follows_value_times_rate() -> None:
    lines = [
        line("A", 1, 1000, taxes=(LineTax(code="T", rate="20"),)),
        line("B", 1, 1000, taxes=(LineTax(code="T", rate="5.5"),)),
    ]
    snapshot = order(lines, 2255, mode=TaxMode.EXCLUSIVE, order_taxes=(OrderTax(code="T", rate="20", amount=255),))
    assert line_taxes(snapshot, (1000, 1000)) == ((200,), (55,))


def test_R50_two_inclusive_codes_share_one_gross_value() -> None:
    """114.975 % is the gross: 100.00 contains 4.35 of 5 % and 8.68 of 9.975 %."""
    taxes = (LineTax(code="GST", rate="5"), LineTax(code="QST", rate="9.975"))
    value = value_order(order([line("A", 1, 10000, taxes=taxes)], 10000, currency="CAD"))
    assert value.lines[0].slots == (Slot(no=1, primary=10000, taxes=(435, 868)),)
    assert value.lines[0].tax_codes == ("GST", "QST")


def test_free_units_have_slots_without_money() -> None:
    """6.5: P = 0 gives stock, no money; a tax that the order states on it follows the units."""
    taxed = line("A", 3, 0, taxes=(LineTax(code="T", rate="20", amount=100),))
    value = value_order(order([taxed], 100, mode=TaxMode.EXCLUSIVE))
    assert [slot.taxes for slot in value.lines[0].slots] == [(33,), (34,), (33,)]
    assert value_order(order([line("A", 2, 0, "20")], 0)).lines[0].slots[1] == Slot(no=2, primary=0, taxes=(0,))


BUNDLE = line(
    "K",
    2,
    10000,
    "20",
    sku="SET",
    components=(
        Component(sku="CUP", quantity_per_bundle=3, weight=6, order_line_id="K1"),
        Component(sku="POT", quantity_per_bundle=1, weight=1),
    ),
)


def test_R43_bundle_parts_are_the_bundle_exactly() -> None:
    value = value_order(order([BUNDLE], 10000))
    cup, pot = value.lines
    assert (cup.line_id, cup.order_line_id, cup.quantity, cup.primary, cup.tax) == (
        "K/CUP",
        "K1",
        6,
        8571,
        1429,
    )
    assert (pot.line_id, pot.order_line_id, pot.quantity, pot.primary, pot.tax) == (
        "K/POT",
        "K",
        2,
        1429,
        238,
    )
    assert value.goods_total == 10000


def test_bundle_without_prices_counts_every_unit_the_same() -> None:
    parts = tuple(part.model_copy(update={"weight": 0}) for part in BUNDLE.components)
    value = value_order(order([BUNDLE.model_copy(update={"components": parts})], 10000))
    assert [part.primary for part in value.lines] == [7500, 2500]


def test_free_bundle_with_tax_still_adds_up() -> None:
    taxed = BUNDLE.model_copy(update={"gross_of_discount": 0, "taxes": (LineTax(code="T", rate="20", amount=70),)})
    value = value_order(order([taxed], 70, mode=TaxMode.EXCLUSIVE))
    assert [part.tax for part in value.lines] == [60, 10]


def test_lines_are_found_as_platforms_name_them() -> None:
    value = value_order(order([BUNDLE, line("A", 1, 500, "20"), line("B", 1, 500, "20", sku="SKU-A")], 11000))
    cup = value.line("K/CUP")
    assert cup is not None
    assert value.find("K1", "CUP") == value.find("K", "CUP") == value.find("", "CUP") == cup
    assert value.find("", "SKU-A") is None, "on two lines"
    assert value.find("B", "SKU-A") == value.line("B/SKU-A")
    assert value.find("A", "CUP") is None
    assert value.find("", "SET") is None
    assert [part.sku for part in value.parts("K", "SET")] == ["CUP", "POT"]
    assert value.parts("A", "SET") == value.parts("A", "") == ()


def test_E7_a_return_claims_the_lowest_free_slots() -> None:
    three = value_order(v5()).lines[0]
    assert lowest_free(three, (), 2) == (1, 2)
    assert lowest_free(three, {1}, 2) == (2, 3)
    assert lowest_free(three, {1, 3}, 2) == (2,)


def test_slots_are_picked_by_number() -> None:
    three = value_order(v5()).lines[0]
    assert [slot.no for slot in three.pick([3, 1])] == [3, 1]
    for wrong in ([0], [4], [1, 1]):
        with pytest.raises(ValueError, match=r"slots 1\.\.3"):
            three.pick(wrong)


def test_unit_value_is_rounded_for_information() -> None:
    assert value_order(v5()).lines[0].unit_value == 1809


@pytest.mark.parametrize("part", [0, 1, 904, 905, 1809])
def test_partial_money_splits_a_slot_without_loss(part: int) -> None:
    slot = Slot(no=1, primary=1809, taxes=(301,))
    credited, rest = split_slot(slot, part)
    assert credited.primary == part
    assert (credited.primary + rest.primary, credited.tax + rest.tax) == (1809, 301)
    assert abs(credited.tax * 1809 - 301 * part) * 2 <= 1809
    with pytest.raises(ValueError, match="not within"):
        split_slot(slot, 1810)
