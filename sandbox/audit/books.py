"""The books: one page a return. Amounts are Decimal per currency, quantities whole units per SKU text."""

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal

from pydantic import BaseModel, Field

Units = dict[str, int]
"""SKU text → units."""


class Line(BaseModel):
    """One RMA line: what was authorised, what came back, what was credited by live notes."""

    number: int
    sku: str
    authorised: int
    received: int = 0
    credited: int = 0


class Rma(BaseModel):
    """An authorisation as the ERP holds it."""

    number: str
    order: str
    standalone: bool
    cancelled: bool = False
    lines: list[Line] = Field(default_factory=list)

    def line(self, number: int) -> Line | None:
        return next((line for line in self.lines if line.number == number), None)


class Receipt(BaseModel):
    """One booking of goods on an RMA."""

    number: str
    rma: str


class CreditNote(BaseModel):
    """One finance document on an RMA; `total` with VAT and charges."""

    number: str
    rma: str
    total: Decimal
    currency: str
    units: dict[int, int] = Field(default_factory=dict)
    """RMA line → units."""
    reversed: bool = False


class Replacement(BaseModel):
    """The order by which the new units of an exchange go out; `total` and `paid` in the order's currency."""

    number: str
    key: str
    rma: str
    """What it says its RMA is."""
    original: str
    order_type: str
    total: Decimal
    paid: Decimal
    goods: Decimal
    """Price of its lines, charges left out."""
    units: Units = Field(default_factory=dict)
    """What goes out."""
    same_delivery: bool
    """To the customer and address of the original order."""
    cancelled: bool = False
    despatched: bool = False


class Decision(BaseModel):
    """The platform's last word on one item."""

    sku: str
    quantity: int
    status: str


class ReturnBook(BaseModel):
    """`key` is the platform's return id (32 hex digits), or an RMA number when no key carried one."""

    key: str
    rmas: list[Rma] = Field(default_factory=list)
    receipts: list[Receipt] = Field(default_factory=list)
    received: dict[str, Units] = Field(default_factory=dict)
    """Depot → units booked in by receipts."""
    stock: dict[str, Units] = Field(default_factory=dict)
    """Depot → net units after receipts, transfers and adjustments."""
    adjusted: Units = Field(default_factory=dict)
    """Net units of all adjustments: goods may be booked in by them as well as by receipts."""
    replacements: list[Replacement] = Field(default_factory=list)
    notes: list[CreditNote] = Field(default_factory=list)
    refunds: dict[str, tuple[Decimal, str]] = Field(default_factory=dict)
    """Refund id → amount and currency, of refunds that are paid and did not fail."""
    decisions: dict[str, Decision] = Field(default_factory=dict)
    """Item id → decision."""
    cancelled: bool = False
    """The platform shows the return cancelled."""

    @property
    def live_rmas(self) -> list[Rma]:
        return [rma for rma in self.rmas if not rma.cancelled]

    @property
    def live_replacements(self) -> list[Replacement]:
        return [order for order in self.replacements if not order.cancelled]

    @property
    def credited(self) -> dict[str, Decimal]:
        """Currency → total of the notes not reversed."""
        return _totals((note.total, note.currency) for note in self.notes if not note.reversed)

    @property
    def refunded(self) -> dict[str, Decimal]:
        """Currency → total paid."""
        return _totals(self.refunds.values())

    @property
    def accepted(self) -> Units:
        return self._decided("accepted")

    @property
    def rejected(self) -> Units:
        return self._decided("rejected")

    def _decided(self, status: str) -> Units:
        units = Counter[str]()
        for item in self.decisions.values():
            if item.status == status:
                units[item.sku] += item.quantity
        return dict(units)

    def received_units(self, except_depots: frozenset[str] = frozenset()) -> Units:
        """SKU → units booked in by receipts, leaving out some depots."""
        units = Counter[str]()
        for depot, by_sku in self.received.items():
            if depot not in except_depots:
                units.update(by_sku)
        return dict(units)

    def stock_units(self, depots: frozenset[str]) -> Units:
        """SKU → net units in some depots."""
        units = Counter[str]()
        for depot in depots & self.stock.keys():
            units.update(self.stock[depot])
        return dict(units)


class Books(BaseModel):
    """`violations` are sentences for people, each starting with the return they are about."""

    returns: dict[str, ReturnBook] = Field(default_factory=dict)
    violations: list[str] = Field(default_factory=list)


def _totals(amounts: Iterable[tuple[Decimal, str]]) -> dict[str, Decimal]:
    totals: dict[str, Decimal] = {}
    for amount, currency in amounts:
        totals[currency] = totals.get(currency, Decimal(0)) + amount
    return totals
