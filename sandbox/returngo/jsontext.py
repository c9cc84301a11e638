"""Writes JSON whose amounts are numbers, straight from decimals: no binary fraction is ever made."""

import json
from decimal import Decimal


def dump(value: object) -> bytes:
    """The JSON of dicts, lists, text, whole numbers, booleans, None and Decimals. Raises TypeError for a float."""
    return _text(value).encode()


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, float):
        raise TypeError(f"an amount became a float: {value}")
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)}: {_text(held)}" for key, held in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_text, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
