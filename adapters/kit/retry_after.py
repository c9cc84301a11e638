"""Reads the Retry-After header in every form our vendors use."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

#: A number this large is a moment in epoch seconds (Centra), not a wait: as a wait it would be 31 years.
EPOCH_FROM = 1_000_000_000
LONGEST = timedelta(days=1)


def parse_retry_after(text: str | None, now: datetime) -> timedelta | None:
    """The wait the vendor asks for, from 0 to one day; None when there is no header or it cannot be read.

    Accepts seconds, epoch seconds, an HTTP date (RFC 9110) and ISO 8601. `now` has a time zone.
    """
    if not text or not (text := text.strip()):
        return None
    if text.isascii() and text.isdecimal():
        number = int(text[:12])
        wait = timedelta(seconds=number) if number < EPOCH_FROM else _moment(number) - now
    elif (moment := _date(text)) is not None:
        wait = moment - now
    else:
        return None
    return min(max(wait, timedelta()), LONGEST)


def _moment(epoch_seconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=epoch_seconds)


def _date(text: str) -> datetime | None:
    """An HTTP date or ISO 8601 moment; UTC when it names no zone."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            moment = parse(text)
        except (ValueError, OverflowError):
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
