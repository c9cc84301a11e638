"""What a rehearsal found, as one value."""

from datetime import datetime

from desk.view import ExceptionView
from domain.model import Value
from domain.money import Money
from domain.progress import Stage
from starter.calls import CallsToday


class RmaLineView(Value):
    """Units that an RMA would have announced."""

    sku: str
    units: int


class StockView(Value):
    """Units that would have gone into a depot; negative: out of it."""

    sku: str
    depot: str
    units: int


class ExchangeMade(Value):
    """New units, and how far their order would have got."""

    sku: str
    units: int
    state: str


class RehearsedReturn(Value):
    """What one return would have done. `difference` is refunds less credits; None where there is neither.

    exceptions: codes that wait for a decision; note: what history could not tell
    """

    return_id: str
    order_number: str
    stage: Stage
    waits_for: str
    rma_number: str
    standalone: bool
    rma: tuple[RmaLineView, ...]
    stock: tuple[StockView, ...]
    credits: tuple[Money, ...]
    exchanges: tuple[ExchangeMade, ...]
    refunded: Money | None
    credited: Money | None
    difference: Money | None
    exceptions: tuple[ExceptionView, ...]
    note: str = ""


class ExpectedExceptions(Value):
    """Exceptions of one code. `amounts`: what they are about, one sum per currency; `fix`: the catalogue's advice.

    example: the reason of one of them, with the word, SKU or amount that it is about
    """

    code: str
    title: str
    owner: str
    count: int
    amounts: tuple[Money, ...]
    example: str
    fix: tuple[str, ...]
    returns: tuple[str, ...]


class ShadowReport(Value):
    """The whole rehearsal. Nothing of it was written to a vendor.

    calls: what is used by now of each daily limit, by live work and by rehearsals together
    stopped: why not all of it was run; `not_run` returns are missing then
    """

    connection: str
    platform: str
    erp: str
    since: datetime
    until: datetime
    returns: tuple[RehearsedReturn, ...]
    exceptions: tuple[ExpectedExceptions, ...]
    settled: int
    to_decide: int
    waiting: int
    calls: tuple[CallsToday, ...]
    stopped: str = ""
    not_run: int = 0

    @property
    def differences(self) -> list[RehearsedReturn]:
        """Returns whose credits are not what the platform refunded."""
        return [one for one in self.returns if one.difference is not None and one.difference.amount]

    @property
    def summary(self) -> str:
        """The last line, for people."""
        counts = f"{self.settled} settled, {self.to_decide} to decide, {self.waiting} waiting"
        noun = "return" if len(self.returns) == 1 else "returns"
        return f"{len(self.returns)} {noun}: {counts}. Nothing was written to {self.platform} or {self.erp}."
