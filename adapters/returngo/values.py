"""ReturnGO's values as they really arrive: booleans as 0/1, ids as numbers or text, null or no key at all.

The vendor's schema promises less variety than its live answers have. What is not one of these is refused by field.
"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BeforeValidator, Field

T = TypeVar("T")

NUMBER_DIGITS = 40
"""A JSON number beyond that is no amount: written out, ``1e999999999`` would fill the memory."""


def _text(value: object) -> object:
    if value is None:
        return ""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _amount(value: object) -> object:
    if isinstance(value, Decimal) and abs(value.adjusted()) < NUMBER_DIGITS:
        return format(value, "f")
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _amount_or_zero(value: object) -> object:
    return "0" if value is None else _amount(value)


def _flag(value: object) -> object:
    if isinstance(value, str):
        return {"0": False, "1": True, "false": False, "true": True, "": None}.get(value.lower(), value)
    return {0: False, 1: True}.get(value, value) if isinstance(value, int) else value


def _time(value: object) -> object:
    """Moments without a zone are UTC."""
    if not isinstance(value, str):
        return value
    moment = datetime.fromisoformat(value) if value else None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _many(value: object) -> object:
    return [] if value is None else value


Text = Annotated[str, Field(max_length=2000), BeforeValidator(_text)]
"""Text or a whole number; null is empty."""
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"), BeforeValidator(_text)]
Sku = Annotated[str, Field(min_length=1, max_length=80), BeforeValidator(_text)]
NewSku = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^>]+$"), BeforeValidator(_text)]
"""No ``>`` in it: our ids of exchanges are made with it."""
Amount = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,20})?$"), BeforeValidator(_amount)]
"""Decimal text in major units, e.g. ``"25.96"``; not yet checked against the currency."""
AmountOrZero = Annotated[str, Field(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,20})?$"), BeforeValidator(_amount_or_zero)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
"""None where the vendor says nothing."""
Time = Annotated[AwareDatetime | None, BeforeValidator(_time)]
Many = Annotated[list[T], Field(max_length=10_000), BeforeValidator(_many)]
