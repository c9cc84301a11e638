"""docs/vendors.md says what the code says: capabilities, settings and every ASSUMED mark of every vendor."""

import re
from pathlib import Path

import pytest

from tests.vendors_table import KINDS, PAGE, ROOT, VENDORS, blocks, marks_in, render

CONTRACT = '''\
"""What we take it to be. ASSUMED marks what nobody says.

ASSUMED besides the marks:

- One thing,
  over two lines.
- Another.
"""

PLAIN = 1
# --- words: ASSUMED(9) ---
WORD = "x"
"""ASSUMED: what it means. This is documented."""
BOTH = 2  # ASSUMED
#: ASSUMED(3). All of
#: this is about it.
TABLE = {}


class Wire:
    """One. ASSUMED(12): e.g. this; and that."""
'''


def test_the_page_is_what_the_code_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page == render(page), "run: python -m tests.vendors_table"


def test_every_vendor_of_the_registry_has_its_section_whole() -> None:
    wanted = sorted((kind, vendor) for kind in KINDS for vendor in VENDORS)
    assert sorted(blocks(PAGE.read_text(encoding="utf-8"))) == wanted


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_mark_is_in_the_contract_and_none_is_lost(vendor: str) -> None:
    """A mark in another module only points at one of the contract: it has its number, or is not told apart."""
    folder = ROOT / "adapters" / vendor
    contract = (folder / "contract.py").read_text(encoding="utf-8")
    numbered = set(re.findall(r"ASSUMED\(\w+\)", contract))
    table = " ".join(text for _, _, text in marks_in(contract))
    assert set(re.findall(r"ASSUMED\(\w+\)", table)) == numbered - {"ASSUMED(n)"}
    assert table, "a vendor without any assumption would be a first"


def test_marks_are_found_with_line_name_and_the_whole_of_what_they_say() -> None:
    assert [(line, name, re.sub(r"\s+", " ", text).strip()) for line, name, text in marks_in(CONTRACT)] == [
        (5, "", "One thing, over two lines."),
        (7, "", "Another."),
        (11, "WORD", "words: ASSUMED(9)"),
        (13, "WORD", "ASSUMED: what it means."),
        (14, "BOTH", "ASSUMED"),
        (15, "TABLE", "ASSUMED(3). All of this is about it."),
        (21, "Wire", "ASSUMED(12): e.g. this; and that."),
    ]


def test_the_page_names_no_folder_that_is_not_there() -> None:
    named = re.findall(r"`((?:adapters|sandbox|tests|domain)/[\w./-]+)`", PAGE.read_text(encoding="utf-8"))
    assert [path for path in named if not Path(ROOT, path).exists()] == []
