"""E61: the merchant edits a return of the emulated Reveni, by hand and over the control endpoints."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.kit.server import serve
from sandbox.kit.wanted import PayPolicy
from sandbox.reveni import ExchangeSpec, ItemEdit, ItemSpec, ReturnSpec, ReveniSandbox
from sandbox.reveni.errors import Refused

Json = dict[str, Any]

SHIRTS = ItemSpec("1", "SHIRT", 4, Decimal(30), discount=Decimal(10))
SHOES = ItemSpec("2", "SHOES", 2, Decimal(80), exchange=ExchangeSpec("SHOES-41", 2, Decimal(80)))
HAT = ItemSpec("3", "HAT", 1, Decimal(20))


@pytest.fixture
async def reveni() -> AsyncIterator[ReveniSandbox]:
    async with ReveniSandbox("store-1", "key") as sandbox:
        yield sandbox


@pytest.fixture
async def http(reveni: ReveniSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with serve(reveni.app) as server:
        headers = {"Authorization": "Bearer key"}
        async with httpx.AsyncClient(base_url=server.url, headers=headers) as client:
            yield client


class Editor:
    """The merchant's hand at one return."""

    def __init__(self, reveni: ReveniSandbox, *items: ItemSpec, **more: Any) -> None:
        self.reveni = reveni
        self.return_id = reveni.add_return(ReturnSpec("SO-1", items, **more))
        self.ids = [item["id"] for item in self.read()["return_items"]]

    def read(self) -> Json:
        return self.reveni.get(self.return_id)

    def edit(self, *change: ItemEdit, remove: tuple[str, ...] = (), add: tuple[ItemSpec, ...] = ()) -> Json:
        self.reveni.edit_items(self.return_id, change, remove, add)
        return self.read()

    def refunds(self) -> list[tuple[str, str, str]]:
        return [(r["kind"], r["status"], r["amount"]) for r in self.read()["refunds"]]


@pytest.mark.parametrize(("quantity", "discount", "total"), [(1, "2.5000", "27.5000"), (6, "15.0000", "165.0000")])
async def test_E61_another_quantity_at_the_same_price(
    reveni: ReveniSandbox, quantity: int, discount: str, total: str
) -> None:
    work = Editor(reveni, SHIRTS)
    before = len(reveni.events(work.return_id))
    body = work.edit(ItemEdit(work.ids[0], quantity=quantity))
    (item,) = body["return_items"]
    assert (item["id"], item["quantity"], item["discount"]) == (work.ids[0], quantity, discount)
    assert body["breakdown"]["total"] == total
    assert [event.name for event in reveni.events(work.return_id)[before:]] == ["return.updated"]
    (entry,) = reveni.journal.entries("return_edited")
    assert [row["quantity"] for row in entry["items"]] == [quantity]


async def test_E61_wanted_new_units_follow_the_quantity(reveni: ReveniSandbox) -> None:
    work = Editor(reveni, SHOES)
    (item,) = work.edit(ItemEdit(work.ids[0], quantity=3))["return_items"]
    assert item["exchange"]["quantity"] == 3


async def test_E61_items_come_and_go(reveni: ReveniSandbox) -> None:
    work = Editor(reveni, SHIRTS, SHOES)
    body = work.edit(remove=(work.ids[0],), add=(HAT,))
    assert [item["sku"] for item in body["return_items"]] == ["SHOES", "HAT"]
    assert (body["type"], body["breakdown"]["total"]) == ("mixed", "20.0000")


async def test_E61_another_wish_and_then_a_refund(reveni: ReveniSandbox) -> None:
    work = Editor(reveni, SHOES)
    body = work.edit(ItemEdit(work.ids[0], exchange=ExchangeSpec("BOOTS", 2, Decimal(100))))
    assert body["return_items"][0]["exchange"]["sku"] == "BOOTS"
    assert (body["type"], body["breakdown"]["total"]) == ("exchange", "-40.0000")
    body = work.edit(ItemEdit(work.ids[0], refund=True))
    assert body["return_items"][0]["exchange"] is None
    assert (body["type"], body["breakdown"]["total"]) == ("refund", "160.0000")


async def test_E61_the_customer_may_keep_it_after_all(reveni: ReveniSandbox) -> None:
    work = Editor(reveni, SHIRTS)
    body = work.edit(ItemEdit(work.ids[0], keep_item=True))
    assert (body["status"], body["return_items"][0]["status"]) == ("accepted", "accepted")
    assert work.refunds() == [("default", "paid", "110.0000")]


async def test_E61_the_last_undecided_item_is_taken_off(reveni: ReveniSandbox, http: httpx.AsyncClient) -> None:
    work = Editor(reveni, SHIRTS, HAT)
    entry = {"item_id": work.ids[0], "quantity": 4, "status": "accepted"}
    path = f"{reveni.base_path}/returns/{work.return_id}/partial_validate"
    assert (await http.post(path, json={"items": [entry]})).json()["status"] == "in_progress"
    assert work.edit(remove=(work.ids[1],))["status"] == "accepted"
    assert work.refunds() == [("default", "paid", "110.0000")]


async def test_E61_an_unfinished_request_pays_nothing(reveni: ReveniSandbox) -> None:
    work = Editor(reveni, SHIRTS, mode="instant", status="incomplete")
    body = work.edit(ItemEdit(work.ids[0], keep_item=True), add=(HAT,))
    assert (body["status"], work.refunds()) == ("incomplete", [])
    reveni.complete(work.return_id)
    assert work.refunds() == [("default", "paid", "130.0000")]


async def test_E61_instant_money_grows_with_an_edit_and_is_never_taken_back(reveni: ReveniSandbox) -> None:
    work = Editor(reveni, SHOES, HAT, mode="instant")
    assert work.refunds() == [("default", "paid", "20.0000")]
    work.edit(remove=(work.ids[1],))
    assert work.refunds() == [("default", "paid", "20.0000")]
    work.edit(ItemEdit(work.ids[0], refund=True))
    assert work.refunds() == [("default", "paid", "20.0000"), ("adjustment", "paid", "160.0000")]


@pytest.mark.parametrize(("pay", "after"), [("later", [("default", "pending", "55.0000")]), ("withheld", [])])
async def test_E61_instant_money_that_waits_follows(pay: PayPolicy, after: list[tuple[str, str, str]]) -> None:
    async with ReveniSandbox("store-1", "key", pay=pay) as reveni:
        work = Editor(reveni, SHIRTS, mode="instant")
        work.edit(ItemEdit(work.ids[0], quantity=2))
        assert work.refunds() == after
        reveni.pay_refund(work.return_id)
        assert work.refunds() == [("default", "paid", "55.0000")]


async def test_E61_edits_are_taken_whole_or_not_at_all(reveni: ReveniSandbox) -> None:
    work = Editor(reveni, SHIRTS, SHOES)
    before, events = work.read(), len(reveni.events(work.return_id))
    shirts, shoes = work.ids
    with pytest.raises(Refused) as refused:
        work.edit(ItemEdit(shirts, quantity=1), ItemEdit("0" * 32, quantity=1))
    assert refused.value.status == 400
    wrong: list[ItemEdit] = [
        ItemEdit(shoes, quantity=0),
        ItemEdit(shoes, exchange=ExchangeSpec("X"), refund=True),
        ItemEdit(shoes, exchange=ExchangeSpec("X", 0)),
    ]
    for change in wrong:
        with pytest.raises(ValueError, match="SHOES"):
            work.edit(ItemEdit(shirts, quantity=1), change)
    with pytest.raises(ValueError, match="at least one item"):
        work.edit(remove=(shirts, shoes))
    with pytest.raises(ValueError, match="HAT"):
        work.edit(remove=(shirts,), add=(ItemSpec("3", "HAT", 0, Decimal(1)),))
    assert (work.read(), len(reveni.events(work.return_id))) == (before, events)
    reveni.ship(work.return_id)
    assert work.read()["return_items"] == before["return_items"], "nothing lay in wait for the next change"


async def test_E61_what_is_decided_stays(reveni: ReveniSandbox, http: httpx.AsyncClient) -> None:
    work = Editor(reveni, SHIRTS)
    entry = {"item_id": work.ids[0], "quantity": 1, "status": "accepted"}
    path = f"{reveni.base_path}/returns/{work.return_id}/partial_validate"
    rest = (await http.post(path, json={"items": [entry]})).json()["return_items"][1]["id"]
    with pytest.raises(Refused) as refused:
        work.edit(ItemEdit(work.ids[0], quantity=2))
    assert refused.value.status == 409
    work.edit(ItemEdit(rest, quantity=1))
    assert [item["quantity"] for item in work.read()["return_items"]] == [1, 1]
    await http.post(path, json={"items": [entry | {"item_id": rest}]})
    with pytest.raises(Refused) as refused:
        work.edit(add=(HAT,))
    assert refused.value.status == 409


async def test_E61_over_the_control_endpoints(reveni: ReveniSandbox, http: httpx.AsyncClient) -> None:
    work = Editor(reveni, SHIRTS, SHOES)
    path = f"/_sandbox/returns/{work.return_id}"
    wanted = {"sku": "BOOTS", "quantity": 2, "unit_price": "100.00"}
    hat = {"external_id": "3", "sku": "HAT", "quantity": 1, "unit_price": "20.00"}
    edits = {"change": [{"item_id": work.ids[1], "exchange": wanted}], "remove": [work.ids[0]], "add": [hat]}
    answer = await http.post(f"{path}/edit_items", json=edits)
    assert (answer.status_code, answer.json()["breakdown"]["total"]) == (200, "-20.0000")
    await http.post(f"{path}/ask_difference")
    await http.post(f"{path}/fail_difference")
    paid = (await http.post(f"{path}/pay_difference", json={"amount": "20.00"})).json()["payments"]
    assert [(row["status"], row["amount"]) for row in paid] == [("failed", "20.0000"), ("paid", "20.0000")]
    assert (await http.get(path)).json()["payments"] == paid
    assert (await http.get(f"/_sandbox/returns/{'0' * 32}")).status_code != 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"change": [{"item_id": "0" * 32, "quantity": 1}]}, 400),
        ({"change": [{"item_id": "x", "colour": "red"}]}, 422),
        ({"remove": "all"}, 422),
        ({"add": [{"external_id": "3", "sku": "HAT", "quantity": 1, "unit_price": 0.5}]}, 422),
        ({"delete": []}, 422),
    ],
)
async def test_R8_bad_edits_over_http(reveni: ReveniSandbox, http: httpx.AsyncClient, body: Json, status: int) -> None:
    work = Editor(reveni, SHIRTS)
    answer = await http.post(f"/_sandbox/returns/{work.return_id}/edit_items", json=body)
    assert answer.status_code == status
    assert reveni.journal.entries("return_edited") == []
