"""What a return has left in an ERP, in words that are the same for every vendor: read from the journal's books."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from domain.money import decimal_text
from sandbox.audit.books import Books, ReturnBook
from sandbox.audit.reading import Reading
from sandbox.audit.vendors import ERPS, page_name
from sandbox.kit.journal import Entry

#: Of every return of the suite.
CONNECTION = "conformance"


@dataclass
class Effect:
    """Amounts are decimal values; depots are the vendor's; `stock` holds no zeros.

    credits: total and whether it was taken back; replacements: units of each SKU and whether it was cancelled
    """

    live_rmas: int = 0
    cancelled_rmas: int = 0
    stock: dict[tuple[str, str], int] = field(default_factory=dict)
    credits: list[tuple[Decimal, bool]] = field(default_factory=list)
    replacements: list[tuple[dict[str, int], bool]] = field(default_factory=list)

    def move(self, depot: str, sku: str, units: int) -> None:
        """Units come into a depot, or leave it."""
        self.stock[depot, sku] = self.stock.get((depot, sku), 0) + units
        if not self.stock[depot, sku]:
            del self.stock[depot, sku]

    def credit(self, minor: int, currency: str) -> None:
        """A credit of so many minor units."""
        self.credits.append((Decimal(decimal_text(minor, currency)), False))


def effect_of(vendor: str, entries: list[Entry], return_id: str) -> Effect:
    """What these entries say about one return."""
    return effect_on(books_of(vendor, entries).returns.get(page_name(CONNECTION, return_id)))


def books_of(vendor: str, entries: list[Entry]) -> Books:
    """The books of an ERP's journal."""
    reading = Reading()
    for entry in entries:
        if fold := ERPS[vendor].folds.get(entry["op"]):
            fold(reading, entry)
    return reading.books


def effect_on(page: ReturnBook | None) -> Effect:
    """What a page of the books says; nothing when there is none."""
    if page is None:
        return Effect()
    return Effect(
        live_rmas=len(page.live_rmas),
        cancelled_rmas=len(page.rmas) - len(page.live_rmas),
        stock=dict(_stock(page)),
        credits=[(note.total, note.reversed) for note in page.notes],
        replacements=[(order.units, order.cancelled) for order in page.replacements],
    )


def _stock(page: ReturnBook) -> Iterator[tuple[tuple[str, str], int]]:
    for depot, units in page.stock.items():
        for sku, quantity in units.items():
            if quantity:
                yield (depot, sku), quantity
