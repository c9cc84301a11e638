"""Returns of the Centra sandbox: what they hold, what they come to, what is refused, what may be undone."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.sandbox.centra_wire import COAT, CREATE, FIND, KEY, SHIRT, Wire, add_plain_order, money, wire


@pytest.fixture
async def centra() -> AsyncIterator[Wire]:
    async with wire() as running:
        add_plain_order(running.centra, discounts=[{"amount": "27.47"}])
        yield running


def ops(centra: Wire) -> list[str]:
    return [entry["op"] for entry in centra.centra.journal.entries()]


async def total(centra: Wire, number: int) -> str:
    query = "query T($id:[Int!]){returns(where:{id:$id}){grandTotal{value}}}"
    (found,) = (await centra.ask(query, id=[number]))["returns"]
    return str(found["grandTotal"]["value"])


async def test_a_return_from_pending_to_completed_and_back(centra: Wire) -> None:
    new = await centra.open_return(39790, {1: 1})
    assert (new["id"], new["returnStatus"], str(new["grandTotal"]["value"])) == (315, "PENDING", "220.5")
    assert (await centra.order(39790))["lines"][0]["returnedQuantity"] == 0
    done = await centra.returned("completeReturn", 315)
    assert (done["return"], done["userErrors"]) == ({"id": 315, "returnStatus": "COMPLETED"}, [])
    assert (await centra.order(39790))["lines"][0]["returnedQuantity"] == 1
    again = await centra.returned("completeReturn", 315)
    assert (again["return"], again["userErrors"]) == (None, [{"message": "Return 315 is already completed"}])
    kept = await centra.returned("deleteReturn", 315)
    assert kept["userErrors"] == [{"message": "Return 315 is completed and cannot be deleted"}]
    assert (await centra.returned("uncompleteReturn", 315))["userErrors"] == []
    assert (await centra.returned("deleteReturn", 315))["userErrors"] == []
    gone = await centra.returned("completeReturn", 315)
    assert gone["userErrors"] == [{"message": "Could not find return with ID 315"}]
    assert ops(centra) == ["createReturn", "completeReturn", "uncompleteReturn", "deleteReturn"]
    (created,) = centra.centra.journal.entries("createReturn")
    assert (created["key"], created["order"], created["into"]) == (KEY, "39790", {})
    assert [(row["order_line"], row["sku"], row["quantity"]) for row in created["lines"]] == [(1, COAT, 1)]
    (credit,) = centra.centra.journal.entries("completeReturn")
    assert (credit["total"], credit["currency"]) == ("220.50", "GBP")


async def test_what_a_return_comes_to(centra: Wire) -> None:
    costs: dict[str, Any] = {
        "voucherValue": {"value": money("5.5")},
        "shippingCost": {"value": money("4.95")},
        "returnCost": money("3.95"),
    }
    new = await centra.open_return(39790, {1: 1, 2: 2}, **costs)
    assert str(new["grandTotal"]["value"]) == "252.17"  # 220.50 + 36.17 - 5.50 + 4.95 - 3.95
    query = """{returns{grandTotal(includingTax:false){value} lines{quantity lineValue{value}}
     totals{discounts{value} shipping{value} handling{value} returnCost{value} taxIncluded{value}}}}"""
    (found,) = (await centra.ask(query))["returns"]
    assert [str(row["lineValue"]["value"]) for row in found["lines"]] == ["220.5", "36.17"]
    assert {name: str(row["value"]) for name, row in found["totals"].items()} == {
        "discounts": "5.5", "shipping": "4.95", "handling": "0", "returnCost": "3.95", "taxIncluded": "42.78",
    }  # fmt: skip


async def test_units_of_a_line_add_up_to_it_whoever_returns_them(centra: Wire) -> None:
    centra.centra.add_order("3", [{"sku": SHIRT, "quantity": 3, "price": "10.00", "discount": "20.00"}])
    keys = ["a", "b", "c"]
    ids = [(await centra.open_return(3, {1: 1}, externalId=key))["id"] for key in keys]
    assert [await total(centra, number) for number in ids] == ["3.33", "3.34", "3.33"]
    await centra.returned("deleteReturn", ids[1])
    anew = await centra.open_return(3, {1: 1}, externalId="d")
    assert str(anew["grandTotal"]["value"]) == "3.34"


async def test_a_net_order_is_returned_with_its_tax(centra: Wire) -> None:
    line = {"sku": COAT, "quantity": 3, "price": "33.33", "vat_rate": "7.5"}
    centra.centra.add_order("4", [line], currency="USD", vat_inclusive=False)
    totals = [await centra.open_return(4, {1: 1}, externalId=f"n{number}") for number in range(3)]
    assert [str(row["grandTotal"]["value"]) for row in totals] == ["35.83", "35.83", "35.83"]


async def test_quantities_are_limited_by_what_was_shipped_and_what_others_hold(centra: Wire) -> None:
    await centra.open_return(39790, {2: 2}, externalId="first")
    refused = await centra.refused(CREATE, i=await centra.return_input(39790, {2: 2}))
    assert refused == {
        "message": "Quantity 2 exceeds returnable quantity 1", "path": ["input", "lines", "0", "quantity"],
    }  # fmt: skip
    await centra.returned("deleteReturn", 315)
    assert (await centra.open_return(39790, {2: 3}))["lines"][0]["quantity"] == 3


async def test_each_parcel_has_its_own_returns(centra: Wire) -> None:
    add_plain_order(centra.centra, "5", shipments=[{1: 1, 2: 1}, {2: 2}])
    refused = await centra.refused(CREATE, i=await centra.return_input(5, {2: 2}, 0))
    assert refused["message"] == "Quantity 2 exceeds returnable quantity 1"
    await centra.open_return(5, {2: 2}, 1, externalId="b")
    wrong = await centra.return_input(5, {2: 1}, 1)
    other = await centra.shipment(5, 0)
    answer = await centra.refused(CREATE, i=wrong | {"shipment": {"number": other["number"]}})
    assert answer["message"].startswith("Could not find shipment line with ID")
    late = await centra.return_input(5, {2: 1}, 0, shippingCost={"fromShipment": True})
    assert str((await centra.do(CREATE, i=late))["return"]["grandTotal"]["value"]) == "23.04"  # 18.09 + 4.95


@pytest.mark.parametrize(
    ("change", "message", "path"),
    [
        ({"shipment": {"id": 9}}, "Could not find shipment with ID 9", ["input", "shipment"]),
        ({"shipment": {"id": 9, "number": "9"}}, "Exactly one input field should be provided", ["input", "shipment"]),
        ({"lines": []}, "At least one line is required", ["input", "lines"]),
        (
            {"returnStockActionPolicy": {"removeItemsFromStock": True, "releaseItemsBackToWarehouse": True}},
            "Exactly one input field should be provided",
            ["input", "returnStockActionPolicy"],
        ),
        ({"returnStockActionPolicy": {}}, "Exactly one", ["input", "returnStockActionPolicy"]),
        (
            {"returnStockActionPolicy": {"sendItemsToDifferentWarehouse": {"id": 99}}},
            "Could not find warehouse with ID 99",
            ["input", "returnStockActionPolicy"],
        ),
        ({"voucherValue": {"value": money("27.48")}}, "Voucher value 27.48 exceeds", ["input", "voucherValue"]),
        ({"shippingCost": {"value": money("5")}}, "Shipping cost 5.00 exceeds 4.95 left", ["input", "shippingCost"]),
        ({"handlingCost": {"value": money("1")}}, "Handling cost 1.00 exceeds 0.00 left", ["input", "handlingCost"]),
        ({"returnCost": money("1", "EUR")}, "Return cost must be in GBP", ["input", "returnCost"]),
        ({"returnCost": money("1.005")}, "Return cost 1.005 is no amount of GBP", ["input", "returnCost"]),
        ({"returnCost": money("-1")}, "Return cost -1 is no amount of GBP", ["input", "returnCost"]),
        ({"returnCost": money("300")}, "Costs exceed the value of the return", ["input"]),
        ({"externalId": "x" * 256}, "External ID is longer than 255", ["input", "externalId"]),
    ],
)
async def test_refusals_are_user_errors_and_change_nothing(
    centra: Wire, change: dict[str, Any], message: str, path: list[str]
) -> None:
    refused = await centra.refused(CREATE, i=await centra.return_input(39790, {1: 1}) | change)
    assert (refused["message"][: len(message)], refused["path"]) == (message, path)
    assert ops(centra) == []
    assert (await centra.ask("{returns{id}}"))["returns"] == []


async def test_what_is_left_of_the_charges_shrinks(centra: Wire) -> None:
    first = await centra.open_return(39790, {2: 1}, externalId="a", shippingCost={"value": money("4")})
    assert str(first["grandTotal"]["value"]) == "22.09"
    refused = await centra.refused(
        CREATE, i=await centra.return_input(39790, {1: 1}, shippingCost={"value": money("1")})
    )
    assert refused["message"] == "Shipping cost 1.00 exceeds 0.95 left on the shipment"
    rest = await centra.open_return(39790, {1: 1}, shippingCost={"fromShipment": True})
    assert str(rest["grandTotal"]["value"]) == "221.45"


async def test_an_external_id_finds_a_return_and_guards_nothing(centra: Wire) -> None:
    assert (await centra.ask(FIND, e=[KEY]))["returns"] == []
    first = await centra.open_return(39790, {2: 1})
    assert [row["id"] for row in (await centra.ask(FIND, e=[KEY]))["returns"]] == [first["id"]]
    second = await centra.open_return(39790, {2: 1})
    assert [row["id"] for row in (await centra.ask(FIND, e=[KEY]))["returns"]] == [second["id"]]
    query = "{returns(where:{orderNumber:[39790]}){id externalId order{number} shipment{number}}}"
    both = (await centra.ask(query))["returns"]
    assert [(row["id"], row["externalId"]) for row in both] == [(first["id"], None), (second["id"], KEY)]
    await centra.returned("deleteReturn", second["id"])
    assert (await centra.ask(FIND, e=[KEY]))["returns"] == []


async def test_returns_are_found_by_state_and_creation(centra: Wire) -> None:
    await centra.open_return(39790, {1: 1}, externalId="a", createdAt="2026-03-20T10:00:00+01:00")
    await centra.open_return(39790, {2: 1}, externalId="b", createdAt="2026-03-21 00:00:00")
    await centra.returned("completeReturn", 316)
    query = "query W($w:ReturnFilter){returns(where:$w){id createdAt}}"
    for where, ids in (
        ({"returnStatus": ["COMPLETED"]}, [316]),
        ({"createdAt": {"from": "2026-03-20T09:00:00Z", "to": "2026-03-20T09:00:00Z"}}, [315]),
        ({"createdAt": {"from": "2026-03-20T09:00:01Z"}}, [316]),
        ({"shipmentNumber": ["39790-1"], "returnStatus": ["PENDING"]}, [315]),
        ({"orderNumber": [1]}, []),
    ):
        found = (await centra.ask(query, w=where))["returns"]
        assert [row["id"] for row in found] == ids, where


async def test_the_policy_moves_stock_at_creation_and_back_at_deletion(centra: Wire) -> None:
    stock = centra.centra.world.physical
    for policy, warehouse in (
        ({"releaseItemsBackToWarehouse": True}, 1),
        ({"sendItemsToDifferentWarehouse": {"id": 11}}, 11),
        ({"removeItemsFromStock": True}, 0),
    ):
        new = await centra.open_return(39790, {2: 2}, returnStockActionPolicy=policy)
        held = [stock(SHIRT, number) for number in (1, 11)]
        assert held == [2 * (warehouse == number) for number in (1, 11)]
        assert centra.centra.journal.entries()[-1]["into"] == ({str(warehouse): {SHIRT: 2}} if warehouse else {})
        await centra.returned("deleteReturn", new["id"])
        assert [stock(SHIRT, number) for number in (1, 11)] == [0, 0]


async def test_a_refund_by_centra_cannot_be_taken_back(centra: Wire) -> None:
    await centra.open_return(39790, {1: 1})
    assert (await centra.returned("refundReturn", 315))["userErrors"] == [{"message": "Return 315 is not completed"}]
    await centra.returned("completeReturn", 315)
    assert (await centra.returned("refundReturn", 315))["userErrors"] == []
    history = (await centra.ask("{returns{refundPaymentHistory{entryType value{value}}}}"))["returns"]
    assert history[0]["refundPaymentHistory"][0]["entryType"] == "REFUND"
    for again in ("refundReturn", "uncompleteReturn"):
        assert (await centra.returned(again, 315))["userErrors"]


async def test_N17_a_return_may_be_accepted_in_part_without_a_word(centra: Wire) -> None:
    centra.centra.accept_partly("39790")
    new = await centra.open_return(39790, {1: 1, 2: 2}, externalId="a")
    assert [row["quantity"] for row in new["lines"]] == [1, 1]
    assert str(new["grandTotal"]["value"]) == "238.59"
    await centra.returned("deleteReturn", new["id"])
    assert (await centra.http.post("/_sandbox/orders/39790/accept-partly?times=2")).status_code == 204
    for _ in range(2):
        assert (await centra.open_return(39790, {1: 1}, externalId="b"))["lines"] == []
    whole = await centra.open_return(39790, {1: 1}, externalId="c")
    assert [row["quantity"] for row in whole["lines"]] == [1]


async def test_N17_a_sku_may_be_left_out_of_every_return(centra: Wire) -> None:
    centra.centra.drop_from_returns(COAT)
    new = await centra.open_return(39790, {1: 1, 2: 1}, externalId="a")
    assert [row["quantity"] for row in new["lines"]] == [1]
    centra.centra.drop_from_returns(COAT, dropped=False)
    assert len((await centra.open_return(39790, {1: 1, 2: 1}, externalId="b"))["lines"]) == 2


async def test_people_delete_and_complete_returns(centra: Wire) -> None:
    new = await centra.open_return(39790, {1: 1, 2: 3})
    body = {
        "return_number": KEY,
        "lines": [{"return_line": 2, "quantity": 2}],
        "charges": {"RM24": "4.95", "FEE": "-1"},
    }
    wrong = body | {"charges": {"GOODW": "95.00"}}
    assert (await centra.http.post("/_sandbox/credits", json=wrong)).status_code == 409
    made = await centra.http.post("/_sandbox/credits", json=body)
    assert (made.status_code, made.json()) == (201, {"credit_number": f"CENTRA-RETURN-{new['id']}"})
    (credit,) = centra.centra.journal.entries("completeReturn")
    assert (credit["total"], credit["by_hand"], credit["lines"][0]["quantity"]) == ("40.12", True, 2)
    assert (await centra.http.post(f"/_sandbox/returns/{new['id']}/cancel")).status_code == 409
    other = await centra.open_return(39790, {1: 1}, externalId="b")
    assert (await centra.http.post(f"/_sandbox/returns/{other['id']}/cancel")).json()["status"] == "DELETED"
    assert (await centra.http.post("/_sandbox/returns/nope/cancel")).status_code == 404
