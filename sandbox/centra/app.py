"""Centra over real HTTP: the GraphQL API, the Order API, and the sandbox's own control endpoints."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hmac import compare_digest
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from sandbox.centra import order_api
from sandbox.centra import seed as seeding
from sandbox.centra.back_office import BackOffice, HandCredit, back_office_router
from sandbox.centra.endpoint import BadRequest, answer, read_query, refuse_token, run
from sandbox.centra.goods_views import Node
from sandbox.centra.limits import Limits, come_again, refuser
from sandbox.centra.model import Item, Order
from sandbox.centra.orders import OrderEdit
from sandbox.centra.state import CentraWorld, Desk
from sandbox.kit.app import Handler, under_faults
from sandbox.kit.control import control_router
from sandbox.kit.faults import FaultPlan
from sandbox.kit.journal import Journal
from sandbox.kit.sold import ItemSeed, OrderSeed, StockSeed, WorldSeed

READS = {"orders": order_api.get_orders, "returns": order_api.get_returns, "stock": order_api.get_stock}


def utc_now() -> datetime:
    """Centra's own clock when none is given."""
    return datetime.now(UTC)


class CentraSandbox:
    """One Centra tenant. `app` is the ASGI app, `world` what it knows.

    GraphQL is at `path`, the Order API under `order_api_path`. `requests_per_10s` and `mutations_per_hour` limit the
    GraphQL API; None keeps no limit. `permissions` None lets the token do everything. Charges of a seed whose code is
    in `shipping_charges` are shipping, all others handling.
    """

    path = "/graphql"
    order_api_path = "/order-api/v1"

    def __init__(
        self,
        world: CentraWorld | None = None,
        journal: Journal | None = None,
        faults: FaultPlan | None = None,
        token: str = "sandbox-centra-token",
        order_api_key: str = "sandbox-centra-order-key",
        clock: Callable[[], datetime] = utc_now,
        requests_per_10s: int | None = None,
        mutations_per_hour: int | None = None,
        *,
        permissions: Collection[str] | None = None,
        shipping_charges: Collection[str] = frozenset({"RM24"}),
    ) -> None:
        self.world = CentraWorld() if world is None else world
        self.journal = Journal("centra") if journal is None else journal
        self.faults = FaultPlan() if faults is None else faults
        self._token, self._key, self._permissions = token, order_api_key, permissions
        self._desk = Desk(self.world, self.journal, clock, frozenset(shipping_charges))
        self._office = BackOffice(self._desk)
        self._limits = Limits(requests_per_10s, mutations_per_hour, clock)
        self._refuse = refuser(clock)
        self.app = self._build_app()

    def add_order(
        self,
        number: str,
        lines: list[dict[str, Any]],
        *,
        discounts: Sequence[Mapping[str, str | Decimal]] = (),
        shipments: Sequence[Mapping[int, int]] | None = None,
        **header: Any,
    ) -> Order:
        """Add an order; `lines`, `header`: fields of LineSeed, OrderSeed. Raises ValidationError, ValueError.

        discounts: order discounts as `{"amount": "10.00"}`
        shipments: order line → units, one mapping a parcel
        """
        seed = OrderSeed.model_validate(header | {"number": number, "lines": lines})
        amounts = [Decimal(row["amount"]) for row in discounts]
        return seeding.add_order(self.world, seed, self._desk.shipping_charges, amounts, shipments)

    def add_item(self, sku: str, **facts: Any) -> Item:
        """Add or replace an item; `facts` are the fields of ItemSeed."""
        return seeding.add_item(self.world, ItemSeed.model_validate({"sku": sku} | facts))

    def add_stock(self, sku: str, quantity: int, depot: str = "01") -> None:
        """`depot` is a warehouse's id or name."""
        seeding.add_stock(self.world, StockSeed(sku=sku, quantity=quantity, depot=depot))

    def set_item_active(self, sku: str, active: bool) -> None:
        """Raises KeyError for an unknown SKU."""
        with self.world.lock:
            self.world.items.put(sku, replace(self.world.items[sku], active=active))

    def drop_from_returns(self, sku: str, dropped: bool = True) -> None:
        """Centra answers success to a return with this SKU and leaves the line out (N17)."""
        with self.world.lock:
            (self.world.dropped.add if dropped else self.world.dropped.discard)(sku)

    def accept_partly(self, order_number: str, times: int = 1) -> None:
        """The next returns of an order leave out their last unit, without a word (N17). Raises Refused."""
        self._office.accept_partly(order_number, times)

    def despatch(self, order_number: str) -> Order:
        """The goods of an order leave in one parcel; it is SHIPPED. Raises Refused."""
        return self._office.despatch(order_number)

    def edit_order(self, order_number: str, **edit: Any) -> Order:
        """Somebody changes an order in Centra; `edit` are the fields of OrderEdit. Raises Refused."""
        return self._office.edit_order(order_number, OrderEdit.model_validate(edit))

    def cancel_return(self, return_number: str) -> None:
        """Somebody deletes a pending return in Centra. Raises Refused."""
        self._office.cancel_return(return_number)

    def post_credit_by_hand(self, return_number: str, **credit: Any) -> str:
        """Somebody completes a return in Centra; `credit` are the fields of HandCredit. Its number, or Refused."""
        return self._office.post_credit(HandCredit.model_validate({"return_number": return_number} | credit))

    def seed_more(self, body: dict[str, Any]) -> dict[str, Any]:
        """Apply a WorldSeed given as JSON; answers the orders added. Raises ValidationError, ValueError, KeyError.

        Centra has no posting periods: `closed_until` is taken and means nothing.
        """
        wanted = WorldSeed.model_validate(body)
        for item in wanted.items:
            seeding.add_item(self.world, item)
        orders = [seeding.add_order(self.world, order, self._desk.shipping_charges) for order in wanted.orders]
        for stock in wanted.stock:
            seeding.add_stock(self.world, stock)
        for sku, active in wanted.active.items():
            self.set_item_active(sku, active)
        return {"orders": [str(order.number) for order in orders]}

    def _build_app(self) -> FastAPI:
        app = FastAPI(title="Centra sandbox", openapi_url=None)
        app.include_router(control_router(self.journal, self.faults, self.world.for_people, self.seed_more))
        app.include_router(back_office_router(self._office))

        @app.post(self.path)
        async def graphql(request: Request) -> Response:
            return await self._graphql(request)

        @app.api_route(f"{self.order_api_path}/{{resource}}", methods=["GET", "POST"])
        async def order_api_list(request: Request, resource: str) -> Response:
            return await self._order_api(request, resource, "")

        @app.post(f"{self.order_api_path}/order/{{number}}")
        async def order_api_one(request: Request, number: str) -> Response:
            return await self._order_api(request, "order", number)

        return app

    async def _graphql(self, request: Request) -> Response:
        body = await request.body()
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not _same(given or request.cookies.get("graphql-access", ""), self._token):
            return refuse_token()
        try:
            query = read_query(body)
        except BadRequest as wrong:
            return answer({"errors": [{"message": str(wrong)}]}, 400)

        async def handle(lag: float) -> Response:
            later = self._limits.admit(len(query.fields) if query.mutates else 0)
            if later is not None:
                return come_again(later)
            return run(query, self._desk, lag, self._permissions, self._limits.shown)

        text = body.decode("utf-8", "replace")
        return await under_faults(self.faults, query.name, text, handle, self._refuse)

    async def _order_api(self, request: Request, resource: str, number: str) -> Response:
        body = await request.body()
        if not _same(request.headers.get("api-authorization", ""), self._key):
            return answer({"status": "no", "msg": "Not authorized"}, 401)
        handler = self._order_handler(request, resource, number, body)
        if handler is None:
            return answer({"status": "no", "msg": "Not found"}, 404)
        operation = f"{request.method} /{resource}" + "/{id}" * bool(number)
        text = f"{request.url.query} {body.decode('utf-8', 'replace')}"
        return await under_faults(self.faults, operation, text, handler, self._refuse)

    def _order_handler(self, request: Request, resource: str, number: str, body: bytes) -> Handler | None:
        if request.method == "POST" and resource == "order":
            return _answering(lambda _lag: order_api.post_order(self._desk, number, body))
        if request.method == "GET" and resource in READS:
            read, query = READS[resource], dict(request.query_params)

            def look(lag: float) -> Node:
                with self.world.lock:
                    return read(self.world, query, lag)

            return _answering(look)
        return None


def _answering(work: Callable[[float], Node]) -> Handler:
    async def handle(lag: float) -> Response:
        return answer(order_api.in_words(lambda: work(lag)))

    return handle


def _same(given: str, secret: str) -> bool:
    return compare_digest(given.encode(), secret.encode())
