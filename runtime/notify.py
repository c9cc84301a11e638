"""Sends short messages over channels that people read: mail, Slack, Teams, webhooks and a hundred more, by apprise.

A channel is one URL. URLs hold passwords and tokens: they appear in no log, error or answer of this module.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

from runtime.redaction import MASK, scrub

#: Longer ones are cut: a channel that refuses a long message would refuse it for ever.
LONGEST_SUBJECT = 250
LONGEST_BODY = 10_000

_SECONDS = 15
_REASON = 300
#: Parts of a URL this short are words or numbers of any text.
_SHORT = 3
_BETWEEN = re.compile(r"[/?&=@:#,]+")


@dataclass(frozen=True)
class Message:
    """What is sent. `markdown` goes to channels that want it, `text` to all others."""

    subject: str
    text: str
    markdown: str


class Notifier(Protocol):
    """Takes a message to channels."""

    async def send(self, urls: Mapping[str, str], message: Message) -> dict[str, str]:
        """Send to every channel, name → URL, all at once. The names of those that failed, each with the reason.

        It ends within seconds, and no failure of a channel is raised.
        """
        ...


class AppriseNotifier:
    """Implements `Notifier`. A channel that does not answer in time has failed; no other one waits for it."""

    def __init__(self, seconds: int = _SECONDS) -> None:
        self._seconds = seconds

    async def send(self, urls: Mapping[str, str], message: Message) -> dict[str, str]:
        """As `Notifier.send`."""
        reasons = await asyncio.gather(*(self._one(url, message) for url in urls.values()))
        return {name: reason for name, reason in zip(urls, reasons, strict=True) if reason}

    async def _one(self, url: str, message: Message) -> str:
        """Empty when the channel took the message."""
        from apprise import Apprise, AppriseAsset, NotifyFormat

        _hush()
        channel = Apprise(asset=AppriseAsset(app_id="Backhaul", app_desc="Backhaul"))
        if not channel.add(url):
            return "it is no usable channel"
        plain = channel[0].resolve_format(NotifyFormat.TEXT) == NotifyFormat.TEXT
        try:
            result = await channel.async_notify(
                body=_cut(message.text if plain else message.markdown, LONGEST_BODY),
                title=_cut(message.subject, LONGEST_SUBJECT),
                body_format=NotifyFormat.TEXT if plain else NotifyFormat.MARKDOWN,
                timeout=self._seconds,
            )
        except Exception as error:  # noqa: BLE001  a plug-in for one channel must not stop the others
            return f"it failed: {type(error).__name__}"
        if result:
            return ""
        said = [entry.message for service in result for attempt in service.attempts for entry in attempt.logs]
        return _cut(without_url(" ".join(said), url), _REASON) or "it did not take the message"


def unusable(url: str) -> str:
    """Why apprise cannot use a URL, without repeating it; empty when it can. Nothing is sent."""
    from apprise import Apprise

    _hush()
    if Apprise.instantiate(url) is not None:
        return ""
    scheme, _, _ = url.partition("://")
    known = scheme.lower() in _schemes()
    return f"is no complete {scheme}:// address." if known else f"begins with {scheme}://, which is no known channel."


def without_url(text: str, url: str) -> str:
    """The text without the URL, without any part of it, and without any other credentials."""
    _, _, address = url.partition("://")
    raw = _BETWEEN.split(address)
    parts = {part for part in (*raw, *map(unquote, raw)) if len(part) > _SHORT}
    for part in sorted(parts, key=len, reverse=True):
        text = text.replace(part, MASK)
    return scrub(text)


def _schemes() -> set[str]:
    from apprise import Apprise

    found: set[str] = set()
    for schema in Apprise().details()["schemas"]:
        for name in ("protocols", "secure_protocols"):
            found |= set(schema[name] or ())
    return found


def _hush() -> None:
    """Its own log lines name addresses; what matters of them is in the result."""
    log = logging.getLogger("apprise")
    log.setLevel(logging.WARNING)
    log.propagate = False
    if not log.handlers:
        log.addHandler(logging.NullHandler())


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
