"""Webhooks as a receiver on a real socket sees them: envelope, signature, retries, ways to go astray."""

import asyncio
import time
from collections.abc import AsyncIterator
from decimal import Decimal

import httpx
import pytest

from sandbox.kit.delivery import Deliverer, Event
from sandbox.kit.server import serve
from sandbox.reveni import DeliveryPolicy, ItemSpec, ReturnSpec, ReveniSandbox
from sandbox.reveni.receiver import Receiver
from sandbox.reveni.signing import signature
from tests.patience import PATIENCE

KEY = "sandbox-reveni-key"
QUICK = (0.05, 0.05)

VECTOR = (
    b'{"id": "c6927a921708466da5ed2b4ebadf0bdf", "event": "return.updated", "created": 1661518366, '
    b'"data": {"amount": "76.4800", "status": "in_progress", "currency": "EUR", "resource": "return", '
    b'"resource_id": "4e26c9f08f2a468fabc16af12ae0209b", "object": {}}}'
)


def spec(delivery: DeliveryPolicy | None = None) -> ReturnSpec:
    return ReturnSpec("SO-1", (ItemSpec("1", "SHOES", 1, Decimal(80)),), status="incomplete", delivery=delivery)


@pytest.fixture
def receiver() -> Receiver:
    return Receiver()


@pytest.fixture
async def hook(receiver: Receiver) -> AsyncIterator[str]:
    async with serve(receiver.app) as server:
        yield f"{server.url}/hook"


@pytest.fixture
async def reveni(hook: str) -> AsyncIterator[ReveniSandbox]:
    async with ReveniSandbox("store-1", KEY, webhook_url=hook, retry_seconds=QUICK) as sandbox:
        yield sandbox


def statuses(receiver: Receiver) -> list[str]:
    return [delivery.event["data"]["status"] for delivery in receiver.deliveries]


async def arrived(receiver: Receiver, count: int) -> None:
    """Wait for deliveries without drain, which would let held ones go."""
    async with asyncio.timeout(PATIENCE):
        while len(receiver.deliveries) < count:
            await asyncio.sleep(0.02)


def test_the_vector_of_the_contract() -> None:
    expected = "1675fe8e8b8831bb5477cfc0181da5646e1a83b204449df2bde3d76adc0683b9"
    assert signature(KEY, "1661518366.749773", VECTOR) == expected


async def test_envelope_and_signature(reveni: ReveniSandbox, receiver: Receiver) -> None:
    return_id = reveni.add_return(spec())
    await reveni.drain(PATIENCE)
    (delivery,) = receiver.deliveries
    event = delivery.event
    assert list(event) == ["id", "event", "created", "data"]
    assert (event["id"], event["event"]) == (reveni.events()[0].id, "return.created")
    assert isinstance(event["created"], int)
    assert event["data"] == {
        "amount": "80.0000",
        "status": "incomplete",
        "currency": "EUR",
        "resource": "return",
        "resource_id": return_id,
        "object": reveni.get(return_id),
    }
    assert delivery.content_type == "application/json"
    assert delivery.signed_with(KEY)
    assert not delivery.signed_with("another")
    assert abs(delivery.t - Decimal(int(time.time()))) < 5
    assert delivery.signature.startswith("t=")
    assert "." in str(delivery.t)


async def test_each_change_is_told(reveni: ReveniSandbox, receiver: Receiver) -> None:
    return_id = reveni.add_return(spec())
    await reveni.drain(PATIENCE)
    reveni.complete(return_id)
    await reveni.drain(PATIENCE)
    reveni.pay_refund(return_id)
    await reveni.drain(PATIENCE)
    assert [d.event["event"] for d in receiver.deliveries] == ["return.created"] + ["return.updated"] * 2
    assert statuses(receiver) == ["incomplete", "in_progress", "in_progress"]
    assert receiver.deliveries[-1].event["data"]["object"]["refunds"][0]["status"] == "paid"
    delivered = reveni.journal.entries("webhook_delivered")
    assert [(e["return_id"], e["status_code"]) for e in delivered] == [(return_id, 200)] * 3
    assert [e["event_id"] for e in delivered] == [event.id for event in reveni.events(return_id)]


async def test_retries_keep_the_id_and_sign_afresh(reveni: ReveniSandbox, receiver: Receiver) -> None:
    receiver.answers.extend([500, 302])
    reveni.add_return(spec())
    await reveni.drain(PATIENCE)
    times = [delivery.t for delivery in receiver.deliveries]
    assert len({delivery.body for delivery in receiver.deliveries}) == 1
    assert len(times) == 3
    assert times[0] < times[1] < times[2]
    assert all(delivery.signed_with(KEY) for delivery in receiver.deliveries)
    assert [e["status_code"] for e in reveni.journal.entries("webhook_refused")] == [500, 302]
    assert len(reveni.journal.entries("webhook_delivered")) == 1


async def test_it_gives_up_after_the_last_retry(reveni: ReveniSandbox, receiver: Receiver) -> None:
    receiver.answers.extend([503] * 9)
    reveni.add_return(spec())
    await reveni.drain(PATIENCE)
    assert len(receiver.deliveries) == 1 + len(QUICK)
    assert len(reveni.journal.entries("webhook_given_up")) == 1


async def test_nobody_listens() -> None:
    async with ReveniSandbox("store-1", KEY, webhook_url="http://127.0.0.1:9/", retry_seconds=(0.01,)) as reveni:
        reveni.add_return(spec())
        await reveni.drain(PATIENCE)
        assert [e["error"] for e in reveni.journal.entries("webhook_unanswered")] == ["ConnectError"] * 2


async def test_stop_cancels_retries(receiver: Receiver, hook: str) -> None:
    receiver.answers.append(500)
    reveni = ReveniSandbox("store-1", KEY, webhook_url=hook)
    reveni.add_return(spec())
    await arrived(receiver, 1)
    with pytest.raises(TimeoutError):
        await reveni.drain(0.2)
    await reveni.stop()
    await reveni.drain(PATIENCE)
    assert len(receiver.deliveries) == 1
    reveni.add_return(spec())
    await reveni.drain(PATIENCE)
    assert len(receiver.deliveries) == 2, "it can start again"
    await reveni.stop()


async def test_duplicates(reveni: ReveniSandbox, receiver: Receiver) -> None:
    reveni.add_return(spec(DeliveryPolicy(duplicate=True)))
    await reveni.drain(PATIENCE)
    first, second = receiver.deliveries
    assert first.body == second.body
    assert first.t < second.t


async def test_late(reveni: ReveniSandbox, receiver: Receiver) -> None:
    return_id = reveni.add_return(spec(DeliveryPolicy(late_seconds=1.5)))
    reveni.set_delivery(return_id, DeliveryPolicy())
    reveni.complete(return_id)
    await reveni.drain(PATIENCE)
    assert statuses(receiver) == ["in_progress", "incomplete"]


async def test_reordered(reveni: ReveniSandbox, receiver: Receiver) -> None:
    return_id = reveni.add_return(spec(DeliveryPolicy(hold=3, hold_seconds=60)))
    reveni.complete(return_id)
    await asyncio.sleep(0.2)
    assert receiver.deliveries == []
    reveni.ship(return_id)
    reveni.receive(return_id)
    await arrived(receiver, 3)
    assert statuses(receiver) == ["shipped", "in_progress", "incomplete"]
    await reveni.drain(PATIENCE)
    assert statuses(receiver)[3:] == ["received"], "drain lets go what is held"


async def test_an_incomplete_group_goes_in_the_end(reveni: ReveniSandbox, receiver: Receiver) -> None:
    return_id = reveni.add_return(spec(DeliveryPolicy(hold=9, hold_seconds=0.3)))
    reveni.complete(return_id)
    await arrived(receiver, 2)
    assert statuses(receiver) == ["in_progress", "incomplete"]


async def test_lost_and_sent_again(reveni: ReveniSandbox, receiver: Receiver) -> None:
    return_id = reveni.add_return(spec(DeliveryPolicy(lost=True)))
    await reveni.drain(PATIENCE)
    assert receiver.deliveries == []
    (event,) = reveni.events(return_id)
    reveni.redeliver(event.id)
    await reveni.drain(PATIENCE)
    reveni.redeliver(event.id)
    await reveni.drain(PATIENCE)
    assert [d.event["id"] for d in receiver.deliveries] == [event.id] * 2
    assert receiver.deliveries[0].t < receiver.deliveries[1].t
    with pytest.raises(KeyError):
        reveni.redeliver("0" * 32)


async def test_registered_webhooks_get_the_events_they_ask_for(receiver: Receiver, hook: str) -> None:
    async with ReveniSandbox("store-1", KEY) as reveni, serve(reveni.app) as server:
        headers = {"Authorization": f"Bearer {KEY}"}
        async with httpx.AsyncClient(base_url=server.url + reveni.base_path, headers=headers) as client:
            await client.post("/webhooks", json={"event_types": ["return.updated"], "url": hook})
        return_id = reveni.add_return(spec())
        reveni.complete(return_id)
        await reveni.drain(PATIENCE)
    assert statuses(receiver) == ["in_progress"]


async def test_an_error_in_the_sender_is_not_swallowed(reveni: ReveniSandbox) -> None:
    def broken(_: Event) -> dict[str, str]:
        raise LookupError("no key")

    deliverer = Deliverer("reveni", QUICK, reveni.journal, broken)
    deliverer.send(Event("1", "return.updated", "2", b"{}", ("http://x.example",)), DeliveryPolicy())
    with pytest.raises(LookupError):
        await deliverer.drain(PATIENCE)
    await deliverer.stop()
