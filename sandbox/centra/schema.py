"""The schema with its scalars, and the root resolvers: reads see the past when they must, mutations never do."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
)
from graphql.type.definition import GraphQLInputObjectType, GraphQLInterfaceType

from sandbox.centra import orders, queries, returns
from sandbox.centra.exact import EXACT_FLOAT
from sandbox.centra.refusal import Refused
from sandbox.centra.sdl import SDL
from sandbox.centra.state import Desk
from sandbox.centra.stock import change_stock
from sandbox.centra.views import Views

Quotas = Callable[[], list[dict[str, Any]]]

PERMISSIONS = {
    "order": "Order:read",
    "orders": "Order:read",
    "orderConnection": "Order:read",
    "returns": "Return:read",
    "productSizes": "ProductSize.stock:read",
    "warehouses": "Warehouse:read",
    "stockChangeConnection": "StockChange:read",
    "createReturn": "Return:write",
    "completeReturn": "Return:write",
    "uncompleteReturn": "Return:write",
    "deleteReturn": "Return:write",
    "refundReturn": "Return:write",
    "changeStock": "StockChange:write",
    "cancelDirectToConsumerOrder": "Order:write",
    "confirmOrder": "Order:write",
}
"""Root field → what a token needs for it. `rateLimits` needs nothing."""


def read_moment(value: Any) -> datetime:
    """A DateTimeTz as given: ISO 8601, or a plain date and time, which is UTC here."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise GraphQLError(f"DateTimeTz cannot represent {value!r}") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def make_schema() -> GraphQLSchema:
    """Parsed once; it holds no state."""
    schema = build_schema(SDL)
    amount = schema.type_map.pop("Amount")
    schema.type_map["Float"] = EXACT_FLOAT
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field in kind.fields.values():
                if field.type is amount:
                    field.type = EXACT_FLOAT
                elif isinstance(field.type, GraphQLNonNull) and field.type.of_type is amount:
                    field.type = GraphQLNonNull(EXACT_FLOAT)
    moment = schema.type_map["DateTimeTz"]
    assert isinstance(moment, GraphQLScalarType), "DateTimeTz is a scalar of the SDL"
    moment.parse_value = read_moment  # type: ignore[method-assign]
    return schema


SCHEMA = make_schema()


def reads(views: Views, quotas: Quotas) -> dict[str, Any]:
    """Root value of a query."""
    return {
        "order": lambda _info, id: queries.order(views, id),  # noqa: A006 - the API's name
        "orders": lambda _info, where=None, limit=20, page=1: queries.orders(views, where, limit, page),
        "orderConnection": lambda _info, where=None, **ends: queries.order_connection(views, where, **ends),
        "returns": lambda _info, where=None, limit=20, page=1: queries.returns(views, where, limit, page),
        "productSizes": lambda _info, where=None, limit=20, page=1: queries.product_sizes(views, where, limit, page),
        "warehouses": lambda _info, limit=20, page=1: queries.warehouses(views, limit, page),
        "stockChangeConnection": lambda _info, where=None, **ends: queries.stock_changes(views, where, **ends),
        "rateLimits": lambda _info: quotas(),
    }


def mutations(desk: Desk) -> dict[str, Any]:
    """Root value of a mutation. Every one takes the lock, and answers userErrors when it is refused."""
    views = Views(desk.world)

    def returned(work: Callable[[Mapping[str, Any]], Any]) -> Callable[..., dict[str, Any]]:
        return lambda _info, **given: _payload(desk, "return", lambda: views.returned(work(given)))

    def ordered(work: Callable[[Mapping[str, Any]], Any]) -> Callable[..., dict[str, Any]]:
        return lambda _info, **given: _payload(desk, "order", lambda: views.order(work(given)))

    return {
        "createReturn": returned(lambda given: returns.create_return(desk, given["input"])),
        "completeReturn": returned(lambda given: returns.complete_return(desk, given["id"])),
        "uncompleteReturn": returned(lambda given: returns.uncomplete_return(desk, given["id"])),
        "refundReturn": returned(lambda given: returns.refund_return(desk, given["id"])),
        "deleteReturn": lambda _info, id: _payload(desk, "", lambda: returns.delete_return(desk, id)),  # noqa: A006
        "changeStock": lambda _info, input: _payload(  # noqa: A006
            desk, "stockChange", lambda: views.change(change_stock(desk, input))
        ),
        "cancelDirectToConsumerOrder": ordered(lambda given: orders.cancel_order(desk, given["id"], given["input"])),
        "confirmOrder": ordered(lambda given: orders.confirm_order(desk, given["input"])),
    }


def _payload(desk: Desk, name: str, work: Callable[[], Any]) -> dict[str, Any]:
    with desk.world.lock:
        try:
            return {name: work(), "userErrors": [], "userWarnings": []}
        except Refused as refused:
            errors = [{"message": refused.message, "path": refused.path}]
            return {name: None, "userErrors": errors, "userWarnings": []}
