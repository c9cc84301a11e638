"""The invariants of money.md 6.10 on random orders, held against an independent reference."""

import os
import random
import subprocess
import sys
from collections.abc import Mapping
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.allocation import line_primaries, line_taxes
from domain.expected import expect_credit
from domain.money import Money
from domain.order import OrderSnapshot, TaxMode
from domain.settlement import Mismatch, OrderBalance, Rounding, build_credit, compare, guarded
from domain.slots import OrderValue, lowest_free, value_order
from tests.domain import reference
from tests.domain.builders import v5
from tests.domain.orders import orders

FEW = settings(max_examples=60)


@FEW
@given(orders())
def test_I1_slots_of_a_line_add_up_to_its_value_and_to_each_tax(snapshot: OrderSnapshot) -> None:
    value = value_order(snapshot)
    primaries = line_primaries(snapshot)
    assert list(primaries) == reference.primaries(snapshot)
    taxes = line_taxes(snapshot, primaries)
    for order_line, primary, line_tax in zip(snapshot.lines, primaries, taxes, strict=True):
        slot_lines = [line for line in value.lines if line.parent_line_id == order_line.line_id]
        slots = [slot for line in slot_lines for slot in line.slots]
        assert sum(slot.primary for slot in slots) == primary
        for code, tax in enumerate(line_tax):
            assert sum(slot.taxes[code] for slot in slots) == tax
        if not order_line.components:
            units = reference.unit_values(primary, order_line.quantity)
            assert [slot.primary for slot in slots] == units
            for code, tax in enumerate(line_tax):
                expected = reference.unit_taxes(primary, tax, order_line.quantity)
                assert [slot.taxes[code] for slot in slots] == expected


@FEW
@given(orders())
def test_I1_R50_taxes_are_those_of_the_reference(snapshot: OrderSnapshot) -> None:
    """By rate exactly; from an order total, per code and within one unit of the rate."""
    primaries = reference.primaries(snapshot)
    by_rate = reference.rate_taxes(snapshot, primaries)
    found = [list(taxes) for taxes in line_taxes(snapshot, primaries)]
    if not snapshot.order_taxes:
        assert found == by_rate
    for code, order_tax in enumerate(snapshot.order_taxes):
        assert sum(taxes[code] for taxes in found) == order_tax.amount


@FEW
@given(orders())
def test_I2_goods_and_charges_are_the_order_total(snapshot: OrderSnapshot) -> None:
    charges = [*snapshot.shipping, *snapshot.fees]
    on_top = sum(charge.tax for charge in charges) if snapshot.tax_mode is TaxMode.EXCLUSIVE else 0
    total = value_order(snapshot).goods_total + sum(charge.amount for charge in charges) + on_top
    assert total == snapshot.total


class Returns:
    """Returns and voids of one order, with the claims that the store would keep."""

    def __init__(self, value: OrderValue) -> None:
        self.value = value
        self.live: list[tuple[Mapping[str, tuple[int, ...]], int]] = []

    def taken(self, line_id: str) -> set[int]:
        return {no for claims, _ in self.live for no in claims.get(line_id, ())}

    def return_some(self, dice: random.Random, at_most: int) -> None:
        claims = {
            line.line_id: slots
            for line in self.value.lines
            if (slots := lowest_free(line, self.taken(line.line_id), dice.randint(0, at_most)))
        }
        for line_id, slots in claims.items():
            assert not self.taken(line_id) & set(slots), "I5: a slot has two live claims"
        self.live.append((claims, expect_credit(self.value, claims).total))

    def void_one(self, dice: random.Random) -> None:
        if self.live:
            self.live.pop(dice.randrange(len(self.live)))


@FEW
@given(orders(), st.randoms(use_true_random=False), st.integers(1, 8))
def test_N1_I3_I5_any_returns_and_voids_add_up(snapshot: OrderSnapshot, dice: random.Random, turns: int) -> None:
    returns = Returns(value_order(snapshot))
    for _ in range(turns):
        if dice.random() < 0.3:
            returns.void_one(dice)
        else:
            returns.return_some(dice, 3)
        claimed = sum(
            returns.value.gross(line.pick(sorted(returns.taken(line.line_id)))) for line in returns.value.lines
        )
        assert sum(total for _, total in returns.live) == claimed
    returns.return_some(dice, 0)
    rest = {line.line_id: lowest_free(line, returns.taken(line.line_id), 99) for line in returns.value.lines}
    last = expect_credit(returns.value, rest).total
    assert sum(total for _, total in returns.live) + last == returns.value.goods_total


@FEW
@given(orders())
def test_I4_no_slot_is_negative_and_primaries_differ_by_at_most_one(snapshot: OrderSnapshot) -> None:
    for line in value_order(snapshot).lines:
        primaries = [slot.primary for slot in line.slots]
        assert min(primaries) >= 0
        assert max(primaries) - min(primaries) <= 1
        assert all(tax >= 0 for slot in line.slots for tax in slot.taxes)


@FEW
@given(orders(max_codes=1).filter(lambda snapshot: snapshot.tax_mode is TaxMode.INCLUSIVE))
def test_I4_with_one_inclusive_tax_code_net_is_not_negative(snapshot: OrderSnapshot) -> None:
    assert all(slot.primary >= slot.tax for line in value_order(snapshot).lines for slot in line.slots)


@FEW
@given(orders(), st.lists(st.integers(-4, 4), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_I6_credits_and_rounding_stay_within_captured(
    snapshot: OrderSnapshot, differences: list[int], dice: random.Random
) -> None:
    """The platform refunds a little too much or too little; what passes the guards is posted."""
    value, cap = value_order(snapshot), 3
    returns = Returns(value)
    captured = dice.randint(0, snapshot.total)
    balance = OrderBalance(order_total=snapshot.total, captured=captured)
    for difference in differences:
        returns.return_some(dice, 2)
        claims, _ = returns.live[-1]
        expected = expect_credit(value, claims)
        refund = Money(amount=expected.total + difference, currency=value.currency)
        verdict = guarded(compare(expected, refund, step=1, cap=cap), refund, balance, cap)
        if isinstance(verdict, Mismatch):
            returns.live.pop()
            continue
        rounding = verdict.difference if isinstance(verdict, Rounding) else 0
        balance = balance.model_copy(
            update={"credited": balance.credited + refund.amount, "rounding": balance.rounding + rounding}
        )
    assert balance.credited <= captured <= snapshot.total
    assert abs(balance.rounding) <= 2 * cap


@FEW
@given(orders(), st.integers(-3, 3))
def test_I9_R44_the_document_comes_to_its_total(snapshot: OrderSnapshot, difference: int) -> None:
    """An ERP that adds up the lines and charges gets the refund; its reversal is the same below zero."""
    value = value_order(snapshot)
    expected = expect_credit(value, {line.line_id: [slot.no for slot in line.slots] for line in value.lines})
    credit = build_credit(
        expected,
        expected.total + difference,
        "rounding",
        rma_lines={line.line_id: no for no, line in enumerate(value.lines, 1)},
        map_tax=str,
        map_charge=str,
    )
    on_top = snapshot.tax_mode is TaxMode.EXCLUSIVE
    goods = [row.quantity * row.unit_primary + (row.tax if on_top else 0) for row in credit.lines]
    assert sum(goods) == value.goods_total
    assert sum(goods) + sum(charge.amount for charge in credit.charges) == credit.total
    assert (-Money(amount=credit.total, currency=value.currency)).amount == -credit.total


def test_I7_result_does_not_depend_on_the_process() -> None:
    """Another process with another hash seed, time zone and locale gives the same slots."""
    snapshot = v5(shipping=595)
    program = (
        "import sys; from domain.order import OrderSnapshot; from domain.slots import value_order;"
        "print(value_order(OrderSnapshot.model_validate_json(sys.stdin.read())).model_dump_json())"
    )
    surroundings = {"PYTHONHASHSEED": "7", "TZ": "Pacific/Apia", "LC_ALL": "de_DE.UTF-8", "PYTHONPATH": "."}
    found = subprocess.run(
        [sys.executable, "-c", program],
        input=snapshot.model_dump_json(),
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | surroundings,
    )
    assert found.stdout.strip() == value_order(snapshot).model_dump_json()


@FEW
@given(orders())
def test_I7_I10_equal_content_gives_equal_hash_and_equal_slots(snapshot: OrderSnapshot) -> None:
    copy = OrderSnapshot.model_validate_json(snapshot.model_dump_json())
    assert copy.money_hash == snapshot.money_hash
    assert value_order(copy) == value_order(snapshot)
    shipped = snapshot.model_copy(update={"erp_status": "Despatched"})
    dearer = snapshot.model_copy(update={"total": snapshot.total + 1})
    assert shipped.money_hash == snapshot.money_hash
    assert dearer.money_hash != snapshot.money_hash


@FEW
@given(orders())
def test_I1_R41_a_unit_costs_its_share_of_the_line_to_the_minor_unit(snapshot: OrderSnapshot) -> None:
    """No slot is further than one minor unit from the exact share."""
    for line in value_order(snapshot).lines:
        exact = Fraction(line.primary, line.quantity)
        assert all(abs(slot.primary - exact) < 1 for slot in line.slots)
