"""Reads the file of connections: all of it is right, or the full list of what is wrong."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly import Examined, ReadyConnection, examine_connections
from domain import configuration
from domain.alert_routes import AlertRoutes, read_routes
from domain.limits import Limits
from runtime.notify import unusable
from runtime.problems import ConfigurationError
from runtime.toml import load_toml


@dataclass(frozen=True)
class Site:
    """What a whole configuration file says: its connections, and who hears of which alerts."""

    connections: list[ReadyConnection]
    routes: AlertRoutes


def examined_connections(path: Path, environ: Mapping[str, str] | None = None) -> Examined:
    """The connections with all problems of the file, those of its alerts too, and what can be asked all the same.

    Raises ConfigurationError only for a file that cannot be read.
    """
    data, variables = load_toml(path), _variables(environ)
    found = examine_connections(data, variables)
    return Examined((*found.problems, *_routes(data, variables)[1]), found.reachable)


def configured_site(path: Path, environ: Mapping[str, str] | None = None) -> Site:
    """Connections and alerts of the TOML file at `path`, for who serves them.

    Raises ConfigurationError: unreadable file, TOML syntax, or every problem of every connection and of the alerts.
    """
    data, variables = load_toml(path), _variables(environ)
    found = examine_connections(data, variables)
    routes, problems = _routes(data, variables)
    _refuse(path, (*found.problems, *problems))
    return Site(list(found.reachable), routes)


def configured_connections(path: Path, environ: Mapping[str, str] | None = None) -> list[ReadyConnection]:
    """The connections of the TOML file at `path`, secrets taken from `environ` (default: the process's).

    Raises ConfigurationError: unreadable file, TOML syntax, or every problem of every connection.
    """
    found = examine_connections(load_toml(path), _variables(environ))
    _refuse(path, found.problems)
    return list(found.reachable)


def configured_routes(path: Path, environ: Mapping[str, str] | None = None) -> AlertRoutes:
    """Who hears of which alerts, by the same file. Raises ConfigurationError with every problem of them."""
    routes, problems = _routes(load_toml(path), _variables(environ))
    _refuse(path, problems)
    return routes


def agreed_limits(path: Path, environ: Mapping[str, str] | None = None) -> dict[str, Limits]:
    """The agreed times and amounts of every connection of the file that is right; none without a file.

    For commands that need no vendor, and so no secret of one. Whoever is not named here has the usual limits.
    Raises ConfigurationError for a file that cannot be read, and for limits that are wrong.
    """
    if not path.exists():
        return {}
    try:
        return configuration.read_limits(load_toml(path), _variables(environ))
    except configuration.ConfigurationError as error:
        raise ConfigurationError(f"{path} cannot be used", list(error.problems)) from None


def _routes(data: Mapping[str, object], environ: Mapping[str, str]) -> tuple[AlertRoutes, list[str]]:
    """Channels that no message could ever go to are problems now, and not on the day of the first alert."""
    routes, problems = read_routes(data, environ)
    if problems:
        return routes, problems
    unfit = {name: why for name in routes.names if (why := unusable(routes.url(name) or ""))}
    return routes, [f"alerts: channel {name} {why}" for name, why in unfit.items()]


def _variables(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ


def _refuse(path: Path, problems: Sequence[str]) -> None:
    if problems:
        raise ConfigurationError(f"{path} cannot be used", list(dict.fromkeys(problems)))
