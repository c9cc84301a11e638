"""Stock set aside for orders: promised once, given back when an order is cancelled, gone when it is despatched."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sandbox.prima.model import Allocation, Order, OrderLine, Sku
from sandbox.prima.refusal import Refused
from sandbox.prima.state import PrimaWorld


def allocate(world: PrimaWorld, order: Order) -> Order:
    """The order with stock of sellable depots set aside for all its units. Refused with QTY, all or nothing."""
    _refuse_too_many(world, order.lines)
    parts = tuple(part for line in order.lines for part in _set_aside(world, line))
    return replace(order, allocated=parts)


def free(world: PrimaWorld, order: Order) -> Order:
    """The order without its stock, which can be sold again."""
    for part in order.allocated:
        _change(world, part.sku, part.depot, -part.quantity)
    return replace(order, allocated=())


def ship(world: PrimaWorld, order: Order) -> Order:
    """The order without its stock, which has left the depots."""
    for part in order.allocated:
        world.move(part.sku, part.depot, -part.quantity)
    return free(world, order)


def _refuse_too_many(world: PrimaWorld, lines: Sequence[OrderLine]) -> None:
    wanted = Counter[Sku]()
    for line in lines:
        wanted[line.sku] += line.quantity
    for sku, quantity in wanted.items():
        if quantity > (left := world.sellable(sku)):
            raise Refused(f"Product {sku}: {quantity} ordered but only {left} available", "QTY")


def _set_aside(world: PrimaWorld, line: OrderLine) -> list[Allocation]:
    """From one depot after the other, in their order."""
    parts, missing = [], line.quantity
    for depot, sells in world.depots.items():
        taken = min(missing, world.available(line.sku, depot)) if sells else 0
        if taken > 0:
            _change(world, line.sku, depot, taken)
            parts.append(Allocation(line.line, line.sku, depot, taken))
            missing -= taken
    return parts


def _change(world: PrimaWorld, sku: Sku, depot: str, quantity: int) -> None:
    world.allocated.put((sku, depot), (world.allocated.get((sku, depot)) or 0) + quantity)
