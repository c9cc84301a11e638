"""Documents to post, about the coat of order 2011234 and its long sister."""

from collections.abc import Awaitable
from datetime import date

import pytest

from domain.documents import (
    AdjustmentRequest,
    CancelCredit,
    CancelReplacement,
    CancelRma,
    CreditCharge,
    CreditLine,
    CreditRequest,
    MovementLine,
    Posted,
    Posting,
    ReceiptRequest,
    ReplacementOrder,
    RmaLine,
    RmaRequest,
    StockUnits,
    TransferRequest,
)
from domain.outcomes import Rejected

TODAY = date(2026, 3, 20)
ORDER = "2011234"
COAT, LONG_COAT = "P1001-BLK-080", "P1900-BLK-090"
RETURN_ID = "4e26c9f08f2a468fabc16af12ae0209b"
RMA_KEY, GOODS_KEY = f"bh-{RETURN_ID}-r-1", f"bh-{RETURN_ID}-g-1"
CREDIT_KEY, VOID_KEY = f"bh-{RETURN_ID}-c-1", f"bh-{RETURN_ID}-c-2"
EXCHANGE_KEY, TRANSFER_KEY = f"bh-{RETURN_ID}-x-1", f"bh-{RETURN_ID}-t-1"


def rma(**changes: object) -> RmaRequest:
    line = RmaLine(line_no=1, order_line_id="1", sku=COAT, quantity=1, unit_value=22050, reason="TS")
    request = RmaRequest(
        key=RMA_KEY,
        order_number=ORDER,
        customer_ref="C001",
        currency="GBP",
        tax_inclusive=True,
        standalone=False,
        lines=[line],
    )
    return request.model_copy(update=changes)


def receipt(number: str, **changes: object) -> ReceiptRequest:
    request = ReceiptRequest(
        key=GOODS_KEY,
        rma_number=number,
        order_number=ORDER,
        depot="01",
        condition="restock",
        received_on=TODAY,
        lines=[MovementLine(rma_line_no=1, sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def adjustment(**changes: object) -> AdjustmentRequest:
    request = AdjustmentRequest(
        key=f"{GOODS_KEY[:-1]}2",
        order_number=ORDER,
        depot="DM",
        reason="RET",
        adjusted_on=TODAY,
        lines=[MovementLine(rma_line_no=1, sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def transfer(**changes: object) -> TransferRequest:
    request = TransferRequest(
        key=TRANSFER_KEY,
        order_number=ORDER,
        from_depot="01",
        to_depot="DM",
        reason="regrade",
        lines=[StockUnits(sku=COAT, quantity=1)],
    )
    return request.model_copy(update=changes)


def credit(number: str, **changes: object) -> CreditRequest:
    line = CreditLine(
        rma_line_no=1,
        order_line_id="1",
        sku=COAT,
        quantity=1,
        unit_primary=22050,
        tax=3675,
        tax_code="S",
        tax_rate="20.00",
    )
    request = CreditRequest(
        key=CREDIT_KEY,
        order_number=ORDER,
        invoice_number=f"INV{ORDER}",
        rma_number=number,
        currency="GBP",
        tax_inclusive=True,
        credited_on=TODAY,
        lines=[line],
        charges=[CreditCharge(purpose="fee", code="RETFEE", amount=-495)],
        total=21555,
        reason="return",
    )
    return request.model_copy(update=changes)


def replacement(**changes: object) -> ReplacementOrder:
    request = ReplacementOrder(
        key=EXCHANGE_KEY,
        original_order=ORDER,
        rma_number="RA1001",
        currency="GBP",
        tax_inclusive=True,
        sku=LONG_COAT,
        quantity=1,
    )
    return request.model_copy(update=changes)


def cancel_rma(number: str, key: str = RMA_KEY) -> CancelRma:
    """As the service does it: the cancellation has the key of what it cancels."""
    return CancelRma(key=key, rma_number=number, rma_key=key, reason="cancelled by customer")


def cancel_replacement(number: str = "", key: str = EXCHANGE_KEY) -> CancelReplacement:
    return CancelReplacement(key=key, order_number=number, reason="return cancelled")


def cancel_credit(number: str) -> CancelCredit:
    return CancelCredit(key=VOID_KEY, credit_number=number, reason="posted in error")


def number(posting: Posting) -> str:
    assert isinstance(posting, Posted)
    return posting.number


async def refused(call: Awaitable[object]) -> Rejected:
    with pytest.raises(Rejected) as refusal:
        await call
    return refusal.value
