"""What the readers of journals share: the books being written, and how our keys name a return."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.audit.books import Books, CreditNote, Replacement, ReturnBook, Rma, Units
from sandbox.kit.journal import Entry

RETURN_ID = re.compile(r"[0-9a-f]{32}")


def plain_id(return_id: str) -> str:
    """A return id as our keys carry it: lower case, no hyphens."""
    return return_id.replace("-", "").lower()


def return_id_in(tpguid: str) -> str | None:
    """The 32 hex digits of a return id inside a key, hyphenated or not."""
    for text in (tpguid.lower(), plain_id(tpguid)):
        if found := RETURN_ID.search(text):
            return found.group()
    return None


@dataclass
class Reading:
    """The books being written, and where each RMA, note and replacement order is in them."""

    books: Books = field(default_factory=Books)
    rmas: dict[str, tuple[ReturnBook, Rma]] = field(default_factory=dict)
    notes: dict[str, CreditNote] = field(default_factory=dict)
    replacements: dict[str, Replacement] = field(default_factory=dict)
    connection: str = ""
    """Of the platform whose journal is being read."""
    notebook: dict[str, Any] = field(default_factory=dict)
    """What a vendor's folds remember between entries, beside the books."""

    def page(self, key: str) -> ReturnBook:
        return self.books.returns.setdefault(key, ReturnBook(key=key))

    def page_of(self, tpguid: str, otherwise: ReturnBook) -> ReturnBook:
        """The return a document belongs to: the one its key names, else the given one."""
        named = return_id_in(tpguid)
        return self.page(named) if named else otherwise


Fold = Callable[[Reading, Entry], None]
"""One journal entry into the books."""


def units_of(rows: list[Entry]) -> Units:
    """SKU → units of an entry's lines."""
    units = Counter[str]()
    for row in rows:
        units[row["sku"]] += row["quantity"]
    return dict(units)


def add_units(depots: dict[str, Units], depot: str, sku: str, quantity: int) -> None:
    """Count units of a SKU in a depot."""
    units = depots.setdefault(depot, {})
    units[sku] = units.get(sku, 0) + quantity
