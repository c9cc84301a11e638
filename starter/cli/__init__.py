"""The command ``backhaul``."""

from pathlib import Path
from typing import Annotated

import typer

from starter.cli.alerts import alerts
from starter.cli.check import check
from starter.cli.console import account, console
from starter.cli.exposure import exposure
from starter.cli.groups import resolve_group
from starter.cli.guides import guides
from starter.cli.health import health
from starter.cli.lost import lost
from starter.cli.measures import report
from starter.cli.parcels import parcel, regrade
from starter.cli.processes import bridge, demo, migrate, worker
from starter.cli.queue import exceptions, resolve
from starter.cli.reconcile import payouts, period, reconcile
from starter.cli.shadow import shadow
from starter.cli.show import show
from starter.cli.sweep import sweep
from starter.cli.warehouse import inspect

__all__ = ["app", "main"]

HELP = """Runs returns from the customer's request to the last line of the ledger.

Settings come from variables BACKHAUL_… and TEMPORAL_…, connections from a TOML file.

Exit codes: 0 done, 1 something is wrong or refused, 2 wrong usage, 3 not found, 4 a system does not answer.
"""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def options(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option("--config", help="TOML file of connections (default: BACKHAUL_CONFIG).")
    ] = None,
) -> None:
    """Options of every command."""
    context.obj = config


for command in (
    demo,
    worker,
    bridge,
    console,
    migrate,
    check,
    shadow,
    show,
    inspect,
    parcel,
    regrade,
    lost,
    exceptions,
    resolve,
    resolve_group,
    exposure,
    sweep,
    reconcile,
    payouts,
    period,
    alerts,
    guides,
    health,
    report,
):
    app.command()(command)
app.add_typer(account, name="account")


def main() -> None:
    """Entry point of the script."""
    app(prog_name="backhaul")
