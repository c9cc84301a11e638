"""Prima over real HTTP: one SOAP endpoint, the wsdl beside it, and the sandbox's own control endpoints."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from fastapi import FastAPI, Request
from starlette.responses import Response

from sandbox.kit.app import plain_refusal, under_faults
from sandbox.kit.control import control_router
from sandbox.kit.faults import Fault, FaultPlan
from sandbox.kit.journal import Journal
from sandbox.kit.sold import ItemSeed, OrderSeed, StockSeed, WorldSeed
from sandbox.prima import seed as seeding
from sandbox.prima.back_office import BackOffice, HandCredit, back_office_router
from sandbox.prima.catalogue import varied_world
from sandbox.prima.messages import MESSAGES
from sandbox.prima.model import Item, Order
from sandbox.prima.order_changes import OrderEdit
from sandbox.prima.refusal import Refused
from sandbox.prima.soap import (
    BadEnvelope,
    Call,
    error_text,
    ok_text,
    read_envelope,
    read_request,
    write_answer,
    write_fault,
    write_wsdl,
)
from sandbox.prima.state import Desk, PrimaWorld

SOAP_TYPE = "text/xml; charset=UTF-8"
MOST_AT_ONCE = 2


def utc_today() -> date:
    """Prima's own date when none is given."""
    return datetime.now(UTC).date()


class PrimaSandbox:
    """One Prima environment. `app` is the ASGI app, `path` where its service lives, `world` what it knows.

    With `company` only `comwsomhandler` with that `pcCompany` is served. More than two requests at once get
    `LOCKED`. A fault "unavailable" with status 200 becomes `ERROR` with code `LOCKED` (`seconds` above 0:
    `SYSTEM`); every other status is a plain HTTP error.
    """

    def __init__(
        self,
        seed: PrimaWorld | None = None,
        journal: Journal | None = None,
        faults: FaultPlan | None = None,
        *,
        company: str | None = None,
        env: str = "devtest",
        today: Callable[[], date] = utc_today,
    ) -> None:
        self.world = varied_world() if seed is None else seed
        self.journal = Journal("prima") if journal is None else journal
        self.faults = FaultPlan() if faults is None else faults
        self.path = f"/wsa{env}/wsa{env}"
        self._company = company
        self._desk = Desk(self.world, self.journal, today)
        self._office = BackOffice(self._desk)
        self._busy = 0
        self.app = self._build_app(f"wsa{env}")

    def add_order(self, number: str, lines: list[dict[str, Any]], **header: Any) -> Order:
        """Add an order; `lines`, `header`: fields of LineSeed, OrderSeed. Raises ValidationError."""
        fields = header | {"number": number, "lines": lines}
        return seeding.add_order(self.world, OrderSeed.model_validate(fields))

    def add_item(self, sku: str, **facts: Any) -> Item:
        """Add or replace an item; `facts` are the fields of ItemSeed."""
        return seeding.add_item(self.world, ItemSeed.model_validate({"sku": sku} | facts))

    def add_stock(self, sku: str, quantity: int, depot: str = "01") -> None:
        seeding.add_stock(self.world, StockSeed(sku=sku, quantity=quantity, depot=depot))

    def set_item_active(self, sku: str, active: bool) -> None:
        """Raises KeyError for an unknown SKU."""
        with self.world.lock:
            item = self.world.items[seeding.parse_sku(sku)]
            self.world.items.put(item.sku, replace(item, active=active))

    def drop_from_returns(self, sku: str, dropped: bool = True) -> None:
        """Prima answers OK to a return with this SKU and leaves the line out."""
        with self.world.lock:
            (self.world.dropped.add if dropped else self.world.dropped.discard)(seeding.parse_sku(sku))

    def set_period_closed_until(self, day: date | None) -> None:
        """Close all posting periods up to and including `day`; None opens them all."""
        with self.world.lock:
            self.world.closed_until = day

    def despatch(self, order_number: str) -> Order:
        """The goods of an order leave: physical stock goes out, it is Despatched and invoiced. Raises Refused."""
        return self._office.despatch(order_number)

    def edit_order(self, order_number: str, **edit: Any) -> Order:
        """Somebody changes an order in the ERP; `edit` are the fields of OrderEdit. Raises Refused."""
        return self._office.edit_order(order_number, OrderEdit.model_validate(edit))

    def cancel_return(self, return_number: str) -> None:
        """Somebody cancels an RMA in the ERP. Raises Refused once anything happened on it."""
        self._office.cancel_return(return_number)

    def post_credit_by_hand(self, return_number: str, **credit: Any) -> str:
        """Somebody posts a credit note in the ERP; `credit` are the fields of HandCredit. Its number, or Refused."""
        return self._office.post_credit(HandCredit.model_validate({"return_number": return_number} | credit))

    def seed_more(self, body: dict[str, Any]) -> dict[str, Any]:
        """Apply a WorldSeed given as JSON; answers the orders added. Raises ValidationError, ValueError."""
        wanted = WorldSeed.model_validate(body)
        for item in wanted.items:
            seeding.add_item(self.world, item)
        orders = [seeding.add_order(self.world, order).number for order in wanted.orders]
        for stock in wanted.stock:
            seeding.add_stock(self.world, stock)
        for sku, active in wanted.active.items():
            self.set_item_active(sku, active)
        if "closed_until" in wanted.model_fields_set:
            self.set_period_closed_until(wanted.closed_until)
        return {"orders": orders}

    def _build_app(self, service: str) -> FastAPI:
        app = FastAPI(title="Prima sandbox", openapi_url=None)
        app.include_router(control_router(self.journal, self.faults, self.world.for_people, self.seed_more))
        app.include_router(back_office_router(self._office))

        @app.get(f"{self.path}/wsdl")
        def wsdl() -> Response:
            return Response(write_wsdl(service), media_type=SOAP_TYPE)

        @app.post(self.path)
        async def soap(request: Request) -> Response:
            return await self._serve(request)

        return app

    async def _serve(self, request: Request) -> Response:
        body = await request.body()
        try:
            if "soapaction" not in request.headers or not _is_xml(request):
                raise BadEnvelope("text/xml in UTF-8 and a SOAPAction header are needed")
            call = read_envelope(body)
        except BadEnvelope as wrong:
            return Response(write_fault(str(wrong)), 500, media_type=SOAP_TYPE)
        return await self._one_at_a_time(call)

    async def _one_at_a_time(self, call: Call) -> Response:
        if self._busy >= MOST_AT_ONCE:
            return _answer(call, error_text("", Refused("Company record is in use", "LOCKED")))
        self._busy += 1
        try:
            return await under_faults(self.faults, _name(call), call.text, self._handler(call), _refuser(call))
        finally:
            self._busy -= 1

    def _handler(self, call: Call) -> Callable[[float], Any]:
        async def handle(lag: float) -> Response:
            return _answer(call, self._work(call, lag))

        return handle

    def _work(self, call: Call, lag: float) -> str:
        """The inner answer: the message's effect and its text, or why it was refused."""
        name = ""
        try:
            self._check_company(call)
            name, data = read_request(call.text)
            if name not in MESSAGES:
                raise Refused(f"Request type '{name}' is not known")
            with self.world.lock:
                return ok_text(name, MESSAGES[name](self._desk, data, lag))
        except Refused as refused:
            return error_text(name, refused)

    def _check_company(self, call: Call) -> None:
        given = call.company if call.operation == "comwsomhandler" else None
        if given != self._company:
            raise Refused(f"Company '{given or ''}' is not served here")


def _name(call: Call) -> str:
    """Operation name for the fault plan: the RequestType, or `unreadable`."""
    try:
        return read_request(call.text)[0] or "unreadable"
    except Refused:
        return "unreadable"


def _is_xml(request: Request) -> bool:
    kind = request.headers.get("content-type", "").lower().replace(" ", "")
    return kind in ("text/xml;charset=utf-8", 'text/xml;charset="utf-8"')


def _answer(call: Call, text: str) -> Response:
    return Response(write_answer(call.operation, text), media_type=SOAP_TYPE)


def _refuser(call: Call) -> Callable[[Fault], Response]:
    def refuse(fault: Fault) -> Response:
        if fault.kind != "unavailable" or fault.status != 200:
            return plain_refusal(fault)
        refused = Refused("System error", "SYSTEM") if fault.seconds else Refused("Record is in use", "LOCKED")
        return _answer(call, error_text(_name(call), refused))

    return refuse
