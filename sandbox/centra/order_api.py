"""The Order API v1: what the contract uses of it. Answers are HTTP 200 with `status` ok or no; a wrong key is a 401.

Times are UTC here. Cancelled and archived orders are left out of `GET /orders`, as most plugins are set up.
"""

from collections.abc import Callable, Mapping

from sandbox.centra.exact import loads
from sandbox.centra.goods_views import Node
from sandbox.centra.model import WAREHOUSES, Item, Order, OrderLine, Return
from sandbox.centra.new_order import GENERAL, NotOk, complete_order, create_order
from sandbox.centra.state import CentraWorld, Desk

LISTED = ("PENDING", "CONFIRMED", "PROCESSING", "SHIPPED")
NUMBERS = {"PENDING": 1, "CONFIRMED": 2, "PROCESSING": 3, "SHIPPED": 4}

Query = Mapping[str, str]


def in_words(work: Callable[[], Node]) -> Node:
    """Run it; a refusal is an answer."""
    try:
        return work()
    except NotOk as refused:
        return {"status": "no", "code": refused.code, "msg": refused.text}


def post_order(desk: Desk, number: str, body: bytes) -> Node:
    """Create, or with a number complete, an order. Raises NotOk."""
    try:
        given = loads(body or b"{}")
    except ValueError:
        raise NotOk(GENERAL, "The body is not JSON") from None
    if not isinstance(given, dict):
        raise NotOk(GENERAL, "The body is not an object")
    with desk.world.lock:
        return complete_order(desk, _whole(number, "order"), given) if number else create_order(desk, given)


def get_orders(world: CentraWorld, query: Query, lag: float) -> Node:
    """By `order` or `customer_id`; `limit` and `offset`."""
    rows = [row for row in world.orders.values(lag) if row.status in LISTED]
    if "order" in query:
        rows = [row for row in rows if str(row.number) == query["order"]]
    if "customer_id" in query:
        rows = [row for row in rows if str(row.customer) == query["customer_id"]]
    start = _whole(query.get("offset", "0"), "offset")
    found = rows[start : start + _whole(query.get("limit", "20"), "limit")]
    return {"status": "ok", "orders": [_order(world, row, lag) for row in found]}


def get_returns(world: CentraWorld, query: Query, lag: float) -> Node:
    """Newest first, by `return`, `order` or `shipment`; `limit` and `page`."""
    rows = world.live_returns(lag)[::-1]
    for name, value in (("return", "id"), ("order", "order"), ("shipment", "shipment")):
        if name in query:
            rows = [row for row in rows if str(getattr(row, value)) == query[name]]
    limit, page = _whole(query.get("limit", "20"), "limit"), _whole(query.get("page", "1"), "page")
    return {"status": "ok", "returns": [_return(world, row) for row in rows[(page - 1) * limit : page * limit]]}


def get_stock(world: CentraWorld, query: Query, lag: float) -> Node:
    """Over the warehouses that sell, by `sku` or `ean`."""
    rows = [row for row in world.items.values(lag) if not row.parts]
    for name in ("sku", "ean"):
        if name in query:
            rows = [row for row in rows if getattr(row, name) == query[name]]
    limit = _whole(query.get("limit", "20"), "limit")
    return {"status": "ok", "stock": [_stock(world, row, lag) for row in rows[:limit]], "next": None, "previous": None}


def _whole(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal()):
        raise NotOk(GENERAL, f"{name} is not a number")
    return int(text)


def _order(world: CentraWorld, row: Order, lag: float) -> Node:
    return {
        "orderId": str(row.number),
        "orderStatus": str(NUMBERS[row.status]),
        "selectionId": row.id,
        "orderDate": f"{row.created:%Y-%m-%d %H:%M:%S}",
        "orderCurrency": row.currency,
        "customerId": str(row.customer),
        "internalOrder": int(row.internal),
        "hold": int(row.on_hold),
        "shippingValue": row.shipping,
        "voucherValue": row.discount,
        "grandTotalValue": row.total,
        "grandTotalTaxValue": row.tax,
        "internalComment": row.internal_comment,
        "createdFromOrigin": {"type": row.origin_type, "id": row.origin_id} if row.origin_type else None,
        "shipments": [{"shipmentId": parcel.number} for parcel in row.shipments],
        "products": [_product(world, row, line) for line in row.lines if not line.bundle],
    }


def _product(world: CentraWorld, order: Order, line: OrderLine) -> Node:
    parts = [part for part in order.lines if part.bundle == line.id]
    product: Node = {
        "lineId": str(line.id),
        "sku": line.sku,
        "ean": world.items[line.sku].ean,
        "qty": line.quantity,
        "originalPrice": line.price,
        "price": line.value / line.quantity if line.quantity else line.value,
        "taxPercent": line.tax_rate,
        "totalPrice": line.value,
        "isBundle": line.is_bundle,
    }
    if line.bundle:
        product["isPartOfBundle"] = str(line.bundle)
    return product | ({"bundle": [_product(world, order, part) for part in parts]} if line.is_bundle else {})


def _return(world: CentraWorld, row: Return) -> Node:
    order = world.orders[row.order]
    parcel = next(parcel for parcel in order.shipments if parcel.id == row.shipment)
    return {
        "returnId": str(row.id),
        "completed": row.completed,
        "shipment": parcel.number,
        "shipmentId": str(parcel.id),
        "orderId": str(row.order),
        "returnCost": row.cost,
        "shippingCost": row.shipping,
        "handlingCost": row.handling,
        "voucherValue": row.voucher,
        "taxValue": row.tax,
        "currency": row.currency,
        "returnToStock": row.policy != "remove",
        "comment": row.comment,
        "products": [
            {
                "returnLineId": str(line.id),
                "shipmentLineId": str(line.shipment_line),
                "orderLineId": str(line.order_line),
                "sku": line.sku,
                "quantity": len(line.units),
                "price": line.value,
            }
            for line in row.lines
        ],
    }


def _stock(world: CentraWorld, row: Item, lag: float) -> Node:
    selling = [number for number, (_, sells) in WAREHOUSES.items() if sells]
    physical = sum(world.physical(row.sku, number, lag) for number in selling)
    free = sum(world.available(row.sku, number, lag) for number in selling)
    counts = {"physicalStock": physical, "allocatedStock": physical - free, "availableStock": free}
    return {"sku": row.sku, "ean": row.ean, **counts}
