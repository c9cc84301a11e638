"""Goods in: receive_return makes an item receipt from a return authorization, at exactly the location that is named."""

from collections import Counter
from dataclasses import replace

from sandbox.patchworks.envelope import Envelope, Fields
from sandbox.patchworks.model import Move, RaLine, ReturnAuthorization
from sandbox.patchworks.refusal import Refused
from sandbox.patchworks.returns import line_by_id
from sandbox.patchworks.state import Desk, PatchworksWorld


def receive_return(desk: Desk, asked: Envelope) -> str:
    """Receive units of a live authorization; may be called several times, each time for the units of that receipt."""
    world, goods = desk.world, asked.goods()
    found = world.ra(goods.text("returnNumber"))
    if found.cancelled:
        raise Refused("CONFLICT", f"return authorization {found.number} is Cancelled")
    if goods.text("orderId", needed=False) not in ("", found.order):
        raise goods.wrong("orderId", f"is not the order of {found.number}")
    world.refuse_closed_period(goods.day("receivedAt"))
    moves = [_move(world, found, row) for row in goods.rows("returnLineItems")]
    received = _count(found, moves)
    return _post(desk, asked, received, moves)


def _move(world: PatchworksWorld, found: ReturnAuthorization, row: Fields) -> tuple[RaLine, Move]:
    line, inspection = line_by_id(found, row), row.child("inspection")
    location = inspection.text("warehouseLocationId", needed=False)
    world.refuse_unknown_location(location)
    return line, Move(line.sku, location, row.whole("quantityReturned", least=1))


def _count(found: ReturnAuthorization, moves: list[tuple[RaLine, Move]]) -> ReturnAuthorization:
    """The authorization with the receipt counted in. QUANTITY_EXCEEDED above what is not yet back."""
    counts = Counter[int]()
    for line, change in moves:
        counts[line.line] += change.quantity
    for row in found.lines:
        if counts[row.line] > (left := row.quantity - row.received):
            text = f"line {row.id} of {found.number}: {counts[row.line]} received, {left} open"
            raise Refused("QUANTITY_EXCEEDED", text, id=row.id, sku=row.sku)
    rows = (replace(row, received=row.received + counts[row.line]) for row in found.lines)
    return replace(found, lines=tuple(rows))


def _post(desk: Desk, asked: Envelope, received: ReturnAuthorization, moves: list[tuple[RaLine, Move]]) -> str:
    number = desk.world.next_number("IR")
    desk.world.returns.put(received.number, received)
    for _, change in moves:
        desk.world.move(change)
    desk.journal.append(
        "item_receipt",
        number=number,
        key=asked.key,
        ra=received.number,
        order=received.order,
        location=moves[0][1].location,
        lines=[
            {"line": line.line, "sku": row.sku, "quantity": row.quantity, "location": row.location}
            for line, row in moves
        ],
    )
    return number
