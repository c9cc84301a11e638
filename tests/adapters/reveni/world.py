"""Reveni's sandbox on a real socket, and our port in front of it."""

from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from adapters.kit.outside import Outside
from adapters.reveni.port import ReveniPlatform, build
from adapters.reveni.settings import ReveniSettings
from sandbox.kit.faults import Fault
from sandbox.kit.journal import Entry
from sandbox.reveni import ReveniSandbox

KEY = "sandbox-reveni-key"
STORE = "store-1"


def settings_for(url: str, **changes: object) -> ReveniSettings:
    values: dict[str, object] = {
        "base_url": url,
        "store_id": STORE,
        "api_key": SecretStr(KEY),
        "requests_per_second": 1000,
        "timeout_seconds": 5,
    }
    return ReveniSettings.model_validate(values | changes)


@dataclass
class World:
    """The vendor, its address, the shared client and our port."""

    vendor: ReveniSandbox
    url: str
    http: httpx.AsyncClient
    port: ReveniPlatform

    def other(self, **changes: object) -> ReveniPlatform:
        """Another port to the same vendor, with other settings."""
        return build(settings_for(self.url, **changes), Outside(self.http))

    def decided(self) -> list[tuple[str, int]]:
        """Status and units of every item decision that the vendor applied, in order."""
        return [(e["status"], e["quantity"]) for e in self.entries("item_decided")]

    def entries(self, op: str) -> list[Entry]:
        return self.vendor.journal.entries(op)

    def break_down(self, match: str, kind: str, **more: object) -> None:
        self.vendor.faults.add(Fault.model_validate({"match": match, "kind": kind} | more))
