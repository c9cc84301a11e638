"""Events of the connector: bearer token, event id as Idempotency-Key, two retries."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.kit.server import serve
from sandbox.patchworks import PatchworksSandbox
from tests.sandbox.patchworks_wire import ID, NOW, ORDER, SHIRT, wire

LINE = {"sku": SHIRT, "quantity": 2, "order_line_item_id": "1", "disposition": "quarantine", "condition": "damaged"}


class Inbox:
    """Answers the statuses in turn, then 202."""

    def __init__(self, *answers: int) -> None:
        self.answers = deque(answers)
        self.got: list[tuple[dict[str, str], Any]] = []
        self.app = Starlette(routes=[Route("/events", self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> Response:
        self.got.append((dict(request.headers), json.loads(await request.body())))
        return Response(status_code=self.answers.popleft() if self.answers else 202)


@asynccontextmanager
async def connected(inbox: Inbox) -> AsyncIterator[PatchworksSandbox]:
    async with serve(inbox.app) as server:
        yield PatchworksSandbox(
            clock=lambda: NOW,
            inbound_url=f"{server.url}/events",
            inbound_token="a-token",
            event_retry_seconds=(0.01, 0.01),
        )


async def test_an_inspection_is_posted_with_token_and_key() -> None:
    inbox = Inbox()
    async with connected(inbox) as sandbox:
        event = sandbox.send_event(
            "return.inspected", f"reveni:{ID}", order_id=ORDER, location="QT", parcel="P-1", lines=[LINE, {"sku": "B"}]
        )
        await asyncio.to_thread(sandbox.drain)
    ((headers, body),) = inbox.got
    assert (headers["authorization"], headers["idempotency-key"]) == ("Bearer a-token", event)
    assert (body["eventId"], body["type"], body["occurredAt"]) == (event, "return.inspected", "2026-03-20T12:00:00Z")
    goods = body["return"]
    assert (goods["externalId"], goods["orderId"], goods["locationId"], goods["parcel"]) == (
        f"reveni:{ID}", ORDER, "QT", "P-1",
    )  # fmt: skip
    first, second = goods["returnLineItems"]
    assert (first["sku"], first["quantityReturned"], first["orderLineItemId"]) == (SHIRT, 2, "1")
    assert first["inspection"]["dispositionOutcome"] == "quarantine"
    assert first["inspection"]["warehouseLocationId"] == "QT"
    assert "inspection" not in second


async def test_what_is_not_accepted_is_sent_twice_more_with_the_same_key() -> None:
    inbox = Inbox(500, 503)
    async with connected(inbox) as sandbox:
        sandbox.send_event("return.received", "reveni:1", event_id="wms-1")
        await asyncio.to_thread(sandbox.drain)
        assert [headers["idempotency-key"] for headers, _ in inbox.got] == ["wms-1"] * 3
        assert [entry["op"] for entry in sandbox.journal.entries()] == [
            "event_refused", "event_refused", "event_delivered",
        ]  # fmt: skip


async def test_it_gives_up_after_three_tries() -> None:
    inbox = Inbox(401, 401, 401)
    async with connected(inbox) as sandbox:
        sandbox.send_event("return.received", "reveni:1")
        await asyncio.to_thread(sandbox.drain)
        assert len(inbox.got) == 3
        assert len(sandbox.journal.entries("event_given_up")) == 1


async def test_a_connector_without_a_token_is_heard_and_refused() -> None:
    inbox = Inbox(401, 401, 401)
    async with connected(inbox) as sandbox:
        sandbox.connector.token = ""
        sandbox.send_event("return.received", "reveni:1")
        await asyncio.to_thread(sandbox.drain)
    assert ["authorization" in headers for headers, _ in inbox.got] == [False] * 3


async def test_nobody_answers() -> None:
    sandbox = PatchworksSandbox(inbound_url="http://127.0.0.1:9/events", event_retry_seconds=())
    sandbox.send_event("return.received", "reveni:1")
    await asyncio.to_thread(sandbox.drain)
    assert [entry["op"] for entry in sandbox.journal.entries()] == ["event_unanswered", "event_given_up"]


async def test_events_are_sent_by_the_control_route_too() -> None:
    inbox = Inbox()
    async with connected(inbox) as sandbox, wire(sandbox) as patchworks:
        body = {"type": "return.restocked", "return_external_id": "reveni:1", "event_id": "wms-9"}
        answer = await patchworks.http.post("/_sandbox/events", json=body)
        assert (answer.status_code, answer.json()) == (202, {"event_id": "wms-9"})
        wrong = await patchworks.http.post("/_sandbox/events", json=body | {"type": "return.eaten"})
        assert wrong.status_code == 422
        await asyncio.to_thread(sandbox.drain)
    assert len(inbox.got) == 1


async def test_without_an_address_nothing_can_be_sent() -> None:
    sandbox = PatchworksSandbox()
    with pytest.raises(ValueError, match="inbound_url"):
        sandbox.send_event("return.received", "reveni:1")
    async with wire(sandbox) as patchworks:
        body = {"type": "return.received", "return_external_id": "reveni:1"}
        assert (await patchworks.http.post("/_sandbox/events", json=body)).status_code == 409
