"""Posting to Prima through its port; effects are judged at the sandbox's journal or read back."""

import pytest

from adapters.prima.contract import CREDIT_NOTE_DETAIL, RETURN_DETAIL
from domain.documents import CreditCharge, CreditLine, MovementLine, Posted, RmaLine
from domain.exceptions import ExceptionCode
from domain.order import OrderStatus
from tests.adapters.prima import shop as desk
from tests.adapters.prima.shop import COAT, SHIRT, TODAY, Shop, detail, number, opened, refused


async def test_R5_linked_rma_carries_the_original_order(prima: Shop) -> None:
    found = await detail(prima, RETURN_DETAIL, ReturnNumber=await opened(prima))
    assert (found.get("OrderNumber"), found.get("Customer"), found.get("ReturnDepot")) == (
        "2011234",
        "C001",
        "QT",
    )
    (line,) = found.rows("ReturnLineData")
    assert (line.get("OrderLine"), line.get("Price"), line.get("LineReference")) == (
        "1",
        "220.50",
        "2011234/1",
    )


async def test_R16_standalone_rma_names_order_and_customer_and_leaves_history_alone(prima: Shop) -> None:
    before = prima.prima.world.orders["2011240"]
    assert (await prima.erp.read_order("2011240")).status is OrderStatus.LOCKED
    request = desk.rma(order_number="2011240")
    assert (await refused(prima.erp.open_rma(request))).code is ExceptionCode.ORDER_LOCKED
    posted = await prima.erp.open_rma(desk.rma(order_number="2011240", standalone=True))
    found = await detail(prima, RETURN_DETAIL, ReturnNumber=number(posted))
    assert (found.get("OrderNumber"), found.get("Customer")) == ("", "C001")
    assert found.get("ReturnNarrative") == "Original order 2011240, customer C001"
    assert found.rows("ReturnLineData")[0].get("LineReference") == "2011240/1"
    assert prima.prima.world.orders["2011240"] is before
    credit = await prima.erp.post_credit(desk.credit(number(posted), order_number="2011240", invoice_number=""))
    assert (await detail(prima, CREDIT_NOTE_DETAIL, CreditNumber=number(credit))).get("OrderNumber") == "2011240"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"quantity": 2}, ExceptionCode.VALIDATION_QTY),
        ({"order_line_id": "9"}, ExceptionCode.VALIDATION_QTY),
        ({"sku": SHIRT}, ExceptionCode.SKU_NOT_IN_MASTER),
    ],
)
async def test_rma_refusals(prima: Shop, changes: dict[str, object], code: ExceptionCode) -> None:
    (line,) = desk.rma().lines
    request = desk.rma(lines=[line.model_copy(update=changes)])
    assert (await refused(prima.erp.open_rma(request))).code is code
    assert prima.count("NewReturn") == 0


async def test_the_same_key_makes_one_rma(prima: Shop) -> None:
    first, second = await prima.erp.open_rma(desk.rma()), await prima.erp.open_rma(desk.rma())
    assert (number(first), second) == (number(second), Posted(number=number(first), adopted=True))
    assert prima.count("NewReturn") == 1


async def test_cancel_rma_is_repeatable(prima: Shop) -> None:
    rma = await opened(prima)
    assert number(await prima.erp.cancel_rma(desk.cancel_rma(rma))) == rma
    assert (await prima.erp.cancel_rma(desk.cancel_rma(rma))).adopted
    assert prima.count("CancelReturn") == 1
    assert (await refused(prima.erp.open_rma(desk.rma()))).code is ExceptionCode.RMA_CLOSED_IN_ERP


async def test_cancel_rma_without_its_number(prima: Shop) -> None:
    assert number(await prima.erp.cancel_rma(desk.cancel_rma(""))) == ""
    rma = await opened(prima)
    assert number(await prima.erp.cancel_rma(desk.cancel_rma(""))) == rma
    assert prima.count("CancelReturn") == 1


async def test_cancel_rma_after_goods_is_refused(prima: Shop) -> None:
    rma = await opened(prima)
    await prima.erp.receive_goods(desk.receipt(rma))
    assert (await refused(prima.erp.cancel_rma(desk.cancel_rma(rma)))).code is ExceptionCode.RMA_REJECTED


async def test_R26_R113_R115_receipt_moves_units_into_its_depot(prima: Shop) -> None:
    rma = await opened(prima)
    posted = await prima.erp.receive_goods(desk.receipt(rma, depot="02"))
    (entry,) = prima.prima.journal.entries("ReturnReceipt")
    assert entry["receipt_number"] == number(posted)
    assert (entry["order"], entry["lines"][0]["quantity"], entry["lines"][0]["depot"]) == ("2011234", 1, "02")
    assert [await prima.physical(COAT, depot) for depot in ("01", "02")] == [12, 1]


async def test_R26_R115_adjustment_journal_as_stock_document(prima: Shop) -> None:
    posted = await prima.erp.adjust_stock(desk.adjustment())
    (entry,) = prima.prima.journal.entries("StockAdjustment")
    assert (entry["number"], entry["reason"]) == (number(posted), "RET")
    assert entry["lines"] == [{"sku": COAT, "quantity": 1, "depot": "DM"}]


async def test_R32_R114_damaged_units_leave_the_sellable_stock_alone(prima: Shop) -> None:
    rma = await opened(prima)
    await prima.erp.receive_goods(desk.receipt(rma, depot="DM"))
    found = {row.depot: row.physical for row in await prima.erp.depot_stock([COAT])}
    assert (found["01"], found["DM"], found["QT"]) == (12, 1, 0)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"depot": "XX"}, ExceptionCode.STOCK_REJECTED),
        ({"lines": [MovementLine(rma_line_no=1, sku=COAT, quantity=2)]}, ExceptionCode.STOCK_REJECTED),
        ({"rma_number": "R9999999"}, ExceptionCode.STOCK_REJECTED),
    ],
)
async def test_receipt_refusals(prima: Shop, changes: dict[str, object], code: ExceptionCode) -> None:
    request = desk.receipt(await opened(prima)).model_copy(update=changes)
    assert (await refused(prima.erp.receive_goods(request))).code is code


async def test_receipt_on_a_cancelled_rma(prima: Shop) -> None:
    rma = await opened(prima)
    await prima.erp.cancel_rma(desk.cancel_rma(rma))
    assert (await refused(prima.erp.receive_goods(desk.receipt(rma)))).code is ExceptionCode.RMA_CLOSED_IN_ERP


async def test_R31_the_same_inspection_three_times_is_one_movement(prima: Shop) -> None:
    rma = await opened(prima)
    numbers = {number(await prima.erp.receive_goods(desk.receipt(rma))) for _ in range(3)}
    assert (len(numbers), prima.count("ReturnReceipt"), await prima.physical(COAT, "01")) == (1, 1, 13)


async def test_R40_R44_R50_R111_R116_credit_reverses_the_order_part(prima: Shop) -> None:
    rma = await opened(prima)
    posted = await prima.erp.post_credit(desk.credit(rma))
    assert isinstance(posted, Posted)
    assert (posted.total, posted.adopted) == (21555, False)
    found = await detail(prima, CREDIT_NOTE_DETAIL, CreditNumber=posted.number)
    assert (found.get("OrderNumber"), found.get("InvoiceNumber"), found.get("ReturnNumber")) == (
        "2011234",
        "INV2011234",
        rma,
    )
    (line,) = found.rows("CreditLineData")
    assert (line.get("OrderLine"), line.get("Product"), line.get("Quantity")) == ("1", "P1001", "1")
    assert (line.get("Price"), line.get("VatRate"), line.get("VatValue")) == ("220.50", "20.00", "36.75")
    (charge,) = found.rows("CreditChargeData")
    assert (charge.get("Charge"), charge.get("ChargeValue")) == ("RETFEE", "-4.95")


async def test_R50_units_of_different_value_and_a_net_order(prima: Shop) -> None:
    """Two lines for two unit values; the ERP adds the stated tax on a net order."""
    line = RmaLine(line_no=1, order_line_id="1", sku="P3001-NAT", quantity=2, unit_value=9000)
    header = {"order_number": "2011236", "customer_ref": "C003", "currency": "EUR", "tax_inclusive": False}
    rma = number(await prima.erp.open_rma(desk.rma(lines=[line], **header)))
    first = CreditLine(
        rma_line_no=1,
        order_line_id="1",
        sku="P3001-NAT",
        quantity=1,
        unit_primary=9000,
        tax=1799,
        tax_rate="20",
    )
    second = first.model_copy(update={"unit_primary": 8999, "tax": 1800})
    changes = header | {"invoice_number": "INV2011236", "lines": [first, second], "total": 21598}
    del changes["customer_ref"]
    charges = [CreditCharge(purpose="rounding", code="RND", amount=0)]
    posted = await prima.erp.post_credit(desk.credit(rma, charges=charges, **changes))
    assert isinstance(posted, Posted)
    assert posted.total == 9000 + 8999 + 1799 + 1800


async def test_a_tax_code_that_is_no_rate_parks_before_anything_is_sent(prima: Shop) -> None:
    (line,) = desk.credit("R1").lines
    request = desk.credit("R1", lines=[line.model_copy(update={"tax_code": "STD", "tax_rate": ""})])
    refusal = await refused(prima.erp.post_credit(request))
    assert (refusal.code, refusal.figures) == (ExceptionCode.TAX_CODE_UNMAPPED, {"tax_code": "STD"})


async def test_closed_period(prima: Shop) -> None:
    rma = await opened(prima)
    prima.prima.set_period_closed_until(TODAY)
    assert (await refused(prima.erp.post_credit(desk.credit(rma)))).code is ExceptionCode.PERIOD_CLOSED
    prima.prima.set_period_closed_until(None)
    note = number(await prima.erp.post_credit(desk.credit(rma)))
    prima.prima.set_period_closed_until(TODAY)
    assert (await refused(prima.erp.cancel_credit(desk.cancel_credit(note)))).code is ExceptionCode.PERIOD_CLOSED


async def test_cancel_credit_is_repeatable_and_the_note_is_not_adopted_again(prima: Shop) -> None:
    rma = await opened(prima)
    note = number(await prima.erp.post_credit(desk.credit(rma)))
    reversal = number(await prima.erp.cancel_credit(desk.cancel_credit(note)))
    again = await prima.erp.cancel_credit(desk.cancel_credit(note))
    assert again == Posted(number=reversal, adopted=True)
    assert prima.count("CancelCreditNote") == 1
    assert (await refused(prima.erp.post_credit(desk.credit(rma)))).code is ExceptionCode.CREDIT_REJECTED
    (record,) = (await prima.erp.list_credits(TODAY, TODAY)).records
    assert record.reversed


async def test_a_key_of_another_order_is_not_adopted(prima: Shop) -> None:
    await opened(prima)
    request = desk.rma(order_number="2011235", customer_ref="C002")
    assert (await refused(prima.erp.open_rma(request))).code is ExceptionCode.RMA_REJECTED


async def test_nasty_characters_reach_prima_unharmed(prima: Shop) -> None:
    text = "\"Größe\" <S> & 'M' – Łódź €"
    (line,) = desk.rma().lines
    rma = await prima.erp.open_rma(desk.rma(lines=[line.model_copy(update={"reason": text})]))
    found = await detail(prima, RETURN_DETAIL, ReturnNumber=number(rma))
    assert found.rows("ReturnLineData")[0].get("ReasonCode") == text
