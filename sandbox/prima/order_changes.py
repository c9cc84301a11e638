"""What happens to an order after it was taken: CancelOrder, and what people at the ERP do by hand."""

from dataclasses import replace
from decimal import Decimal
from xml.etree.ElementTree import Element

from pydantic import Field

from sandbox.kit.money import vat_of
from sandbox.kit.sold import ItemSeed, LineSeed, Seed
from sandbox.prima.allocation import allocate, free, ship
from sandbox.prima.fields import only_children, read_row
from sandbox.prima.model import Order, OrderLine
from sandbox.prima.refusal import Refused
from sandbox.prima.seed import add_missing_item, build_line
from sandbox.prima.state import Desk

STILL_HERE = ("Entered", "Held")


class LineEdit(Seed):
    """New values of an order line; what is not given stays."""

    line: int
    quantity: int | None = Field(default=None, ge=0)
    price: Decimal | None = None
    discount: Decimal | None = None


class OrderEdit(Seed):
    """New values of an order. `delivery` sets fields by their names on the wire; an empty text clears one."""

    lines: tuple[LineEdit, ...] = ()
    add: tuple[LineSeed, ...] = ()
    delivery: dict[str, str] = Field(default_factory=dict)
    customer: str | None = None
    email: str | None = None
    status: str | None = None
    archived: bool | None = None


def cancel_order(desk: Desk, data: Element, lag: float) -> Element:
    """Cancel an order that is still here; its stock can be sold again. Cancelled already: nothing happens."""
    only_children(data)
    number = read_row(data, "OrderNumber! Narrative")["OrderNumber"]
    order = desk.world.order(number)
    if order.status not in (*STILL_HERE, "Cancelled"):
        raise Refused(f"Order {number} is {order.status} and cannot be cancelled", "STATUS")
    if order.status != "Cancelled":
        desk.world.orders.put(number, replace(free(desk.world, order), status="Cancelled"))
        desk.journal.append("CancelOrder", order=number)
    return Element("Data", {"OrderNumber": number, "OrderStatus": "Cancelled"})


def despatch(desk: Desk, number: str) -> Order:
    """The goods leave: stock goes out, the order is Despatched and invoiced. Refused with STATUS or QTY."""
    world, order = desk.world, desk.world.order(number)
    if order.status != "Entered":
        raise Refused(f"Order {number} is {order.status} and cannot be despatched", "STATUS")
    order = order if order.allocated else allocate(world, order)
    gone = [{"sku": str(part.sku), "quantity": part.quantity, "depot": part.depot} for part in order.allocated]
    lines = tuple(replace(line, despatched=line.quantity) for line in order.lines)
    sent = replace(ship(world, order), status="Despatched", lines=lines, invoice=order.invoice or f"INV{number}")
    world.orders.put(number, sent)
    desk.journal.append("OrderDespatched", order=number, order_type=order.order_type, lines=gone)
    return sent


def edit_order(desk: Desk, number: str, edit: OrderEdit) -> Order:
    """Somebody changes an order by hand. Refused with ORDLINE for a line that it has not."""
    order = desk.world.order(number)
    edits = {change.line: change for change in edit.lines}
    if unknown := edits.keys() - {line.line for line in order.lines}:
        raise Refused(f"Order line {min(unknown)} not found on order {number}", "ORDLINE")
    lines = [_edited(line, edits.get(line.line), order) for line in order.lines]
    lines += [_added(desk, seed, line, order) for line, seed in enumerate(edit.add, len(lines) + 1)]
    header = edit.model_dump(include={"customer", "email", "status", "archived"}, exclude_none=True)
    changed = replace(order, lines=tuple(lines), delivery=order.delivery | edit.delivery, **header)
    desk.world.orders.put(number, changed)
    desk.journal.append("OrderEdited", order=number, changed=sorted(edit.model_fields_set))
    return changed


def _edited(line: OrderLine, edit: LineEdit | None, order: Order) -> OrderLine:
    """Its VAT is that of its new value."""
    if edit is None:
        return line
    new = replace(line, **edit.model_dump(include={"quantity", "price", "discount"}, exclude_none=True))
    value = new.quantity * new.price - new.discount
    return replace(new, vat_value=vat_of(value, new.vat_rate, order.vat_inclusive, order.currency))


def _added(desk: Desk, seed: LineSeed, number: int, order: Order) -> OrderLine:
    add_missing_item(desk.world, ItemSeed(sku=seed.sku, description=seed.sku))
    return build_line(seed, number, inclusive=order.vat_inclusive, currency=order.currency, shipped=bool(order.invoice))
