"""POST /order and POST /order/{id} of the Order API: an order from outside, its payment none of Centra's business."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sandbox.centra.model import ZERO, Allocation, Item, Order, OrderLine
from sandbox.centra.seed import MOST, order_id
from sandbox.centra.state import CentraWorld, Desk
from sandbox.centra.stock import OutOfStock, set_aside
from sandbox.centra.values import written
from sandbox.kit.money import payable, vat_of

NOT_ADDABLE, NO_STOCK, EMPTY, MISSING, EXISTS, GENERAL = -1, -2, -3, -4, -5, -7

ADDRESS = {
    "firstName": "firstName",
    "lastName": "lastName",
    "address": "address1",
    "coaddress": "address2",
    "city": "city",
    "zipcode": "zipCode",
    "state": "stateOrProvince",
    "country": "country",
}
"""Name in the Order API → name in GraphQL."""

ORIGINS = ("return", "order", "plugin")
USUAL_RATE = Decimal(20)

Body = dict[str, Any]


class NotOk(Exception):
    """`{"status": "no"}` with a code and a message."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True)
class Origin:
    """What an order was created from: the return, where it is one, and the order behind it."""

    type: str = ""
    id: int = 0
    order: Order | None = None


def create_order(desk: Desk, body: Body) -> Body:
    """Take an order, or with `createOnly` prepare it. Its stock is set aside at once. Raises NotOk."""
    world = desk.world
    number = _number(world, body)
    origin = _origin(world, body.get("createdFromOrigin"))
    address, email = _address(body)
    lines = _lines(world, body, origin)
    currency = origin.order.currency if origin.order else "GBP"
    order = Order(
        number=number,
        id=order_id(number),
        status="INCOMPLETE" if body.get("createOnly") else "PENDING",
        currency=currency,
        vat_inclusive=origin.order.vat_inclusive if origin.order else True,
        created=desk.clock(),
        customer=_customer(world, body, email),
        email=email,
        address=address,
        lines=lines,
        discounts=tuple(filter(None, [_amount(body.get("voucherValue"), currency, "voucherValue")])),
        shipping=_amount(body.get("shippingValue"), currency, "shippingValue"),
        allocated=_stock(world, body, lines),
        internal=bool(body.get("internalOrder")),
        internal_comment=str(body.get("internalComment") or ""),
        origin_type=origin.type,
        origin_id=origin.id,
    )
    paid = _paid(body, currency)
    order = replace(order, paid=order.total if paid is None else paid)
    world.orders.put(number, order)
    if order.status == "INCOMPLETE":
        return {"status": "ok", "order": number}
    _journal(desk, order, origin)
    return {"status": "ok", "orders": [number]}


def complete_order(desk: Desk, number: int, body: Body) -> Body:
    """Place a prepared order. One that is placed already stays as it is."""
    world = desk.world
    order = world.orders.get(number)
    if order is None:
        raise NotOk(GENERAL, f"Order {number} does not exist")
    if order.status == "INCOMPLETE":
        comment = str(body.get("internalComment") or order.internal_comment)
        paid = _paid(body, order.currency)
        placed = replace(order, status="PENDING", internal_comment=comment, paid=order.paid if paid is None else paid)
        world.orders.put(number, placed)
        given = {"type": order.origin_type, "id": order.origin_id} if order.origin_type else None
        _journal(desk, placed, _origin(world, given))
    return {"status": "ok", "orders": [str(number)]}


def _number(world: CentraWorld, body: Body) -> int:
    given = body.get("orderNumber")
    if given is None:
        return world.next_id("order")
    if isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= MOST:
        raise NotOk(GENERAL, "orderNumber is not a valid order number")
    if given in world.orders:
        raise NotOk(EXISTS, f"Order number {given} already exists")
    return given


def _origin(world: CentraWorld, given: Body | None) -> Origin:
    """It must refer to something that Centra has."""
    if not given:
        return Origin()
    kind, number = given.get("type"), given.get("id")
    if kind not in ORIGINS or isinstance(number, bool) or not isinstance(number, int):
        raise NotOk(MISSING, "createdFromOrigin needs a type (return, order, plugin) and an id")
    if kind == "plugin":
        return Origin(kind, number)
    row = world.find_return(number) if kind == "return" else None
    order = world.orders.get(row.order if row else number) if row or kind == "order" else None
    if order is None:
        raise NotOk(GENERAL, f"Could not find {kind} with ID {number}")
    return Origin(str(kind), number, order)


def _address(body: Body) -> tuple[dict[str, str], str]:
    """Where it goes, by the names of GraphQL, and the mail address of its customer."""
    delivery = body.get("deliveryAddress") or body.get("address") or body.get("invoiceAddress") or {}
    invoice = body.get("invoiceAddress") or body.get("address") or delivery
    email = delivery.get("email") or invoice.get("email") or ""
    missing = [name for name, text in (("email", email), ("country", delivery.get("country"))) if not text]
    if missing:
        raise NotOk(MISSING, f"Required field missing: {', '.join(missing)}")
    return {ours: str(delivery[name]) for name, ours in ADDRESS.items() if delivery.get(name)}, email


def _customer(world: CentraWorld, body: Body, email: str) -> int:
    """By id; else the customer who ordered with this mail address before, else a new one."""
    if isinstance(given := body.get("customerId"), int):
        if given not in {order.customer for order in world.orders.values()}:
            raise NotOk(-6, f"Could not find customer with ID {given}")
        return given
    known = [order.customer for order in world.orders.values() if order.email == email]
    return known[0] if known else world.customer_id(email)


def _lines(world: CentraWorld, body: Body, origin: Origin) -> tuple[OrderLine, ...]:
    products = body.get("products") or []
    if not products:
        raise NotOk(EMPTY, "No products in the order")
    return tuple(_line(world, row, number, origin) for number, row in enumerate(products, 1))


def _line(world: CentraWorld, row: Body, number: int, origin: Origin) -> OrderLine:
    item, quantity = _item(world, row), row.get("qty")
    if isinstance(quantity, bool) or not isinstance(quantity, int) or quantity < 1:
        raise NotOk(MISSING, "Required field missing: qty")
    currency, inclusive = (origin.order.currency, origin.order.vat_inclusive) if origin.order else ("GBP", True)
    sold = {line.sku: line for line in origin.order.lines} if origin.order else {}
    like = sold.get(item.sku) or next(iter(sold.values()), None)
    listed = _amount(row.get("originalPrice"), currency, "originalPrice")
    price = _amount(row.get("unitPrice"), currency, "unitPrice") if row.get("unitPrice") is not None else listed
    rate = like.tax_rate if like else USUAL_RATE
    value = quantity * price
    return OrderLine(
        id=number,
        sku=item.sku,
        quantity=quantity,
        price=max(listed, price),
        value=value,
        tax=vat_of(value, rate, inclusive, currency),
        tax_rate=rate,
        warehouse=1,
        comment=str(row.get("comment") or ""),
    )


def _item(world: CentraWorld, row: Body) -> Item:
    for field, own in (("sku", "sku"), ("ean", "ean"), ("id", "id")):
        if row.get(field):
            found = [item for item in world.items.values() if getattr(item, own) == row[field]]
            if not found or not found[0].active or found[0].parts:
                raise NotOk(NOT_ADDABLE, f"Product {row[field]} could not be added")
            return found[0]
    raise NotOk(MISSING, "Required field missing: sku, ean or id")


def _stock(world: CentraWorld, body: Body, lines: tuple[OrderLine, ...]) -> tuple[Allocation, ...]:
    if body.get("adjustStock") is False:
        return ()
    try:
        wanted = [(line.sku, line.quantity) for line in lines]
        return set_aside(world, wanted, short=bool(body.get("forceCreate")))
    except OutOfStock as short:
        raise NotOk(NO_STOCK, short.message) from short


def _amount(given: Any, currency: str, name: str) -> Decimal:
    """A number or decimal text; left out is 0."""
    if given is None:
        return ZERO
    try:
        value = Decimal(given)
    except (ArithmeticError, TypeError, ValueError):
        raise NotOk(GENERAL, f"{name} is not an amount") from None
    if not value.is_finite() or value < 0 or payable(value, currency) != value:
        raise NotOk(GENERAL, f"{name} is not an amount of {currency}")
    return value


def _paid(body: Body, currency: str) -> Decimal | None:
    """What `payment` says was captured, or at least authorised; None: it says nothing, payment is handled elsewhere."""
    payment = body.get("payment")
    if not payment:
        return None
    steps = [payment.get("capture") or {}, payment.get("auth") or {}]
    amounts = [_amount(step.get("amount"), currency, "amount") for step in steps if step.get("status") == 1]
    return amounts[0] if amounts else ZERO


def _journal(desk: Desk, order: Order, origin: Origin) -> None:
    amounts = {"total": order.total, "payment": order.paid, "shipping": order.shipping}
    desk.journal.append(
        "newOrder",
        order=str(order.number),
        key=order.internal_comment.partition(" ")[0],
        original_order=str(origin.order.number) if origin.order else "",
        created_from={"type": origin.type, "id": origin.id},
        order_type=order.order_type,
        currency=order.currency,
        **{name: written(amount, order.currency) for name, amount in amounts.items()},
        lines=[
            {"sku": line.sku, "quantity": line.quantity, "price": written(line.value / line.quantity, order.currency)}
            for line in order.lines
        ],
        delivery_matches=_same_delivery(origin.order, order),
    )


def _same_delivery(original: Order | None, order: Order) -> bool:
    """Whether it goes to the same customer at the same place. The journal holds no names and addresses."""
    if original is None:
        return False
    filled = [{name: text for name, text in row.address.items() if text} for row in (original, order)]
    return filled[0] == filled[1] and (original.customer, original.email) == (order.customer, order.email)
