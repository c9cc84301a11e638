"""Sales orders by file: SOH, SOX. And their despatch, which no file tells."""

from dataclasses import replace

from sandbox.bluecherry.keys import named
from sandbox.bluecherry.layout import Document, Record
from sandbox.bluecherry.model import SHIP_TO, Claim, Order, OrderLine, Ra
from sandbox.bluecherry.money import ZERO, read_amount, write_amount
from sandbox.bluecherry.refusal import Refused
from sandbox.bluecherry.state import Desk, World
from sandbox.bluecherry.stock import allocate, free, ship

EXCHANGE = "EX"
BEFORE_SHIPPING = ("OPEN", "ALLOCATED")
NEEDED = ("NAME", "ADDR1", "ZIP", "CTRY")


def take_order(desk: Desk, document: Document) -> Claim:
    """Take an order and set its stock aside in its warehouse. An exchange names its RA."""
    world, head = desk.world, document.head
    world.refuse_unknown_customer(head["CUSTNO"])
    world.refuse_unknown_warehouse(head["WHSE"])
    if gaps := [name for name in NEEDED if not head[name].strip()]:
        raise Refused("E212", f"MISSING {' '.join(gaps)}")
    original = _original(world, head)
    ra = _linked_ra(world, head)
    draft = _read_order(world, document, ra.number if ra else "")
    allocated = allocate(world, draft.warehouse, [(line.sku, line.ordered) for line in draft.lines])
    order = replace(draft, number=world.next_number("SO"), allocated=allocated)
    world.orders.put(order.number, order)
    _journal(desk, order, original)
    return Claim(order.number, order.number)


def cancel_order(desk: Desk, document: Document) -> Claim:
    """SOX: until it is shipped. Its stock can be sold again."""
    world, number = desk.world, document.head["SONO"]
    order = world.orders.get(number)
    if order is None or order.status not in BEFORE_SHIPPING:
        raise Refused("E208", f"SALES ORDER {number} {'NOT FOUND' if order is None else f'IS {order.status}'}")
    free(world, order)
    world.orders.put(number, replace(order, status="CANCELLED", allocated=()))
    desk.note("SOX", order=number, **named(document.ext_ref))
    return Claim(number, number)


def despatch(desk: Desk, number: str) -> Order:
    """The goods leave: stock goes out, the order is SHIPPED and invoiced. Refused with E208, or E207 without stock."""
    world, order = desk.world, desk.world.order(number)
    if order.status not in BEFORE_SHIPPING:
        raise Refused("E208", f"SALES ORDER {number} IS {order.status}")
    if not order.allocated:
        wanted = [(line.sku, line.ordered) for line in order.lines if not world.item(line.sku).components]
        order = replace(order, allocated=allocate(world, order.warehouse, wanted))
    ship(world, order)
    sent = replace(
        order,
        status="SHIPPED",
        allocated=(),
        lines=tuple(replace(line, shipped=line.ordered) for line in order.lines),
        invoice=order.invoice or f"INV{number}",
        invoiced_on=desk.today(),
    )
    world.orders.put(number, sent)
    desk.note(
        "orderDespatched",
        order=number,
        order_type=order.order_type,
        warehouse=order.warehouse,
        lines=[{"sku": str(sku), "quantity": quantity} for sku, quantity in order.allocated],
    )
    return sent


def _original(world: World, head: Record) -> Order | None:
    """The order it says it replaces."""
    if not head["LINKORDER"]:
        return None
    order = world.order(head["LINKORDER"])
    if (order.customer, order.currency) != (head["CUSTNO"], head["CURR"]):
        raise Refused("E201", f"ORDER {order.number} HAS ANOTHER CUSTOMER OR CURRENCY")
    return order


def _linked_ra(world: World, head: Record) -> Ra | None:
    """The RA by number or by its EXTREF, which may stand earlier in the same file. Refused with E208."""
    number = head["LINKRANO"]
    if head["LINKRAEXT"]:
        claim = world.claims.get(("RAH", head["LINKRAEXT"]))
        if claim is None or number not in ("", claim.number):
            raise Refused("E208", f"RA NOT FOUND {head['LINKRAEXT']}")
        number = claim.number
    if not number:
        if head["ORDTYPE"] == EXCHANGE:
            raise Refused("E208", "EXCHANGE WITHOUT AN RA")
        return None
    ra = world.ra(number)
    elsewhere = ra.order and head["LINKORDER"] not in ("", ra.order)
    if ra.cancelled or ra.customer != head["CUSTNO"] or elsewhere:
        raise Refused("E208", f"RA {number} IS CANCELLED OR OF ANOTHER ORDER")
    return ra


def _read_order(world: World, document: Document, ra: str) -> Order:
    """The order without number and stock. Refused with E212 when its amounts do not foot."""
    head, currency = document.head, document.head["CURR"]
    order = Order(
        number="",
        status="ALLOCATED",
        order_type=head["ORDTYPE"],
        customer=head["CUSTNO"],
        currency=currency,
        ordered_on=head.day("ORDDATE"),
        ship_to={name: head[name.upper()] for name in SHIP_TO},
        lines=tuple(_line(world, record, currency) for record in document.details),
        warehouse=head["WHSE"],
        freight=read_amount(head["FREIGHT"], currency, "FREIGHT"),
        ext_ref=document.ext_ref,
        linked_ra=ra,
        original=head["LINKORDER"],
    )
    if order.total != read_amount(head["TOTAL"], currency, "TOTAL"):
        raise Refused("E212", f"LINES AND FREIGHT COME TO {order.total}, NOT {head['TOTAL']}")
    if min(order.freight, *(line.unit_price for line in order.lines)) < 0:
        raise Refused("E212", "AMOUNTS ARE NOT NEGATIVE")
    return order


def _line(world: World, record: Record, currency: str) -> OrderLine:
    return OrderLine(
        line=record.whole("LINENO"),
        sku=world.live_item(record.sku, record["UPC"]).sku,
        ordered=record.whole("QTY"),
        shipped=0,
        returned=0,
        unit_price=read_amount(record["PRICE"], currency, "PRICE"),
        discount=ZERO,
        tax=ZERO,
    )


def _journal(desk: Desk, order: Order, original: Order | None) -> None:
    money = order.currency
    desk.note(
        "SOH",
        order=order.number,
        **named(order.ext_ref),
        original_order=order.original,
        ra=order.linked_ra,
        order_type=order.order_type,
        status=order.status,
        warehouse=order.warehouse,
        currency=money,
        total=write_amount(order.total, money),
        freight=write_amount(order.freight, money),
        lines=[
            {"sku": str(row.sku), "quantity": row.ordered, "price": write_amount(row.unit_price, money)}
            for row in order.lines
        ],
        delivery_matches=original is not None and _same_place(original, order),
    )


def _same_place(original: Order, order: Order) -> bool:
    """Whether it goes to the same place, as far as a file can say it. The journal holds no names and addresses."""
    return _as_in_file(original.ship_to) == _as_in_file(order.ship_to)


def _as_in_file(ship_to: dict[str, str]) -> dict[str, str]:
    """A file has blanks for `|`, CR and LF."""
    blanks = str.maketrans("|\r\n", "   ")
    return {name: text.translate(blanks).strip() for name, text in ship_to.items()}
