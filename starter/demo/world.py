"""The hands of the outside world: shopper, platform, ERP and warehouse, all by HTTP."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from domain.returns import ReturnRef
from starter.demo.goods import Json, Sold, Wanted
from starter.demo.trouble import Refused

_LOCATION = "LDN-1"


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
    """The ERP: what was sold, the item master, and its stock."""

    async def sell(self, number: str, lines: Sequence[Sold], **header: Any) -> None:
        """Add a despatched order. `header`: further fields of an order."""
        order = {"number": number, "lines": [line.seed() for line in lines], **header}
        await self.ask("POST", "seed", {"orders": [order]})

    async def set_active(self, sku: str, active: bool) -> None:
        """Take an item out of the master, or bring it back."""
        await self.ask("POST", "seed", {"active": {sku: active}})

    async def offer(self, sku: str, units: int) -> None:
        """Have an item in the master, and so many more units of it for sale."""
        stock = [{"sku": sku, "quantity": units}] if units else []
        await self.ask("POST", "seed", {"items": [{"sku": sku}], "stock": stock})

    async def replacements(self, return_id: str) -> list[str]:
        """Numbers of the replacement orders that were made for a return."""
        entries = await self.ask("GET", "journal?op=MultiNewOrder")
        return [str(entry["order"]) for entry in entries if return_id in entry["tpguid"]]

    async def despatch(self, number: str) -> None:
        """The goods of an order leave."""
        await self.ask("POST", f"orders/{number}/despatch")


class Reveni(Sandbox):
    """One store: what its shoppers and staff do."""

    async def open_return(self, order: str, items: Sequence[Wanted], **more: Any) -> str:
        """A shopper asks for a return; its id."""
        body = {"order_external_id": order, "currency": "GBP", "items": [item.spec() for item in items], **more}
        answer = await self.ask("POST", "returns", body)
        return str(answer["return_id"])

    async def act(self, return_id: str, action: str) -> None:
        """``complete``, ``cancel``, ``pay_difference`` …"""
        await self.ask("POST", f"returns/{return_id}/{action}")

    async def refund_instead(self, return_id: str) -> None:
        """The merchant takes back what was to be exchanged for money."""
        items = (await self.ask("GET", f"returns/{return_id}"))["return_items"]
        change = [{"item_id": item["id"], "refund": True} for item in items]
        await self.ask("POST", f"returns/{return_id}/edit_items", {"change": change})

    async def repeat_events(self, return_id: str) -> int:
        """Send every webhook of a return once more; how many there were."""
        events = await self.ask("GET", f"events?return_id={return_id}")
        for event in events:
            await self.ask("POST", f"events/{event['id']}/redeliver")
        return len(events)


@dataclass(frozen=True)
class Warehouse:
    """A warehouse system that reports to the bridge.

    Every report says whether it was taken (False: Temporal is away, say it again), and raises Refused.
    """

    http: httpx.AsyncClient
    bridge: str
    token: str

    async def report(self, ref: ReturnRef, scan: str, units: Sequence[Json], *, confirmed: bool = False) -> bool:
        """One parcel of a return. `confirmed`: counted again."""
        inspection = {**_inspection(scan, units), "confirmed": confirmed}
        return await self._post("inspections", {**ref.model_dump(), "inspection": inspection})

    async def report_blind(self, connection: str, scan: str, units: Sequence[Json]) -> bool:
        """A parcel whose return nobody knows."""
        body = {"connection": connection, "blind": True, "inspection": _inspection(scan, units)}
        return await self._post("inspections", body)

    async def report_regrade(self, ref: ReturnRef, name: str, units: Sequence[Json]) -> bool:
        """A second look at units of a return that are booked already."""
        regrade = {"regrade_id": name, "location": _LOCATION, "units": list(units)}
        return await self._post("regrades", {**ref.model_dump(), "regrade": regrade})

    async def _post(self, path: str, body: Json) -> bool:
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = await self.http.post(f"{self.bridge}/{path}", json=body, headers=headers)
        if answer.status_code == 503:
            return False
        if not answer.is_success:
            raise Refused(f"the bridge took nothing for {path}: {answer.status_code} {answer.text}")
        return True


def _inspection(scan: str, units: Sequence[Json]) -> Json:
    return {"inspection_id": scan, "location": _LOCATION, "inspector": "bench-1", "units": list(units)}
