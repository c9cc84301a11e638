"""RMAs: NewReturn, ReturnDetail, CancelReturn."""

from dataclasses import replace
from xml.etree.ElementTree import Element, SubElement

from sandbox.prima.fields import (
    SKU_SHAPE,
    Row,
    flag,
    only_children,
    read_row,
    read_rows,
    sku_of,
    units,
    whole,
    yes_no,
)
from sandbox.prima.model import Order, Return, ReturnLine
from sandbox.prima.money import parse_amount
from sandbox.prima.refusal import Refused
from sandbox.prima.state import Desk, PrimaWorld

HEADER = "UniqueId TPGUID! OrderNumber+ Customer! Currency! VatInclusive! ReturnDepot! ReturnNarrative"
LINE = f"ReturnLine! OrderLine! {SKU_SHAPE} Quantity! Price ReasonCode LineReference"
RETURNABLE = ("Part Despatched", "Despatched", "Invoiced")


def new_return(desk: Desk, data: Element, lag: float) -> Element:
    """Open an RMA, linked to an order or, with an empty OrderNumber, standalone."""
    head = read_row(data, HEADER)
    only_children(data, ["ReturnLineData"])
    rows = read_rows(data, "ReturnLineData", LINE)
    world = desk.world
    world.refuse_known_key("NewReturn", head["TPGUID"])
    world.refuse_unknown_depot(head["ReturnDepot"])
    lines = tuple(_line(row, head["Currency"]) for row in rows)
    lines = tuple(line for line in lines if line.sku not in world.dropped)
    if not lines or len({line.line for line in lines}) < len(lines):
        raise Refused("ReturnLine numbers are missing or repeated")
    (_check_linked if head["OrderNumber"] else _check_standalone)(world, head, lines)
    return _post(desk, head, lines)


def return_detail(desk: Desk, data: Element, lag: float) -> Element:
    """One RMA with what came back and was credited per line."""
    found = find_return(desk.world, data, lag)
    header = {
        **_summary(found),
        "OrderNumber": found.order,
        "Customer": found.customer,
        "Currency": found.currency,
        "VatInclusive": yes_no(found.vat_inclusive),
        "ReturnDepot": found.depot,
        "ReturnNarrative": found.narrative,
    }
    answer = Element("Data", header)
    for line in found.lines:
        SubElement(answer, "ReturnLineData", _detail_line(line))
    return answer


def cancel_return(desk: Desk, data: Element, lag: float) -> Element:
    """Cancel an RMA on which nothing has happened yet."""
    only_children(data)
    number = read_row(data, "ReturnNumber! Narrative")["ReturnNumber"]
    return Element("Data", _summary(cancel(desk, number, by_hand=False)))


def cancel(desk: Desk, number: str, *, by_hand: bool) -> Return:
    """The cancelled return. Refused with NOTFOUND, or STATUS once anything happened on it."""
    found = return_by_number(desk.world, number)
    if found.status != "Open" or any(line.credited for line in found.lines):
        raise Refused(f"Return {number} is {found.status} or credited and cannot be cancelled", "STATUS")
    cancelled = replace(found, cancelled=True)
    desk.world.returns.put(number, cancelled)
    desk.journal.append("CancelReturn", return_number=number, by_hand=by_hand)
    return cancelled


def return_by_number(world: PrimaWorld, number: str, lag: float = 0.0) -> Return:
    """Refused with NOTFOUND."""
    if (found := world.returns.get(number, lag)) is None:
        raise Refused(f"Return {number} not found", "NOTFOUND")
    return found


def find_return(world: PrimaWorld, data: Element, lag: float) -> Return:
    """By `TPGUID` or by `ReturnNumber`."""
    only_children(data)
    asked = read_row(data, "TPGUID ReturnNumber")
    number = asked["ReturnNumber"] or world.number_by_key("NewReturn", asked["TPGUID"])
    if not number:
        raise Refused(f"Return with TPGUID {asked['TPGUID']} not found", "NOTFOUND")
    return return_by_number(world, number, lag)


def _line(row: Row, currency: str) -> ReturnLine:
    if row["Price"]:
        parse_amount(row["Price"], currency, "Price")
    return ReturnLine(
        line=_positive(row, "ReturnLine"),
        order_line=whole(row, "OrderLine"),
        sku=sku_of(row),
        quantity=units(row),
        price=row["Price"],
        reason=row["ReasonCode"],
        reference=row["LineReference"],
    )


def _positive(row: Row, name: str) -> int:
    if (number := whole(row, name)) < 1:
        raise Refused(f"{name} must be at least 1")
    return number


def _check_linked(world: PrimaWorld, head: Row, lines: tuple[ReturnLine, ...]) -> None:
    order = world.order(head["OrderNumber"])
    if order.archived or order.status not in RETURNABLE:
        state = "archived" if order.archived else order.status
        raise Refused(f"Order {order.number} is {state}, no return can be linked to it", "STATUS")
    if (order.customer, order.currency) != (head["Customer"], head["Currency"]):
        raise Refused(f"Customer or currency is not that of order {order.number}")
    if order.vat_inclusive != flag(head, "VatInclusive"):
        raise Refused(f"VatInclusive is not that of order {order.number}")
    for line in lines:
        _check_on_order(world, order, line)
    _check_not_too_many(world, order, lines)


def _check_on_order(world: PrimaWorld, order: Order, line: ReturnLine) -> None:
    sold = order.line(line.order_line)
    if sold is None:
        raise Refused(f"Order line {line.order_line} not found on order {order.number}", "ORDLINE")
    if sold.sku != line.sku:
        raise Refused(f"Order line {line.order_line} is {sold.sku}, not {line.sku}", "SKU")
    _check_item(world, line)


def _check_item(world: PrimaWorld, line: ReturnLine) -> None:
    item = world.item(line.sku)
    if not item.active:
        raise Refused(f"Product {line.sku} is not active", "SKU")
    if item.parts:
        raise Refused(f"Product {line.sku} is a kit, return its parts", "SKU")


def _check_not_too_many(world: PrimaWorld, order: Order, lines: tuple[ReturnLine, ...]) -> None:
    """Units asked for, on live returns and already back must not exceed the despatched ones."""
    for number in sorted({line.order_line for line in lines}):
        sold = order.line(number)
        assert sold is not None
        asked = sum(line.quantity for line in lines if line.order_line == number)
        free = sold.despatched - sold.returned - _authorised_not_back(world, order.number, number)
        if asked > free:
            raise Refused(f"Order line {number}: {asked} to return but only {free} left", "QTY")


def _authorised_not_back(world: PrimaWorld, order: str, order_line: int) -> int:
    live = (row for row in world.returns_of(order) if not row.cancelled)
    lines = (line for row in live for line in row.lines if line.order_line == order_line)
    return sum(line.quantity - line.received for line in lines)


def _check_standalone(world: PrimaWorld, head: Row, lines: tuple[ReturnLine, ...]) -> None:
    flag(head, "VatInclusive")
    if head["Customer"] not in world.customers:
        raise Refused(f"Customer {head['Customer']} not found", "NOTFOUND")
    for line in lines:
        if line.order_line:
            raise Refused(f"Order line {line.order_line} given without an order", "ORDLINE")
        if not line.price:
            raise Refused("Price is needed on a return without an order")
        _check_item(world, line)


def _post(desk: Desk, head: Row, lines: tuple[ReturnLine, ...]) -> Element:
    number = desk.world.next_number("R")
    new = Return(
        number=number,
        tpguid=head["TPGUID"],
        order=head["OrderNumber"],
        customer=head["Customer"],
        currency=head["Currency"],
        vat_inclusive=flag(head, "VatInclusive"),
        depot=head["ReturnDepot"],
        narrative=head["ReturnNarrative"],
        lines=lines,
    )
    desk.world.add_return(new)
    journal_lines = [
        {"return_line": row.line, "order_line": row.order_line, "sku": str(row.sku), "quantity": row.quantity}
        for row in lines
    ]
    desk.journal.append(
        "NewReturn",
        return_number=number,
        tpguid=new.tpguid,
        order=new.order,
        standalone=not new.order,
        lines=journal_lines,
    )
    return Element("Data", _summary(new))


def _summary(row: Return) -> dict[str, str]:
    return {"ReturnNumber": row.number, "ReturnStatus": row.status, "TPGUID": row.tpguid}


def _detail_line(line: ReturnLine) -> dict[str, str]:
    return {
        "ReturnLine": str(line.line),
        "OrderLine": str(line.order_line),
        **line.sku.attributes,
        "Quantity": str(line.quantity),
        "ReceiptedQuantity": str(line.received),
        "CreditedQuantity": str(line.credited),
        "Price": line.price,
        "ReasonCode": line.reason,
        "LineReference": line.reference,
    }
