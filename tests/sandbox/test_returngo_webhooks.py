"""Webhooks as a receiver on a real socket sees them: payloads, registrations, retries, ways to go astray."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from sandbox.kit.server import serve
from sandbox.returngo import DeliveryPolicy, ReturnGoSandbox
from tests.patience import PATIENCE
from tests.sandbox.returngo_wire import SHOP, Receiver, client_of, found, items, spec

QUICK = (0.05, 0.05, 0.05)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def hook(receiver: Receiver) -> AsyncIterator[str]:
    async with serve(receiver.app) as server:
        yield f"{server.url}/hook/secret"


@pytest.fixture
async def sandbox(hook: str) -> AsyncIterator[ReturnGoSandbox]:
    async with ReturnGoSandbox(webhook_url=hook, retry_seconds=QUICK) as running:
        yield running


def pending(delivery: DeliveryPolicy | None = None) -> Any:
    """A request whose creation is its only event so far."""
    return spec(status="incomplete", delivery=delivery)


async def arrived(receiver: Receiver, count: int) -> None:
    """Wait for deliveries without drain, which would let held ones go."""
    async with asyncio.timeout(PATIENCE):
        while len(receiver.bodies) < count:
            await asyncio.sleep(0.02)


async def test_each_kind_of_event(sandbox: ReturnGoSandbox, receiver: Receiver) -> None:
    rma_id = sandbox.add_return(pending())
    await sandbox.drain(PATIENCE)
    sandbox.complete(rma_id)
    await sandbox.drain(PATIENCE)
    found(sandbox, rma_id)
    await sandbox.drain(PATIENCE)
    by_name = {event["eventName"]: event for event in receiver.events}
    assert sorted(receiver.names) == sorted(
        ["RMA_CREATED", "SHIPMENT_CREATED", "TRANSACTION_CREATED", "REFUND_CREATED"]
        + ["RMA_STATUS_UPDATED"] * 3
        + ["SHIPMENT_STATUS_UPDATED"] * 2
    )
    created = by_name["RMA_CREATED"]
    assert list(created) == ["eventName", "shopName", "eventDate", "rmaId", "status", "orderId", "order_name"]
    assert (created["shopName"], created["status"], created["orderId"]) == (SHOP, "Pending", "SO-1")
    assert created["eventDate"].endswith("+00:00")
    shipment = by_name["SHIPMENT_CREATED"]
    assert list(shipment) == ["eventName", "shopName", "eventDate", "rmaId", "shipmentId", "status"]
    assert shipment["shipmentId"] == sandbox.get(rma_id)["shipments"][0]["shipmentId"]
    transaction = sandbox.get(rma_id)["transactions"][0]["id"]
    for name in ("TRANSACTION_CREATED", "REFUND_CREATED"):
        assert list(by_name[name]) == ["eventName", "shopName", "eventDate", "rmaId", "transactionId"]
        assert by_name[name]["transactionId"] == transaction
    assert {str(event["rmaId"]) for event in receiver.events} == {rma_id}
    assert {type(event["rmaId"]) for event in receiver.events} == {int, str}
    headers = receiver.headers[0]
    assert headers["content-type"] == "application/json"
    assert not [name for name in headers if "signature" in name or "hmac" in name or name == "authorization"]


async def test_money_and_validation_change_in_silence(receiver: Receiver, hook: str) -> None:
    async with ReturnGoSandbox(webhook_url=hook, pay="later") as sandbox:
        rma_id = sandbox.add_return(spec())
        found(sandbox, rma_id)
        await sandbox.drain(PATIENCE)
        events = len(sandbox.events())
        sandbox.pay_refund(rma_id)
        sandbox.validate(rma_id, [{"item_id": items(sandbox, rma_id)[0], "restockable": False}])
        sandbox.fail_refund(rma_id)
        assert len(sandbox.events()) == events


async def test_one_event_name_per_registration(receiver: Receiver, hook: str) -> None:
    async with ReturnGoSandbox() as sandbox, client_of(sandbox) as client:
        made = await client.post("/webhook", json={"url": hook, "eventName": "RMA_STATUS_UPDATED"})
        assert (made.status_code, made.json()) == (200, {"id": "10001", "url": hook, "eventName": "RMA_STATUS_UPDATED"})
        sandbox.add_return(spec())
        await sandbox.drain(PATIENCE)
        assert receiver.names == ["RMA_STATUS_UPDATED"]
        changed = await client.put("/webhook/10001", json={"url": hook, "eventName": "SHIPMENT_CREATED"})
        assert changed.json()["eventName"] == "SHIPMENT_CREATED"
        assert (await client.get("/webhooks")).json() == [changed.json()], "a bare array, without a secret"
        sandbox.add_return(spec())
        await sandbox.drain(PATIENCE)
        assert receiver.names[1:] == ["SHIPMENT_CREATED"]
        assert (await client.delete("/webhook/10001")).status_code == 200
        assert (await client.get("/webhooks")).json() == []
        sandbox.add_return(spec())
        await sandbox.drain(PATIENCE)
        assert len(receiver.names) == 2


async def test_the_url_is_not_looked_at(receiver: Receiver) -> None:
    async with ReturnGoSandbox(retry_seconds=(0.01,)) as sandbox, client_of(sandbox) as client:
        for url in ("string", "http://x:port"):
            answer = await client.post("/webhook", json={"url": url, "eventName": "RMA_CREATED"})
            assert answer.status_code == 200
        sandbox.add_return(spec())
        await sandbox.drain(PATIENCE)
        errors = sorted(e["error"] for e in sandbox.journal.entries("webhook_unanswered"))
        assert errors == ["InvalidURL"] * 2 + ["UnsupportedProtocol"] * 2


@pytest.mark.parametrize(
    "body", [{}, {"url": "http://x"}, {"url": "http://x", "eventName": "return.created"}, {"eventName": "RMA_CREATED"}]
)
async def test_registrations_that_are_refused(body: dict[str, str]) -> None:
    async with ReturnGoSandbox() as sandbox, client_of(sandbox) as client:
        assert (await client.post("/webhook", json=body)).status_code == 400
        assert (await client.get("/webhooks")).json() == []


async def test_retries_end_after_the_third(sandbox: ReturnGoSandbox, receiver: Receiver) -> None:
    receiver.answers.extend([500, 302])
    sandbox.add_return(pending())
    await sandbox.drain(PATIENCE)
    assert len(receiver.bodies) == 3
    assert len(set(receiver.bodies)) == 1
    receiver.answers.extend([503] * 9)
    sandbox.add_return(pending())
    await sandbox.drain(PATIENCE)
    assert len(receiver.bodies) == 3 + 4
    assert len(sandbox.journal.entries("webhook_given_up")) == 1


async def test_nobody_listens() -> None:
    async with ReturnGoSandbox(webhook_url="http://127.0.0.1:9/", retry_seconds=(0.01,)) as sandbox:
        sandbox.add_return(pending())
        await sandbox.drain(PATIENCE)
        assert [e["error"] for e in sandbox.journal.entries("webhook_unanswered")] == ["ConnectError"] * 2


async def test_stop_cancels_retries(receiver: Receiver, hook: str) -> None:
    receiver.answers.append(500)
    sandbox = ReturnGoSandbox(webhook_url=hook, retry_seconds=(60,))
    sandbox.add_return(pending())
    await arrived(receiver, 1)
    with pytest.raises(TimeoutError):
        await sandbox.drain(0.2)
    await sandbox.stop()
    await sandbox.drain(PATIENCE)
    assert len(receiver.bodies) == 1
    sandbox.add_return(pending())
    await sandbox.drain(PATIENCE)
    assert len(receiver.bodies) == 2, "it can start again"
    await sandbox.stop()


async def test_duplicates(sandbox: ReturnGoSandbox, receiver: Receiver) -> None:
    sandbox.add_return(pending(DeliveryPolicy(duplicate=True)))
    await sandbox.drain(PATIENCE)
    first, second = receiver.bodies
    assert first == second


async def test_late(sandbox: ReturnGoSandbox, receiver: Receiver) -> None:
    rma_id = sandbox.add_return(pending(DeliveryPolicy(late_seconds=1.5)))
    sandbox.set_delivery(rma_id, DeliveryPolicy())
    sandbox.cancel(rma_id)
    await sandbox.drain(PATIENCE)
    assert receiver.names == ["RMA_STATUS_UPDATED", "RMA_CREATED"]


async def test_reordered(sandbox: ReturnGoSandbox, receiver: Receiver) -> None:
    rma_id = sandbox.add_return(pending(DeliveryPolicy(hold=3, hold_seconds=60)))
    await asyncio.sleep(0.2)
    assert receiver.bodies == []
    sandbox.complete(rma_id)
    await arrived(receiver, 3)
    assert receiver.names == ["SHIPMENT_CREATED", "RMA_STATUS_UPDATED", "RMA_CREATED"]
    sandbox.ship(rma_id)
    await sandbox.drain(PATIENCE)
    assert receiver.names[3:] == ["SHIPMENT_STATUS_UPDATED"], "drain lets go what is held"


async def test_an_incomplete_group_goes_in_the_end(sandbox: ReturnGoSandbox, receiver: Receiver) -> None:
    rma_id = sandbox.add_return(pending(DeliveryPolicy(hold=9, hold_seconds=0.3)))
    sandbox.cancel(rma_id)
    await arrived(receiver, 2)
    assert receiver.names == ["RMA_STATUS_UPDATED", "RMA_CREATED"]


async def test_lost_and_sent_again(sandbox: ReturnGoSandbox, receiver: Receiver) -> None:
    rma_id = sandbox.add_return(pending(DeliveryPolicy(lost=True)))
    await sandbox.drain(PATIENCE)
    assert receiver.bodies == []
    (event,) = sandbox.events(rma_id)
    for _ in range(2):
        sandbox.redeliver(event.id)
    await sandbox.drain(PATIENCE)
    assert receiver.bodies == [event.body] * 2
    with pytest.raises(KeyError):
        sandbox.redeliver("0")


async def test_a_receiver_that_hangs_does_not_hold_the_api() -> None:
    async def say_nothing(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await released.wait()
        writer.close()

    released = asyncio.Event()
    mute = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{mute.sockets[0].getsockname()[1]}/"
    async with mute, ReturnGoSandbox(webhook_url=url) as sandbox, client_of(sandbox) as client:
        for _ in range(30):
            sandbox.add_return(spec())
        assert len((await client.get("/rmas?pagesize=500")).json()["rmas"]) == 30
        await sandbox.stop()
        released.set()
    assert sandbox.journal.entries("webhook_delivered") == []
