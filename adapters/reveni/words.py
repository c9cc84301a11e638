"""Refusals of what Reveni says, always by field and never with its content. Pure."""

import re
from collections.abc import Mapping
from typing import TypeVar

from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected

T = TypeVar("T")

_WORD = re.compile(r"[a-z0-9_-]{1,40}")


def known(table: Mapping[str, T], word: str, path: str) -> T:
    """What the table has for the word; otherwise Rejected(EVENT_INVALID), which names `path`."""
    if word not in table:
        raise unknown(word, path)
    return table[word]


def unknown(word: str, path: str) -> Rejected:
    """A word that we do not know, quoted only when it is a plain one."""
    shown = f"{word!r}, which we do not know" if _WORD.fullmatch(word) else "not a plain word"
    return invalid(f"Reveni's {path} is {shown}")


def invalid(text: str) -> Rejected:
    """A body that cannot be used."""
    return Rejected(ExceptionCode.EVENT_INVALID, text)
