"""The second transaction of an exchange at Prima: checked, placed, cancelled, and no word about the customer."""

import logging
import traceback
from typing import Any

import pytest

from adapters.prima.contract import ORDER_DETAIL, RETURN_DETAIL
from adapters.prima.replacements import new_order, original
from domain.documents import Posted, ReplacementFault
from domain.exceptions import ExceptionCode
from domain.outcomes import InDoubt
from sandbox.audit import read_books
from sandbox.kit.faults import Fault
from tests.adapters.prima import shop as desk
from tests.adapters.prima.shop import COAT, EXCHANGE_KEY, LONG_COAT, Shop, detail, number, opened, refused, shop

#: Everything personal of order 2011234 in the sandbox's catalogue.
PERSONAL = ("Ada", "Byron", "1 High St", "Leeds", "LS1", "ada@example.com")


def kinds(faults: list[ReplacementFault]) -> list[tuple[str, str]]:
    return [(fault.kind, fault.field) for fault in faults]


async def despatched(prima: Shop) -> str:
    placed = number(await prima.erp.order_replacement(desk.replacement()))
    prima.prima.despatch(placed)
    return placed


async def test_R54_R56_R60_both_documents_lead_to_each_other_and_to_the_order(prima: Shop) -> None:
    rma = number(await prima.erp.open_rma(desk.rma(exchange_orders=[EXCHANGE_KEY])))
    posted = await prima.erp.order_replacement(desk.replacement(rma_number=rma))
    assert posted == Posted(number=EXCHANGE_KEY)
    (entry,) = prima.prima.journal.entries("MultiNewOrder")
    assert (entry["order"], entry["tpguid"], entry["customer_ref"]) == (EXCHANGE_KEY, EXCHANGE_KEY, rma)
    assert (entry["original_order"], entry["total"], entry["payment"]) == ("2011234", "0.00", "0.00")
    assert entry["lines"] == [{"sku": LONG_COAT, "quantity": 1, "price": "0.00"}]
    narrative = (await detail(prima, RETURN_DETAIL, ReturnNumber=rma)).get("ReturnNarrative")
    assert narrative == f"Original order 2011234, customer C001, exchange order {EXCHANGE_KEY}"


async def test_R57_R118_the_order_type_is_the_configured_one() -> None:
    choices: list[dict[str, Any]] = [{}, {"exchange_order_type": "XC"}]
    for configured in choices:
        async with shop(**configured) as prima:
            await prima.erp.order_replacement(desk.replacement())
            (entry,) = prima.prima.journal.entries("MultiNewOrder")
            assert entry["order_type"] == configured.get("exchange_order_type", "EX")


async def test_R59_customer_delivery_and_service_are_those_of_the_original_order(prima: Shop) -> None:
    """Order 2011235 goes abroad and has letters outside Latin-1 and quotes in its address."""
    request = desk.replacement(original_order="2011235")
    placed = number(await prima.erp.order_replacement(request))
    (entry,) = prima.prima.journal.entries("MultiNewOrder")
    assert entry["delivery_matches"] is True
    before = await detail(prima, ORDER_DETAIL, OrderNumber="2011235")
    after = await detail(prima, ORDER_DETAIL, OrderNumber=placed)
    assert after.rows("OrderDeliveryData")[0].values == before.rows("OrderDeliveryData")[0].values
    assert [after.get(name) for name in ("Customer", "CustomerEmail")] == ["C002", "ada@example.com"]


async def test_R59_the_delivery_service_is_asked_for_at_no_charge(prima: Shop) -> None:
    await prima.erp.order_replacement(desk.replacement())
    await prima.erp.order_replacement(desk.replacement(key="bh-x-2", original_order="2011235"))
    first, second = prima.prima.journal.entries("MultiNewOrder")
    assert first["charges"] == [{"charge": "RM24", "value": "0.00"}]
    assert second["charges"] == [{"charge": "EXCH", "value": "0.00"}]  # 2011235 paid no shipping


async def test_a_dearer_replacement_shows_what_was_paid_on_top(prima: Shop) -> None:
    await prima.erp.order_replacement(desk.replacement(due=1250))
    (entry,) = prima.prima.journal.entries("MultiNewOrder")
    assert entry["charges"] == [{"charge": "RM24", "value": "0.00"}, {"charge": "EXCH", "value": "12.50"}]
    assert (entry["total"], entry["payment"], entry["lines"][0]["price"]) == ("12.50", "12.50", "0.00")


async def test_R66_it_is_releasable_like_any_order_and_its_stock_is_set_aside(prima: Shop) -> None:
    placed = number(await prima.erp.order_replacement(desk.replacement(quantity=2)))
    assert (await detail(prima, ORDER_DETAIL, OrderNumber=placed)).get("OrderStatus") == "Entered"
    rows = {row.depot: row for row in await prima.erp.depot_stock([LONG_COAT])}
    assert (rows["01"].physical, rows["01"].available) == (3, 1)
    assert prima.prima.despatch(placed).status == "Despatched"
    assert await prima.physical(LONG_COAT, "01") == 1


async def test_the_books_have_nothing_against_it(prima: Shop) -> None:
    await prima.erp.order_replacement(desk.replacement(rma_number=await opened(prima)))
    (page,) = read_books(prima.prima.journal.entries(), []).returns.values()
    assert [row.rma for row in page.live_replacements] == ["R0004711"]
    assert read_books(prima.prima.journal.entries(), []).violations == []


async def test_R58_a_replacement_that_can_be_made_has_no_faults(prima: Shop) -> None:
    assert await prima.erp.check_replacement(desk.replacement(quantity=3)) == []


async def test_R58_E52_every_fault_is_listed_and_nothing_is_ordered(prima: Shop) -> None:
    prima.prima.edit_order("2011234", delivery={"PostCode": "", "Surname": " "}, customer="")
    prima.prima.set_item_active(LONG_COAT, False)
    faults = await prima.erp.check_replacement(desk.replacement(quantity=4))
    assert kinds(faults) == [
        ("item", "Product"),
        ("stock", "Quantity"),
        ("data", "Customer"),
        ("data", "CustomerSurname"),
        ("data", "PostCode"),
    ]
    assert faults[1].reason == f"{LONG_COAT}: 4 wanted, 3 available"
    assert faults[4].reason == "PostCode is missing on order 2011234"
    assert not [word for fault in faults for word in PERSONAL if word in fault.reason]
    assert prima.count("MultiNewOrder") == 0


@pytest.mark.parametrize(
    ("sku", "expected"),
    [
        ("NOPE-1", [("item", "Product"), ("stock", "Quantity")]),
        ("P4000-GIFT", [("item", "Product"), ("stock", "Quantity")]),
        ("A-B-C-D-E-F", [("item", "Product")]),
    ],
)
async def test_R58_what_cannot_be_ordered(prima: Shop, sku: str, expected: list[tuple[str, str]]) -> None:
    assert kinds(await prima.erp.check_replacement(desk.replacement(sku=sku))) == expected


@pytest.mark.parametrize("field", ["Forename", "Surname", "AddrLine1", "PostCode", "Country"])
async def test_R58_each_field_of_the_address_is_needed(prima: Shop, field: str) -> None:
    prima.prima.edit_order("2011234", delivery={field: ""})
    (fault,) = await prima.erp.check_replacement(desk.replacement())
    assert fault.kind == "data"
    assert fault.field.endswith(field)
    assert (await refused(prima.erp.order_replacement(desk.replacement()))).code is ExceptionCode.EXCHANGE_DATA
    prima.prima.edit_order("2011234", delivery={field: "GB"})
    assert await prima.erp.check_replacement(desk.replacement()) == []


async def test_R37_R64_stock_is_read_anew_each_time(prima: Shop) -> None:
    assert await prima.erp.check_replacement(desk.replacement(quantity=3)) == []
    prima.prima.add_stock(LONG_COAT, -3)
    prima.prima.add_stock(LONG_COAT, 99, "QT")  # not for sale
    (fault,) = await prima.erp.check_replacement(desk.replacement())
    assert (fault.kind, fault.reason) == ("stock", f"{LONG_COAT}: 1 wanted, 0 available")


async def test_R37_R64_E49_sold_out_after_the_check_makes_no_order(prima: Shop) -> None:
    assert await prima.erp.check_replacement(desk.replacement(quantity=3)) == []
    await prima.erp.order_replacement(desk.replacement(key="bh-other-x-1"))
    refusal = await refused(prima.erp.order_replacement(desk.replacement(quantity=3)))
    assert refusal.code is ExceptionCode.EXCHANGE_OOS
    assert str(refusal) == f"Prima has no 3 of {LONG_COAT} to sell any more"
    assert prima.count("MultiNewOrder") == 1


async def test_R64_a_stock_read_that_lags_behind_promises_nothing(prima: Shop) -> None:
    prima.prima.add_item("P7-NEW")
    prima.prima.faults.add(Fault(kind="stale_read", seconds=3600, match="MultiAvailableToSell"))
    assert kinds(await prima.erp.check_replacement(desk.replacement())) == [("stock", "Quantity")]
    refusal = await refused(prima.erp.order_replacement(desk.replacement(sku="P7-NEW")))
    assert (refusal.code, prima.count("MultiNewOrder")) == (ExceptionCode.EXCHANGE_OOS, 0)


async def test_E50_an_order_that_took_the_last_units_is_found_and_not_sold_out(
    prima: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The search lags behind, and a Prima that looks at stock before keys says QTY to the second call."""
    await prima.erp.order_replacement(desk.replacement(quantity=3))
    monkeypatch.setattr(prima.prima.world, "refuse_known_key", lambda message, key: None)
    monkeypatch.setattr(prima.prima.world, "refuse_known_order", lambda number: None)
    prima.prima.faults.add(Fault(kind="stale_read", seconds=3600, match="OrderStatus"))
    posted = await prima.erp.order_replacement(desk.replacement(quantity=3))
    assert posted == Posted(number=EXCHANGE_KEY, adopted=True)
    assert prima.count("MultiNewOrder") == 1


async def test_the_same_key_makes_one_order_and_can_be_found(prima: Shop) -> None:
    assert await prima.erp.find_replacement(EXCHANGE_KEY) is None
    assert not (await prima.erp.order_replacement(desk.replacement())).adopted
    assert (await prima.erp.order_replacement(desk.replacement())).adopted
    assert await prima.erp.find_replacement(EXCHANGE_KEY) == Posted(number=EXCHANGE_KEY)
    assert prima.count("MultiNewOrder") == 1


async def test_E51_cancel_is_repeatable_and_the_key_is_used_up(prima: Shop) -> None:
    placed = number(await prima.erp.order_replacement(desk.replacement()))
    assert await prima.erp.cancel_replacement(desk.cancel_replacement(placed)) == Posted(number=placed)
    again = await prima.erp.cancel_replacement(desk.cancel_replacement())
    assert again == Posted(number=placed, adopted=True)
    assert prima.count("CancelOrder") == 1
    refusal = await refused(prima.erp.order_replacement(desk.replacement()))
    assert (refusal.code, refusal.vendor_code) == (ExceptionCode.EXCHANGE_DATA, "Cancelled")
    assert prima.count("MultiNewOrder") == 1


async def test_E51_an_order_that_was_never_made_is_cancelled_with_success(prima: Shop) -> None:
    for asked in (desk.cancel_replacement(), desk.cancel_replacement("bh-nowhere-x-1")):
        assert await prima.erp.cancel_replacement(asked) == Posted(number="", adopted=True)
    assert prima.count("CancelOrder") == 0


async def test_E54_a_despatched_order_is_exposure(prima: Shop) -> None:
    placed = await despatched(prima)
    refusal = await refused(prima.erp.cancel_replacement(desk.cancel_replacement(placed)))
    assert (refusal.code, refusal.vendor_code) == (ExceptionCode.EXCHANGE_EXPOSURE, "STATUS")
    assert await prima.erp.find_replacement(placed) == Posted(number=placed)


async def test_N13_E56_a_replacement_is_an_order_that_can_be_returned(prima: Shop) -> None:
    placed = await despatched(prima)
    order = await prima.erp.read_order(placed)
    (line,) = order.lines
    assert (order.total, line.sku, line.base, line.taxes[0].rate) == (0, LONG_COAT, 0, "20.00")
    (asked,) = desk.rma().lines
    back = desk.rma(key="bh-rt2-r-1", order_number=placed, lines=[asked.model_copy(update={"sku": LONG_COAT})])
    rma = number(await prima.erp.open_rma(back))
    await prima.erp.receive_goods(desk.receipt(rma, key="bh-rt2-g-1", order_number=placed))
    note = desk.credit(rma, key="bh-rt2-c-1", order_number=placed, invoice_number=order.invoice_number)
    assert (await prima.erp.post_credit(note)).total == 21555


async def test_an_original_order_that_is_gone(prima: Shop) -> None:
    for call in (prima.erp.check_replacement, prima.erp.order_replacement):
        refusal = await refused(call(desk.replacement(original_order="nope")))
        assert refusal.code is ExceptionCode.ORDER_NOT_FOUND


async def test_D8_nothing_personal_in_errors_logs_or_reprs(prima: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """Also not in the chain of causes, which Temporal writes into histories."""
    caplog.set_level(logging.DEBUG)
    texts = []
    for kind in ("cut_body", "malformed_body", "lost_answer"):
        prima.prima.faults.add(Fault.model_validate({"kind": kind, "match": "MultiNewOrder"}))
        prima.prima.faults.add(Fault(kind="stale_read", seconds=3600, match="OrderStatus", times=2))
        with pytest.raises(InDoubt) as trouble:
            await prima.erp.order_replacement(desk.replacement(key=f"bh-{kind}-x-1"))
        texts += traceback.format_exception(trouble.value)
    prima.prima.edit_order("2011234", delivery={"Country": ""})
    texts += traceback.format_exception(await refused(prima.erp.order_replacement(desk.replacement())))
    record = await detail(prima, ORDER_DETAIL, OrderNumber="2011234")
    taken = original(record, prima.settings)
    assert new_order(desk.replacement(), taken, prima.settings)[0]["CustomerSurname"] == "Byron"
    texts += [repr(record), repr(taken), caplog.text]
    assert not [(word, text) for text in texts for word in PERSONAL if word in text]


async def test_E13_E62_the_state_of_an_rma(prima: Shop) -> None:
    rma = await opened(prima)
    state = await prima.erp.read_rma(rma)
    assert (state.number, state.open, state.cancelled) == (rma, True, False)
    await prima.erp.receive_goods(desk.receipt(rma))
    assert (await prima.erp.read_rma(rma)).open is False
    other = number(await prima.erp.open_rma(desk.rma(key="r-2", lines=shirts(3))))
    goods = desk.receipt(other, key="g-2").model_copy(update={"lines": units(1)})
    await prima.erp.receive_goods(goods)
    assert (await prima.erp.read_rma(other)).open is True
    third = number(await prima.erp.open_rma(desk.rma(key="r-3", order_number="2011242", lines=shirts(1))))
    prima.prima.cancel_return(third)
    state = await prima.erp.read_rma(third)
    assert (state.open, state.cancelled) == (False, True)
    refusal = await refused(
        prima.erp.receive_goods(desk.receipt(third, key="g-3").model_copy(update={"lines": units(1)}))
    )
    assert refusal.code is ExceptionCode.RMA_CLOSED_IN_ERP
    assert (await refused(prima.erp.read_rma("R9999999"))).code is ExceptionCode.RMA_CLOSED_IN_ERP


def shirts(quantity: int) -> list[object]:
    (line,) = desk.rma().lines
    return [line.model_copy(update={"order_line_id": "2", "sku": desk.SHIRT, "quantity": quantity})]


def units(quantity: int) -> list[object]:
    (line,) = desk.receipt("R1").lines
    return [line.model_copy(update={"sku": desk.SHIRT, "quantity": quantity})]


async def test_E24_N8_a_regrade_is_a_transfer_and_nothing_else(prima: Shop) -> None:
    posted = await prima.erp.transfer_stock(desk.transfer())
    assert (await prima.erp.transfer_stock(desk.transfer())) == Posted(number=number(posted), adopted=True)
    (entry,) = prima.prima.journal.entries()
    assert (entry["op"], entry["number"], entry["from_depot"], entry["to_depot"]) == (
        "DepotTransfer", number(posted), "01", "DM",
    )  # fmt: skip
    assert [await prima.physical(COAT, depot) for depot in ("01", "DM")] == [11, 1]


@pytest.mark.parametrize("changes", [{"to_depot": "XX"}, {"from_depot": "QT"}, {"to_depot": "01"}])
async def test_E24_a_transfer_that_cannot_be(prima: Shop, changes: dict[str, str]) -> None:
    refusal = await refused(prima.erp.transfer_stock(desk.transfer(**changes)))
    assert (refusal.code, prima.count("DepotTransfer")) == (ExceptionCode.STOCK_REJECTED, 0)


async def test_E18_surplus_is_booked_in_and_out_by_adjustments(prima: Shop) -> None:
    await prima.erp.adjust_stock(desk.adjustment(depot="QT"))
    await prima.erp.adjust_stock(desk.adjustment(key="bh-rt10234-q-2", depot="QT", remove=True))
    assert [row["lines"][0]["quantity"] for row in prima.prima.journal.entries("StockAdjustment")] == [1, -1]
    assert await prima.physical(COAT, "QT") == 0
    too_many = desk.adjustment(key="bh-rt10234-q-3", depot="QT", remove=True)
    assert (await refused(prima.erp.adjust_stock(too_many))).code is ExceptionCode.STOCK_REJECTED


async def test_E48_an_invoice_with_nothing_left(prima: Shop) -> None:
    rma = await opened(prima)
    prima.prima.post_credit_by_hand(rma, charges={"GOODW": "279.71"})
    refusal = await refused(prima.erp.post_credit(desk.credit(rma)))
    assert refusal.code is ExceptionCode.NOTHING_TO_APPLY
    assert "no open amount left" in str(refusal)


async def test_E42_a_note_made_by_hand_can_be_found_by_its_rma(prima: Shop) -> None:
    rma = await opened(prima)
    by_hand = prima.prima.post_credit_by_hand(rma, lines=[{"price": "220.50"}])
    (record,) = (await prima.erp.list_credits(desk.TODAY, desk.TODAY)).records
    assert (record.number, record.key, record.rma_number, record.total) == (by_hand, "", rma, 22050)
    assert (await refused(prima.erp.post_credit(desk.credit(rma)))).code is ExceptionCode.CREDIT_REJECTED
