"""Reads attribute-style request XML strictly: what the contract does not list is refused.

A shape is a line of attribute names. `Name!` must be there and not empty, `Name+` must be there,
plain `Name` may be left out (Prima reads a missing attribute as an empty one).
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from xml.etree.ElementTree import Element

from sandbox.prima.model import CODES, Sku
from sandbox.prima.refusal import Code, Refused

SKU_SHAPE = "Product! MtrxCode1 MtrxCode2 MtrxCode3 MtrxCode4"

Row = dict[str, str]


def read_row(element: Element, shape: str) -> Row:
    """Attributes of `element` by name, empty text for those left out."""
    marks = dict(_mark(word) for word in shape.split())
    if unknown := element.attrib.keys() - marks.keys():
        raise Refused(f"Attribute {min(unknown)} not allowed on {element.tag}")
    row = {name: element.get(name, "") for name in marks}
    for name, mark in marks.items():
        if (mark and name not in element.attrib) or (mark == "!" and not row[name].strip()):
            raise Refused(f"Attribute {name} missing on {element.tag}")
    return row


def read_rows(data: Element, tag: str, shape: str) -> list[Row]:
    """Rows of the children named `tag`; `SKU` and `sku` are the same name to Prima."""
    return [read_row(child, shape) for child in data if _name(child) == tag]


def only_children(data: Element, tags: Iterable[str] = ()) -> None:
    """Refuse children of `data` with any other name, or with children of their own."""
    allowed = set(tags)
    for child in data:
        if _name(child) not in allowed or len(child):
            raise Refused(f"Element {child.tag} not allowed here")


def whole(row: Row, name: str, code: Code = "") -> int:
    """A whole number written without sign or with a minus."""
    text = row[name]
    if not text.removeprefix("-").isdecimal() or not text.isascii() or len(text) > 9:
        raise Refused(f"{name} '{text}' is not a whole number", code)
    return int(text)


def units(row: Row) -> int:
    """`Quantity`, at least one unit."""
    if (quantity := whole(row, "Quantity", "QTY")) < 1:
        raise Refused(f"Quantity {quantity} must be at least 1", "QTY")
    return quantity


def day(row: Row, name: str) -> date:
    """A date written YYYY-MM-DD."""
    text = row[name]
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as wrong:
        raise Refused(f"{name} '{text}' is not a date (YYYY-MM-DD)") from wrong


def flag(row: Row, name: str) -> bool:
    """`Yes` or `No`."""
    if row[name] not in ("Yes", "No"):
        raise Refused(f"{name} must be Yes or No")
    return row[name] == "Yes"


def sku_of(row: Row) -> Sku:
    """The SKU of a row read with SKU_SHAPE."""
    one, two, three, four = (row[code] for code in CODES)
    return Sku(row["Product"], (one, two, three, four))


def yes_no(value: bool) -> str:
    """How Prima writes a boolean."""
    return "Yes" if value else "No"


def _mark(word: str) -> tuple[str, str]:
    name = word.rstrip("!+")
    return name, word[len(name) :]


def _name(element: Element) -> str:
    return "SKU" if element.tag == "sku" else element.tag
