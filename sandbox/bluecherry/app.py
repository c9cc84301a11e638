"""One BlueCherry: drop directories for files, a read API over HTTP, and the sandbox's own control endpoints."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from fastapi import FastAPI

from sandbox.bluecherry import seed as seeding
from sandbox.bluecherry.api import PAGE_SIZE, ReadApi
from sandbox.bluecherry.back_office import BackOffice, HandCredit, OrderEdit
from sandbox.bluecherry.background import Background
from sandbox.bluecherry.control import back_office_router, windows_router
from sandbox.bluecherry.drop import Drop
from sandbox.bluecherry.model import Item, Order, parse_sku
from sandbox.bluecherry.state import Desk, World
from sandbox.bluecherry.switches import Kind, Switch, Switches
from sandbox.bluecherry.windows import Calendar, Processed, Windows
from sandbox.kit.control import control_router
from sandbox.kit.faults import FaultPlan
from sandbox.kit.journal import Journal
from sandbox.kit.sold import ItemSeed, OrderSeed, StockSeed, WorldSeed

DEMO_API_KEY = "sandbox-bluecherry-key"
NEVER = timedelta(0)


def utc_now() -> datetime:
    """The present, in UTC."""
    return datetime.now(UTC)


class BlueCherrySandbox:
    """Serve `app` with sandbox.kit.server; hand files over under `root`. Call the methods from any thread.

    every: open windows by itself at multiples of it since the epoch; None: only `process` runs one
    financial_each: financial records are processed at every n-th of them
    length: how long such a window keeps the read API closed
    ack_delay: how long after processing an acknowledgement is written
    closed_until: posting periods up to and including this day are closed
    shipping_charges: codes of a seed's charges that are freight; orders carry no others
    page_size: rows of a list's page

    With `every` or `ack_delay` a thread works in the background; end with `await stop()` or use `async with`.
    Set-up methods (`add_…`, `set_…`, `seed_more`) show in the read API at once, all else after the next window.
    """

    def __init__(
        self,
        root: Path,
        journal: Journal | None = None,
        faults: FaultPlan | None = None,
        api_key: str = DEMO_API_KEY,
        division: str = "10",
        clock: Callable[[], datetime] = utc_now,
        every: timedelta | None = None,
        length: timedelta = NEVER,
        ack_delay: timedelta = NEVER,
        closed_until: date | None = None,
        financial_each: int = 1,
        shipping_charges: Collection[str] = ("RM24",),
        page_size: int = PAGE_SIZE,
    ) -> None:
        self.root = root
        self.journal = Journal("bluecherry") if journal is None else journal
        self.faults = FaultPlan() if faults is None else faults
        self.switches = Switches()
        self.world = World(division, closed_until)
        self.world.publish(clock())
        self._shipping = frozenset(shipping_charges)
        self._desk = Desk(self.world, self.journal, clock)
        self._office = BackOffice(self._desk, self._shipping)
        self._drop = Drop(root)
        self._windows = Windows(self._desk, self._drop, self.switches, ack_delay)
        self._calendar = Calendar(self._windows, clock, every, length, financial_each) if every else None
        self.app = self._build_app(api_key, page_size)
        self._background = Background(self._tick) if every or ack_delay else None

    def process(self, record_class: str) -> list[Processed]:
        """Run one window now for `operational` or `financial` records; what became of each file."""
        return self._windows.run(record_class)

    def open_window(self) -> None:
        """A window begins and goes on: the read API is closed until `close_window`. No file is processed by it."""
        self._windows.open()

    def close_window(self) -> None:
        """Raises ValueError when none is open."""
        self._windows.close()

    def refuse_next(self, extref_part: str, code: str = "E211", times: int | None = 1) -> None:
        """The next documents whose EXTREF holds the text are refused with `code`."""
        self.switch("refuse", extref_part, code, times)

    def switch(self, kind: Kind, part: str = "", code: str = "", times: int | None = 1) -> None:
        """Arm one of sandbox.bluecherry.switches."""
        self.switches.add(Switch(kind=kind, part=part, code=code, times=times))

    def reissue_acks(self) -> list[str]:
        """Lost, cut and late acknowledgements are written now, whole; names of their files."""
        return self._windows.reissue_acks()

    def add_order(self, number: str, lines: list[dict[str, Any]], **header: Any) -> Order:
        """Add an order; `lines`, `header`: fields of LineSeed, OrderSeed. Raises ValidationError, ValueError."""
        fields = header | {"number": number, "lines": lines}
        order = seeding.add_order(self.world, OrderSeed.model_validate(fields), self._shipping)
        self._publish()
        return order

    def add_item(self, sku: str, **facts: Any) -> Item:
        """Add or replace an item; `facts` are the fields of ItemSeed."""
        item = seeding.add_item(self.world, ItemSeed.model_validate({"sku": sku} | facts))
        self._publish()
        return item

    def add_stock(self, sku: str, quantity: int, depot: str = "01") -> None:
        """Raises ValueError for an unknown warehouse."""
        seeding.add_stock(self.world, StockSeed(sku=sku, quantity=quantity, depot=depot))
        self._publish()

    def set_item_active(self, sku: str, active: bool) -> None:
        """Raises KeyError for an unknown SKU."""
        with self.world.lock:
            item = self.world.items[parse_sku(sku)]
            self.world.items.put(item.sku, replace(item, active=active))
        self._publish()

    def set_period_closed_until(self, day: date | None) -> None:
        """Close all posting periods up to and including `day`; None opens them all."""
        with self.world.lock:
            self.world.closed_until = day

    def despatch(self, order_number: str) -> Order:
        """The goods of an order leave: stock goes out, it is SHIPPED and invoiced. Raises Refused."""
        return self._office.despatch(order_number)

    def edit_order(self, order_number: str, **edit: Any) -> Order:
        """Somebody changes an order in the ERP; `edit` are the fields of OrderEdit. Raises Refused, ValueError."""
        return self._office.edit_order(order_number, OrderEdit.model_validate(edit))

    def cancel_return(self, return_number: str) -> None:
        """Somebody cancels an RA in the ERP. Raises Refused once anything happened on it."""
        self._office.cancel_return(return_number)

    def post_credit_by_hand(self, return_number: str, **credit: Any) -> str:
        """Somebody posts a credit memo in the ERP; `credit` are the fields of HandCredit. Its number, or Refused."""
        return self._office.post_credit(HandCredit.model_validate({"return_number": return_number} | credit)).number

    def seed_more(self, body: dict[str, Any]) -> dict[str, Any]:
        """Apply a WorldSeed given as JSON; answers the orders added. Raises ValidationError, ValueError, KeyError."""
        wanted = WorldSeed.model_validate(body)
        for item in wanted.items:
            seeding.add_item(self.world, item)
        orders = [seeding.add_order(self.world, order, self._shipping).number for order in wanted.orders]
        for stock in wanted.stock:
            seeding.add_stock(self.world, stock)
        for sku, active in wanted.active.items():
            self.set_item_active(sku, active)
        if "closed_until" in wanted.model_fields_set:
            self.set_period_closed_until(wanted.closed_until)
        self._publish()
        return {"orders": orders}

    def state(self) -> dict[str, Any]:
        """What is known, and the files that lie there, for people."""
        files = {
            "waiting": [file.name for file in self._drop.waiting()],
            "acknowledged": sorted(file.name for file in self._drop.acks.glob("*.ack")),
        }
        return {**self.world.for_people(), "window_open": self._windows.is_open, "files": files}

    async def stop(self) -> None:
        """End the thread in the background; a window that it had open closes."""
        if self._background is not None:
            await asyncio.to_thread(self._background.stop)
        if self._calendar is not None:
            self._calendar.finish()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _publish(self) -> None:
        self.world.publish(self._desk.clock())

    def _tick(self) -> float:
        """What the background does: windows, late acknowledgements."""
        window = self._calendar.tick() if self._calendar else None
        ack = self._windows.deliver_acks()
        return min((wait for wait in (window, ack) if wait is not None), default=1.0)

    def _build_app(self, api_key: str, page_size: int) -> FastAPI:
        app = FastAPI(title="BlueCherry sandbox", openapi_url=None)
        app.include_router(control_router(self.journal, self.faults, self.state, self.seed_more))
        app.include_router(windows_router(self._windows, self.switches))
        app.include_router(back_office_router(self._office))
        api = ReadApi(self.world, self.faults, api_key, page_size, lambda: self._windows.is_open)
        app.include_router(api.router())
        return app
