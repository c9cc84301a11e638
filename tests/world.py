"""A whole Backhaul between Prima and Reveni in one process, on real parts; both vendors are there over HTTP.

Tests make returns and inspections as the outside would, and judge effects at the vendors' journals.
"""

import itertools
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from opentelemetry.sdk.trace import TracerProvider

from adapters.assembly import load_connections
from domain.returns import ReturnRef
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from sandbox.kit.faults import Fault
from sandbox.kit.server import serve
from sandbox.kit.wanted import PayPolicy
from sandbox.prima import PrimaSandbox, PrimaWorld
from sandbox.reveni import ItemSpec, ReturnSpec, ReveniSandbox
from starter.bridge.dispatch import Pace
from tests.running import Running, running

API_KEY = "test-reveni-key"
COAT, SHIRT, HAT = "P1001-BLK-080", "P2001-WHT-M", "P3001-RED-L"
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
        "prima": {
            "url": prima_url,
            "return_depot": "QT",
            "shipping_charges": ["RM24"],
            "exchange_order_type": "EX",
            "max_in_flight": 2,
        },
        "mappings": {
            "locations": {
                "LDN-1": {"sellable": "01", "damaged": "DM", "quarantine": "QT", "hold": "HC"},
                "LDN-3": {"sellable": "09", "damaged": "DM", "quarantine": "QT", "hold": "HC"},  # 09: not in Prima
                "LDN-2": {"sellable": "02", "damaged": "DM", "quarantine": "QT", "hold": "HC"},
            },
            "dispositions": {"A": "SELLABLE", "C": "DAMAGED"},
            "stock_actions": {  # conditions that are grades of BlueCherry too, whose connections begin with this table
                "SELLABLE": {"document": "receipt", "bucket": "sellable", "condition": "A"},
                "DAMAGED": {"document": "receipt", "bucket": "damaged", "condition": "C"},
                "QUARANTINE": {"document": "receipt", "bucket": "quarantine", "condition": "B"},
                "RETURN_TO_CUSTOMER": {"document": "receipt", "bucket": "hold", "condition": "B"},
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
        "policy": {
            "order_lag": "1s",
            "second_look": "1s",
            "rate_per_second": 200,
            "concurrency": 2,
            "credit_shares": {"DAMAGED": 100},
        },
    }
    for key, value in overrides.items():
        table[key] = {**table.get(key, {}), **value} if isinstance(value, dict) else value
    return table


@dataclass
class World(Running):
    """One running Backhaul between Prima and stores of Reveni. Journals are the sandboxes'.

    configuration: what stands in its TOML file
    """

    prima: PrimaSandbox
    reveni: dict[str, ReveniSandbox]
    configuration: dict[str, Any] = field(default_factory=dict, kw_only=True)

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

    def fault(self, vendor: str, ref: ReturnRef | None, match: str, kind: str, **fields: Any) -> None:
        """Plan a fault at a vendor, aimed at one return where its key appears in the request."""
        plan = self.prima.faults if vendor == "prima" else self.reveni[vendor].faults
        plan.add(Fault(match=match, kind=kind, key=ref.return_id if ref else None, **fields))

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
    poll: timedelta = Pace.poll,
    pay: PayPolicy = "at_once",
    plugin: BackhaulPlugin | None = None,
    traced: TracerProvider | None = None,
) -> AsyncIterator[World]:
    """A world in a Temporal namespace of its own. `connections`: name → overrides of `connection_table`."""
    async with AsyncExitStack() as stack:
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
        backhaul = await stack.enter_async_context(
            running(server, folder, ready, worker=worker, settle=settle, poll=poll, plugin=plugin, traced=traced)
        )
        for name, url in reveni_urls.items():
            await subscribe(
                backhaul.http, f"{url}{sandboxes[name].base_path}", f"{backhaul.bridge_url}/webhooks/{name}"
            )
        parts = {part.name: getattr(backhaul, part.name) for part in fields(Running)}
        world = World(**parts, prima=prima, reveni=sandboxes, configuration=data)
        stack.push_async_callback(world.stop_worker)
        yield world


async def subscribe(http: httpx.AsyncClient, store_url: str, webhook_url: str) -> None:
    """Register our bridge at Reveni, as an integrator does once."""
    body = {"event_types": ["return.created", "return.updated"], "url": webhook_url}
    answer = await http.post(f"{store_url}/webhooks", json=body, headers={"Authorization": f"Bearer {API_KEY}"})
    answer.raise_for_status()
