"""Our documents as the flows get them: fields of the documented return schema, exact amounts, no float."""

import json
from decimal import Decimal
from typing import Any

import pytest

from adapters.patchworks import mapping
from adapters.patchworks.wire import Body, number, write_json
from domain.documents import CreditCharge, MovementLine
from domain.exceptions import ExceptionCode as E
from domain.outcomes import Rejected
from tests.adapters.patchworks import requests as desk
from tests.adapters.patchworks.flows import settings

SETTINGS = settings()


def as_sent(body: Body) -> Any:
    """As the flow reads it, numbers with all their decimals."""
    return json.loads(write_json(body), parse_float=Decimal)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (2995, "EUR", "29.95"),
        (10, "EUR", "0.10"),
        (-495, "GBP", "-4.95"),
        (4780, "JPY", "4780"),
        (6074, "KWD", "6.074"),
    ],
)
def test_N4_numbers_are_written_from_integers(amount: int, currency: str, text: str) -> None:
    assert write_json({"a": number(amount, currency)}) == f'{{"a":{text}}}'


def test_amounts_that_a_float_cannot_hold_stay_exact() -> None:
    assert write_json([number(900719925474099301, "EUR")]) == "[9007199254740993.01]"
    with pytest.raises(TypeError, match="no float"):
        write_json({"a": [1.5]})


def test_texts_are_escaped_as_json_wants_it() -> None:
    hostile = {'a"b': 'line\n"quote" \\ é \ud83d', "c": [True, None, 3]}
    assert json.loads(write_json(hostile)) == hostile


def test_R4_a_return_names_order_lines_and_units() -> None:
    sent = as_sent(mapping.rma(desk.rma(exchange_orders=["bh-x-1"]), settings(return_location="QT")))
    assert sent["currency"] == "GBP"
    body = sent["return"]
    assert body["externalId"] == f"reveni:{desk.RETURN_ID}"
    assert (body["orderId"], body["status"], body["outcome"], body["locationId"]) == (
        *(desk.ORDER, "approved", "exchange"),
        "QT",
    )
    assert body["returnTotal"] == Decimal("220.50")
    (line,) = body["returnLineItems"]
    assert line == {
        "id": "1",
        "orderLineItemId": "1",
        "sku": desk.COAT,
        "quantityReturned": 1,
        "returnReason": "TS",
        "unitPrice": Decimal("220.50"),
    }
    fields = {field["name"]: field["value"] for field in body["customFields"]}
    assert fields["exchangeOrder.1"] == "bh-x-1"
    assert (fields["taxIncluded"], fields["standalone"], fields["customerId"]) == ("true", "false", "C001")


def test_R16_a_standalone_return_says_so_and_names_its_order() -> None:
    sent = as_sent(mapping.rma(desk.rma(standalone=True), SETTINGS))["return"]
    fields = {field["name"]: field["value"] for field in sent["customFields"]}
    assert (fields["standalone"], fields["originalOrder"]) == ("true", desk.ORDER)
    assert sent["outcome"] == "refund"
    assert "locationId" not in sent


def test_R26_a_receipt_names_the_exact_location_on_every_line() -> None:
    lines = [MovementLine(rma_line_no=n, sku=sku, quantity=n) for n, sku in enumerate(("TOP", "SOCK"), start=1)]
    sent = as_sent(mapping.receipt(desk.receipt("RA1", depot="DM", condition="quarantine", lines=lines), SETTINGS))
    body = sent["return"]
    assert (body["returnNumber"], body["locationId"], body["receivedAt"]) == ("RA1", "DM", "2026-03-20T00:00:00Z")
    assert [(line["id"], line["sku"], line["quantityReturned"]) for line in body["returnLineItems"]] == [
        ("1", "TOP", 1),
        ("2", "SOCK", 2),
    ]
    for line in body["returnLineItems"]:
        assert line["inspection"] == {
            "warehouseLocationId": "DM",
            "dispositionOutcome": "quarantine",
            "inspectedAt": "2026-03-20T00:00:00Z",
        }


def test_R24_conditions_and_dispositions_go_into_their_own_fields() -> None:
    def inspection(word: str) -> Any:
        return as_sent(mapping.receipt(desk.receipt("RA1", condition=word), SETTINGS))["return"]["returnLineItems"][0]

    assert inspection("damaged")["inspection"]["conditionCategory"] == "damaged"
    assert set(inspection("")["inspection"]) == {"warehouseLocationId", "inspectedAt"}
    with pytest.raises(Rejected) as refusal:
        inspection("A-GRADE")
    assert refusal.value.code is E.DISPOSITION_UNMAPPED
    assert refusal.value.figures == {"disposition": "A-GRADE"}


def test_removals_are_negative() -> None:
    sent = as_sent(mapping.adjustment(desk.adjustment(remove=True)))["adjustment"]
    assert sent["lines"] == [{"sku": desk.COAT, "quantity": -1, "locationId": "DM", "reason": "RET"}]
    assert (sent["date"], sent["orderId"]) == ("2026-03-20", desk.ORDER)


def test_E24_a_transfer_names_both_places() -> None:
    (line,) = as_sent(mapping.transfer(desk.transfer()))["transfer"]["lines"]
    assert line == {"sku": desk.COAT, "quantity": 1, "fromLocationId": "01", "toLocationId": "DM"}


def test_R40_a_credit_is_decimal_text_against_order_and_invoice() -> None:
    sent = as_sent(mapping.credit_note(desk.credit("RA1"), SETTINGS))
    note = sent["creditNote"]
    assert (sent["return"]["orderId"], sent["return"]["returnNumber"]) == (desk.ORDER, "RA1")
    assert (note["amount"], note["taxAmount"], note["paidBy"]) == ("215.55", "36.75", "platform")
    assert (note["invoiceNumber"], note["date"], note["taxIncluded"]) == (f"INV{desk.ORDER}", "2026-03-20", True)
    (line,) = note["lines"]
    assert (line["unitPrice"], line["taxAmount"], line["taxCode"], line["taxRate"]) == ("220.50", "36.75", "S", "20.00")
    assert note["charges"] == [{"code": "RETFEE", "purpose": "fee", "amount": "-4.95"}]


@pytest.mark.parametrize(("currency", "amount"), [("JPY", "21555"), ("GBP", "215.55"), ("KWD", "21.555")])
def test_N4_credits_have_the_decimals_of_their_currency(currency: str, amount: str) -> None:
    request = desk.credit("RA1", currency=currency, charges=[CreditCharge(purpose="shipping", code="S", amount=21555)])
    note = as_sent(mapping.credit_note(request, SETTINGS))["creditNote"]
    assert note["amount"] == amount == note["charges"][0]["amount"]


def test_R57_an_even_exchange_is_zero_payable_and_carries_no_personal_data() -> None:
    sent = as_sent(mapping.exchange_order(desk.replacement(), SETTINGS))
    assert sent["return"]["exchangeLineItems"] == [
        {"id": "1", "sku": desk.LONG_COAT, "quantity": 1, "unitPrice": Decimal("0.00")}
    ]
    block = sent["exchange"]
    assert (block["zeroPayable"], block["originalOrderId"], block["orderNumber"]) == (
        *(True, desk.ORDER),
        desk.EXCHANGE_KEY,
    )
    assert (block["orderType"], "amountDue" in block, "shippingAddress" in sent) == ("EXCHANGE", False, False)


def test_a_dearer_exchange_shows_what_is_due() -> None:
    block = as_sent(mapping.exchange_order(desk.replacement(due=690), SETTINGS))["exchange"]
    assert (block["zeroPayable"], block["amountDue"], block["feeCode"]) == (False, Decimal("6.90"), "EXCH")


def test_skus_are_asked_once_each_in_handy_batches() -> None:
    asked = mapping.batches([f"S{n % 150}" for n in range(300)])
    assert [len(batch) for batch in asked] == [100, 50]
