"""JSON in and out without a binary fraction: amounts are Decimal on both ways, written with all their decimals."""

import json
from decimal import Decimal

from starlette.responses import Response

Json = dict[str, object]


class BadJson(ValueError):
    """The body is not a JSON object."""


def read_object(body: bytes) -> Json:
    """The object in `body`, its fractions as Decimal. Raises BadJson."""
    try:
        value = json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except (ValueError, RecursionError) as wrong:
        raise BadJson("The body must be valid JSON.") from wrong
    if not isinstance(value, dict):
        raise BadJson("The body must be a JSON object.")
    return value


def write_json(value: object) -> str:
    """Like json.dumps, with Decimal as a number of exactly its digits. Raises TypeError for a float."""
    match value:
        case Decimal():
            return f"{value:f}"
        case dict():
            return "{" + ", ".join(f"{json.dumps(str(k))}: {write_json(v)}" for k, v in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(write_json(item) for item in value) + "]"
        case float():
            raise TypeError("amounts are Decimal, never float")
        case _:
            return json.dumps(value, ensure_ascii=False)


def json_answer(value: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A response with `value` as its body."""
    return Response(write_json(value), status, headers, "application/json")


def _refuse(name: str) -> object:
    raise ValueError(f"{name} is not JSON")
