"""Stock by warehouse and grade: ADJ, and units set aside for orders."""

from collections import Counter

from sandbox.bluecherry.keys import named
from sandbox.bluecherry.layout import Document
from sandbox.bluecherry.model import Claim, Order, Sku
from sandbox.bluecherry.refusal import Refused
from sandbox.bluecherry.state import GRADES, SELLABLE, WAREHOUSES, Desk, World


def adjust(desk: Desk, document: Document) -> Claim:
    """Write units up in the warehouse's own grade, or down in whatever grade is there, its own first."""
    world, head = desk.world, document.head
    warehouse, quantity = head["WHSE"], head.whole("SIGNEDQTY")
    world.refuse_unknown_warehouse(warehouse)
    sku = world.item(head.sku).sku
    for grade, units in _by_grade(world, warehouse, sku, quantity):
        world.move(warehouse, sku, grade, units)
    number = world.next_number("AJ")
    desk.note(
        "ADJ",
        number=number,
        **named(document.ext_ref),
        warehouse=warehouse,
        lines=[{"sku": str(sku), "quantity": quantity}],
        reason=head["ADJREASON"],
        doc_ref=head["DOCREF"],
    )
    return Claim(number)


def allocate(world: World, warehouse: str, wanted: list[tuple[Sku, int]]) -> tuple[tuple[Sku, int], ...]:
    """Set sellable units aside, all or nothing. Refused with E207."""
    totals = Counter[Sku]()
    for sku, quantity in wanted:
        totals[sku] += quantity
    for sku, quantity in totals.items():
        if quantity > world.available(warehouse, sku):
            raise Refused("E207", f"INSUFFICIENT STOCK {sku.path}")
    for sku, quantity in totals.items():
        world.promise(warehouse, sku, quantity)
    return tuple(totals.items())


def free(world: World, order: Order) -> None:
    """Its units can be sold again."""
    for sku, quantity in order.allocated:
        world.promise(order.warehouse, sku, -quantity)


def ship(world: World, order: Order) -> None:
    """Its units have left the warehouse."""
    free(world, order)
    for sku, quantity in order.allocated:
        world.move(order.warehouse, sku, SELLABLE, -quantity)


def _by_grade(world: World, warehouse: str, sku: Sku, quantity: int) -> list[tuple[str, int]]:
    """Grade and signed units. Refused with E207 when more is taken than is there and not promised."""
    own = WAREHOUSES[warehouse]
    if quantity > 0:
        return [(own, quantity)]
    moves, missing = [], -quantity
    for grade in sorted(GRADES, key=lambda grade: grade != own):
        there = world.stock.get((warehouse, sku, grade)) or 0
        there -= world.promised(warehouse, sku) if grade == SELLABLE else 0
        taken = min(missing, max(there, 0))
        moves.append((grade, -taken))
        missing -= taken
    if missing:
        raise Refused("E207", f"INSUFFICIENT STOCK {sku.path}")
    return [(grade, units) for grade, units in moves if units]
