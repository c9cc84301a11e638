"""A platform's sandbox on a real socket, the port that the registry builds for it, and who receives its webhooks."""

import itertools
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from adapters import registry
from adapters.kit.outside import Outside
from domain.ports import PlatformCapabilities, ReturnsPlatform, WebhookReceiver
from domain.returns import LineDecision
from sandbox.audit.books import ReturnBook
from sandbox.audit.reading import Reading
from sandbox.audit.vendors import PLATFORMS as READERS
from sandbox.audit.vendors import page_name
from sandbox.kit.server import serve
from sandbox.kit.wanted import CustomerSpec, DeliveryPolicy, ItemSpec, ReturnSpec
from tests.conformance.effects import CONNECTION
from tests.conformance.faults import MarkedJournal, StepFaults
from tests.conformance.front import Front
from tests.conformance.platform_stage import PlatformProps, PlatformStage, Sent
from tests.conformance.platforms import PLATFORMS
from tests.patience import PATIENCE

CUSTOMER = CustomerSpec("leaky.customer@mailbox.example", "Philomena", "Featherstonehaugh", "GB")
SHIRTS = ItemSpec("1", "TS", 3, Decimal("29.95"))
TROUSERS = ItemSpec("2", "TR", 1, Decimal("49.95"))
_orders = itertools.count(700_001)


class Receiver:
    """Takes whatever is posted to it."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.app = Starlette(routes=[Route("/{path:path}", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.got.append((dict(request.headers), await request.body()))
        return Response(status_code=202)


class Clock:
    """The wall clock; a test may move it."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class PlatformDesk:
    """One running platform. `platform` is its port; `port` builds others."""

    name: str
    stage: PlatformStage
    journal: MarkedJournal
    faults: StepFaults
    front: Front
    receiver: Receiver
    url: str
    http: httpx.AsyncClient
    clock: Clock = field(default_factory=Clock)
    platform: ReturnsPlatform = field(init=False)

    def __post_init__(self) -> None:
        self.platform = self.port()

    @property
    def able(self) -> PlatformCapabilities:
        """What the registry says that it can do."""
        return registry.PLATFORMS[self.name].capabilities

    def port(self, http: httpx.AsyncClient | None = None, **changes: Any) -> ReturnsPlatform:
        """A port as `adapters.assembly` makes it, with other settings or over another transport."""
        row = registry.PLATFORMS[self.name]
        settings = row.settings.model_validate({**self.stage.settings(self.url), **changes})
        return row.build(settings, Outside(http or self.http, clock=self.clock))

    def webhooks(self) -> WebhookReceiver:
        """The receiver that the registry makes."""
        row = registry.PLATFORMS[self.name]
        return row.webhooks(row.settings.model_validate(self.stage.settings(self.url)))

    def ask(self, *items: ItemSpec, told: bool = False, **spec: Any) -> str:
        """A return of these items, by default three shirts and trousers; its id. `told`: by webhook too."""
        policy = DeliveryPolicy(lost=not told)
        fields: dict[str, Any] = {
            "order_external_id": str(next(_orders)),
            "customer": CUSTOMER,
            "delivery": policy,
            **spec,
        }
        return self.stage.sandbox.add_return(ReturnSpec(items=items or (SHIRTS, TROUSERS), **fields))

    def on_its_way(self, *items: ItemSpec, **spec: Any) -> str:
        """The same, sent off."""
        return_id = self.ask(*items, **spec)
        self.stage.sandbox.ship(return_id)
        return return_id

    def page(self, return_id: str) -> ReturnBook:
        """What the books say about a return."""
        reading = Reading(connection=CONNECTION)
        for entry in self.journal.since(0):
            if entry.get("return_id") == return_id and (fold := READERS[self.name].get(entry["op"])):
                fold(reading, entry)
        return reading.page(page_name(CONNECTION, return_id))

    def decided(self, return_id: str) -> list[tuple[str, str, int]]:
        """Every decision that the platform took, also a repeated one: SKU, verdict, units; units of a kind together."""
        units: dict[tuple[str, str], int] = {}
        for entry in self.journal.since(0):
            if entry["op"] == "item_decided" and entry["return_id"] == return_id:
                kind = entry["sku"], entry["status"]
                units[kind] = units.get(kind, 0) + entry["quantity"]
        return sorted((sku, status, quantity) for (sku, status), quantity in units.items())

    async def delivery(self) -> tuple[str, Sent]:
        """A new return, and the first webhook about it."""
        return_id = self.ask(told=True)
        await self.stage.sandbox.drain(PATIENCE)
        headers, body = next(got for got in self.receiver.got if return_id.encode() in got[1])
        return return_id, self.stage.arrived(headers, body)


def totals(accepted: int, rejected: int = 0, unsellable: int = 0, *, line: str = "1/TS") -> LineDecision:
    """A decision about one line of a return."""
    order_line, _, sku = line.partition("/")
    return LineDecision(
        line_id=line,
        order_line_id=order_line,
        sku=sku,
        accepted=accepted,
        rejected=rejected,
        reject_reason="damaged" if rejected else "",
        unsellable=unsellable,
    )


Decisions = Sequence[LineDecision]
Change = Callable[[str], None]


@asynccontextmanager
async def running_platform(name: str) -> AsyncIterator[PlatformDesk]:
    """The vendor's sandbox, somebody who takes its webhooks, and its port."""
    faults, receiver = StepFaults(), Receiver()
    journal = MarkedJournal(name, faults)
    async with serve(receiver.app) as hooks, httpx.AsyncClient(trust_env=False) as http:
        stage = PLATFORMS[name](PlatformProps(journal, faults, f"{hooks.url}/hooks"))
        front = Front(stage.sandbox.app)
        async with stage.sandbox, serve(front) as server:
            yield PlatformDesk(name, stage, journal, faults, front, receiver, server.url, http)
