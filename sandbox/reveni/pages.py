"""Lists: filters by time and the pages of Django REST Framework."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sandbox.reveni.call import Call
from sandbox.reveni.errors import detail, invalid
from sandbox.reveni.model import Json
from sandbox.reveni.wire import instant

DEFAULT_SIZE = 50
MAX_SIZE = 100


def page(call: Call, rows: Sequence[Json]) -> Json:
    """`{count, next, previous, results}`; `next` and `previous` are absolute URLs or null.

    A `page_size` above 100 counts as 100, one that makes no sense as the default of 50. 404 beyond the last
    page.
    """
    size = _size(call.query("page_size"))
    number = _number(call.query("page") or "1")
    last = max(1, -(-len(rows) // size))
    if not 1 <= number <= last:
        raise detail(404, "Invalid page.")
    return {
        "count": len(rows),
        "next": _link(call, number + 1) if number < last else None,
        "previous": _link(call, number - 1) if number > 1 else None,
        "results": list(rows[(number - 1) * size : number * size]),
    }


def time_filter(call: Call, name: str) -> str | None:
    """A time from the query, in the whole seconds of the wire. 400 when it is not ISO 8601 with a zone."""
    text = call.query(name)
    return None if text is None else instant(parse_time(name, text))


def parse_time(field: str, text: object) -> datetime:
    """An ISO 8601 time with zone as UTC. Raises a 400 for `field`."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise invalid(field, "Enter a valid date/time.") from error
    if at.tzinfo is None:
        raise invalid(field, "Enter a valid date/time.")
    return at.astimezone(UTC)


def _size(text: str | None) -> int:
    return min(_number(text or ""), MAX_SIZE) or DEFAULT_SIZE


def _number(text: str) -> int:
    """A count from the query; 0 for what is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def _link(call: Call, number: int) -> str:
    return str(call.request.url.include_query_params(page=number))
