"""The root fields that read."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from graphql import GraphQLError

from sandbox.centra.goods_views import GoodsViews, Node
from sandbox.centra.model import WAREHOUSES, Item, Order, Return, StockChange
from sandbox.centra.seed import order_id
from sandbox.centra.state import SHOWN
from sandbox.centra.views import Views

T = TypeVar("T")
Where = dict[str, Any]
Test = Callable[[T, Any], bool]

MOST_ROWS = 200


def orders(views: Views, where: Where | None, limit: int, page: int) -> list[Node]:
    """Newest number last."""
    return [views.order(row) for row in paged(find_orders(views, where), limit, page)]


def order_connection(views: Views, where: Where | None, **ends: Any) -> Node:
    """The same, in the shape of Relay."""
    return connection(find_orders(views, where), views.order, **ends)


def order(views: Views, number: str) -> Node | None:
    """By the hash."""
    found = views.world.order_by_id(number, views.lag)
    return views.order(found) if found and found.status != "INCOMPLETE" else None


def returns(views: Views, where: Where | None, limit: int, page: int) -> list[Node]:
    """Oldest first."""
    rows = _matching(views.world.live_returns(views.lag), where, _return_tests(views))
    return [views.returned(row) for row in paged(rows, limit, page)]


def product_sizes(views: Views, where: Where | None, limit: int, page: int) -> list[Node]:
    """Items whether active or not."""
    rows = _matching(views.world.items.values(views.lag), where, SIZE_TESTS)
    return [views.size(row) for row in paged(rows, limit, page)]


def warehouses(views: GoodsViews, limit: int, page: int) -> list[Node]:
    """All of them."""
    return [views.warehouse(number) for number in paged(list(WAREHOUSES), limit, page)]


def stock_changes(views: GoodsViews, where: Where | None, **ends: Any) -> Node:
    """Oldest first; `last` counts from the newest."""
    return connection(_matching(views.world.changes.values(views.lag), where, CHANGE_TESTS), views.change, **ends)


def find_orders(views: Views, where: Where | None) -> list[Order]:
    """Archived ones only when their state is asked for."""
    shown = (where or {}).get("status") or SHOWN
    return _matching([row for row in views.world.orders.values(views.lag) if row.status in shown], where, ORDER_TESTS)


def paged(rows: Sequence[T], limit: int, page: int) -> Sequence[T]:
    """One page. Raises GraphQLError outside 1 to 200 rows."""
    if not 1 <= limit <= MOST_ROWS:
        raise GraphQLError(f"Limit must be in range 1 - {MOST_ROWS}", extensions={"category": "validation"})
    if page < 1:
        raise GraphQLError("Page must be greater than 0", extensions={"category": "validation"})
    return rows[(page - 1) * limit : page * limit]


def connection(
    rows: Sequence[T],
    view: Callable[[T], Node],
    *,
    first: int | None = None,
    last: int | None = None,
    after: str | None = None,
    before: str | None = None,
) -> Node:
    """A slice of rows with cursors. Raises GraphQLError unless exactly one of first and last is given."""
    if (first is None) == (last is None):
        raise GraphQLError("Provide either first or last", extensions={"category": "validation"})
    start = _position(after) + 1 if after else 0
    end = _position(before) if before else len(rows)
    count = len(paged(rows[start:end], first or last or 0, 1))
    start, end = (start, min(end, start + count)) if first else (max(start, end - (last or 0)), end)
    edges = [{"cursor": _cursor(number), "node": view(rows[number])} for number in range(start, end)]
    info = {
        "hasPreviousPage": start > 0,
        "hasNextPage": end < len(rows),
        "startCursor": _cursor(start) if edges else None,
        "endCursor": _cursor(end - 1) if edges else None,
    }
    return {"totalCount": len(rows), "edges": edges, "pageInfo": info}


def within(at: datetime, span: Mapping[str, datetime | None]) -> bool:
    """Both ends count."""
    since, until = span.get("from"), span.get("to")
    return (since is None or at >= since) and (until is None or at <= until)


def _matching(rows: Sequence[T], where: Where | None, tests: Mapping[str, Test[T]]) -> list[T]:
    wanted = [(tests[name], value) for name, value in (where or {}).items() if value is not None]
    return [row for row in rows if all(test(row, value) for test, value in wanted)]


def _cursor(position: int) -> str:
    return b64encode(f"row:{position}".encode()).decode()


def _position(cursor: str) -> int:
    try:
        return int(b64decode(cursor, validate=True).decode().removeprefix("row:"))
    except ValueError:
        raise GraphQLError("Invalid cursor", extensions={"category": "validation"}) from None


ORDER_TESTS: dict[str, Test[Order]] = {
    "id": lambda row, ids: row.id in ids,
    "number": lambda row, numbers: row.number in numbers,
    "status": lambda row, states: row.status in states,
    "createdAt": lambda row, span: within(row.created, span),
    "orderDate": lambda row, span: within(row.created, span),
    "customerId": lambda row, ids: row.customer in ids,
    "storeType": lambda row, kind: kind == "DIRECT_TO_CONSUMER",
    "isLocked": lambda row, wanted: not wanted,
    "isOnHold": lambda row, wanted: row.on_hold is wanted,
    "isInternal": lambda row, wanted: row.internal is wanted,
    "externalId": lambda row, ids: False,
    "search": lambda row, text: text == str(row.number),
}

SIZE_TESTS: dict[str, Test[Item]] = {
    "id": lambda row, ids: row.id in ids,
    "SKU": lambda row, skus: row.sku in skus,
    "EAN": lambda row, eans: row.ean in eans,
    "UPC": lambda row, upcs: False,
    "productVariantId": lambda row, ids: row.variant_id in ids,
}

CHANGE_TESTS: dict[str, Test[StockChange]] = {
    "id": lambda row, ids: row.id in ids,
    "createdAt": lambda row, span: within(row.created, span),
}


def _return_tests(views: Views) -> dict[str, Test[Return]]:
    world, lag = views.world, views.lag

    def status(row: Return, wanted: Sequence[str]) -> bool:
        return ("COMPLETED" if row.completed else "PENDING") in wanted

    return {
        "id": lambda row, ids: row.id in ids,
        "status": status,
        "returnStatus": status,
        "createdAt": lambda row, span: within(row.created, span),
        "customerId": lambda row, ids: world.orders[row.order].customer in ids,
        "orderId": lambda row, ids: order_id(row.order) in ids,
        "orderNumber": lambda row, numbers: row.order in numbers,
        "shipmentId": lambda row, ids: row.shipment in ids,
        "shipmentNumber": lambda row, numbers: any(
            parcel.id == row.shipment and parcel.number in numbers for parcel in world.orders[row.order].shipments
        ),
        "storeType": lambda row, kind: kind == "DIRECT_TO_CONSUMER",
        "externalId": lambda row, ids: world.external_id(row, lag) in ids,
    }
