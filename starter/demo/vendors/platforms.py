"""The two returns platforms: what shoppers and staff do there."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from starter.demo.goods import LOCATION, Json, Units, Wanted
from starter.demo.trouble import Refused
from starter.demo.vendors.sandbox import Sandbox


class Platform(Sandbox, ABC):
    """What both have in common. `secret` is one run's.

    reading, reporting: what the vendor calls reading a return, and being told of an inspection
    tells_of_payments: an event says that the customer paid for a dearer replacement
    """

    vendor: ClassVar[str]
    reading: ClassVar[str]
    reporting: ClassVar[str]
    tells_of_payments: ClassVar[bool] = True

    @classmethod
    @abstractmethod
    def settings(cls, url: str, connection: str) -> Json:
        """What a connection of this run says about it instead."""

    @classmethod
    @abstractmethod
    def options(cls, connection: str, secret: str) -> list[str]:
        """Further options of the process of one connection's store."""

    @classmethod
    @abstractmethod
    def secrets(cls, secret: str) -> Mapping[str, str]:
        """Variables that a connection's settings name."""

    @abstractmethod
    async def subscribe(self, bridge: str, connection: str, secret: str) -> None:
        """Register the bridge's address, as a merchant would."""

    async def open_return(self, order: str, items: Sequence[Wanted], **more: Any) -> str:
        """A shopper asks for a return; its id."""
        body = {
            "order_external_id": order,
            "order_number": order,
            "currency": "GBP",
            "items": [item.spec() for item in items],
            **more,
        }
        answer = await self.ask("POST", "returns", body)
        return str(answer["return_id"])

    async def act(self, return_id: str, action: str, body: Json | None = None) -> None:
        """``complete``, ``cancel``, ``pay_difference`` …"""
        await self.ask("POST", f"returns/{return_id}/{action}", body)

    async def refund_instead(self, return_id: str) -> None:
        """The merchant takes back what was to be exchanged for money."""
        change = [{"item_id": item, "refund": True} for item in await self._items(return_id)]
        await self.act(return_id, "edit_items", {"change": change})

    async def repeat_events(self, return_id: str) -> int:
        """Send every webhook of a return once more; how many there were."""
        events = await self.ask("GET", f"events?return_id={return_id}")
        for event in events:
            await self.ask("POST", f"events/{event['id']}/redeliver")
        return len(events)

    async def fail(self, return_id: str) -> None:
        """It is busy, and then not there, when the return is read and when it is told of the inspection."""
        for operation in (self.reading, self.reporting):
            await self.fault(operation, "throttle", return_id, seconds=1)
            await self.fault(operation, "unavailable", return_id, status=503)

    async def grade(self, return_id: str, units: Units) -> None:
        """Its own users inspect what arrived, and finish the return when they have seen all of it."""
        raise Refused(f"nobody inspects goods in {self.vendor}")

    @abstractmethod
    async def _items(self, return_id: str) -> dict[str, str]:
        """Id → SKU of the return's items."""

    async def _register(self, path: str, body: Json, headers: Mapping[str, str]) -> None:
        answer = await self.http.post(f"{self.url}{path}", json=body, headers=dict(headers))
        if answer.status_code not in (200, 201):
            raise Refused(f"{self.vendor} took no webhook: {answer.status_code} {answer.text}")


class Reveni(Platform):
    """A store for each connection."""

    vendor = "reveni"
    reading, reporting = "GET return", "partial_validate"

    @classmethod
    def settings(cls, url: str, connection: str) -> Json:
        """A store of its own."""
        return {"base_url": url, "store_id": f"demo-{connection}"}

    @classmethod
    def options(cls, connection: str, secret: str) -> list[str]:
        """Webhooks come again sooner."""
        return ["--store-id", f"demo-{connection}", "--api-key", secret, "--retry-seconds", "1,2,5,10"]

    @classmethod
    def secrets(cls, secret: str) -> Mapping[str, str]:
        """One key: bearer token and signature."""
        return {"BACKHAUL_REVENI_API_KEY": secret}

    async def subscribe(self, bridge: str, connection: str, secret: str) -> None:
        """Both events."""
        path = f"/merchants/v0/stores/demo-{connection}/webhooks"
        body = {"event_types": ["return.created", "return.updated"], "url": f"{bridge}/webhooks/{connection}"}
        await self._register(path, body, {"Authorization": f"Bearer {secret}"})

    async def _items(self, return_id: str) -> dict[str, str]:
        items = (await self.ask("GET", f"returns/{return_id}"))["return_items"]
        return {item["id"]: item["sku"] for item in items}


class ReturnGo(Platform):
    """A shop for each connection; its webhooks are unsigned."""

    vendor = "returngo"
    reading, reporting = "GET /rma/{rmaId}", "PUT /rma/{rmaId}/status"
    tells_of_payments = False
    _events = ("RMA_CREATED", "RMA_STATUS_UPDATED", "TRANSACTION_CREATED", "REFUND_CREATED")

    @classmethod
    def settings(cls, url: str, connection: str) -> Json:
        """A shop of its own."""
        return {"base_url": url, "shop_name": _shop(connection)}

    @classmethod
    def options(cls, connection: str, secret: str) -> list[str]:
        """Webhooks come again sooner, three times as always."""
        return ["--shop-name", _shop(connection), "--api-key", secret, "--retry-seconds", "1,2,5"]

    @classmethod
    def secrets(cls, secret: str) -> Mapping[str, str]:
        """The key, and the last part of the webhooks' address."""
        return {"BACKHAUL_RETURNGO_API_KEY": secret, "BACKHAUL_RETURNGO_WEBHOOK_TOKEN": _token(secret)}

    async def subscribe(self, bridge: str, connection: str, secret: str) -> None:
        """One registration an event."""
        headers = {"x-api-key": secret, "x-shop-name": _shop(connection)}
        for event in self._events:
            body = {"url": f"{bridge}/webhooks/{connection}/{_token(secret)}", "eventName": event}
            await self._register("/webhook", body, headers)

    async def grade(self, return_id: str, units: Units) -> None:
        """Item by item: one is a unit."""
        await self.act(return_id, "receive")
        left = await self._items(return_id)
        verdicts = []
        for sku, quantity, found in units:
            mine = [item for item, named in left.items() if named == sku][:quantity]
            verdicts += [{"item_id": item, "location": LOCATION, **_FOUND[found]} for item in mine]
            left = {item: named for item, named in left.items() if item not in mine}
        await self.act(return_id, "validate", {"verdicts": verdicts})
        if not left:
            await self.act(return_id, "done")

    async def _items(self, return_id: str) -> dict[str, str]:
        items = (await self.ask("GET", f"returns/{return_id}"))["items"]
        return {item["returnedItemId"]: item["sku"] for item in items}


#: Disposition → what ReturnGO's users can say of a unit.
_FOUND = {
    "SELLABLE": {},
    "DAMAGED": {"restockable": False, "reason": "worn"},
    "MISSING": {"returned": False, "restockable": False, "reason": "not in the box"},
}


def _shop(connection: str) -> str:
    return f"demo-{connection}.myshopify.com"


def _token(secret: str) -> str:
    return f"hook-{secret}"
