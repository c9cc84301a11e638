"""The warehouse's connector posts over real HTTP, and the feed reads what arrives."""

import asyncio
from typing import Any

import pytest
from fastapi import FastAPI, Request
from starlette.responses import JSONResponse

from adapters.patchworks.port import build_feed
from domain.inspection import WarehouseEvent
from domain.ports import BadDelivery
from sandbox.kit.server import serve
from sandbox.patchworks import PatchworksSandbox
from tests.adapters.patchworks import requests as desk
from tests.adapters.patchworks.flows import TOKEN, settings

PATH = "/v1/inbound/patchworks/events"


class Inbox:
    """Our endpoint as far as the feed is concerned."""

    def __init__(self) -> None:
        self.events: list[WarehouseEvent] = []
        self.refused = 0
        self.app = FastAPI()
        self.app.post(PATH)(self.receive)

    async def receive(self, request: Request) -> JSONResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            event = build_feed(settings()).read(headers, await request.body())
        except BadDelivery:
            self.refused += 1
            return JSONResponse({"error": {"code": "VALIDATION", "message": "no"}}, 401)
        self.events.append(event)
        return JSONResponse({"accepted": True, "duplicate": False}, 202)


async def sent(token: str, **event: Any) -> Inbox:
    inbox = Inbox()
    async with serve(inbox.app) as server:
        flows = PatchworksSandbox(inbound_url=server.url + PATH, inbound_token=token)
        flows.send_event("return.inspected", f"reveni:{desk.RETURN_ID}", **event)
        await asyncio.to_thread(flows.drain)
    return inbox


LINE = {
    "order_line_item_id": "1",
    "disposition": "quarantine",
    "sku": desk.COAT,
    "quantity": 1,
}


async def test_an_inspection_of_the_connector_is_read() -> None:
    inbox = await sent(TOKEN, location="WH-01", parcel="BOX-7", lines=[LINE])
    (event,) = inbox.events
    assert (event.event, event.return_id) == ("return.inspected", desk.RETURN_ID)
    assert event.inspection is not None
    assert (event.inspection.location, event.inspection.parcel) == ("WH-01", "BOX-7")
    (units,) = event.inspection.units
    assert (units.sku, units.quantity, units.disposition) == (desk.COAT, 1, "quarantine")


@pytest.mark.parametrize("token", ["short", "another-token-of-thirty-two-characters"])
async def test_N9_a_connector_with_another_token_is_refused(token: str) -> None:
    inbox = await sent(token, location="WH-01", lines=[LINE])
    assert inbox.events == []
    assert inbox.refused >= 1
