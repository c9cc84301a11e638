"""Orders over the wire: MultiNewOrder, CancelOrder, and what people at the ERP do to orders."""

import json
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from sandbox.prima.refusal import Refused
from tests.sandbox.prima_wire import SHIRT, SKU, Wire, credit, credit_line, new_order, new_return, receipt, wire

KEY = "bh-x-1"
NAMED = f'<Data OrderNumber="{KEY}"/>'


@pytest.fixture
async def prima() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


def posted(prima: Wire) -> int:
    return len(prima.prima.journal.entries("MultiNewOrder"))


async def stock(prima: Wire) -> tuple[str | None, ...]:
    """Physical, allocated and available units of the coat in depot 01, and what can be sold of it."""
    row = (await prima.ask("DepotStock", f'<Data Depot="01"><sku {SKU}/></Data>')).data.find("SKU")
    sellable = (await prima.ask("MultiAvailableToSell", f"<Data><sku {SKU}/></Data>")).data.find("SKU")
    assert row is not None
    assert sellable is not None
    names = ("PhysicalQuantity", "AllocatedQuantity", "AvailableQuantity")
    return (*(row.get(name) for name in names), sellable.get("AvailableQuantity"))


async def test_R66_a_new_order_can_be_released_and_has_its_stock(prima: Wire) -> None:
    answer = await prima.ask("MultiNewOrder", new_order(quantity=2))
    assert answer.data.attrib == {"OrderNumber": KEY, "PrimaOrder": answer.data.get("PrimaOrder")}
    assert (await prima.ask("OrderStatus", NAMED)).data.get("OrderStatus") == "Entered"
    assert await stock(prima) == ("12", "2", "10", "10")
    assert posted(prima) == 1


async def test_the_journal_tells_all_but_names_and_addresses(prima: Wire) -> None:
    assert (await prima.ask("MultiNewOrder", new_order(due="12.50"))).ok
    (entry,) = prima.prima.journal.entries("MultiNewOrder")
    facts = {name: entry[name] for name in entry if name not in ("seq", "at", "vendor", "op")}
    assert facts == {
        "tpguid": KEY, "order": KEY, "original_order": "2011234", "customer_ref": "R0004711", "order_type": "EX",
        "status": "Entered", "currency": "GBP", "total": "12.50", "payment": "12.50",
        "lines": [{"sku": "P1001-BLK-080", "quantity": 1, "price": "0.00"}],
        "charges": [{"charge": "EXCH", "value": "12.50"}], "delivery_matches": True,
    }  # fmt: skip
    text = json.dumps(prima.prima.journal.entries())
    assert not [word for word in ("Ada", "Byron", "High St", "LS1", "@") if word in text]


@pytest.mark.parametrize(
    "head",
    [{"AddrLine1": "2 High St"}, {"Customer": "C002"}, {"CustomerEmail": "x@example.com"}, {"WROrdRef1": "nope"}],
)
async def test_R59_the_journal_tells_when_it_goes_elsewhere(prima: Wire, head: dict[str, str]) -> None:
    assert (await prima.ask("MultiNewOrder", new_order(head=head))).ok
    assert prima.prima.journal.entries("MultiNewOrder")[0]["delivery_matches"] is False


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [
        (
            new_order(head={"Customer": "", "CustomerSurname": "", "PostCode": " ", "Country": ""}),
            None,
            "Missing on order: Customer, CustomerSurname, PostCode, Country",
        ),
        (new_order(head={"CustomerForename": "", "AddrLine1": ""}), None, "CustomerForename, AddrLine1"),
        (new_order(header='<OrderHeaderData Currency=""/>'), None, "Missing on order: Currency"),
        (new_order(header=""), None, "Exactly one OrderHeaderData"),
        (new_order(head={"Nickname": "x"}), None, "Attribute Nickname not allowed on Data"),
        (new_order(header='<OrderHeaderData Currency="GBP" X="1"/>'), None, "Attribute X not allowed"),
        (new_order(rest="<Else/>"), None, "Element Else not allowed"),
        (new_order(head={"Customer": "C999"}), "NOTFOUND", "Customer C999 not found"),
        (new_order(sku='Product="NOPE"'), "SKU", "Product NOPE not found"),
        (new_order(sku='Product="P9001" MtrxCode1="OLD"'), "SKU", "not active"),
        (new_order(sku='Product="P4000" MtrxCode1="GIFT"'), "SKU", "is a kit"),
        (new_order(quantity=13), "QTY", "13 ordered but only 12 available"),
        (new_order(quantity=0), "QTY", "at least 1"),
        (new_order(price="-1.00"), None, "negative"),
        (new_order(due="0.001"), None, "more decimals"),
        (new_order(key="2011235"), "DUP", "Order 2011235 already exists"),
    ],
)
async def test_a_refused_order_takes_nothing(prima: Wire, data: str, code: str | None, words: str) -> None:
    answer = await prima.ask("MultiNewOrder", data)
    assert not answer.ok
    assert (answer.code, words in answer.text) == (code, True), answer.text
    assert await stock(prima) == ("12", "0", "12", "12")
    assert posted(prima) == 0


async def test_the_same_key_is_one_order(prima: Wire) -> None:
    assert (await prima.ask("MultiNewOrder", new_order())).ok
    assert (await prima.ask("MultiNewOrder", new_order())).code == "DUP"
    other = new_order().replace('OrderNumber="bh-x-1"', 'OrderNumber="bh-x-2"')
    assert (await prima.ask("MultiNewOrder", other)).code == "DUP"
    assert (posted(prima), await stock(prima)) == (1, ("12", "1", "11", "11"))


async def test_what_is_promised_cannot_be_promised_or_moved_again(prima: Wire) -> None:
    assert (await prima.ask("MultiNewOrder", new_order(quantity=11))).ok
    assert (await prima.ask("MultiNewOrder", new_order("bh-x-2", quantity=2))).code == "QTY"
    move = f'<Data TPGUID="t-1" FromDepot="01" ToDepot="DM"><SKU {SKU} Quantity="2"/></Data>'
    assert (await prima.ask("DepotTransfer", move)).code == "QTY"
    assert (await prima.ask("DepotTransfer", move.replace('Quantity="2"', 'Quantity="1"'))).ok


async def test_stock_comes_from_sellable_depots_only(prima: Wire) -> None:
    prima.prima.add_stock("P1001-BLK-080", 3, "02")
    prima.prima.add_stock("P1001-BLK-080", 50, "QT")
    assert (await prima.ask("MultiNewOrder", new_order(quantity=16))).code == "QTY"
    assert (await prima.ask("MultiNewOrder", new_order(quantity=15))).ok
    sent = prima.prima.despatch(KEY)
    assert (sent.status, sent.invoice, sent.lines[0].despatched) == ("Despatched", f"INV{KEY}", 15)
    assert await stock(prima) == ("0", "0", "0", "0")
    (entry,) = prima.prima.journal.entries("OrderDespatched")
    assert [(row["depot"], row["quantity"]) for row in entry["lines"]] == [("01", 12), ("02", 3)]


async def test_a_held_order_is_not_released(prima: Wire) -> None:
    assert (await prima.ask("MultiNewOrder", new_order(head={"HoldOrder": "Yes"}))).ok
    assert (await prima.ask("OrderStatus", NAMED)).data.get("OrderStatus") == "Held"
    with pytest.raises(Refused, match="Held"):
        prima.prima.despatch(KEY)


async def test_a_cancelled_order_gives_its_stock_back_once(prima: Wire) -> None:
    assert (await prima.ask("MultiNewOrder", new_order(quantity=2))).ok
    for _ in range(2):
        assert (await prima.ask("CancelOrder", NAMED)).data.get("OrderStatus") == "Cancelled"
    assert await stock(prima) == ("12", "0", "12", "12")
    (entry,) = prima.prima.journal.entries("CancelOrder")
    assert entry["order"] == KEY
    assert (await prima.ask("CancelOrder", '<Data OrderNumber="nope"/>')).code == "NOTFOUND"


async def test_a_despatched_order_cannot_be_cancelled(prima: Wire) -> None:
    assert (await prima.ask("MultiNewOrder", new_order())).ok
    prima.prima.despatch(KEY)
    assert (await prima.ask("CancelOrder", NAMED)).code == "STATUS"
    assert prima.prima.journal.entries("CancelOrder") == []
    assert await stock(prima) == ("11", "0", "11", "11")


async def test_N13_a_replacement_can_itself_be_returned_and_credited(prima: Wire) -> None:
    assert (await prima.ask("MultiNewOrder", new_order(sku=SHIRT, due="5.00"))).ok
    back = new_return("bh-r-9", KEY, 1, SHIRT, price="0.00")
    assert (await prima.ask("NewReturn", back)).code == "STATUS"
    prima.prima.despatch(KEY)
    detail = (await prima.ask("OrderDetail", NAMED)).data
    (line,), (charge,) = detail.findall("OrderLineData"), detail.findall("OrderChargeData")
    assert (detail.get("OrderType"), detail.get("InvoiceNumber")) == ("EX", f"INV{KEY}")
    assert (line.get("Price"), line.get("VatRate"), line.get("DespatchedQuantity")) == ("0.00", "20.00", "1")
    assert (charge.get("Charge"), charge.get("ChargeValue")) == ("EXCH", "5.00")
    number = (await prima.ask("NewReturn", back)).data.get("ReturnNumber", "")
    assert (await prima.ask("ReturnReceipt", receipt(number))).ok
    carried = credit(number, order=KEY, invoice=f"INV{KEY}", lines=credit_line(price="23.09"))
    assert (await prima.ask("NewCreditNote", carried)).data.get("CreditTotal") == "23.09"


async def test_E46_E52_an_order_is_edited_by_hand(prima: Wire) -> None:
    prima.prima.edit_order(
        "2011234",
        lines=[{"line": 1, "quantity": 2, "price": "200.00", "discount": "10.00"}],
        add=[{"sku": "P7-NEW", "price": "5.00"}],
        delivery={"PostCode": ""},
    )
    data = (await prima.ask("OrderDetail", '<Data OrderNumber="2011234"/>')).data
    first, _, third = data.findall("OrderLineData")
    assert (first.get("Quantity"), first.get("Price"), first.get("VatValue")) == ("2", "200.00", "65.00")
    assert (third.get("Product"), third.get("OrderLine"), third.get("DespatchedQuantity")) == ("P7", "3", "1")
    delivery = data.find("OrderDeliveryData")
    assert delivery is not None
    assert (delivery.get("PostCode"), delivery.get("AddrLine1")) == ("", "1 High St")
    assert prima.prima.journal.entries("OrderEdited")[0]["changed"] == ["add", "delivery", "lines"]
    with pytest.raises(Refused, match="line 9"):
        prima.prima.edit_order("2011234", lines=[{"line": 9}])


async def test_people_act_over_http_as_well(prima: Wire) -> None:
    assert (await prima.ask("MultiNewOrder", new_order())).ok
    number = (await prima.open_return()).data.get("ReturnNumber", "")
    http = prima.http
    sent = await http.post(f"/_sandbox/orders/{KEY}/despatch")
    assert (sent.status_code, sent.json()) == (200, {"order": KEY, "status": "Despatched"})
    assert (await http.post(f"/_sandbox/orders/{KEY}/despatch")).status_code == 409
    assert (await http.post("/_sandbox/orders/nope/despatch")).status_code == 404
    edited = await http.post("/_sandbox/orders/2011234/edit", json={"delivery": {"PostCode": ""}})
    assert edited.status_code == 200
    assert prima.prima.world.orders["2011234"].delivery["PostCode"] == ""
    assert (await http.post("/_sandbox/orders/2011234/edit", json={"postcode": ""})).status_code == 422
    hand = {"return_number": number, "lines": [{"price": "1.00"}]}
    made = await http.post("/_sandbox/credits", json=hand)
    assert (made.status_code, made.json()) == (201, {"credit_number": "CN0020117"})
    assert (await http.post("/_sandbox/credits", json=hand)).status_code == 409
    other = (await prima.open_return(key="r-2", order="2011240")).code
    assert other == "STATUS"
    data = new_return("r-3", "2011235", 1, 'Product="P2002" MtrxCode1="BLU" MtrxCode2="L"', customer="C002")
    second = (await prima.ask("NewReturn", data)).data.get("ReturnNumber", "")
    gone = await http.post(f"/_sandbox/returns/{second}/cancel")
    assert gone.json() == {"return_number": second, "status": "Cancelled"}
    assert (await http.post(f"/_sandbox/returns/{second}/cancel")).status_code == 409


async def test_E13_E62_a_return_is_cancelled_by_hand(prima: Wire) -> None:
    number = (await prima.open_return()).data.get("ReturnNumber", "")
    prima.prima.cancel_return(number)
    found = (await prima.ask("ReturnDetail", f'<Data ReturnNumber="{number}"/>')).data
    assert found.get("ReturnStatus") == "Cancelled"
    assert (await prima.ask("ReturnReceipt", receipt(number))).code == "STATUS"
    assert [entry["by_hand"] for entry in prima.prima.journal.entries("CancelReturn")] == [True]


async def test_E42_a_credit_note_is_posted_by_hand(prima: Wire) -> None:
    number = (await prima.open_return()).data.get("ReturnNumber", "")
    note = prima.prima.post_credit_by_hand(number, lines=[{"price": "220.50"}], charges={"RETFEE": Decimal("-4.95")})
    asked = '<Data DateFrom="2026-03-20" DateTo="2026-03-20"/>'
    (row,) = (await prima.ask("CreditNoteList", asked)).data
    assert (row.get("CreditNumber"), row.get("TPGUID"), row.get("CreditTotal")) == (note, "", "215.55")
    assert row.get("ReturnNumber") == number
    (entry,) = prima.prima.journal.entries("NewCreditNote")
    assert (entry["by_hand"], entry["lines"][0]["vat"]) == (True, "36.75")
    assert (await prima.ask("NewCreditNote", credit(number))).code == "QTY"


async def test_two_notes_by_hand_need_no_key(prima: Wire) -> None:
    number = (await prima.open_return()).data.get("ReturnNumber", "")
    first = prima.prima.post_credit_by_hand(number, charges={"GOODW": "1.00"})
    second = prima.prima.post_credit_by_hand(number, charges={"GOODW": "1.00"}, tpguid="magento-7")
    assert first != second
    asked = '<Data TPGUID="magento-7"/>'
    assert (await prima.ask("CreditNoteDetail", asked)).data.get("CreditNumber") == second


async def test_E48_an_invoice_is_credited_up_to_its_amount(prima: Wire) -> None:
    """245.00 - 24.50 + 3 x 19.99 - 5.71 + 4.95 = 279.71, whoever credits it."""
    number = (await prima.open_return()).data.get("ReturnNumber", "")
    prima.prima.post_credit_by_hand(number, charges={"GOODW": "59.21"})
    assert (await prima.ask("NewCreditNote", credit(number, "c-1"))).ok
    again = await prima.ask("NewCreditNote", credit(number, "c-2", lines="", charges=charge("0.01")))
    assert (again.code, again.text) == ("APPLY", "Invoice INV2011234 has no open amount left")
    note = prima.prima.journal.entries("NewCreditNote")[0]["credit_number"]
    assert (await prima.ask("CancelCreditNote", f'<Data CreditNumber="{note}"/>')).ok
    assert (await prima.ask("NewCreditNote", credit(number, "c-2", lines="", charges=charge("59.21")))).ok


def charge(value: str) -> str:
    return f'<CreditChargeData Charge="GOODW" ChargeValue="{value}"/>'
