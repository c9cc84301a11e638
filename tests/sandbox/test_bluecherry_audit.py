"""The audit reads what the BlueCherry sandbox really writes, and finds what must not be in its journal."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sandbox.audit.bluecherry import FOLDS, RULES
from sandbox.audit.books import Books
from sandbox.audit.reading import Reading
from sandbox.audit.rules import find_violations
from sandbox.audit.scope import Scope
from sandbox.kit.journal import Entry
from tests.sandbox.bluecherry_wire import COAT, ID, adjustment, exchange, memo, ra, receipt, wire

SCOPE = Scope(
    explained={},
    hold_depots=frozenset({"10/HC"}),
    sellable_depots=frozenset({"10/01", "10/02"}),
    exchange_type="EX",
    compare=False,
)
DOCUMENT: dict[str, Any] = {
    "op": "RAX", "division": "10", "ra": "RA1", "extref": "a", "key": "", "batch": "000001",
    "record_class": "operational", "window": "w1",
}  # fmt: skip
BATCH: dict[str, Any] = {
    "op": "batch", "division": "10", "batch": "000001", "record_class": "operational", "window": "w1", "status": "A",
}  # fmt: skip


def read(entries: list[Entry]) -> Books:
    reading = Reading()
    for entry in entries:
        if fold := FOLDS.get(entry["op"]):
            fold(reading, entry)
    own = [sentence for rule in RULES for sentence in rule(entries)]
    reading.books.violations = own + find_violations(reading.books, [], SCOPE)
    return reading.books


async def test_a_return_by_files_is_read_back(tmp_path: Path) -> None:
    async with wire(tmp_path) as erp:
        erp.send(ra(f"{ID}-r-1", "2011234", f"1|1|{COAT}||2|180.00|36.00|PF"))
        erp.send(exchange(f"{ID}-x-1", f"|{ID}-r-1|2011234"))
        erp.send(receipt("RA0009121", f"{ID}-g-1-1", place="QT|B"), receipt("RA0009121", f"{ID}-g-1-2", place="DM|C"))
        erp.send(adjustment(-1, f"{ID}-t-1-1", "QT"), adjustment(1, f"{ID}-t-1-2", "01"))
        erp.send(memo("RA0009121", f"{ID}-c-1"))
        erp.erp.despatch("SO771201")
        page = read(erp.erp.journal.entries()).returns[ID]
        assert page.received == {"10/QT": {"P1001-BLK-080": 1}, "10/DM": {"P1001-BLK-080": 1}}
        assert page.stock == {
            "10/QT": {"P1001-BLK-080": 0},
            "10/DM": {"P1001-BLK-080": 1},
            "10/01": {"P1001-BLK-080": 1},
        }
        assert page.adjusted == {"P1001-BLK-080": 0}
        assert page.credited == {"GBP": Decimal("220.95")}
        assert [(line.authorised, line.received, line.credited) for line in page.rmas[0].lines] == [(2, 2, 1)]
        (order,) = page.replacements
        assert (order.key, order.rma, order.same_delivery, order.despatched) == (
            f"bh-{ID}-x-1",
            "RA0009121",
            True,
            True,
        )
        erp.send("CMV|v-1|CM0020116|NO")
        books = read(erp.erp.journal.entries())
    assert books.returns[ID].credited == {}
    assert books.violations == []
    assert list(books.returns) == [ID]


async def test_goods_above_the_authorised_in_sellable_stock_are_found(tmp_path: Path) -> None:
    async with wire(tmp_path) as erp:
        erp.send(ra(f"{ID}-r-1"), adjustment(2, f"{ID}-q-1", "01"))
        (found,) = read(erp.erp.journal.entries()).violations
    assert "2 units of P1001-BLK-080 in sellable stock" in found


async def test_documents_of_people_need_no_window(tmp_path: Path) -> None:
    async with wire(tmp_path) as erp:
        erp.send(ra(f"{ID}-r-1"))
        erp.erp.cancel_return("RA0009121")
        books = read(erp.erp.journal.entries())
    assert books.violations == []
    assert books.returns[ID].rmas[0].cancelled


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ([DOCUMENT, BATCH], []),
        ([DOCUMENT], ["RAX a was processed outside operational windows"]),
        ([DOCUMENT, BATCH | {"window": "w2"}], ["RAX a was processed outside operational windows"]),
        ([DOCUMENT, BATCH | {"status": "R"}], ["RAX a was processed outside operational windows"]),
        ([DOCUMENT | {"op": "CMV"}, BATCH], ["CMV a was processed outside financial windows"]),
        ([DOCUMENT, BATCH, BATCH | {"window": "w2"}], ["batch 000001 of division 10 was processed 2 times"]),
        ([BATCH, BATCH | {"status": "R"}], []),
        ([DOCUMENT, DOCUMENT, BATCH], ["EXTREF a was applied 2 times by RAX"]),
        ([DOCUMENT, DOCUMENT | {"extref": "b"}, BATCH], []),
    ],
)
def test_rules_of_its_own(entries: list[Entry], found: list[str]) -> None:
    assert [sentence for rule in RULES for sentence in rule(entries)] == found
