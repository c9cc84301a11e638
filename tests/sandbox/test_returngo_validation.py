"""What is said of returned units: by the API, by ReturnGO's own users, and a second time."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from sandbox.kit.wanted import ItemEdit
from sandbox.returngo import ReturnGoSandbox, Verdict
from sandbox.returngo.errors import Refused
from tests.sandbox.returngo_wire import COAT, SHIRT, client_of, found, items, money, spec, status


@pytest.fixture
async def sandbox() -> AsyncIterator[ReturnGoSandbox]:
    async with ReturnGoSandbox() as running:
        yield running


@pytest.fixture
async def client(sandbox: ReturnGoSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(sandbox) as client:
        yield client


def said(item_id: str, returned: bool = True, restockable: bool = True, **more: Any) -> dict[str, Any]:
    return {"returnedItemId": item_id, "isReturned": returned, "isRestockable": restockable, **more}


def seen(sandbox: ReturnGoSandbox, rma_id: str) -> list[dict[str, Any]]:
    return [item["itemValidationStatusResponse"] for item in sandbox.get(rma_id)["items"]]


async def put(client: httpx.AsyncClient, rma_id: str, *entries: Any) -> httpx.Response:
    return await client.put(f"/rma/{rma_id}/status", json={"status": "Validated", "items": list(entries)})


async def test_validated_once_every_item_is(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    rma_id = sandbox.add_return(spec(COAT, SHIRT))
    first, second, third = items(sandbox, rma_id)
    sandbox.receive(rma_id)
    answer = await put(client, rma_id, said(first), said(second, restockable=False, nonRestockableReason="stain"))
    assert (answer.status_code, answer.json()["status"]) == (200, "Received")
    assert money(sandbox, rma_id) == [], "nothing is paid before all are validated"
    answer = await put(
        client, rma_id, said(third, False, False, nonReturnedReason="box was empty", storeLocationId="7")
    )
    assert answer.json()["status"] == "Validated"
    one, two, three = seen(sandbox, rma_id)
    assert (one["isReturned"], one["isRestockable"], one["lastValidatedBy"]) == (True, True, "API")
    assert (two["isReturned"], two["isRestockable"], two["nonRestockableReason"]) == (True, False, "stain")
    assert (three["isReturned"], three["nonReturnedReason"], three["storeLocationId"]) == (False, "box was empty", "7")
    assert money(sandbox, rma_id) == [("RefundToPaymentMethod", "Success", "441.00")]
    decided = [(e["item_id"], e["quantity"], e["status"]) for e in sandbox.journal.entries("item_decided")]
    assert decided == [(first, 1, "accepted"), (second, 1, "accepted"), (third, 1, "rejected")]


async def test_a_repeat_changes_nothing(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    rma_id = sandbox.add_return(spec())
    (item,) = items(sandbox, rma_id)
    sandbox.receive(rma_id)
    for _ in range(2):
        assert (await put(client, rma_id, said(item))).status_code == 200
    for _ in range(2):
        again = await client.put(f"/rma/{rma_id}/status", json={"status": "Validated"})
        assert again.json()["status"] == "Validated"
    assert len(sandbox.journal.entries("item_decided")) == len(sandbox.journal.entries("refund_paid")) == 1


@pytest.mark.parametrize("done", [False, True])
async def test_it_may_be_said_otherwise_later(sandbox: ReturnGoSandbox, client: httpx.AsyncClient, done: bool) -> None:
    rma_id = sandbox.add_return(spec(COAT))
    first, _ = items(sandbox, rma_id)
    found(sandbox, rma_id, False, True)
    if done:
        sandbox.done(rma_id)
    before = status(sandbox, rma_id)
    events = len(sandbox.events())
    assert (await put(client, rma_id, said(first, True, False, nonRestockableReason="late"))).json()["status"] == before
    assert [(e["item_id"], e["status"]) for e in sandbox.journal.entries("item_decided")][-1] == (first, "accepted")
    assert [row[1:] for row in money(sandbox, rma_id)] == [("Success", "220.50")] * 2, "what was gained is paid"
    told = [event.name for event in sandbox.events()][events:]
    assert told == ["TRANSACTION_CREATED", "REFUND_CREATED"], "validation itself is told by no webhook"
    sandbox.validate(rma_id, [Verdict(first, returned=False)])
    assert seen(sandbox, rma_id)[0]["lastValidatedBy"] == "Dashboard"
    assert len(money(sandbox, rma_id)) == 2, "money that has moved is not taken back"


async def test_users_of_the_dashboard_name_reason_and_place(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec())
    sandbox.receive(rma_id)
    (item,) = items(sandbox, rma_id)
    verdict = {"item_id": item, "returned": True, "restockable": False, "reason": "torn", "location": "LDN-1"}
    sandbox.validate(rma_id, [verdict])
    (row,) = seen(sandbox, rma_id)
    assert (row["nonRestockableReason"], row["nonReturnedReason"], row["storeLocationId"]) == ("torn", None, "LDN-1")
    assert row["userDetails"]["userRole"] == "Warehouse"
    (entry,) = sandbox.journal.entries("item_decided")
    assert (entry["status"], entry["restockable"], entry["location"]) == ("accepted", False, "LDN-1")
    assert "torn" not in str(sandbox.journal.entries())


@pytest.mark.parametrize("step", ["approved", "pending", "cancelled"])
async def test_only_what_has_arrived_is_validated(
    sandbox: ReturnGoSandbox, client: httpx.AsyncClient, step: str
) -> None:
    rma_id = sandbox.add_return(spec(status="incomplete" if step == "pending" else "in_progress"))
    if step == "cancelled":
        sandbox.cancel(rma_id)
    (item,) = items(sandbox, rma_id)
    answer = await put(client, rma_id, said(item))
    assert (answer.status_code, answer.json()) == (400, {"message": "Invalid status transition"})
    with pytest.raises(Refused):
        sandbox.validate(rma_id, [Verdict(item)])
    assert sandbox.journal.entries("item_decided") == []


async def test_wrong_entries_are_refused_as_a_whole(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    kept = replace(SHIRT, external_id="9", keep_item=True)
    rma_id = sandbox.add_return(spec(COAT, kept))
    sandbox.receive(rma_id)
    good, _, stays = items(sandbox, rma_id)
    wrong: list[Any] = [said("1"), said(stays), {"returnedItemId": good}, said(good) | {"isReturned": "yes"}, "x"]
    wrong += [said(good) | {"storeLocationId": 5}]
    for entry in wrong:
        assert (await put(client, rma_id, said(good), entry)).status_code == 400, entry
    bodies: list[Any] = [{"status": "Received", "items": [said(good)]}, {"items": [said(good)]}, {"status": "Gone"}, []]
    for body in bodies:
        assert (await client.put(f"/rma/{rma_id}/status", json=body)).status_code == 400
    answer = await client.put(f"/rma/{rma_id}/status", json={"status": "Validated"})
    assert (answer.status_code, answer.json()) == (400, {"message": "Not all items are validated"})
    assert sandbox.journal.entries("item_decided") == []


async def test_what_did_not_come_back_cannot_be_restocked(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec())
    found(sandbox, rma_id, False)
    (row,) = seen(sandbox, rma_id)
    assert not row["isReturned"]
    assert not row["isRestockable"]
    assert sandbox.journal.entries("item_decided")[0]["restockable"] is False


async def test_the_last_open_item_stays_with_the_customer(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(COAT))
    first, second = items(sandbox, rma_id)
    sandbox.receive(rma_id)
    sandbox.validate(rma_id, [Verdict(first)])
    sandbox.edit_items(rma_id, [ItemEdit(second, keep_item=True)])
    assert status(sandbox, rma_id) == "Validated"
    assert money(sandbox, rma_id) == [("RefundToPaymentMethod", "Success", "441.00")]
