"""``backhaul reconcile|payouts|period``: compare both systems, import payout reports, close a month (R78–R84)."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from desk.clock import utc_now
from desk.payouts import MOST_BYTES, BadLine, ImportAnswer, import_payouts
from desk.periods import Blocker, PeriodStatement, close_period, period_statement, worth
from desk.reconciliation import RunSummary, SideTotal, run_summary
from desk.reconciling import reconcile_now
from domain.messages import ReconcileOrder
from domain.money import Money
from domain.resolution import Role
from runtime.settings import Settings
from starter.cli.decision import OS_USER, ActorName, RoleName
from starter.cli.output import CommandError, Exit, emit, table
from starter.cli.run import AsJson, run
from starter.cli.show import when
from starter.cli.warehouse import connections_of
from starter.process import opened_client, opened_store
from store.reconciliation_days import month_days
from store.reconciliation_records import RunState

_DAYS = ["%Y-%m-%d"]
Connection = Annotated[str, typer.Argument(metavar="CONNECTION", help="The connection that it is about.")]
Actor = Annotated[
    str, typer.Option("--actor", envvar="BACKHAUL_ACTOR", help="User reference for the audit, not a name.")
]


def reconcile(
    context: typer.Context,
    connection: Connection,
    days: Annotated[int | None, typer.Option("--days", min=1, max=400, help="The last so many days.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=_DAYS, help="First day (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option(formats=_DAYS, help="The day after the last one (UTC).")] = None,
    wait: Annotated[float, typer.Option("--wait", min=1, help="Seconds to wait for it.")] = 600,
    as_json: AsJson = False,
) -> None:
    """Compare refunds, credit notes, payouts and stock of a connection now; the differences are kept and shown."""
    if (since is None) != (until is None) or (since is not None and days is not None):
        raise typer.BadParameter("give --since and --until together, or --days, or neither")
    if since is not None and until is not None and since >= until:
        raise typer.BadParameter("--since must be before --until")

    async def compare(settings: Settings) -> None:
        named = connections_of(settings)(connection)
        order = ReconcileOrder(
            connection=named.name,
            days=days or named.limits.reconcile_days,
            since=since.date() if since else None,
            until=until.date() if until else None,
        )
        async with opened_client(settings) as client:
            outcome = await reconcile_now(client, order, utc_now().date(), wait)
        if outcome is None:
            text = f"The reconciliation of {connection} takes longer than {wait:g} s and goes on. Does a worker run?"
            raise CommandError(Exit.UNREACHABLE, text)
        if outcome.state != RunState.DONE:
            raise CommandError(Exit.REFUSED, f"Run {outcome.run} is {outcome.state}: {outcome.trouble}".rstrip(": "))
        async with opened_store(settings) as store:
            summary = await run_summary(store, outcome.run)
        if summary is None:
            raise CommandError(Exit.NOT_FOUND, f"Run {outcome.run} is not in this database.")
        emit(summary, as_json, lambda console: _draw_run(console, summary))

    run(context, compare, as_json=as_json)


def payouts(
    context: typer.Context,
    connection: Connection,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV with refund_id, order_number, amount, currency, paid_at.")
    ],
    actor: ActorName = OS_USER,
    as_json: AsJson = False,
) -> None:
    """Import a payment gateway's payout report for the next reconciliation. Twice is once."""

    async def load(settings: Settings) -> None:
        named = connections_of(settings)(connection)
        content = _content(file)
        async with opened_store(settings) as store:
            answer = await import_payouts(store, named.name, file.name, content, actor=actor, clock=utc_now)
        if answer.problems:
            raise CommandError(Exit.REFUSED, f"Nothing of {file.name} was imported:", [*map(_problem, answer.problems)])
        emit(answer, as_json, lambda console: console.print(_imported(file.name, answer), markup=False))

    run(context, load, as_json=as_json)


def period(
    context: typer.Context,
    connection: Connection,
    month: Annotated[str, typer.Argument(metavar="MONTH", help="Such as 2026-11.")],
    close: Annotated[bool, typer.Option("--close", help="Close it, when nothing is in the way.")] = False,
    actor: ActorName = OS_USER,
    role: RoleName = Role.FINANCE,
    as_json: AsJson = False,
) -> None:
    """Show whether a month is ready to close and what is in the way; close it.

    A closed month is shown as it was closed, with what was found in its days since.
    """
    try:
        month_days(month)
    except ValueError:
        raise typer.BadParameter(f"{month!r} is no month; write it as 2026-11") from None

    async def look(settings: Settings) -> None:
        named = connections_of(settings)(connection)
        refused = ""
        async with opened_store(settings) as store:
            if close:
                answer = await close_period(store, named.name, month, actor=actor, role=role, clock=utc_now)
                statement, refused = answer.statement, answer.text
            else:
                statement = await period_statement(store, named.name, month, utc_now())
        emit(statement, as_json, lambda console: _draw_period(console, statement))
        if refused:
            raise CommandError(Exit.REFUSED, f"{month} was not closed: {refused}")

    run(context, look, as_json=as_json)


def _content(file: Path) -> bytes:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise CommandError(Exit.REFUSED, f"{file} is larger than {MOST_BYTES // 1_000_000} MB.")
        return file.read_bytes()
    except OSError as error:
        raise CommandError(Exit.NOT_FOUND, f"{file} cannot be read: {error.strerror}") from None


def _problem(bad: BadLine) -> str:
    return f"line {bad.line}: {bad.reason}" if bad.line else bad.reason


def _imported(name: str, answer: ImportAnswer) -> str:
    if answer.repeated:
        return f"{name} was imported before: nothing has changed."
    return f"{answer.lines} line(s) of {name}, {answer.fresh} of them new. The next reconciliation compares them."


def _draw_run(console: Console, summary: RunSummary) -> None:
    console.print(f"Run {summary.run.name}, ended {when(summary.run.finished_at)}", markup=False)
    _draw_sides(console, summary.sides)
    if not summary.open:
        console.print("\nNo difference is open.")
        return
    rows = [(one.kind.words, str(one.count), _money(one.amount, one.currency)) for one in summary.open]
    console.print("\nOpen differences", style="bold")
    console.print(table(["class", "count", "value"], rows))


def _draw_sides(console: Console, sides: tuple[SideTotal, ...]) -> None:
    for side in sides:
        name = "Refunds of the platform" if side.side == "refund" else "Credit notes of the ERP"
        foots = "adds up" if side.foots else "DOES NOT ADD UP"
        console.print(f"\n{name}: {side.moved} ({foots})", style="bold", markup=False)
        rows = [(one.kind.words if one.kind else "", str(one.count), str(one.amount)) for one in side.classes]
        console.print(table(["class", "count", "amount"], rows))


def _draw_period(console: Console, statement: PeriodStatement) -> None:
    state = "is ready to close" if statement.ready else "is not ready to close"
    if statement.closed is not None:
        state = f"was closed by {statement.closed.closed_by} on {when(statement.closed.closed_at)}"
    console.print(f"{statement.month} of {statement.connection} {state}.", markup=False)
    _draw_sides(console, statement.sides)
    _draw_blockers(console, "In the way", statement.blockers)
    _draw_blockers(console, "Found since it was closed", statement.since_close)
    if statement.closed is not None and not statement.since_close:
        console.print("\nNothing was found in its days since.")


def _draw_blockers(console: Console, title: str, blockers: tuple[Blocker, ...]) -> None:
    if not blockers:
        return
    money = ", ".join(map(str, worth(blockers))) or "no money"
    console.print(f"\n{title}: {len(blockers)} over {money}", style="bold", markup=False)
    rows = [(one.id, str(one.value or ""), when(one.since), one.text) for one in blockers]
    console.print(table(["exception", "value", "since", "what"], rows))


def _money(amount: int, currency: str) -> str:
    return str(Money(amount=amount, currency=currency)) if currency else ""
