"""What readers of the emulated ReturnGO see: the contract's keys, the quirks of live replies, lists and their pages."""

import base64
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from sandbox.returngo import ReturnGoSandbox
from sandbox.returngo.jsontext import dump
from tests.sandbox.returngo_wire import COAT, SHIRT, client_of, found, items, spec, swap


class Clock:
    """Stands still until told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 2, 4, 7, 2, 24, 900_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, **time: int) -> str:
        """Move on; the new time as a filter writes it."""
        self.now += timedelta(**time)
        return self.now.strftime("%Y-%m-%dT%H:%M:%S")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[ReturnGoSandbox]:
    async with ReturnGoSandbox(clock=clock) as running:
        yield running


@pytest.fixture
async def client(sandbox: ReturnGoSandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(sandbox) as client:
        yield client


async def ids(client: httpx.AsyncClient, **query: Any) -> list[str]:
    answer = await client.get("/rmas", params={"pagesize": 500} | query)
    assert answer.status_code == 200, answer.text
    return [row["rmaId"] for row in answer.json()["rmas"]]


TOP = """rmaSummary orderDetails shipments items comments exchangeOrders exchangeItems cancellationFee transactions
createdAt lastUpdated isOutOfPolicy""".split()
ITEM = """shopLineItemId shopProductId variantId returnedItemId fullName productName variantName image sku barcode
paidPrice paidTax taxIncluded returnReason extendedReason resolutionName resolutionType policyRuleName isAutoApprove
restockingFee returnFee shipmentFee shipmentId returnMethod itemValidationStatusResponse exchangeItems
followUpQuestions""".split()
VALIDATION = """returnedItemId isReturned isRestockable nonReturnedReason nonRestockableReason storeLocationId
lastValidationDate lastValidatedBy thirdPartyName userDetails""".split()
TRANSACTION = """id type externalReferenceId externalReferenceType amount status processor bankAccountDetails
returnItemIds createdAt lastUpdated""".split()
SHIPMENT = """shipmentId status carrierName requestedServiceLevel actualServiceLevel trackingNumber trackingURL labelURL
customerAddress returnAddress isOutbound""".split()


async def test_the_keys_of_the_contract(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    rma_id = sandbox.add_return(spec(COAT, swap("24.00", 2), SHIRT, order_number="1001"))
    found(sandbox, rma_id)
    rma = (await client.get(f"/rma/{rma_id}", params={"includeMedia": "true"})).json()
    assert list(rma) == TOP
    assert list(rma["rmaSummary"]) == ["rmaId", "status", "order_name", "events"]
    assert rma["orderDetails"] == {"orderId": "SO-1", "order_name": "1001"}
    assert sorted(rma["items"][1]) == sorted(ITEM)
    assert sorted(rma["items"][1]["itemValidationStatusResponse"]) == sorted(VALIDATION)
    assert sorted(rma["transactions"][0]) == sorted(TRANSACTION)
    assert sorted(rma["shipments"][0]) == sorted(SHIPMENT)
    (wish,) = rma["items"][2]["exchangeItems"]
    assert set(wish) == set(
        "productId variantId quantity sku itemPriceMethod freeExchangePriceRange catalogPrice effectivePrice".split()
    )
    assert set(rma["items"][0]["paidPrice"]) == {"amount", "currency", "shopAmount", "shopCurrency"}
    assert set(rma["comments"][0]) == {"commentType", "triggeredBy", "htmlText", "datetime"}


async def test_one_item_is_one_unit(sandbox: ReturnGoSandbox) -> None:
    rma = sandbox.get(sandbox.add_return(spec(COAT, SHIRT)))
    assert [item["shopLineItemId"] for item in rma["items"]] == ["1", "1", "2"]
    assert len({item["returnedItemId"] for item in rma["items"]}) == 3
    assert all("quantity" not in item for item in rma["items"])
    assert [item["paidTax"]["amount"] for item in rma["items"]] == [Decimal("36.75"), Decimal("36.75"), Decimal("5.00")]
    assert rma["orderDetails"]["order_name"] == "SO-1", "without a number of its own"


async def test_nobody_has_looked_yet(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    """Only `lastValidationDate` tells it from "was not returned"."""
    rma_id = sandbox.add_return(spec(replace(SHIRT, quantity=4)))
    rows = [item["itemValidationStatusResponse"] for item in (await client.get(f"/rma/{rma_id}")).json()["items"]]
    assert not any(row["isReturned"] or row["isRestockable"] for row in rows)
    assert all(row["lastValidationDate"] is None and row["storeLocationId"] is None for row in rows)
    assert {"returnedItemId" in row for row in rows} == {True, False}


async def test_live_replies_differ_from_the_schema(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    rma_id = sandbox.add_return(spec(replace(SHIRT, quantity=6)))
    found(sandbox, rma_id)
    rma = (await client.get(f"/rma/{rma_id}")).json()
    assert (rma["isOutOfPolicy"], type(rma["isOutOfPolicy"])) == (0, int)
    assert {type(item["isAutoApprove"]) for item in rma["items"]} == {int}
    flags = {type(item["itemValidationStatusResponse"]["isReturned"]) for item in rma["items"]}
    assert flags == {int, bool}
    assert {item.get("variantName", "missing") for item in rma["items"]} == {None, "missing"}
    assert {item.get("barcode", "missing") for item in rma["items"]} == {None, "missing"}
    assert rma["createdAt"] == "2026-02-04T07:02:24+00:00"
    (inside,) = rma["transactions"]
    (listed,) = (await client.get("/transactions", params={"pagesize": 1})).json()["transactions"]
    assert isinstance(inside["id"], str)
    assert listed == inside | {"id": int(inside["id"])}


async def test_every_change_moves_last_updated(
    sandbox: ReturnGoSandbox, client: httpx.AsyncClient, clock: Clock
) -> None:
    rma_id = sandbox.add_return(spec())
    (item,) = items(sandbox, rma_id)

    def verdict(returned: bool) -> list[dict[str, Any]]:
        return [{"item_id": item, "returned": returned}]

    changes: list[Callable[[], object]] = [
        lambda: sandbox.ship(rma_id),
        lambda: sandbox.receive(rma_id),
        lambda: sandbox.validate(rma_id, verdict(False)),
        lambda: sandbox.validate(rma_id, verdict(True)),
        lambda: sandbox.fail_refund(rma_id),
        lambda: sandbox.done(rma_id),
    ]
    for change in changes:
        since = clock.on(seconds=1)
        assert await ids(client, rma_updated_at=f"gte:{since}") == []
        change()
        assert await ids(client, rma_updated_at=f"gte:{since}") == [rma_id]
    clock.on(seconds=1)
    before = sandbox.get(rma_id)["lastUpdated"]
    sandbox.validate(rma_id, verdict(True))
    assert sandbox.get(rma_id)["lastUpdated"] == before, "a repeat is no change"


async def test_filters_of_rmas(sandbox: ReturnGoSandbox, client: httpx.AsyncClient, clock: Clock) -> None:
    first = sandbox.add_return(spec(order_number="1001"))
    at = clock.on(minutes=1)
    second = sandbox.add_return(spec(order_number="1002"))
    sandbox.ship(second)
    clock.on(minutes=1)
    third = sandbox.add_return(spec(order_number="1003", status="incomplete"))
    assert await ids(client) == [first, second, third]
    for word, expected in {
        "lt": [first],
        "lte": [first, second],
        "eq": [second],
        "neq": [first, third],
        "gte": [second, third],
        "gt": [third],
    }.items():
        assert await ids(client, rma_created_at=f"{word}:{at}") == expected
    assert await ids(client, status="Approved,Done") == [first, second]
    assert await ids(client, order_name="1001,1003") == [first, third]
    track = sandbox.get(second)["shipments"][0]["trackingNumber"]
    assert await ids(client, tracking_numbers=track) == [second]
    assert await ids(client, sort_by="-rma_updated_at") == [third, second, first]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"pagesize": "0"},
        {"pagesize": "501"},
        {"pagesize": "ten"},
        {"pagesize": "1", "rma_updated_at": "gte:2026-02-04T07:02:24+00:00"},
        {"pagesize": "1", "rma_updated_at": "gte:2026-02-04T07:02:24Z"},
        {"pagesize": "1", "rma_updated_at": "2026-02-04T07:02:24"},
        {"pagesize": "1", "rma_updated_at": "since:2026-02-04T07:02:24"},
        {"pagesize": "1", "rma_updated_at": ["gte:2026-02-04T07:02:24", "lt:2026-02-05T07:02:24"]},
        {"pagesize": "1", "status": "Open"},
        {"pagesize": "1", "cursor": "x"},
        {"pagesize": "1", "cursor": base64.b64encode(b"returns.id:1").decode()},
        {"pagesize": "1", "sort_by": "rma_created_at"},
        {"pagesize": "1", "sort_by": " rma_created_at"},
        {"pagesize": "1", "customer_ids": "1"},
    ],
)
async def test_lists_refuse_what_makes_no_sense(client: httpx.AsyncClient, query: dict[str, Any]) -> None:
    answer = await client.get("/rmas", params=query)
    assert answer.status_code == 400
    assert list(answer.json()) == ["message"]


@pytest.mark.parametrize("sort_by", [None, "+rma_created_at", "-rma_created_at"])
async def test_pages(sandbox: ReturnGoSandbox, client: httpx.AsyncClient, clock: Clock, sort_by: str | None) -> None:
    made = []
    for _ in range(5):
        made.append(sandbox.add_return(spec()))
        clock.on(seconds=1)
    expected = list(reversed(made)) if sort_by and sort_by[0] == "-" else made
    seen: list[str] = []
    query: dict[str, Any] = {"pagesize": 2} | ({"sort_by": sort_by} if sort_by else {})
    while True:
        body = (await client.get("/rmas", params=query)).json()
        seen += [row["rmaId"] for row in body["rmas"]]
        if not body["next_cursor"]:
            break
        base64.b64decode(body["next_cursor"], validate=True)
        query["cursor"] = body["next_cursor"]
    assert seen == expected


async def test_the_last_cursor_is_null_or_missing(sandbox: ReturnGoSandbox, client: httpx.AsyncClient) -> None:
    assert (await client.get("/rmas?pagesize=5")).json() == {"rmas": []}
    assert (await client.get("/transactions?pagesize=5")).json() == {"transactions": []}
    rma_id = sandbox.add_return(spec())
    body = (await client.get("/rmas?pagesize=1")).json()
    assert body == {"rmas": [sandbox.get(rma_id)["rmaSummary"]], "next_cursor": None}


async def test_filters_of_transactions(client: httpx.AsyncClient, sandbox: ReturnGoSandbox, clock: Clock) -> None:
    one = sandbox.add_return(replace(spec(mode="instant"), order_external_id="A"))
    at = clock.on(minutes=1)
    two = sandbox.add_return(replace(spec(swap("36.50")), order_external_id="B"))
    refund, invoice = (sandbox.get(rma)["transactions"][0]["id"] for rma in (one, two))

    async def found(**query: str) -> list[int]:
        answer = await client.get("/transactions", params={"pagesize": "500"} | query)
        return [row["id"] for row in answer.json()["transactions"]]

    assert await found() == [int(refund), int(invoice)]
    assert await found(rma_ids=f"{two},9") == await found(order_ids="B") == [int(invoice)]
    assert await found(types="InvoicePayment") == await found(statuses="Requested,Failed") == [int(invoice)]
    assert await found(ids=refund, processors="Shopify") == await found(statuses="Success") == [int(refund)]
    assert await found(created_at=f"lt:{at}") == [int(refund)]
    clock.on(minutes=1)
    sandbox.fail_refund(one)
    assert await found(updated_at=f"gt:{at}") == [int(refund)]
    assert (await client.get("/transactions")).status_code == 400
    assert (await client.get("/transactions?pagesize=1&created_at=gte:yesterday")).status_code == 400


def test_amounts_never_become_a_float() -> None:
    body = {"a": [Decimal("220.50"), Decimal("1E+3"), Decimal("0.00")], "ü": [True, None, 7, 'x"ü']}
    assert dump(body).decode() == '{"a": [220.5, 1000, 0], "\\u00fc": [true, null, 7, "x\\"ü"]}'
    assert json.loads(dump(body), parse_float=Decimal)["a"][0] == Decimal("220.5")
    with pytest.raises(TypeError):
        dump({"amount": 0.1})
