"""R4, R40, R44, R60, R125: our documents as records, with exact money and nothing left out."""

from decimal import Decimal
from typing import Any

import pytest

from adapters.bluecherry import mapping
from adapters.bluecherry.layout import Record
from adapters.bluecherry.wire import WireOrder
from domain.documents import CreditCharge, CreditLine, MovementLine, RmaLine, StockUnits
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from tests.adapters.bluecherry.samples import (
    COAT,
    EXCHANGE_KEY,
    RETURN,
    SHIRT,
    TODAY,
    adjustment,
    credit,
    receipt,
    replacement,
    rma,
    settings,
    transfer,
)

REF = RETURN[3:]


def text(documents: mapping.Documents) -> list[str]:
    return ["|".join((row.kind, *row.values.values())) for document in documents for row in document]


def wire_order(**changes: Any) -> WireOrder:
    body = {
        "orderNo": "SO771200",
        "status": "INVOICED",
        "customerNo": "C100234",
        "currency": "USD",
        "orderDate": "20260314",
        "invoices": [{"invoiceNo": "INV1"}],
        "shipTo": {
            "name": "A Customer",
            "addr1": "1 High St",
            "city": "Leeds",
            "zip": "LS1 1AA",
            "ctry": "GB",
            "email": "a@example.com",
            "phone": None,
        },
        "total": "220.50",
        "lines": [],
    }
    return WireOrder.model_validate(body | changes)


def test_R4_an_rma_names_order_lines_items_and_reasons() -> None:
    line = RmaLine(line_no=1, order_line_id="3", sku="STY1001-BLK-080-M", quantity=2, unit_value=22050, reason="PF")
    request = rma(order_number="SO771200", customer_ref="C100234", currency="USD", lines=[line])
    assert text(mapping.rma(request, TODAY, settings())) == [
        f"RAH|{REF}-r-1|SO771200|C100234|20260320|USD|QT|PF|1|441.00|Original order SO771200",
        f"RAD|{REF}-r-1|1|3|STY1001|BLK|M|080||2|220.50|0.00|PF",
    ]


def test_R16_R60_a_standalone_rma_names_its_order_and_its_exchange_in_the_note() -> None:
    request = rma(standalone=True, exchange_orders=[EXCHANGE_KEY])
    header, line = mapping.rma(request, TODAY, settings())[0]
    assert (header["ORDERNO"], line["ORDLINE"]) == ("", "")
    assert header["NOTE"] == f"Original order 2011234, exchange order {REF}-x-1"


@pytest.mark.parametrize(("currency", "price"), [("USD", "183.75"), ("JPY", "18375.00"), ("KWD", "18.375")])
def test_money_is_exact_in_0_2_and_3_decimals(currency: str, price: str) -> None:
    header, line = mapping.rma(rma(currency=currency), TODAY, settings())[0]
    assert (header["TOTAL"], line["PRICE"]) == (price, price)
    assert not Decimal(line["TAX"])


def test_R26_receipts_are_one_document_a_line() -> None:
    lines = [MovementLine(rma_line_no=n, sku=COAT, quantity=n) for n in (1, 2)]
    assert text(mapping.receipt(receipt("RA1", depot="10/DM", condition="C", lines=lines), settings())) == [
        f"RCV|{REF}-g-1-1|RA1|1|1|DM|C|20260320",
        f"RCV|{REF}-g-1-2|RA1|2|2|DM|C|20260320",
    ]


def test_destroyed_units_go_into_no_warehouse() -> None:
    assert mapping.receipt(receipt(condition="D"), settings())[0][0]["WHSE"] == ""


@pytest.mark.parametrize("condition", ["", "SELLABLE", "a"])
def test_a_condition_that_is_no_grade_is_refused(condition: str) -> None:
    with pytest.raises(Rejected) as refusal:
        mapping.receipt(receipt(condition=condition), settings())
    assert refusal.value.code is ExceptionCode.STOCK_REJECTED


def test_R26_adjustments_and_their_removal() -> None:
    assert text(mapping.adjustment(adjustment(), settings())) == [
        f"ADJ|{REF}-q-1-1|DM|P1001|BLK|-|080|2|RET|2011234",
        f"ADJ|{REF}-q-1-2|DM|P2001|WHT|-|M|1|RET|2011234",
    ]
    rows = mapping.adjustment(adjustment(remove=True, reason=""), settings())
    assert [row[0]["QTY"] for row in rows] == ["-2", "-1"]
    assert rows[0][0]["ADJREASON"] == "NONE"


def test_E24_a_transfer_goes_out_before_it_comes_in() -> None:
    lines = [StockUnits(sku=COAT, quantity=1), StockUnits(sku=SHIRT, quantity=3)]
    assert text(mapping.transfer(transfer(lines=lines), settings())) == [
        f"ADJ|{REF}-t-1-o|01|P1001|BLK|-|080|-1|regrade|2011234",
        f"ADJ|{REF}-t-1-i|DM|P1001|BLK|-|080|1|regrade|2011234",
        f"ADJ|{REF}-t-1-o2|01|P2001|WHT|-|M|-3|regrade|2011234",
        f"ADJ|{REF}-t-1-i2|DM|P2001|WHT|-|M|3|regrade|2011234",
    ]


def credit_rows(**changes: Any) -> list[Record]:
    return mapping.credit(credit("RA1", **changes), "C001", "INV1")[0]


def test_R44_R111_a_credit_memo_names_rma_invoice_and_rma_lines() -> None:
    charges = [
        CreditCharge(purpose="shipping", code="FREIGHT", amount=495),
        CreditCharge(purpose="fee", code="FEES", amount=-1000),
    ]
    assert text([credit_rows(charges=charges, total=21545)]) == [
        f"CMH|{REF}-c-1|RA1|INV1|C001|20260320|GBP|183.75|36.75|4.95|10.00|215.45",
        f"CMD|{REF}-c-1|1|1|1|183.75|36.75",
    ]


@pytest.mark.parametrize("inclusive", [False, True])
def test_units_of_different_value_are_different_lines_and_add_up(inclusive: bool) -> None:
    """3 units with 1.00 of tax: 0.34 + 0.33 + 0.33."""
    line = CreditLine(rma_line_no=2, order_line_id="1", sku=COAT, quantity=3, unit_primary=1000, tax=100)
    header, *lines = credit_rows(lines=[line], charges=[], tax_inclusive=inclusive, total=3000 + 100 * (not inclusive))
    assert [(row["QTY"], row["TAX"]) for row in lines] == [("1", "0.34"), ("2", "0.33")]
    goods = sum(int(row["QTY"]) * Decimal(row["PRICE"]) for row in lines)
    tax = sum(int(row["QTY"]) * Decimal(row["TAX"]) for row in lines)
    assert (goods, tax) == (Decimal(header["SUBTOTAL"]), Decimal(header["TAX"]))
    assert goods + tax == Decimal(header["TOTAL"]) == (Decimal(30) if inclusive else Decimal(31))


@pytest.mark.parametrize("purpose", ["rounding", "goodwill", "exchange"])
def test_a_charge_that_a_memo_cannot_carry_is_refused_and_named(purpose: Any) -> None:
    with pytest.raises(Rejected) as refusal:
        credit_rows(charges=[CreditCharge(purpose=purpose, code="X", amount=-1)], total=22049)
    assert refusal.value.code is ExceptionCode.CREDIT_REJECTED
    assert purpose in str(refusal.value)


def test_a_memo_that_would_not_come_to_our_total_is_refused() -> None:
    with pytest.raises(Rejected, match=r"come to 215\.55"):
        credit_rows(total=21556)


def test_a_memo_without_an_invoice_is_refused() -> None:
    with pytest.raises(Rejected, match="no invoice"):
        mapping.credit(credit(), "C001", "")


def test_R54_a_replacement_goes_where_the_order_went() -> None:
    request = replacement(original_order="SO771200", currency="USD", sku="STY1001-BLK-085-M", rma_number="RA9")
    place = "A Customer|1 High St||Leeds||LS1 1AA|GB|a@example.com|"
    assert text(mapping.replacement(request, wire_order(), TODAY, settings())) == [
        f"SOH|{REF}-x-1|EX|C100234|20260320|USD|01|UPSG|RA9||SO771200|{place}|0.00|0.00",
        f"SOD|{REF}-x-1|1|STY1001|BLK|M|085||1|0.00|0.00",
    ]


def test_what_is_due_for_a_dearer_one_is_its_price() -> None:
    rows = mapping.replacement(replacement(quantity=3, due=1000), wire_order(), TODAY, settings())[0]
    assert rows[0]["TOTAL"] == "10.00"
    assert [(row["QTY"], row["PRICE"]) for row in rows[1:]] == [("1", "3.34"), ("2", "3.33")]


def test_a_record_that_the_erp_could_not_read_is_refused_before_it_spoils_the_file() -> None:
    with pytest.raises(Rejected) as refusal:
        mapping.rma(rma(customer_ref=" "), TODAY, settings())
    assert (refusal.value.code, refusal.value.figures) == (ExceptionCode.RMA_REJECTED, {"fields": "CUSTNO"})
    place = wire_order(shipTo={"name": "A Customer"})
    with pytest.raises(Rejected) as refusal:
        mapping.replacement(replacement(), place, TODAY, settings())
    assert refusal.value.code is ExceptionCode.EXCHANGE_DATA
    assert "A Customer" not in str(refusal.value)
