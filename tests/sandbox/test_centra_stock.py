"""Products, stock and stock changes of the Centra sandbox."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.centra_wire import CHANGE, COAT, ID, SHIRT, Wire, wire

SIZES = """query S($s:[String!],$w:[Int!]){productSizes(where:{SKU:$s}){id SKU EAN isActive
 productVariant{id status} stock(where:{warehouseId:$w}){warehouse{id} physicalQuantity freeToAllocateQuantity}}}"""
CHANGES = """{stockChangeConnection(last:50){edges{node{id description intoWarehouse{id} outFromWarehouse{id}
 lines{deliveredQuantity productSize{SKU}}}}}}"""
DESCRIPTION = f"bh-{ID}-g-1 goods of a return"


@pytest.fixture
async def centra() -> AsyncIterator[Wire]:
    async with wire() as running:
        running.centra.add_item(COAT, barcode="5012345678900")
        running.centra.add_stock(COAT, 3)
        running.centra.add_stock(COAT, 2, "DM")
        yield running


def change(sku: str = COAT, quantity: int = 1, **ends: Any) -> dict[str, Any]:
    size = {"productSize": {"SKU": sku}, "deliveredQuantity": quantity}
    return {"description": DESCRIPTION, "productSizes": [size], **ends}


async def test_a_sku_is_found_with_its_stock(centra: Wire) -> None:
    (size,) = (await centra.ask(SIZES, s=[COAT], w=[1, 11, 12]))["productSizes"]
    assert (size["EAN"], size["productVariant"]["status"]) == ("5012345678900", "ACTIVE")
    rows = [(row["warehouse"]["id"], row["physicalQuantity"], row["freeToAllocateQuantity"]) for row in size["stock"]]
    assert rows == [(1, 3, 3), (11, 2, 2)]
    centra.centra.set_item_active(COAT, False)
    (size,) = (await centra.ask(SIZES, s=[COAT], w=[1]))["productSizes"]
    assert (size["productVariant"]["status"], size["isActive"]) == ("INACTIVE", False)
    assert (await centra.ask(SIZES, s=["NOPE"], w=[1]))["productSizes"] == []


async def test_a_bundle_has_the_stock_of_its_parts(centra: Wire) -> None:
    centra.centra.add_item("P40-GIFT", parts=[{"sku": COAT, "per_kit": 2}])
    (size,) = (await centra.ask(SIZES, s=["P40-GIFT"], w=[1]))["productSizes"]
    assert size["stock"][0]["physicalQuantity"] == 1
    refused = await centra.refused(CHANGE, i=change("P40-GIFT", intoWarehouse={"id": 1}))
    assert refused["message"] == "errors.productsAreBundles"


async def test_warehouses_have_numbers(centra: Wire) -> None:
    found = (await centra.ask("{warehouses{id name}}"))["warehouses"]
    assert [(row["id"], row["name"]) for row in found] == [
        (1, "01"), (2, "02"), (11, "DM"), (12, "QT"), (13, "HC"),
    ]  # fmt: skip


async def test_stock_goes_in_out_and_across_and_the_change_can_be_found(centra: Wire) -> None:
    ways: list[dict[str, Any]] = [
        {"intoWarehouse": {"id": 1}},
        {"outFromWarehouse": {"id": 1}, "intoWarehouse": {"id": 12}},
        {"outFromWarehouse": {"id": 11}},
    ]
    for ends in ways:
        assert (await centra.do(CHANGE, i=change(quantity=2, **ends)))["userErrors"] == []
    assert [centra.centra.world.physical(COAT, number) for number in (1, 11, 12)] == [3, 0, 2]
    edges = (await centra.ask(CHANGES))["stockChangeConnection"]["edges"]
    first, second, third = (edge["node"] for edge in edges)
    assert (first["description"], first["intoWarehouse"], first["outFromWarehouse"]) == (DESCRIPTION, {"id": 1}, None)
    assert (second["intoWarehouse"], second["outFromWarehouse"]) == ({"id": 12}, {"id": 1})
    assert third["lines"] == [{"deliveredQuantity": 2, "productSize": {"SKU": COAT}}]
    entries = centra.centra.journal.entries("changeStock")
    assert [(row["key"], row["into"], row["out_from"]) for row in entries] == [
        (f"bh-{ID}-g-1", "1", ""), (f"bh-{ID}-g-1", "12", "1"), (f"bh-{ID}-g-1", "", "11"),
    ]  # fmt: skip


async def test_a_change_may_name_variant_and_size(centra: Wire) -> None:
    (size,) = (await centra.ask(SIZES, s=[COAT], w=[1]))["productSizes"]
    variant = {
        "productVariant": {"id": size["productVariant"]["id"]},
        "sizeChanges": [{"size": {"name": "080"}, "deliveredQuantity": 4}],
    }
    given = {"description": "x", "intoWarehouse": {"id": 2}, "productVariants": [variant]}
    assert (await centra.do(CHANGE, i=given))["userErrors"] == []
    assert centra.centra.world.physical(COAT, 2) == 4


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (change(intoWarehouse={"id": 99}), "Could not find warehouse with ID 99"),
        (change(intoWarehouse={"externalId": "DM"}), "Could not find warehouse with external ID DM"),
        (change("NOPE", intoWarehouse={"id": 1}), "Could not find product size with SKU NOPE"),
        (change(quantity=0, intoWarehouse={"id": 1}), "Quantity must be greater than 0"),
        (change(quantity=4, outFromWarehouse={"id": 1}), f"Warehouse 1 has 3 free of {COAT}, 4 wanted"),
        (change(), "Provide intoWarehouse"),
        (change(intoWarehouse={"id": 1}, outFromWarehouse={"id": 1}), "Provide intoWarehouse"),
        (change(intoWarehouse={"id": 1}) | {"description": " "}, "Description must not be empty"),
        ({"description": "x", "intoWarehouse": {"id": 1}}, "No products to change"),
    ],
)
async def test_refused_changes_move_nothing(centra: Wire, given: dict[str, Any], message: str) -> None:
    refused = await centra.refused(CHANGE, i=given)
    assert refused["message"].startswith(message)
    assert centra.centra.world.physical(COAT, 1) == 3
    assert centra.centra.journal.entries() == []


async def test_stock_promised_to_an_order_is_not_free(centra: Wire) -> None:
    centra.centra.add_order("1", [{"sku": SHIRT, "price": "1"}])
    body = {"address": {"email": "a@b.c", "country": "GB"}, "products": [{"qty": 2, "sku": COAT, "unitPrice": 0}]}
    assert (await centra.rest("POST", "/order", body))["status"] == "ok"
    (size,) = (await centra.ask(SIZES, s=[COAT], w=[1]))["productSizes"]
    row = size["stock"][0]
    assert (row["physicalQuantity"], row["freeToAllocateQuantity"]) == (3, 1)
    stock = await centra.rest("GET", "/stock", sku=COAT)
    assert {name: stock["stock"][0][name] for name in ("physicalStock", "allocatedStock", "availableStock")} == {
        "physicalStock": 3, "allocatedStock": 2, "availableStock": 1,
    }  # fmt: skip
