"""The control side of one emulated vendor, by HTTP."""

from dataclasses import dataclass
from typing import Any

import httpx

from starter.demo.goods import Json
from starter.demo.trouble import Refused


@dataclass(frozen=True)
class Sandbox:
    """Everything raises Refused when it says no."""

    http: httpx.AsyncClient
    url: str

    async def fault(self, match: str, kind: str, key: str, times: int = 1, **how: float) -> None:
        """Arm a fault on operations `match` whose request holds `key`."""
        await self.ask("POST", "faults", {"match": match, "kind": kind, "key": key, "times": times, **how})

    async def faults_left(self, key: str) -> int:
        """How many armed faults of this key are still to come."""
        left = await self.ask("GET", "faults")
        return sum(fault["left"] or 0 for fault in left if fault["key"] == key)

    async def ask(self, method: str, path: str, body: Json | None = None) -> Any:
        """Call a control endpoint and give its JSON, or None."""
        answer = await self.http.request(method, f"{self.url}/_sandbox/{path}", json=body)
        if not answer.is_success:
            raise Refused(f"sandbox {self.url}: {method} {path} gave {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None
