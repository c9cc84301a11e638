"""Exchanges, the customer's payments and kept items in the emulated Reveni."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.kit.server import serve
from sandbox.reveni import ExchangeSpec, ItemSpec, ReturnSpec, ReveniSandbox
from sandbox.reveni.errors import Refused

Json = dict[str, Any]


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


def shoes(new_price: str | None = None, quantity: int = 1, line: str = "1", keep: bool = False) -> ItemSpec:
    """Shoes of 80 each; with `new_price`, for as many new ones."""
    wanted = ExchangeSpec("SHOES-41", quantity, Decimal(new_price)) if new_price else None
    return ItemSpec(line, "SHOES", quantity, Decimal(80), exchange=wanted, keep_item=keep)


def opened(reveni: ReveniSandbox, *items: ItemSpec, **more: Any) -> str:
    return reveni.add_return(ReturnSpec("SO-1", items, **more))


def refunds(reveni: ReveniSandbox, return_id: str) -> list[tuple[str, str, str]]:
    return [(r["kind"], r["status"], r["amount"]) for r in reveni.get(return_id)["refunds"]]


def payments(reveni: ReveniSandbox, return_id: str) -> list[tuple[str, str]]:
    return [(p["status"], p["amount"]) for p in reveni.get(return_id)["payments"]]


async def accept(client: httpx.AsyncClient, body: Json, quantity: int = 1) -> Json:
    """Accept that many units of the first pending item; the return afterwards."""
    item = next(item for item in body["return_items"] if item["status"] == "pending")
    entry = {"item_id": item["id"], "quantity": quantity, "status": "accepted"}
    answer: Json = (await client.post(f"/returns/{body['id']}/partial_validate", json={"items": [entry]})).json()
    return answer


@pytest.mark.parametrize(
    ("mode", "price", "paid"),
    [
        ("instant", "81.5", []),
        ("instant", "60", [("default", "paid", "21.5000")]),
        ("instant", "95", []),
        ("not_instant", "60", []),
    ],
)
async def test_what_an_exchange_pays_at_request_time(
    reveni: ReveniSandbox, mode: str, price: str, paid: list[tuple[str, str, str]]
) -> None:
    more = {"fees": Decimal(3), "bonus": Decimal("2.5"), "shipping_refund": Decimal(2)}
    return_id = opened(reveni, shoes(price), mode=mode, **more)
    assert refunds(reveni, return_id) == paid
    assert Decimal(reveni.get(return_id)["breakdown"]["total"]) == Decimal("81.5") - Decimal(price)


@pytest.mark.parametrize(
    ("items", "kind"),
    [
        ((shoes(),), "refund"),
        ((shoes("80"),), "exchange"),
        ((shoes("80"), shoes(line="2")), "mixed"),
    ],
)
async def test_E57_the_type_follows_from_the_items(
    reveni: ReveniSandbox, items: tuple[ItemSpec, ...], kind: str
) -> None:
    assert reveni.get(opened(reveni, *items))["type"] == kind


async def test_E57_a_mixed_return_pays_what_is_left(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = opened(reveni, shoes("95"), shoes(line="2"))
    body = await accept(client, await accept(client, reveni.get(return_id)))
    assert body["status"] == "accepted"
    assert refunds(reveni, return_id) == [("default", "paid", "65.0000")]


@pytest.mark.parametrize(("new", "parts"), [(3, [2, 1]), (2, [2, 0]), (4, [3, 1])])
async def test_a_split_neither_loses_nor_invents_new_units(
    reveni: ReveniSandbox, client: httpx.AsyncClient, new: int, parts: list[int]
) -> None:
    return_id = opened(reveni, ItemSpec("1", "SHOES", 3, Decimal(80), exchange=ExchangeSpec("NEW", new, Decimal(80))))
    body = await accept(client, reveni.get(return_id), 2)
    assert [item["quantity"] for item in body["return_items"]] == [2, 1]
    assert [item["exchange"]["quantity"] for item in body["return_items"]] == parts


async def test_E53_the_customer_pays_the_difference(reveni: ReveniSandbox) -> None:
    return_id = opened(reveni, shoes("95"))
    assert (reveni.get(return_id)["breakdown"]["total"], payments(reveni, return_id)) == ("-15.0000", [])
    before = len(reveni.events(return_id))
    payment_id = reveni.pay_difference(return_id)
    (payment,) = reveni.get(return_id)["payments"]
    assert payment["paid_at"] and payment | {"paid_at": 0} == {
        "id": payment_id,
        "status": "paid",
        "amount": "15.0000",
        "currency": "EUR",
        "paid_at": 0,
    }
    assert [event.name for event in reveni.events(return_id)[before:]] == ["return.updated"]
    assert [(e["amount"], e["currency"]) for e in reveni.journal.entries("difference_paid")] == [("15.0000", "EUR")]
    assert reveni.get(return_id)["breakdown"]["total"] == "-15.0000", "what is owed in all stays"


async def test_E53_a_failed_payment_may_be_followed_by_another(reveni: ReveniSandbox) -> None:
    return_id = opened(reveni, shoes("95"))
    asked = reveni.ask_difference(return_id)
    assert payments(reveni, return_id) == [("pending", "15.0000")]
    assert reveni.fail_difference(return_id) == asked
    assert reveni.get(return_id)["payments"][0]["paid_at"] is None
    reveni.pay_difference(return_id)
    assert payments(reveni, return_id) == [("failed", "15.0000"), ("paid", "15.0000")]
    assert [e["payment_id"] for e in reveni.journal.entries("difference_failed")] == [asked]


async def test_E53_too_little_then_the_rest(reveni: ReveniSandbox) -> None:
    return_id = opened(reveni, shoes("95"))
    reveni.pay_difference(return_id, Decimal(10))
    reveni.pay_difference(return_id)
    assert payments(reveni, return_id) == [("paid", "10.0000"), ("paid", "5.0000")]
    with pytest.raises(ValueError, match="positive amount"):
        reveni.pay_difference(return_id)
    reveni.pay_difference(return_id, Decimal(1))
    assert payments(reveni, return_id)[2] == ("paid", "1.0000")


@pytest.mark.parametrize("amount", [None, Decimal(0), Decimal(-1)])
async def test_nothing_to_pay(reveni: ReveniSandbox, amount: Decimal | None) -> None:
    return_id = opened(reveni, shoes("80"))
    for act in (reveni.ask_difference, reveni.pay_difference):
        with pytest.raises(ValueError, match="positive amount"):
            act(return_id, amount)
    assert payments(reveni, return_id) == []


async def test_U31_a_kept_item_alone_is_refunded_when_the_request_is_finished(reveni: ReveniSandbox) -> None:
    return_id = opened(reveni, shoes(keep=True), status="incomplete")
    assert (reveni.get(return_id)["status"], refunds(reveni, return_id)) == ("incomplete", [])
    reveni.complete(return_id)
    body = reveni.get(return_id)
    assert (body["status"], body["return_items"][0]["keep_item"]) == ("accepted", True)
    assert refunds(reveni, return_id) == [("default", "paid", "80.0000")]
    assert [entry["sku"] for entry in reveni.journal.entries("item_kept")] == ["SHOES"]
    assert reveni.journal.entries("item_decided") == []


async def test_U31_an_instant_kept_item_is_refunded_once(reveni: ReveniSandbox) -> None:
    return_id = opened(reveni, shoes(keep=True), mode="instant")
    assert reveni.get(return_id)["status"] == "accepted"
    assert refunds(reveni, return_id) == [("default", "paid", "80.0000")]


async def test_U31_a_kept_item_beside_others_waits_for_them(reveni: ReveniSandbox, client: httpx.AsyncClient) -> None:
    return_id = opened(reveni, shoes(keep=True), shoes(line="2"))
    assert (reveni.get(return_id)["status"], refunds(reveni, return_id)) == ("in_progress", [])
    assert (await accept(client, reveni.get(return_id)))["status"] == "accepted"
    assert refunds(reveni, return_id) == [("default", "paid", "160.0000")]


@pytest.mark.parametrize(("status", "answer"), [("accepted", 200), ("rejected", 409)])
async def test_U31_an_inspection_of_a_kept_item(
    reveni: ReveniSandbox, client: httpx.AsyncClient, status: str, answer: int
) -> None:
    return_id = opened(reveni, shoes(keep=True), shoes(line="2"))
    item_id = reveni.get(return_id)["return_items"][0]["id"]
    entry = {"item_id": item_id, "quantity": 1, "status": status, "reject_reason": "defect"}
    told = await client.post(f"/returns/{return_id}/partial_validate", json={"items": [entry]})
    assert told.status_code == answer
    assert reveni.get(return_id)["return_items"][0]["status"] == "accepted"


async def test_E43_a_failed_refund_then_a_second_one_after_an_exchange(reveni: ReveniSandbox) -> None:
    return_id = opened(reveni, shoes("60"), mode="instant")
    failed = reveni.fail_refund(return_id)
    assert reveni.pay_refund(return_id) != failed
    assert refunds(reveni, return_id) == [("default", "failed", "20.0000"), ("default", "paid", "20.0000")]


async def test_cancelled_exchanges_are_not_refunded(reveni: ReveniSandbox) -> None:
    return_id = opened(reveni, shoes("60"))
    reveni.cancel(return_id)
    assert refunds(reveni, return_id) == []
    with pytest.raises(Refused):
        reveni.edit_items(return_id, remove=[reveni.get(return_id)["return_items"][0]["id"]])
