"""How values look on a page: money with its currency, times in the site's zone, spans in words."""

import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta, tzinfo
from enum import Enum
from urllib.parse import quote

from markupsafe import Markup

from domain.money import AmountPrecisionError, Money, parse_money

_SHORT_FORMS = {word.lower(): word for word in ("CX", "ERP", "RMA", "SKU", "SKUs")}
_MAYBE_MANY = re.compile(r"(\d+) (\w+)\(s\)")
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def time_tag(value: datetime | None, zone: tzinfo) -> Markup:
    """``<time>`` with the moment for programs, and in the zone for people; a dash for none."""
    if value is None:
        return Markup("–")
    local = value.astimezone(zone)
    text = f"{local.day} {local:%b %Y, %H:%M}"
    return Markup('<time datetime="{}">{}</time>').format(value.isoformat(timespec="seconds"), text)


def day(value: date) -> str:
    """A date for people: ``3 Nov 2026``."""
    return f"{value.day} {value:%b %Y}"


def day_before(value: date) -> str:
    """The last day of a span that ends before this date."""
    return day(value - timedelta(days=1))


def span(value: timedelta | float) -> str:
    """A span in its two largest units at most: ``3 h 20 min``, ``2 days``."""
    seconds = int(value.total_seconds() if isinstance(value, timedelta) else value)
    if seconds < _MINUTE:
        return "under a minute"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    if seconds < 2 * _DAY:
        hours, minutes = divmod(seconds // _MINUTE, 60)
        return f"{hours} h {minutes} min" if minutes and hours < 10 else f"{hours} h"
    return f"{seconds // _DAY} days"


def money(value: Money | None) -> str:
    """The amount with its currency; a dash for none. Long amounts are grouped by thousands."""
    if value is None:
        return "–"
    number, currency = str(value).split(" ")
    whole, dot, fraction = number.partition(".")
    return f"{int(whole):,}{dot}{fraction} {currency}" if whole != "-0" else f"{number} {currency}"


def minor(amount: int | None, currency: str) -> str:
    """As `money`, of minor units."""
    return "–" if amount is None or not currency else money(Money(amount=amount, currency=currency))


def words(code: object) -> str:
    """A state or code as words: ``PARTLY_RECEIVED`` → ``Partly received``, ``rma`` → ``RMA``."""
    found = [_SHORT_FORMS.get(word, word) for word in str(code).replace("_", " ").lower().split(" ")]
    text = " ".join(found)
    return text[:1].upper() + text[1:] if text else "–"


def say(text: str) -> str:
    """A text from elsewhere as a sentence begins, with ``3 unit(s)`` as ``3 units``."""
    return plural(text[:1].upper() + text[1:])


def plural(text: str) -> str:
    """``1 unit(s)`` → ``1 unit``, ``3 unit(s)`` → ``3 units``."""
    return _MAYBE_MANY.sub(lambda found: f"{found[1]} {found[2]}{'' if found[1] == '1' else 's'}", text)


def amount(text: str, currency: str) -> str:
    """An amount as a vendor wrote it: as `money` where it is exact, else as it is."""
    try:
        return money(parse_money(text, currency))
    except AmountPrecisionError:
        return f"{text} {currency}"


def count(number: int, one: str, many: str = "") -> str:
    """``1 unit``, ``2 units``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def number(value: int) -> str:
    """``12,345``."""
    return f"{value:,}"


def path_part(value: object) -> str:
    """A value as one step of an address."""
    return quote(str(value), safe="")


def named(values: Iterable[object]) -> list[tuple[str, str]]:
    """Choices of a list, as value and text: our own words are written as words, codes of a site as they are."""
    return [(str(value), words(value) if isinstance(value, Enum) else str(value)) for value in values]
