"""What all adapters share must bear what any vendor may send; the hostile tests use such values once it does."""

import time
from datetime import timedelta

import pytest

from adapters.kit.answer import Answer, Call
from adapters.kit.status import Meaning
from domain.exceptions import ExceptionCode
from domain.money import AmountPrecisionError, parse_minor
from domain.outcomes import CredentialsRefused, InDoubt, Rejected, RetryLater, VendorTrouble, vendor_words
from tests.conformance.privacy import said_by

MOST_WORDS = 600
NINES = "9" * 5_000


@pytest.mark.parametrize(
    "number", ["1e999999999", "-1E999999999", "1e-999999999", f"{NINES}.0", "1e9999999999999999999"]
)
def test_a_number_that_would_fill_the_memory_is_no_json(number: str) -> None:
    """`int(Decimal("1e999999999"))` does not end; any field of whole numbers does that to it."""
    answer = Answer(Call("Vendor", "read", write=False), Meaning.OK, 200, {}, f'{{"n": {number}}}'.encode())
    with pytest.raises(RetryLater):
        answer.json()


@pytest.mark.parametrize("text", [NINES, f"-{NINES}", f"1.{NINES}", "x" * 100_000])
def test_an_amount_beyond_all_reason_is_no_amount_and_is_not_repeated(text: str) -> None:
    """Python refuses to read more than 4300 digits with an error that is none of ours."""
    with pytest.raises(AmountPrecisionError) as refused:
        parse_minor(text, "GBP")
    assert len(str(refused.value)) < MOST_WORDS


@pytest.mark.parametrize(
    "trouble",
    [
        RetryLater("x" * 100_000, timedelta(seconds=1)),
        InDoubt("x" * 100_000),
        CredentialsRefused("x" * 100_000),
        Rejected(ExceptionCode.RMA_REJECTED, "x" * 100_000, "y" * 100_000, {"sku": "z" * 100_000}),
    ],
    ids=lambda trouble: type(trouble).__name__,
)
def test_no_outcome_repeats_a_vendor_at_any_length(trouble: VendorTrouble) -> None:
    """Its text goes into histories, tables, alerts and pages."""
    assert len(said_by(trouble)) < 5 * MOST_WORDS


def test_a_long_answer_is_no_long_work() -> None:
    """A search for addresses in a word of a megabyte would keep a worker busy for an hour."""
    started = time.perf_counter()
    InDoubt("x" * 1_000_000)
    vendor_words("y" * 1_000_000)
    assert time.perf_counter() - started < 1


def test_D8_no_outcome_repeats_a_mail_address() -> None:
    cut_in_two = Rejected(ExceptionCode.RMA_REJECTED, "w " * 998 + "jo.longname@example.test")
    assert "jo.long" not in str(cut_in_two)
    trouble = Rejected(ExceptionCode.RMA_REJECTED, "ask jo@example.test about it", figures={"who": "jo@example.test"})
    assert "jo@" not in said_by(trouble)
    assert "jo@" not in str(trouble.figures)


def test_ordinary_numbers_stay_exact() -> None:
    answer = Answer(Call("Vendor", "read", write=False), Meaning.OK, 200, {}, b"[0.1, 12345678901234567890.123, 0e9]")
    numbers = answer.json()
    assert isinstance(numbers, list)
    assert [str(number) for number in numbers] == ["0.1", "12345678901234567890.123", "0E+9"]
