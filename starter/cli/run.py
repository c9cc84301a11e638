"""Runs one command: settings in, exit code out, no traceback for anything that a person can mend."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from sqlalchemy.exc import SQLAlchemyError

from runtime.client import TemporalUnreachableError
from runtime.logs import configure_logs
from runtime.problems import ConfigurationError
from runtime.settings import Settings, load_settings
from starter.cli.output import CommandError, Exit, report

AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Write one JSON document instead of tables.")]
Command: TypeAlias = Callable[[Settings], Coroutine[Any, Any, None]]


def run(context: typer.Context, command: Command, *, as_json: bool = False, quiet: bool = True) -> None:
    """Run an asynchronous command with the process's settings, and leave with its exit code.

    `quiet` keeps everything below an error out of stderr: short commands say what matters themselves.
    """
    guard(lambda: asyncio.run(command(prepared(context, quiet=quiet))), as_json=as_json)


def prepared(context: typer.Context, *, quiet: bool = False) -> Settings:
    """Settings from the environment and ``--config``; logs configured. Raises ConfigurationError."""
    settings = load_settings()
    path = context.obj if isinstance(context.obj, Path) else None
    if path is not None:
        settings = settings.model_copy(update={"config": path})
    configure_logs(form=settings.log_format, level="ERROR" if quiet else settings.log_level)
    return settings


def guard(action: Callable[[], None], *, as_json: bool = False) -> None:
    """Run `action`; every trouble that a person can mend becomes a line and an exit code."""
    try:
        action()
    except CommandError as error:
        raise typer.Exit(report(error, as_json)) from None
    except ConfigurationError as error:
        trouble = CommandError(Exit.REFUSED, f"{error.title}:", error.problems)
        raise typer.Exit(report(trouble, as_json)) from None
    except TemporalUnreachableError as error:
        raise typer.Exit(report(CommandError(Exit.UNREACHABLE, str(error)), as_json)) from None
    except SQLAlchemyError as error:
        raise typer.Exit(report(_database_trouble(error), as_json)) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


def _database_trouble(error: SQLAlchemyError) -> CommandError:
    """The driver's first line; the statement and its values are left out."""
    cause = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()[0]
    message = f"The database cannot be used ({cause}). Check BACKHAUL_DATABASE_URL, or run: backhaul migrate"
    return CommandError(Exit.UNREACHABLE, message)
