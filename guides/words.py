"""How values of the configuration read: times in words, lists with commas."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from enum import StrEnum

from domain.exceptions import Owner
from guides.blocks import Code, Inline

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def span(value: timedelta) -> str:
    """``30 days``, ``4 hours``, ``1 day 12 hours``."""
    left = int(value.total_seconds())
    parts = []
    for word, size in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(counted(count, word))
    return " ".join(parts) or "no time"


def counted(number: int, word: str) -> str:
    """``1 day``, ``2 days``."""
    return f"{number} {word if number == 1 else word + 's'}"


def listed(items: Iterable[str], *, last: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``; ``none`` without any."""
    all_ = list(items)
    if len(all_) < 2:
        return "".join(all_) or "none"
    return f"{', '.join(all_[:-1])} {last} {all_[-1]}"


def sentence(text: str) -> str:
    """With a capital letter in front and a full stop behind."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '?', '!')) else '.'}"


def setting(value: object) -> tuple[Inline, ...]:
    """One value of the configuration as a cell of a table."""
    match value:
        case None:
            return ("no limit",)
        case timedelta():
            return (span(value),)
        case StrEnum() | str():
            return (Code(code=str(value)),) if value else ("none",)
        case Mapping():
            return _many(f"{key}: {_plain(part)}" for key, part in value.items())
        case list() | tuple() | set() | frozenset():
            parts = [_plain(part) for part in value]
            return _many(sorted(parts) if isinstance(value, set | frozenset) else parts)
        case _:
            return (str(value),)


def _plain(value: object) -> str:
    return span(value) if isinstance(value, timedelta) else str(value)


def _many(parts: Iterable[str]) -> tuple[Inline, ...]:
    return (", ".join(parts) or "none",)


TEAMS = {
    Owner.FINANCE: "finance",
    Owner.WAREHOUSE: "warehouse",
    Owner.CX: "CX",
    Owner.MERCHANDISING: "merchandising",
    Owner.INTEGRATION: "operations",
}


def team(owner: Owner) -> str:
    """The team of an owner, as people call it inside a sentence."""
    return TEAMS[owner]


def team_title(owner: Owner) -> str:
    """The same, at the beginning of a line."""
    name = TEAMS[owner]
    return name[:1].upper() + name[1:]
