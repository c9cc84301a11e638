"""ReturnGO's sandbox on a real socket, and our port in front of it."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx

from adapters.kit.outside import CountedHere, Outside
from adapters.returngo.port import ReturnGoPlatform, build
from sandbox.kit.faults import Fault
from sandbox.kit.journal import Entry
from sandbox.returngo import ReturnGoSandbox
from tests.adapters.returngo.bodies import settings_for

SHOP = "sandbox.myshopify.com"


class Clock:
    """The wall clock, which a test may move."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass
class World:
    """The vendor, its address, the shared client, the quota that all ports share, and our port."""

    vendor: ReturnGoSandbox
    url: str
    http: httpx.AsyncClient
    clock: Clock
    counter: CountedHere = field(default_factory=CountedHere)

    def __post_init__(self) -> None:
        self.port = self.other()

    def other(self, **changes: object) -> ReturnGoPlatform:
        """Another port to the same vendor, with other settings."""
        outside = Outside(self.http, self.counter, self.clock)
        return build(settings_for(self.url, **{"shop_name": SHOP} | changes), outside)

    def decided(self) -> list[str]:
        """Every item that the vendor validated, in order: its id and what was found."""
        found = [
            (e["item_id"], "gone" if e["status"] == "rejected" else "good" if e["restockable"] else "worn")
            for e in self.entries("item_decided")
        ]
        return [f"{int(item_id) - 40_000_000} {word}" for item_id, word in found]

    def statuses(self) -> list[str]:
        """Every status that the vendor's returns went through after they were asked for, in order."""
        return [entry["status"] for entry in self.entries("status_changed")]

    def entries(self, op: str) -> list[Entry]:
        return self.vendor.journal.entries(op)

    def break_down(self, match: str, kind: str, **more: object) -> None:
        self.vendor.faults.add(Fault.model_validate({"match": match, "kind": kind} | more))
