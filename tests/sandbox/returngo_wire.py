"""What the tests of the emulated ReturnGO share: returns to ask for, a client, a receiver of webhooks."""

import json
import threading
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.kit.server import serve
from sandbox.returngo import ExchangeSpec, ItemSpec, ReturnGoSandbox, ReturnSpec

SHOP, KEY = "sandbox.myshopify.com", "sandbox-returngo-key"
HEADERS = {"x-api-key": KEY, "x-shop-name": SHOP}
COAT = ItemSpec("1", "COAT", 2, Decimal("245.00"), discount=Decimal("49.00"), tax_rate=Decimal("0.20"))
SHIRT = ItemSpec("2", "SHIRT-M", 1, Decimal("30.00"), tax_rate=Decimal("0.20"))


def spec(*items: ItemSpec, **more: Any) -> ReturnSpec:
    """A return of these items, by default one shirt for 30.00 GBP."""
    return ReturnSpec("SO-1", items or (SHIRT,), **{"currency": "GBP", **more})


def swap(price: str, quantity: int = 1) -> ItemSpec:
    """A shirt for 30.00 each that is to be exchanged for as many others at `price` each."""
    wanted = ExchangeSpec("SHIRT-L", quantity, Decimal(price))
    return replace(SHIRT, quantity=quantity, exchange=wanted)


@asynccontextmanager
async def client_of(sandbox: ReturnGoSandbox) -> AsyncIterator[httpx.AsyncClient]:
    """A client with the right headers, on a real socket."""
    async with serve(sandbox.app) as server, httpx.AsyncClient(base_url=server.url, headers=HEADERS) as client:
        yield client


def items(sandbox: ReturnGoSandbox, rma_id: str) -> list[str]:
    """Ids of the RMA's items."""
    return [item["returnedItemId"] for item in sandbox.get(rma_id)["items"]]


def status(sandbox: ReturnGoSandbox, rma_id: str) -> str:
    return str(sandbox.get(rma_id)["rmaSummary"]["status"])


def found(sandbox: ReturnGoSandbox, rma_id: str, *returned: bool) -> None:
    """The goods arrive, and ReturnGO's users find these units (by default all of them)."""
    sandbox.receive(rma_id)
    ids = items(sandbox, rma_id)
    said = returned or [True] * len(ids)
    sandbox.validate(rma_id, [{"item_id": i, "returned": yes} for i, yes in zip(ids, said, strict=True)])


def money(sandbox: ReturnGoSandbox, rma_id: str) -> list[tuple[str, str, str]]:
    """Type, status and amount of each transaction."""
    rows = sandbox.get(rma_id)["transactions"]
    return [(row["type"], row["status"], format(row["amount"]["amount"], "f")) for row in rows]


class Receiver:
    """Remembers the bodies that arrive. Answers the statuses in `answers` in turn, then 200."""

    def __init__(self) -> None:
        self.answers: deque[int] = deque()
        self.headers: list[dict[str, str]] = []
        self._bodies: list[bytes] = []
        self._lock = threading.Lock()
        self.app = Starlette(routes=[Route("/{path:path}", self._receive, methods=["POST"])])

    @property
    def bodies(self) -> list[bytes]:
        with self._lock:
            return list(self._bodies)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    @property
    def names(self) -> list[str]:
        return [event["eventName"] for event in self.events]

    async def _receive(self, request: Request) -> Response:
        body = await request.body()
        with self._lock:
            self._bodies.append(body)
            self.headers.append(dict(request.headers))
            return Response(status_code=self.answers.popleft() if self.answers else 200)
