"""Writes JSON with exact amounts: a `Decimal` becomes a JSON number with all its decimals, never by way of a float."""

import json
from collections.abc import Mapping
from decimal import Decimal

from domain.money import decimal_text

Body = Mapping[str, object]


def write_json(value: object) -> str:
    """The value as JSON text. `Decimal`, mappings, lists, tuples, and what `json` knows but float.

    Raises TypeError for a float: there is no amount that may be one.
    """
    match value:
        case Decimal():
            return format(value, "f")
        case Mapping():
            return "{" + ",".join(f"{json.dumps(str(name))}:{write_json(part)}" for name, part in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(write_json, value)) + "]"
        case float():
            raise TypeError("no float goes to Patchworks")
        case _:
            return json.dumps(value)


def number(amount: int, currency: str) -> Decimal:
    """Minor units as the JSON number that the documented return schema wants: 2995 EUR is 29.95 (ASSUMED(10))."""
    return Decimal(decimal_text(amount, currency))
