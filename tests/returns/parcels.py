"""Parcels without an open return, and regrades, as the outside sends them, and what Prima's journal says of them."""

import asyncio
import itertools
from collections import Counter
from typing import Any

import httpx

from domain.keys import Step, business_key
from domain.parcel import parcel_ref
from domain.returns import ReturnRef
from sandbox.kit.wanted import DeliveryPolicy
from store.records import ExceptionRecord
from tests.patience import PATIENCE
from tests.running import TOKEN
from tests.world import COAT, World

#: The platform never tells us of the return: its webhook is lost.
UNHEARD = DeliveryPolicy(lost=True)
_scans = itertools.count(1)

Stock = dict[tuple[str, str], int]


def new_scan() -> str:
    """A scan id that no other test uses."""
    return f"box-{next(_scans)}"


async def post(world: World, path: str, body: dict[str, Any]) -> httpx.Response:
    """Send to the bridge as the warehouse's system."""
    return await world.http.post(f"{world.bridge_url}{path}", json=body, headers={"Authorization": f"Bearer {TOKEN}"})


async def came_blind(world: World, scan: str, *units: tuple[str, int, str], **hints: str) -> httpx.Response:
    """A parcel without its return; `hints` are tracking_number and order_number."""
    inspection = {
        "inspection_id": scan,
        "location": "LDN-1",
        "units": [{"sku": s, "quantity": q, "disposition": d} for s, q, d in units or ((COAT, 1, "A"),)],
    }
    return await post(world, "/inspections", {"connection": "uk", "blind": True, "inspection": inspection, **hints})


async def regrade(
    world: World, ref: ReturnRef, name: str, *units: tuple[str, int, str, str], location: str = "LDN-1"
) -> httpx.Response:
    """Units are (SKU, quantity, what they were, what they are now)."""
    rows = [{"sku": s, "quantity": q, "was": was, "now": now} for s, q, was, now in units]
    body = {"regrade_id": name, "location": location, "units": rows}
    return await post(world, "/regrades", {"connection": ref.connection, "return_id": ref.return_id, "regrade": body})


async def parcel_ended(world: World, ref: ReturnRef, scan: str, seconds: float = PATIENCE) -> dict[str, Any]:
    """Wait for the workflow of a late parcel of this return, or of a blind one."""
    path = f"{ref.connection}/{scan}" if ref == parcel_ref(ref.connection, scan) else f"{ref}/{scan}"
    return await _result(world, f"parcel/{path}", seconds)


async def regrade_ended(world: World, ref: ReturnRef, name: str, seconds: float = PATIENCE) -> dict[str, Any]:
    """Wait for the workflow of a regrade."""
    return await _result(world, f"regrade/{ref}/{name}", seconds)


async def _result(world: World, workflow_id: str, seconds: float) -> dict[str, Any]:
    async with asyncio.timeout(seconds):
        result: dict[str, Any] = await world.client.get_workflow_handle(workflow_id).result()
        return result


def journal(world: World, op: str, *refs: ReturnRef) -> list[dict[str, Any]]:
    """Prima's entries that carry a key of one of these returns, in order."""
    stems = tuple(business_key(ref, step, 0)[:-1] for ref in refs for step in Step)
    return [e for e in world.prima.journal.entries(op) if str(e.get("tpguid", "")).startswith(stems)]


def stock(world: World, *refs: ReturnRef) -> Stock:
    """(SKU, depot) → units that the documents of these returns brought there, all in all."""
    units = Counter[tuple[str, str]]()
    for op in ("ReturnReceipt", "StockAdjustment"):
        for line in (line for entry in journal(world, op, *refs) for line in entry["lines"]):
            units[line["sku"], line["depot"]] += line["quantity"]
    for entry in journal(world, "DepotTransfer", *refs):
        for line in entry["lines"]:
            units[line["sku"], entry["from_depot"]] -= line["quantity"]
            units[line["sku"], entry["to_depot"]] += line["quantity"]
    return {place: quantity for place, quantity in units.items() if quantity}


async def decided(world: World, item: ExceptionRecord) -> ExceptionRecord:
    """The exception as it is once its decision is recorded."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with world.store.reading() as unit:
                found = await unit.exceptions.get(item.id)
            if found is not None and found.state != "open":
                return found
            await asyncio.sleep(0.05)
