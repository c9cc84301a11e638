"""The worked vectors of money.md 6.11, recomputed from their inputs."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.allocation import discount_shares, line_primaries, line_taxes
from domain.connection import ShippingPolicy
from domain.expected import expect_credit
from domain.money import Money, exponent
from domain.order import LineTax, OrderLine, OrderSnapshot, TaxMode
from domain.settlement import Exact, Mismatch, Rounding, build_credit, compare
from domain.shipping import ShippingLedger, shipping_to_credit
from domain.slots import OrderValue, value_order
from tests.domain.builders import line, order, v5

VECTORS: dict[str, dict[str, Any]] = {
    vector["id"]: vector for vector in json.loads((Path(__file__).parent / "vectors.json").read_text("utf-8"))
}


def snapshot_of(vector: dict[str, Any]) -> OrderSnapshot:
    lines = []
    for i, row in enumerate(vector["lines"], 1):
        taxes = (LineTax(code=f"T{row['rate']}", rate=str(row["rate"])),) if row["rate"] else ()
        gross = row.get("line_total", row.get("unit", 0) * row["qty"])
        lines.append(
            OrderLine(
                line_id=str(i),
                sku=f"S{i}",
                quantity=row["qty"],
                gross_of_discount=gross,
                line_discount=row.get("line_discount", 0),
                taxes=taxes,
            )
        )
    total = sum(vector["primary"]) + (sum(vector["tax"]) if vector["tax_mode"] == "exclusive" else 0)
    return order(
        lines,
        total,
        *vector["order_discounts"],
        mode=TaxMode(vector["tax_mode"]),
        currency=vector["currency"],
    )


def check(vector_id: str) -> OrderValue:
    """Recompute discount, primary, tax and slots of a vector."""
    vector = VECTORS[vector_id]
    snapshot = snapshot_of(vector)
    assert exponent(snapshot.currency) == vector["exponent"]
    primaries = line_primaries(snapshot)
    assert list(discount_shares(snapshot)) == vector["discount"]
    assert list(primaries) == vector["primary"]
    assert [sum(taxes) for taxes in line_taxes(snapshot, primaries)] == vector["tax"]
    value = value_order(snapshot)
    assert [[[slot.primary, slot.tax] for slot in line.slots] for line in value.lines] == vector["slots"]
    return value


def test_every_vector_of_the_block_is_checked_by_name() -> None:
    assert set(VECTORS) == {"V1", "V2", "V3", "V4", "V5", "V7", "V8"}


def test_R43_V1_line_total_not_divisible_by_quantity() -> None:
    assert check("V1").goods_total == 1000


def test_R43_V2_order_discount_over_equal_lines() -> None:
    assert check("V2").goods_total == 29000


def test_R43_V3_order_discount_over_unequal_lines() -> None:
    value = check("V3")
    assert expect_credit(value, {"1/S1": [1]}).total == 540


def test_R43_V4_exclusive_tax_and_line_discount() -> None:
    value = check("V4")
    assert expect_credit(value, {"1/S1": [1]}).total == 9900


def test_R41_R43_V5_inclusive_vat_order_discount() -> None:
    value = check("V5")
    single = [expect_credit(value, {"1/S1": [no]}) for no in (1, 2, 3)]
    assert [credit.total for credit in single] == [1809, 1808, 1809]
    assert [credit.tax_per_code for credit in single] == [{"T20": 301}, {"T20": 302}, {"T20": 301}]
    assert sum(credit.total for credit in single) + expect_credit(value, {"2/S2": [1]}).total == 9497


def test_R43_V7_zero_decimal_currency() -> None:
    assert check("V7").goods_total == 4780


def test_R43_V8_three_decimal_currency() -> None:
    assert check("V8").goods_total == 20150


@pytest.mark.parametrize(
    ("policy", "given_back"),
    [
        (ShippingPolicy.ON_FULL_RETURN, [0, 0, 595]),
        (ShippingPolicy.PRO_RATA, [223, 223, 149]),
        (ShippingPolicy.NEVER, [0, 0, 0]),
    ],
)
def test_R43_V10_shipping_over_three_returns(policy: ShippingPolicy, given_back: list[int]) -> None:
    steps: list[int] = []
    for before, now in ((0, 4500), (4500, 4500), (9000, 3000)):
        ledger = ShippingLedger(
            paid=595,
            credited=sum(steps),
            goods_total=12000,
            goods_before=before,
            goods_now=now,
            last_units=before + now == 12000,
        )
        steps.append(shipping_to_credit(policy, ledger))
    assert steps == given_back


@pytest.mark.parametrize(
    ("refund", "verdict"),
    [
        (1809, Exact()),
        (1808, Rounding(difference=-1)),
        (1811, Rounding(difference=2)),
        (1812, None),
        (1806, None),
        (1999, None),
    ],
)
def test_R42_V14_one_unit_of_V5(refund: int, verdict: Exact | Rounding | None) -> None:
    expected = expect_credit(value_order(v5()), {"A/SKU-A": [1]})
    assert (expected.total, expected.rounded_components) == (1809, 2)
    found = compare(expected, Money(amount=refund, currency="GBP"), step=1, cap=3)
    if verdict is None:
        assert isinstance(found, Mismatch)
        assert found.difference == refund - 1809
    else:
        assert found == verdict


def test_V18_the_fee_is_a_line_of_its_own() -> None:
    expected = expect_credit(value_order(v5()), {"A/SKU-A": [1]}, fee=395)
    credit = build_credit(
        expected,
        expected.total,
        "rounding",
        rma_lines={"A/SKU-A": 1},
        map_tax=lambda code: f"ERP-{code}",
        map_charge={"fee": "RETFEE"}.__getitem__,
    )
    assert credit.total == 1414
    assert [(row.quantity, row.unit_primary, row.tax, row.tax_code) for row in credit.lines] == [
        (1, 1809, 301, "ERP-VAT20")
    ]
    assert [(row.purpose, row.code, row.amount) for row in credit.charges] == [("fee", "RETFEE", -395)]


def test_U3_three_partial_credits_of_one_line_add_up() -> None:
    """20.00 over three units: 6.67 x 3 would be a cent too much, 6.66 x 3 two too little."""
    value = value_order(order([line("A", 3, 2000)], 2000, mode=TaxMode.NONE))
    assert [expect_credit(value, {"A/SKU-A": [no]}).total for no in (1, 2, 3)] == [667, 666, 667]
