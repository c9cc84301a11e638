"""SKUs, numbers, rates and amounts as Prima writes them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.prima.codec import Record, Unreadable
from adapters.prima.values import amount, day, extended, join_sku, rate, split_sku, whole
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected

PART = st.text(st.characters(categories=["Lu", "Nd"]), min_size=1, max_size=6)
CODES = st.lists(st.one_of(PART, st.just("")), max_size=4)


def row(**values: str) -> Record:
    return Record("OrderLineData", values)


@given(PART, CODES, st.sampled_from("-/."))
def test_sku_round_trip(product: str, codes: list[str], separator: str) -> None:
    while codes and not codes[-1]:
        codes.pop()
    sku = separator.join([product, *codes])
    assert join_sku(Record("sku", split_sku(sku, separator)), separator) == sku


@pytest.mark.parametrize("sku", ["", "-BLK", "A-B-C-D-E-F", "P1001-", "P1001--"])
def test_texts_that_are_no_sku(sku: str) -> None:
    with pytest.raises(Rejected) as refused:
        split_sku(sku, "-")
    assert (refused.value.code, refused.value.figures) == (ExceptionCode.SKU_NOT_IN_MASTER, {"sku": sku})


def test_a_product_code_that_holds_the_separator_is_refused() -> None:
    record = row(Product="P-1001", MtrxCode1="BLK")
    assert join_sku(record, "/") == "P-1001/BLK"
    with pytest.raises(Rejected):
        join_sku(record, "-")


@pytest.mark.parametrize(
    ("text", "normal"),
    [("20", "20.00"), ("20.000", "20.00"), ("5.5", "5.50"), ("2.125", "2.125"), ("0", "0.00")],
)
def test_rates_are_written_one_way(text: str, normal: str) -> None:
    assert rate(text) == normal


@pytest.mark.parametrize("text", ["", "STD", "-5", "1e2", "20%"])
def test_texts_that_are_no_rate(text: str) -> None:
    with pytest.raises(ValueError):
        rate(text)


@pytest.mark.parametrize(
    ("price", "quantity", "currency", "minor"),
    [
        ("245.00", 1, "GBP", 24500),
        ("0.125", 8, "GBP", 100),
        ("1100", 3, "JPY", 3300),
        ("6.375", 2, "KWD", 12750),
    ],
)
def test_price_times_quantity_is_exact(price: str, quantity: int, currency: str, minor: int) -> None:
    assert extended(row(Price=price), currency, quantity) == minor


@pytest.mark.parametrize("price", ["0.125", "1,234.50", "", "1e3", "NaN", "1/3"])
def test_prices_that_cannot_be_held_are_refused(price: str) -> None:
    with pytest.raises(Rejected) as refused:
        extended(row(Price=price), "GBP", 3)
    assert refused.value.code is ExceptionCode.AMOUNT_PRECISION


def test_amounts() -> None:
    assert amount(row(VatValue="36.7500"), "VatValue", "GBP") == 3675
    assert amount(row(), "DiscountValue", "GBP", default="0") == 0
    with pytest.raises(Rejected):
        amount(row(VatValue="36.755"), "VatValue", "GBP")


def test_whole_numbers_and_days() -> None:
    assert whole(row(Quantity="2.00"), "Quantity") == 2
    assert day(row(OrderDate="2026-03-14"), "OrderDate").day == 14
    for name in ("Quantity", "OrderDate"):
        with pytest.raises(Unreadable):
            (whole if name == "Quantity" else day)(row(**{name: "2.5"}), name)
