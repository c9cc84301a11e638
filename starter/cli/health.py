"""``backhaul health``: how each connection does, by what is saved about it (R95). ``check`` asks the systems."""

import typer
from rich.console import Console

from desk.clock import utc_now
from desk.health import ConnectionHealth, QuotaUse, SideHealth
from desk.health import health as read_health
from domain.model import Value
from runtime.settings import Settings
from starter.cli.output import Exit, emit, table
from starter.cli.run import AsJson, run
from starter.cli.show import when
from starter.configuration import configured_connections
from starter.process import opened_store

_COLUMNS = ("connection", "side", "system", "state", "last success", "down since", "why")


class HealthReport(Value):
    """All connections; `ok` when every side of each works."""

    ok: bool
    connections: list[ConnectionHealth]


def health(context: typer.Context, as_json: AsJson = False) -> None:
    """Show each connection: last success, what is down, backlog, oldest item, calls. Exit 1 when something is down."""

    async def look(settings: Settings) -> None:
        ready = configured_connections(settings.config)
        quotas = {one.name: quota for one in ready if (quota := one.quota) is not None}
        async with opened_store(settings) as store:
            found = await read_health(store, [one.connection for one in ready], utc_now(), quotas)
        report = HealthReport(ok=all(one.up for one in found), connections=found)
        emit(report, as_json, lambda console: _draw(console, found))
        if not report.ok:
            raise typer.Exit(Exit.REFUSED)

    run(context, look, as_json=as_json)


def _draw(console: Console, found: list[ConnectionHealth]) -> None:
    sides = [
        (
            one.connection,
            side.side,
            side.system,
            _state(side),
            when(side.last_success) or "never",
            when(side.down_since),
            side.reason,
        )
        for one in found
        for side in one.sides
    ]
    console.print(table(_COLUMNS, sides))
    columns = ["connection", "webhooks waiting", "exceptions", "not in the ERP yet", "in line", "oldest item", "calls"]
    console.print()
    console.print(table(columns, [_row(one) for one in found]))


def _state(side: SideHealth) -> str:
    if not side.up:
        return "DOWN"
    return "works" if side.last_success else "not heard of"


def _row(one: ConnectionHealth) -> list[str]:
    window = f" (next window {when(one.next_window)})" if one.next_window else ""
    counts = (one.backlog, one.exceptions_open, one.pending)
    return [one.connection, *map(str, counts), f"{one.queued}{window}", when(one.oldest_at), _calls(one.quota)]


def _calls(quota: QuotaUse | None) -> str:
    return f"{quota.used} of {quota.daily_calls} today" if quota else ""
