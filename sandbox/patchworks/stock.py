"""Stock: get_items, get_stock, transfer_stock, adjust_stock."""

from collections import Counter
from collections.abc import Sequence

from sandbox.patchworks.envelope import Envelope, Fields
from sandbox.patchworks.model import Item, Move
from sandbox.patchworks.refusal import Refused
from sandbox.patchworks.state import Desk, PatchworksWorld
from sandbox.patchworks.wire import Json


def get_items(desk: Desk, asked: Envelope, lag: float) -> Json:
    """By `skus`; a SKU that the ERP does not know has no row."""
    rows = (desk.world.items.get(sku, lag) for sku in asked.texts("skus"))
    return {"items": [_item(row) for row in rows if row]}


def get_stock(desk: Desk, asked: Envelope, lag: float) -> Json:
    """By `skus`, and by `locationId` when it is given. Every location has a row, also an empty one."""
    world, wanted = desk.world, asked.text("locationId", needed=False)
    if wanted:
        world.refuse_unknown_location(wanted)
    return {
        "stock": [
            {
                "sku": sku,
                "locationId": location,
                "onHand": world.on_hand(sku, location, lag),
                "available": world.available(sku, location, lag),
            }
            for sku in asked.texts("skus")
            if sku in world.items
            for location in world.locations
            if wanted in ("", location)
        ]
    }


def transfer_stock(desk: Desk, asked: Envelope) -> str:
    """Move units from one location to another, but none that an order was promised. One document, all or nothing."""
    world = desk.world
    world.refuse_closed_period(desk.today)
    lines = [_transfer_line(world, row) for row in asked.child("transfer").rows("lines")]
    _refuse_below_zero(world, [Move(sku, source, -quantity) for sku, quantity, source, _ in lines])
    number = world.next_number("IT")
    for sku, quantity, source, target in lines:
        world.move(Move(sku, source, -quantity))
        world.move(Move(sku, target, quantity))
    desk.journal.append(
        "inventory_transfer",
        number=number,
        key=asked.key,
        **{"from": lines[0][2], "to": lines[0][3]},
        lines=[{"sku": sku, "quantity": quantity, "from": old, "to": new} for sku, quantity, old, new in lines],
    )
    return number


def adjust_stock(desk: Desk, asked: Envelope) -> str:
    """Write signed units of some locations up or off, with a reason each. One document, all or nothing."""
    world, block = desk.world, asked.child("adjustment")
    world.refuse_closed_period(block.day("date") if block.has("date") else desk.today)
    moves = [_adjustment_line(world, row) for row in block.rows("lines")]
    _refuse_below_zero(world, moves)
    number = world.next_number("IA")
    for change in moves:
        world.move(change)
    desk.journal.append(
        "inventory_adjustment",
        number=number,
        key=asked.key,
        location=moves[0].location,
        sign=_sign(moves[0]),
        lines=[
            {"sku": row.sku, "quantity": abs(row.quantity), "location": row.location, "sign": _sign(row)}
            for row in moves
        ],
        reason=moves[0].reason,
    )
    return number


def _sign(change: Move) -> int:
    return 1 if change.quantity > 0 else -1


def _transfer_line(world: PatchworksWorld, row: Fields) -> tuple[str, int, str, str]:
    sku, quantity = world.item(row.text("sku")).sku, row.whole("quantity", least=1)
    source, target = row.text("fromLocationId"), row.text("toLocationId")
    for code in (source, target):
        world.refuse_unknown_location(code)
    if source == target:
        raise row.wrong("toLocationId", "is where the units are")
    return sku, quantity, source, target


def _adjustment_line(world: PatchworksWorld, row: Fields) -> Move:
    change = Move(
        world.item(row.text("sku")).sku, row.text("locationId"), row.whole("quantity"), row.text("reason", needed=False)
    )
    world.refuse_unknown_location(change.location)
    if not change.quantity:
        raise row.wrong("quantity", "must not be zero")
    if world.item(change.sku).parts:
        raise Refused("VALIDATION", f"item {change.sku} is a kit and has no stock of its own", sku=change.sku)
    return change


def _refuse_below_zero(world: PatchworksWorld, moves: Sequence[Move]) -> None:
    totals = Counter[tuple[str, str]]()
    for change in moves:
        totals[change.sku, change.location] += change.quantity
    for (sku, location), change_by in totals.items():
        free = world.free(sku, location)
        if change_by < 0 and free + change_by < 0:
            text = f"location {location} has {free} free of {sku}, {-change_by} wanted"
            raise Refused("OUT_OF_STOCK", text, sku=sku, locationId=location)


def _item(item: Item) -> Json:
    return {
        "sku": item.sku,
        "active": item.active,
        "barcode": item.barcode,
        "components": [{"sku": sku, "quantity": per_kit, "weight": 0} for sku, per_kit in item.parts],
    }
