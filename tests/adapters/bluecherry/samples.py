"""The examples of the contract, letter by letter, and requests that are like them."""

from datetime import UTC, date, datetime
from typing import Any

from adapters.bluecherry.settings import BlueCherrySettings
from domain.batches import BatchRef, RecordClass
from domain.documents import (
    AdjustmentRequest,
    CreditCharge,
    CreditLine,
    CreditRequest,
    MovementLine,
    ReceiptRequest,
    ReplacementOrder,
    RmaLine,
    RmaRequest,
    StockUnits,
    TransferRequest,
)

TODAY = date(2026, 3, 20)
CREATED = datetime(2026, 3, 20, 14, 15, tzinfo=UTC)

DATA = b"""\
HDR|BC|1.0|000042|10|20260320141500|RETURNS
RAH|rt-10234|SO771200|C100234|20260320|USD|R1|PF|1|220.50|
RAD|rt-10234|1|3|STY1001|BLK|M|080|0123456789012|1|220.50|0.00|PF
RCV|rt-10233-r1|RA0009120|1|1|01|A|20260320
SOH|rt-10234-ex|EX|C100234|20260320|USD|01|UPSG||rt-10234|SO771200|A Customer|1 High St||Leeds||LS1 1AA|GB|\
a@example.com||0.00|0.00
SOD|rt-10234-ex|1|STY1001|BLK|M|085|0123456789029|1|0.00|245.00
TRL|000042|7|3|3
"""
ACK = b"""\
AHD|000042|10|20260320141722|P|3|2
ACK|RAH|rt-10234|A|RA0009121|OPEN|
ACK|RCV|rt-10233-r1|D|RC0004410|RECEIVED|DUPLICATE EXTREF
ACK|SOH|rt-10234-ex|R||E207|INSUFFICIENT STOCK STY1001/BLK/M/085
ATR|000042|3
"""
COAT, LONG_COAT, SHIRT = "P1001-BLK-080", "P1001-BLK-090", "P2001-WHT-M"
RETURN, OTHER_RETURN = "bh-" + "1f" * 16, "bh-" + "2e" * 16
RMA_KEY, GOODS_KEY, CREDIT_KEY = f"{RETURN}-r-1", f"{RETURN}-g-1", f"{RETURN}-c-1"
EXCHANGE_KEY, TRANSFER_KEY, QUARANTINE_KEY = f"{RETURN}-x-1", f"{RETURN}-t-1", f"{RETURN}-q-1"
WAREHOUSES = {"10": ["01", "02", "DM", "QT", "HC"], "20": ["05"]}


def settings(url: str = "https://erp.example/bcapi/v1", path: str = "/drop", **changes: Any) -> BlueCherrySettings:
    values = {
        "base_url": url,
        "api_key": "sandbox-bluecherry-key",
        "division": "10",
        "warehouses": WAREHOUSES,
        "return_warehouse": "QT",
        "exchange_warehouse": "01",
        "ship_via": "UPSG",
        "drop": {"kind": "directory", "path": path},
        "timeout_seconds": 5,
    }
    return BlueCherrySettings.model_validate(values | changes)


def ref(number: int = 42, record_class: RecordClass = RecordClass.RMA) -> BatchRef:
    return BatchRef(number=number, record_class=record_class, created_at=CREATED)


def rma(**changes: Any) -> RmaRequest:
    request = RmaRequest(
        key=RMA_KEY,
        order_number="2011234",
        customer_ref="C001",
        currency="GBP",
        tax_inclusive=False,
        standalone=False,
        lines=[RmaLine(line_no=1, order_line_id="1", sku=COAT, quantity=1, unit_value=18375, reason="PF")],
    )
    return request.model_copy(update=changes)


def receipt(number: str = "RA0000001", **changes: Any) -> ReceiptRequest:
    request = ReceiptRequest(
        key=GOODS_KEY,
        rma_number=number,
        order_number="2011234",
        depot="10/01",
        condition="A",
        received_on=TODAY,
        lines=[MovementLine(rma_line_no=1, sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def adjustment(**changes: Any) -> AdjustmentRequest:
    request = AdjustmentRequest(
        key=QUARANTINE_KEY,
        order_number="2011234",
        depot="10/DM",
        reason="RET",
        adjusted_on=TODAY,
        lines=[MovementLine(rma_line_no=1, sku=COAT, quantity=2), MovementLine(rma_line_no=2, sku=SHIRT, quantity=1)],
    )
    return request.model_copy(update=changes)


def transfer(**changes: Any) -> TransferRequest:
    request = TransferRequest(
        key=TRANSFER_KEY,
        order_number="2011234",
        from_depot="10/01",
        to_depot="10/DM",
        reason="regrade",
        lines=[StockUnits(sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def credit(number: str = "RA0000001", **changes: Any) -> CreditRequest:
    line = CreditLine(rma_line_no=1, order_line_id="1", sku=COAT, quantity=1, unit_primary=18375, tax=3675)
    request = CreditRequest(
        key=CREDIT_KEY,
        order_number="2011234",
        invoice_number="INV2011234",
        rma_number=number,
        currency="GBP",
        tax_inclusive=False,
        credited_on=TODAY,
        lines=[line],
        charges=[CreditCharge(purpose="fee", code="RETFEE", amount=-495)],
        total=21555,
    )
    return request.model_copy(update=changes)


def replacement(**changes: Any) -> ReplacementOrder:
    request = ReplacementOrder(
        key=EXCHANGE_KEY,
        original_order="2011234",
        rma_number="RA0000001",
        currency="GBP",
        tax_inclusive=False,
        sku=LONG_COAT,
        quantity=1,
    )
    return request.model_copy(update=changes)
