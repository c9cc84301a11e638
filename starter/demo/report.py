"""What the demo reports, as values and as JSON. Amounts are decimal text in the currency beside them."""

from collections import Counter
from pathlib import Path

from domain.exceptions import ExceptionCode, Owner
from domain.model import Value
from domain.progress import Stage
from store.records import ExceptionState


class StockLine(Value):
    """Units of one SKU that one ERP document put into one depot."""

    sku: str
    depot: str
    quantity: int
    document: str


class CreditNote(Value):
    """A credit note in the ERP."""

    number: str
    total: str
    currency: str


class PaidRefund(Value):
    """Money that the platform paid."""

    id: str
    amount: str
    currency: str


class RaisedException(Value):
    """An exception of the return."""

    code: ExceptionCode
    owner: Owner
    state: ExceptionState


class ReturnRow(Value):
    """One return as store and Temporal know it.

    actions: by its history, see `starter.demo.actions`; for the plain return the server's own counter agrees
    history_bytes: as Temporal accounts for it
    problems: what is not as it should be, as sentences; empty when the scenario went well
    """

    id: str
    connection: str
    scenario: str
    status: Stage | None
    order: str
    rma: str
    standalone: bool = False
    stock: tuple[StockLine, ...] = ()
    credit_notes: tuple[CreditNote, ...] = ()
    refunds: tuple[PaidRefund, ...] = ()
    exceptions: tuple[RaisedException, ...] = ()
    actions: int = 0
    events: int = 0
    history_bytes: int = 0
    seconds: float = 0.0
    problems: tuple[str, ...] = ()

    def by_depot(self) -> dict[str, int]:
        """Depot → units booked there."""
        units = Counter[str]()
        for line in self.stock:
            units[line.depot] += line.quantity
        return dict(units)


class BookedRma(Value):
    """An authorisation in the ERP's journal."""

    number: str
    order: str
    standalone: bool
    cancelled: bool


class BookedCredit(Value):
    """A credit note in the ERP's journal."""

    number: str
    rma: str
    total: str
    currency: str
    reversed: bool


class Page(Value):
    """What the vendors' journals say of one return. `received`: depot → SKU → units; money by currency."""

    rmas: tuple[BookedRma, ...] = ()
    received: dict[str, dict[str, int]] = {}
    stock: dict[str, dict[str, int]] = {}
    credit_notes: tuple[BookedCredit, ...] = ()
    credited: dict[str, str] = {}
    refunded: dict[str, str] = {}
    cancelled: bool = False


class Books(Value):
    """The independent reading of the journals. `returns`: return id → its page."""

    returns: dict[str, Page] = {}
    violations: tuple[str, ...] = ()


class Budgets(Value):
    """What the plain return cost. `actions` is the server's own counter, None when it was not measured."""

    actions: int | None = None
    actions_by_history: int = 0
    events: int = 0
    history_bytes: int = 0
    max_actions: int = 10
    max_events: int = 60
    max_history_bytes: int = 32 * 1024

    def problems(self) -> list[str]:
        """What is over budget, or was counted in two ways with two results."""
        measured = [
            ("actions", self.actions_by_history, self.max_actions),
            ("history events", self.events, self.max_events),
            ("bytes of history", self.history_bytes, self.max_history_bytes),
        ]
        found = [f"{value} {what}, at most {most} are allowed" for what, value, most in measured if value > most]
        if self.actions != self.actions_by_history:
            found.append(f"the server counted {self.actions} actions, its history shows {self.actions_by_history}")
        return found


class Report(Value):
    """The whole demo. `ok`: every scenario ended as it should and the books agree."""

    ok: bool
    seconds: float
    budgets: Budgets
    returns: tuple[ReturnRow, ...]
    books: Books

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
