"""``backhaul exceptions`` and ``backhaul resolve``: the one queue, and decisions on it (R67, R69)."""

from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import Console

from desk.clock import utc_now
from desk.groups import read_groups
from desk.resolutions import ResolutionAnswer, decide
from desk.view import ExceptionView, exception_view
from domain.exceptions import Owner, ResolutionKind
from domain.model import Value
from domain.resolution import Resolution, Role
from runtime.settings import Settings
from starter.cli.decision import ActorName, Edits, Kind, Reason, RoleName, edits_of, resolution_of
from starter.cli.groups import find_group, show_groups
from starter.cli.output import CommandError, Exit, emit, table
from starter.cli.run import AsJson, run
from starter.cli.show import when
from starter.process import command_link, opened_store
from store import Store
from store.records import ExceptionRecord, ExceptionState


class Decided(Value):
    """`repeated`: the same decision had been made before."""

    exception_id: str
    kind: ResolutionKind
    repeated: bool


def exceptions(
    context: typer.Context,
    owner: Annotated[Owner | None, typer.Option("--owner", help="Only this team's.")] = None,
    state: Annotated[ExceptionState, typer.Option("--state", help="open, resolved or cleared.")] = ExceptionState.OPEN,
    connection: Annotated[str | None, typer.Option("--connection", help="Only this connection's.")] = None,
    groups: Annotated[bool, typer.Option("--groups", help="One row per root cause, the largest first.")] = False,
    group: Annotated[str | None, typer.Option("--group", metavar="GROUP", help="Only this root cause's.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Rows to show.")] = 200,
    as_json: AsJson = False,
) -> None:
    """List the exception queue, the oldest first, or its root causes."""

    async def listing(settings: Settings) -> None:
        if groups and group:
            raise CommandError(
                Exit.USAGE, "--groups lists all root causes, --group is one of them: give one of the two"
            )
        async with opened_store(settings) as store:
            if not groups and not group:
                async with store.reading() as unit:
                    rows = await unit.exceptions.list(state=state, owner=owner, connection=connection, limit=limit)
                return _show(rows, as_json)
            found = await read_groups(store, state=state, owner=owner, connection=connection)
        if group:
            return _show(find_group(found, group).items[:limit], as_json)
        return show_groups(found, limit, as_json)

    run(context, listing, as_json=as_json)


def resolve(
    context: typer.Context,
    exception: Annotated[str, typer.Argument(metavar="EXCEPTION", help="Its id, as `backhaul exceptions` shows it.")],
    kind: Kind,
    reason: Reason = "",
    document: Annotated[str, typer.Option("--document", help="Number of the ERP document.")] = "",
    edit: Edits = None,
    version: Annotated[
        int | None, typer.Option("--version", help="Version that you saw (default: the present).")
    ] = None,
    role: RoleName = Role.ADMIN,
    actor: ActorName = "cli",
    as_json: AsJson = False,
) -> None:
    """Decide an exception; its track goes on from the step where it stopped."""

    async def carry(settings: Settings) -> None:
        async with opened_store(settings) as store, command_link(settings) as link:
            record = await _record(store, exception)
            resolution = resolution_of(
                record,
                kind,
                role,
                actor,
                version=version,
                reason=reason,
                document=document,
                edits=edits_of(edit or []),
            )
            answer = await decide(store, link, record, resolution, utc_now)
        _end(answer, resolution, as_json)

    run(context, carry, as_json=as_json)


async def _record(store: Store, exception: str) -> ExceptionRecord:
    async with store.reading() as unit:
        record = await unit.exceptions.get(exception)
    if record is None:
        raise CommandError(Exit.NOT_FOUND, f"No exception has the id {exception}. List them: backhaul exceptions")
    return record


def _end(answer: ResolutionAnswer, resolution: Resolution, as_json: bool) -> None:
    name = resolution.exception_id
    if answer.outcome == "refused":
        raise CommandError(Exit.REFUSED, f"{name} was not decided: {answer.text}")
    if answer.outcome == "unconfirmed":
        text = f"No worker confirmed the decision on {name} in time. Run the same command again; it is applied once."
        raise CommandError(Exit.UNREACHABLE, text)
    done = "was decided so before" if answer.repeated else f"is decided: {resolution.kind}"
    result = Decided(exception_id=name, kind=resolution.kind, repeated=answer.repeated)
    emit(result, as_json, lambda console: console.print(f"{name} {done}", markup=False))


def _show(rows: list[ExceptionRecord], as_json: bool) -> None:
    views = [exception_view(row) for row in rows]
    content: dict[str, JsonValue] = {"exceptions": [view.model_dump(mode="json") for view in views]}
    emit(content, as_json, lambda console: _draw(console, views))


def _draw(console: Console, views: list[ExceptionView]) -> None:
    if not views:
        console.print("There are none.")
        return
    rows = [
        (v.id, v.code, v.owner, v.state, f"{v.connection}/{v.return_id or '-'}", when(v.opened_at), v.reason)
        for v in views
    ]
    console.print(table(["id", "code", "owner", "state", "return", "since", "reason"], rows))
