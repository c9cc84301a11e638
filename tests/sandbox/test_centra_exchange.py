"""The Order API of the Centra sandbox: replacement orders, what is refused, cancelling, despatch."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.centra_wire import COAT, ID, SHIRT, Wire, add_plain_order, wire

NEW = "P1001-BLK-090"
XKEY = f"bh-{ID}-x-1"
CANCEL = """mutation C($id:String!,$i:OrderCancelInput!){cancelDirectToConsumerOrder(id:$id,input:$i){
 order{id status} userErrors{message path}}}"""
RELEASE = {"comment": "", "emailOptions": {"sendEmail": False}, "stockAction": {"releaseItemsBackToWarehouse": True}}


@pytest.fixture
async def centra() -> AsyncIterator[Wire]:
    async with wire() as running:
        add_plain_order(running.centra)
        running.centra.add_item(NEW)
        running.centra.add_item("P9-OLD", active=False)
        running.centra.add_stock(NEW, 2)
        await running.open_return(39790, {1: 1})
        yield running


async def body(centra: Wire, **more: Any) -> dict[str, Any]:
    """As section G of the contract, for return 315."""
    customer = (await centra.order(39790))["customer"]
    address = {
        "email": "ada@example.com", "firstName": "Ada", "lastName": "Byron", "address": "1 High St", "city": "Leeds",
        "zipcode": "LS1 1AA", "country": "GB",
    }  # fmt: skip
    product = {"qty": 1, "sku": NEW, "unitPrice": 0.00, "originalPrice": 124.10, "comment": "Exchange"}
    return {
        "customerId": customer["id"], "address": address, "marketId": 1, "pricelistId": 1, "products": [product],
        "shippingValue": 0.00, "voucherValue": 0.00, "applyVouchers": False, "sendEmail": False,
        "internalOrder": True, "adjustStock": True, "createdFromOrigin": {"type": "return", "id": 315},
        "internalComment": XKEY, "orderNumber": 910010234,
    } | more  # fmt: skip


def journalled(centra: Wire) -> dict[str, Any]:
    (entry,) = centra.centra.journal.entries("newOrder")
    return entry


async def test_R54_a_zero_valued_replacement_from_a_return(centra: Wire) -> None:
    assert await centra.rest("POST", "/order", await body(centra)) == {"status": "ok", "orders": [910010234]}
    order = await centra.order(910010234)
    assert (order["status"], str(order["grandTotal"]["value"])) == ("PENDING", "0")
    assert str(order["lines"][0]["unitOriginalPrice"]["value"]) == "124.1"
    entry = journalled(centra)
    assert {name: entry[name] for name in ("order", "key", "original_order", "created_from", "order_type")} == {
        "order": "910010234", "key": XKEY, "original_order": "39790",
        "created_from": {"type": "return", "id": 315}, "order_type": "internal",
    }  # fmt: skip
    assert (entry["total"], entry["payment"], entry["delivery_matches"]) == ("0.00", "0.00", True)
    assert entry["lines"] == [{"sku": NEW, "quantity": 1, "price": "0.00"}]
    (listed,) = (await centra.rest("GET", "/orders", order="910010234"))["orders"]
    assert (listed["internalOrder"], listed["createdFromOrigin"]) == (1, {"type": "return", "id": 315})
    found = (await centra.ask("{orders(where:{isInternal:true}){number internalComment}}"))["orders"]
    assert found == [{"number": 910010234, "internalComment": XKEY}]


async def test_what_is_due_is_said_with_its_payment(centra: Wire) -> None:
    paid = {"payment": {"id": 1, "capture": {"status": 1, "amount": 9.99}}, "shippingValue": 9.99}
    await centra.rest("POST", "/order", await body(centra, **paid))
    entry = journalled(centra)
    assert (entry["total"], entry["payment"], entry["shipping"]) == ("9.99", "9.99", "9.99")


@pytest.mark.parametrize(
    ("change", "matches"),
    [
        ({"customerId": None}, True),
        ({"address": {"email": "ada@example.com", "country": "GB"}}, False),
        ({"address": {"email": "eva@example.com", "country": "GB"}}, False),
        ({"createdFromOrigin": {"type": "order", "id": 39790}}, True),
        ({"createdFromOrigin": None}, False),
    ],
)
async def test_R57_the_journal_says_whether_it_goes_where_the_original_went(
    centra: Wire, change: dict[str, Any], matches: bool
) -> None:
    assert (await centra.rest("POST", "/order", await body(centra, **change)))["status"] == "ok"
    assert journalled(centra)["delivery_matches"] is matches


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"products": [{"qty": 1, "sku": "NOPE"}]}, -1),
        ({"products": [{"qty": 1, "sku": "P9-OLD"}]}, -1),
        ({"products": [{"qty": 3, "sku": NEW, "unitPrice": 0}]}, -2),
        ({"products": []}, -3),
        ({"products": [{"sku": NEW}]}, -4),
        ({"address": {"email": "ada@example.com"}}, -4),
        ({"createdFromOrigin": {"type": "refund", "id": 1}}, -4),
        ({"orderNumber": 39790}, -5),
        ({"customerId": 999}, -6),
        ({"createdFromOrigin": {"type": "return", "id": 9}}, -7),
        ({"orderNumber": 2**31}, -7),
        ({"shippingValue": -1}, -7),
    ],
)
async def test_R58_refusals_are_answers_with_a_code_and_change_nothing(
    centra: Wire, change: dict[str, Any], code: int
) -> None:
    answer = await centra.rest("POST", "/order", await body(centra, **change))
    assert (answer["status"], answer["code"]) == ("no", code)
    assert answer["msg"]
    assert centra.centra.journal.entries("newOrder") == []
    assert centra.centra.world.available(NEW, 1) == 2


async def test_the_number_guards_against_a_second_order(centra: Wire) -> None:
    first, second = [await centra.rest("POST", "/order", await body(centra)) for _ in range(2)]
    assert (first["status"], second["code"]) == ("ok", -5)
    assert len(centra.centra.journal.entries("newOrder")) == 1


async def test_a_back_order_may_be_forced(centra: Wire) -> None:
    three = {"products": [{"qty": 3, "sku": NEW, "unitPrice": 0}], "forceCreate": True}
    assert (await centra.rest("POST", "/order", await body(centra, **three)))["status"] == "ok"


async def test_a_prepared_order_is_none_until_it_is_completed(centra: Wire) -> None:
    prepared = await centra.rest("POST", "/order", await body(centra, createOnly=True))
    assert prepared == {"status": "ok", "order": 910010234}
    asked = (await centra.ask("{orders(where:{number:[910010234]}){id}}"))["orders"]
    assert (asked, centra.centra.journal.entries("newOrder")) == ([], [])
    for _ in range(2):
        assert await centra.rest("POST", "/order/910010234", {}) == {"status": "ok", "orders": ["910010234"]}
    assert journalled(centra)["delivery_matches"] is True
    assert (await centra.rest("POST", "/order/4", {}))["status"] == "no"


async def test_an_order_is_cancelled_until_it_is_shipped(centra: Wire) -> None:
    for number in (1, 2):
        await centra.rest("POST", "/order", await body(centra, orderNumber=number))
    assert centra.centra.world.available(NEW, 1) == 0
    one, two = [(await centra.order(number))["id"] for number in (1, 2)]
    done = await centra.do(CANCEL, id=one, i=RELEASE)
    assert (done["order"], done["userErrors"]) == ({"id": one, "status": "CANCELLED"}, [])
    assert centra.centra.world.available(NEW, 1) == 1
    assert (await centra.refused(CANCEL, id=one, i=RELEASE))["message"] == "Order 1 is already cancelled"
    confirm = "mutation K($n:Int!){confirmOrder(input:{order:{number:$n}}){order{status} userErrors{message}}}"
    assert (await centra.do(confirm, n=2))["order"] == {"status": "CONFIRMED"}
    centra.centra.despatch("2")
    assert (await centra.refused(CANCEL, id=two, i=RELEASE))["message"] == "Order 2 is SHIPPED and cannot be cancelled"
    assert (await centra.refused(CANCEL, id="f" * 32, i=RELEASE))["message"].startswith("Could not find order")
    assert centra.centra.world.physical(NEW, 1) == 1
    ops = [entry["op"] for entry in centra.centra.journal.entries()]
    assert ops == ["createReturn", "newOrder", "newOrder", "cancelOrder", "confirmOrder", "orderDespatched"]


async def test_returns_are_listed_newest_first(centra: Wire) -> None:
    await centra.open_return(39790, {2: 2}, externalId="b")
    found = (await centra.rest("GET", "/returns", order="39790"))["returns"]
    assert [row["returnId"] for row in found] == ["316", "315"]
    assert (found[0]["products"][0]["sku"], found[0]["completed"]) == (SHIRT, False)
    assert [
        row["returnId"] for row in (await centra.rest("GET", "/returns", None, **{"return": "315"}))["returns"]
    ] == ["315"]
    assert COAT in str((await centra.rest("GET", "/orders"))["orders"])
