"""Trouble on the wire as a client meets it, and the control endpoints for a sandbox in its own process."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sandbox.kit.faults import Fault
from sandbox.kit.server import serve
from sandbox.returngo import ReturnGoSandbox
from tests.sandbox.returngo_wire import HEADERS, items, spec, status


@pytest.fixture
async def sandbox() -> AsyncIterator[ReturnGoSandbox]:
    async with ReturnGoSandbox(retry_seconds=()) as running:
        yield running


@pytest.fixture
async def url(sandbox: ReturnGoSandbox) -> AsyncIterator[str]:
    async with serve(sandbox.app) as server:
        yield server.url


@pytest.fixture
async def client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url, headers=HEADERS) as client:
        yield client


@pytest.fixture
async def control(url: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{url}/_sandbox") as client:
        yield client


def accept(sandbox: ReturnGoSandbox, rma_id: str) -> dict[str, Any]:
    entries = [{"returnedItemId": i, "isReturned": True, "isRestockable": True} for i in items(sandbox, rma_id)]
    return {"status": "Validated", "items": entries}


async def test_throttled_with_and_without_retry_after(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    for seconds, header in ((2, "2"), (0, None)):
        sandbox.faults.add(Fault(match="GET /rmas", kind="throttle", seconds=seconds))
        answer = await client.get("/rmas?pagesize=1")
        assert (answer.status_code, answer.headers.get("Retry-After")) == (429, header)
        assert answer.json() == {"message": "Too Many Requests"}
    assert (await client.get("/rmas?pagesize=1")).status_code == 200


async def test_unavailable_for_one_rma_only(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    broken, fine = sandbox.add_return(spec()), sandbox.add_return(spec())
    sandbox.faults.add(Fault(match="PUT /rma/{rmaId}/status", kind="unavailable", status=502, key=broken))
    answers = [await client.put(f"/rma/{rma_id}/status", json={"status": "Received"}) for rma_id in (fine, broken)]
    assert [answer.status_code for answer in answers] == [200, 502]
    assert (status(sandbox, fine), status(sandbox, broken)) == ("Received", "Approved")


async def test_a_lost_answer_leaves_its_effect(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    rma_id = sandbox.add_return(spec())
    sandbox.receive(rma_id)
    body = accept(sandbox, rma_id)
    sandbox.faults.add(Fault(match="PUT /rma/*", kind="lost_answer", status=0))
    with pytest.raises(httpx.RemoteProtocolError):
        await client.put(f"/rma/{rma_id}/status", json=body)
    assert status(sandbox, rma_id) == "Validated"
    assert (await client.put(f"/rma/{rma_id}/status", json=body)).status_code == 200
    assert len(sandbox.journal.entries("item_decided")) == len(sandbox.journal.entries("refund_paid")) == 1


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("GET /rmas", "/rmas"),
        ("GET /rma/{rmaId}", "/rma/1"),
        ("PUT /rma/{rmaId}/status", "/rma/1/status"),
        ("POST /rma/{rmaId}/comment", "/rma/1/comment"),
        ("PUT /shipment/{shipmentId}", "/shipment/1"),
        ("GET /transactions", "/transactions"),
        ("PUT /transaction/{transactionId}", "/transaction/1"),
        ("POST /webhook", "/webhook"),
        ("GET /webhooks", "/webhooks"),
        ("PUT /webhook/{webhookId}", "/webhook/1"),
        ("DELETE /webhook/{webhookId}", "/webhook/1"),
    ],
)
async def test_names_of_operations(
    sandbox: ReturnGoSandbox, client: httpx.AsyncClient, operation: str, path: str
) -> None:
    sandbox.faults.add(Fault(match=operation, kind="unavailable", status=504))
    assert (await client.request(operation.split(maxsplit=1)[0], path)).status_code == 504


async def test_broken_bodies(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    rma_id = sandbox.add_return(spec())
    sandbox.faults.add(Fault(match="GET /rma/*", kind="cut_body"))
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get(f"/rma/{rma_id}")
    sandbox.faults.add(Fault(match="GET /rma/*", kind="malformed_body"))
    with pytest.raises(ValueError):
        (await client.get(f"/rma/{rma_id}")).json()


async def test_stale_reads_see_the_past(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    rma_id = sandbox.add_return(spec())
    await asyncio.sleep(2.2)
    sandbox.receive(rma_id)
    sandbox.faults.add(Fault(match="GET /rma*", kind="stale_read", seconds=2, times=2))
    assert (await client.get(f"/rma/{rma_id}")).json()["rmaSummary"]["status"] == "Approved"
    assert (await client.get("/rmas?pagesize=1")).json()["rmas"][0]["status"] == "Approved"
    assert (await client.get(f"/rma/{rma_id}")).json()["rmaSummary"]["status"] == "Received"
    sandbox.faults.add(Fault(match="GET /rma/*", kind="stale_read", seconds=3000))
    assert (await client.get(f"/rma/{rma_id}")).status_code == 404, "not there yet, that long ago"


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"Received"'])
async def test_bodies_that_are_no_object(sandbox: ReturnGoSandbox, client: httpx.AsyncClient, body: bytes) -> None:
    answer = await client.put(f"/rma/{sandbox.add_return(spec())}/status", content=body)
    assert (answer.status_code, answer.json()) == (400, {"message": "Invalid request body"})


JSON_SPEC = {
    "order_external_id": "SO-1",
    "items": [{"external_id": "1", "sku": "SHOES", "quantity": 2, "unit_price": "80.5", "tax_rate": "0.21"}],
    "customer": {"email": "z@example.com", "first_name": "Zoë", "last_name": "Müller-O'Brien", "country": "DE"},
    "delivery": {"late_seconds": 0.1},
}


async def test_a_return_over_control(sandbox: ReturnGoSandbox, control: httpx.AsyncClient) -> None:
    made = await control.post("/returns", json=JSON_SPEC)
    assert made.status_code == 201
    rma_id = made.json()["return_id"]
    assert sandbox.get(rma_id)["shipments"][0]["customerAddress"]["name"] == "Zoë Müller-O'Brien"
    one, two = items(sandbox, rma_id)
    verdicts = [{"item_id": one, "returned": True, "restockable": False, "reason": "x", "location": "L1"}]
    for action, body in (
        ("delivery", {"lost": True}),
        ("ship", None),
        ("receive", None),
        ("review", None),
        ("validate", {"verdicts": verdicts}),
        ("plan_refund_amount", {"amount": "70"}),
        ("validate", {"verdicts": [{"item_id": two, "returned": False}]}),
        ("pay_refund", {"amount": "1.5", "kind": "adjustment"}),
        ("fail_refund", None),
        ("ask_difference", {"amount": "3"}),
        ("pay_difference", {}),
        ("fail_difference", None),
        ("add_exchange_order", {"external_id": "9", "number": "#9"}),
        ("add_exchange_order", {"external_id": "8", "number": "#8", "type": "Fee"}),
        ("done", None),
        ("reopen", None),
        ("edit_items", {"add": [{"external_id": "2", "sku": "SOCKS", "quantity": 1, "unit_price": "5"}]}),
        ("reject", None),
    ):
        answer = await control.post(f"/returns/{rma_id}/{action}", json=body)
        assert answer.status_code == 200, (action, answer.text)
    shown = (await control.get(f"/returns/{rma_id}")).text
    assert '"status": "Rejected"' in shown
    assert '"amount": 80.5' in shown
    after = sandbox.get(rma_id)["transactions"]
    assert [(str(t["amount"]["amount"]), t["status"]) for t in after] == [
        ("70", "Success"),
        ("1.5", "Failed"),
        ("3", "Failed"),
    ]
    events = (await control.get("/events", params={"return_id": rma_id})).json()
    assert [event["event"] for event in events][:3] == ["RMA_CREATED", "RMA_STATUS_UPDATED", "SHIPMENT_CREATED"]
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
        ("/returns/{id}/reject", None, 409),
        ("/returns/{id}/validate", {"verdicts": [{"item_id": "1", "good": True}]}, 422),
        ("/returns/{id}/pay_refund", {"amount": "0"}, 422),
        ("/returns/99/ship", None, 404),
        ("/events/0/redeliver", None, 404),
    ],
)
async def test_control_refuses_plainly(
    sandbox: ReturnGoSandbox, control: httpx.AsyncClient, path: str, body: object, status: int
) -> None:
    answer = await control.post(path.format(id=sandbox.add_return(spec())), json=body)
    assert answer.status_code == status, answer.text


async def test_seed_state_and_journal(sandbox: ReturnGoSandbox, control: httpx.AsyncClient, url: str) -> None:
    async with httpx.AsyncClient(base_url=url, headers=HEADERS) as client:
        await client.get("/webhooks")
    seeded = await control.post("/seed", json={"returns": [JSON_SPEC, JSON_SPEC]})
    ids = seeded.json()["return_ids"]
    state = (await control.get("/state")).json()
    assert [row["rmaSummary"]["rmaId"] for row in state["returns"]] == ids
    assert (state["shop_name"], state["calls_today"]) == (sandbox.shop_name, 1)
    created = (await control.get("/journal", params={"op": "return_created"})).json()
    assert [(entry["return_id"], entry["order"], len(entry["items"])) for entry in created] == [
        (rma_id, "SO-1", 2) for rma_id in ids
    ]
    for word in ("Zoë", "example.com", "iban"):
        assert word not in str(sandbox.journal.entries())
