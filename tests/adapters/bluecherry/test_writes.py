"""R5, R16, R54: what a write finds, checks and refuses before its document waits for a window, and taking it back."""

import pytest

from domain.batches import RecordClass
from domain.documents import CancelCredit, CancelReplacement, CancelRma, CreditCharge, Posted, Queued, RmaLine
from domain.documents import DocumentKind as K
from domain.exceptions import ExceptionCode
from domain.outcomes import RetryLater
from tests.adapters.bluecherry.samples import (
    COAT,
    CREATED,
    CREDIT_KEY,
    EXCHANGE_KEY,
    LONG_COAT,
    RETURN,
    RMA_KEY,
    SHIRT,
    TODAY,
    adjustment,
    credit,
    receipt,
    replacement,
    rma,
    transfer,
)
from tests.adapters.bluecherry.shop import Shop, refused

RMA, STOCK, CREDIT = RecordClass.RMA, RecordClass.STOCK, RecordClass.CREDIT


def cancel_rma(number: str = "") -> CancelRma:
    return CancelRma(key=RMA_KEY, rma_number=number, rma_key=RMA_KEY, reason="cancelled by customer")


def cancel_replacement(number: str = "") -> CancelReplacement:
    return CancelReplacement(key=EXCHANGE_KEY, order_number=number, reason="return cancelled")


async def opened(bluecherry: Shop) -> str:
    return await bluecherry.made(RMA, K.RMA, rma())


async def credited(bluecherry: Shop) -> str:
    number = await opened(bluecherry)
    await bluecherry.made(STOCK, K.RECEIPT, receipt(number))
    return await bluecherry.made(CREDIT, K.CREDIT, credit(number))


async def test_R5_R6_what_is_wrong_with_an_rma_is_said_at_once(bluecherry: Shop) -> None:
    erp, line = bluecherry.erp, rma().lines[0]
    bluecherry.sandbox.add_order("ARC", [{"sku": COAT, "price": "10"}], archived=True, status="Closed")
    bluecherry.sandbox.set_item_active(SHIRT, False)
    for request, code in (
        (rma(order_number="nope"), ExceptionCode.ORDER_NOT_FOUND),
        (rma(order_number="ARC"), ExceptionCode.ORDER_LOCKED),
        (rma(lines=[line.model_copy(update={"order_line_id": "9"})]), ExceptionCode.VALIDATION_QTY),
        (rma(lines=[line.model_copy(update={"sku": SHIRT})]), ExceptionCode.SKU_NOT_IN_MASTER),
        (rma(lines=[line.model_copy(update={"sku": "A-B-C-D-E"})]), ExceptionCode.SKU_NOT_IN_MASTER),
        (rma(lines=[line.model_copy(update={"reason": ""})]), ExceptionCode.RMA_REJECTED),
    ):
        assert (await refused(erp.open_rma(request))).code is code


async def test_R16_an_archived_order_is_returned_by_a_standalone_rma(bluecherry: Shop) -> None:
    bluecherry.sandbox.add_order("ARC", [{"sku": COAT, "price": "10"}], archived=True, status="Closed")
    request = rma(order_number="ARC", standalone=True)
    assert await bluecherry.erp.open_rma(request) == Queued()
    number = await bluecherry.made(RMA, K.RMA, request)
    assert (await bluecherry.erp.read_rma(number)).open
    assert bluecherry.sandbox.journal.entries("RAH")[0]["standalone"] is True


async def test_N17_an_rma_that_lacks_lines_is_not_adopted(bluecherry: Shop) -> None:
    await opened(bluecherry)
    more = RmaLine(line_no=2, order_line_id="2", sku=SHIRT, quantity=1, unit_value=1638, reason="PF")
    refusal = await refused(bluecherry.erp.open_rma(rma(lines=[*rma().lines, more])))
    assert refusal.code is ExceptionCode.PARTIAL_ACCEPT
    assert SHIRT in str(refusal)


async def test_E58_an_rma_is_cancelled_once_and_one_that_never_was_is_success(bluecherry: Shop) -> None:
    erp = bluecherry.erp
    assert await erp.cancel_rma(cancel_rma()) == Posted(number="", adopted=True)
    number = await opened(bluecherry)
    assert await erp.cancel_rma(cancel_rma()) == Queued()
    assert await bluecherry.made(RMA, K.RMA_CANCELLATION, cancel_rma()) == number
    assert await erp.find_document(K.RMA_CANCELLATION, RMA_KEY) == Posted(number=number, adopted=True)
    assert await erp.cancel_rma(cancel_rma(number)) == Posted(number=number, adopted=True)
    assert (await erp.read_rma(number)).cancelled
    assert (await refused(erp.open_rma(rma()))).code is ExceptionCode.RMA_CLOSED_IN_ERP
    assert (await refused(erp.receive_goods(receipt(number)))).code is ExceptionCode.RMA_CLOSED_IN_ERP


async def test_E58_an_rma_that_still_lies_in_a_file_is_not_called_cancelled(bluecherry: Shop) -> None:
    await bluecherry.erp.hand_over(bluecherry.batch(RMA, (K.RMA, rma()), (K.EXCHANGE, replacement())))
    with pytest.raises(RetryLater):
        await bluecherry.erp.cancel_rma(cancel_rma())
    with pytest.raises(RetryLater):
        await bluecherry.erp.cancel_replacement(cancel_replacement())
    bluecherry.sandbox.process("operational")
    assert await bluecherry.erp.cancel_rma(cancel_rma()) == Queued()


async def test_an_rma_with_goods_is_not_cancelled(bluecherry: Shop) -> None:
    number = await opened(bluecherry)
    assert await bluecherry.erp.find_document(K.RMA_CANCELLATION, RMA_KEY) is None
    await bluecherry.made(STOCK, K.RECEIPT, receipt(number))
    refusal = await refused(bluecherry.erp.cancel_rma(cancel_rma(number)))
    assert (refusal.code, refusal.vendor_code) == (ExceptionCode.RMA_REJECTED, "E208")


async def test_R126_R128_goods_for_a_depot_that_is_not_ours_are_refused(bluecherry: Shop) -> None:
    number = await opened(bluecherry)
    for call in (
        bluecherry.erp.receive_goods(receipt(number, depot="01")),
        bluecherry.erp.adjust_stock(adjustment(depot="20/05")),
        bluecherry.erp.transfer_stock(transfer(to_depot="10/XX")),
        bluecherry.erp.adjust_stock(adjustment(lines=[adjustment().lines[0].model_copy(update={"sku": "NO-1"})])),
        bluecherry.erp.receive_goods(receipt(number, condition="SELLABLE")),
    ):
        assert (await refused(call)).code is ExceptionCode.STOCK_REJECTED
    assert (await refused(bluecherry.erp.receive_goods(receipt("RA9")))).code is ExceptionCode.RMA_CLOSED_IN_ERP


async def test_R37_R58_every_fault_of_a_replacement_is_said(bluecherry: Shop) -> None:
    erp = bluecherry.erp
    bluecherry.sandbox.add_order("NOADDR", [{"sku": COAT, "price": "10"}], delivery={"line1": "", "postcode": ""})
    faults = await erp.check_replacement(replacement(original_order="NOADDR", quantity=9))
    assert [(fault.kind, fault.field) for fault in faults] == [("stock", "QTY"), ("data", "addr1"), ("data", "zip")]
    assert faults[0].reason == f"{LONG_COAT}: 9 wanted, 5 available"
    for request, code in (
        (replacement(quantity=9), ExceptionCode.EXCHANGE_OOS),
        (replacement(sku="NO-1"), ExceptionCode.SKU_NOT_IN_MASTER),
        (replacement(original_order="NOADDR"), ExceptionCode.EXCHANGE_DATA),
        (replacement(original_order="nope"), ExceptionCode.ORDER_NOT_FOUND),
    ):
        assert (await refused(erp.order_replacement(request))).code is code
    assert [fault.kind for fault in await erp.check_replacement(replacement(sku="SET1"))] == ["item", "stock"]


async def test_E51_a_replacement_is_cancelled_until_it_is_despatched(bluecherry: Shop) -> None:
    erp = bluecherry.erp
    assert await erp.cancel_replacement(cancel_replacement()) == Posted(number="", adopted=True)
    rma_number = await opened(bluecherry)
    number = await bluecherry.made(RMA, K.EXCHANGE, replacement(rma_number=rma_number))
    assert await erp.cancel_replacement(cancel_replacement()) == Queued()
    assert await erp.find_document(K.EXCHANGE_CANCELLATION, EXCHANGE_KEY) is None
    assert await bluecherry.made(RMA, K.EXCHANGE_CANCELLATION, cancel_replacement()) == number
    assert await erp.find_document(K.EXCHANGE_CANCELLATION, EXCHANGE_KEY) == Posted(number=number, adopted=True)
    assert await erp.cancel_replacement(cancel_replacement(number)) == Posted(number=number, adopted=True)
    assert (await refused(erp.find_replacement(EXCHANGE_KEY))).code is ExceptionCode.EXCHANGE_DATA


async def test_E54_a_despatched_replacement_is_not_cancelled(bluecherry: Shop) -> None:
    rma_number = await opened(bluecherry)
    number = await bluecherry.made(RMA, K.EXCHANGE, replacement(rma_number=rma_number))
    bluecherry.sandbox.despatch(number)
    bluecherry.sandbox.process("operational")
    for request in (cancel_replacement(number), cancel_replacement()):
        assert (await refused(bluecherry.erp.cancel_replacement(request))).code is ExceptionCode.EXCHANGE_EXPOSURE
    found = await bluecherry.run(RMA, (K.EXCHANGE_CANCELLATION, cancel_replacement(number)))
    assert found.refused[0].code is ExceptionCode.EXCHANGE_EXPOSURE


async def test_R125_what_is_wrong_with_a_credit_is_said_at_once(bluecherry: Shop) -> None:
    bluecherry.sandbox.add_order("OPEN", [{"sku": COAT, "price": "10"}], status="Entered")
    goodwill = [CreditCharge(purpose="goodwill", code="GW", amount=100)]
    for request, code in (
        (credit(order_number="nope"), ExceptionCode.ORDER_NOT_FOUND),
        (credit(order_number="OPEN", invoice_number=""), ExceptionCode.CREDIT_REJECTED),
        (credit(charges=goodwill, total=22150), ExceptionCode.CREDIT_REJECTED),
    ):
        assert (await refused(bluecherry.erp.post_credit(request))).code is code


async def test_an_invoice_made_after_the_order_was_frozen_is_used(bluecherry: Shop) -> None:
    number = await opened(bluecherry)
    await bluecherry.made(STOCK, K.RECEIPT, receipt(number))
    assert await bluecherry.erp.post_credit(credit(number, invoice_number="")) == Queued()
    await bluecherry.made(CREDIT, K.CREDIT, credit(number, invoice_number=""))
    assert bluecherry.sandbox.journal.entries("CMH")[0]["invoice"] == "INV2011234"


async def test_a_credit_is_voided_by_a_reversal(bluecherry: Shop) -> None:
    erp, memo = bluecherry.erp, await credited(bluecherry)
    void = CancelCredit(key=f"{RETURN}-c-2", credit_number=memo, reason="posted in error")
    assert await erp.cancel_credit(void) == Queued()
    assert await erp.find_document(K.CREDIT_CANCELLATION, CREDIT_KEY) is None
    reversal = await bluecherry.made(CREDIT, K.CREDIT_CANCELLATION, void)
    assert await erp.cancel_credit(void) == Posted(number=reversal, adopted=True)
    assert await erp.find_document(K.CREDIT_CANCELLATION, CREDIT_KEY) == Posted(number=reversal, adopted=True)
    records = {record.number: record for record in (await erp.list_credits(TODAY, TODAY)).records}
    assert records[memo].reversed
    assert (await refused(erp.post_credit(credit()))).code is ExceptionCode.CREDIT_REJECTED


async def test_a_credit_is_found_by_key_on_whatever_page(bluecherry: Shop) -> None:
    memo = await credited(bluecherry)
    number = bluecherry.sandbox.journal.entries("RAH")[0]["ra"]
    found = await bluecherry.erp.find_document(K.CREDIT, CREDIT_KEY)
    assert found == Posted(number=memo, adopted=True, total=21555)
    assert await bluecherry.erp.find_document(K.CREDIT, f"{RETURN}-c-9") is None
    assert (await bluecherry.erp.list_credits(CREATED.date(), CREATED.date())).next_page is None
    assert (await refused(bluecherry.erp.cancel_rma(cancel_rma(number)))).code is ExceptionCode.RMA_REJECTED
