"""Orders as the flow gives them, replacement orders, and stock."""

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.patchworks_wire import ORDER, PULLOVER, SHIRT, Json, Wire, cancel, exchange, wire

KEY = "bh-x-1"


@pytest.fixture
async def patchworks() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


async def order(patchworks: Wire, number: str) -> Json:
    found: Json = (await patchworks.ask("get_order", orderId=number))["order"]
    return found


async def test_an_order_states_every_amount_exactly(patchworks: Wire) -> None:
    found = await order(patchworks, ORDER)
    shirt, pullover = found["lineItems"]
    assert (found["status"], found["archived"], found["currency"], found["taxIncluded"]) == (
        "Billed",
        False,
        "GBP",
        True,
    )
    assert (str(shirt["unitPrice"]), str(shirt["taxAmount"]), shirt["taxRate"]) == ("19.99", "9.04", "20.00")
    assert (str(pullover["taxAmount"]), shirt["quantityReturnable"]) == ("6.79", 3)
    assert found["discounts"] == [{"type": "order", "amount": Decimal("10.00")}]
    assert (str(found["shippingPrice"]), found["fees"][0]["code"]) == ("5.95", "FEE1")
    assert (str(found["totalPrice"]), str(found["invoices"][0]["amountDue"])) == ("100.92", "100.92")
    assert found["shippingAddress"]["zipCodeOrPostalCode"] == "LS1 1AA"
    assert await patchworks.refused("get_order", orderId="9") == "ORDER_NOT_FOUND"


@pytest.mark.parametrize(
    ("number", "total", "taxes"),
    [
        ("7000000000002", "261.00", ["36.00", "1.67"]),
        ("7000000000003", "4780", ["272", "163"]),
        ("7000000000004", "20.150", ["0.000", "0.000"]),
    ],
)
async def test_every_currency_has_its_own_decimals(patchworks: Wire, number: str, total: str, taxes: list[str]) -> None:
    found = await order(patchworks, number)
    assert str(found["totalPrice"]) == total
    assert [str(line["taxAmount"]) for line in found["lineItems"]] == taxes


async def test_archived_and_closed_orders_can_be_read(patchworks: Wire) -> None:
    archived, closed = [await order(patchworks, f"700000000000{n}") for n in (6, 7)]
    assert (archived["status"], archived["archived"]) == ("Closed", True)
    assert (closed["status"], closed["archived"]) == ("Closed", False)


async def test_a_replacement_costs_nothing_and_sets_its_stock_aside(patchworks: Wire) -> None:
    number = await patchworks.opened()
    element = await patchworks.ask("create_exchange_order", KEY, **exchange(number, KEY))
    assert (element["erp"]["documentNumber"], element["erp"]["cancelled"]) == (KEY, False)
    (entry,) = patchworks.sandbox.journal.entries("sales_order")
    assert (entry["order"], entry["original_order"], entry["ra"]) == (KEY, ORDER, number)
    assert (entry["order_type"], entry["total"], entry["due"]) == ("EXCHANGE", "0.00", "0.00")
    assert entry["lines"] == [{"sku": SHIRT, "quantity": 1, "price": "0.00"}]
    assert entry["delivery_matches"] is True
    new, old = await order(patchworks, KEY), await order(patchworks, ORDER)
    assert (new["status"], new["orderType"]) == ("Pending Fulfillment", "EXCHANGE")
    assert (new["customer"], new["shippingAddress"]) == (old["customer"], old["shippingAddress"])
    stock = (await patchworks.ask("get_stock", skus=[SHIRT]))["stock"]
    assert {"sku": SHIRT, "locationId": "01", "onHand": 40, "available": 39} in stock
    assert patchworks.stock(SHIRT, "01") == 40
    patchworks.sandbox.despatch(KEY)
    assert patchworks.stock(SHIRT, "01") == 39
    assert (await order(patchworks, KEY))["status"] == "Billed"


async def test_a_dearer_replacement_shows_what_was_due(patchworks: Wire) -> None:
    number = await patchworks.opened()
    body = exchange(number, KEY, due=6.90)
    assert (await patchworks.ask("create_exchange_order", KEY, **body))["status"] == "ok"
    (entry,) = patchworks.sandbox.journal.entries("sales_order")
    assert (entry["total"], entry["due"]) == ("6.90", "6.90")
    assert (await order(patchworks, KEY))["fees"] == [{"code": "EXCH", "amount": Decimal("6.90")}]
    zero = body | {"exchange": body["exchange"] | {"zeroPayable": True, "orderNumber": "bh-x-2"}}
    assert await patchworks.refused("create_exchange_order", "bh-x-2", **zero) == "VALIDATION"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sku": PULLOVER, "quantity": 8}, "OUT_OF_STOCK"),
        ({"sku": "P9001-OLD"}, "ITEM_NOT_FOUND"),
        ({"sku": "P-NONE"}, "ITEM_NOT_FOUND"),
        ({"order": "9"}, "ORDER_NOT_FOUND"),
        ({"sku": "P4000-GIFT", "quantity": 4}, "OUT_OF_STOCK"),
    ],
)
async def test_what_cannot_be_ordered(patchworks: Wire, change: dict[str, Any], code: str) -> None:
    number = await patchworks.opened()
    assert await patchworks.refused("create_exchange_order", KEY, **exchange(number, KEY, **change)) == code
    assert patchworks.made("sales_order") == 0


async def test_missing_customer_data_is_named_without_being_told(patchworks: Wire) -> None:
    number = await patchworks.opened()
    edit = {"delivery": {"zipCodeOrPostalCode": "", "line1": ""}}
    assert (await patchworks.http.post(f"/_sandbox/orders/{ORDER}/edit", json=edit)).status_code == 200
    element = await patchworks.ask("create_exchange_order", KEY, **exchange(number, KEY))
    assert element["error"]["code"] == "VALIDATION"
    assert element["error"]["details"]["fields"] == [
        "shippingAddress.address1",
        "shippingAddress.zipCodeOrPostalCode",
    ]
    assert "Byron" not in str(element)


async def test_a_kit_takes_its_components(patchworks: Wire) -> None:
    number = await patchworks.opened()
    await patchworks.ask("create_exchange_order", KEY, **exchange(number, KEY, sku="P4000-GIFT", quantity=2))
    stock = (await patchworks.ask("get_stock", skus=["P4000-GIFT", "P4003-OAK"]))["stock"]
    available = {row["sku"]: row["available"] for row in stock if row["locationId"] == "01"}
    assert available == {"P4000-GIFT": 1, "P4003-OAK": 2}


async def test_a_replacement_is_cancelled_until_it_leaves(patchworks: Wire) -> None:
    number = await patchworks.opened()
    for key in (KEY, "bh-x-2"):
        await patchworks.ask("create_exchange_order", key, **exchange(number, key, sku=PULLOVER, quantity=3))
    done = await patchworks.ask("cancel_exchange_order", f"{KEY}-undo", **cancel(key=KEY))
    assert (done["duplicate"], done["erp"]["documentNumber"]) == (False, KEY)
    assert (await patchworks.known(KEY))["erp"]["cancelled"] is True
    assert (await patchworks.ask("cancel_exchange_order", "y-undo", **cancel(KEY)))["duplicate"] is True
    stock = (await patchworks.ask("get_stock", skus=[PULLOVER], locationId="02"))["stock"]
    assert [row["available"] for row in stock] == [4]
    assert (await patchworks.http.post("/_sandbox/orders/bh-x-2/despatch")).json()["status"] == "Billed"
    assert await patchworks.refused("cancel_exchange_order", "z-undo", **cancel("bh-x-2")) == "CONFLICT"
    for unknown in (ORDER, "none"):
        code = await patchworks.refused("cancel_exchange_order", f"{unknown}-undo", **cancel(unknown))
        assert code == "DOCUMENT_NOT_FOUND"
    assert patchworks.made("sales_order_cancelled") == 1


async def test_items(patchworks: Wire) -> None:
    patchworks.sandbox.set_item_active(SHIRT, False)
    items = (await patchworks.ask("get_items", skus=[SHIRT, "P4000-GIFT", "P-NONE"]))["items"]
    assert [(row["sku"], row["active"]) for row in items] == [(SHIRT, False), ("P4000-GIFT", True)]
    assert [part["quantity"] for part in items[1]["components"]] == [1, 1, 2]


async def test_stock_moves_between_locations(patchworks: Wire) -> None:
    line = {"sku": SHIRT, "quantity": 3, "fromLocationId": "01", "toLocationId": "QT"}
    element = await patchworks.ask("transfer_stock", "k-1", transfer={"lines": [line]})
    assert (element["status"], patchworks.stock(SHIRT, "01"), patchworks.stock(SHIRT, "QT")) == ("ok", 37, 3)
    (entry,) = patchworks.sandbox.journal.entries("inventory_transfer")
    assert (entry["from"], entry["to"], entry["key"]) == ("01", "QT", "k-1")
    for change, code in (
        ({"quantity": 38}, "OUT_OF_STOCK"),
        ({"toLocationId": "09"}, "LOCATION_NOT_FOUND"),
        ({"toLocationId": "01"}, "VALIDATION"),
        ({"sku": "P-NONE"}, "ITEM_NOT_FOUND"),
    ):
        assert await patchworks.refused("transfer_stock", "k-2", transfer={"lines": [line | change]}) == code
    stock = (await patchworks.ask("get_stock", skus=[SHIRT]))["stock"]
    assert {"sku": SHIRT, "locationId": "QT", "onHand": 3, "available": 0} in stock


async def test_stock_is_written_up_and_off(patchworks: Wire) -> None:
    def journal(quantity: int, location: str = "DM") -> Json:
        line = {"sku": SHIRT, "quantity": quantity, "locationId": location, "reason": "DAM"}
        return {"adjustment": {"date": "2026-03-20", "lines": [line]}}

    assert (await patchworks.ask("adjust_stock", "k-1", **journal(2)))["status"] == "ok"
    assert (await patchworks.ask("adjust_stock", "k-2", **journal(-1)))["status"] == "ok"
    assert patchworks.stock(SHIRT, "DM") == 1
    entries = patchworks.sandbox.journal.entries("inventory_adjustment")
    assert [(row["location"], row["sign"], row["lines"][0]["quantity"]) for row in entries] == [
        ("DM", 1, 2), ("DM", -1, 1),
    ]  # fmt: skip
    assert await patchworks.refused("adjust_stock", "k-3", **journal(-2)) == "OUT_OF_STOCK"
    assert await patchworks.refused("adjust_stock", "k-3", **journal(0)) == "VALIDATION"
    assert await patchworks.refused("adjust_stock", "k-3", **journal(1, "09")) == "LOCATION_NOT_FOUND"


async def test_somebody_edits_an_order(patchworks: Wire) -> None:
    edit = {"lines": [{"line": 1, "price": "10.00"}], "add": [{"sku": "P7-NEW", "price": "5.00"}], "status": "Closed"}
    assert (await patchworks.http.post(f"/_sandbox/orders/{ORDER}/edit", json=edit)).json()["status"] == "Closed"
    found = await order(patchworks, ORDER)
    assert [line["id"] for line in found["lineItems"]] == ["1", "2", "3"]
    assert str(found["totalPrice"]) == "75.95"
    assert (
        await patchworks.http.post(f"/_sandbox/orders/{ORDER}/edit", json={"lines": [{"line": 9}]})
    ).status_code == 409
