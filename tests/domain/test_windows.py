"""Windows of a system, by the clock of its own time zone (R35, R36, E64)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.documents import DocumentKind
from domain.windows import Timing, WindowCalendar

LONDON = WindowCalendar.model_validate({"zone": "Europe/London", "opens": ["22:00", "06:15"], "length": "15m"})
NIGHT = WindowCalendar.model_validate({"zone": "Europe/London", "opens": ["01:30"]})
QUICK = WindowCalendar.model_validate({"every": "4s", "length": "1s"})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_R35_the_next_window_is_by_the_clock_of_the_erp() -> None:
    assert LONDON.next(at("2026-01-10 10:00")).opens == at("2026-01-10 22:00")
    assert LONDON.next(at("2026-07-10 10:00")).opens == at("2026-07-10 21:00")
    assert LONDON.next(at("2026-01-10 22:00")).opens == at("2026-01-11 06:15")


def test_R35_a_window_is_open_from_its_opening_until_before_its_end() -> None:
    assert LONDON.open_at(at("2026-01-10 21:59:59")) is None
    assert LONDON.open_at(at("2026-01-10 22:00")) is not None
    assert LONDON.open_at(at("2026-01-10 22:14:59")) is not None
    assert LONDON.open_at(at("2026-01-10 22:15")) is None


def test_R35_every_day_has_its_window_also_when_the_clock_is_changed() -> None:
    assert NIGHT.next(at("2026-03-29 00:00")).opens == at("2026-03-29 01:30")  # 01:30 is skipped that night
    assert NIGHT.next(at("2026-03-29 01:30")).opens == at("2026-03-30 00:30")
    assert NIGHT.next(at("2026-10-25 00:00")).opens == at("2026-10-25 00:30")  # 01:30 comes twice that night
    assert NIGHT.next(at("2026-10-25 00:30")).opens == at("2026-10-26 01:30")


def test_R51_windows_at_equal_distances_are_counted_from_the_epoch() -> None:
    assert QUICK.next(at("2026-01-10 10:00:01")).opens == at("2026-01-10 10:00:04")
    assert QUICK.open_at(at("2026-01-10 10:00:08.5")) is not None
    assert QUICK.open_at(at("2026-01-10 10:00:09.5")) is None


@given(st.integers(0, 6 * 365 * 86_400).map(lambda seconds: at("2024-01-01") + timedelta(seconds=seconds)))
def test_R35_the_next_window_is_the_nearest_one_and_open_when_it_opens(moment: datetime) -> None:
    for calendar in (LONDON, NIGHT, QUICK):
        window = calendar.next(moment)
        assert window.opens > moment
        assert calendar.open_at(window.opens) == window
        assert calendar.next(window.opens - timedelta(microseconds=1)) == window
        assert calendar.open_at(window.closes) != window


def test_R36_each_class_of_documents_has_its_own_mode() -> None:
    timing = Timing(credit=LONDON)
    assert timing.calendar(DocumentKind.CREDIT) is LONDON
    assert timing.calendar(DocumentKind.RMA) is None
    assert timing.calendar(DocumentKind.RECEIPT) is None


@pytest.mark.parametrize(
    ("table", "word"),
    [
        ({"zone": "Europe/Lundon", "opens": ["22:00"]}, "is no time zone"),
        ({"zone": "Europe/London"}, "either the times"),
        ({"opens": ["22:00"], "every": "1h"}, "either the times"),
        ({"opens": ["22:00", "22:10"], "length": "15m"}, "still open"),
        ({"every": "1m", "length": "2m"}, "still open"),
    ],
)
def test_N9_a_calendar_that_cannot_be_kept_is_refused(table: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        WindowCalendar.model_validate(table)
