"""A Patchworks sandbox on a real socket, and the adapter in front of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx

from adapters.kit.outside import Outside
from adapters.patchworks.port import PatchworksErp, build
from adapters.patchworks.settings import PatchworksSettings
from sandbox.kit.faults import FaultPlan
from sandbox.kit.server import serve
from sandbox.patchworks import PatchworksSandbox
from tests.adapters.patchworks import requests as desk
from tests.adapters.patchworks.flows import settings

NOW = datetime(2026, 3, 20, 9, 8, 5, tzinfo=UTC)


@dataclass
class Shop:
    """The emulated flows with the ERP behind them, and the port under test."""

    flows: PatchworksSandbox
    erp: PatchworksErp
    settings: PatchworksSettings
    http: httpx.AsyncClient

    def count(self, op: str) -> int:
        return len(self.flows.journal.entries(op))

    def one(self, op: str) -> dict[str, Any]:
        (entry,) = self.flows.journal.entries(op)
        return dict(entry)

    async def physical(self, sku: str, depot: str) -> int:
        return next((row.physical for row in await self.erp.depot_stock([sku]) if row.depot == depot), 0)


@asynccontextmanager
async def shop(faults: FaultPlan | None = None, **changes: Any) -> AsyncIterator[Shop]:
    flows = PatchworksSandbox(faults=faults, clock=lambda: NOW)
    order(flows, desk.ORDER)
    flows.add_item(desk.LONG_COAT)
    flows.add_stock(desk.LONG_COAT, 5)
    async with serve(flows.app) as server, httpx.AsyncClient(trust_env=False) as http:
        config = settings(
            **dict.fromkeys(("callbacks_url", "start_url", "core_url"), server.url),
            **{"api_key": "sandbox-patchworks-key", "flow_id": "12", "timeout_seconds": 5, "poll_seconds": 0.05}
            | changes,
        )
        yield Shop(flows, build(config, Outside(http, clock=lambda: NOW)), config, http)


def order(flows: PatchworksSandbox, number: str, **header: Any) -> None:
    """The coat for 245.00, sent out."""
    flows.add_order(number, [{"sku": desk.COAT, "quantity": 2, "price": Decimal("245.00")}], **header)


async def opened(patchworks: Shop) -> str:
    return desk.number(await patchworks.erp.open_rma(desk.rma()))
