"""``backhaul exceptions`` and ``backhaul resolve``: the one queue, and decisions on it (R67, R69)."""

from datetime import timedelta
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import Console

from desk.clock import utc_now
from desk.queue import QueueItem, read_queue
from desk.resolutions import ResolutionAnswer, decide
from desk.second_person import confirmation
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.model import Value
from domain.resolution import Resolution, Role
from runtime.settings import Settings
from starter.cli.decision import OS_USER, ActorName, Edits, OptionalKind, Reason, RoleName, edits_of, resolution_of
from starter.cli.groups import no_group, show_groups
from starter.cli.output import CommandError, Exit, emit, table
from starter.cli.run import AsJson, run
from starter.cli.show import when
from starter.configuration import agreed_limits
from starter.process import command_link, opened_store
from store import Store
from store.queue_records import QueueFilter
from store.records import ExceptionRecord, ExceptionState

_PAGE = 500
_CONFIRM = (
    "Confirm what another person proposed. The command line takes --actor at its word: whoever may run it holds the"
    " database's password."
)


class Decided(Value):
    """`repeated`: the same decision had been made before."""

    exception_id: str
    kind: ResolutionKind
    repeated: bool


class Proposed(Value):
    """A decision about much money. Nothing is done until another person makes it too."""

    exception_id: str
    kind: ResolutionKind
    waits_for: str = "a second person"


def exceptions(
    context: typer.Context,
    owner: Annotated[Owner | None, typer.Option("--owner", help="Only this team's.")] = None,
    state: Annotated[ExceptionState, typer.Option("--state", help="open, resolved or cleared.")] = ExceptionState.OPEN,
    connection: Annotated[str | None, typer.Option("--connection", help="Only this connection's.")] = None,
    code: Annotated[ExceptionCode | None, typer.Option("--code", metavar="CODE", help="Only of this code.")] = None,
    level: Annotated[int | None, typer.Option("--level", min=0, help="Only those escalated so often, or more.")] = None,
    older: Annotated[float | None, typer.Option("--hours", min=0, help="Only those opened so long ago.")] = None,
    any_id: Annotated[str, typer.Option("--id", help="Only of the return, order, RMA or parcel with this id.")] = "",
    groups: Annotated[bool, typer.Option("--groups", help="One row per root cause, the largest first.")] = False,
    group: Annotated[
        str | None, typer.Option("--group", "--cause", metavar="GROUP", help="Only this root cause's.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="Rows to show.")] = 200,
    as_json: AsJson = False,
) -> None:
    """List the exception queue, the oldest first, or its root causes."""
    filters = QueueFilter(
        state=state,
        owner=owner,
        code=code,
        connection=connection,
        cause=group,
        level=level,
        min_age=None if older is None else timedelta(hours=older),
        any_id=any_id,
    )

    async def listing(settings: Settings) -> None:
        if groups and group:
            raise CommandError(
                Exit.USAGE, "--groups lists all root causes, --group is one of them: give one of the two"
            )
        async with opened_store(settings) as store:
            if groups:
                return await show_groups(store, filters, limit, as_json)
            items = await _items(store, filters, limit)
        if group and not items:
            raise no_group(group)
        return _show(items, as_json)

    run(context, listing, as_json=as_json)


def resolve(
    context: typer.Context,
    exception: Annotated[str, typer.Argument(metavar="EXCEPTION", help="Its id, as `backhaul exceptions` shows it.")],
    kind: OptionalKind = None,
    reason: Reason = "",
    document: Annotated[str, typer.Option("--document", help="Number of the ERP document.")] = "",
    edit: Edits = None,
    version: Annotated[
        int | None, typer.Option("--version", help="Version that you saw (default: the present).")
    ] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help=_CONFIRM)] = False,
    role: RoleName = Role.ADMIN,
    actor: ActorName = OS_USER,
    as_json: AsJson = False,
) -> None:
    """Decide an exception; its track goes on from the step where it stopped.

    A decision about much money waits until a second person confirms it.
    """

    async def carry(settings: Settings) -> None:
        async with opened_store(settings) as store, command_link(settings) as link:
            record = await _record(store, exception)
            if confirm:
                resolution = _confirmed(record, kind, role, actor, reason)
            else:
                resolution = resolution_of(
                    record,
                    _given(kind),
                    role,
                    actor,
                    version=version,
                    reason=reason,
                    document=document,
                    edits=edits_of(edit or []),
                )
            answer = await decide(store, link, record, resolution, utc_now, limits=agreed_limits(settings.config))
        _end(answer, resolution, as_json)

    run(context, carry, as_json=as_json)


def _given(kind: ResolutionKind | None) -> ResolutionKind:
    if kind is None:
        raise CommandError(Exit.USAGE, "Give the decision, or --confirm for the one that another person proposed")
    return kind


def _confirmed(record: ExceptionRecord, kind: ResolutionKind | None, role: Role, actor: str, reason: str) -> Resolution:
    """What another person proposed, as this person's own decision. Raises CommandError."""
    if record.proposal is None:
        raise CommandError(Exit.REFUSED, f"Nothing was proposed for {record.id} that could be confirmed")
    if kind not in (None, record.proposal.kind):
        raise CommandError(Exit.USAGE, f"{record.proposal.kind} was proposed, not {kind}; --confirm needs no decision")
    return confirmation(record, actor, role, reason)


async def _items(store: Store, filters: QueueFilter, limit: int) -> list[QueueItem]:
    found: list[QueueItem] = []
    after: str | None = None
    while len(found) < limit:
        page = await read_queue(store, filters, utc_now(), after, min(_PAGE, limit - len(found)))
        found, after = found + page.items, page.next
        if after is None:
            break
    return found


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
    if answer.outcome == "proposed":
        how = f"another person has to confirm it: backhaul resolve {name} --confirm"
        _say(
            Proposed(exception_id=name, kind=resolution.kind), f"{name}: {resolution.kind} is proposed; {how}", as_json
        )
    else:
        done = "was decided so before" if answer.repeated else f"is decided: {resolution.kind}"
        _say(Decided(exception_id=name, kind=resolution.kind, repeated=answer.repeated), f"{name} {done}", as_json)


def _say(result: Value, text: str, as_json: bool) -> None:
    emit(result, as_json, lambda console: console.print(text, markup=False))


def _show(items: list[QueueItem], as_json: bool) -> None:
    content: dict[str, JsonValue] = {"exceptions": [item.model_dump(mode="json") for item in items]}
    emit(content, as_json, lambda console: _draw(console, items))


def _draw(console: Console, items: list[QueueItem]) -> None:
    if not items:
        console.print("There are none.")
        return
    columns = ["id", "code", "owner", "state", "level", "return", "since", "at stake", "proposed", "reason"]
    console.print(table(columns, [_row(item) for item in items]))


def _row(item: QueueItem) -> list[str]:
    proposed = f"{item.proposal.kind} by {item.proposal.actor}" if item.proposal else ""
    return [
        item.id,
        item.code,
        item.owner,
        item.state,
        str(item.level or ""),
        f"{item.connection}/{item.return_id or '-'}",
        when(item.opened_at),
        str(item.amount or ""),
        proposed,
        item.reason,
    ]
