"""``backhaul guides``: operating model, role guides and runbooks, from the catalogues and this configuration (R101)."""

import os
from pathlib import Path
from typing import Annotated

import typer

from domain.configuration import ConfigurationError as BadConfiguration
from domain.configuration import connections_from
from domain.connection import Connection
from domain.model import Value
from guides.render import differences, write
from runtime.problems import ConfigurationError
from runtime.toml import load_toml
from starter.cli.output import CommandError, Exit, emit
from starter.cli.run import AsJson, guard, prepared


class Written(Value):
    """What the folder holds now."""

    folder: str
    pages: int


def guides(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="Folder that the pages are written to.", file_okay=False)],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when the folder is not current.")
    ] = False,
    console_url: Annotated[
        str, typer.Option("--console", help="Where people open the console; its pages become links then.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write the guides for the people who run returns: who owns what, daily checks, runbooks, this site's settings.

    Needs the configuration only: no secrets, no database, no Temporal.
    """

    def act() -> None:
        connections = _connections(prepared(context, quiet=True).config)
        result = _checked(out, connections, console_url) if check else _written(out, connections, console_url)
        words = "are current" if check else "were written"
        text = f"{result.pages} pages in {result.folder} {words}."
        emit(result, as_json, lambda console: console.print(text, markup=False))

    guard(act, as_json=as_json)


def _connections(path: Path) -> list[Connection]:
    """What the file decides. Secrets are not looked at: a guide has none."""
    try:
        return connections_from(load_toml(path), os.environ)
    except BadConfiguration as error:
        raise ConfigurationError(f"{path} cannot be used", list(error.problems)) from None


def _written(folder: Path, connections: list[Connection], console_url: str) -> Written:
    try:
        pages = write(folder, connections, console_url)
    except OSError as error:
        raise CommandError(Exit.REFUSED, f"{folder} cannot be written: {error.strerror}.") from None
    return Written(folder=str(folder), pages=len(pages))


def _checked(folder: Path, connections: list[Connection], console_url: str) -> Written:
    outdated = differences(folder, connections, console_url)
    if outdated:
        what = f"{folder} is not current. Write it again: backhaul guides --out {folder}"
        raise CommandError(Exit.REFUSED, what, outdated)
    return Written(folder=str(folder), pages=sum(1 for _ in folder.rglob("*.md")))
