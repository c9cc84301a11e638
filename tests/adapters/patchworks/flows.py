"""Flows that answer as told: one function per operation, over a mock transport. For replies no sandbox would give."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx

from adapters.kit.outside import Outside
from adapters.patchworks.port import PatchworksErp, build
from adapters.patchworks.settings import PatchworksSettings

NOW = datetime(2026, 3, 20, 9, 8, 5, tzinfo=UTC)
TOKEN = "sandbox-inbound-token-0123456789abcdef"
Envelope = dict[str, Any]
Reply = httpx.Response | dict[str, Any]
Flow = Callable[[Envelope], Reply]


def settings(**changes: Any) -> PatchworksSettings:
    values = {
        "callbacks_url": "http://callbacks.example",
        "company": "acme",
        "callback_id": "cb-1",
        "signature": "sandbox-patchworks-signature",
        "source_platform": "reveni",
        "inbound_token": TOKEN,
        "requests_per_second": 100,
    }
    return PatchworksSettings.model_validate(values | changes)


def element(envelope: Envelope, **fields: Any) -> dict[str, Any]:
    """A reply element about this request."""
    head = {"operation": envelope["operation"], "idempotencyKey": envelope["idempotencyKey"]}
    return {"status": "ok", **head, **fields}


def absent(envelope: Envelope) -> Reply:
    return element(envelope, status="not_found")


def made(number: str, **erp: Any) -> Flow:
    return lambda envelope: element(envelope, erp={"documentNumber": number, **erp})


def error(code: str, *, retryable: bool = False, **details: Any) -> Flow:
    what = {"code": code, "message": f"{code} of somebody@example.com", "retryable": retryable, "details": details}
    return lambda envelope: element(envelope, status="error", error=what)


def raw(content: str | bytes, status: int = 200, **headers: str) -> Flow:
    return lambda envelope: httpx.Response(status, content=content, headers=headers)


class Flows:
    """What the flows were asked, in order, and the operations that they answer."""

    def __init__(self, **flows: Flow) -> None:
        self.flows: dict[str, Flow] = {"get_operation": absent, **flows}
        self.asked: list[Envelope] = []
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        envelope = json.loads(request.content)
        self.asked.append(envelope)
        self.requests.append(request)
        reply = self.flows[envelope["operation"]](envelope)
        return reply if isinstance(reply, httpx.Response) else httpx.Response(200, json=[reply])

    @property
    def operations(self) -> list[str]:
        return [envelope["operation"] for envelope in self.asked]


@asynccontextmanager
async def port(flows: Flows, **changes: Any) -> AsyncIterator[PatchworksErp]:
    async with httpx.AsyncClient(transport=httpx.MockTransport(flows)) as http:
        yield build(settings(**changes), Outside(http, clock=lambda: NOW))
