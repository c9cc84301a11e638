"""How much an exception is about, read from its figures; nothing is guessed."""

import pytest
from pydantic import JsonValue

from domain.exposure import unit_figures
from domain.money import Money
from domain.stake import amounts_named, money_at_stake, units_at_stake


@pytest.mark.parametrize(
    ("figures", "units"),
    [
        (unit_figures({"1/P1": 2, "2/P2": 1}), 3),
        ({"missing": "2", "cover_until": "2026-03-01 09:30 UTC", **unit_figures({"1": 1})}, 1),
        ({"missing": "2"}, 2),
        ({"line": "1", "wanted": "3", "free": "1"}, 3),
        ({"sku": "P1", "order_line": "2", "quantity": "4"}, 4),
        ({"inspection": "s", "units": "2 x P1 DAMAGED (size), 1 x P-2 DAMAGED (4 x too big)"}, 3),
        ({"surplus": "12 x P1"}, 12),
        ({"skus": "P1, P2"}, None),
        ({"units": "a few", "quantity": "one"}, None),
        ({"units.1": "many"}, None),
        ({}, None),
    ],
)
def test_R67_units_at_stake_are_those_that_the_figures_name(figures: dict[str, JsonValue], units: int | None) -> None:
    assert units_at_stake(figures) == units


@pytest.mark.parametrize(
    ("figures", "money"),
    [
        ({"amount": "20.00", "currency": "GBP"}, (2000, "GBP")),
        ({"amount": "20.005", "currency": "GBP"}, None),
        ({"amount": "2000", "currency": "JPY"}, (2000, "JPY")),
        ({"amount": "20.00 GBP"}, None),
        ({"amount": "20.00", "currency": "pounds"}, None),
        ({"refunds": "20.00 GBP, 5.50 GBP"}, (2550, "GBP")),
        ({"refunds": "20.00 GBP, 5.50 EUR"}, None),
        ({"refunds": "the replacement"}, None),
        ({}, None),
    ],
)
def test_R67_money_at_stake_is_exact_or_unknown(figures: dict[str, JsonValue], money: tuple[int, str] | None) -> None:
    found = money_at_stake(figures)
    assert (found and (found.amount, found.currency)) == money


@pytest.mark.parametrize(
    ("amount", "figures", "named"),
    [
        (2000, {"platform_amount": "20.00", "order_amount": "18.09"}, [2000, 2000, 1809]),
        (2000, {"erp_total": "-19.999", "our_total": "much"}, [2000, -1900]),
        (None, {"amount": "20.005", "currency": "GBP"}, [2000]),
        (None, {"platform_amount": "20.00"}, []),
    ],
)
def test_R110_every_amount_that_a_decision_may_move_is_compared(
    amount: int | None, figures: dict[str, JsonValue], named: list[int]
) -> None:
    own = None if amount is None else Money(amount=amount, currency="GBP")
    assert [money.amount for money in amounts_named(own, figures)] == named
