"""Shows the demo while it runs: a live table on a terminal, plain lines elsewhere; a summary at the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from rich.console import Console
from rich.live import Live
from rich.table import Table

from starter.demo.report import Budgets, NewOrder, RaisedException, Report, ReturnRow
from store.records import ExceptionState

_PER_SECOND = 4


@dataclass
class Line:
    """One scenario on the board. `stage` is shown until there is a verdict."""

    stage: str = ""
    waits_for: str = ""
    seconds: float = 0.0
    verdict: str = ""


class Board:
    """Lines by scenario, in the order in which they were added."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.lines: dict[str, Line] = {}
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the demo began."""
        return time.monotonic() - self._began

    def say(self, text: str) -> None:
        """One line for people."""
        self.console.print(f"[{self.seconds:5.1f} s] {text}", markup=False, highlight=False)

    def change(self, name: str, stage: str, waits_for: str, seconds: float, verdict: str = "") -> None:
        """Bring a scenario's line up to date; without a live table every news becomes a line of its own."""
        line = self.lines.setdefault(name, Line())
        news = (line.stage, line.verdict) != (stage, verdict)
        line.stage, line.waits_for, line.seconds, line.verdict = stage, waits_for, seconds, verdict
        if news and not self.console.is_terminal:
            self.say(f"{name}: {verdict or stage}")

    @contextmanager
    def live(self) -> Iterator[None]:
        """Show the table while the block runs."""
        if not self.console.is_terminal:
            yield
            return
        with Live(console=self.console, get_renderable=self._table, refresh_per_second=_PER_SECOND):
            yield

    def _table(self) -> Table:
        """What still runs stands on top: a small terminal cuts the end off."""
        table = Table("scenario", "stage", "waits for", "s", box=None, pad_edge=False)
        for name, line in sorted(self.lines.items(), key=lambda named: bool(named[1].verdict)):
            table.add_row(name, line.verdict or line.stage, line.waits_for, f"{line.seconds:.1f}")
        return table


def summary(console: Console, report: Report, addresses: dict[str, str]) -> None:
    """The end of the demo: one row a return, what the journals say, what it cost, where to look."""
    table = Table(
        *(
            "connection",
            "scenario",
            "status",
            "RMA",
            "stock",
            "credited",
            "refunded",
            "replaced by",
            "was exposed",
            "exceptions",
        ),
        box=None,
        pad_edge=False,
    )
    for name in ("actions", "s"):
        table.add_column(name, justify="right")
    for row in report.returns:
        table.add_row(*_cells(row))
    console.print(table)
    for row in report.returns:
        for problem in row.problems:
            console.print(f"FAILED {row.scenario} on {row.connection}: {problem}", markup=False)
        if row.note:
            console.print(f"{row.scenario} on {row.connection} goes another way: {row.note}", markup=False)
    for one in report.not_played:
        console.print(f"{one.scenario} is not played on {one.connection}: {one.why}", markup=False)
    _print_books(console, report)
    for name, address in addresses.items():
        console.print(f"{name}: {address}", markup=False, soft_wrap=True)


def _print_books(console: Console, report: Report) -> None:
    violations = report.books.violations
    for violation in violations:
        console.print(f"VIOLATION {violation}", markup=False)
    pages = len(report.books.returns)
    verdict = f"{len(violations)} violation(s)" if violations else "the books agree"
    console.print(f"Journals of the vendors: {pages} returns, {verdict}.", markup=False)
    if report.budgets:
        _print_budgets(console, report.budgets)
    went = sum(not row.problems for row in report.returns)
    console.print(f"{went} of {len(report.returns)} scenarios as expected, {report.seconds:.0f} s.")


def _print_budgets(console: Console, cost: Budgets) -> None:
    console.print(
        f"Plain return: {cost.actions} Temporal actions (at most {cost.max_actions}), {cost.events} history events "
        f"(at most {cost.max_events}), {cost.history_bytes} bytes of history (at most {cost.max_history_bytes}).",
        markup=False,
        soft_wrap=True,
    )
    exchange = f"{cost.exchange_actions} Temporal actions (at most {cost.max_exchange_actions})"
    console.print(f"Even exchange: {exchange}, those of its own workflow included.", markup=False, soft_wrap=True)


def _cells(row: ReturnRow) -> Iterator[str]:
    yield row.connection
    yield row.scenario
    yield f"{row.status}{' FAILED' if row.problems else ''}"
    yield row.rma + (" alone" if row.standalone else "")
    yield " ".join(f"{depot}:{units}" for depot, units in sorted(row.by_depot().items()))
    yield "\n".join(f"{note.total} {note.currency}" for note in row.credit_notes)
    yield "\n".join(refund.amount for refund in row.refunds)
    yield "\n".join(_order(order) for order in row.replacements)
    yield "\n".join(f"{out.amount} {out.state}" for out in row.exposure)
    yield "\n".join(_raised(exception) for exception in row.exceptions)
    yield str(row.actions)
    yield f"{row.seconds:.1f}"


def _order(order: NewOrder) -> str:
    paid = f" +{order.total}" if Decimal(order.total) else ""
    return f"{order.sku}{paid}{' cancelled' if order.cancelled else ''}"


def _raised(exception: RaisedException) -> str:
    """Nearly all are decided in the end; what is not must be seen."""
    return exception.code + (" OPEN" if exception.state is ExceptionState.OPEN else "")
