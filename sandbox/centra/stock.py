"""Stock: changeStock, and units set aside for orders."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from sandbox.centra.model import WAREHOUSES, Allocation, Item, StockChange
from sandbox.centra.refusal import NotFound, Refused, only
from sandbox.centra.state import CentraWorld, Desk

ARE_BUNDLES = "errors.productsAreBundles"


class OutOfStock(Refused):
    """Fewer units to sell than wanted."""


def change_stock(desk: Desk, given: dict[str, Any]) -> StockChange:
    """Units into a warehouse, out of one, or from one to another. There is no guard against doing it twice."""
    world = desk.world
    ends = [given.get(name) for name in ("intoWarehouse", "outFromWarehouse")]
    into, out_from = (find_warehouse(end, "input") if end else 0 for end in ends)
    if into == out_from:
        raise Refused("Provide intoWarehouse, outFromWarehouse, or both with different warehouses", "input")
    if not given["description"].strip():
        raise Refused("Description must not be empty", "input", "description")
    units = _units(world, given)
    if out_from:
        _refuse_below_zero(world, units, out_from)
    for sku, quantity in units.items():
        if out_from:
            world.move(sku, out_from, -quantity)
        if into:
            world.move(sku, into, quantity)
    new = StockChange(world.next_id("change"), given["description"], desk.clock(), into, out_from, tuple(units.items()))
    world.changes.put(new.id, new)
    desk.journal.append(
        "changeStock",
        id=new.id,
        key=new.description.split()[0],
        into=str(into) if into else "",
        out_from=str(out_from) if out_from else "",
        lines=[{"sku": sku, "quantity": quantity} for sku, quantity in new.lines],
    )
    return new


def find_warehouse(given: dict[str, Any], *path: str) -> int:
    """Raises NotFound, also for an external id: none is set up here."""
    name, value = only(given, *path)
    if name != "id" or value not in WAREHOUSES:
        raise NotFound(f"Could not find warehouse with {'ID' if name == 'id' else 'external ID'} {value}", *path)
    return int(value)


def set_aside(world: CentraWorld, lines: Iterable[tuple[str, int]], *, short: bool = False) -> tuple[Allocation, ...]:
    """Promise units of the selling warehouses, lowest id first. Raises OutOfStock unless `short` is allowed."""
    wanted = Counter[str]()
    for sku, quantity in lines:
        wanted[sku] += quantity
    for sku, quantity in wanted.items():
        if quantity > (left := world.sellable(sku)) and not short:
            raise OutOfStock(f"Product {sku}: {quantity} wanted, {max(left, 0)} in stock")
    return tuple(part for sku, quantity in wanted.items() for part in _promise(world, sku, quantity))


def give_back(world: CentraWorld, allocated: Iterable[Allocation], *, gone: bool) -> None:
    """End a promise; `gone` units leave the warehouse too."""
    for part in allocated:
        world.promise(part.sku, part.warehouse, -part.quantity)
        if gone:
            world.move(part.sku, part.warehouse, -part.quantity)


def _promise(world: CentraWorld, sku: str, missing: int) -> list[Allocation]:
    parts = []
    for number, (_, sells) in WAREHOUSES.items():
        taken = min(missing, world.available(sku, number)) if sells else 0
        if taken > 0:
            world.promise(sku, number, taken)
            parts.append(Allocation(sku, number, taken))
            missing -= taken
    return parts


def _units(world: CentraWorld, given: dict[str, Any]) -> dict[str, int]:
    """SKU → units of both ways to name sizes."""
    units = Counter[str]()
    for row in given.get("productSizes") or ():
        units[_by_size(world, row["productSize"]).sku] += _positive(row["deliveredQuantity"])
    for row in given.get("productVariants") or ():
        for change in row["sizeChanges"]:
            item = _by_variant(world, row["productVariant"], change["size"])
            units[item.sku] += _positive(change["deliveredQuantity"])
    if not units:
        raise Refused("No products to change", "input")
    if any(world.items[sku].parts for sku in units):
        raise Refused(ARE_BUNDLES, "input")
    return dict(units)


def _positive(quantity: int) -> int:
    if quantity < 1:
        raise Refused("Quantity must be greater than 0", "input")
    return quantity


def _by_size(world: CentraWorld, given: dict[str, Any]) -> Item:
    name, value = only(given, "input", "productSizes")
    field = {"id": "id", "SKU": "sku", "EAN": "ean"}[name]
    for item in world.items.values():
        if getattr(item, field) == value:
            return item
    raise NotFound(
        f"Could not find product size with {name if name != 'id' else 'ID'} {value}", "input", "productSizes"
    )


def _by_variant(world: CentraWorld, variant: dict[str, Any], size: dict[str, Any]) -> Item:
    _, number = only(variant, "input", "productVariants")
    name, value = only(size, "input", "productVariants")
    for item in world.items.values():
        if item.variant_id == number and value == (item.id if name == "id" else item.size):
            return item
    raise NotFound(f"Could not find size {value} of product variant with ID {number}", "input", "productVariants")


def _refuse_below_zero(world: CentraWorld, units: dict[str, int], warehouse: int) -> None:
    for sku, quantity in units.items():
        if quantity > (free := world.available(sku, warehouse)):
            raise Refused(
                f"Warehouse {warehouse} has {free} free of {sku}, {quantity} wanted", "input", "outFromWarehouse"
            )
