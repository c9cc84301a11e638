"""What an order of the Centra sandbox says: amounts, tax, discounts, bundles, shipments; archived ones stay hidden."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.centra_wire import COAT, READ_ORDER, SHIRT, Wire, add_plain_order, exact, wire


@pytest.fixture
async def centra() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


def value(node: dict[str, Any]) -> str:
    return str(node["value"])


async def test_the_contracts_own_query_reads_an_order(centra: Wire) -> None:
    add_plain_order(centra.centra)
    order = await centra.order(39790)
    assert (order["status"], order["createdAt"]) == ("SHIPPED", "2026-03-14T12:00:00+00:00")
    assert (value(order["grandTotal"]), order["grandTotal"]["currency"]["code"]) == ("279.71", "GBP")
    assert {name: value(amount) for name, amount in order["totals"].items()} == {
        "shipping": "4.95", "handling": "0", "taxIncluded": "45.79", "discounts": "0",
    }  # fmt: skip
    coat, shirts = order["lines"]
    assert (value(coat["lineValue"]), value(coat["unitPrice"]), value(coat["unitOriginalPrice"])) == (
        "220.5", "220.5", "245",
    )  # fmt: skip
    assert (shirts["id"], shirts["quantity"], value(shirts["lineValue"])) == (2, 3, "54.26")
    assert shirts["productSize"]["SKU"] == SHIRT
    assert order["shippingAddress"]["address1"] == "1 High St"
    assert order["customer"]["email"] == "ada@example.com"
    (parcel,) = order["shipments"]
    assert [(row["quantity"], row["orderLine"]["id"]) for row in parcel["lines"]] == [(1, 1), (3, 2)]


async def test_amounts_are_written_digit_by_digit(centra: Wire) -> None:
    big = {"sku": COAT, "price": "123456789012345.67"}
    centra.centra.add_order("7", [big], currency="GBP")
    answer = await centra.post(READ_ORDER, n=[7])
    assert b'"value":123456789012345.67,' in answer.content


async def test_values_are_with_tax_unless_asked_for_without(centra: Wire) -> None:
    line = {"sku": COAT, "quantity": 2, "price": "100.00", "vat_rate": "10"}
    centra.centra.add_order("8", [line], currency="USD", vat_inclusive=False, charges={"SD1": "5"})
    query = """{orders(where:{number:[8]}){grandTotal{value} net:grandTotal(includingTax:false){value}
     totals{handling{value} shipping{value} taxAdded{value} taxIncluded{value}}
     lines{lineValue{value} net:lineValue(includingTax:false){value} unitOriginalPrice(includingTax:false){value}}}}"""
    (order,) = (await centra.ask(query))["orders"]
    (line,) = order["lines"]
    assert [value(row) for row in (line["lineValue"], line["net"], line["unitOriginalPrice"])] == ["220", "200", "100"]
    assert [value(row) for row in (order["grandTotal"], order["net"])] == ["225", "205"]
    totals = order["totals"]
    assert [value(totals[name]) for name in ("taxAdded", "taxIncluded", "handling", "shipping")] == [
        "20",
        "0",
        "5",
        "0",
    ]


async def test_order_discounts_are_in_the_totals_and_not_in_the_lines(centra: Wire) -> None:
    add_plain_order(centra.centra, discounts=[{"amount": "10.00"}, {"amount": "4.76"}])
    order = await centra.order(39790)
    assert (value(order["totals"]["discounts"]), value(order["grandTotal"])) == ("14.76", "264.95")
    assert sum(row["lineValue"]["value"] for row in order["lines"]) == Decimal("274.76")


@pytest.mark.parametrize("status", ["SHIPPED", "ARCHIVED"])
async def test_R123_an_archived_order_is_shown_only_when_asked_for(centra: Wire, status: str) -> None:
    add_plain_order(centra.centra, archived=True)
    assert (await centra.ask(READ_ORDER, n=[39790]))["orders"] == []
    query = "query A($s:[OrderStatus!]){orders(where:{number:[39790],status:$s}){number status}}"
    found = (await centra.ask(query, s=[status]))["orders"]
    assert found == ([{"number": 39790, "status": "ARCHIVED"}] if status == "ARCHIVED" else [])
    returned = await centra.ask("{orders(where:{status:[ARCHIVED]}){shipments{id lines{id}}}}")
    parcel = returned["orders"][0]["shipments"][0]
    lines = [{"shipmentLine": {"id": parcel["lines"][0]["id"]}, "quantity": 1}]
    policy = {"removeItemsFromStock": True}
    given = {"shipment": {"id": parcel["id"]}, "lines": lines, "returnStockActionPolicy": policy}
    made = await centra.do("mutation R($i:ReturnCreateInput!){createReturn(input:$i){userErrors{message}}}", i=given)
    assert made["userErrors"] == []


async def test_a_bundles_parts_carry_its_value(centra: Wire) -> None:
    parts = [{"sku": "P41-RED-S"}, {"sku": "P42-OAK", "per_kit": 2}]
    kit = {"sku": "P40-GIFT", "quantity": 2, "price": "79.99", "parts": parts}
    centra.centra.add_order("9", [kit, {"sku": COAT, "price": "10"}], charges={})
    query = """{orders(where:{number:[9]}){grandTotal{value} shipments{lines{quantity orderLine{id}}}
     lines{id quantity isBundle isPartOfBundle lineValue{value} bundle{id}
     productSize{SKU isBundle bundle{quantity}}}}}"""
    (order,) = (await centra.ask(query))["orders"]
    rows = [(row["id"], row["quantity"], value(row["lineValue"]), row["isPartOfBundle"]) for row in order["lines"]]
    assert rows == [(1, 2, "0", None), (2, 2, "53.33", 1), (3, 4, "106.65", 1), (4, 1, "10", None)]
    assert [row["id"] for row in order["lines"][0]["bundle"]] == [2, 3]
    assert [part["quantity"] for part in order["lines"][0]["productSize"]["bundle"]] == [1, 2]
    assert value(order["grandTotal"]) == "169.98"
    assert [row["orderLine"]["id"] for row in order["shipments"][0]["lines"]] == [2, 3, 4]


async def test_an_order_may_go_in_several_parcels(centra: Wire) -> None:
    add_plain_order(centra.centra, shipments=[{1: 1, 2: 1}, {2: 2}])
    order = await centra.order(39790)
    assert [parcel["number"] for parcel in order["shipments"]] == ["39790-1", "39790-2"]
    ids = [row["id"] for parcel in order["shipments"] for row in parcel["lines"]]
    assert len(set(ids)) == 3
    with pytest.raises(ValueError, match="cannot be in a parcel"):
        add_plain_order(centra.centra, "39791", shipments=[{1: 2}])


async def test_only_whole_numbers_are_order_numbers(centra: Wire) -> None:
    for number in ("W-17", "0", str(2**31)):
        with pytest.raises(ValueError, match="no order number"):
            centra.centra.add_order(number, [{"sku": COAT, "price": "1"}])


async def test_what_the_schema_does_not_have_is_an_error(centra: Wire) -> None:
    for query in ("{orders{nonsense}}", "{orders(where:{nonsense:1}){id}}", "{orders", "{orders(limit:201){id}}"):
        answer = await centra.post(query)
        body = exact(answer.content)
        assert answer.status_code == 200
        assert body["errors"]
        assert "data" not in body


async def test_pages_and_connections(centra: Wire) -> None:
    for number in range(1, 6):
        centra.centra.add_order(str(number), [{"sku": COAT, "price": "1"}], charges={})
    pages = [(await centra.ask(f"{{orders(limit:2,page:{page}){{number}}}}"))["orders"] for page in (1, 3, 4)]
    assert [[row["number"] for row in page] for page in pages] == [[1, 2], [5], []]
    query = "{orderConnection(last:2){totalCount edges{cursor node{number}} pageInfo{hasPreviousPage hasNextPage}}}"
    found = (await centra.ask(query))["orderConnection"]
    assert [edge["node"]["number"] for edge in found["edges"]] == [4, 5]
    assert (found["totalCount"], found["pageInfo"]) == (5, {"hasPreviousPage": True, "hasNextPage": False})
    before = found["edges"][0]["cursor"]
    earlier = await centra.ask(f'{{orderConnection(last:2,before:"{before}"){{edges{{node{{number}}}}}}}}')
    assert [edge["node"]["number"] for edge in earlier["orderConnection"]["edges"]] == [2, 3]


async def test_the_world_can_be_seeded_and_looked_at(centra: Wire) -> None:
    body = {
        "orders": [
            {"number": "77", "status": "Entered", "lines": [{"sku": "P7-RED", "quantity": 2, "price": "10.00"}]}
        ],
        "stock": [{"sku": "P7-RED", "quantity": 5}, {"sku": "P7-RED", "quantity": 1, "depot": "11"}],
        "active": {"P7-RED": False},
        "closed_until": "2026-01-31",
    }
    assert (await centra.http.post("/_sandbox/seed", json=body)).json() == {"orders": ["77"]}
    state = (await centra.http.get("/_sandbox/state")).json()
    assert (state["stock"], state["inactive"]) == ({"P7-RED @ 1": 5, "P7-RED @ 11": 1}, ["P7-RED"])
    wrongs: list[dict[str, Any]] = [
        {"orders": [{}]},
        {"active": {"NOPE": True}},
        {"stock": [{"sku": "A", "depot": "99", "quantity": 1}]},
    ]
    for wrong in wrongs:
        assert (await centra.http.post("/_sandbox/seed", json=wrong)).status_code == 422
    order = await centra.order(77)
    assert (order["status"], order["shipments"]) == ("PENDING", [])


async def test_people_despatch_and_edit_orders(centra: Wire) -> None:
    add_plain_order(centra.centra, status="Entered")
    assert (await centra.http.post("/_sandbox/orders/39790/despatch")).status_code == 409  # nothing in stock
    centra.centra.add_stock(COAT, 1)
    centra.centra.add_stock(SHIRT, 5, "02")
    sent = await centra.http.post("/_sandbox/orders/39790/despatch")
    assert sent.json() == {"order": "39790", "status": "SHIPPED"}
    (entry,) = centra.centra.journal.entries("orderDespatched")
    assert entry["lines"] == [
        {"sku": COAT, "quantity": 1, "depot": "1"}, {"sku": SHIRT, "quantity": 3, "depot": "2"},
    ]  # fmt: skip
    edit = {"lines": [{"line": 1, "price": "200.00", "discount": "0"}], "delivery": {"city": "York"}, "archived": True}
    assert (await centra.http.post("/_sandbox/orders/39790/edit", json=edit)).json()["status"] == "ARCHIVED"
    centra.centra.edit_order("39790", archived=False, email="eva@example.com")
    order = await centra.order(39790)
    assert (order["shippingAddress"]["city"], order["customer"]["email"]) == ("York", "eva@example.com")
    assert (value(order["grandTotal"]), len(order["shipments"])) == ("259.21", 1)
    assert (await centra.http.post("/_sandbox/orders/4/despatch")).status_code == 404
