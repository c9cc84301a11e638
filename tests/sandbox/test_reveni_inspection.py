"""Every rule of `partial_validate`, over HTTP."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.kit.server import serve
from sandbox.reveni import ExchangeSpec, ItemSpec, ReturnSpec, ReveniSandbox

Json = dict[str, Any]

SHIRTS = ItemSpec("1", "SHIRT", 3, Decimal("29.95"), discount=Decimal(10))
SHOES = ItemSpec("2", "SHOES", 1, Decimal(80))


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


class Inspector:
    """A client at one return."""

    def __init__(self, client: httpx.AsyncClient, reveni: ReveniSandbox, *items: ItemSpec, **more: Any) -> None:
        self._client = client
        self._reveni = reveni
        self.return_id = reveni.add_return(ReturnSpec("SO-1", items, **more))
        self.ids = [item["id"] for item in self.read()["return_items"]]

    def read(self) -> Json:
        return self._reveni.get(self.return_id)

    def journaled(self, op: str) -> list[Json]:
        return self._reveni.journal.entries(op)

    async def send(self, *items: Json) -> httpx.Response:
        return await self._client.post(f"/returns/{self.return_id}/partial_validate", json={"items": items})


def accepted(item_id: str, quantity: int = 1) -> Json:
    return {"item_id": item_id, "quantity": quantity, "status": "accepted"}


def rejected(item_id: str, quantity: int = 1, reason: str = "defect", text: str = "") -> Json:
    entry = {"item_id": item_id, "quantity": quantity, "status": "rejected", "reject_reason": reason}
    return entry | {"reject_reason_text": text}


async def test_accept_everything(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHIRTS, SHOES, fees=Decimal(5), shipping_refund=Decimal(3))
    answer = await work.send(accepted(work.ids[0], 3), accepted(work.ids[1]))
    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "accepted")
    assert {item["status"] for item in body["return_items"]} == {"accepted"}
    assert [(r["status"], r["amount"], r["method"]) for r in body["refunds"]] == [
        ("paid", "157.8500", "original_payment_method")
    ]
    assert body == work.read()


async def test_items_not_listed_stay_pending(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHIRTS, SHOES)
    reveni.receive(work.return_id)
    body = (await work.send(accepted(work.ids[1]))).json()
    assert [item["status"] for item in body["return_items"]] == ["pending", "accepted"]
    assert (body["status"], body["refunds"]) == ("received", [])


async def test_reject_everything(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHOES, fees=Decimal(5))
    body = (await work.send(rejected(work.ids[0], reason="damaged", text="sole cut"))).json()
    (item,) = body["return_items"]
    assert (item["status"], item["reject_reason"], item["reject_reason_text"]) == (
        "rejected",
        "damaged",
        "sole cut",
    )
    assert (body["status"], body["refunds"], body["breakdown"]["total"]) == ("rejected", [], "0.0000")


async def test_a_split_keeps_the_id_with_the_decided_part(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHIRTS)
    before = work.read()["return_items"][0]
    part, rest = (await work.send(accepted(work.ids[0], 2))).json()["return_items"]
    assert (part["id"], part["quantity"], part["status"]) == (work.ids[0], 2, "accepted")
    assert (rest["quantity"], rest["status"], rest["external_id"]) == (1, "pending", "1")
    assert rest["id"] != part["id"]
    for amount in ("discount", "tax"):
        assert Decimal(part[amount]) + Decimal(rest[amount]) == Decimal(before[amount])
    assert part["discount"] == "6.6667"


async def test_one_body_names_an_item_twice(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHIRTS)
    body = (await work.send(accepted(work.ids[0]), rejected(work.ids[0], 2))).json()
    assert [(i["quantity"], i["status"]) for i in body["return_items"]] == [(1, "accepted"), (2, "rejected")]
    assert body["return_items"][0]["id"] == work.ids[0]
    assert body["status"] == "partly_accepted"
    assert body["refunds"][0]["amount"] == "26.6200"  # 29.95 - 3.3333, at the cent


async def test_three_parts_and_a_rest(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, ItemSpec("1", "SHIRT", 4, Decimal(5)))
    item = work.ids[0]
    body = (await work.send(accepted(item), rejected(item, reason="missing"), rejected(item))).json()
    assert [i["status"] for i in body["return_items"]] == ["accepted", "rejected", "rejected", "pending"]
    assert [i["reject_reason"] for i in body["return_items"]] == [None, "missing", "defect", None]
    assert len({i["id"] for i in body["return_items"]}) == 4


async def test_the_same_body_again_changes_nothing(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHIRTS, SHOES)
    entries = (accepted(work.ids[0]), rejected(work.ids[0]), accepted(work.ids[1]))
    first = await work.send(*entries)
    journal = reveni.journal.entries()
    again = await work.send(*entries)
    assert (again.status_code, again.json()) == (200, first.json())
    assert reveni.journal.entries() == journal
    assert len(again.json()["return_items"]) == 4


async def test_a_repeat_may_come_with_something_new(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHIRTS, SHOES)
    await work.send(accepted(work.ids[1]))
    body = (await work.send(accepted(work.ids[1]), accepted(work.ids[0], 3))).json()
    assert body["status"] == "accepted"
    assert len(work.journaled("item_decided")) == 2


async def test_no_contradiction(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHIRTS, SHOES)
    await work.send(accepted(work.ids[0], 2))
    for entry in (rejected(work.ids[0], 2), accepted(work.ids[0], 1), accepted(work.ids[0], 3)):
        answer = await work.send(accepted(work.ids[1]), entry)
        assert (answer.status_code, answer.json()) == (409, {"detail": "Item already validated."})
    assert work.read()["return_items"][2]["status"] == "pending", "a refused body must not apply in part"


async def test_the_rest_is_decided_under_its_own_id(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHIRTS)
    rest = (await work.send(accepted(work.ids[0], 2))).json()["return_items"][1]
    body = (await work.send(accepted(rest["id"]))).json()
    assert body["status"] == "accepted"
    assert body["refunds"][0]["amount"] == "79.8500"


@pytest.mark.parametrize("status", ["incomplete", "cancelled"])
async def test_not_before_and_not_after(client: httpx.AsyncClient, reveni: ReveniSandbox, status: str) -> None:
    work = Inspector(client, reveni, SHOES, status="incomplete")
    if status == "cancelled":
        reveni.cancel(work.return_id)
    answer = await work.send(accepted(work.ids[0]))
    assert answer.status_code == 409
    assert answer.json() == {"detail": f"A return in status {status} cannot be validated."}


BAD_BODIES: list[tuple[object, str]] = [
    ([], "non_field_errors"),
    ({}, "items"),
    ({"items": {}}, "items"),
    ({"items": []}, "items"),
    ({"items": ["x"]}, "items"),
    ({"items": [{"item_id": "ID", "quantity": 1, "status": "for_review"}]}, "items"),
    ({"items": [{"item_id": "ID", "quantity": 0, "status": "accepted"}]}, "items"),
    ({"items": [{"item_id": "ID", "quantity": "1", "status": "accepted"}]}, "items"),
    ({"items": [{"item_id": "ID", "quantity": True, "status": "accepted"}]}, "items"),
    ({"items": [{"item_id": "ID", "quantity": 2, "status": "accepted"}]}, "items"),
    ({"items": [{"item_id": "ID", "quantity": 1, "status": "rejected"}]}, "items"),
    ({"items": [{"item_id": "ID", "quantity": 1, "status": "rejected", "reject_reason": "ugly"}]}, "items"),
    ({"items": [{"item_id": "0" * 32, "quantity": 1, "status": "accepted"}]}, "items"),
    ({"items": [{"quantity": 1, "status": "accepted"}]}, "items"),
]


@pytest.mark.parametrize(("body", "field"), BAD_BODIES)
async def test_bad_bodies(client: httpx.AsyncClient, reveni: ReveniSandbox, body: object, field: str) -> None:
    work = Inspector(client, reveni, SHOES)
    if isinstance(body, dict) and isinstance(body.get("items"), list):
        items = [i | {"item_id": work.ids[0]} if i != "x" and i.get("item_id") == "ID" else i for i in body["items"]]
        body = {"items": items}
    answer = await client.post(f"/returns/{work.return_id}/partial_validate", json=body)
    assert answer.status_code == 400
    assert answer.json().keys() == {field}
    assert all(isinstance(text, str) for text in answer.json()[field])
    assert work.journaled("item_decided") == []


async def test_not_json_and_no_such_return(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHOES)
    headers = {"Content-Type": "application/json"}
    answer = await client.post(f"/returns/{work.return_id}/partial_validate", content=b"{", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("JSON parse error")
    assert (await client.post(f"/returns/{'0' * 32}/partial_validate", json={})).status_code == 404


async def test_new_items_of_rejected_ones_do_not_count(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    wanted = ExchangeSpec("SHIRT-L", 3, Decimal(20))
    shirts = ItemSpec("1", "SHIRT", 3, Decimal(30), exchange=wanted)
    work = Inspector(client, reveni, shirts, type="exchange")
    body = (await work.send(accepted(work.ids[0], 2), rejected(work.ids[0]))).json()
    assert [i["exchange"]["quantity"] for i in body["return_items"]] == [2, 1]
    assert body["breakdown"]["exchange_items"] == "40.0000"
    assert [r["amount"] for r in body["refunds"]] == ["20.0000"]


async def test_an_even_exchange_pays_nothing(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    shoes = ItemSpec("1", "SHOES", 1, Decimal(80), exchange=ExchangeSpec("SHOES-41", 1, Decimal(80)))
    work = Inspector(client, reveni, shoes, type="exchange")
    body = (await work.send(accepted(work.ids[0]))).json()
    assert (body["status"], body["refunds"], body["exchange_orders"]) == ("accepted", [], [])


async def test_instant_money_is_not_touched_by_the_inspection(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHOES, mode="instant")
    paid = work.read()
    body = (await work.send(rejected(work.ids[0]))).json()
    assert body["status"] == "rejected"
    assert (body["refunds"], body["breakdown"]) == (paid["refunds"], paid["breakdown"])


async def test_the_journal_names_each_decided_part(client: httpx.AsyncClient, reveni: ReveniSandbox) -> None:
    work = Inspector(client, reveni, SHIRTS)
    body = (await work.send(accepted(work.ids[0], 2), rejected(work.ids[0]))).json()
    facts = [{key: e[key] for key in ("item_id", "sku", "quantity", "status")} for e in work.journaled("item_decided")]
    assert facts == [
        {"item_id": work.ids[0], "sku": "SHIRT", "quantity": 2, "status": "accepted"},
        {"item_id": body["return_items"][1]["id"], "sku": "SHIRT", "quantity": 1, "status": "rejected"},
    ]
    assert [e["status"] for e in work.journaled("return_status")] == ["in_progress", "partly_accepted"]
    (paid,) = work.journaled("refund_paid")
    assert (paid["amount"], paid["currency"]) == (body["refunds"][0]["amount"], "EUR")
