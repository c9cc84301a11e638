"""What tests of the starters start from: one configured connection, signed webhooks, a bridge on a socket."""

import asyncio
import hmac
import json
import tomllib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from adapters.assembly import ReadyConnection, load_connections
from desk.clock import Clock, utc_now
from desk.link import TemporalLink
from runtime.client import TemporalUnreachableError
from starter.bridge import BridgeLimits, Pace, create_bridge
from store import Store
from store.records import Backlog, ExceptionRecord, PendingPoke
from tests.patience import PATIENCE
from tests.running import served

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "backhaul.example.toml"
API_KEY = "test-reveni-key"
ENVIRON = {
    "BACKHAUL_REVENI_API_KEY": API_KEY,
    "BACKHAUL_RETURNGO_API_KEY": "test-returngo-key",
    "BACKHAUL_RETURNGO_WEBHOOK_TOKEN": "test-returngo-token-of-32-letters",
    "BACKHAUL_CENTRA_TOKEN": "test-centra-token",
    "BACKHAUL_CENTRA_ORDER_API_KEY": "test-centra-order-key",
    "BACKHAUL_BLUECHERRY_API_KEY": "test-bluecherry-key",
    "BACKHAUL_PATCHWORKS_SIGNATURE": "test-patchworks-signature",
}
"""Every secret that the example names."""
TOKEN = "token-of-a-test-warehouse"
QUICK = Pace(settle=timedelta(seconds=0.4), poll=timedelta(seconds=0.2), first_retry=timedelta(seconds=0.1))


def example() -> dict[str, Any]:
    """The example configuration as a dictionary, to be bent by a test."""
    return tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))


def connections() -> list[ReadyConnection]:
    return load_connections(example(), ENVIRON)


def event(
    delivery_id: str = "d-1", return_id: str = "r-1", name: str = "return.updated", **data: Any
) -> dict[str, Any]:
    """A Reveni envelope."""
    content = {"status": "in_progress", "resource": "return", "resource_id": return_id, "object": {}, **data}
    return {"id": delivery_id, "event": name, "created": 1661518366, "data": content}


def signed(body: bytes, at: datetime | None = None, key: str = API_KEY) -> dict[str, str]:
    """Headers of a webhook as Reveni sends it."""
    t = f"{(at or datetime.now(UTC)).timestamp():.6f}"
    digest = hmac.new(key.encode(), t.encode() + b"." + body, "sha256").hexdigest()
    return {"Content-Type": "application/json", "X-REVENI-SIGNATURE": f"t={t},v1={digest}"}


async def no_temporal() -> Any:
    """Connects to nothing."""
    raise TemporalUnreachableError("Temporal is not there")


@dataclass
class Desk:
    """A bridge over HTTP, and its store."""

    url: str
    store: Store
    http: httpx.AsyncClient

    async def deliver(
        self, body: Mapping[str, Any] | bytes, connection: str = "uk", headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Post a webhook, signed now unless headers are given."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        own = signed(raw) if headers is None else headers
        return await self.http.post(f"{self.url}/webhooks/{connection}", content=raw, headers=dict(own))

    async def inspect(
        self, body: Mapping[str, Any] | bytes, token: str | None = TOKEN, kind: str = "application/json"
    ) -> httpx.Response:
        """Post an inspection."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": kind, **({"Authorization": f"Bearer {token}"} if token else {})}
        return await self.http.post(f"{self.url}/inspections", content=raw, headers=headers)

    async def backlog(self) -> Backlog:
        async with self.store.reading() as unit:
            return await unit.inbox.backlog()

    async def due(self) -> list[PendingPoke]:
        async with self.store.reading() as unit:
            return await unit.inbox.due(datetime.now(UTC) + timedelta(days=1), 100)

    async def exceptions(self) -> list[ExceptionRecord]:
        async with self.store.reading() as unit:
            return list(await unit.exceptions.list())

    async def dispatched(self, seconds: float = PATIENCE) -> None:
        """Wait until every delivery was told to its workflow."""
        async with asyncio.timeout(seconds):
            while (await self.backlog()).count:
                await asyncio.sleep(0.02)


@asynccontextmanager
async def bridge(
    store: Store,
    link: TemporalLink | None = None,
    *,
    ready: list[ReadyConnection] | None = None,
    limits: BridgeLimits | None = None,
    pace: Pace = QUICK,
    clock: Clock = utc_now,
) -> AsyncIterator[Desk]:
    """A bridge on a socket; without a link Temporal is down."""
    limits = limits or BridgeLimits(inspection_token=SecretStr(TOKEN), inspection_wait=1.0)
    app = create_bridge(
        store, ready or connections(), link or TemporalLink(no_temporal), limits=limits, pace=pace, clock=clock
    )
    async with served(app) as url, httpx.AsyncClient(timeout=20) as http:
        yield Desk(url, store, http)
