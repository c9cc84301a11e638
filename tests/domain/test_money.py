"""Representation of money: money.md 6.1."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import (
    AmountPrecisionError,
    Money,
    decimal_text,
    exponent,
    largest_remainder,
    parse_minor,
    parse_money,
    round_half_away,
    told_amount,
)
from tests.domain import reference

CURRENCIES = ("EUR", "JPY", "KWD", "CLF")


@pytest.mark.parametrize(
    ("currency", "decimals"),
    [
        *((code, 0) for code in ("JPY", "KRW", "VND", "CLP", "ISK", "XAF", "XOF")),
        *((code, 3) for code in ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")),
        *((code, 4) for code in ("CLF", "UYW")),
        *((code, 2) for code in ("EUR", "GBP", "USD", "SEK", "HUF")),
    ],
)
def test_exponents_of_iso_4217(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("76.4800", "EUR", 7648),
        ("76", "EUR", 7600),
        ("-0.05", "EUR", -5),
        ("+12.3", "EUR", 1230),
        ("4780", "JPY", 4780),
        ("4780.00", "JPY", 4780),
        ("12.147", "KWD", 12147),
        (" 1.00 ", "GBP", 100),
    ],
)
def test_decimal_text_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("76.481", "EUR"),
        ("1.5", "JPY"),
        ("1.0005", "KWD"),
        ("1e2", "EUR"),
        ("", "EUR"),
        ("1,00", "EUR"),
        ("٣", "EUR"),
    ],
)
def test_more_decimals_or_other_notations_are_refused(text: str, currency: str) -> None:
    with pytest.raises(AmountPrecisionError, match=text or "plain decimal"):
        parse_money(text, currency)


@pytest.mark.parametrize(
    ("text", "currency", "told"),
    [
        ("76.4800", "EUR", "76.48 EUR"),
        ("4780.00", "JPY", "4780 JPY"),
        ("76.481", "EUR", "76.481 EUR"),
        ("a lot", "EUR", "a lot EUR"),
        ("1.00", "", "1.00 "),
    ],
)
def test_an_amount_is_told_exactly_or_as_it_came(text: str, currency: str, told: str) -> None:
    assert told_amount(text, currency) == told


@given(st.integers(-(10**12), 10**12), st.sampled_from(CURRENCIES))
def test_text_and_back(amount: int, currency: str) -> None:
    assert parse_minor(decimal_text(amount, currency), currency) == amount
    assert parse_minor(decimal_text(amount, currency, places=5), currency) == amount


def test_texts() -> None:
    assert decimal_text(-5, "EUR") == "-0.05"
    assert decimal_text(7648, "EUR", places=4) == "76.4800"
    assert decimal_text(4780, "JPY") == "4780"
    assert str(Money(amount=8003, currency="KWD")) == "8.003 KWD"


def test_money_of_two_currencies_cannot_be_combined() -> None:
    pound, euro = Money(amount=100, currency="GBP"), Money(amount=100, currency="EUR")
    assert pound + pound == Money(amount=200, currency="GBP")
    assert (pound - pound + -pound).amount == -100
    with pytest.raises(ValueError, match="different currencies"):
        pound + euro


def test_U4_V16_halves_round_away_from_zero_on_both_sides() -> None:
    assert round_half_away(12345, 10) == 1235
    assert round_half_away(-12345, 10) == -1235
    assert round_half_away(12344, 10) == 1234
    with pytest.raises(ValueError, match="positive"):
        round_half_away(1, 0)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_I9_rounding_is_symmetric_and_nearest(numerator: int, denominator: int) -> None:
    rounded = round_half_away(numerator, denominator)
    assert rounded == -round_half_away(-numerator, denominator)
    assert 2 * abs(rounded * denominator - numerator) <= denominator


@given(st.integers(-(10**6), 10**6), st.lists(st.integers(0, 10**5), min_size=1, max_size=6))
def test_I8_I9_largest_remainder(amount: int, weights: list[int]) -> None:
    if not sum(weights):
        amount = 0
    shares = largest_remainder(amount, weights)
    assert shares == reference.spread(amount, weights)
    assert sum(shares) == amount
    assert largest_remainder(-amount, weights) == [-share for share in shares]
    if 0 <= amount <= sum(weights):
        assert all(0 <= share <= weight for share, weight in zip(shares, weights, strict=True))


def test_largest_remainder_ties_go_to_the_larger_weight_then_to_the_earlier_line() -> None:
    assert largest_remainder(500, [3300, 1980]) == [313, 187]
    assert largest_remainder(500, [1980, 3300]) == [187, 313]
    assert largest_remainder(1000, [1, 1, 1]) == [334, 333, 333]


def test_nothing_to_split_over_is_an_error() -> None:
    with pytest.raises(ValueError, match="all zero"):
        largest_remainder(1, [0, 0])
    with pytest.raises(ValueError, match="negative"):
        largest_remainder(1, [-1, 2])
    assert largest_remainder(0, [0, 0]) == [0, 0]
