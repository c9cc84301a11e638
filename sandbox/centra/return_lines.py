"""Reads the lines of createReturn, and leaves some out where Centra was told to accept only a part (N17)."""

from collections import Counter
from typing import Any

from sandbox.centra.model import Order, ReturnLine, Shipment, ShipmentLine
from sandbox.centra.refusal import Refused
from sandbox.centra.state import CentraWorld
from sandbox.centra.values import units_worth

Wanted = list[tuple[ShipmentLine, int]]


def read_lines(world: CentraWorld, order: Order, parcel: Shipment, given: list[dict[str, Any]]) -> Wanted:
    """Shipment lines with units. Raises Refused."""
    if not given:
        raise Refused("At least one line is required", "input", "lines")
    wanted: Wanted = []
    seen = Counter[int]()
    for number, row in enumerate(given):
        path = ("input", "lines", str(number))
        line = _line(parcel, row["shipmentLine"].get("id"), path)
        seen[line.id] += row["quantity"]
        left = world.returnable(order, line)
        if row["quantity"] < 1:
            raise Refused("Quantity must be greater than 0", *path, "quantity")
        if seen[line.id] > left:
            raise Refused(f"Quantity {seen[line.id]} exceeds returnable quantity {left}", *path, "quantity")
        wanted.append((line, row["quantity"]))
    return wanted


def leave_out(world: CentraWorld, order: Order, wanted: Wanted) -> Wanted:
    """What is accepted of it: no SKU that is dropped, and one unit less when the order was told so."""
    kept = [(line, units) for line, units in wanted if _sku(order, line) not in world.dropped]
    if not world.partly.get(order.number):
        return kept
    world.partly[order.number] -= 1
    return [*kept[:-1], *((line, units - 1) for line, units in kept[-1:] if units > 1)]


def hold(world: CentraWorld, order: Order, wanted: Wanted) -> tuple[ReturnLine, ...]:
    """The lines of the new return, each with the lowest units that are free, and what they are worth."""
    taken: dict[int, set[int]] = {}
    lines = []
    for shipped, count in wanted:
        sold = order.line(shipped.order_line)
        assert sold is not None, "lines are never taken off an order"
        used = taken.setdefault(sold.id, set())
        units = tuple(unit for unit in world.free_units(order, sold) if unit not in used)[:count]
        used.update(units)
        value, tax = units_worth(order, sold, units)
        lines.append(ReturnLine(world.next_id("return line"), shipped.id, sold.id, sold.sku, units, value, tax))
    return tuple(lines)


def _line(parcel: Shipment, number: int | None, path: tuple[str, ...]) -> ShipmentLine:
    for line in parcel.lines:
        if line.id == number:
            return line
    raise Refused(f"Could not find shipment line with ID {number}", *path, "shipmentLine")


def _sku(order: Order, line: ShipmentLine) -> str:
    sold = order.line(line.order_line)
    return sold.sku if sold else ""
