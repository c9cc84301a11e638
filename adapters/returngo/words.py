"""Refusals of what ReturnGO says, always by field and never with what people wrote. Pure."""

import re
from collections.abc import Mapping
from typing import TypeVar

from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected

T = TypeVar("T")

_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _/-]{0,39}")


def known(table: Mapping[str, T], word: str, path: str) -> T:
    """What the table has for the word; otherwise Rejected(EVENT_INVALID), which names field and word."""
    if word not in table:
        shown = f"{word!r}, which we do not know" if _WORD.fullmatch(word) else "not a plain word"
        raise invalid(f"{path} is {shown if word else 'missing'}")
    return table[word]


def invalid(text: str) -> Rejected:
    """A body that cannot be used."""
    return Rejected(ExceptionCode.EVENT_INVALID, f"ReturnGO's {text}")
