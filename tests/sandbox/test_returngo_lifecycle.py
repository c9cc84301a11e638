"""How RMAs and parcels move: by the API, and by the hands a test or the demo lends."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from sandbox.kit.wanted import ItemEdit
from sandbox.returngo import ReturnGoSandbox
from sandbox.returngo.errors import Refused
from tests.sandbox.returngo_wire import COAT, SHIRT, client_of, found, items, spec, status

KEPT = replace(SHIRT, external_id="3", keep_item=True)


@pytest.fixture
async def sandbox() -> AsyncIterator[ReturnGoSandbox]:
    async with ReturnGoSandbox() as running:
        yield running


@pytest.fixture
async def client(sandbox: ReturnGoSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(sandbox) as client:
        yield client


def parcel(sandbox: ReturnGoSandbox, rma_id: str) -> dict[str, Any]:
    (one,) = sandbox.get(rma_id)["shipments"]
    return dict(one)


async def test_the_road_of_an_rma(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(status="incomplete"))
    assert rma_id.isdigit()
    assert (status(sandbox, rma_id), sandbox.get(rma_id)["shipments"]) == ("Pending", [])
    sandbox.complete(rma_id)
    assert parcel(sandbox, rma_id)["status"] == "Pending"
    sandbox.ship(rma_id)
    assert status(sandbox, rma_id) == "Approved"
    assert (parcel(sandbox, rma_id)["status"], parcel(sandbox, rma_id)["trackingNumber"][:4]) == ("Shipped", "TRK-")
    found(sandbox, rma_id)
    sandbox.done(rma_id)
    assert parcel(sandbox, rma_id)["status"] == "Validated"
    moves = [(e["was"], e["status"]) for e in sandbox.journal.entries("status_changed")]
    assert moves == [
        ("Pending", "Approved"),
        ("Approved", "Received"),
        ("Received", "Validated"),
        ("Validated", "Done"),
    ]
    events = [event["eventName"] for event in sandbox.get(rma_id)["rmaSummary"]["events"]]
    assert events == ["RMA_CREATED", "RMA_APPROVED", "RMA_RECEIVED", "RMA_VALIDATED", "RMA_DONE"]


ROADS = {
    "Pending": (),
    "Approved": ("complete",),
    "Received": ("complete", "receive"),
    "Done": ("complete", "receive", "done"),
    "Rejected": ("reject",),
    "Canceled": ("cancel",),
}
ALLOWED = {
    "Pending": {"Approved", "Rejected", "Canceled"},
    "Approved": {"Received", "Canceled"},
    "Received": {"Done"},
    "Validated": {"Done"},
    "Done": {"Pending"},
    "Rejected": {"Pending"},
    "Canceled": {"Pending"},
}


@pytest.mark.parametrize("start", ALLOWED)
async def test_the_table_of_moves_is_enforced(sandbox: ReturnGoSandbox, client: httpx.AsyncClient, start: str) -> None:
    for target in ALLOWED:
        rma_id = sandbox.add_return(spec(status="incomplete"))
        for step in ROADS.get(start, ("complete",)):
            getattr(sandbox, step)(rma_id)
        if start == "Validated":
            found(sandbox, rma_id)
        events = len(sandbox.events(rma_id))
        answer = await client.put(f"/rma/{rma_id}/status", json={"status": target})
        if target == start:
            assert answer.status_code == 200
            assert len(sandbox.events(rma_id)) == events, "a repeat is no change"
        elif target in ALLOWED[start]:
            assert (answer.status_code, answer.json()["status"]) == (200, target)
            assert answer.json() == sandbox.get(rma_id)["rmaSummary"]
        else:
            assert answer.status_code == 400, (start, target)
            assert status(sandbox, rma_id) == start


async def test_only_what_needs_no_shipment_is_done_without_one(sandbox: ReturnGoSandbox) -> None:
    kept, sent = sandbox.add_return(spec(KEPT)), sandbox.add_return(spec(KEPT, SHIRT))
    assert sandbox.get(kept)["shipments"] == []
    assert sandbox.get(kept)["items"][0]["returnMethod"]["type"] == "No shipment required"
    with pytest.raises(Refused, match="Invalid status transition"):
        sandbox.receive(kept)
    with pytest.raises(Refused, match="Invalid status transition"):
        sandbox.ship(kept)
    sandbox.done(kept)
    with pytest.raises(Refused, match="Invalid status transition"):
        sandbox.done(sent)
    assert [item["shipmentId"] is None for item in sandbox.get(sent)["items"]] == [True, False]


async def test_cancelled_and_opened_again(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec())
    sandbox.expire(rma_id)
    assert (status(sandbox, rma_id), parcel(sandbox, rma_id)["status"]) == ("Canceled", "Canceled")
    assert [e["return_id"] for e in sandbox.journal.entries("return_cancelled")] == [rma_id]
    sandbox.reopen(rma_id)
    sandbox.complete(rma_id)
    assert [row["status"] for row in sandbox.get(rma_id)["shipments"]] == ["Canceled", "Pending"], "a new parcel"
    sandbox.receive(rma_id)
    assert [row["status"] for row in sandbox.get(rma_id)["shipments"]] == ["Canceled", "Received"]
    with pytest.raises(Refused):
        sandbox.cancel(rma_id)


async def test_looking_changes_nothing(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec())
    with pytest.raises(Refused):
        sandbox.review(rma_id)
    sandbox.receive(rma_id)
    before = sandbox.get(rma_id), len(sandbox.events())
    sandbox.review(rma_id)
    assert (sandbox.get(rma_id), len(sandbox.events())) == before


SHIPMENT_MOVES = {
    "Pending": {"LabelCreated", "Shipped", "Received", "Canceled", "Validated"},
    "LabelCreated": {"Shipped", "Received", "Canceled", "Validated"},
    "Shipped": {"Received", "Canceled", "Validated"},
    "Canceled": {"Received", "Validated"},
    "Received": {"Validated"},
    "Validated": set(),
}


@pytest.mark.parametrize("start", SHIPMENT_MOVES)
async def test_parcels_move_as_documented(sandbox: ReturnGoSandbox, client: httpx.AsyncClient, start: str) -> None:
    for target in SHIPMENT_MOVES:
        path = f"/shipment/{parcel(sandbox, sandbox.add_return(spec()))['shipmentId']}"
        assert (await client.put(path, json={"status": start})).status_code == 200
        answer = await client.put(path, json={"status": target, "carrierName": "DPD", "labelURL": "https://l"})
        if target == start or target in SHIPMENT_MOVES[start]:
            assert (answer.json()["status"], answer.json()["carrierName"]) == (target, "DPD")
        else:
            assert (answer.status_code, answer.json()) == (400, {"message": "Invalid status transition"})


async def test_the_same_parcel_status_updates_the_rest_only(
    sandbox: ReturnGoSandbox, client: httpx.AsyncClient
) -> None:
    rma_id = sandbox.add_return(spec())
    path, events = f"/shipment/{parcel(sandbox, rma_id)['shipmentId']}", len(sandbox.events())
    answer = await client.put(path, json={"status": "Pending", "trackingNumber": "T-1", "trackingURL": "https://t"})
    assert answer.json() == parcel(sandbox, rma_id)
    assert answer.json()["trackingNumber"] == "T-1"
    assert len(sandbox.events()) == events
    assert (await client.put(path, json={"status": "Lost"})).status_code == 400


async def test_comments_join_the_timeline(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    rma_id = sandbox.add_return(spec())
    answer = await client.post(f"/rma/{rma_id}/comment", json={"htmlText": "Credit note CN-1 posted"})
    assert answer.status_code == 200
    system, ours = sandbox.get(rma_id)["comments"]
    assert (system["commentType"], system["htmlText"]) == ("system", "Request SUBMITTED")
    assert (ours["commentType"], ours["htmlText"]) == ("merchant", "Credit note CN-1 posted")
    assert sandbox.journal.entries("comment_added")[0]["return_id"] == rma_id
    assert "CN-1" not in str(sandbox.journal.entries())
    bodies: list[Any] = [{}, {"htmlText": " "}, {"htmlText": 1}, {"comment": "x"}, []]
    for body in bodies:
        assert (await client.post(f"/rma/{rma_id}/comment", json=body)).status_code == 400


async def test_items_are_edited_whole_or_not_at_all(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec(COAT, SHIRT))
    coat, _, shirt = items(sandbox, rma_id)
    with pytest.raises(Refused, match="Unknown returnedItemId"):
        sandbox.edit_items(rma_id, [ItemEdit(coat, quantity=1)], ["1"])
    assert len(items(sandbox, rma_id)) == 3
    sandbox.edit_items(rma_id, [ItemEdit(coat, quantity=3)], [shirt], [replace(SHIRT, external_id="9")])
    after = sandbox.get(rma_id)["items"]
    assert [(row["shopLineItemId"], row["sku"]) for row in after] == [("1", "COAT")] * 3 + [("9", "SHIRT-M")]
    assert len(set(items(sandbox, rma_id))) == 4
    sandbox.edit_items(rma_id, [ItemEdit(coat, quantity=1, keep_item=True)])
    assert [row["sku"] for row in sandbox.get(rma_id)["items"]] == ["COAT", "SHIRT-M"]
    assert [e["item_id"] for e in sandbox.journal.entries("item_kept")] == [coat]
    with pytest.raises(Refused, match="decided already"):
        sandbox.edit_items(rma_id, [ItemEdit(coat, refund=True)])
    with pytest.raises(ValueError, match="cancel it instead"):
        only = sandbox.add_return(spec())
        sandbox.edit_items(only, remove=items(sandbox, only))
    sandbox.cancel(rma_id)
    with pytest.raises(Refused, match="cannot be edited"):
        sandbox.edit_items(rma_id, add=[SHIRT])


async def test_exchange_orders_may_arrive_incomplete(sandbox: ReturnGoSandbox) -> None:
    rma_id = sandbox.add_return(spec())
    sandbox.add_exchange_order(rma_id, "7000000000002", "1002")
    sandbox.add_exchange_order(rma_id, "", "", "Fee")
    orders = [(row["orderId"], row["orderName"], row["type"]) for row in sandbox.get(rma_id)["exchangeOrders"]]
    assert orders == [("7000000000002", "1002", "Exchange"), (None, None, "Fee")]
