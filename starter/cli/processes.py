"""Commands that start something: demo, worker, bridge, migrate."""

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer

from runtime.settings import Settings
from runtime.telemetry import tracing
from starter.cli.output import CommandError, Exit
from starter.cli.run import guard, run
from starter.process import opened_store


def demo(
    exit_at_end: Annotated[bool, typer.Option("--exit", help="End by itself; exit 0 only if the books agree.")] = False,
    report: Annotated[Path | None, typer.Option("--report", help="Write what happened to this JSON file.")] = None,
    pairing: Annotated[str, typer.Option(help="Play every scenario on one pair of systems: centra-returngo.")] = "",
) -> None:
    """Play a set of returns on real parts: Temporal, sandboxes, worker and bridge."""

    def play() -> None:
        code = import_module("starter.demo").run(exit_at_end=exit_at_end, report=report, pairing=pairing)
        if code:
            raise typer.Exit(code)

    guard(play)


def worker(context: typer.Context) -> None:
    """Run the worker until SIGTERM or SIGINT."""
    if isinstance(context.obj, Path):
        os.environ["BACKHAUL_CONFIG"] = str(context.obj)
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-m", "worker"])  # noqa: S606 - this very interpreter


def bridge(context: typer.Context) -> None:
    """Run the webhook bridge until SIGTERM or SIGINT. Its address is the only line on stdout."""
    from starter.bridge.serve import serve_bridge

    async def serve(settings: Settings) -> None:
        with tracing("backhaul-bridge"):
            try:
                await serve_bridge(settings, _announce)
            except OSError as error:
                where = f"{settings.bridge_host}:{settings.bridge_port}"
                fix = "Set BACKHAUL_BRIDGE_HOST and BACKHAUL_BRIDGE_PORT to a free address; port 0 takes any."
                raise CommandError(Exit.REFUSED, f"Cannot listen on {where}: {error.strerror}. {fix}") from None

    run(context, serve, quiet=False)


def migrate(context: typer.Context) -> None:
    """Make or update the tables of the database."""

    async def upgrade(settings: Settings) -> None:
        async with opened_store(settings) as store:
            await store.migrate()
        sys.stdout.write("The database is up to date.\n")

    run(context, upgrade)


def _announce(url: str) -> None:
    sys.stdout.write(url + "\n")
    sys.stdout.flush()
