"""Days and months of accounting. They are UTC days: the vendors' dates carry no zone."""

from datetime import UTC, date, datetime, time, timedelta


def start_of(day: date) -> datetime:
    """The moment when the day begins."""
    return datetime.combine(day, time(), tzinfo=UTC)


def month_days(month: str) -> tuple[date, date]:
    """First day of ``2026-11``, and of the month after. ValueError for anything else, as the last month of all."""
    first = date.fromisoformat(f"{month}-01")
    if (first.year, first.month) == (date.max.year, date.max.month):
        raise ValueError(f"no month comes after {month}")
    return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1)
