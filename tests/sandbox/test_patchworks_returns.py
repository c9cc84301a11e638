"""Return authorizations and item receipts of the ERP behind the flow."""

from collections.abc import AsyncIterator

import pytest

from sandbox.patchworks.refusal import Refused
from tests.sandbox.patchworks_wire import (
    ID,
    KEY,
    ORDER,
    PULLOVER,
    SHIRT,
    Wire,
    cancel,
    credit,
    new_return,
    receipt,
    wire,
)

CLOSED, ARCHIVED, NOT_SENT, KIT, OLD = (f"700000000000{number}" for number in (7, 6, 9, 5, 8))


@pytest.fixture
async def patchworks() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


async def test_an_authorization_from_the_order(patchworks: Wire) -> None:
    element = await patchworks.open_return(quantity=2)
    assert element["erp"]["lines"] == [{"id": "1", "erpLineId": "10000", "quantity": 2}]
    (entry,) = patchworks.sandbox.journal.entries("return_authorization")
    assert (entry["order"], entry["standalone"], entry["key"]) == (ORDER, False, KEY)
    assert entry["lines"] == [{"line": 1, "order_line": 1, "sku": SHIRT, "quantity": 2}]
    found = (await patchworks.ask("get_return", documentNumber="RA4711"))["returnOrder"]
    assert (found["externalId"], found["orderId"], found["open"], found["cancelled"]) == (KEY, ORDER, True, False)
    assert found["lines"] == [{"id": "1", "sku": SHIRT, "quantity": 2, "quantityReceived": 0}]
    assert await patchworks.refused("get_return", documentNumber="RA1") == "DOCUMENT_NOT_FOUND"


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"quantity": 4}, "QUANTITY_EXCEEDED"),
        ({"quantity": 0}, "VALIDATION"),
        ({"order": "9"}, "ORDER_NOT_FOUND"),
        ({"order": CLOSED, "sku": PULLOVER}, "CONFLICT"),
        ({"order": ARCHIVED, "sku": "P1001-BLK-080"}, "CONFLICT"),
        ({"order": NOT_SENT}, "CONFLICT"),
        ({"order": OLD, "sku": "P9001-OLD"}, "ITEM_NOT_FOUND"),
        ({"sku": "P-NONE"}, "ITEM_NOT_FOUND"),
        ({"sku": PULLOVER}, "VALIDATION"),
        ({"line": "7"}, "VALIDATION"),
        ({"order": KIT, "sku": "P4000-GIFT"}, "VALIDATION"),
        ({"order": KIT, "sku": "P4003-OAK", "quantity": 5}, "QUANTITY_EXCEEDED"),
    ],
)
async def test_what_cannot_be_authorised(patchworks: Wire, facts: dict[str, object], code: str) -> None:
    assert await patchworks.refused("create_return", KEY, **new_return(**facts)) == code  # type: ignore[arg-type]
    assert patchworks.made("return_authorization") == 0


async def test_units_on_live_authorizations_are_taken(patchworks: Wire) -> None:
    await patchworks.opened("k-1", quantity=2)
    assert await patchworks.refused("create_return", "k-2", **new_return(quantity=2)) == "QUANTITY_EXCEEDED"
    order = (await patchworks.ask("get_order", orderId=ORDER))["order"]
    assert order["lineItems"][0]["quantityReturnable"] == 1
    await patchworks.ask("cancel_return", "k-1-undo", **cancel("RA4711"))
    assert (await patchworks.open_return("k-2", quantity=3))["status"] == "ok"


@pytest.mark.parametrize(("order", "sku"), [(CLOSED, PULLOVER), (ARCHIVED, "P1001-BLK-080")])
async def test_a_closed_order_takes_a_standalone_authorization(patchworks: Wire, order: str, sku: str) -> None:
    await patchworks.opened(order=order, sku=sku, quantity=2, standalone=True)
    (entry,) = patchworks.sandbox.journal.entries("return_authorization")
    assert (entry["order"], entry["standalone"], entry["lines"][0]["order_line"]) == (order, True, 0)


async def test_components_of_a_kit_are_authorised_and_received(patchworks: Wire) -> None:
    lines = (await patchworks.ask("get_order", orderId=KIT))["order"]["lineItems"]
    assert [line["id"] for line in lines] == ["1", "5"]
    assert lines[0]["components"][2] == {"sku": "P4003-OAK", "quantity": 2, "weight": 0}
    number = await patchworks.opened(order=KIT, sku="P4003-OAK", quantity=4)
    body = receipt(number, "01", 4, "P4003-OAK", order=KIT)
    assert (await patchworks.ask("receive_return", "k-1", **body))["status"] == "ok"
    assert patchworks.stock("P4003-OAK", "01") == 10


async def test_goods_are_received_at_the_exact_location(patchworks: Wire) -> None:
    number = await patchworks.opened(quantity=3)
    first = await patchworks.ask("receive_return", "k-1", **receipt(number, "DM"))
    assert first["erp"]["documentNumber"] == "IR9201"
    await patchworks.ask("receive_return", "k-2", **receipt(number, "01", 2))
    assert (patchworks.stock(SHIRT, "DM"), patchworks.stock(SHIRT, "01")) == (1, 42)
    entries = patchworks.sandbox.journal.entries("item_receipt")
    assert [(entry["location"], entry["ra"]) for entry in entries] == [("DM", number), ("01", number)]
    assert entries[1]["lines"] == [{"line": 1, "sku": SHIRT, "quantity": 2, "location": "01"}]
    found = (await patchworks.ask("get_return", documentNumber=number))["returnOrder"]
    assert (found["open"], found["lines"][0]["quantityReceived"]) == (False, 3)
    assert await patchworks.refused("receive_return", "k-3", **receipt(number)) == "QUANTITY_EXCEEDED"


async def test_what_cannot_be_received(patchworks: Wire) -> None:
    number = await patchworks.opened()
    assert await patchworks.refused("receive_return", "k-1", **receipt(number, "09")) == "LOCATION_NOT_FOUND"
    assert await patchworks.refused("receive_return", "k-1", **receipt(number, "")) == "VALIDATION"
    assert await patchworks.refused("receive_return", "k-1", **receipt("RA1")) == "DOCUMENT_NOT_FOUND"
    assert await patchworks.refused("receive_return", "k-1", **receipt(number, line="2")) == "VALIDATION"
    assert await patchworks.refused("receive_return", "k-1", **receipt(number, sku=PULLOVER)) == "VALIDATION"
    await patchworks.ask("cancel_return", f"{KEY}-undo", **cancel(number))
    assert await patchworks.refused("receive_return", "k-1", **receipt(number)) == "CONFLICT"
    assert patchworks.made("item_receipt") == 0


async def test_cancelling(patchworks: Wire) -> None:
    assert await patchworks.refused("cancel_return", f"{KEY}-undo", **cancel(key=KEY)) == "DOCUMENT_NOT_FOUND"
    assert await patchworks.refused("cancel_return", f"{KEY}-undo", **cancel("RA1")) == "DOCUMENT_NOT_FOUND"
    await patchworks.opened()
    done = await patchworks.ask("cancel_return", f"{KEY}-undo", **cancel(key=KEY))
    assert (done["duplicate"], done["erp"]["documentNumber"], done["erp"]["cancelled"]) == (False, "RA4711", True)
    again = await patchworks.ask("cancel_return", "another-undo", **cancel("RA4711"))
    assert (again["status"], again["duplicate"]) == ("ok", True)
    assert (await patchworks.known(KEY))["erp"]["cancelled"] is True
    assert patchworks.made("return_authorization_cancelled") == 1


async def test_nothing_is_cancelled_once_goods_or_money_are_on_it(patchworks: Wire) -> None:
    number = await patchworks.opened("k-1")
    await patchworks.ask("receive_return", "k-2", **receipt(number))
    credited = await patchworks.opened("k-3")
    await patchworks.ask("create_credit_note", "k-4", **credit(credited))
    for each in (number, credited):
        assert await patchworks.refused("cancel_return", f"{each}-undo", **cancel(each)) == "CONFLICT"


async def test_somebody_closes_it_in_the_erp(patchworks: Wire) -> None:
    number = await patchworks.opened()
    answer = await patchworks.http.post(f"/_sandbox/returns/{number}/cancel")
    assert answer.json() == {"return_number": number, "status": "Cancelled"}
    assert (await patchworks.known(KEY))["erp"]["cancelled"] is True
    with pytest.raises(Refused):
        patchworks.sandbox.cancel_return("RA1")


async def test_N17_a_line_may_be_left_out(patchworks: Wire) -> None:
    patchworks.sandbox.drop_from_returns(PULLOVER)
    body = new_return()
    row = body["return"]["returnLineItems"][0]
    body["return"]["returnLineItems"].append(row | {"id": "2", "orderLineItemId": "2", "sku": PULLOVER})
    element = await patchworks.ask("create_return", KEY, **body)
    assert (element["status"], [line["id"] for line in element["erp"]["lines"]]) == ("ok", ["1"])


async def test_a_closed_period_takes_no_receipt(patchworks: Wire) -> None:
    number = await patchworks.opened()
    await patchworks.http.post("/_sandbox/seed", json={"closed_until": "2026-03-20"})
    assert await patchworks.refused("receive_return", "k-1", **receipt(number)) == "PERIOD_CLOSED"
    body = receipt(number)
    body["return"]["receivedAt"] = "2026-03-21T00:00:00Z"
    assert (await patchworks.ask("receive_return", "k-1", **body))["status"] == "ok"


async def test_the_key_names_the_return(patchworks: Wire) -> None:
    await patchworks.opened()
    (entry,) = patchworks.sandbox.journal.entries("return_authorization")
    assert entry["external_id"] == f"reveni:{ID}"
