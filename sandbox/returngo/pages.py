"""Lists: filters by time, sorting, and pages behind opaque cursors."""

import base64
import json
import operator
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cmp_to_key
from typing import Any

from sandbox.returngo.call import Call
from sandbox.returngo.errors import bad
from sandbox.returngo.model import Json
from sandbox.returngo.wire import instant

MAX_SIZE = 500
OPERATORS: dict[str, Callable[[str, str], bool]] = {
    name: getattr(operator, {"lte": "le", "gte": "ge", "neq": "ne"}.get(name, name))
    for name in ("lt", "lte", "gt", "gte", "eq", "neq")
}

Column = Callable[[Json], str | int]
"""What a row is sorted by."""

Order = Sequence[tuple[Column, int]]
"""Columns with 1 for ascending and -1 for descending; the last one tells all rows apart."""


def page(call: Call, rows: Sequence[Json], order: Order, name: str) -> Json:
    """`{name: [...], "next_cursor": ...}`; on the last page the cursor is null, on an empty one it is missing.

    A cursor is the place of the last row seen: rows that are new or have moved behind it still come.
    """
    size = _size(call.query("pagesize"))

    def apart(one: Json, other: Json) -> int:
        return _compare(_place(one, order), _place(other, order), order)

    rows = sorted(rows, key=cmp_to_key(apart))
    if cursor := call.query("cursor"):
        seen = _read(cursor, order)
        rows = [row for row in rows if _compare(_place(row, order), seen, order) > 0]
    if not rows:
        return {name: []}
    shown = rows[:size]
    following = _write(_place(shown[-1], order)) if len(rows) > size else None
    return {name: shown, "next_cursor": following}


def time_filter(call: Call, name: str) -> Callable[[str], bool]:
    """A test of wire times by a filter such as `gte:2025-04-01T18:00:00` (UTC, no zone). 400 for anything else."""
    text = call.query(name)
    if text is None:
        return lambda _: True
    word, _, time = text.partition(":")
    try:
        at = datetime.fromisoformat(time)
    except ValueError as error:
        raise bad(f"Invalid {name}") from error
    if word not in OPERATORS or at.tzinfo is not None:
        raise bad(f"Invalid {name}")
    limit, compare = instant(at.replace(tzinfo=UTC)), OPERATORS[word]
    return lambda value: compare(value, limit)


def sorting(call: Call, columns: dict[str, Column], last: Column) -> Order:
    """The order that `sort_by` asks for (`+col,-col`). 400 for an unknown column, or a plus that became a space."""
    order: list[tuple[Column, int]] = []
    for part in (call.query("sort_by") or "").split(","):
        if part and (part[0] not in "+-" or part[1:] not in columns):
            raise bad("Invalid sort_by")
        if part:
            order.append((columns[part[1:]], 1 if part[0] == "+" else -1))
    return [*order, (last, 1)]


def _size(text: str | None) -> int:
    size = int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= size <= MAX_SIZE:
        raise bad("pagesize must be between 1 and 500")
    return size


def _place(row: Json, order: Order) -> list[Any]:
    return [column(row) for column, _ in order]


def _compare(one: list[Any], other: list[Any], order: Order) -> int:
    for mine, theirs, (_, sign) in zip(one, other, order, strict=True):
        if mine != theirs:
            return sign if mine > theirs else -sign
    return 0


def _write(place: list[Any]) -> str:
    return base64.b64encode(json.dumps(place).encode()).decode()


def _read(cursor: str, order: Order) -> list[Any]:
    """400 for a cursor that is none of ours, or belongs to another order."""
    try:
        place = json.loads(base64.b64decode(cursor, validate=True))
    except ValueError as error:
        raise bad("Invalid cursor") from error
    if isinstance(place, list) and [type(value) for value in place] == [*[str] * (len(order) - 1), int]:
        return place
    raise bad("Invalid cursor")
