"""Puts the bridge together."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import httpx
import structlog
from fastapi import FastAPI, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from adapters.assembly import ReadyConnection
from desk.alerts import Announcer
from desk.clock import Clock, utc_now
from desk.link import TemporalLink
from desk.receiving import Warehouse
from starter.bridge import health, inbound, inspections, orders, regrades, webhooks
from starter.bridge.answers import Refusal, refusal_answer, unavailable
from starter.bridge.dispatch import Dispatcher, Pace
from starter.bridge.late import LateDesk
from starter.bridge.parts import BridgeLimits, BridgeParts
from starter.order_lookup import OrderDesk
from store import Store
from store.quota import StoredCalls

log = structlog.get_logger("starter.bridge")


def create_bridge(
    store: Store,
    connections: Sequence[ReadyConnection],
    link: TemporalLink,
    *,
    limits: BridgeLimits | None = None,
    pace: Pace | None = None,
    clock: Clock = utc_now,
    http: httpx.AsyncClient | None = None,
    announcer: Announcer | None = None,
) -> FastAPI:
    """The bridge as an ASGI application. Its dispatch and its alerts run for as long as the application's lifespan.

    The store must be migrated; it and `http` stay the caller's to close. Without `http` news about closed returns
    are only noted.
    """
    by_name = {ready.name: ready.connection for ready in connections}
    counter = StoredCalls(store)
    late = LateDesk(store, {r.name: r.platform(http, counter) for r in connections}, clock) if http else None
    dispatcher = Dispatcher(store, link, by_name, clock, pace, late)
    beside = [dispatcher.run, *([announcer.run] if announcer else [])]
    app = FastAPI(title="Backhaul bridge", lifespan=_running(beside), docs_url=None, redoc_url=None)
    app.state.parts = BridgeParts(
        store=store,
        receivers={ready.name: ready.webhooks for ready in connections},
        link=link,
        dispatcher=dispatcher,
        warehouse=Warehouse(store, by_name.__getitem__, late.knows if late else None),
        orders=OrderDesk(store, by_name, {r.name: r.erp(http, counter) for r in connections}) if http else None,
        feeds={ready.name: feed for ready in connections if (feed := ready.feed) is not None},
        limits=limits or BridgeLimits(),
        clock=clock,
    )
    for room in (webhooks, inspections, regrades, inbound, orders, health):
        app.include_router(room.router)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(SQLAlchemyError, _no_store)
    return app


def _running(
    loops: Sequence[Callable[[], Coroutine[None, None, None]]],
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        running = [asyncio.create_task(loop(), name=loop.__qualname__) for loop in loops]
        try:
            yield
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    return lifespan


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)
    return refusal_answer(error)


async def _no_store(_: Request, error: Exception) -> JSONResponse:
    """The sender tries again: nothing was kept."""
    log.error("the database refused", reason=type(error).__name__)
    message = "The database does not answer; nothing was kept. Send it again."
    return refusal_answer(unavailable("store_unavailable", message, 5))
