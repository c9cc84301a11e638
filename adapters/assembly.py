"""Connections that may start: every problem of a configuration at once, or ports that can be built (D10).

Used by the worker and by the starters, so that both mean the same by "configured".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from adapters.kit.outside import Outside
from adapters.registry import ERPS, PLATFORMS, connection_problems
from adapters.resolving import resolve_settings
from domain.configuration import ConfigurationError, read_connections
from domain.connection import Connection
from domain.ports import CallCounter, CallQuota, Erp, ReturnsPlatform, WarehouseFeed, WebhookReceiver


@dataclass(frozen=True)
class ReadyConnection:
    """A checked connection. Its ports are built when asked for, on the caller's HTTP client.

    `webhooks` needs no network. The vendors' settings hold secrets and stay out of `repr`.
    """

    connection: Connection
    webhooks: WebhookReceiver
    _platform_settings: Any = field(repr=False)
    _erp_settings: Any = field(repr=False)

    @property
    def name(self) -> str:
        """The connection's name."""
        return self.connection.name

    @property
    def feed(self) -> WarehouseFeed | None:
        """Reads what an integration on the ERP's side reports of the warehouse; None where there is none."""
        build = ERPS[self.connection.erp].feed
        return build(self._erp_settings) if build else None

    @property
    def quota(self) -> CallQuota | None:
        """What the platform takes in a day; None where it does not count."""
        count = PLATFORMS[self.connection.platform].quota
        return count(self._platform_settings) if count else None

    def platform(self, http: httpx.AsyncClient, counter: CallCounter | None = None) -> ReturnsPlatform:
        """The port of the returns platform. `counter` keeps its daily quota, with all who count by it."""
        return PLATFORMS[self.connection.platform].build(self._platform_settings, _outside(http, counter))

    def erp(self, http: httpx.AsyncClient, counter: CallCounter | None = None) -> Erp:
        """The port of the ERP, likewise."""
        return ERPS[self.connection.erp].build(self._erp_settings, _outside(http, counter))


@dataclass(frozen=True)
class Examined:
    """What was found in a configuration file. With problems, `reachable` is for asking its systems, and no more."""

    problems: tuple[str, ...]
    reachable: tuple[ReadyConnection, ...]


def load_connections(data: Mapping[str, object], environ: Mapping[str, str]) -> list[ReadyConnection]:
    """The connections of a configuration file as read by `runtime.toml`.

    Raises ConfigurationError with every problem of every connection, missing variables included.
    """
    examined = examine_connections(data, environ)
    if examined.problems:
        raise ConfigurationError(examined.problems)
    return list(examined.reachable)


def examine_connections(data: Mapping[str, object], environ: Mapping[str, str]) -> Examined:
    """Every problem of a configuration file, and every connection that can at least be asked whether it answers."""
    reading = read_connections(data, environ)
    problems = list(reading.problems)
    reachable: list[ReadyConnection] = []
    for connection in (*reading.connections, *reading.drafts):
        problems += connection_problems(connection, environ)
        if (ready := _ready(connection, environ)) is not None:
            reachable.append(ready)
    return Examined(tuple(problems), tuple(reachable))


def _outside(http: httpx.AsyncClient, counter: CallCounter | None) -> Outside:
    return Outside(http) if counter is None else Outside(http, counter)


def _ready(connection: Connection, environ: Mapping[str, str]) -> ReadyConnection | None:
    """None when its systems cannot be addressed."""
    platform, erp = PLATFORMS.get(connection.platform), ERPS.get(connection.erp)
    if platform is None or erp is None:
        return None
    platform_settings, _ = resolve_settings(connection.platform_settings, environ, platform.settings)
    erp_settings, _ = resolve_settings(connection.erp_settings, environ, erp.settings)
    if platform_settings is None or erp_settings is None:
        return None
    return ReadyConnection(connection, platform.webhooks(platform_settings), platform_settings, erp_settings)
