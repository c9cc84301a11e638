"""Shipping that a credit gives back: money.md 6.5. The vector V10 is in test_vectors.py."""

import pytest

from domain.connection import ShippingPolicy
from domain.order import Charge, TaxMode
from domain.shipping import ShippingLedger, shipping_paid, shipping_to_credit
from tests.domain.builders import line, order, v5


def test_shipping_paid_includes_its_tax() -> None:
    charge = Charge(code="POST", amount=500, tax=100)
    lines = [line("A", 1, 1000)]
    assert shipping_paid(v5(shipping=595)) == 595
    assert shipping_paid(order(lines, 1500, mode=TaxMode.INCLUSIVE).model_copy(update={"shipping": (charge,)})) == 500
    assert shipping_paid(order(lines, 1600, mode=TaxMode.EXCLUSIVE).model_copy(update={"shipping": (charge,)})) == 600


@pytest.mark.parametrize(("said", "given"), [(0, 0), (200, 200), (295, 295), (595, 295), (-5, 0)])
def test_R43_platform_says_up_to_what_is_left(said: int, given: int) -> None:
    ledger = ShippingLedger(paid=595, credited=300)
    assert shipping_to_credit(ShippingPolicy.PLATFORM_SAYS, ledger, platform_says=said) == given


@pytest.mark.parametrize("policy", [p for p in ShippingPolicy if p is not ShippingPolicy.PLATFORM_SAYS])
def test_only_one_policy_listens_to_the_platform(policy: ShippingPolicy) -> None:
    assert shipping_to_credit(policy, ShippingLedger(paid=595, goods_total=100), platform_says=595) == 0


def test_R43_shipping_is_never_given_back_twice() -> None:
    done = ShippingLedger(paid=595, credited=595, goods_total=100, goods_before=0, goods_now=100, last_units=True)
    over = done.model_copy(update={"credited": 600})
    for ledger in (done, over):
        for policy in ShippingPolicy:
            assert shipping_to_credit(policy, ledger, platform_says=595, faulty=True) == 0


def test_pro_rata_of_goods_without_value_gives_nothing() -> None:
    assert shipping_to_credit(ShippingPolicy.PRO_RATA, ShippingLedger(paid=595, last_units=True)) == 0


def test_faulty_goods_need_not_wait_for_the_last_unit() -> None:
    ledger = ShippingLedger(paid=595, goods_total=100, goods_now=50)
    assert shipping_to_credit(ShippingPolicy.ON_FULL_RETURN, ledger, faulty=True) == 595
    assert shipping_to_credit(ShippingPolicy.NEVER, ledger, faulty=True) == 0
