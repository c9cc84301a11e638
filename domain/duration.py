"""Spans of time as people write them in a configuration."""

from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def _duration(value: object) -> object:
    """Accept ``"30d"``, ``"12h"``, ``"15m"``, ``"3s"`` beside pydantic's own forms."""
    if isinstance(value, str) and value[:-1].isdigit() and value[-1:] in _UNITS:
        return timedelta(**{_UNITS[value[-1]]: int(value[:-1])})
    return value


Duration = Annotated[timedelta, BeforeValidator(_duration)]
