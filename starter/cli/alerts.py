"""``backhaul alerts``: what was told to whom, and whether a team's channels work (R91)."""

from collections.abc import Mapping
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import Console

from domain.alert_routes import known_routes
from domain.alert_text import headline
from domain.exceptions import Owner
from domain.model import Value
from runtime.settings import Settings
from starter.cli.output import CommandError, Exit, emit, table
from starter.cli.run import AsJson, run
from starter.cli.show import when
from starter.process import opened_store
from store.alert_records import AlertRecord, AlertState


class ChannelTest(Value):
    """What came of a test message over one channel. `reason` never holds the channel's address."""

    channel: str
    ok: bool
    reason: str


def alerts(
    context: typer.Context,
    owner: Annotated[Owner | None, typer.Option("--owner", help="Only this team's.")] = None,
    state: Annotated[AlertState | None, typer.Option("--state", help="waiting, sent, failed or quiet.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000, help="Rows to show.")] = 50,
    test: Annotated[
        str | None,
        typer.Option("--test", metavar="TEAM", help="Send a test message to this team's channels instead."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the latest alerts with what became of them, or test the channels of a team."""

    async def listing(settings: Settings) -> None:
        if test is not None:
            return await _test(settings, test, as_json)
        async with opened_store(settings) as store, store.reading() as unit:
            found = await unit.alerts.recent(limit, state=state, owner=owner)
        content: dict[str, JsonValue] = {"alerts": [record.model_dump(mode="json") for record in found]}
        return emit(content, as_json, lambda console: _draw(console, found))

    run(context, listing, as_json=as_json)


async def _test(settings: Settings, route: str, as_json: bool) -> None:
    from runtime.notify import AppriseNotifier, Message
    from starter.configuration import configured_routes

    if route not in known_routes():
        raise CommandError(Exit.USAGE, f"No team is called {route}. There are: {', '.join(known_routes())}")
    urls = configured_routes(settings.config).of_route(route)
    if not urls:
        raise CommandError(Exit.NOT_FOUND, f"{route} has no channel. Name one under [alerts] in {settings.config}")
    text = f"This is a test of the channels of {route}. Nothing has happened, and nothing has to be done."
    message = Message(subject="Backhaul: test of an alert channel", text=text, markdown=text)
    failed = await AppriseNotifier().send(urls, message)
    results = _results(urls, failed)
    content: dict[str, JsonValue] = {"channels": [result.model_dump(mode="json") for result in results]}
    emit(content, as_json, lambda console: _draw_test(console, results))
    if failed:
        raise typer.Exit(Exit.UNREACHABLE)


def _results(urls: Mapping[str, str], failed: Mapping[str, str]) -> list[ChannelTest]:
    return [ChannelTest(channel=name, ok=name not in failed, reason=failed.get(name, "")) for name in urls]


def _draw(console: Console, found: list[AlertRecord]) -> None:
    if not found:
        console.print("There are none.")
        return
    rows = [
        (
            when(record.made_at),
            record.alert.rule.value,
            record.alert.owner.value,
            record.state.value,
            str(record.count),
            headline(record.alert),
            _outcome(record),
        )
        for record in found
    ]
    console.print(table(["made", "alert", "owner", "state", "count", "what", "channels"], rows))


def _outcome(record: AlertRecord) -> str:
    sends = [f"{one.channel}: {one.state.value}{f' ({one.reason})' if one.reason else ''}" for one in record.sends]
    return "; ".join(filter(None, [record.note, *sends]))


def _draw_test(console: Console, results: list[ChannelTest]) -> None:
    rows = [(one.channel, "ok" if one.ok else "FAILED", one.reason) for one in results]
    console.print(table(["channel", "result", "what it said"], rows))
