"""RMAs and receipts: the happy path, standalone returns, and each refusal with its code."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from tests.sandbox.prima_wire import KEY, SHIRT, SKU, Wire, credit, new_return, receipt, wire


@pytest.fixture
async def prima() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


def written(prima: Wire) -> list[str]:
    return [entry["op"] for entry in prima.prima.journal.entries()]


def shirts(key: str, quantity: int) -> str:
    return new_return(key=key, line=2, sku=SHIRT, quantity=quantity, price="18.09")


async def test_a_linked_return_from_open_to_credited(prima: Wire) -> None:
    opened = await prima.open_return()
    assert opened.data.attrib == {"ReturnNumber": "R0004711", "ReturnStatus": "Open", "TPGUID": KEY}
    booked = await prima.ask("ReturnReceipt", receipt("R0004711"))
    assert booked.data.attrib == {"ReceiptNumber": "G000981", "ReturnStatus": "Receipted"}
    noted = await prima.ask("NewCreditNote", credit("R0004711"))
    assert noted.data.attrib == {
        "CreditNumber": "CN0020117",
        "CreditTotal": "220.50",
        "CreditStatus": "Posted",
    }
    detail = (await prima.ask("ReturnDetail", f'<Data TPGUID="{KEY}"/>')).data
    assert (detail.get("ReturnStatus"), detail.get("OrderNumber")) == ("Credited", "2011234")
    entries = prima.prima.journal.entries()
    assert [entry["op"] for entry in entries] == ["NewReturn", "ReturnReceipt", "NewCreditNote"]
    assert entries[0]["lines"] == [{"return_line": 1, "order_line": 1, "sku": "P1001-BLK-080", "quantity": 1}]
    assert entries[0]["standalone"] is False
    assert entries[1]["lines"] == [{"return_line": 1, "sku": "P1001-BLK-080", "quantity": 1, "depot": "01"}]


async def test_receipts_add_up_line_by_line_and_depot_by_depot(prima: Wire) -> None:
    number = (await prima.ask("NewReturn", shirts("c", 3))).data.get("ReturnNumber", "")
    first = await prima.ask("ReturnReceipt", receipt(number, "g-1", 1, "01"))
    assert first.data.get("ReturnStatus") == "Part Receipted"
    too_many = await prima.ask("ReturnReceipt", receipt(number, "g-2", 3, "DM"))
    assert too_many.code == "QTY"
    two = receipt(number, "g-2", 1, "DM").replace(
        "</Data>", '<ReceiptLineData ReturnLine="1" Quantity="1" Depot="QT"/></Data>'
    )
    assert (await prima.ask("ReturnReceipt", two)).data.get("ReturnStatus") == "Receipted"
    detail = (await prima.ask("ReceiptDetail", '<Data TPGUID="g-2"/>')).data
    rows = [(row.get("Depot"), row.get("Quantity")) for row in detail.findall("ReceiptLineData")]
    assert rows == [("DM", "1"), ("QT", "1")]
    assert detail.get("ReturnNumber") == number


async def test_a_standalone_return_for_an_archived_order(prima: Wire) -> None:
    linked = await prima.open_return(order="2011240", key="a")
    assert linked.code == "STATUS"
    alone = await prima.ask("NewReturn", new_return(order="", line=0, price="189.00"))
    number = alone.data.get("ReturnNumber", "")
    assert prima.prima.journal.entries("NewReturn")[0]["standalone"] is True
    assert (await prima.ask("ReturnReceipt", receipt(number))).ok
    order = (await prima.ask("OrderDetail", '<Data OrderNumber="2011240"/>')).data.find("OrderLineData")
    assert order is not None
    assert order.get("ReturnedQuantity") == "0"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (new_return(order="nope"), "NOTFOUND"),
        (new_return(line=9), "ORDLINE"),
        (new_return(line=0), "ORDLINE"),
        (new_return(line=2), "SKU"),
        (new_return(sku='Product="NOPE"'), "SKU"),
        (new_return(order="2011242", sku='Product="P9001" MtrxCode1="OLD"'), "SKU"),
        (new_return(order="2011239", sku='Product="P4000" MtrxCode1="GIFT"'), "SKU"),
        (new_return(quantity=2), "QTY"),
        (new_return(quantity=0), "QTY"),
        (new_return(depot="ZZ"), "DEPOT"),
        (new_return(order="2011240"), "STATUS"),
        (new_return(order="2011241", customer="C001"), "STATUS"),
        (new_return(order="2011243"), "STATUS"),
        (new_return(customer="C002"), None),
        (new_return(currency="EUR"), None),
        (new_return(inclusive="No"), None),
        (new_return(price="220.505"), None),
        (new_return(price="1e3"), None),
        (new_return(key=""), None),
        (new_return(order="", line=0, price=""), None),
        (new_return(order="", line=0, customer="C999"), "NOTFOUND"),
        (new_return(order="", line=1), "ORDLINE"),
        (new_return(order="", line=0, sku='Product="NOPE"'), "SKU"),
        (new_return().split("<ReturnLineData")[0] + "</Data>", None),
    ],
)
async def test_a_refused_return_leaves_no_trace(prima: Wire, data: str, code: str | None) -> None:
    answer = await prima.ask("NewReturn", data)
    assert not answer.ok
    assert answer.code == code
    assert written(prima) == []


async def test_what_is_on_a_live_return_cannot_be_returned_again(prima: Wire) -> None:
    first = await prima.ask("NewReturn", shirts("a", 2))
    assert (await prima.ask("NewReturn", shirts("b", 2))).code == "QTY"
    number = first.data.get("ReturnNumber", "")
    assert (await prima.ask("ReturnReceipt", receipt(number, "g-1", 1))).ok
    assert (await prima.ask("NewReturn", shirts("b", 2))).code == "QTY"
    assert (await prima.ask("NewReturn", shirts("b", 1))).ok


async def test_a_cancelled_return_gives_its_units_back(prima: Wire) -> None:
    number = (await prima.open_return(key="a")).data.get("ReturnNumber", "")
    cancel = f'<Data ReturnNumber="{number}" Narrative=""/>'
    assert (await prima.ask("CancelReturn", cancel)).data.get("ReturnStatus") == "Cancelled"
    assert (await prima.ask("CancelReturn", cancel)).code == "STATUS"
    assert (await prima.ask("ReturnReceipt", receipt(number))).code == "STATUS"
    assert (await prima.ask("NewCreditNote", credit(number))).code == "STATUS"
    assert (await prima.open_return(key="b")).ok
    assert written(prima) == ["NewReturn", "CancelReturn", "NewReturn"]


async def test_a_receipted_or_credited_return_cannot_be_cancelled(prima: Wire) -> None:
    one = (await prima.open_return(key="a")).data.get("ReturnNumber", "")
    two = (await prima.ask("NewReturn", shirts("b", 1))).data.get("ReturnNumber", "")
    assert (await prima.ask("ReturnReceipt", receipt(one))).ok
    assert (await prima.ask("NewCreditNote", credit(two, lines=None).replace('OrderLine="1"', 'OrderLine="2"'))).ok
    for number in (one, two):
        assert (await prima.ask("CancelReturn", f'<Data ReturnNumber="{number}"/>')).code == "STATUS"
    assert (await prima.ask("CancelReturn", '<Data ReturnNumber="R9"/>')).code == "NOTFOUND"


async def test_a_key_is_used_once_per_message_type(prima: Wire) -> None:
    number = (await prima.open_return(key="same")).data.get("ReturnNumber", "")
    assert (await prima.open_return(key="same")).code == "DUP"
    assert (await prima.ask("ReturnReceipt", receipt(number, "same"))).ok
    assert (await prima.ask("ReturnReceipt", receipt(number, "same"))).code == "DUP"
    assert written(prima) == ["NewReturn", "ReturnReceipt"]
    found = (await prima.ask("ReturnDetail", '<Data TPGUID="same"/>')).data
    assert found.get("ReturnNumber") == number


async def test_a_duplicate_text_names_the_document_only_sometimes(prima: Wire) -> None:
    texts = set()
    for key in ("a", "b"):
        await prima.ask("NewReturn", shirts(key, 1))
        texts.add("R000" in (await prima.open_return(key=key)).text)
    assert texts == {True, False}


async def test_absent_documents_are_not_found(prima: Wire) -> None:
    for message in (
        "ReturnDetail",
        "ReceiptDetail",
        "TransferDetail",
        "AdjustmentDetail",
        "CreditNoteDetail",
    ):
        assert (await prima.ask(message, '<Data TPGUID="nope"/>')).code == "NOTFOUND"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (receipt("R9"), "NOTFOUND"),
        (receipt("R0004711", line=2), "ORDLINE"),
        (receipt("R0004711", depot="ZZ"), "DEPOT"),
        (receipt("R0004711", quantity=2), "QTY"),
        (receipt("R0004711", on="2026-02-28"), "PERIOD"),
        (receipt("R0004711", on="28/02/2026"), None),
    ],
)
async def test_a_refused_receipt_moves_no_stock(prima: Wire, data: str, code: str | None) -> None:
    prima.prima.set_period_closed_until(date(2026, 2, 28))
    await prima.open_return()
    assert (await prima.ask("ReturnReceipt", data)).code == code
    assert written(prima) == ["NewReturn"]
    stock = (await prima.ask("DepotStock", f'<Data Depot="01"><sku {SKU}/></Data>')).data.find("SKU")
    assert stock is not None
    assert stock.get("PhysicalQuantity") == "12"


async def test_kit_parts_come_back_one_by_one(prima: Wire) -> None:
    part = 'Product="P4003" MtrxCode1="OAK"'
    data = new_return(order="2011239", line=4, sku=part, quantity=1, price="13.33")
    number = (await prima.ask("NewReturn", data)).data.get("ReturnNumber", "")
    assert (await prima.ask("ReturnReceipt", receipt(number))).ok
    rows = (await prima.ask("OrderDetail", '<Data OrderNumber="2011239"/>')).data.findall("OrderLineData")
    assert [row.get("ReturnedQuantity") for row in rows] == ["0", "0", "0", "1"]
