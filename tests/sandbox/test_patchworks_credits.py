"""Credit memos: made from the authorization, applied to the order's invoice, never moving stock."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from tests.sandbox.patchworks_wire import (
    ORDER,
    SHIRT,
    Json,
    Wire,
    cancel,
    credit,
    receipt,
    wire,
)

KEY = "bh-c-1"


@pytest.fixture
async def patchworks() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


def settled(element: Json) -> tuple[str, str, str]:
    assert element["status"] == "ok", element
    erp = element["erp"]
    return erp["applied"], erp["unapplied"], erp["invoiceNumber"]


async def due(patchworks: Wire, order: str = ORDER) -> str:
    found = (await patchworks.ask("get_order", orderId=order))["order"]
    return str(found["invoices"][0]["amountDue"])


async def test_R45_the_credit_is_applied_to_the_open_invoice(patchworks: Wire) -> None:
    number = await patchworks.opened()
    assert await due(patchworks) == "100.92"
    element = await patchworks.ask("create_credit_note", KEY, **credit(number))
    assert settled(element) == ("18.09", "0.00", f"INV{ORDER}")
    assert await due(patchworks) == "82.83"
    (entry,) = patchworks.sandbox.journal.entries("credit_memo")
    assert (entry["ra"], entry["from_ra"], entry["total"], entry["stock"]) == (number, True, "18.09", [])
    assert entry["lines"] == [{"line": 1, "sku": SHIRT, "quantity": 1, "amount": "18.09", "tax": "3.01"}]


async def test_N14_a_credit_from_the_authorization_does_not_touch_the_stock(patchworks: Wire) -> None:
    number = await patchworks.opened()
    await patchworks.ask("receive_return", "k-1", **receipt(number, "01"))
    await patchworks.ask("create_credit_note", KEY, **credit(number))
    assert patchworks.stock(SHIRT, "01") == 41


async def test_N14_a_credit_without_an_authorization_restocks_a_second_time(patchworks: Wire) -> None:
    number = await patchworks.opened()
    await patchworks.ask("receive_return", "k-1", **receipt(number, "01"))
    await patchworks.ask("create_credit_note", KEY, **credit(""))
    assert patchworks.stock(SHIRT, "01") == 42
    (entry,) = patchworks.sandbox.journal.entries("credit_memo")
    assert entry["from_ra"] is False
    assert entry["stock"] == [{"sku": SHIRT, "location": "01", "quantity": 1}]


async def test_R45_without_an_open_invoice_it_stays_unapplied_until_there_is_one(patchworks: Wire) -> None:
    number = await patchworks.opened()
    patchworks.sandbox.pay_invoice(ORDER)
    element = await patchworks.ask("create_credit_note", KEY, **credit(number))
    memo = element["erp"]["documentNumber"]
    assert settled(element) == ("0.00", "18.09", "")
    apply = {"apply": {"documentNumber": memo}}
    assert settled(await patchworks.ask("apply_credit_note", KEY, **apply)) == ("0.00", "18.09", "")
    assert patchworks.made("credit_applied") == 0
    patchworks.sandbox.open_invoice(ORDER)
    assert settled(await patchworks.ask("apply_credit_note", KEY, **apply)) == ("18.09", "0.00", f"INV{ORDER}")
    assert settled(await patchworks.ask("apply_credit_note", KEY, **apply)) == ("18.09", "0.00", f"INV{ORDER}")
    assert settled(await patchworks.known(KEY)) == ("18.09", "0.00", f"INV{ORDER}")
    assert patchworks.made("credit_applied") == 1
    assert (await patchworks.ask("create_credit_note", KEY, **credit(number)))["duplicate"] is True
    assert await patchworks.refused("apply_credit_note", KEY, apply={"documentNumber": "CM1"}) == "DOCUMENT_NOT_FOUND"


async def test_R45_an_invoice_takes_no_more_than_it_owes(patchworks: Wire) -> None:
    number = await patchworks.opened()
    await patchworks.http.post(f"/_sandbox/orders/{ORDER}/due", json={"amount": "10.00"})
    element = await patchworks.ask("create_credit_note", KEY, **credit(number))
    assert settled(element) == ("10.00", "8.09", f"INV{ORDER}")
    assert await due(patchworks) == "0.00"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"quantity": 2, "amount": "36.18", "price": "18.09"}, "QUANTITY_EXCEEDED"),
        ({"amount": "101.00"}, "QUANTITY_EXCEEDED"),
        ({"amount": "18.10", "price": "18.09"}, "VALIDATION"),
        ({"amount": "18.091"}, "VALIDATION"),
        ({"currency": "EUR"}, "VALIDATION"),
        ({"included": False, "amount": "18.09", "price": "15.08"}, "VALIDATION"),
        ({"order": "9"}, "ORDER_NOT_FOUND"),
        ({"order": "7000000000008"}, "VALIDATION"),
        ({"sku": "P2002-BLU-L"}, "VALIDATION"),
        ({"on": "20.03.2026"}, "VALIDATION"),
    ],
)
async def test_what_cannot_be_credited(patchworks: Wire, change: dict[str, Any], code: str) -> None:
    number = await patchworks.opened()
    assert await patchworks.refused("create_credit_note", KEY, **credit(number, **change)) == code
    assert (patchworks.made("credit_memo"), await due(patchworks)) == (0, "100.92")


async def test_a_credit_on_no_live_authorization_is_refused(patchworks: Wire) -> None:
    assert await patchworks.refused("create_credit_note", KEY, **credit("RA1")) == "DOCUMENT_NOT_FOUND"
    number = await patchworks.opened()
    await patchworks.ask("cancel_return", "k-undo", **cancel(number))
    assert await patchworks.refused("create_credit_note", KEY, **credit(number)) == "CONFLICT"


async def test_charges_are_signed_and_part_of_the_amount(patchworks: Wire) -> None:
    number = await patchworks.opened()
    fee = [{"code": "RETFEE", "purpose": "fee", "amount": "-4.95"}]
    body = credit(number, amount="13.14", price="18.09", charges=fee)
    assert settled(await patchworks.ask("create_credit_note", KEY, **body))[0] == "13.14"


@pytest.mark.parametrize(
    ("order", "sku", "price", "tax", "amount", "currency", "included"),
    [
        ("7000000000003", SHIRT, "996", "91", "996", "JPY", True),
        ("7000000000004", "P1001-BLK-080", "6.074", "0", "6.074", "KWD", True),
        ("7000000000002", "P1001-BLK-080", "90.00", "18.00", "108.00", "EUR", False),
    ],
)
async def test_money_keeps_the_decimals_of_its_currency(
    patchworks: Wire, order: str, sku: str, price: str, tax: str, amount: str, currency: str, included: bool
) -> None:
    number = await patchworks.opened(order=order, sku=sku)
    body = credit(
        number, amount, price=price, order=order, currency=currency, tax=tax, included=included, sku=sku
    )  # fmt: skip
    applied, unapplied, _ = settled(await patchworks.ask("create_credit_note", KEY, **body))
    assert (applied, unapplied.strip("0.")) == (amount, "")
    (note,) = (await patchworks.ask("get_credit_notes", orderId=order))["creditNotes"]
    assert (note["total"], note["currency"]) == (amount, currency)


async def test_a_closed_period_takes_a_corrected_date_under_the_same_key(patchworks: Wire) -> None:
    number = await patchworks.opened()
    patchworks.sandbox.set_period_closed_until(date(2026, 3, 20))
    assert await patchworks.refused("create_credit_note", KEY, **credit(number)) == "PERIOD_CLOSED"
    body = credit(number, on="2026-03-21")
    assert (await patchworks.ask("create_credit_note", KEY, **body))["status"] == "ok"


async def test_a_void_gives_the_invoice_and_the_units_back(patchworks: Wire) -> None:
    number = await patchworks.opened()
    memo = (await patchworks.ask("create_credit_note", KEY, **credit(number)))["erp"]["documentNumber"]
    patchworks.sandbox.set_period_closed_until(date(2026, 3, 20))
    assert await patchworks.refused("void_credit_note", f"{KEY}-undo", **cancel(memo)) == "PERIOD_CLOSED"
    patchworks.sandbox.set_period_closed_until(None)
    done = await patchworks.ask("void_credit_note", f"{KEY}-undo", **cancel(memo))
    assert (done["erp"]["documentNumber"], done["erp"]["cancelled"], await due(patchworks)) == (memo, True, "100.92")
    assert (await patchworks.known(KEY))["erp"]["cancelled"] is True
    assert (await patchworks.ask("void_credit_note", "b-undo", **cancel(memo)))["duplicate"] is True
    assert patchworks.made("credit_memo_voided") == 1
    assert await patchworks.refused("apply_credit_note", KEY, apply={"documentNumber": memo}) == "CONFLICT"
    assert (await patchworks.ask("create_credit_note", "bh-c-2", **credit(number)))["status"] == "ok"
    notes = (await patchworks.ask("get_credit_notes", **{"from": "2026-03-01", "to": "2026-03-31"}))["creditNotes"]
    assert [(note["voided"], note["total"], note["applied"], note["unapplied"]) for note in notes] == [
        (True, "18.09", "0.00", "0.00"),
        (False, "18.09", "18.09", "0.00"),
    ]


async def test_a_credit_posted_by_hand_has_no_key_of_ours(patchworks: Wire) -> None:
    number = await patchworks.opened(quantity=2)
    body = {"return_number": number, "lines": [{"quantity": 1, "price": "18.09"}]}
    made = await patchworks.http.post("/_sandbox/credits", json=body)
    assert made.status_code == 201
    (note,) = (await patchworks.ask("get_credit_notes", orderId=ORDER))["creditNotes"]
    assert (note["externalId"], note["returnNumber"], note["number"]) == ("", number, made.json()["credit_number"])
    assert patchworks.sandbox.journal.entries("credit_memo")[0]["by_hand"] is True
    apply = await patchworks.ask("apply_credit_note", "any", apply={"documentNumber": note["number"]})
    assert settled(apply)[0] == "18.09"
    voided = await patchworks.http.post(f"/_sandbox/credits/{note['number']}/void")
    assert voided.json() == made.json()


async def test_credits_are_listed_page_by_page(patchworks: Wire) -> None:
    patchworks.sandbox.add_order("O1", [{"sku": SHIRT, "quantity": 60, "price": "1.00"}])
    number = await patchworks.opened(order="O1", quantity=60)
    for _ in range(51):
        patchworks.sandbox.post_credit_by_hand(number, lines=[{"price": "1.00"}])
    days = {"from": "2026-03-20", "to": "2026-03-20"}
    pages = [await patchworks.ask("get_credit_notes", page=page, **days) for page in (1, 2)]
    assert [len(page["creditNotes"]) for page in pages] == [50, 1]
    assert [page["nextPage"] for page in pages] == [2, None]
    nothing = await patchworks.ask("get_credit_notes", **{"from": "2026-03-21", "to": "2026-03-31"})
    assert nothing["creditNotes"] == []
