"""The second transaction of an exchange: checked fresh, ordered once, cancelled while that is possible (R54–R60)."""

from decimal import Decimal

from domain.documents import Posted
from domain.exceptions import ExceptionCode as E
from domain.order import OrderStatus
from tests.adapters.patchworks import requests as desk
from tests.adapters.patchworks.shop import Shop, opened, shop


async def placed(patchworks: Shop) -> str:
    number = await opened(patchworks)
    return desk.number(await patchworks.erp.order_replacement(desk.replacement(rma_number=number)))


async def test_R54_the_replacement_has_our_key_as_its_number_and_leads_back(patchworks: Shop) -> None:
    number = await opened(patchworks)
    posted = await patchworks.erp.order_replacement(desk.replacement(rma_number=number))
    entry = patchworks.one("sales_order")
    assert posted.number == entry["order"] == desk.EXCHANGE_KEY
    assert (entry["original_order"], entry["ra"], entry["order_type"]) == (desk.ORDER, number, "EXCHANGE")
    assert entry["delivery_matches"] is True
    assert Decimal(entry["total"]) == 0
    read = await patchworks.erp.read_order(posted.number)
    assert (read.order_number, read.total, read.status) == (desk.EXCHANGE_KEY, 0, OrderStatus.OPEN)


async def test_a_dearer_replacement_shows_what_was_paid(patchworks: Shop) -> None:
    number = await opened(patchworks)
    await patchworks.erp.order_replacement(desk.replacement(rma_number=number, due=690))
    assert Decimal(patchworks.one("sales_order")["due"]) == Decimal("6.90")
    assert (await patchworks.erp.read_order(desk.EXCHANGE_KEY)).total == 690


async def test_R58_nothing_is_wrong_with_a_replacement_that_can_be_made(patchworks: Shop) -> None:
    assert await patchworks.erp.check_replacement(desk.replacement()) == []


async def test_R64_stock_is_read_fresh_and_every_fault_is_named(patchworks: Shop) -> None:
    patchworks.flows.set_item_active(desk.LONG_COAT, False)
    faults = await patchworks.erp.check_replacement(desk.replacement(quantity=6))
    assert [(fault.kind, fault.field) for fault in faults] == [("item", "sku"), ("stock", "quantity")]
    assert "6 wanted, 5 available" in faults[1].reason
    unknown = await patchworks.erp.check_replacement(desk.replacement(sku="NOPE-1"))
    assert [fault.kind for fault in unknown] == ["item", "stock"]


async def test_R58_data_that_is_missing_is_named_without_the_rest_of_it(patchworks: Shop) -> None:
    lines = [{"sku": desk.COAT, "quantity": 1, "price": Decimal(1)}]
    patchworks.flows.add_order("D1", lines, delivery={"postcode": "", "surname": "Byron"})
    (fault,) = await patchworks.erp.check_replacement(desk.replacement(original_order="D1"))
    assert (fault.kind, fault.field) == ("data", "shippingAddress.zipCodeOrPostalCode")
    assert "Byron" not in fault.reason


async def test_stock_that_cannot_be_sold_is_not_promised() -> None:
    async with shop(exchange_locations=["02"]) as patchworks:
        (fault,) = await patchworks.erp.check_replacement(desk.replacement())
        assert fault.kind == "stock"
        patchworks.flows.add_stock(desk.LONG_COAT, 1, "02")
        assert await patchworks.erp.check_replacement(desk.replacement()) == []


async def test_E50_the_last_unit_taken_by_our_own_order_is_no_fault(patchworks: Shop) -> None:
    request = desk.replacement(rma_number=await opened(patchworks), quantity=5)
    await patchworks.erp.order_replacement(request)
    assert await patchworks.erp.check_replacement(request) == []
    assert [fault.kind for fault in await patchworks.erp.check_replacement(desk.replacement(key="bh-x2-x-1"))] == [
        "stock"
    ]


async def test_too_little_stock_at_the_moment_of_ordering(patchworks: Shop) -> None:
    request = desk.replacement(rma_number=await opened(patchworks), quantity=6)
    refusal = await desk.refused(patchworks.erp.order_replacement(request))
    assert (refusal.code, refusal.figures) == (E.EXCHANGE_OOS, {"sku": desk.LONG_COAT})
    assert patchworks.count("sales_order") == 0


async def test_find_replacement_only_reads(patchworks: Shop) -> None:
    assert await patchworks.erp.find_replacement(desk.EXCHANGE_KEY) is None
    number = await placed(patchworks)
    assert await patchworks.erp.find_replacement(desk.EXCHANGE_KEY) == Posted(number=number, adopted=True)


async def test_R62_a_replacement_is_cancelled_once_and_its_key_is_used_up(patchworks: Shop) -> None:
    assert await patchworks.erp.cancel_replacement(desk.cancel_replacement()) == Posted(number="", adopted=True)
    number = await placed(patchworks)
    assert desk.number(await patchworks.erp.cancel_replacement(desk.cancel_replacement())) == number
    assert desk.number(await patchworks.erp.cancel_replacement(desk.cancel_replacement(number))) == number
    assert patchworks.count("sales_order_cancelled") == 1
    assert (await desk.refused(patchworks.erp.find_replacement(desk.EXCHANGE_KEY))).code is E.EXCHANGE_DATA
    refusal = await desk.refused(patchworks.erp.order_replacement(desk.replacement()))
    assert refusal.code is E.EXCHANGE_DATA


async def test_E54_what_was_despatched_is_not_cancelled(patchworks: Shop) -> None:
    number = await placed(patchworks)
    patchworks.flows.despatch(number)
    refusal = await desk.refused(patchworks.erp.cancel_replacement(desk.cancel_replacement(number)))
    assert refusal.code is E.EXCHANGE_EXPOSURE
