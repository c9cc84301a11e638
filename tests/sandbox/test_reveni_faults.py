"""Trouble on the wire as a client meets it, and the control endpoints for a sandbox in its own process."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.kit.faults import Fault
from sandbox.kit.server import serve
from sandbox.reveni import ItemSpec, ReturnSpec, ReveniSandbox

SPEC = ReturnSpec("SO-1", (ItemSpec("1", "SHOES", 1, Decimal(80)),))


@pytest.fixture
async def reveni() -> AsyncIterator[ReveniSandbox]:
    async with ReveniSandbox("store-1", "key", retry_seconds=()) as sandbox:
        yield sandbox


@pytest.fixture
async def url(reveni: ReveniSandbox) -> AsyncIterator[str]:
    async with serve(reveni.app) as server:
        yield server.url


@pytest.fixture
async def client(reveni: ReveniSandbox, url: str) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": "Bearer key"}
    async with httpx.AsyncClient(base_url=url + reveni.base_path, headers=headers) as client:
        yield client


@pytest.fixture
async def control(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{url}/_sandbox") as client:
        yield client


def accept(reveni: ReveniSandbox, return_id: str) -> dict[str, Any]:
    item_id = reveni.get(return_id)["return_items"][0]["id"]
    return {"items": [{"item_id": item_id, "quantity": 1, "status": "accepted"}]}


async def test_throttled_in_the_words_of_the_vendor(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    reveni.faults.add(Fault(match="GET returns", kind="throttle", seconds=2))
    answer = await client.get("/returns")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert answer.json() == {"detail": "Request was throttled."}
    assert (await client.get("/returns")).status_code == 200


async def test_unavailable_for_one_return_only(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    broken, fine = reveni.add_return(SPEC), reveni.add_return(SPEC)
    reveni.faults.add(Fault(match="partial_validate", kind="unavailable", status=502, key=broken))
    answers = [
        await client.post(f"/returns/{return_id}/partial_validate", json=accept(reveni, return_id))
        for return_id in (fine, broken)
    ]
    assert [answer.status_code for answer in answers] == [200, 502]
    assert reveni.get(broken)["status"] == "in_progress"


async def test_a_lost_answer_leaves_its_effect(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = reveni.add_return(SPEC)
    body = accept(reveni, return_id)
    reveni.faults.add(Fault(match="partial_validate", kind="lost_answer", status=0))
    with pytest.raises(httpx.RemoteProtocolError):
        await client.post(f"/returns/{return_id}/partial_validate", json=body)
    assert reveni.get(return_id)["status"] == "accepted"
    again = await client.post(f"/returns/{return_id}/partial_validate", json=body)
    assert again.status_code == 200
    assert len(reveni.journal.entries("item_decided")) == len(reveni.journal.entries("refund_paid")) == 1


@pytest.mark.parametrize(
    ("operation", "method", "path"),
    [
        ("GET return", "GET", "/returns/{id}"),
        ("GET returns", "GET", "/returns"),
        ("GET refunds", "GET", "/refunds"),
        ("GET orders", "GET", "/orders"),
        ("PATCH return", "PATCH", "/returns/{id}"),
        ("notes", "POST", "/returns/{id}/notes"),
        ("webhooks", "GET", "/webhooks"),
    ],
)
async def test_names_of_operations(
    reveni: ReveniSandbox, client: httpx.AsyncClient, operation: str, method: str, path: str
) -> None:
    return_id = reveni.add_return(SPEC)
    reveni.faults.add(Fault(match=operation, kind="unavailable", status=504))
    answer = await client.request(method, path.format(id=return_id), json={"text": "x", "status": "received"})
    assert answer.status_code == 504


async def test_broken_bodies(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = reveni.add_return(SPEC)
    reveni.faults.add(Fault(match="GET return", kind="cut_body"))
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get(f"/returns/{return_id}")
    reveni.faults.add(Fault(match="GET return", kind="malformed_body"))
    with pytest.raises(ValueError, match=r".*"):
        (await client.get(f"/returns/{return_id}")).json()


async def test_stale_reads_see_the_past(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = reveni.add_return(SPEC)
    await asyncio.sleep(2.2)
    reveni.receive(return_id)
    stale = Fault(match="GET return*", kind="stale_read", seconds=2, times=2)
    reveni.faults.add(stale)
    assert (await client.get(f"/returns/{return_id}")).json()["status"] == "in_progress"
    assert (await client.get("/returns")).json()["results"][0]["status"] == "in_progress"
    assert (await client.get(f"/returns/{return_id}")).json()["status"] == "received"
    reveni.faults.add(Fault(match="GET return", kind="stale_read", seconds=3000))
    assert (await client.get(f"/returns/{return_id}")).status_code == 404, "not there yet, that long ago"


JSON_SPEC = {
    "order_external_id": "SO-1",
    "mode": "not_instant",
    "items": [{"external_id": "1", "sku": "SHOES", "quantity": 1, "unit_price": "80", "tax_rate": "0.21"}],
    "customer": {
        "email": "z@example.com",
        "first_name": "Zoë",
        "last_name": "Müller-O'Brien",
        "country": "DE",
    },
    "delivery": {"late_seconds": 0.1},
}


async def test_a_return_over_control(reveni: ReveniSandbox, control: httpx.AsyncClient) -> None:
    made = await control.post("/returns", json=JSON_SPEC)
    assert made.status_code == 201
    return_id = made.json()["return_id"]
    assert reveni.get(return_id)["customer"]["first_name"] == "Zoë"
    for action, body in (
        ("delivery", {"lost": True}),
        ("ship", None),
        ("receive", None),
        ("plan_refund_amount", {"amount": "70"}),
        ("pay_refund", {}),
        ("pay_refund", {"amount": "1.5", "kind": "adjustment"}),
        ("fail_refund", None),
        ("add_exchange_order", {"external_id": "9", "number": "#9"}),
        ("cancel", None),
    ):
        answer = await control.post(f"/returns/{return_id}/{action}", json=body)
        assert answer.status_code == 200, answer.text
    after = reveni.get(return_id)
    assert after["status"] == "cancelled"
    assert [(r["amount"], r["status"]) for r in after["refunds"]] == [
        ("70.0000", "paid"),
        ("1.5000", "failed"),
    ]
    events = (await control.get("/events", params={"return_id": return_id})).json()
    assert [event["event"] for event in events][:2] == ["return.created", "return.updated"]
    assert (await control.post(f"/events/{events[0]['id']}/redeliver")).status_code == 202


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/returns", JSON_SPEC | {"fees": 1.5}, 422),
        ("/returns", JSON_SPEC | {"colour": "red"}, 422),
        ("/returns", JSON_SPEC | {"items": []}, 422),
        ("/returns/{id}/dance", None, 404),
        ("/returns/{id}/complete", {"x": 1}, 422),
        ("/returns/{id}/review", None, 409),
        ("/returns/{id}/pay_refund", {"amount": "0"}, 422),
        ("/returns/" + "0" * 32 + "/ship", None, 404),
        ("/events/" + "0" * 32 + "/redeliver", None, 404),
    ],
)
async def test_control_refuses_plainly(
    reveni: ReveniSandbox, control: httpx.AsyncClient, path: str, body: object, status: int
) -> None:
    answer = await control.post(path.format(id=reveni.add_return(SPEC)), json=body)
    assert answer.status_code == status, answer.text


async def test_seed_state_and_journal(reveni: ReveniSandbox, control: httpx.AsyncClient) -> None:
    seeded = await control.post("/seed", json={"returns": [JSON_SPEC, JSON_SPEC]})
    ids = seeded.json()["return_ids"]
    state = (await control.get("/state")).json()
    assert [row["id"] for row in state["returns"]] == ids
    assert len(state["orders"]) == 1
    created = (await control.get("/journal", params={"op": "return_created"})).json()
    assert [entry["return_id"] for entry in created] == ids
    assert created[0]["order"] == "SO-1"
    assert created[0]["items"][0]["sku"] == "SHOES"
