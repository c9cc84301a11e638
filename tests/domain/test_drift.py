"""Which changes of an order stop a credit, and which are only told (N12, E46)."""

import pytest

from domain.drift import drifted_lines, other_changes
from domain.order import Charge, Fulfilment, LineTax, OrderSnapshot, OrderStatus, TaxMode
from tests.domain.builders import v5

FROZEN = v5(shipping=595)


def changed(**update: object) -> OrderSnapshot:
    """The order with another first line."""
    first, *rest = FROZEN.lines
    return FROZEN.model_copy(update={"lines": (first.model_copy(update=update), *rest)})


@pytest.mark.parametrize(
    "update",
    [
        {"quantity": 2},
        {"gross_of_discount": 6000},
        {"line_discount": 1},
        {"sku": "SKU-Z"},
        {"taxes": (LineTax(code="VAT5", rate="5"),)},
        {"returnable": False},
    ],
    ids=lambda update: next(iter(update)),
)
def test_N12_any_change_of_a_returned_line_is_drift(update: dict[str, object]) -> None:
    now = changed(**update)
    [drift] = drifted_lines(FROZEN, now, {"A"})
    assert drift.line_id == "A"
    assert drift.frozen.startswith("3 x SKU-A for 59.97 GBP")
    assert drifted_lines(FROZEN, now, {"B"}) == []
    assert other_changes(FROZEN, now, {"B"}) == ["line A"]


def test_N12_a_returned_line_that_is_gone_is_drift() -> None:
    now = FROZEN.model_copy(update={"lines": FROZEN.lines[1:]})
    [drift] = drifted_lines(FROZEN, now, {"A"})
    assert drift.now == "not on the order"


@pytest.mark.parametrize("update", [{"currency": "EUR"}, {"tax_mode": TaxMode.EXCLUSIVE}])
def test_N12_terms_of_money_touch_every_line(update: dict[str, object]) -> None:
    drift = drifted_lines(FROZEN, FROZEN.model_copy(update=update), {"A", "B"})
    assert [one.line_id for one in drift] == ["A", "B"]


def test_E46_a_status_is_no_change_at_all() -> None:
    now = FROZEN.model_copy(update={"status": OrderStatus.LOCKED, "erp_status": "Closed", "captured": 5})
    assert drifted_lines(FROZEN, now, {"A", "B"}) == []
    assert other_changes(FROZEN, now, {"A"}) == []


def test_E46_goods_that_were_sent_out_or_came_back_are_no_change_at_all() -> None:
    now = FROZEN.model_copy(update={"fulfilment": {"A": Fulfilment(despatched=3, returned=1)}})
    assert drifted_lines(FROZEN, now, {"A", "B"}) == []
    assert other_changes(FROZEN, now, {"A"}) == []
    assert now.money_hash == FROZEN.money_hash


def test_E46_everything_else_is_told_by_its_name() -> None:
    now = FROZEN.model_copy(
        update={"shipping": (Charge(code="POST", amount=1),), "total": 9000, "invoice_number": "I9"}
    )
    assert drifted_lines(FROZEN, now, {"A"}) == []
    assert other_changes(FROZEN, now, {"A"}) == ["invoice_number", "shipping", "total"]


def test_N13_a_replacement_is_compared_by_what_it_is_not_by_its_price() -> None:
    """The ERP's own replacement order says zero; its value was carried over."""
    now = changed(gross_of_discount=0, taxes=())
    assert drifted_lines(FROZEN, now, {"A"}, identity_only=True) == []
    assert len(drifted_lines(FROZEN, changed(quantity=2), {"A"}, identity_only=True)) == 1
