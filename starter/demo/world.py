"""The hands of the outside world: shopper, platform, ERP and warehouse, all by HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from starter.demo.goods import Json, Sold, Wanted
from starter.demo.trouble import Refused


@dataclass(frozen=True)
class Sandbox:
    """The control side of one emulated vendor. Everything raises Refused when it says no."""

    http: httpx.AsyncClient
    url: str

    async def fault(self, match: str, kind: str, key: str, times: int = 1, **how: float) -> None:
        """Arm a fault on operations `match` whose request holds `key`, a return's id."""
        await self.ask("POST", "faults", {"match": match, "kind": kind, "key": key, "times": times, **how})

    async def faults_left(self, key: str) -> int:
        """How many armed faults of this return are still to come."""
        left = await self.ask("GET", "faults")
        return sum(fault["left"] or 0 for fault in left if fault["key"] == key)

    async def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """Call a control endpoint and give its JSON, or None."""
        answer = await self.http.request(method, f"{self.url}/_sandbox/{path}", json=body)
        if not answer.is_success:
            raise Refused(f"sandbox {self.url}: {method} {path} gave {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None


class Prima(Sandbox):
    """The ERP: what was sold, and the item master."""

    async def sell(self, number: str, lines: Sequence[Sold], **header: Any) -> None:
        """Add a despatched order. `header`: further fields of an order."""
        order = {"number": number, "lines": [line.seed() for line in lines], **header}
        await self.ask("POST", "seed", {"orders": [order]})

    async def set_active(self, sku: str, active: bool) -> None:
        """Take an item out of the master, or bring it back."""
        await self.ask("POST", "seed", {"active": {sku: active}})


class Reveni(Sandbox):
    """One store: what its shoppers and staff do."""

    async def open_return(self, order: str, items: Sequence[Wanted], **more: Any) -> str:
        """A shopper asks for a return; its id."""
        body = {"order_external_id": order, "currency": "GBP", "items": [item.spec() for item in items], **more}
        answer = await self.ask("POST", "returns", body)
        return str(answer["return_id"])

    async def act(self, return_id: str, action: str) -> None:
        """``complete``, ``ship``, ``cancel`` …"""
        await self.ask("POST", f"returns/{return_id}/{action}")

    async def repeat_events(self, return_id: str) -> int:
        """Send every webhook of a return once more; how many there were."""
        events = await self.ask("GET", f"events?return_id={return_id}")
        for event in events:
            await self.ask("POST", f"events/{event['id']}/redeliver")
        return len(events)


@dataclass(frozen=True)
class Warehouse:
    """A warehouse system that reports inspections to the bridge."""

    http: httpx.AsyncClient
    bridge: str
    token: str

    async def report(self, connection: str, return_id: str, scan: str, units: Sequence[Json]) -> bool:
        """Report one parcel; whether it was taken (False: Temporal is away, say it again). Raises Refused."""
        inspection = {"inspection_id": scan, "location": "LDN-1", "inspector": "bench-1", "units": list(units)}
        answer = await self.http.post(
            f"{self.bridge}/inspections",
            json={"connection": connection, "return_id": return_id, "inspection": inspection},
            headers={"Authorization": f"Bearer {self.token}"},
        )
        if answer.status_code == 503:
            return False
        if not answer.is_success:
            raise Refused(f"the bridge took no inspection: {answer.status_code} {answer.text}")
        return True
