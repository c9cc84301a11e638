"""``backhaul exceptions`` and ``backhaul resolve``: the one queue, and decisions on it (R67, R69)."""

from typing import Annotated

import typer
from pydantic import JsonValue, ValidationError
from rich.console import Console

from domain.exceptions import Owner, ResolutionKind
from domain.model import Value
from domain.resolution import Resolution, Role
from runtime.problems import sentences
from runtime.settings import Settings
from starter.cli.output import CommandError, Exit, emit, table
from starter.cli.run import AsJson, run
from starter.cli.show import when
from starter.clock import utc_now
from starter.process import opened_client, opened_store
from starter.resolutions import (
    ResolutionAnswer,
    decide_in_store,
    decide_in_workflow,
    look_again,
    note_refusal,
    refusal,
    waits_in_workflow,
)
from starter.view import ExceptionView, exception_view
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
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 200,
    as_json: AsJson = False,
) -> None:
    """List the exception queue, the oldest first."""

    async def listing(settings: Settings) -> None:
        async with opened_store(settings) as store, store.reading() as unit:
            rows = await unit.exceptions.list(state=state, owner=owner, connection=connection, limit=limit)
        views = [exception_view(row) for row in rows]
        content: dict[str, JsonValue] = {"exceptions": [view.model_dump(mode="json") for view in views]}
        emit(content, as_json, lambda console: _draw(console, views))

    run(context, listing, as_json=as_json)


def resolve(
    context: typer.Context,
    exception: Annotated[str, typer.Argument(metavar="EXCEPTION", help="Its id, as `backhaul exceptions` shows it.")],
    kind: Annotated[ResolutionKind, typer.Argument(metavar="KIND", case_sensitive=False, help="The decision.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; some decisions need it.")] = "",
    document: Annotated[str, typer.Option("--document", help="Number of the ERP document.")] = "",
    edit: Annotated[list[str] | None, typer.Option("--set", help="FIELD=VALUE, for EDIT_AND_RETRY.")] = None,
    version: Annotated[
        int | None, typer.Option("--version", help="Version that you saw (default: the present).")
    ] = None,
    role: Annotated[Role, typer.Option("--role", envvar="BACKHAUL_ROLE", help="Whose hat you wear.")] = Role.ADMIN,
    actor: Annotated[
        str, typer.Option("--actor", envvar="BACKHAUL_ACTOR", help="User reference for the audit, not a name.")
    ] = "cli",
    as_json: AsJson = False,
) -> None:
    """Decide an exception; its track goes on from the step where it stopped."""

    async def decide(settings: Settings) -> None:
        async with opened_store(settings) as store:
            record = await _record(store, exception)
            resolution = _resolution(
                record, kind, reason, document, _edits(edit or []), version or record.version, role, actor
            )
            answer = await _decided(settings, store, record, resolution)
        _end(answer, resolution, as_json)

    run(context, decide, as_json=as_json)


async def _record(store: Store, exception: str) -> ExceptionRecord:
    async with store.reading() as unit:
        record = await unit.exceptions.get(exception)
    if record is None:
        raise CommandError(Exit.NOT_FOUND, f"No exception has the id {exception}. List them: backhaul exceptions")
    return record


def _edits(pairs: list[str]) -> dict[str, str]:
    wrong = [pair for pair in pairs if not pair.partition("=")[0].strip() or "=" not in pair]
    if wrong:
        raise CommandError(Exit.USAGE, f"--set {wrong[0]!r} is not of the form FIELD=VALUE, e.g. location=LDN-1")
    return {field.strip(): value for field, _, value in (pair.partition("=") for pair in pairs)}


def _resolution(
    record: ExceptionRecord,
    kind: ResolutionKind,
    reason: str,
    document: str,
    edits: dict[str, str],
    version: int,
    role: Role,
    actor: str,
) -> Resolution:
    try:
        return Resolution(
            exception_id=record.id,
            version=version,
            kind=kind,
            role=role,
            actor=actor,
            reason=reason,
            document=document,
            edits=edits,
        )
    except ValidationError as error:
        raise CommandError(Exit.USAGE, "The decision is incomplete:", sentences(error)) from None


async def _decided(
    settings: Settings, store: Store, record: ExceptionRecord, resolution: Resolution
) -> ResolutionAnswer:
    if record.resolution is not None and record.resolution.kind is resolution.kind:
        return ResolutionAnswer(outcome="decided", repeated=True)  # pressed twice (E67)
    text = refusal(record, resolution)
    if text:
        await note_refusal(store, record, resolution, text, utc_now)
        return ResolutionAnswer(outcome="refused", text=text)
    if waits_in_workflow(record) and record.ref is not None:
        async with opened_client(settings) as client:
            answer = await decide_in_workflow(client, record.ref, resolution)
        if answer.outcome == "refused":
            await note_refusal(store, record, resolution, answer.text, utc_now)
        return answer
    if resolution.kind is ResolutionKind.RETRY and record.ref is not None:
        async with opened_client(settings) as client:
            await look_again(client, record.ref)
    return await decide_in_store(store, resolution, utc_now)


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


def _draw(console: Console, views: list[ExceptionView]) -> None:
    if not views:
        console.print("There are none.")
        return
    rows = [
        (v.id, v.code, v.owner, v.state, f"{v.connection}/{v.return_id or '-'}", when(v.opened_at), v.reason)
        for v in views
    ]
    console.print(table(["id", "code", "owner", "state", "return", "since", "reason"], rows))
