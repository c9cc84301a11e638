"""How values look on a page."""

from datetime import date

import pytest

from console import words


@pytest.mark.parametrize(
    ("code", "text"),
    [("PARTLY_RECEIVED", "Partly received"), ("rma", "RMA"), ("cx", "CX"), ("ERP_says", "ERP says"), ("", "–")],
)
def test_codes_become_words_and_short_forms_stay_capital(code: str, text: str) -> None:
    assert words.words(code) == text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("inspect 1 unit(s)", "inspect 1 unit"),
        ("inspect 1 of 3 unit(s)", "inspect 1 of 3 units"),
        ("0 unit(s), 2 line(s)", "0 units, 2 lines"),
        ("unit(s)", "unit(s)"),
    ],
)
def test_a_count_has_the_number_of_its_word(said: str, text: str) -> None:
    assert words.plural(said) == text


@pytest.mark.parametrize(
    ("text", "currency", "shown"),
    [
        ("441.0000", "GBP", "441.00 GBP"),
        ("1234567.5", "EUR", "1,234,567.50 EUR"),
        ("18.0905", "GBP", "18.0905 GBP"),
        ("1e3", "GBP", "1e3 GBP"),
    ],
)
def test_R43_a_vendors_amount_is_shown_exactly_or_as_it_is(text: str, currency: str, shown: str) -> None:
    assert words.amount(text, currency) == shown


def test_a_span_of_days_ends_on_its_last_day() -> None:
    assert (words.day(date(2026, 11, 3)), words.day_before(date(2026, 11, 1))) == ("3 Nov 2026", "31 Oct 2026")
