"""A whole Backhaul between Reveni and a BlueCherry that takes files at windows, every few seconds, by itself."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from adapters.assembly import load_connections
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from sandbox.bluecherry import BlueCherrySandbox
from sandbox.kit.server import serve
from sandbox.kit.wanted import ExchangeSpec, ItemSpec, ReturnSpec
from sandbox.reveni import ReveniSandbox
from store.records import DocumentRecord
from tests.patience import PATIENCE
from tests.running import Running, running
from tests.world import API_KEY, connection_table, subscribe

COAT, SHIRT, SHIRT_L = "P1001-BLK-080", "P2001-WHT-M", "P2001-WHT-L"
#: Three seconds: a step that is tried again after 1, 2, 4, 8 seconds never meets a window twice in a row.
EVERY, LENGTH = timedelta(seconds=3), timedelta(milliseconds=300)
_numbers = itertools.count(700_001)

CALENDAR = {"every": EVERY, "length": LENGTH}
TIMING: dict[str, Any] = {
    "rma": CALENDAR,
    "stock": CALENDAR,
    "credit": CALENDAR,
    "hand_over_before": timedelta(milliseconds=700),
    "acknowledge_within": timedelta(milliseconds=1500),
}


@dataclass
class BatchWorld(Running):
    """Journals and directories are the sandboxes'."""

    erp: BlueCherrySandbox
    reveni: ReveniSandbox
    root: Path

    def order(self, price: str = "220.50", **header: Any) -> str:
        """An order of two coats, tax on top."""
        number = str(next(_numbers))
        lines = [{"sku": COAT, "quantity": 2, "price": price}, {"sku": SHIRT, "quantity": 1, "price": "30.00"}]
        self.erp.add_order(number, lines, **{"vat_inclusive": True, "status": "Invoiced", **header})
        return number

    def returned(self, order: str, sku: str = COAT, line: str = "1", price: str = "220.50", **spec: Any) -> ReturnRef:
        """One unit of it comes back. `swap`: the SKU that the customer wants for it, at `swap_price` or the same."""
        swap, swap_price = spec.pop("swap", ""), spec.pop("swap_price", price)
        item = ItemSpec(
            external_id=line,
            sku=sku,
            quantity=1,
            unit_price=Decimal(price),
            tax_rate=Decimal("0.20"),
            exchange=ExchangeSpec(sku=swap, unit_price=Decimal(swap_price)) if swap else None,
        )
        fields = {"currency": "GBP", **spec}
        return_id = self.reveni.add_return(ReturnSpec(order_external_id=order, items=(item,), **fields))
        return ReturnRef(connection="uk", return_id=return_id)

    def made(self, op: str, ref: ReturnRef) -> list[dict[str, Any]]:
        """What BlueCherry did of this kind for the return, by files."""
        return [entry for entry in self.erp.journal.entries(op) if ref.return_id in entry["key"]]

    def sent(self, op: str, ref: ReturnRef) -> list[str]:
        """Files that had such a document of the return, wherever they lie now."""
        files: dict[str, str] = {}
        for folder in ("inbound", "inbound/archive", "inbound/error"):  # the way that a file goes meanwhile
            for path in (self.root / folder).glob("*.dat"):
                with suppress(FileNotFoundError):
                    files[path.name] = path.read_text()
        return [name for name, text in files.items() if _has(text, op, ref)]

    def duplicates(self, op: str, ref: ReturnRef) -> list[str]:
        """Acknowledgements that call such a document of the return a duplicate."""
        acks = {path.name: path.read_text() for path in (self.root / "outbound/ack").glob("*.ack")}
        return [name for name, text in acks.items() if _has(text, f"ACK|{op}", ref, "D")]

    async def documents(self, ref: ReturnRef) -> list[DocumentRecord]:
        """The return's documents as our store has them."""
        async with self.store.reading() as unit:
            return await unit.documents.for_return(ref)

    async def until(self, condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
        """Wait until it holds at the vendor's."""
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.05)


def _has(text: str, op: str, ref: ReturnRef, status: str = "") -> bool:
    """Whether a record of this kind names the return, and says so of it."""
    rows = [row.removeprefix(f"{op}|").split("|") for row in text.splitlines() if row.startswith(f"{op}|")]
    return any(ref.return_id in row[0] and row[1].startswith(status) for row in rows)


@asynccontextmanager
async def house(
    server: DevServer, folder: Path, timing: dict[str, Any] | None = None, *, windows: bool = True, **overrides: Any
) -> AsyncIterator[BatchWorld]:
    """`timing` replaces entries of TIMING; without `windows` BlueCherry's windows are run by the test."""
    async with AsyncExitStack() as stack:
        root = folder / "drop"
        rhythm = EVERY if windows else None
        erp = await stack.enter_async_context(BlueCherrySandbox(root, every=rhythm, length=LENGTH))
        for sku in (COAT, SHIRT, SHIRT_L):
            erp.add_item(sku)
            erp.add_stock(sku, 50)
        erp_server = await stack.enter_async_context(serve(erp.app))
        reveni = ReveniSandbox(store_id="uk", api_key=API_KEY, retry_seconds=(0.2, 0.5, 1))
        await stack.enter_async_context(reveni)
        platform = await stack.enter_async_context(serve(reveni.app))
        table = connection_table("http://unused.example", platform.url, "uk", **overrides)
        table.pop("prima")
        places = {bucket: f"10/{depot}" for bucket, depot in table["mappings"]["locations"]["LDN-1"].items()}
        table["mappings"]["locations"] = {"LDN-1": places}
        table["mappings"] |= {
            "tax_codes": {"TAX": "TAX"},
            "credit_statuses": {"POSTED": "live", "VOIDED": "void"},
            "reasons": {"changed_mind": "NA", "size_too_small": "PF"},
        }
        table |= {"erp": "bluecherry", "ledger": "bc-test", "timing": TIMING | (timing or {})}
        table["bluecherry"] = {
            "base_url": f"{erp_server.url}/bcapi/v1",
            "api_key_env": "BC_KEY",
            "division": "10",
            "warehouses": {"10": ["01", "02", "DM", "QT", "HC"]},
            "return_warehouse": "QT",
            "exchange_warehouse": "01",
            "exchange_order_type": "EX",
            "drop": {"kind": "directory", "path": str(root)},
        }
        keys = {"REVENI_KEY": API_KEY, "BC_KEY": "sandbox-bluecherry-key"}
        ready = load_connections({"connections": {"uk": table}}, keys)
        backhaul = await stack.enter_async_context(running(server, folder, ready))
        await subscribe(backhaul.http, f"{platform.url}{reveni.base_path}", f"{backhaul.bridge_url}/webhooks/uk")
        parts = {part.name: getattr(backhaul, part.name) for part in fields(Running)}
        running_house = BatchWorld(**parts, erp=erp, reveni=reveni, root=root)
        stack.push_async_callback(running_house.stop_worker)
        yield running_house
