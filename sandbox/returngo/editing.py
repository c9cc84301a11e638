"""What the merchant may change on an RMA that is not final. An item is a unit here; a quantity is its line's."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sandbox.kit.wanted import ItemEdit, ItemSpec
from sandbox.returngo.errors import bad
from sandbox.returngo.model import Item, Rma
from sandbox.returngo.opening import open_units, wish
from sandbox.returngo.transitions import FINAL


def edit(
    rma: Rma, change: Sequence[ItemEdit], remove: Sequence[str], add: Sequence[ItemSpec], new_id: Callable[[], str]
) -> list[Item]:
    """Change, remove and add items, whole or not at all; the items that the customer may keep from now on.

    400 for a final RMA, a validated or an unknown item; ValueError for an impossible quantity and when none is left.
    """
    if rma.status in FINAL:
        raise bad(f"An RMA in status {rma.status} cannot be edited")
    items = [replace(item) for item in rma.items]
    before = {item.id for item in rma.items if item.kept}
    for item_id in remove:
        items.remove(_undecided(items, item_id))
    for wanted in change:
        _change(items, _undecided(items, wanted.item_id), wanted, new_id)
    for spec in add:
        items.extend(open_units(spec, rma.currency, new_id))
    if not items:
        raise ValueError("a return needs at least one item; cancel it instead")
    rma.items = items
    return [item for item in items if item.kept and item.id not in before]


def _undecided(items: list[Item], item_id: str) -> Item:
    item = next((item for item in items if item.id == item_id), None)
    if item is None:
        raise bad(f"Unknown returnedItemId {item_id}")
    if item.decided:
        raise bad(f"Item {item_id} is decided already")
    return item


def _change(items: list[Item], item: Item, wanted: ItemEdit, new_id: Callable[[], str]) -> None:
    if wanted.exchange and wanted.refund:
        raise ValueError(f"{item.sku}: either an exchange or a refund")
    if wanted.refund:
        item.wish = None
    if wanted.exchange:
        if wanted.exchange.quantity < 1:
            raise ValueError(f"{item.sku}: quantities are at least 1")
        item.wish = wish(wanted.exchange, wanted.exchange.quantity)
    if wanted.keep_item:
        item.kept = True
    if wanted.quantity is not None:
        _resize(items, item, wanted.quantity, new_id)


def _resize(items: list[Item], item: Item, quantity: int, new_id: Callable[[], str]) -> None:
    """Another number of units on the item's line: more like this one, or fewer of the undecided others."""
    line = [other for other in items if (other.line_id, other.sku) == (item.line_id, item.sku)]
    spare = [other for other in line if other is not item and not other.decided]
    fewer = len(line) - quantity
    if quantity < 1 or fewer > len(spare):
        raise ValueError(f"{item.sku}: {quantity} units are too few")
    for other in spare[len(spare) - max(fewer, 0) :]:
        items.remove(other)
    at = items.index(item) + 1
    items[at:at] = [replace(item, id=new_id()) for _ in range(-fewer)]
