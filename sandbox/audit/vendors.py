"""Every vendor whose journal can be read, one line each, and the reading itself."""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sandbox.audit import bluecherry, centra, patchworks, prima, returngo, reveni
from sandbox.audit.books import Books
from sandbox.audit.reading import Fold, Reading, plain_id
from sandbox.audit.rules import find_violations
from sandbox.audit.scope import Rule, Scope
from sandbox.kit.journal import Entry


@dataclass(frozen=True)
class Reader:
    """How one ERP's journal is read. `rules` look at pages, `entry_rules` at all its entries.

    due_in_prices: its orders know no charges, so that what a dearer replacement costs on top is the price of its goods
    """

    folds: Mapping[str, Fold]
    rules: Sequence[Rule] = ()
    entry_rules: Sequence[Callable[[list[Entry]], Iterator[str]]] = ()
    due_in_prices: bool = False


ERPS: Mapping[str, Reader] = {
    "prima": Reader(prima.FOLDS),
    "centra": Reader(centra.FOLDS, due_in_prices=True),
    "bluecherry": Reader(bluecherry.FOLDS, entry_rules=bluecherry.RULES, due_in_prices=True),
    "patchworks": Reader(patchworks.FOLDS, rules=patchworks.RULES),
}

PLATFORMS: Mapping[str, Mapping[str, Fold]] = {
    "reveni": reveni.FOLDS,
    "returngo": returngo.FOLDS,
}


class PlatformJournal(NamedTuple):
    """The journal of one connection's platform."""

    vendor: str
    connection: str
    entries: list[Entry]


def read_books(
    erp: list[Entry],
    platform: list[Entry] | None = None,
    explained: Mapping[str, str] | None = None,
    hold_depots: Collection[str] = (),
    sellable_depots: Collection[str] = (),
    exchange_type: str = "EX",
    *,
    vendor: str = "prima",
    platforms: Sequence[PlatformJournal] = (),
) -> Books:
    """Read the journal of one ERP and those of the platforms that share it.

    platform: entries of Reveni; `platforms` are journals of any platform, with the connection that each is of
    explained: return id → why its credit and refund differ, or accepted goods never came (lost); not reported then
    hold_depots: hold goods for the customer; a rejected unit may be received there
    sellable_depots: goods that nobody authorised must never be in one
    exchange_type: order type that every replacement order must have

    Without platform entries the rules that compare with one are left out. Raises KeyError or ValueError for entries of
    another shape, such as a receipt for an RMA that was never created.
    """
    reader, reading = ERPS[vendor], Reading()
    _fold(reading, erp, reader.folds)
    journals = [PlatformJournal("reveni", "", platform or []), *platforms]
    for journal in journals:
        reading.connection = journal.connection
        _fold(reading, journal.entries, PLATFORMS[journal.vendor])
    told = {name: reason for key, reason in (explained or {}).items() for name in _names(key, journals)}
    scope = Scope(
        explained=told,
        hold_depots=frozenset(hold_depots),
        sellable_depots=frozenset(sellable_depots),
        exchange_type=exchange_type,
        compare=any(journal.entries for journal in journals),
        due_in_prices=reader.due_in_prices,
    )
    found = find_violations(reading.books, erp, scope, reader.rules)
    reading.books.violations = found + [text for rule in reader.entry_rules for text in rule(erp)]
    return reading.books


def page_name(connection: str, return_id: str) -> str:
    """The part of our keys that names a return: its id when that is unique in the world, else a digest."""
    plain = plain_id(return_id)
    if len(plain) == 32 and not set(plain) - set("0123456789abcdef"):
        return plain
    return hashlib.sha256(f"{connection}/{return_id}".encode()).hexdigest()[:32]


def _fold(reading: Reading, entries: list[Entry], folds: Mapping[str, Fold]) -> None:
    for entry in entries:
        if fold := folds.get(entry["op"]):
            fold(reading, entry)


def _names(key: str, journals: Sequence[PlatformJournal]) -> set[str]:
    """Every page that a return id may be meant for: it does not say of which connection it is."""
    return {page_name(journal.connection, key) for journal in journals} | {plain_id(key)}
