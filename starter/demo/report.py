"""What the demo reports, as values and as JSON. Amounts are decimal text in the currency beside them."""

from collections import Counter
from pathlib import Path

from domain.exceptions import ExceptionCode, Owner
from domain.model import Value
from domain.progress import Stage
from store.exchange_records import ExposureKind, ExposureState
from store.records import ExceptionState


class StockLine(Value):
    """Units of one SKU that one ERP document put into one depot; negative: took out of it."""

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


class NewOrder(Value):
    """A replacement order. `total` is what the customer paid on top."""

    number: str
    sku: str
    total: str
    cancelled: bool


class Exposed(Value):
    """Money or new goods that were out before the old goods were accepted, and how that ended."""

    kind: ExposureKind
    state: ExposureState
    amount: str
    currency: str


class RaisedException(Value):
    """An exception of the return."""

    code: ExceptionCode
    owner: Owner
    state: ExceptionState


class ReturnRow(Value):
    """One return as store and Temporal know it.

    stock, exceptions: with those of parcels that were matched to it
    actions: by its history and those of its exchanges, see `starter.demo.actions`
    history_bytes: as Temporal accounts for it
    problems: what is not as it should be, as sentences; empty when the scenario went well
    note: what the pair of systems cannot do, so that the scenario goes another way than elsewhere
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
    replacements: tuple[NewOrder, ...] = ()
    exposure: tuple[Exposed, ...] = ()
    exceptions: tuple[RaisedException, ...] = ()
    actions: int = 0
    events: int = 0
    history_bytes: int = 0
    seconds: float = 0.0
    problems: tuple[str, ...] = ()
    note: str = ""

    def by_depot(self) -> dict[str, int]:
        """Depot → units that lie there in the end."""
        units = Counter[str]()
        for line in self.stock:
            units[line.depot] += line.quantity
        return {depot: quantity for depot, quantity in units.items() if quantity}


class NotPlayed(Value):
    """A scenario that a pair of systems cannot play. `connection`: the main one of the pair."""

    connection: str
    scenario: str
    why: str


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
    unapplied: str = "0"


class BookedReplacement(Value):
    """One replacement order; `rma` and `original` as it states them."""

    number: str
    rma: str
    original: str
    order_type: str
    total: str
    units: dict[str, int]
    same_delivery: bool
    cancelled: bool
    despatched: bool


class Page(Value):
    """What the vendors' journals say of one return. Money by currency.

    received: depot → SKU → units that receipts put there; stock: after adjustments and transfers
    """

    rmas: tuple[BookedRma, ...] = ()
    received: dict[str, dict[str, int]] = {}
    stock: dict[str, dict[str, int]] = {}
    replacements: tuple[BookedReplacement, ...] = ()
    credit_notes: tuple[BookedCredit, ...] = ()
    credited: dict[str, str] = {}
    refunded: dict[str, str] = {}
    cancelled: bool = False


class Books(Value):
    """The independent reading of the journals. `returns`: return id → its page."""

    returns: dict[str, Page] = {}
    violations: tuple[str, ...] = ()


class Budgets(Value):
    """What the plain return cost, and an even exchange with its workflow.

    actions: the server's own counter, None when it was not measured
    """

    actions: int | None = None
    actions_by_history: int = 0
    events: int = 0
    history_bytes: int = 0
    max_actions: int = 10
    max_events: int = 60
    max_history_bytes: int = 32 * 1024
    exchange_actions: int = 0
    max_exchange_actions: int = 14

    def problems(self) -> list[str]:
        """What of the plain return is over budget, or was counted in two ways with two results."""
        measured = [
            ("actions", self.actions_by_history, self.max_actions),
            ("history events", self.events, self.max_events),
            ("bytes of history", self.history_bytes, self.max_history_bytes),
        ]
        found = [f"{value} {what}, at most {most} are allowed" for what, value, most in measured if value > most]
        if self.actions != self.actions_by_history:
            found.append(f"the server counted {self.actions} actions, its history shows {self.actions_by_history}")
        return found

    def exchange_problems(self) -> list[str]:
        """Whether the even exchange is over budget."""
        if self.exchange_actions <= self.max_exchange_actions:
            return []
        return [f"{self.exchange_actions} actions, at most {self.max_exchange_actions} are allowed"]


class Report(Value):
    """The whole demo. `ok`: every scenario ended as it should and the books agree.

    budgets: of the pair that they are about, when it was played
    """

    ok: bool
    seconds: float
    budgets: Budgets | None = None
    returns: tuple[ReturnRow, ...]
    not_played: tuple[NotPlayed, ...] = ()
    books: Books

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
