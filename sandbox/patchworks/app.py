"""Patchworks over real HTTP with a NetSuite-like ERP and a shop behind it, and the sandbox's own control endpoints."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException

from sandbox.kit.control import control_router
from sandbox.kit.faults import FaultPlan
from sandbox.kit.journal import Journal
from sandbox.kit.sold import ItemSeed, StockSeed
from sandbox.patchworks import seed as seeding
from sandbox.patchworks.back_office import BackOffice, HandCredit, back_office_router
from sandbox.patchworks.background import Background
from sandbox.patchworks.catalogue import varied_world
from sandbox.patchworks.commerce import Commerce
from sandbox.patchworks.events import RETRY_SECONDS, Connector, EventSpec, EventType
from sandbox.patchworks.flow import Flow
from sandbox.patchworks.gateway import Access, Gateway, Quota
from sandbox.patchworks.model import Item, Order
from sandbox.patchworks.order_changes import OrderEdit
from sandbox.patchworks.runs import Runs
from sandbox.patchworks.state import Desk, PatchworksWorld, for_people
from sandbox.patchworks.switches import SwitchEdit, Switches


def utc_now() -> datetime:
    """The sandbox's own clock when none is given."""
    return datetime.now(UTC)


class PatchworksSandbox:
    """One company at Patchworks. `app` is the ASGI app; `callback_path` and `start_path` are where its flow is reached.

    commerce: False: no commerce platform is behind the flow
    inbound_url, inbound_token: where the connector posts events, with which bearer token
    shipping_charges: codes of the seeds' charges that are the shipping price; the others are fees
    """

    def __init__(
        self,
        world: PatchworksWorld | None = None,
        journal: Journal | None = None,
        faults: FaultPlan | None = None,
        *,
        company: str = "acme",
        callback_id: str = "cb-1",
        signature: str = "sandbox-patchworks-signature",
        api_key: str = "sandbox-patchworks-key",
        flow_id: str = "12",
        clock: Callable[[], datetime] = utc_now,
        callbacks_per_minute: int | None = None,
        commerce: bool = True,
        inbound_url: str | None = None,
        inbound_token: str = "",
        shipping_charges: Collection[str] = ("RM24",),
        event_retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self.world = varied_world() if world is None else world
        self.journal = Journal("patchworks") if journal is None else journal
        self.faults = FaultPlan() if faults is None else faults
        self.switches = Switches()
        self.commerce = Commerce(self.journal, configured=commerce)
        self.callback_path = f"/api/v1/{company}/{callback_id}"
        self.start_path = f"/api/v1/flows/{flow_id}/start/raw"
        self._shipping_charges = tuple(shipping_charges)
        self._background = Background("patchworks-sandbox")
        self.connector = Connector(
            inbound_url, inbound_token, self.journal, clock, self._background, event_retry_seconds
        )
        desk = Desk(self.world, self.journal, self.commerce, clock)
        flow = Flow(desk, self.switches)
        self._office = BackOffice(desk)
        self._gateway = Gateway(
            Access(company, callback_id, signature, api_key, flow_id),
            flow,
            Runs(flow, self.switches, clock, flow_id, self._background),
            self.switches,
            self.faults,
            Quota(callbacks_per_minute, clock),
            self._background,
        )
        self.app = self._build_app()

    # Seeding

    def add_order(self, number: str, lines: Sequence[Mapping[str, Any]], **header: Any) -> Order:
        """Add an order; `lines`, `header`: fields of LineSeed, FullOrderSeed. Raises ValidationError, ValueError."""
        seed = seeding.FullOrderSeed.model_validate(header | {"number": number, "lines": list(lines)})
        return seeding.add_order(self.world, seed, self._shipping_charges)

    def add_item(self, sku: str, **facts: Any) -> Item:
        """Add or replace an item; `facts` are the fields of ItemSeed."""
        return seeding.add_item(self.world, ItemSeed.model_validate({"sku": sku} | facts))

    def add_stock(self, sku: str, quantity: int, depot: str = "01") -> None:
        seeding.add_stock(self.world, StockSeed(sku=sku, quantity=quantity, depot=depot))

    def seed_more(self, body: dict[str, Any]) -> dict[str, Any]:
        """Apply a WorldSeed given as JSON; answers the orders added. Raises ValidationError, ValueError, KeyError."""
        wanted = seeding.FullWorldSeed.model_validate(body)
        for item in wanted.items:
            seeding.add_item(self.world, item)
        orders = [seeding.add_order(self.world, order, self._shipping_charges).number for order in wanted.orders]
        for stock in wanted.stock:
            seeding.add_stock(self.world, stock)
        for sku, active in wanted.active.items():
            self.set_item_active(sku, active)
        if "closed_until" in wanted.model_fields_set:
            self.set_period_closed_until(wanted.closed_until)
        return {"orders": orders}

    # What the ERP is like

    def set_item_active(self, sku: str, active: bool) -> None:
        """Raises KeyError for an unknown SKU."""
        with self.world.lock:
            self.world.items.put(sku, replace(self.world.items[sku], active=active))

    def drop_from_returns(self, sku: str, dropped: bool = True) -> None:
        """The ERP answers ok to a return with this SKU and leaves the line out (N17)."""
        with self.world.lock:
            (self.world.dropped.add if dropped else self.world.dropped.discard)(sku)

    def set_period_closed_until(self, day: date | None) -> None:
        """Close all accounting periods up to and including `day`; None opens them all."""
        with self.world.lock:
            self.world.closed_until = day

    def pay_invoice(self, order_number: str) -> Order:
        """Nothing is due any more on the invoices of an order: a credit stays unapplied. Raises Refused."""
        return self._office.set_amount_due(order_number, Decimal(0))

    def open_invoice(self, order_number: str, amount: Decimal | None = None) -> Order:
        """The invoice of an order owes `amount` again, or all of it. Raises Refused."""
        return self._office.set_amount_due(order_number, amount)

    # What people do in the ERP

    def despatch(self, order_number: str) -> Order:
        """The goods of an order leave: stock goes out, it is Billed. Raises Refused."""
        return self._office.despatch(order_number)

    def edit_order(self, order_number: str, **edit: Any) -> Order:
        """Somebody changes an order in the ERP; `edit` are the fields of OrderEdit. Raises Refused."""
        return self._office.edit_order(order_number, OrderEdit.model_validate(edit))

    def cancel_return(self, return_number: str) -> None:
        """Somebody closes a return authorization. Raises Refused once anything happened on it."""
        self._office.cancel_return(return_number)

    def post_credit_by_hand(self, return_number: str, **credit: Any) -> str:
        """Somebody posts a credit memo; `credit` are the fields of HandCredit. Its number, or Refused."""
        return self._office.post_credit(HandCredit.model_validate({"return_number": return_number} | credit))

    def void_credit_by_hand(self, number: str) -> str:
        """Somebody voids a credit memo. Raises Refused."""
        return self._office.void_credit(number)

    # What goes wrong behind the flow

    def commerce_down(self, down: bool = True) -> None:
        """The commerce platform answers nobody: documents are made, and it does not know (R136)."""
        self.turn(commerce_down=down)

    def turn(self, **switches: Any) -> None:
        """Turn switches of the flow; the fields of SwitchEdit. Raises ValidationError."""
        edit = SwitchEdit.model_validate(switches)
        self.switches.turn(edit)
        if edit.commerce_down is not None:
            with self.world.lock:
                self.commerce.down = edit.commerce_down

    # Events and background work

    def send_event(self, type: EventType, return_external_id: str, **event: Any) -> str:  # noqa: A002 (the wire's word)
        """The connector posts an event; `event` are further fields of EventSpec. Its id. Raises ValueError."""
        fields = event | {"type": type, "return_external_id": return_external_id}
        return self.connector.send(EventSpec.model_validate(fields))

    def drain(self, timeout: float = 10.0) -> None:
        """Wait for runs, slow calls and events under way. Raises TimeoutError. Blocks: not for an event loop."""
        self._background.drain(timeout)

    @property
    def most_in_flight(self) -> int:
        """The most callbacks that were open at once."""
        return self._gateway.most_in_flight

    def _build_app(self) -> FastAPI:
        app = FastAPI(title="Patchworks sandbox", openapi_url=None)
        app.include_router(control_router(self.journal, self.faults, self._state, self.seed_more))
        app.include_router(back_office_router(self._office))
        app.include_router(self._switch_router())
        app.router.routes.extend(self._gateway.routes)
        return app

    def _state(self) -> dict[str, Any]:
        return for_people(self.world) | {"commerce_down": self.commerce.down, "most_in_flight": self.most_in_flight}

    def _switch_router(self) -> APIRouter:
        """`POST switches` (a SwitchEdit), `POST events` (an EventSpec) answers `{"event_id"}`."""
        router = APIRouter(prefix="/_sandbox")

        @router.post("/switches", status_code=204)
        def turn(body: SwitchEdit) -> None:
            self.turn(**body.model_dump(exclude_unset=True))

        @router.post("/events", status_code=202)
        def send_event(body: EventSpec) -> dict[str, str]:
            try:
                return {"event_id": self.connector.send(body)}
            except ValueError as wrong:
                raise HTTPException(409, str(wrong)) from wrong

        return router
