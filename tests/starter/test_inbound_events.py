"""Events of the ERP's side at the door of the bridge, without Temporal: kept once, or refused and seen (R70)."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from adapters.assembly import ReadyConnection, load_connections
from domain.exceptions import ExceptionCode
from store import Store
from tests.starter.given import API_KEY, ENVIRON, Desk, bridge, event, example, signed

CONNECTION, INBOUND = "nl-patchworks", "a-token-for-the-connector-of-nl-patchworks"
KINDS = ("return.received", "return.restocked", "credit_note.posted", "exchange_order.shipped")


def connected() -> list[ReadyConnection]:
    """The example, where the connector of one connection may report."""
    config = example()
    config["connections"][CONNECTION]["patchworks"]["inbound_token_env"] = "INBOUND"
    return load_connections(config, {**ENVIRON, "INBOUND": INBOUND})


@pytest.fixture
async def connector(store: Store) -> AsyncIterator[Desk]:
    async with bridge(store, ready=connected()) as desk:
        yield desk


def reported(kind: str, event_id: str = "wms-1", platform: str = "reveni", **changes: Any) -> dict[str, Any]:
    """An event about return ``r-1``."""
    return {
        "eventId": event_id,
        "type": kind,
        "occurredAt": "2026-03-20T10:00:00Z",
        "return": {"externalId": f"{platform}:r-1", "orderId": "2011234", "returnLineItems": []},
        **changes,
    }


async def send(desk: Desk, body: dict[str, Any] | bytes) -> httpx.Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {INBOUND}", "Content-Type": "application/json"}
    return await desk.http.post(f"{desk.url}/v1/inbound/patchworks/events", content=raw, headers=headers)


@pytest.mark.parametrize("kind", KINDS)
async def test_R70_an_event_says_which_return_to_look_at_once(connector: Desk, kind: str) -> None:
    answers = [await send(connector, reported(kind)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    assert [answer.json() for answer in answers] == [
        {"accepted": True, "duplicate": False},
        {"accepted": True, "duplicate": True},
        {"accepted": True, "duplicate": True},
    ]
    [poke] = await connector.due()
    assert (poke.connection, poke.return_id, len(poke.delivery_ids)) == (CONNECTION, "r-1", 1)
    assert await connector.exceptions() == []


async def test_R9_an_event_and_a_webhook_of_the_same_id_are_two(connector: Desk) -> None:
    await send(connector, reported("return.received", "d-1"))
    body = json.dumps(event("d-1", "r-1")).encode()
    await connector.deliver(body, CONNECTION, signed(body, key=API_KEY))
    [poke] = await connector.due()
    assert len(poke.delivery_ids) == 2
    assert await connector.exceptions() == []


async def test_R9_an_event_of_the_same_id_with_another_content_is_an_exception(connector: Desk) -> None:
    await send(connector, reported("return.received"))
    answer = await send(connector, reported("return.restocked"))
    assert (answer.status_code, answer.json()["duplicate"]) == (202, True)
    [exception] = await connector.exceptions()
    assert (exception.code, exception.return_id) == (ExceptionCode.EVENT_CONFLICT, "r-1")


async def test_R8_an_event_of_an_unknown_type_is_kept_and_pokes_nothing(connector: Desk) -> None:
    answers = [await send(connector, reported("stock.counted")) for _ in range(2)]
    assert [answer.json()["duplicate"] for answer in answers] == [False, True]
    assert await connector.due() == []


@pytest.mark.parametrize("kind", ["return.inspected", *KINDS])
async def test_R70_an_event_about_another_platforms_return_is_refused_and_seen(connector: Desk, kind: str) -> None:
    answer = await send(connector, reported(kind, platform="returngo"))
    assert answer.status_code == 400
    assert "return.externalId" in answer.json()["error"]["message"]
    [exception] = await connector.exceptions()
    assert (exception.connection, exception.code) == (CONNECTION, ExceptionCode.EVENT_INVALID)
    assert "return.externalId" in exception.reason
    assert await connector.due() == []


@pytest.mark.parametrize("body", [b"{", b'{"eventId": 1e9999999999999999999}'])
async def test_R70_an_event_that_cannot_be_read_is_refused_and_seen(connector: Desk, body: bytes) -> None:
    answers = [await send(connector, body) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {400}
    [exception] = await connector.exceptions()
    assert (exception.connection, exception.code) == (CONNECTION, ExceptionCode.EVENT_INVALID)


async def test_R8_a_wrong_token_leaves_nothing(connector: Desk) -> None:
    url = f"{connector.url}/v1/inbound/patchworks/events"
    answer = await connector.http.post(url, json=reported("return.received"), headers={"Authorization": "Bearer no"})
    assert answer.status_code == 401
    assert (await connector.due(), await connector.exceptions()) == ([], [])
