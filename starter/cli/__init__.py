"""The command ``backhaul``."""

from pathlib import Path
from typing import Annotated

import typer

from starter.cli import check, processes, queue, show, warehouse

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


app.command()(processes.demo)
app.command()(processes.worker)
app.command()(processes.bridge)
app.command()(processes.migrate)
app.command()(check.check)
app.command()(show.show)
app.command()(warehouse.inspect)
app.command()(queue.exceptions)
app.command()(queue.resolve)


def main() -> None:
    """Entry point of the script."""
    app(prog_name="backhaul")
