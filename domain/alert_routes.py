"""Where alerts go: the table ``[alerts]`` of the configuration file.

A team's name, ``everyone`` or ``escalation.<level>`` names the channels that hear of it. A channel is a URL as
apprise reads it; several may stand in one text with blanks between, so that one variable can hold them. URLs are
secrets: they come from the environment, and nothing here repeats them.
"""

import re
from collections.abc import Iterable, Mapping

from pydantic import Field, SecretStr

from domain.alerts import LEVELS, Alert
from domain.configuration import expanded
from domain.exceptions import Owner
from domain.model import Value

EVERYONE = "everyone"
ESCALATION = "escalation"

_TEAMS = tuple(owner.value for owner in Owner)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


class AlertRoutes(Value):
    """Channels by route: a team, ``everyone``, ``escalation.1``, ``escalation.2``. A channel is named ``finance 1``."""

    channels: dict[str, tuple[SecretStr, ...]] = Field(default={}, repr=False)

    def of(self, alert: Alert) -> dict[str, str]:
        """Channel name → URL of everybody whom an alert concerns; a URL that stands in several routes once."""
        routes = [alert.owner.value, *(owner.value for owner in alert.also)]
        if alert.level:
            routes.insert(0, f"{ESCALATION}.{alert.level}")
        return self._named([*routes, EVERYONE])

    def of_route(self, route: str) -> dict[str, str]:
        """Channel name → URL of one route."""
        return self._named([route])

    def url(self, channel: str) -> str | None:
        """The URL of a channel by its name; None when it is not configured any more."""
        route, _, number = channel.rpartition(" ")
        urls = self.channels.get(route, ())
        return urls[int(number) - 1].get_secret_value() if number.isdecimal() and 0 < int(number) <= len(urls) else None

    @property
    def names(self) -> tuple[str, ...]:
        """Every channel by its name."""
        return tuple(self._named(self.channels))

    def _named(self, routes: Iterable[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for route in routes:
            for number, secret in enumerate(self.channels.get(route, ()), start=1):
                if (url := secret.get_secret_value()) not in found.values():
                    found[f"{route} {number}"] = url
        return found


def read_routes(data: Mapping[str, object], environ: Mapping[str, str]) -> tuple[AlertRoutes, list[str]]:
    """The routes of a configuration file, and every problem of its table ``[alerts]`` as a sentence."""
    table = data.get("alerts", {})
    if not isinstance(table, Mapping):
        return AlertRoutes(), ["alerts must be a table, [alerts], and not a single value."]
    problems: list[str] = []
    channels: dict[str, tuple[SecretStr, ...]] = {}
    for name, value in _flat(table).items():
        if name not in known_routes():
            problems.append(f"alerts.{name} is no team that gets alerts; there are {', '.join(known_routes())}.")
            continue
        urls = _urls(f"alerts.{name}", expanded(value, environ, f"alerts.{name}", problems), problems)
        if urls:
            channels[name] = tuple(SecretStr(url) for url in urls)
    return AlertRoutes(channels=channels), problems


def known_routes() -> tuple[str, ...]:
    """Every name that the table may have."""
    return (*_TEAMS, EVERYONE, *(f"{ESCALATION}.{level}" for level in LEVELS))


def _flat(table: Mapping[str, object]) -> dict[str, object]:
    """TOML reads ``escalation.1`` as a table in a table."""
    flat = {name: value for name, value in table.items() if name != ESCALATION}
    below = table.get(ESCALATION, {})
    if not isinstance(below, Mapping):
        return {**flat, ESCALATION: below}
    return {**flat, **{f"{ESCALATION}.{level}": value for level, value in below.items()}}


def _urls(place: str, value: object, problems: list[str]) -> list[str]:
    texts = [value] if isinstance(value, str) else value
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        problems.append(f'{place} must be a list of texts, ["${{NAME}}"].')
        return []
    urls = [url for text in texts for url in str(text).split()]
    for number, url in enumerate(urls, start=1):
        if not _SCHEME.fullmatch(url):
            problems.append(
                f"{place}: channel {number} is no URL such as mailtos://, slack://, workflows:// or jsons://."
            )
    return urls
