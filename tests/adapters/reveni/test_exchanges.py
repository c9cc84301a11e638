"""Wishes, kept items and the customer's payments in Reveni's JSON, and what of it parks."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.reveni.contract import WireReturn
from adapters.reveni.mapping import read_wire, to_return
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.returns import ExchangeWish, PlatformReturn
from tests.adapters.reveni.bodies import body, item


def mapped(*items: object, **more: object) -> PlatformReturn:
    raw = body(**({"return_items": list(items)} if items else {}), **more)
    return to_return(read_wire(WireReturn, raw, "return"), "external_id")


def refusal(*items: object, **more: object) -> str:
    with pytest.raises(Rejected) as refused:
        mapped(*items, **more)
    assert refused.value.code is ExceptionCode.EVENT_INVALID
    return str(refused.value)


def wants(sku: str = "TS-L", quantity: object = 1, price: object = "29.9500", **more: object) -> dict[str, Any]:
    return {"sku": sku, "variant_external_id": "", "quantity": quantity, "unit_price": price} | more


def paid(amount: object, status: str = "paid", payment: str = "p1", currency: str = "EUR") -> dict[str, object]:
    return {"id": payment, "status": status, "amount": amount, "currency": currency, "paid_at": None}


def breakdown(total: object) -> dict[str, object]:
    return {"return_items": "1.0000", "fees": "0.0000", "total": total}


def test_E57_a_line_with_exchanges_and_a_refund() -> None:
    ret = mapped(
        item("r", 2),
        item("m1", 1, "accepted", exchange=wants("TS-M", 1, "30.0000")),
        item("l", 1, exchange=wants("TS-L", 2, "12.5000")),
        item("m2", 2, "rejected", exchange=wants("TS-M", 2, "30.00")),
        item("o", 1, line="2", exchange=wants("TS-M")),
    )
    first, second = ret.lines
    assert (first.quantity, first.accepted, first.rejected, first.exchange) == (6, 1, 2, True)
    assert first.item_ids == ["r", "m1", "l", "m2"] and second.exchange
    assert [(w.exchange_id, w.quantity, w.sku, w.replacement_quantity, w.price_text) for w in ret.exchanges] == [
        ("1/TS>TS-M", 3, "TS-M", 3, "30.0000"),
        ("1/TS>TS-L", 1, "TS-L", 2, "12.5000"),
        ("2/TS>TS-M", 1, "TS-M", 1, "29.9500"),
    ]


def test_a_return_without_exchanges() -> None:
    ret = mapped(item("a", 2), item("b", 1, line="2", exchange=None))
    assert ret.exchanges == [] and [line.exchange for line in ret.lines] == [False, False]


def test_a_split_part_without_new_units_belongs_to_the_wish() -> None:
    [wish] = mapped(item("a", 2, exchange=wants(quantity=2)), item("b", 1, exchange=wants(quantity=0))).exchanges
    assert (wish.quantity, wish.replacement_quantity) == (3, 2)


def test_R8_several_prices_in_one_wish() -> None:
    parts = [item("x", 1, line="2"), item("a", 1, exchange=wants(price="10")), item("b", 1, exchange=wants(price="11"))]
    assert "return_items.2.exchange.unit_price differs" in refusal(*parts)


def test_R8_a_wish_for_nothing() -> None:
    assert "return_items.0.exchange.quantity is 0" in refusal(item("a", 1, exchange=wants(quantity=0)))


@pytest.mark.parametrize(
    ("exchange", "path"),
    [
        ({}, "exchange.sku"),
        ("TS-L", "exchange"),
        ([], "exchange"),
        (False, "exchange"),
        (wants(sku=""), "exchange.sku"),
        (wants(sku="A>B"), "exchange.sku"),
        (wants(sku="x" * 81), "exchange.sku"),
        (wants(quantity=-1), "exchange.quantity"),
        (wants(quantity="1"), "exchange.quantity"),
        (wants(quantity=True), "exchange.quantity"),
        (wants(quantity=10**9), "exchange.quantity"),
        (wants(price=None), "exchange.unit_price"),
        (wants(price="-1.0000"), "exchange.unit_price"),
        (wants(price="1e3"), "exchange.unit_price"),
        (wants(price="NaN"), "exchange.unit_price"),
        (wants(price="29,95"), "exchange.unit_price"),
        (wants(price="9" * 30), "exchange.unit_price"),
        (wants(price=Decimal("1e999999999")), "exchange.unit_price"),
    ],
)
def test_R8_an_unusable_exchange_is_named_by_its_field(exchange: object, path: str) -> None:
    assert f": return_items.1.{path} " in refusal(item("a", 1), item("b", 1, exchange=exchange))


def test_U31_a_kept_line() -> None:
    kept, other = mapped(item("k", 1, "accepted", keep_item=True), item("a", 1, line="2", keep_item=None)).lines
    assert (kept.keep, kept.accepted, other.keep) == (True, 1, False)


def test_U31_some_units_of_a_line_cannot_be_kept() -> None:
    parts = [item("x", 1, line="2"), item("a", 1, keep_item=True), item("b", 1)]
    assert "return_items.2.keep_item differs" in refusal(*parts)


@pytest.mark.parametrize("value", ["true", 1, {}])
def test_R8_keep_item_is_yes_or_no(value: object) -> None:
    assert ": return_items.0.keep_item " in refusal(item("a", 1, keep_item=value))


def test_R8_an_item_listed_twice() -> None:
    assert "return_items.1.id is listed twice" in refusal(item("a", 1), item("a", 1))


@pytest.mark.parametrize(
    ("total", "currency", "due"),
    [
        ("-20.0000", "EUR", "20.00"),
        ("-20.0050", "EUR", "20.01"),
        ("-20.5000", "JPY", "21"),
        ("-20.0005", "KWD", "20.001"),
        (Decimal("-0.1"), "EUR", "0.10"),
        ("26.5300", "EUR", "0"),
        ("0.0000", "EUR", "0"),
        ("-0.0000", "EUR", "0"),
        (None, "EUR", "0"),
    ],
)
def test_E53_a_negative_total_is_owed_by_the_customer(total: object, currency: str, due: str) -> None:
    assert mapped(breakdown=breakdown(total), currency=currency, payments=None).due_text == due


@pytest.mark.parametrize("total", ["", "1e3", "inf", [], "-", "--1", True, "9" * 40])
def test_R8_an_unusable_total(total: object) -> None:
    assert ": breakdown.total " in refusal(breakdown=breakdown(total))


@pytest.mark.parametrize(
    ("payments", "text"),
    [
        (None, "0"),
        ([], "0"),
        ([paid("20.0000")], "20.0000"),
        ([paid("20.0000", "pending")], "0"),
        ([paid("20.0000", "failed"), paid("20.0000", payment="p2")], "20.0000"),
        ([paid("0.1"), paid("0.2", payment="p2")], "0.3"),
        ([paid(Decimal("12.5"))], "12.5"),
    ],
)
def test_E53_only_paid_payments_count(payments: object, text: str) -> None:
    assert mapped(payments=payments).paid_text == text


@pytest.mark.parametrize(
    ("payments", "words"),
    [
        ([paid("1"), paid("1", payment="p2", currency="USD")], "payments.1.currency is not the return's"),
        ([paid("1", "pending", currency="USD")], "payments.0.currency is not the return's"),
        ([paid("1"), paid("1")], "payments.1.id is listed twice"),
        ([paid("1", "bounced")], "payments.0.status is 'bounced', which we do not know"),
        ([paid("-1")], ": payments.0.amount "),
        ([paid("abc")], ": payments.0.amount "),
        ([paid(None)], ": payments.0.amount "),
        ([paid("1", payment="")], ": payments.0.id "),
        ("paid", ": payments "),
        ([paid("1", payment=f"p{n}") for n in range(1001)], ": payments "),
    ],
)
def test_R8_an_unusable_payment(payments: object, words: str) -> None:
    assert words in refusal(payments=payments)


def test_nothing_of_the_body_is_quoted() -> None:
    text = refusal(item("a", 1, exchange=wants(sku="shopper@example.com>", price="600 123 456")))
    assert "shopper" not in text and "600" not in text


def test_a_wish_is_the_same_before_and_after_a_split() -> None:
    whole = mapped(item("a", 3, exchange=wants(quantity=3))).exchanges
    split = mapped(item("a", 1, "accepted", exchange=wants()), item("b", 2, exchange=wants(quantity=2))).exchanges
    assert (
        whole
        == split
        == [
            ExchangeWish(
                exchange_id="1/TS>TS-L",
                line_id="1/TS",
                quantity=3,
                sku="TS-L",
                replacement_quantity=3,
                price_text="29.9500",
            )
        ]
    )
