"""What happens to an order later: confirmOrder, cancelDirectToConsumerOrder, and what people do by hand."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from pydantic import Field

from sandbox.centra.model import Order, OrderLine
from sandbox.centra.refusal import NotFound, Refused, only
from sandbox.centra.seed import STATUS, add_missing_item, build_line, new_parcel
from sandbox.centra.state import CentraWorld, Desk
from sandbox.centra.stock import give_back, set_aside
from sandbox.kit.money import vat_of
from sandbox.kit.sold import ItemSeed, LineSeed, Seed

STILL_HERE = ("PENDING", "CONFIRMED", "PROCESSING")


class LineEdit(Seed):
    """New values of an order line; what is not given stays. `discount` is of the whole line."""

    line: int
    quantity: int | None = Field(default=None, ge=1)
    price: Decimal | None = None
    discount: Decimal | None = None


class OrderEdit(Seed):
    """New values of an order. `delivery` sets fields of the address by their names in GraphQL."""

    lines: tuple[LineEdit, ...] = ()
    add: tuple[LineSeed, ...] = ()
    delivery: dict[str, str] = Field(default_factory=dict)
    customer: str | None = None
    email: str | None = None
    status: str | None = None
    archived: bool | None = None


def confirm_order(desk: Desk, given: dict[str, Any]) -> Order:
    """PENDING → CONFIRMED."""
    name, value = only(given["order"], "input", "order")
    order = desk.world.order_by_id(value) if name == "id" else desk.world.orders.get(value)
    if order is None or order.status == "INCOMPLETE":
        raise NotFound(f"Could not find order with {'ID' if name == 'id' else 'number'} {value}", "input", "order")
    if order.status != "PENDING":
        raise Refused(f"Order {order.number} is {order.status} and cannot be confirmed", "input", "order")
    confirmed = replace(order, status="CONFIRMED")
    desk.world.orders.put(order.number, confirmed)
    desk.journal.append("confirmOrder", order=str(order.number))
    return confirmed


def cancel_order(desk: Desk, order_id: str, given: dict[str, Any]) -> Order:
    """Not once it was shipped. Its stock can be sold again, or leaves, as `stockAction` says."""
    world = desk.world
    order = world.order_by_id(order_id)
    if order is None or order.status == "INCOMPLETE":
        raise NotFound(f"Could not find order with ID {order_id}", "id")
    action, _ = only(given["stockAction"], "input", "stockAction")
    if order.status == "CANCELLED":
        raise Refused(f"Order {order.number} is already cancelled", "id")
    if order.status not in STILL_HERE or order.shipments:
        raise Refused(f"Order {order.number} is {order.status} and cannot be cancelled", "id")
    give_back(world, order.allocated, gone=action == "removeItemsFromStock")
    cancelled = replace(order, status="CANCELLED", allocated=())
    world.orders.put(order.number, cancelled)
    desk.journal.append("cancelOrder", order=str(order.number))
    return cancelled


def despatch(desk: Desk, number: int) -> Order:
    """The goods leave in one parcel."""
    world, order = desk.world, by_number(desk.world, number)
    if order.status not in STILL_HERE or order.on_hold:
        raise Refused(f"Order {number} is {'on hold' if order.on_hold else order.status} and cannot be shipped")
    goods = [line for line in order.lines if not line.is_bundle]
    allocated = order.allocated or set_aside(world, [(line.sku, line.quantity) for line in goods])
    give_back(world, allocated, gone=True)
    parcel = new_parcel(world, order, _not_shipped(order, goods))
    sent = replace(order, status="SHIPPED", allocated=(), shipments=(*order.shipments, parcel))
    world.orders.put(number, sent)
    gone = [{"sku": part.sku, "quantity": part.quantity, "depot": str(part.warehouse)} for part in allocated]
    desk.journal.append("orderDespatched", order=str(number), order_type=order.order_type, lines=gone)
    return sent


def edit_order(desk: Desk, number: int, edit: OrderEdit) -> Order:
    """Somebody changes an order by hand."""
    world, order = desk.world, by_number(desk.world, number)
    edits = {change.line: change for change in edit.lines}
    if unknown := edits.keys() - {line.id for line in order.lines}:
        raise Refused(f"Order line {min(unknown)} not found on order {number}")
    lines = [_edited(order, line, edits.get(line.id)) for line in order.lines]
    lines += [_added(world, seed, line, order) for line, seed in enumerate(edit.add, len(lines) + 1)]
    changed = replace(
        order,
        lines=tuple(lines),
        address=order.address | edit.delivery,
        customer=world.customer_id(edit.customer) if edit.customer else order.customer,
        email=order.email if edit.email is None else edit.email,
        status=_status(order, edit),
        on_hold=order.on_hold if edit.status is None else edit.status == "Held",
    )
    world.orders.put(number, changed)
    desk.journal.append("orderEdited", order=str(number), changed=sorted(edit.model_fields_set))
    return changed


def by_number(world: CentraWorld, number: int) -> Order:
    """Raises NotFound."""
    order = world.orders.get(number)
    if order is None or order.status == "INCOMPLETE":
        raise NotFound(f"Could not find order with number {number}")
    return order


def _not_shipped(order: Order, goods: Sequence[OrderLine]) -> dict[int, int]:
    left = {line.id: line.quantity for line in goods}
    for parcel in order.shipments:
        for row in parcel.lines:
            left[row.order_line] -= row.quantity
    return {line: quantity for line, quantity in left.items() if quantity > 0}


def _status(order: Order, edit: OrderEdit) -> str:
    """`archived` False brings an archived order back as what it was: shipped."""
    if edit.archived is not None:
        return "ARCHIVED" if edit.archived else "SHIPPED"
    return order.status if edit.status is None else STATUS.get(edit.status, edit.status)


def _edited(order: Order, line: OrderLine, edit: LineEdit | None) -> OrderLine:
    """Its tax is that of its new value."""
    if edit is None:
        return line
    quantity = line.quantity if edit.quantity is None else edit.quantity
    price = line.price if edit.price is None else edit.price
    discount = line.price * line.quantity - line.value if edit.discount is None else edit.discount
    value = quantity * price - discount
    tax = vat_of(value, line.tax_rate, order.vat_inclusive, order.currency)
    return replace(line, quantity=quantity, price=price, value=value, tax=tax)


def _added(world: CentraWorld, seed: LineSeed, number: int, order: Order) -> OrderLine:
    add_missing_item(world, ItemSeed(sku=seed.sku, description=seed.sku))
    return build_line(seed, number, inclusive=order.vat_inclusive, currency=order.currency)
