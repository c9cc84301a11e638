"""Return authorizations: create_return, get_return, cancel_return."""

from collections import Counter
from dataclasses import replace

from sandbox.patchworks.envelope import Envelope, Fields
from sandbox.patchworks.model import RETURNABLE, Order, RaLine, ReturnAuthorization
from sandbox.patchworks.orders import returnable
from sandbox.patchworks.refusal import Refused
from sandbox.patchworks.state import Desk, PatchworksWorld
from sandbox.patchworks.wire import Json


def create_return(desk: Desk, asked: Envelope) -> str:
    """From the order, or standalone: then it only refers to the order, and nothing is checked against its lines."""
    world, goods = desk.world, asked.goods()
    order = world.order(goods.text("orderId"))
    standalone = _custom(goods, "standalone") == "true"
    _check_header(world, asked, goods, order)
    if not standalone:
        _refuse_unlinkable(order)
    rows = goods.rows("returnLineItems")
    lines = tuple(_line(row, number, order, standalone) for number, row in enumerate(rows, 1))
    if len({line.id for line in lines}) < len(lines):
        raise goods.wrong("returnLineItems", "has an id twice")
    lines = tuple(line for line in lines if line.sku not in world.dropped)
    if not lines:
        raise goods.wrong("returnLineItems", "has no line that can be returned")
    for line in lines:
        (_check_standalone if standalone else _check_linked)(world, order, line)
    if not standalone:
        _refuse_too_many(world, order, lines)
    return _post(desk, asked, goods, order, lines, standalone)


def show_return(world: PatchworksWorld, number: str) -> Json:
    """`erp` of an authorization as it is now."""
    found = world.returns[number]
    return {
        "documentType": "return_authorization",
        "documentStatus": found.status,
        "cancelled": found.cancelled,
        "lines": [
            {"id": line.id, "erpLineId": str(line.line * 10_000), "quantity": line.quantity} for line in found.lines
        ],
    }


def get_return(desk: Desk, asked: Envelope, lag: float) -> Json:
    """By `documentNumber`."""
    found = desk.world.ra(asked.text("documentNumber"), lag)
    lines = [
        {"id": line.id, "sku": line.sku, "quantity": line.quantity, "quantityReceived": line.received}
        for line in found.lines
    ]
    return {
        "returnOrder": {
            "number": found.number,
            "externalId": found.key,
            "orderId": found.order,
            "status": found.status,
            "open": not found.cancelled and any(line.received < line.quantity for line in found.lines),
            "cancelled": found.cancelled,
            "lines": lines,
        }
    }


def cancel_return(desk: Desk, number: str, *, by_hand: bool = False) -> bool:
    """Close all its lines. Whether anything was left to do; CONFLICT once anything was received or credited."""
    found = desk.world.ra(number)
    if found.cancelled:
        return False
    if not found.untouched:
        raise Refused("CONFLICT", f"return authorization {number} is {found.status} or credited")
    desk.world.returns.put(number, replace(found, cancelled=True))
    desk.journal.append("return_authorization_cancelled", number=number, by_hand=by_hand)
    return True


def line_by_id(found: ReturnAuthorization, row: Fields) -> RaLine:
    """The authorised line that a row names by the id that it was created with, and by its SKU."""
    wanted, sku = row.text("id"), row.text("sku")
    line = next((line for line in found.lines if line.id == wanted), None)
    if line is None:
        raise row.wrong("id", f"names no line of {found.number}")
    if line.sku != sku:
        raise row.wrong("sku", f"is not that of line {wanted} of {found.number}")
    return line


def _check_header(world: PatchworksWorld, asked: Envelope, goods: Fields, order: Order) -> None:
    goods.text("externalId")
    if asked.has("currency") and asked.currency() != order.currency:
        raise asked.wrong("currency", f"is not that of order {order.number}")
    if (customer := _custom(goods, "customerId")) and customer != order.customer:
        raise Refused("VALIDATION", f"the customer is not that of order {order.number}", field="customerId")
    if goods.has("returnTotal"):
        goods.amount("returnTotal", order.currency)
    if location := goods.text("locationId", needed=False):
        world.refuse_unknown_location(location)


def _refuse_unlinkable(order: Order) -> None:
    """Nothing is transformed from a closed or archived order, nor from one of which nothing has left."""
    if order.locked or order.status not in RETURNABLE:
        state = "archived" if order.archived else order.status
        raise Refused("CONFLICT", f"order {order.number} is {state}: no return authorization can be made from it")


def _custom(goods: Fields, name: str) -> str:
    for field in goods.rows("customFields", needed=False):
        if field.text("name") == name:
            return field.text("value", needed=False)
    return ""


def _line(row: Fields, number: int, order: Order, standalone: bool) -> RaLine:
    if row.has("unitPrice"):
        row.amount("unitPrice", order.currency)
    given, sold = row.text("id"), row.text("orderLineItemId", needed=not standalone)
    if not standalone and not sold.isdecimal():
        raise row.wrong("orderLineItemId", f"names no line of order {order.number}")
    return RaLine(
        line=int(given) if given.isdecimal() else number,
        id=given,
        order_line=0 if standalone else int(sold),
        sku=row.text("sku"),
        quantity=row.whole("quantityReturned", least=1),
        reason=row.text("returnReason", needed=False),
    )


def _check_linked(world: PatchworksWorld, order: Order, line: RaLine) -> None:
    sold = order.line(line.order_line)
    if sold is None:
        raise Refused("VALIDATION", f"order {order.number} has no line {line.order_line}", field="orderLineItemId")
    world.active_item(line.sku)
    if not sold.units(line.sku):
        what = f"the kit {sold.sku}, return its components" if sold.parts else sold.sku
        raise Refused("VALIDATION", f"order line {line.order_line} is {what}, not {line.sku}", field="sku")


def _check_standalone(world: PatchworksWorld, order: Order, line: RaLine) -> None:
    if world.active_item(line.sku).parts:
        raise Refused("VALIDATION", f"item {line.sku} is a kit, return its components", field="sku")


def _refuse_too_many(world: PatchworksWorld, order: Order, lines: tuple[RaLine, ...]) -> None:
    asked = Counter[tuple[int, str]]()
    for line in lines:
        asked[line.order_line, line.sku] += line.quantity
    for (number, sku), quantity in asked.items():
        sold = order.line(number)
        assert sold is not None
        if quantity > (left := returnable(world, order, sold, sku)):
            text = f"order line {number}: {quantity} of {sku} to return, {left} left"
            raise Refused("QUANTITY_EXCEEDED", text, orderLineItemId=str(number), sku=sku)


def _post(desk: Desk, asked: Envelope, goods: Fields, order: Order, lines: tuple[RaLine, ...], standalone: bool) -> str:
    number = desk.world.next_number("RA")
    new = ReturnAuthorization(
        number=number,
        key=asked.key,
        external_id=goods.text("externalId"),
        order=order.number,
        standalone=standalone,
        customer=order.customer,
        currency=order.currency,
        location=goods.text("locationId", needed=False),
        lines=lines,
    )
    desk.world.add_return(new)
    desk.journal.append(
        "return_authorization",
        number=number,
        key=new.key,
        external_id=new.external_id,
        order=new.order,
        standalone=standalone,
        lines=[
            {"line": row.line, "order_line": row.order_line, "sku": row.sku, "quantity": row.quantity} for row in lines
        ],
    )
    return number
