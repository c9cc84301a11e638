"""A BlueCherry sandbox on a real socket with real drop directories, and the adapter in front of it."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.bluecherry.port import BlueCherryErp, build
from adapters.bluecherry.settings import BlueCherrySettings
from adapters.kit.outside import Outside
from domain.batches import Acknowledgement, AnyRequest, Batch, BatchDocument, BatchRef, RecordClass
from domain.documents import DocumentKind
from domain.outcomes import Rejected
from sandbox.bluecherry import BlueCherrySandbox
from sandbox.kit.faults import FaultPlan
from sandbox.kit.server import serve
from tests.adapters.bluecherry.samples import COAT, CREATED, LONG_COAT, SHIRT, ref, settings

WINDOW = {RecordClass.RMA: "operational", RecordClass.STOCK: "operational", RecordClass.CREDIT: "financial"}
K = DocumentKind


@dataclass
class Shop:
    """The emulated BlueCherry, its directories, and the port under test."""

    sandbox: BlueCherrySandbox
    root: Path
    erp: BlueCherryErp
    settings: BlueCherrySettings
    batches: int = 0

    def files(self, folder: str) -> list[str]:
        return sorted(path.name for path in (self.root / folder).iterdir() if path.is_file())

    def content(self, folder: str) -> str:
        (name,) = self.files(folder)
        return (self.root / folder / name).read_text()

    def count(self, op: str) -> int:
        return len(self.sandbox.journal.entries(op))

    def batch(self, record_class: RecordClass, *documents: tuple[K, AnyRequest]) -> Batch:
        """The next batch of these documents."""
        self.batches += 1
        rows = [BatchDocument(kind=kind, request=request) for kind, request in documents]
        return Batch(ref=ref(self.batches, record_class), documents=rows)

    async def run(self, record_class: RecordClass, *documents: tuple[K, AnyRequest]) -> Acknowledgement:
        """Hand the documents over, run a window, and read what became of them."""
        batch = self.batch(record_class, *documents)
        handed = await self.erp.hand_over(batch)
        assert handed.refused == []
        self.sandbox.process(WINDOW[record_class])
        return await self.acknowledged(batch.ref)

    async def acknowledged(self, batch: BatchRef) -> Acknowledgement:
        found = await self.erp.acknowledgement(batch)
        assert found is not None
        return found

    async def made(self, record_class: RecordClass, kind: K, request: AnyRequest) -> str:
        """The number of a document that nothing speaks against."""
        found = await self.run(record_class, (kind, request))
        assert found.refused == []
        return found.taken[0].number

    async def physical(self, sku: str, depot: str) -> int:
        return next((row.physical for row in await self.erp.depot_stock([sku]) if row.depot == depot), 0)


@asynccontextmanager
async def shop(root: Path, faults: FaultPlan | None = None, **changes: Any) -> AsyncIterator[Shop]:
    sandbox = BlueCherrySandbox(root, faults=faults, clock=lambda: CREATED)
    for sku in (COAT, LONG_COAT, SHIRT):
        sandbox.add_item(sku)
    sandbox.add_item("SET1", parts=[{"sku": COAT}, {"sku": SHIRT, "per_kit": 2}])
    lines: list[dict[str, Any]] = [
        {"sku": COAT, "price": "220.50"},
        {"sku": SHIRT, "quantity": 3, "price": "19.99", "discount": "1.00"},
    ]
    header: dict[str, Any] = {"invoice": "INV2011234", "status": "Invoiced", "charges": {"RM24": "4.95"}}
    sandbox.add_order("2011234", lines, **header)
    sandbox.add_stock(LONG_COAT, 5)
    sandbox.add_stock(COAT, 5)
    async with serve(sandbox.app) as server, httpx.AsyncClient(trust_env=False) as http:
        config = settings(f"{server.url}/bcapi/v1", str(root), **changes)
        erp = build(config, Outside(http, clock=lambda: CREATED))
        yield Shop(sandbox, root, erp, config)


async def refused(call: Awaitable[object]) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        await call
    return refusal.value
