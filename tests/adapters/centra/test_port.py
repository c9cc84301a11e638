"""The port against the sandbox: reading, RMA, stock."""

import pytest
from pydantic import SecretStr

from adapters.centra.port import build
from adapters.kit.outside import Outside
from domain.documents import MovementLine, Posted, RmaLine
from domain.exceptions import ExceptionCode
from domain.order import OrderStatus
from domain.outcomes import CredentialsRefused
from domain.slots import value_order
from tests.adapters.centra import shop as desk
from tests.adapters.centra.shop import COAT, ORDER, SHIRT, Shop, refused, shop


async def test_R119_the_order_is_read_and_foots(centra: Shop) -> None:
    snapshot = await centra.erp.read_order(ORDER)
    assert (snapshot.total, snapshot.currency, snapshot.customer_ref) == (41095, "GBP", "4")
    assert [(line.line_id, line.sku, line.quantity, line.base) for line in snapshot.lines] == [
        ("1", COAT, 2, 40000),
        ("2", SHIRT, 1, 5000),
    ]
    assert [charge.amount for charge in snapshot.shipping] == [595]
    assert value_order(snapshot).goods_total == 40500


async def test_orders_with_tax_on_top_and_bundles_foot(centra: Shop) -> None:
    centra.centra.add_order(
        "39791",
        [{"sku": COAT, "quantity": 2, "price": "100.00", "discount": "20.00", "vat_rate": "10"}],
        vat_inclusive=False,
        charges={"RM24": "5.00"},
        discounts=[{"amount": "10.00"}],
        currency="USD",
    )
    kit = {"sku": "KIT-1", "quantity": 2, "price": "45.00", "parts": [{"sku": "A-1"}, {"sku": "B-1", "per_kit": 2}]}
    centra.centra.add_order("39792", [kit, {"sku": SHIRT, "price": "19.99"}], discounts=[{"amount": "7.77"}])
    assert value_order(await centra.erp.read_order("39791")).goods_total == 18800
    value = value_order(await centra.erp.read_order("39792"))
    assert value.goods_total == 10222
    assert {(line.sku, line.quantity) for line in value.parts("1", "KIT-1")} == {("A-1", 2), ("B-1", 4)}


async def test_R123_an_archived_order_is_found_by_asking_once_more(centra: Shop) -> None:
    centra.centra.add_order("39795", desk.LINES, archived=True)
    assert (await centra.erp.read_order("39795")).status is OrderStatus.LOCKED
    posted = await centra.erp.open_rma(desk.rma(order_number="39795", standalone=True))
    assert (await centra.erp.read_rma(posted.number)).open
    assert (await refused(centra.erp.read_order("1"))).code is ExceptionCode.ORDER_NOT_FOUND
    assert (await refused(centra.erp.read_order("WEB-7"))).code is ExceptionCode.ORDER_NOT_FOUND
    assert (await refused(centra.erp.read_order("9" * 30))).code is ExceptionCode.ORDER_NOT_FOUND


async def test_items_and_stock(centra: Shop) -> None:
    centra.centra.set_item_active(SHIRT, False)
    items = await centra.erp.check_items([COAT, SHIRT, "NONE-1"])
    assert [(item.sku, item.active) for item in items] == [(COAT, True), (SHIRT, False), ("NONE-1", False)]
    stock = {(row.depot, row.physical) for row in await centra.erp.depot_stock([COAT])}
    assert ("1", 12) in stock
    assert (await refused(centra.erp.depot_stock(["NONE-1"]))).code is ExceptionCode.SKU_NOT_IN_MASTER


async def test_R13_an_rma_is_one_return_that_moves_no_stock(centra: Shop) -> None:
    before = await centra.physical(COAT, "1")
    posted = await centra.erp.open_rma(desk.rma(lines=desk.both_lines()))
    (entry,) = centra.entries("createReturn")
    assert posted == Posted(number=str(entry["return_id"]))
    assert await centra.physical(COAT, "1") == before
    again = await centra.erp.open_rma(desk.rma(lines=desk.both_lines()))
    assert again == Posted(number=posted.number, adopted=True)
    assert centra.count("createReturn") == 1


async def test_one_return_per_shipment_makes_one_rma(centra: Shop) -> None:
    centra.centra.add_order("39796", desk.LINES, shipments=[{1: 1}, {1: 1, 2: 1}])
    posted = await centra.erp.open_rma(desk.rma(order_number="39796", lines=desk.both_lines()))
    assert len(posted.parts) == 1
    assert centra.live() == {
        f"{desk.RMA_KEY}-s1": {COAT: 1},
        f"{desk.RMA_KEY}-s2": {COAT: 1, SHIRT: 1},
    }
    assert await centra.erp.open_rma(desk.rma(order_number="39796", lines=desk.both_lines())) == Posted(
        number=posted.number, parts=posted.parts, adopted=True
    )
    await centra.erp.cancel_rma(desk.cancel_rma(posted.number))
    assert centra.live() == {}


async def test_N17_a_return_that_left_units_out_is_no_success(centra: Shop) -> None:
    centra.centra.drop_from_returns(SHIRT)
    refusal = await refused(centra.erp.open_rma(desk.rma(lines=desk.both_lines())))
    assert refusal.code is ExceptionCode.PARTIAL_ACCEPT
    assert "0 of 1 x P2001-WHT-M" in refusal.figures["accepted"]
    assert (await refused(centra.erp.open_rma(desk.rma(lines=desk.both_lines())))).code is ExceptionCode.PARTIAL_ACCEPT
    assert centra.count("createReturn") == 1


async def test_N17_units_left_out_of_a_line_count_too(centra: Shop) -> None:
    centra.centra.accept_partly(ORDER)
    lines = [RmaLine(line_no=1, order_line_id="1", sku=COAT, quantity=2, unit_value=18000)]
    refusal = await refused(centra.erp.open_rma(desk.rma(lines=lines)))
    assert refusal.code is ExceptionCode.PARTIAL_ACCEPT
    assert "1 of 2" in refusal.figures["accepted"]


async def test_more_than_was_shipped_is_refused(centra: Shop) -> None:
    lines = [RmaLine(line_no=1, order_line_id="1", sku=COAT, quantity=3, unit_value=18000)]
    assert (await refused(centra.erp.open_rma(desk.rma(lines=lines)))).code is ExceptionCode.VALIDATION_QTY
    assert centra.count("createReturn") == 0


async def test_an_rma_is_cancelled_once_and_by_its_key_when_its_number_was_lost(centra: Shop) -> None:
    posted = await centra.erp.open_rma(desk.rma())
    assert await centra.erp.cancel_rma(desk.cancel_rma("")) == Posted(number=posted.number)
    assert centra.count("deleteReturn") == 1
    assert await centra.erp.cancel_rma(desk.cancel_rma(posted.number)) == Posted(number=posted.number, adopted=True)
    assert await centra.erp.cancel_rma(desk.cancel_rma("")) == Posted(number="", adopted=True)
    assert centra.count("deleteReturn") == 1


async def test_E13_an_rma_that_somebody_deleted_is_noticed(centra: Shop) -> None:
    posted = await centra.erp.open_rma(desk.rma())
    assert (await centra.erp.read_rma(posted.number)).open
    centra.centra.cancel_return(posted.number)
    assert (await refused(centra.erp.read_rma(posted.number))).code is ExceptionCode.RMA_CLOSED_IN_ERP
    refusal = await refused(centra.erp.receive_goods(desk.receipt(posted.number)))
    assert refusal.code is ExceptionCode.RMA_CLOSED_IN_ERP
    assert centra.count("changeStock") == 0


async def test_R121_goods_go_into_the_warehouse_of_their_bucket_once(centra: Shop) -> None:
    posted = await centra.erp.open_rma(desk.rma())
    received = await centra.erp.receive_goods(desk.receipt(posted.number))
    assert await centra.erp.receive_goods(desk.receipt(posted.number)) == Posted(number=received.number, adopted=True)
    assert await centra.physical(COAT, "1") == 13
    (entry,) = centra.entries("changeStock")
    assert (entry["key"], entry["into"], entry["out_from"]) == (desk.GOODS_KEY, "1", "")


async def test_stock_goes_in_out_and_across(centra: Shop) -> None:
    lines = [MovementLine(rma_line_no=1, sku=sku, quantity=2) for sku in (COAT, SHIRT)]
    await centra.erp.adjust_stock(desk.adjustment(key=f"{desk.GOODS_KEY}0", lines=lines))
    assert (await centra.physical(COAT, "11"), await centra.physical(SHIRT, "11")) == (2, 2)
    await centra.erp.adjust_stock(desk.adjustment(remove=True))
    assert await centra.physical(COAT, "11") == 1
    await centra.erp.transfer_stock(desk.transfer())
    assert (await centra.physical(COAT, "1"), await centra.physical(COAT, "11")) == (11, 2)
    assert centra.count("changeStock") == 3


@pytest.mark.parametrize("depot", ["99", "HC-9"])
async def test_a_warehouse_that_is_none_is_refused(centra: Shop, depot: str) -> None:
    refusal = await refused(centra.erp.adjust_stock(desk.adjustment(depot=depot)))
    assert refusal.code is ExceptionCode.STOCK_REJECTED
    lines = [MovementLine(rma_line_no=1, sku="NONE-1", quantity=1)]
    unknown = await refused(centra.erp.adjust_stock(desk.adjustment(lines=lines)))
    assert unknown.code is ExceptionCode.SKU_NOT_IN_MASTER


async def test_the_probe_proves_the_token() -> None:
    async with shop() as good:
        await good.erp.probe()
    async with shop() as bad:
        wrong = bad.settings.model_copy(update={"token": SecretStr("another")})
        with pytest.raises(CredentialsRefused):
            await build(wrong, Outside(bad.http)).probe()


async def test_the_capabilities_are_known_before_any_call(centra: Shop) -> None:
    capabilities = centra.erp.capabilities
    assert capabilities.standalone_rma
    assert capabilities.charges == {"shipping", "fee", "exchange"}
