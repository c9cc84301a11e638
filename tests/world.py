"""A whole Backhaul in one process, on real parts: Temporal server, both vendors over HTTP, store, worker, bridge.

Tests make returns and inspections as the outside would, and judge effects at the vendors' journals.
"""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
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
from adapters.assembly import ReadyConnection, load_connections
from domain.exceptions import ResolutionKind
from domain.inspection import InspectedUnits, Inspection
from domain.messages import RECORD_INSPECTION_UPDATE, RESOLVE_UPDATE, SEARCH_ATTRIBUTES
from domain.progress import Stage
from domain.resolution import Resolution, Role
from domain.returns import ReturnRef
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from runtime.search_attributes import ensure_search_attributes, missing_search_attributes
from runtime.telemetry import trace_fastapi
from sandbox.kit.faults import Fault
from sandbox.kit.server import serve
from sandbox.kit.wanted import PayPolicy
from sandbox.prima import PrimaSandbox, PrimaWorld
from sandbox.reveni import ItemSpec, ReturnSpec, ReveniSandbox
from starter.bridge import create_bridge
from starter.bridge.dispatch import Pace
from starter.bridge.parts import BridgeLimits
from starter.link import TemporalLink
from starter.resolutions import waiting_workflow
from store import Store
from store.records import ExceptionRecord, ExceptionState, ReturnRecord
from worker import PASSTHROUGH, build_links, build_workers, utc_now, watch_windows

API_KEY = "test-reveni-key"
TOKEN = "a-token-for-warehouse-tests"
COAT, SHIRT, HAT = "P1001-BLK-080", "P2001-WHT-M", "P3001-RED-L"
_namespaces = itertools.count(1)
_numbers = itertools.count(500_001)


def connection_table(prima_url: str, reveni_url: str, name: str, **overrides: Any) -> dict[str, Any]:
    """One connection as it stands in a TOML file; `overrides` replace top-level tables of it."""
    table: dict[str, Any] = {
        "platform": "reveni",
        "erp": "prima",
        "ledger": "prima-test",
        "reveni": {
            "base_url": reveni_url,
            "store_id": name,
            "api_key_env": "REVENI_KEY",
            "requests_per_second": 200,
        },
        "prima": {"url": prima_url, "return_depot": "QT", "shipping_charges": ["RM24"], "max_in_flight": 2},
        "mappings": {
            "locations": {
                "LDN-1": {"sellable": "01", "damaged": "DM", "quarantine": "QT", "hold": "HC"},
                "LDN-3": {"sellable": "09", "damaged": "DM", "quarantine": "QT", "hold": "HC"},  # 09: not in Prima
                "LDN-2": {"sellable": "02", "damaged": "DM", "quarantine": "QT", "hold": "HC"},
            },
            "dispositions": {"A": "SELLABLE", "C": "DAMAGED"},
            "stock_actions": {
                "SELLABLE": {"document": "receipt", "bucket": "sellable", "condition": "A"},
                "DAMAGED": {"document": "receipt", "bucket": "damaged", "condition": "C"},
                "QUARANTINE": {"document": "receipt", "bucket": "quarantine", "condition": "B"},
                "RETURN_TO_CUSTOMER": {"document": "receipt", "bucket": "hold", "condition": "R"},
                "DISPOSED": {"document": "none"},
                "MISSING": {"document": "none"},
            },
            "reasons": {"changed_mind": "CM", "size_too_small": "TS"},
            "return_types": {"refund": "refund", "exchange": "exchange", "mixed": "mixed"},
            "credit_statuses": {"Posted": "live", "Reversed": "void"},
            "tax_codes": {"20.00": "20.00", "5.00": "5.00", "0.00": "0.00", "10.00": "10.00"},
            "charges": {
                "shipping": "RM24",
                "fee": "RETFEE",
                "rounding": "ROUND",
                "goodwill": "GOODW",
                "exchange": "EXDIFF",
            },
        },
        "policy": {"order_lag": "1s", "rate_per_second": 200, "concurrency": 2, "credit_shares": {"DAMAGED": 100}},
    }
    for key, value in overrides.items():
        table[key] = {**table[key], **value} if isinstance(value, dict) else value
    return table


def pauses() -> Iterator[float]:
    """Seconds to wait between two looks, growing: a hundred returns that wait for each other must not only look."""
    pause = 0.05
    while True:
        yield pause
        pause = min(pause * 1.15, 1.0)


@dataclass
class World:
    """One running Backhaul. Journals are the sandboxes'; `store` and `client` are for looking, not for pushing."""

    client: Client
    store: Store
    prima: PrimaSandbox
    reveni: dict[str, ReveniSandbox]
    bridge_url: str
    ready: list[ReadyConnection]
    http: httpx.AsyncClient
    edge: Edge
    workers: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def start_worker(self, grace: float = 1.0) -> None:
        """Start the workers of this world, exactly as the worker process builds them."""
        links = build_links(self.ready, self.http)
        for worker in build_workers(self.client, self.edge, links, timedelta(seconds=grace)):
            await self.workers.enter_async_context(worker)
        await watch_windows(self.client, links)

    async def stop_worker(self) -> None:
        """Stop them; running activities are cut after their grace."""
        await self.workers.aclose()
        self.workers = AsyncExitStack()

    # The world acts

    def order(self, lines: list[dict[str, Any]] | None = None, **header: Any) -> str:
        """An order in Prima: by default two coats and a shirt, 20 % VAT inclusive, with 4.95 shipping."""
        number = str(next(_numbers))
        default = [
            {"sku": COAT, "quantity": 2, "price": "245.00", "discount": "49.00"},
            {"sku": SHIRT, "quantity": 1, "price": "30.00"},
        ]
        self.prima.add_order(number, lines or default, **{"charges": {"RM24": "4.95"}, **header})
        return number

    def returned(
        self, order: str, items: list[tuple[str, str, int, str]] | None = None, *, connection: str = "uk", **spec: Any
    ) -> ReturnRef:
        """A return on Reveni; items are (order line, SKU, quantity, paid per unit). Default: one coat for 220.50."""
        chosen = items or [("1", COAT, 1, "220.50")]
        fields: dict[str, Any] = {"currency": "GBP", **spec}
        reason = fields.pop("reason", "changed_mind")
        return_id = self.reveni[connection].add_return(
            ReturnSpec(
                order_external_id=order,
                items=tuple(
                    ItemSpec(
                        external_id=line,
                        sku=sku,
                        quantity=quantity,
                        unit_price=Decimal(price),
                        tax_rate=Decimal("0.20"),
                        reason=reason,
                    )
                    for line, sku, quantity, price in chosen
                ),
                **fields,
            )
        )
        return ReturnRef(connection=connection, return_id=return_id)

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

    def fault(self, vendor: str, ref: ReturnRef | None, match: str, kind: str, **fields: Any) -> None:
        """Plan a fault at a vendor, aimed at one return where its key appears in the request."""
        plan = self.prima.faults if vendor == "prima" else self.reveni[vendor].faults
        plan.add(Fault(match=match, kind=kind, key=ref.return_id if ref else None, **fields))

    # The world looks

    async def record(self, ref: ReturnRef) -> ReturnRecord | None:
        """The store's header of the return."""
        async with self.store.reading() as unit:
            return await unit.returns.get(ref)

    async def stage(self, ref: ReturnRef, *stages: str, seconds: float = 20) -> ReturnRecord:
        """Wait until the store shows one of these stages."""
        async with asyncio.timeout(seconds):
            for pause in pauses():
                record = await self.record(ref)
                if record is not None and record.stage in stages:
                    return record
                await asyncio.sleep(pause)
        raise AssertionError("the pauses never end")

    async def caught_up(self, ref: ReturnRef, seconds: float = 20) -> None:
        """Wait until the return's workflow has heard of every result: the store shows one a moment earlier."""
        async with asyncio.timeout(seconds):
            while True:
                found = (await self.handle(ref).describe()).raw_description
                if not found.pending_activities and not found.HasField("pending_workflow_task"):
                    return
                await asyncio.sleep(0.05)

    async def closed(self, ref: ReturnRef, seconds: float = 20) -> ReturnRecord:
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

    async def parked(self, ref: ReturnRef, seconds: float = 20) -> ExceptionRecord:
        """Wait for the one open exception of the return."""
        async with asyncio.timeout(seconds):
            wait = pauses()
            while not (found := await self.exceptions(ref)):
                await asyncio.sleep(next(wait))
        assert len(found) == 1, [item.code for item in found]
        return found[0]

    def entries(self, op: str, ref: ReturnRef) -> list[dict[str, Any]]:
        """Prima's journal entries that carry the return's key."""
        return [e for e in self.prima.journal.entries(op) if ref.return_id in str(e.get("tpguid", ""))]

    def rmas(self, ref: ReturnRef) -> list[dict[str, Any]]:
        """RMAs that Prima opened for the return."""
        return self.entries("NewReturn", ref)

    def received(self, ref: ReturnRef) -> dict[tuple[str, str], int]:
        """(SKU, depot) → units that Prima received for the return."""
        units: dict[tuple[str, str], int] = {}
        for entry in self.entries("ReturnReceipt", ref):
            for line in entry["lines"]:
                key = (line["sku"], line["depot"])
                units[key] = units.get(key, 0) + line["quantity"]
        return units

    def credits(self, ref: ReturnRef) -> list[dict[str, Any]]:
        """Credit notes that Prima posted for the return."""
        return self.entries("NewCreditNote", ref)

    def refunds(self, ref: ReturnRef) -> list[dict[str, Any]]:
        """Refunds that Reveni paid for the return."""
        paid = self.reveni[ref.connection].journal.entries("refund_paid")
        return [entry for entry in paid if entry["return_id"] == ref.return_id]


@asynccontextmanager
async def running_world(
    server: DevServer,
    folder: Path,
    connections: Mapping[str, Mapping[str, Any]] | None = None,
    *,
    worker: bool = True,
    settle: timedelta = timedelta(seconds=0.3),
    pay: PayPolicy = "at_once",
    plugin: BackhaulPlugin | None = None,
    traced: TracerProvider | None = None,
) -> AsyncIterator[World]:
    """A world in a Temporal namespace of its own. `connections`: name → overrides of `connection_table`."""
    async with AsyncExitStack() as stack:
        client = await new_namespace(server, plugin or BackhaulPlugin(passthrough=PASSTHROUGH))
        prima = PrimaSandbox(seed=PrimaWorld())
        prima_server = await stack.enter_async_context(serve(prima.app))
        prima_url = prima_server.url + prima.path
        sandboxes: dict[str, ReveniSandbox] = {}
        reveni_urls: dict[str, str] = {}
        data: dict[str, Any] = {"connections": {}}
        for name, overrides in (connections or {"uk": {}}).items():
            retries = (0.2, 0.5, 1, 2, 4)
            sandbox = ReveniSandbox(store_id=name, api_key=API_KEY, retry_seconds=retries, pay=pay)
            sandboxes[name] = await stack.enter_async_context(sandbox)
            reveni_server = await stack.enter_async_context(serve(sandbox.app))
            reveni_urls[name] = reveni_server.url
            data["connections"][name] = connection_table(prima_url, reveni_server.url, name, **overrides)
        ready = load_connections(data, {"REVENI_KEY": API_KEY})
        store = Store(f"sqlite:///{folder / 'world.db'}")
        await store.migrate()
        stack.push_async_callback(store.close)

        async def connect() -> Client:
            return client

        limits = BridgeLimits(inspection_token=SecretStr(TOKEN))
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        pace = Pace(settle=settle)
        bridge = create_bridge(store, ready, TemporalLink(connect), limits=limits, pace=pace, http=http)
        if traced is not None:
            trace_fastapi(bridge, traced)
        bridge_url = await stack.enter_async_context(served(bridge))
        for name, url in reveni_urls.items():
            await subscribe(http, f"{url}{sandboxes[name].base_path}", f"{bridge_url}/webhooks/{name}")
        world = World(
            client=client,
            store=store,
            prima=prima,
            reveni=sandboxes,
            bridge_url=bridge_url,
            ready=ready,
            http=http,
            edge=Edge(store=store, clock=utc_now),
        )
        if worker:
            await world.start_worker()
        stack.push_async_callback(world.stop_worker)
        yield world


async def new_namespace(server: DevServer, plugin: BackhaulPlugin) -> Client:
    """A client in a fresh namespace that knows our search attributes."""
    name = f"test-{next(_namespaces)}"
    admin = await Client.connect(server.address)
    retention = RegisterNamespaceRequest(namespace=name)
    retention.workflow_execution_retention_period.FromTimedelta(timedelta(days=1))
    await admin.workflow_service.register_namespace(retention)
    client = await Client.connect(server.address, namespace=name, plugins=[plugin])
    wanted = dict.fromkeys(SEARCH_ATTRIBUTES, "Keyword")
    async with asyncio.timeout(20):
        while True:
            try:
                await ensure_search_attributes(client, wanted)
                if not await missing_search_attributes(client, wanted):
                    return client
            except Exception:  # noqa: BLE001 - the new namespace is not known everywhere yet
                await asyncio.sleep(0.1)


async def subscribe(http: httpx.AsyncClient, store_url: str, webhook_url: str) -> None:
    """Register our bridge at Reveni, as an integrator does once."""
    body = {"event_types": ["return.created", "return.updated"], "url": webhook_url}
    answer = await http.post(f"{store_url}/webhooks", json=body, headers={"Authorization": f"Bearer {API_KEY}"})
    answer.raise_for_status()


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """The bridge on a real socket, with its lifespan, in this loop; its address."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_config=None, lifespan="on")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with asyncio.timeout(10):
            while not server.started:
                await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listening.close()
