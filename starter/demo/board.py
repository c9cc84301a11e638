"""Shows the demo while it runs: a live table on a terminal, plain lines elsewhere; a summary at the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.table import Table

from starter.demo.report import Report, ReturnRow

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
        table = Table("scenario", "stage", "waits for", "s", box=None, pad_edge=False)
        for name, line in self.lines.items():
            table.add_row(name, line.verdict or line.stage, line.waits_for, f"{line.seconds:.1f}")
        return table


def summary(console: Console, report: Report, addresses: dict[str, str]) -> None:
    """The end of the demo: one row a return, what the journals say, what it cost, where to look."""
    table = Table(
        *("scenario", "status", "order", "RMA", "stock by depot", "credit notes", "refunds", "exceptions"),
        *("actions", "events", "s"),
        box=None,
        pad_edge=False,
    )
    for row in report.returns:
        table.add_row(*_cells(row))
    console.print(table)
    for row in report.returns:
        for problem in row.problems:
            console.print(f"FAILED {row.scenario}: {problem}", markup=False)
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
    cost = report.budgets
    console.print(
        f"Plain return: {cost.actions} Temporal actions (at most {cost.max_actions}), {cost.events} history events "
        f"(at most {cost.max_events}), {cost.history_bytes} bytes of history (at most {cost.max_history_bytes}).",
        markup=False,
        soft_wrap=True,
    )
    went = sum(not row.problems for row in report.returns)
    console.print(f"{went} of {len(report.returns)} scenarios as expected, {report.seconds:.0f} s.")


def _cells(row: ReturnRow) -> Iterator[str]:
    yield row.scenario
    yield f"{row.status}{' FAILED' if row.problems else ''}"
    yield row.order
    yield row.rma + (" standalone" if row.standalone else "")
    yield ", ".join(f"{depot}: {units}" for depot, units in row.by_depot().items())
    yield "\n".join(f"{note.number} {note.total} {note.currency}" for note in row.credit_notes)
    yield "\n".join(f"{refund.amount} {refund.currency}" for refund in row.refunds)
    yield "\n".join(f"{exception.code} {exception.state}" for exception in row.exceptions)
    yield str(row.actions)
    yield str(row.events)
    yield f"{row.seconds:.1f}"
