"""JSON whose numbers are decimals: written digit by digit, read without a binary fraction in between."""

import json
from decimal import Decimal
from typing import Any

from graphql import FloatValueNode, GraphQLError, GraphQLScalarType, IntValueNode, ValueNode


def loads(text: str | bytes) -> Any:
    """JSON with every number that has a point as Decimal. Raises ValueError, also for NaN and Infinity."""
    return json.loads(text, parse_float=Decimal, parse_constant=_no_number)


def dumps(value: Any) -> str:
    """JSON of plain values and Decimals; 4.950 is written 4.95, as a number that lost its text."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{dumps(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(dumps(item) for item in value) + "]"
    if isinstance(value, float):
        raise TypeError("no binary fraction belongs in an answer")
    return json.dumps(value)


def number(value: Decimal) -> str:
    """Shortest plain notation: 675, 4.95, 0.001."""
    text = f"{value:f}" if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _no_number(text: str) -> Any:
    raise ValueError(f"{text} is not a number of JSON")


def _from_variable(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise GraphQLError(f"Float cannot represent non numeric value: {value!r}")
    return Decimal(value)


def _from_query(node: ValueNode, _variables: Any = None) -> Decimal:
    if not isinstance(node, FloatValueNode | IntValueNode):
        raise GraphQLError("Float cannot represent non numeric value", node)
    return Decimal(node.value)


EXACT_FLOAT = GraphQLScalarType(
    "Amount", serialize=_from_variable, parse_value=_from_variable, parse_literal=_from_query
)
EXACT_FLOAT.name = "Float"  # graphql-core lets nobody define this name, but takes a type that has it
"""What the API calls Float, without ever being one."""
