"""How an alert reads: what, which return, what is at stake, who, and the next step with its link (R91).

Plain text for mail and webhooks, short Markdown for chat. Both are bounded, whatever a vendor wrote into a reason.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from domain.alerts import NAMED, Alert, AlertSubject
from domain.exceptions import Owner
from domain.model import Value

OWNER_NAMES: Mapping[Owner, str] = MappingProxyType(
    {
        Owner.FINANCE: "Finance",
        Owner.WAREHOUSE: "Warehouse",
        Owner.CX: "Customer experience (CX)",
        Owner.MERCHANDISING: "Merchandising",
        Owner.INTEGRATION: "Integration",
    }
)

_SUBJECT = 150
_LINE = 400
_REASON = 250
_BODY = 8_000
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~&])")


class AlertText(Value):
    """An alert as it is sent: a line for its head, and its body in two forms."""

    subject: str
    text: str
    markdown: str


def render(alert: Alert, console_url: str) -> AlertText:
    """The alert in words. Without `console_url` the link is the page's path."""
    rows = [("What", _line(alert.what)), *_which(alert), ("At stake", stake_text(alert)), ("Who", _who(alert))]
    if alert.since is not None:
        rows.append(("Since", time_text(alert.since)))
    rows += [("Next step", _line(alert.next_step)), ("Open", f"{console_url.rstrip('/')}{alert.path}")]
    title = headline(alert)
    plain = "\n".join([title, "", *(f"{label}: {text}" for label, text in rows)])
    bullets = [f"- **{label}:** {_chat(label, text)}" for label, text in rows]
    marked = "\n".join([f"**{_escaped(title)}**", "", *bullets])
    return AlertText(subject=_line(_subject(alert), _SUBJECT), text=_cut(plain, _BODY), markdown=_cut(marked, _BODY))


def headline(alert: Alert) -> str:
    """Title and cause in one line."""
    return _line(f"{alert.title}: {alert.cause}" if alert.cause else alert.title)


def stake_text(alert: Alert) -> str:
    """Money and units at stake, in words."""
    parts = [" and ".join(map(str, alert.money))] if alert.money else []
    if alert.units:
        parts.append(counted(alert.units, "unit"))
    if parts:
        return f"{'at least ' if alert.at_least else ''}{', '.join(parts)}"
    return alert.stake or "no amount is known"


def returns_text(subjects: Sequence[AlertSubject], count: int) -> str:
    """The named returns and how many more there are: ``R1, R2 and 195 more``."""
    named = [subject.ref.return_id for subject in subjects if subject.ref is not None]
    distinct = list(dict.fromkeys(named))[:NAMED]
    text = ", ".join(distinct)
    return f"{text} and {count - len(named)} more" if count > len(named) else text


def counted(number: int, word: str) -> str:
    """``1 unit``, ``2 units``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def time_text(at: datetime) -> str:
    """A moment for people, in UTC."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _which(alert: Alert) -> list[tuple[str, str]]:
    """The connection, its returns, and what is wrong with each where that differs."""
    rows: list[tuple[str, str]] = []
    if any(subject.ref for subject in alert.subjects):
        label = "Which return" if alert.count == 1 else "Which returns"
        where = f" (connection {alert.connection})" if alert.connection else ""
        rows.append((label, returns_text(alert.subjects, alert.count) + where))
    elif alert.connection:
        rows.append(("Which connection", alert.connection))
    rows += [("Reason", _line(_reason(subject, alert), _REASON)) for subject in alert.subjects if subject.reason]
    return rows


def _reason(subject: AlertSubject, alert: Alert) -> str:
    """What is wrong with one return; its own name stands before it where there are others."""
    names = [subject.ref.return_id] if subject.ref is not None and alert.count > 1 else []
    if subject.order_number and alert.count == 1:
        names.append(f"order {subject.order_number}")
    if subject.sku and subject.sku not in subject.reason:
        names.append(f"SKU {subject.sku}")
    return f"{', '.join(names)}: {subject.reason}" if names else subject.reason


def _who(alert: Alert) -> str:
    others = [OWNER_NAMES[owner] for owner in alert.also if owner is not alert.owner]
    told = f"; also told: {', '.join(others)}" if others else ""
    return f"{OWNER_NAMES[alert.owner]}{told}"


def _subject(alert: Alert) -> str:
    first = next((subject.ref for subject in alert.subjects if subject.ref is not None), None)
    what = headline(alert)
    if first is None:
        return f"[{alert.connection}] {what}" if alert.connection else what
    which = f"return {first.return_id}" if alert.count == 1 else f"{alert.count} returns"
    return f"[{alert.connection}] {_cut(what, _SUBJECT - 60)} ({which})"


def _chat(label: str, text: str) -> str:
    return text if label == "Open" else _escaped(text)


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)


def _line(text: str, limit: int = _LINE) -> str:
    """One line of bounded length."""
    return _cut(" ".join(text.split()), limit)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
