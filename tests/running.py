"""A Backhaul in one process on real parts: Temporal server, store, worker, bridge. The caller brings the vendors."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from opentelemetry.sdk.trace import TracerProvider
from pydantic import SecretStr
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client, WorkflowHandle

from activities.edge import Edge
from adapters.assembly import ReadyConnection
from desk.link import TemporalLink
from desk.resolutions import waiting_workflow
from domain.exceptions import ResolutionKind
from domain.inspection import InspectedUnits, Inspection
from domain.messages import RECORD_INSPECTION_UPDATE, RESOLVE_UPDATE, SEARCH_ATTRIBUTES
from domain.progress import Stage
from domain.resolution import Resolution, Role
from domain.returns import ReturnRef
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from runtime.search_attributes import ensure_search_attributes, missing_search_attributes
from runtime.serving import serving
from runtime.telemetry import trace_fastapi
from starter.bridge import create_bridge
from starter.bridge.dispatch import Pace
from starter.bridge.parts import BridgeLimits
from starter.serving import KEEP_ALIVE_SECONDS
from store import Store
from store.records import ExceptionRecord, ExceptionState, ReturnRecord
from tests.patience import PATIENCE
from worker import PASSTHROUGH, build_links, build_workers, utc_now, watch_windows

TOKEN = "a-token-for-warehouse-tests"
ORDERS_TOKEN = "a-token-for-order-look-ups"
_namespaces = itertools.count(1)


def pauses() -> Iterator[float]:
    """Seconds to wait between two looks, growing: a hundred returns that wait for each other must not only look."""
    pause = 0.05
    while True:
        yield pause
        pause = min(pause * 1.15, 1.0)


@dataclass
class Running:
    """One running Backhaul, whatever its vendors. `store` and `client` are for looking, not for pushing."""

    client: Client
    store: Store
    bridge_url: str
    ready: list[ReadyConnection]
    http: httpx.AsyncClient
    edge: Edge
    workers: AsyncExitStack = field(default_factory=AsyncExitStack, kw_only=True)

    async def start_worker(self, grace: float = 1.0) -> None:
        """Start the workers of this world, exactly as the worker process builds them."""
        links = build_links(self.ready, self.http)
        workers = build_workers(self.client, self.edge, links, timedelta(seconds=grace))
        await self.workers.enter_async_context(serving(workers, timedelta(seconds=grace)))
        await watch_windows(self.client, links)

    async def stop_worker(self) -> None:
        """Stop them; running activities are cut after their grace."""
        await self.workers.aclose()
        self.workers = AsyncExitStack()

    def handle(self, ref: ReturnRef) -> WorkflowHandle[Any, Any]:
        """The return's workflow."""
        return self.client.get_workflow_handle(ref.workflow_id)

    async def inspect(
        self,
        ref: ReturnRef,
        *units: tuple[str, int, str],
        scan: str = "scan-1",
        location: str = "LDN-1",
        parcel: str = "",
        confirmed: bool = False,
    ) -> httpx.Response:
        """Send an inspection through the bridge, as a warehouse system does; units are (SKU, quantity, disposition)."""
        body = {
            "connection": ref.connection,
            "return_id": ref.return_id,
            "inspection": {
                "inspection_id": scan,
                "location": location,
                "units": [{"sku": s, "quantity": q, "disposition": d} for s, q, d in units],
                "parcel": parcel,
                "confirmed": confirmed,
            },
        }
        headers = {"Authorization": f"Bearer {TOKEN}"}
        return await self.http.post(f"{self.bridge_url}/inspections", json=body, headers=headers)

    async def inspect_by_update(
        self, ref: ReturnRef, *units: tuple[str, int, str], scan: str = "scan-1", location: str = "LDN-1"
    ) -> Any:
        """Send the update itself; its refusal is raised."""
        inspection = Inspection(
            inspection_id=scan,
            location=location,
            units=[InspectedUnits(sku=s, quantity=q, disposition=d) for s, q, d in units],
        )
        return await self.handle(ref).execute_update(RECORD_INSPECTION_UPDATE, inspection, id=scan)

    async def resolve(self, item: ExceptionRecord, kind: ResolutionKind, **fields: Any) -> Any:
        """Decide an exception in the role that owns it."""
        fields = {"role": Role(item.owner.value), "actor": "tester", **fields}
        resolution = Resolution(exception_id=item.id, version=item.version, kind=kind, **fields)
        handle = self.client.get_workflow_handle(waiting_workflow(item))
        return await handle.execute_update(RESOLVE_UPDATE, resolution)

    async def record(self, ref: ReturnRef) -> ReturnRecord | None:
        """The store's header of the return."""
        async with self.store.reading() as unit:
            return await unit.returns.get(ref)

    async def stage(self, ref: ReturnRef, *stages: str, seconds: float = PATIENCE) -> ReturnRecord:
        """Wait until the store shows one of these stages."""
        async with asyncio.timeout(seconds):
            for pause in pauses():
                record = await self.record(ref)
                if record is not None and record.stage in stages:
                    return record
                await asyncio.sleep(pause)
        raise AssertionError("the pauses never end")

    async def caught_up(self, ref: ReturnRef, seconds: float = PATIENCE) -> None:
        """Wait until the return's workflow has heard of every result: the store shows one a moment earlier."""
        async with asyncio.timeout(seconds):
            while True:
                found = (await self.handle(ref).describe()).raw_description
                if not found.pending_activities and not found.HasField("pending_workflow_task"):
                    return
                await asyncio.sleep(0.05)

    async def closed(self, ref: ReturnRef, seconds: float = PATIENCE) -> ReturnRecord:
        """Wait until the return is closed and its workflow has ended."""
        record = await self.stage(ref, Stage.CLOSED, seconds=seconds)
        async with asyncio.timeout(seconds):
            await self.handle(ref).result()
        return record

    async def exceptions(
        self, ref: ReturnRef, state: ExceptionState | None = ExceptionState.OPEN
    ) -> list[ExceptionRecord]:
        """Exceptions of the return."""
        async with self.store.reading() as unit:
            found = await unit.exceptions.list(state=state, connection=ref.connection, return_id=ref.return_id)
        return list(found)

    async def parked(self, ref: ReturnRef, seconds: float = PATIENCE) -> ExceptionRecord:
        """Wait for the one open exception of the return."""
        async with asyncio.timeout(seconds):
            wait = pauses()
            while not (found := await self.exceptions(ref)):
                await asyncio.sleep(next(wait))
        assert len(found) == 1, [item.code for item in found]
        return found[0]


@asynccontextmanager
async def running(
    server: DevServer,
    folder: Path,
    ready: list[ReadyConnection],
    *,
    worker: bool = True,
    settle: timedelta = timedelta(seconds=0.3),
    poll: timedelta = Pace.poll,
    plugin: BackhaulPlugin | None = None,
    traced: TracerProvider | None = None,
) -> AsyncIterator[Running]:
    """Everything of ours, in a Temporal namespace of its own. Nothing is started by schedules."""
    async with AsyncExitStack() as stack:
        client = await new_namespace(server, plugin or BackhaulPlugin(passthrough=PASSTHROUGH))
        store = Store(f"sqlite:///{folder / 'world.db'}")
        await store.migrate()
        stack.push_async_callback(store.close)

        async def connect() -> Client:
            return client

        limits = BridgeLimits(inspection_token=SecretStr(TOKEN), orders_token=SecretStr(ORDERS_TOKEN))
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        pace = Pace(settle=settle, poll=poll)
        bridge = create_bridge(store, ready, TemporalLink(connect), limits=limits, pace=pace, http=http)
        if traced is not None:
            trace_fastapi(bridge, traced)
        bridge_url = await stack.enter_async_context(served(bridge))
        edge = Edge(store=store, clock=utc_now)
        backhaul = Running(client=client, store=store, bridge_url=bridge_url, ready=ready, http=http, edge=edge)
        if worker:
            await backhaul.start_worker()
        stack.push_async_callback(backhaul.stop_worker)
        yield backhaul


async def new_namespace(server: DevServer, plugin: BackhaulPlugin) -> Client:
    """A client in a fresh namespace that knows our search attributes."""
    name = f"test-{next(_namespaces)}"
    admin = await Client.connect(server.address)
    retention = RegisterNamespaceRequest(namespace=name)
    retention.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await admin.workflow_service.register_namespace(retention)
    client = await Client.connect(server.address, namespace=name, plugins=[plugin])
    wanted = dict.fromkeys(SEARCH_ATTRIBUTES, "Keyword")
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                await ensure_search_attributes(client, wanted)
                if not await missing_search_attributes(client, wanted):
                    return client
            except Exception:  # noqa: BLE001 - the new namespace is not known everywhere yet
                await asyncio.sleep(0.1)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The bridge on a real socket, with its lifespan, in this loop; its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, lifespan="on", timeout_keep_alive=KEEP_ALIVE_SECONDS)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(PATIENCE):
            while not server.started:
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listening.close()
