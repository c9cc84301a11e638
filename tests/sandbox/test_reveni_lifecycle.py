"""How returns move and money is paid: by the API, and by the hands a test or the demo lends."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.kit.server import serve
from sandbox.kit.wanted import PayPolicy
from sandbox.reveni import ItemSpec, ReturnSpec, ReveniSandbox
from sandbox.reveni.errors import Refused

SHOES = ItemSpec("1", "SHOES", 1, Decimal(80))


def spec(**more: Any) -> ReturnSpec:
    return ReturnSpec("SO-1", (SHOES,), **more)


@pytest.fixture
async def reveni() -> AsyncIterator[ReveniSandbox]:
    async with ReveniSandbox("store-1", "key") as sandbox:
        yield sandbox


@pytest.fixture
async def client(reveni: ReveniSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with serve(reveni.app) as server:
        headers = {"Authorization": "Bearer key"}
        async with httpx.AsyncClient(base_url=server.url + reveni.base_path, headers=headers) as client:
            yield client


def accept(reveni: ReveniSandbox, return_id: str) -> dict[str, Any]:
    """One entry that accepts the return's only item."""
    return {"items": [{"item_id": reveni.get(return_id)["return_items"][0]["id"], "quantity": 1, "status": "accepted"}]}


def refunds(reveni: ReveniSandbox, return_id: str) -> list[tuple[str, str, str]]:
    return [(r["kind"], r["status"], r["amount"]) for r in reveni.get(return_id)["refunds"]]


async def test_the_road_of_a_return(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = reveni.add_return(spec(status="incomplete"))
    assert reveni.get(return_id)["shipment"] is None
    for step in (reveni.complete, reveni.ship, reveni.receive, reveni.review):
        step(return_id)
    answer = await client.post(f"/returns/{return_id}/partial_validate", json=accept(reveni, return_id))
    assert answer.json()["status"] == "accepted"
    assert [e["status"] for e in reveni.journal.entries("return_status")] == [
        "incomplete",
        "in_progress",
        "shipped",
        "received",
        "for_review",
        "accepted",
    ]


async def test_received_by_api(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = reveni.add_return(spec())
    body = {"status": "received", "received_at": "2026-03-09T08:00:00Z"}
    for _ in range(2):
        answer = await client.patch(f"/returns/{return_id}", json=body)
        assert (answer.status_code, answer.json()["status"]) == (200, "received")
    assert len(reveni.events(return_id)) == 2, "the repeat is no change"


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "status"),
        ({"status": "lost"}, 400, "status"),
        ({"status": ["received"]}, 400, "status"),
        ({"status": "received", "received_at": "monday"}, 400, "received_at"),
        ({"status": "accepted"}, 409, "detail"),
        ({"status": "incomplete"}, 409, "detail"),
        ({"status": "for_review"}, 409, "detail"),
    ],
)
async def test_refused_moves(
    reveni: ReveniSandbox, client: httpx.AsyncClient, body: object, status: int, field: str
) -> None:
    return_id = reveni.add_return(spec())
    answer = await client.patch(f"/returns/{return_id}", json=body)
    assert (answer.status_code, set(answer.json())) == (status, {field})
    assert reveni.get(return_id)["status"] == "in_progress"


async def test_no_way_back(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    incomplete = reveni.add_return(spec(status="incomplete"))
    received = reveni.add_return(spec())
    reveni.receive(received)
    done = reveni.add_return(spec())
    await client.post(f"/returns/{done}/partial_validate", json=accept(reveni, done))
    for return_id, status in ((incomplete, "received"), (received, "shipped"), (done, "received")):
        assert (await client.patch(f"/returns/{return_id}", json={"status": status})).status_code == 409


async def test_cancel(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = reveni.add_return(spec())
    reveni.cancel(return_id)
    assert (await client.get(f"/returns/{return_id}")).json()["status"] == "cancelled"
    assert [e["return_id"] for e in reveni.journal.entries("return_cancelled")] == [return_id]


async def test_instant_and_final_returns_are_not_cancelled(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    instant, done = reveni.add_return(spec(mode="instant")), reveni.add_return(spec())
    await client.post(f"/returns/{done}/partial_validate", json=accept(reveni, done))
    for return_id in (instant, done):
        with pytest.raises(Refused) as refused:
            reveni.cancel(return_id)
        assert refused.value.status == 409


async def test_instant_money_moves_when_the_request_is_finished(reveni: ReveniSandbox) -> None:
    return_id = reveni.add_return(spec(mode="instant", status="incomplete", bonus=Decimal(5)))
    assert refunds(reveni, return_id) == []
    reveni.complete(return_id)
    assert refunds(reveni, return_id) == [("default", "paid", "85.0000")]


@pytest.mark.parametrize(("pay", "after"), [("later", [("default", "pending", "80.0000")]), ("withheld", [])])
async def test_money_that_waits(pay: PayPolicy, after: list[tuple[str, str, str]]) -> None:
    async with ReveniSandbox("store-1", "key", pay=pay) as reveni:
        return_id = reveni.add_return(spec(mode="instant"))
        assert refunds(reveni, return_id) == after
        reveni.pay_refund(return_id)
        assert refunds(reveni, return_id) == [("default", "paid", "80.0000")]
        assert len(reveni.journal.entries("refund_paid")) == 1


async def test_planned_amount(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = reveni.add_return(spec())
    reveni.plan_refund_amount(return_id, Decimal("99.9"))
    body = (await client.post(f"/returns/{return_id}/partial_validate", json=accept(reveni, return_id))).json()
    assert (body["refunds"][0]["amount"], body["breakdown"]["total"]) == ("99.9000", "80.0000")
    instant = reveni.add_return(spec(mode="instant", planned_refund=Decimal(0)))
    assert refunds(reveni, instant) == []


async def test_wrong_second_and_adjusting_refunds(reveni: ReveniSandbox) -> None:
    return_id = reveni.add_return(spec(mode="instant"))
    reveni.pay_refund(return_id)
    reveni.pay_refund(return_id, Decimal("2.5"), kind="adjustment")
    assert refunds(reveni, return_id) == [
        ("default", "paid", "80.0000"),
        ("default", "paid", "80.0000"),
        ("adjustment", "paid", "2.5000"),
    ]
    paid = reveni.journal.entries("refund_paid")
    assert [(e["amount"], e["currency"]) for e in paid] == [("80.0000", "EUR")] * 2 + [("2.5000", "EUR")]


@pytest.mark.parametrize(("amount", "kind"), [(Decimal(0), "default"), (None, "adjustment"), (None, "gift")])
async def test_impossible_refunds(reveni: ReveniSandbox, amount: Decimal | None, kind: str) -> None:
    return_id = reveni.add_return(spec())
    with pytest.raises(ValueError, match=r"refund|adjustment"):
        reveni.pay_refund(return_id, amount, kind)
    assert refunds(reveni, return_id) == []


async def test_a_failed_refund_may_be_followed_by_another(reveni: ReveniSandbox) -> None:
    return_id = reveni.add_return(spec(mode="instant"))
    failed = reveni.fail_refund(return_id)
    assert reveni.get(return_id)["refunds"][0]["paid_at"] is None
    reveni.pay_refund(return_id)
    assert refunds(reveni, return_id) == [("default", "failed", "80.0000"), ("default", "paid", "80.0000")]
    assert [e["refund_id"] for e in reveni.journal.entries("refund_failed")] == [failed]


@pytest.mark.parametrize(
    ("currency", "price", "discount", "paid"),
    [
        ("JPY", "1000", "100.5", "900.0000"),
        ("EUR", "10", "0.125", "9.8800"),
        ("KWD", "10", "0.1255", "9.8750"),
    ],
)
async def test_paid_money_is_whole_in_the_minor_unit(
    reveni: ReveniSandbox, currency: str, price: str, discount: str, paid: str
) -> None:
    item = ItemSpec("1", "SKU", 1, Decimal(price), discount=Decimal(discount))
    return_id = reveni.add_return(ReturnSpec("SO-1", (item,), currency=currency, mode="instant"))
    assert refunds(reveni, return_id) == [("default", "paid", paid)]


async def test_thirty_days_accept_an_instant_return(reveni: ReveniSandbox) -> None:
    return_id = reveni.add_return(spec(mode="instant"))
    reveni.expire(return_id)
    assert reveni.get(return_id)["status"] == "accepted"
    with pytest.raises(Refused):
        reveni.expire(reveni.add_return(spec()))


async def test_notes(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = reveni.add_return(spec())
    answer = await client.post(f"/returns/{return_id}/notes", json={"text": "Größe prüfen"})
    assert answer.status_code == 201
    assert answer.json().keys() == {"id", "text", "created_at"}
    assert answer.json()["text"] == "Größe prüfen"
    assert [e["note_id"] for e in reveni.journal.entries("note_added")] == [answer.json()["id"]]
    assert (await client.post(f"/returns/{return_id}/notes", json={"text": ""})).json() == {
        "text": ["This field may not be blank."]
    }
    assert (await client.post(f"/returns/{'0' * 32}/notes", json={"text": "x"})).status_code == 404


async def test_an_exchange_order_of_the_platform(reveni: ReveniSandbox) -> None:
    return_id = reveni.add_return(spec())
    reveni.add_exchange_order(return_id, "555", "#1002-EX")
    (order,) = reveni.get(return_id)["exchange_orders"]
    assert (order["external_id"], order["number"], order["total_payable"]) == ("555", "#1002-EX", "0.0000")
