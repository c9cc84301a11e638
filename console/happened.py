"""What happened to an exception, from the audit, in words."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from pydantic import JsonValue

from console.decision_words import details_of, title_of
from domain.model import Value
from guides.words import sentence
from store.records import AuditEntry


class Happening(Value):
    """One line. `who`: the account, or ``system``."""

    at: datetime
    who: str
    text: str


def history_of(entries: Iterable[AuditEntry]) -> list[Happening]:
    """The latest first, as they come; entries of other kinds are left out."""
    return [
        Happening(at=entry.at, who=entry.actor, text=_TEXTS[entry.action](entry.detail))
        for entry in entries
        if entry.action in _TEXTS
    ]


def _decision(word: str) -> Callable[[Mapping[str, JsonValue]], str]:
    def text(detail: Mapping[str, JsonValue]) -> str:
        given = details_of(detail)
        return f"{word}: {title_of(detail.get('kind'))}" + (f" ({given})." if given else ".")

    return text


_TEXTS: Mapping[str, Callable[[Mapping[str, JsonValue]], str]] = {
    "exception.opened": lambda _: "Opened.",
    "exception.escalated": lambda detail: f"Nobody had handled it in time: {detail.get('asked')} is asked.",
    "exception.proposed": _decision("Proposed, for a second person to confirm"),
    "exception.refused": lambda detail: f"Refused: {title_of(detail.get('kind'))}. {sentence(str(detail.get('why')))}",
    "exception.resolved": _decision("Decided"),
    "exception.cleared": lambda _: "Over by itself.",
}
