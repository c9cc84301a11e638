"""Hand-written files for the BlueCherry sandbox, as in the vendor contract, and its read API over a real socket."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx

from sandbox.bluecherry import BlueCherrySandbox, Processed
from sandbox.kit.server import serve

ID = "0123456789abcdef0123456789abcdef"
NOW = datetime(2026, 3, 20, 14, 15, tzinfo=UTC)
COAT = "P1001|BLK|-|080"
UPC = "5012345678900"
BASE = "/bcapi/v1"
WORLD: dict[str, Any] = {
    "items": [{"sku": "P1001-BLK-080", "barcode": UPC}, {"sku": "P9001-OLD", "active": False}],
    "orders": [
        {
            "number": "2011234",
            "lines": [
                {"sku": "P1001-BLK-080", "quantity": 2, "price": "240.00", "discount": "48.00"},
                {
                    "sku": "GIFT",
                    "price": "60.00",
                    "parts": [{"sku": "P4001-RED-S"}, {"sku": "P4003-OAK", "per_kit": 2}],
                },
                {"sku": "P9001-OLD", "price": "12.00"},
            ],
            "charges": {"RM24": "4.95"},
        },
        {"number": "2011235", "archived": True, "status": "Closed", "lines": [{"sku": "P1001-BLK-080", "price": "60"}]},
        {"number": "2011236", "customer": "C002", "lines": [{"sku": "P1001-BLK-080", "price": "60.00"}]},
    ],
    "stock": [{"sku": "P1001-BLK-080", "quantity": 3}, {"sku": "P1001-BLK-080", "depot": "QT", "quantity": 5}],
}


def ra(
    ext_ref: str = "rt-1", order: str = "2011234", *lines: str, customer: str = "C001", currency: str = "GBP"
) -> str:
    rows = lines or (f"1|1|{COAT}||1|180.00|36.00|PF",)
    head = f"RAH|{ext_ref}|{order}|{customer}|20260320|{currency}|QT|PF|{len(rows)}|216.00|"
    return "\n".join([head, *(f"RAD|{ext_ref}|{row}" for row in rows)])


def receipt(number: str, ext_ref: str = "rt-1-g", quantity: int = 1, place: str = "01|A", line: int = 1) -> str:
    return f"RCV|{ext_ref}|{number}|{line}|{quantity}|{place}|20260320"


def memo(
    number: str,
    ext_ref: str = "rt-1-c",
    sums: str = "180.00|36.00|4.95|0.00|220.95",
    *lines: str,
    head: str = "INV2011234|C001|20260320|GBP",
) -> str:
    rows = lines or ("1|1|1|180.00|36.00",)
    return "\n".join([f"CMH|{ext_ref}|{number}|{head}|{sums}", *(f"CMD|{ext_ref}|{row}" for row in rows)])


def exchange(
    ext_ref: str = "rt-1-x",
    link: str = "|rt-1|2011234",
    quantity: int = 1,
    sku: str = COAT,
    place: str = "Ada Byron|1 High St||Leeds||LS1 1AA|GB|ada@example.com|",
    sums: str = "0.00|0.00",
    warehouse: str = "01",
    customer: str = "C001",
) -> str:
    head = f"SOH|{ext_ref}|EX|{customer}|20260320|GBP|{warehouse}|UPSG|{link}|{place}|{sums}"
    return f"{head}\nSOD|{ext_ref}|1|{sku}||{quantity}|0.00|245.00"


def adjustment(quantity: int, ext_ref: str = "rt-1-a", warehouse: str = "01") -> str:
    return f"ADJ|{ext_ref}|{warehouse}|{COAT}|{quantity}|REGRADE|rt-1"


def whole(number: str, *documents: str, division: str = "10") -> str:
    """A file with the trailer that belongs to it."""
    body = [f"HDR|BC|1.0|{number}|{division}|20260320141500|RETURNS", *"\n".join(documents).split("\n")]
    heads = sum(line[:3] in ("RAH", "RAX", "RCV", "ADJ", "CMH", "CMV", "SOH", "SOX") for line in body)
    return "\n".join([*body, f"TRL|{number}|{len(body) + 1}|{heads}|{sum(_units(line) for line in body)}\n"])


def _units(line: str) -> int:
    fields = line.split("|")
    at = {"RAD": 9, "RCV": 4, "ADJ": 7, "CMD": 4, "SOD": 8}.get(fields[0])
    return abs(int(fields[at])) if at else 0


def name_of(number: str, division: str = "10") -> str:
    return f"BC_{division}_20260320141500_{number}.dat"


@dataclass
class Wire:
    """A sender of files and a client of the read API."""

    erp: BlueCherrySandbox
    http: httpx.AsyncClient
    numbers: Iterator[int] = field(default_factory=lambda: count(42))

    def drop(self, text: str, number: str, name: str = "") -> Path:
        """Hand a file over, atomically."""
        path = self.erp.root / "inbound" / (name or name_of(number))
        path.with_suffix(".tmp").write_text(text, encoding="utf-8", newline="")
        return path.with_suffix(".tmp").rename(path)

    def send(self, *documents: str) -> list[str]:
        """One file and its window; the acknowledgement's ACK lines without `ACK|`."""
        number = f"{next(self.numbers):06d}"
        self.drop(whole(number, *documents), number)
        self.run("financial" if documents[0].startswith("CM") else "operational")
        return [line[4:] for line in self.ack(number) if line.startswith("ACK|")]

    def run(self, record_class: str = "operational") -> list[Processed]:
        return self.erp.process(record_class)

    def ack(self, number: str) -> list[str]:
        path = self.erp.root / "outbound" / "ack" / f"{Path(name_of(number)).stem}.ack"
        return path.read_text(encoding="utf-8").splitlines()

    def files(self, directory: str) -> list[str]:
        return sorted(path.name for path in (self.erp.root / directory).iterdir() if path.is_file())

    async def get(self, path: str, **query: str) -> Any:
        answer = await self.http.get(BASE + path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def rows(self, path: str, **query: str) -> list[Any]:
        rows: list[Any] = (await self.get(path, **query))["data"]
        return rows

    async def stock(self, warehouse: str = "01") -> tuple[int, int, int]:
        """On hand, allocated, available units of the coat."""
        (row,) = await self.rows("/stock", warehouse=warehouse, upc=UPC)
        return row["onHand"], row["allocated"], row["available"]

    def effects(self) -> list[dict[str, Any]]:
        """All of the journal but the batches."""
        return [entry for entry in self.erp.journal.entries() if entry["op"] != "batch"]

    def op(self, name: str) -> list[dict[str, Any]]:
        return self.erp.journal.entries(name)


@asynccontextmanager
async def wire(root: Path, seed: dict[str, Any] | None = None, **options: Any) -> AsyncIterator[Wire]:
    async with (
        BlueCherrySandbox(root, **({"clock": lambda: NOW} | options)) as erp,
        serve(erp.app) as server,
        httpx.AsyncClient(
            base_url=server.url, trust_env=False, headers={"X-Api-Key": "sandbox-bluecherry-key"}
        ) as http,
    ):
        erp.seed_more(WORLD if seed is None else seed)
        yield Wire(erp, http)
