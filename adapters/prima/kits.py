"""Kits: which lines of an order are parts of which, and what a kit consists of (R33, money.md 6.6).

| the kit line has a value | its part lines have | the snapshot holds                           |
| ------------------------ | ------------------- | -------------------------------------------- |
| yes                      | none                | the kit line with its parts as components    |
| no                       | none                | the same; a free kit                         |
| no                       | values              | the parts as ordinary lines, no kit          |
| yes                      | values              | Rejected(SNAPSHOT_NOT_FOOTING): paid twice   |
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.prima.codec import Record
from adapters.prima.values import join_sku, whole
from domain.exceptions import ExceptionCode
from domain.order import Component
from domain.outcomes import Rejected


@dataclass(frozen=True)
class Split:
    """Lines that stand for themselves, and kit lines with their parts."""

    plain: list[Record]
    kits: list[tuple[Record, list[Record]]]


def read(rows: Sequence[Record]) -> Split:
    """Sort order lines into plain lines and kits by the table above."""
    by_number = {row.need("OrderLine"): row for row in rows}
    parts: dict[str, list[Record]] = {}
    for row in rows:
        parent = row.get("KitLine")
        if parent in by_number and parent != row.need("OrderLine"):
            parts.setdefault(parent, []).append(row)
    nested = {row.need("OrderLine") for group in parts.values() for row in group}
    if inside := nested & parts.keys():
        raise Rejected(ExceptionCode.BUNDLE_RECIPE_MISSING, f"Prima order line {min(inside)}: a kit in a kit")
    plain = [row for row in rows if row.need("OrderLine") not in nested | parts.keys()]
    kits = []
    for number, group in parts.items():
        if not any(_has_value(part) for part in group):
            kits.append((by_number[number], group))
        elif _has_value(by_number[number]):
            problem = f"Prima order line {number}: the kit and its parts are both priced"
            raise Rejected(ExceptionCode.SNAPSHOT_NOT_FOOTING, problem)
        else:
            plain += group
    return Split(plain, kits)


def components(kit: Record, parts: Sequence[Record], separator: str) -> list[Component]:
    """The parts of a kit line; without prices every unit weighs the same."""
    sold = whole(kit, "Quantity")
    found = []
    for part in parts:
        per_kit, rest = divmod(whole(part, "Quantity"), sold)
        if rest or not per_kit:
            problem = f"Prima order line {part.need('OrderLine')}: no whole units in each of {sold} kits"
            raise Rejected(ExceptionCode.BUNDLE_RECIPE_MISSING, problem)
        found.append(_component(part, per_kit, separator, part.need("OrderLine")))
    return found


def recipe(item: Record, separator: str) -> list[Component]:
    """The recipe of a ProductDetail row; empty when it is no kit.

    Rejected(BUNDLE_RECIPE_MISSING) when the item master says kit and has no parts.
    """
    if item.get("Kit") != "Yes":
        return []
    rows = item.rows("KitData")
    if not rows:
        sku = join_sku(item, separator)
        problem = f"{sku} is a kit without parts in Prima's item master"
        raise Rejected(ExceptionCode.BUNDLE_RECIPE_MISSING, problem, figures={"sku": sku})
    return [_component(row, whole(row, "Quantity"), separator, "") for row in rows]


def _component(row: Record, per_kit: int, separator: str, line: str) -> Component:
    sku = join_sku(row, separator)
    if per_kit < 1:
        raise Rejected(ExceptionCode.BUNDLE_RECIPE_MISSING, f"{sku} has no quantity in its kit", figures={"sku": sku})
    return Component(sku=sku, quantity_per_bundle=per_kit, weight=per_kit, order_line_id=line)


def _has_value(row: Record) -> bool:
    """Whether any amount of the line is not zero; an amount that cannot be read counts as a value."""
    return any(row.get(name).strip("-+0.") for name in ("Price", "DiscountValue", "VatValue"))
