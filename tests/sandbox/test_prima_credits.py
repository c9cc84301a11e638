"""Credit notes: totals to the last unit, what they may refer to, reversal, listing."""

from collections.abc import AsyncIterator
from datetime import date

import pytest

from tests.sandbox.prima_wire import SHIRT, Wire, credit, credit_line, new_return, receipt, wire

FEE = '<CreditChargeData Charge="RETFEE" ChargeValue="-4.95"/>'


@pytest.fixture
async def prima() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


async def open_shirts(prima: Wire, quantity: int = 3) -> str:
    data = new_return(key="shirts", line=2, sku=SHIRT, quantity=quantity, price="18.09")
    return (await prima.ask("NewReturn", data)).data.get("ReturnNumber", "")


async def test_units_of_different_value_and_a_fee(prima: Wire) -> None:
    number = await open_shirts(prima)
    lines = credit_line(1, 2, 2, "18.09", vat="6.03") + credit_line(2, 2, 1, "18.08", vat="3.01")
    answer = await prima.ask("NewCreditNote", credit(number, lines=lines, charges=FEE))
    assert answer.data.get("CreditTotal") == "49.31"
    entry = prima.prima.journal.entries("NewCreditNote")[0]
    assert (entry["total"], entry["currency"], entry["invoice"]) == ("49.31", "GBP", "INV2011234")
    assert entry["lines"][1] == {
        "return_line": 1, "order_line": 2, "sku": "P2001-WHT-M", "quantity": 1,
        "price": "18.08", "vat": "3.01",
    }  # fmt: skip
    assert entry["charges"] == [{"charge": "RETFEE", "value": "-4.95"}]
    detail = (await prima.ask("CreditNoteDetail", '<Data TPGUID="bh-cn-1"/>')).data
    assert detail.get("CreditTotal") == "49.31"
    assert [row.get("VatValue") for row in detail.findall("CreditLineData")] == ["6.03", "3.01"]


async def test_vat_is_added_when_the_order_is_exclusive(prima: Wire) -> None:
    bag = 'Product="P3001" MtrxCode1="NAT"'
    data = new_return(
        order="2011236", sku=bag, quantity=2, price="90.00", customer="C003", currency="EUR", inclusive="No"
    )
    number = (await prima.ask("NewReturn", data)).data.get("ReturnNumber", "")
    common = {"order": "2011236", "invoice": "INV2011236", "currency": "EUR"}
    stated = credit(number, "c-1", lines=credit_line(price="90.00", vat="18.01"), **common)
    assert (await prima.ask("NewCreditNote", stated)).data.get("CreditTotal") == "108.01"
    computed = credit(number, "c-2", lines=credit_line(price="90.00"), **common)
    assert (await prima.ask("NewCreditNote", computed)).data.get("CreditTotal") == "108.00"


@pytest.mark.parametrize(
    ("order", "customer", "currency", "sku", "price"),
    [
        ("2011237", "C004", "JPY", SHIRT, "995"),
        ("2011238", "C005", "KWD", 'Product="P1001" MtrxCode1="BLK" MtrxCode2="080"', "6.074"),
    ],
)
async def test_totals_have_the_decimals_of_the_currency(
    prima: Wire, order: str, customer: str, currency: str, sku: str, price: str
) -> None:
    data = new_return(order=order, sku=sku, price=price, customer=customer, currency=currency)
    number = (await prima.ask("NewReturn", data)).data.get("ReturnNumber", "")
    line = credit_line(price=price)
    note = credit(number, order=order, invoice=f"INV{order}", currency=currency, lines=line)
    assert (await prima.ask("NewCreditNote", note.replace(price, price + ("1" if "." in price else ".1")))).code is None
    assert (await prima.ask("NewCreditNote", note)).data.get("CreditTotal") == price


async def test_a_credit_before_the_receipt_is_allowed(prima: Wire) -> None:
    number = (await prima.open_return()).data.get("ReturnNumber", "")
    assert (await prima.ask("NewCreditNote", credit(number))).ok
    detail = f'<Data ReturnNumber="{number}"/>'
    assert (await prima.ask("ReturnDetail", detail)).data.get("ReturnStatus") == "Open"
    assert (await prima.ask("ReturnReceipt", receipt(number))).data.get("ReturnStatus") == "Credited"


async def test_a_standalone_credit_refers_to_the_archived_order(prima: Wire) -> None:
    data = new_return(order="", line=0, price="189.00", quantity=2)
    number = (await prima.ask("NewReturn", data)).data.get("ReturnNumber", "")
    rest = {"order": "2011240", "invoice": "INV2011240"}
    by_line = credit(number, "c-1", lines=credit_line(price="189.00"), **rest)
    assert (await prima.ask("NewCreditNote", by_line)).ok
    without = credit(number, "c-2", lines=credit_line(price="189.00", order_line=0), **rest)
    assert (await prima.ask("NewCreditNote", without)).ok
    wrong = credit(number, "c-3", lines=credit_line(order_line=2), order="2011234")
    assert (await prima.ask("NewCreditNote", wrong)).code == "SKU"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (credit("R9"), "NOTFOUND"),
        (credit("R0004711", order="nope"), "NOTFOUND"),
        (credit("R0004711", invoice="INV1"), "NOTFOUND"),
        (credit("R0004711", order=""), None),
        (credit("R0004711", order="2011235", invoice=""), None),
        (credit("R0004711", currency="EUR"), None),
        (credit("R0004711", on="2026-02-28"), "PERIOD"),
        (credit("R0004711", lines=credit_line(return_line=2)), "ORDLINE"),
        (credit("R0004711", lines=credit_line(order_line=2)), "ORDLINE"),
        (credit("R0004711", lines=credit_line(quantity=2)), "QTY"),
        (credit("R0004711", lines=credit_line(1) + credit_line(2)), "QTY"),
        (credit("R0004711", lines=credit_line(price="220.505")), None),
        (credit("R0004711", lines=credit_line(price="-1.00")), None),
        (credit("R0004711", lines=credit_line(price="1.00"), charges=FEE), None),
        (credit("R0004711", lines=""), None),
    ],
)
async def test_a_refused_credit_posts_nothing(prima: Wire, data: str, code: str | None) -> None:
    prima.prima.set_period_closed_until(date(2026, 2, 28))
    await prima.open_return()
    answer = await prima.ask("NewCreditNote", data)
    assert not answer.ok
    assert answer.code == code
    assert prima.prima.journal.entries("NewCreditNote") == []


async def test_a_unit_is_credited_once(prima: Wire) -> None:
    number = (await prima.open_return()).data.get("ReturnNumber", "")
    assert (await prima.ask("NewCreditNote", credit(number, "c-1"))).ok
    assert (await prima.ask("NewCreditNote", credit(number, "c-1"))).code == "DUP"
    assert (await prima.ask("NewCreditNote", credit(number, "c-2"))).code == "QTY"


async def test_a_reversed_note_frees_its_units(prima: Wire) -> None:
    number = (await prima.open_return()).data.get("ReturnNumber", "")
    assert (await prima.ask("ReturnReceipt", receipt(number))).ok
    note = (await prima.ask("NewCreditNote", credit(number, "c-1"))).data.get("CreditNumber", "")
    cancel = f'<Data CreditNumber="{note}" Narrative=""/>'
    answer = await prima.ask("CancelCreditNote", cancel)
    assert answer.data.attrib == {
        "CreditNumber": note,
        "CreditStatus": "Reversed",
        "ReversalNumber": "CR000701",
    }
    assert (await prima.ask("CancelCreditNote", cancel)).code == "STATUS"
    assert (await prima.ask("CancelCreditNote", '<Data CreditNumber="CN9"/>')).code == "NOTFOUND"
    detail = f'<Data ReturnNumber="{number}"/>'
    assert (await prima.ask("ReturnDetail", detail)).data.get("ReturnStatus") == "Receipted"
    assert (await prima.ask("NewCreditNote", credit(number, "c-2"))).ok


async def test_a_note_in_a_closed_period_cannot_be_reversed(prima: Wire) -> None:
    number = (await prima.open_return()).data.get("ReturnNumber", "")
    note = (await prima.ask("NewCreditNote", credit(number))).data.get("CreditNumber", "")
    prima.prima.set_period_closed_until(date(2026, 3, 20))
    assert (await prima.ask("CancelCreditNote", f'<Data CreditNumber="{note}"/>')).code == "PERIOD"


async def test_the_list_pages_by_date(prima: Wire) -> None:
    number = await open_shirts(prima)
    for count, on in enumerate(["2026-03-19", "2026-03-20", "2026-03-21"], 1):
        line = credit_line(order_line=2, price="18.09")
        assert (await prima.ask("NewCreditNote", credit(number, f"c-{count}", on=on, lines=line))).ok
    asked = '<Data DateFrom="2026-03-19" DateTo="2026-03-20" FromRow="{}" MaxRows="1"/>'
    first = (await prima.ask("CreditNoteList", asked.format(1))).data
    second = (await prima.ask("CreditNoteList", asked.format(2))).data
    assert (first.get("MoreRows"), second.get("MoreRows")) == ("Yes", "No")
    assert [row.get("TPGUID") for row in (*first, *second)] == ["c-1", "c-2"]
    assert first[0].get("CreditTotal") == "18.09"
    assert (await prima.ask("CreditNoteList", asked.format(0))).code is None
