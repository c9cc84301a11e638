"""The few scenarios that show a pair of the example file, by themselves: an ERP that answers at once, one in files."""

from decimal import Decimal
from pathlib import Path

import pytest

from starter.demo.pairing import SHOWN, Setting
from starter.demo.scenarios import scenarios_of
from tests.pairs.played import Json, play, rows

#: Long: `make verify` runs them.
pytestmark = pytest.mark.verify

SHOWN_BY_NAME = {pairing.connections[Setting.MAIN]: pairing for pairing in SHOWN}


def played(name: str, folder: Path) -> dict[str, Json]:
    """The rows of a run that went as it should."""
    code, report, output = play(name, folder)
    assert (code, report["ok"], report["books"]["violations"]) == (0, True, []), output[-3000:]
    assert {row["connection"] for row in report["returns"]} == {name}
    assert set(rows(report)) == {scenario.name for scenario in scenarios_of(SHOWN_BY_NAME[name])}
    return rows(report)


def depots(row: Json) -> set[str]:
    return {line["depot"] for line in row["stock"]}


@pytest.mark.timeout(120)
def test_R119_R121_R123_centra_is_told_of_goods_and_money(tmp_path: Path) -> None:
    """Warehouses by their ids; the completed return is the credit; an archived order is returned all the same."""
    found = played("de-centra", tmp_path)
    assert depots(found["damaged and sellable"]) == {"1", "11"}
    assert found["plain"]["credit_notes"][0]["number"].startswith("CENTRA-RETURN-")
    assert found["archived order"]["standalone"] is True


@pytest.mark.timeout(120)
def test_R124_R126_R127_R128_bluecherry_is_told_in_files_at_its_windows(tmp_path: Path) -> None:
    """Depots of its division; the memo comes to the penny of the refund, although prices there are without tax."""
    found = played("us-bluecherry", tmp_path)
    assert depots(found["damaged and sellable"]) == {"10/01", "10/DM"}
    assert Decimal(found["plain"]["credit_notes"][0]["total"]) == Decimal("225.45")
    assert [order["sku"] for order in found["even exchange"]["replacements"]] == ["P2001-WHT-L"]
