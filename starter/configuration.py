"""Reads the file of connections: all of it is right, or the full list of what is wrong."""

import os
from collections.abc import Mapping
from pathlib import Path

from adapters.assembly import Examined, ReadyConnection, examine_connections, load_connections
from domain import configuration
from runtime.problems import ConfigurationError
from runtime.toml import load_toml


def examined_connections(path: Path, environ: Mapping[str, str] | None = None) -> Examined:
    """As `configured_connections`, but with problems and with what can be asked all the same.

    Raises ConfigurationError only for a file that cannot be read.
    """
    return examine_connections(load_toml(path), os.environ if environ is None else environ)


def configured_connections(path: Path, environ: Mapping[str, str] | None = None) -> list[ReadyConnection]:
    """The connections of the TOML file at `path`, secrets taken from `environ` (default: the process's).

    Raises ConfigurationError: unreadable file, TOML syntax, or every problem of every connection.
    """
    data = load_toml(path)
    try:
        return load_connections(data, os.environ if environ is None else environ)
    except configuration.ConfigurationError as error:
        raise ConfigurationError(f"{path} cannot be used", list(error.problems)) from None
