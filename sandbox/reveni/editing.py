"""What the merchant may change on a return that is not final (in the dashboard, as far as its items go)."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from sandbox.kit.wanted import ItemEdit, ItemSpec
from sandbox.reveni.errors import conflict, invalid
from sandbox.reveni.inspection import new_units
from sandbox.reveni.model import Item, Return
from sandbox.reveni.money import share
from sandbox.reveni.opening import kind_of, open_item
from sandbox.reveni.transitions import FINAL


def edit(
    ret: Return, change: Sequence[ItemEdit], remove: Sequence[str], add: Sequence[ItemSpec], new_id: Callable[[], str]
) -> list[Item]:
    """Change, remove and add items, whole or not at all; the items that the customer may keep from now on.

    The return's type follows. 409 for a final return or a decided item, 400 for an unknown one, ValueError for an
    impossible quantity and when no item would be left.
    """
    if ret.status in FINAL:
        raise conflict(f"A return in status {ret.status} cannot be edited.")
    items = {item.id: replace(item) for item in ret.items}
    before = {item.id for item in ret.items if item.keep_item}
    for item_id in remove:
        del items[_undecided(items, item_id).id]
    for wanted in change:
        _change(_undecided(items, wanted.item_id), wanted)
    added = [open_item(spec, new_id()) for spec in add]
    if not items and not added:
        raise ValueError("a return needs at least one item; cancel it instead")
    ret.items = [*items.values(), *added]
    ret.type = kind_of(ret.items)
    return [item for item in ret.items if item.keep_item and item.id not in before]


def _undecided(items: dict[str, Item], item_id: str) -> Item:
    if item_id not in items:
        raise invalid("items", f'Invalid pk "{item_id}" - object does not exist.')
    if items[item_id].final:
        raise conflict("Item already validated.")
    return items[item_id]


def _change(item: Item, wanted: ItemEdit) -> None:
    if wanted.exchange and wanted.refund:
        raise ValueError(f"{item.sku}: either an exchange or a refund")
    if wanted.quantity is not None:
        _resize(item, wanted.quantity)
    if wanted.refund:
        item.exchange = None
    if wanted.exchange:
        if wanted.exchange.quantity < 1:
            raise ValueError(f"{item.sku}: quantities are at least 1")
        item.exchange = wanted.exchange
    if wanted.keep_item:
        item.keep_item, item.status = True, "accepted"


def _resize(item: Item, quantity: int) -> None:
    """Another quantity at the same price per unit."""
    if quantity < 1:
        raise ValueError(f"{item.sku}: quantities are at least 1")
    item.discount = share(item.discount, quantity, item.quantity)
    item.tax = share(item.tax, quantity, item.quantity)
    if item.exchange:
        item.exchange = replace(item.exchange, quantity=new_units(item.exchange, quantity, item.quantity))
    item.quantity = quantity
