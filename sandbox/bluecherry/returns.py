"""Return authorizations: RAH, RAX and their receipts, RCV."""

from collections import Counter
from dataclasses import replace

from sandbox.bluecherry.keys import named
from sandbox.bluecherry.layout import Document, Record
from sandbox.bluecherry.model import Claim, Order, Ra, RaLine
from sandbox.bluecherry.refusal import Refused
from sandbox.bluecherry.state import Desk, World

DESTROYED = "D"


def open_ra(desk: Desk, document: Document) -> Claim:
    """Authorize a return of an order or, with an empty ORDERNO, a standalone one. Its TOTAL is only information."""
    world, head = desk.world, document.head
    world.refuse_unknown_warehouse(head["RETWHSE"])
    lines = tuple(_line(record) for record in document.details)
    if head["ORDERNO"]:
        _check_linked(world, head, lines)
    else:
        _check_standalone(world, head, lines)
    for record in document.details:
        world.live_item(record.sku, record["UPC"])
    ra = Ra(
        number=world.next_number("RA"),
        ext_ref=document.ext_ref,
        order=head["ORDERNO"],
        customer=head["CUSTNO"],
        currency=head["CURR"],
        warehouse=head["RETWHSE"],
        lines=lines,
    )
    world.returns.put(ra.number, ra)
    desk.note(
        "RAH",
        ra=ra.number,
        **named(ra.ext_ref),
        order=ra.order,
        standalone=not ra.order,
        lines=[
            {"line": row.line, "order_line": row.order_line, "sku": str(row.sku), "quantity": row.quantity}
            for row in lines
        ],
    )
    return Claim(ra.number, ra.number)


def cancel_by_file(desk: Desk, document: Document) -> Claim:
    """RAX: only while nothing came back."""
    ra = cancel(desk, document.head["RANO"], document.ext_ref)
    return Claim(ra.number, ra.number)


def cancel(desk: Desk, number: str, ext_ref: str = "") -> Ra:
    """The cancelled RA. Refused with E208 unless it is OPEN."""
    ra = desk.world.ra(number)
    if ra.status != "OPEN":
        raise Refused("E208", f"RA {number} IS {ra.status}")
    cancelled = replace(ra, cancelled=True)
    desk.world.returns.put(number, cancelled)
    desk.note("RAX", ra=number, **named(ext_ref))
    return cancelled


def receive(desk: Desk, document: Document) -> Claim:
    """Goods in: one line of an RA into one warehouse, in one grade. What was destroyed goes into none."""
    world, head = desk.world, document.head
    ra = world.ra(head["RANO"])
    if ra.cancelled:
        raise Refused("E208", f"RA {ra.number} IS {ra.status}")
    line, quantity = _open_line(ra, head), head.whole("QTY")
    _check_warehouse(world, head)
    world.refuse_closed_period(head.day("RCVDATE"))
    rows = (replace(row, received=row.received + quantity * (row.line == line.line)) for row in ra.lines)
    world.returns.put(ra.number, replace(ra, lines=tuple(rows)))
    if head["GRADE"] != DESTROYED:
        world.move(head["WHSE"], line.sku, head["GRADE"], quantity)
    if ra.order:
        world.count_returned(ra.order, line.order_line, quantity)
    number = world.next_number("RC")
    desk.note(
        "RCV",
        number=number,
        **named(document.ext_ref),
        ra=ra.number,
        warehouse=head["WHSE"],
        lines=[{"line": line.line, "sku": str(line.sku), "quantity": quantity, "grade": head["GRADE"]}],
    )
    return Claim(number, ra.number)


def _line(record: Record) -> RaLine:
    return RaLine(record.whole("LINENO"), record.whole("ORDLINE"), record.sku, record.whole("QTY"))


def _check_linked(world: World, head: Record, lines: tuple[RaLine, ...]) -> None:
    order = world.order(head["ORDERNO"])
    if order.archived:
        raise Refused("E203", f"ORDER ARCHIVED {order.number}")
    if (order.customer, order.currency) != (head["CUSTNO"], head["CURR"]):
        raise Refused("E201", f"ORDER {order.number} HAS ANOTHER CUSTOMER OR CURRENCY")
    wanted = Counter[int]()
    for line in lines:
        sold = order.line(line.order_line)
        if sold is None:
            raise Refused("E202", f"ORDER LINE NOT FOUND {order.number}/{line.order_line}")
        if sold.sku != line.sku:
            raise Refused("E205", f"ORDER LINE {line.order_line} IS {sold.sku.path}")
        wanted[line.order_line] += line.quantity
    _refuse_too_many(world, order, wanted)


def _refuse_too_many(world: World, order: Order, wanted: Counter[int]) -> None:
    """Units asked for, on live RAs and already back must not exceed the shipped ones."""
    live = [ra for ra in world.returns.values() if ra.order == order.number and not ra.cancelled]
    for number, quantity in wanted.items():
        sold = order.line(number)
        assert sold is not None
        waiting = sum(row.quantity - row.received for ra in live for row in ra.lines if row.order_line == number)
        if quantity > sold.shipped - sold.returned - waiting:
            raise Refused("E204", f"QUANTITY EXCEEDS RETURNABLE {order.number}/{number}")


def _check_standalone(world: World, head: Record, lines: tuple[RaLine, ...]) -> None:
    world.refuse_unknown_customer(head["CUSTNO"])
    if any(line.order_line for line in lines):
        raise Refused("E202", "ORDER LINE WITHOUT AN ORDER")


def _open_line(ra: Ra, head: Record) -> RaLine:
    line = ra.line(head.whole("LINENO"))
    if line is None:
        raise Refused("E202", f"RA LINE NOT FOUND {ra.number}/{head['LINENO']}")
    if head.whole("QTY") > line.quantity - line.received:
        raise Refused("E204", f"QUANTITY EXCEEDS OPEN {ra.number}/{line.line}")
    return line


def _check_warehouse(world: World, head: Record) -> None:
    if head["GRADE"] != DESTROYED:
        world.refuse_unknown_warehouse(head["WHSE"])
    elif head["WHSE"]:
        raise Refused("E206", "DESTROYED GOODS GO INTO NO WAREHOUSE")
