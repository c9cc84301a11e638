"""``backhaul exceptions --groups`` and ``backhaul resolve-group``: the queue by root cause (R72, N18)."""

from typing import Annotated

import typer
from rich.console import Console

from desk.bulk import FOR_MANY, BulkAnswer, decide_all, rehearse
from desk.clock import utc_now
from desk.groups import Groups, GroupView, read_groups, read_members
from domain.exceptions import ResolutionKind
from domain.resolution import Role
from runtime.settings import Settings
from starter.cli.decision import OS_USER, ActorName, Edits, Kind, Reason, RoleName, edits_of, resolution_of
from starter.cli.output import CommandError, Exit, emit, table
from starter.cli.run import AsJson, run
from starter.configuration import agreed_limits
from starter.process import command_link, opened_store
from store import Store
from store.queue_records import QueueFilter
from store.records import ExceptionRecord

#: Refusals that people see; they are mostly the same sentence.
_SHOWN = 20
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


class GroupDecided(BulkAnswer):
    """`count`: open exceptions of the group when the command began."""

    group: str
    kind: ResolutionKind
    dry_run: bool
    count: int


def resolve_group(
    context: typer.Context,
    group: Annotated[str, typer.Argument(metavar="GROUP", help="Its id, as `backhaul exceptions --groups` shows it.")],
    kind: Kind,
    reason: Reason = "",
    edit: Edits = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would be decided.")] = False,
    per_second: Annotated[
        float, typer.Option("--per-second", min=0.1, max=100, help="Decisions a second, at most.")
    ] = 5,
    role: RoleName = Role.ADMIN,
    actor: ActorName = OS_USER,
    as_json: AsJson = False,
) -> None:
    """Decide all open exceptions of one root cause alike: RETRY, EDIT_AND_RETRY or CANCEL_TRACK."""

    async def carry(settings: Settings) -> None:
        if kind not in FOR_MANY:
            text = f"{kind} is a decision on one return; a group can be resolved by {', '.join(FOR_MANY)}"
            raise CommandError(Exit.USAGE, text)
        async with opened_store(settings) as store, command_link(settings) as link:
            items, limits = await _members(store, group), agreed_limits(settings.config)
            edits = edits_of(edit or [])
            made = [resolution_of(item, kind, role, actor, reason=reason, edits=edits) for item in items]
            if dry_run:
                by_id = {resolution.exception_id: resolution for resolution in made}
                answer = await rehearse(store, items, by_id, limits=limits)
            else:
                answer = await decide_all(store, link, made, utc_now, per_second=per_second, limits=limits)
        result = GroupDecided(**answer.model_dump(), group=group, kind=kind, dry_run=dry_run, count=len(items))
        emit(result, as_json, lambda console: _draw_decided(console, result))
        if code := _exit_code(answer):
            raise typer.Exit(code)

    run(context, carry, as_json=as_json)


def no_group(group_id: str) -> CommandError:
    """What to say about a group without exceptions that fit."""
    text = f"No such exception belongs to the group {group_id}. List the groups: backhaul exceptions --groups"
    return CommandError(Exit.NOT_FOUND, text)


async def show_groups(store: Store, filters: QueueFilter, limit: int, as_json: bool) -> None:
    """Write up to `limit` groups."""
    found = await read_groups(store, filters, utc_now(), limit)
    emit(found, as_json, lambda console: _draw_groups(console, found))


async def _members(store: Store, group_id: str) -> list[ExceptionRecord]:
    """The open exceptions of the group. Raises CommandError."""
    found = await read_members(store, group_id, utc_now())
    if not found:
        raise no_group(group_id)
    return found


def _draw_groups(console: Console, found: Groups) -> None:
    if not found.groups:
        console.print("There are none.")
        return
    rows = [_row(view) for view in found.groups]
    columns = ["id", "owner", "code", "connection", "what is wrong", "items", "oldest", "at stake"]
    console.print(table(columns, rows))
    if not found.complete:
        console.print("\nThere are more groups; these are the largest. Raise --limit, or filter.")


def _row(view: GroupView) -> list[str]:
    return [
        view.id,
        view.owner,
        view.code,
        view.connection,
        view.wrong or "each its own",
        str(view.count),
        _age(view.age_seconds),
        ", ".join(map(str, view.amounts)) or "-",
    ]


def _draw_decided(console: Console, result: GroupDecided) -> None:
    second = f"{result.proposed} need a second person, " if result.proposed else ""
    counts = f"{result.decided} decided, {second}{len(result.refused)} refused, {len(result.unconfirmed)} unconfirmed"
    if result.dry_run:
        counts = f"{result.decided} would be decided, {second}{len(result.refused)} refused; nothing was changed"
    console.print(f"{result.group} {result.kind}: {counts}", markup=False)
    for one in result.refused[:_SHOWN]:
        console.print(f"  refused: {one.exception_id}: {one.text}", markup=False)
    if more := len(result.refused[_SHOWN:]):
        console.print(f"  and {more} more; --json lists all")
    for name in result.unconfirmed[:_SHOWN]:
        console.print(f"  unconfirmed: {name}", markup=False)
    if result.trouble:
        console.print(f"  {result.untried} not tried: {result.trouble}", markup=False)
    if result.unconfirmed or result.untried:
        console.print("Run the same command again for the rest; each decision is applied once.")


def _exit_code(answer: BulkAnswer) -> Exit:
    if answer.unconfirmed or answer.trouble:
        return Exit.UNREACHABLE
    return Exit.REFUSED if answer.refused else Exit.OK


def _age(seconds: int) -> str:
    """The largest unit that fits: ``3 d``."""
    size, name = next((unit for unit in _UNITS if seconds >= unit[0]), _UNITS[-1])
    return f"{seconds // size} {name}"
