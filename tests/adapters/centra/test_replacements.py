"""The second transaction of an exchange, through the Order API (R37, R54–R60, R64, R122)."""

import pytest

from adapters.centra.replacements import numbers_of
from domain.documents import Posted
from domain.exceptions import ExceptionCode
from sandbox.kit.faults import Fault
from tests.adapters.centra import shop as desk
from tests.adapters.centra.shop import EXCHANGE_KEY, LONG_COAT, Shop, refused, shop, until_posted


async def opened(centra: Shop) -> str:
    return (await centra.erp.open_rma(desk.rma())).number


async def test_R122_a_free_order_to_the_same_customer_linked_to_the_return(centra: Shop) -> None:
    rma = await opened(centra)
    posted = await centra.erp.order_replacement(desk.replacement(rma_number=rma))
    (entry,) = centra.entries("newOrder")
    assert str(entry["order"]) == posted.number == str(next(numbers_of(EXCHANGE_KEY, centra.settings)))
    assert (entry["key"], entry["total"], entry["delivery_matches"]) == (f"exchange:{EXCHANGE_KEY}", "0.00", True)
    assert entry["created_from"] == {"type": "return", "id": int(rma)}
    assert str(entry["original_order"]) == desk.ORDER
    assert await centra.erp.find_replacement(EXCHANGE_KEY) == Posted(number=posted.number)
    again = await centra.erp.order_replacement(desk.replacement(rma_number=rma))
    assert again == Posted(number=posted.number, adopted=True)
    assert centra.count("newOrder") == 1


async def test_E53_what_was_paid_on_top_is_the_price_of_the_line(centra: Shop) -> None:
    await centra.erp.order_replacement(desk.replacement(rma_number=await opened(centra), quantity=3, due=1001))
    (entry,) = centra.entries("newOrder")
    assert entry["total"] == "10.01"
    assert sum(row["quantity"] for row in entry["lines"]) == 3


async def test_R37_R64_every_reason_against_it_is_told_at_once(centra: Shop) -> None:
    assert await centra.erp.check_replacement(desk.replacement()) == []
    centra.centra.set_item_active(LONG_COAT, False)
    centra.centra.add_order("39799", desk.LINES, delivery={"postcode": "", "surname": ""})
    faults = await centra.erp.check_replacement(desk.replacement(original_order="39799", quantity=13))
    assert [(fault.kind, fault.field) for fault in faults] == [
        ("item", "SKU"),
        ("stock", "freeToAllocateQuantity"),
        ("data", "lastName"),
        ("data", "zipcode"),
    ]


async def test_R64_only_sellable_warehouses_are_promised_from(centra: Shop) -> None:
    centra.centra.add_item("P9-1")
    centra.centra.add_stock("P9-1", 5, "DM")
    (fault,) = await centra.erp.check_replacement(desk.replacement(sku="P9-1"))
    assert fault.kind == "stock"
    unknown = await centra.erp.check_replacement(desk.replacement(sku="NONE-1"))
    assert [fault.kind for fault in unknown] == ["item", "stock"]


async def test_the_last_unit_went_to_somebody_else(centra: Shop) -> None:
    refusal = await refused(
        centra.erp.order_replacement(desk.replacement(rma_number=await opened(centra), quantity=13))
    )
    assert refusal.code is ExceptionCode.EXCHANGE_OOS
    assert centra.count("newOrder") == 0


async def test_E50_the_last_unit_went_to_our_own_order_whose_answer_was_lost(centra: Shop) -> None:
    request = desk.replacement(rma_number=await opened(centra), quantity=12)
    centra.centra.faults.add(Fault(kind="lost_answer", status=0, match="POST /order"))
    centra.centra.faults.add(Fault(kind="stale_read", seconds=3600, match="orders", key="query placed", times=2))
    posted, _ = await until_posted(lambda: centra.erp.order_replacement(request))
    assert posted.adopted
    assert centra.count("newOrder") == 1


async def test_a_number_that_is_taken_by_another_order_is_left_alone(centra: Shop) -> None:
    first, second, *_ = numbers_of(EXCHANGE_KEY, centra.settings)
    centra.centra.add_order(str(first), desk.LINES)
    assert await centra.erp.find_replacement(EXCHANGE_KEY) is None
    posted = await centra.erp.order_replacement(desk.replacement(rma_number=await opened(centra)))
    assert posted.number == str(second)
    assert await centra.erp.find_replacement(EXCHANGE_KEY) == Posted(number=str(second))


async def test_a_reserved_range_that_is_full_says_so() -> None:
    async with shop(exchange_numbers=1000) as centra:
        for number in set(numbers_of(EXCHANGE_KEY, centra.settings)):
            centra.centra.add_order(str(number), desk.LINES)
        refusal = await refused(centra.erp.order_replacement(desk.replacement(rma_number=await opened(centra))))
        assert refusal.code is ExceptionCode.CONFIG_INVALID


async def test_E54_it_is_cancelled_once_and_not_after_despatch(centra: Shop) -> None:
    posted = await centra.erp.order_replacement(desk.replacement(rma_number=await opened(centra)))
    before = await centra.erp.cancel_replacement(desk.cancel_replacement(posted.number))
    assert before == Posted(number=posted.number)
    assert (await centra.erp.cancel_replacement(desk.cancel_replacement())) == Posted(
        number=posted.number, adopted=True
    )
    assert centra.count("cancelOrder") == 1
    assert (await refused(centra.erp.find_replacement(EXCHANGE_KEY))).code is ExceptionCode.EXCHANGE_DATA
    other = f"bh-{desk.UNIQUE}-x-2"
    gone = await centra.erp.order_replacement(desk.replacement(key=other, rma_number="1"))
    centra.centra.despatch(gone.number)
    refusal = await refused(centra.erp.cancel_replacement(desk.cancel_replacement(gone.number, other)))
    assert refusal.code is ExceptionCode.EXCHANGE_EXPOSURE


async def test_one_that_was_never_made_is_cancelled(centra: Shop) -> None:
    assert await centra.erp.cancel_replacement(desk.cancel_replacement()) == Posted(number="", adopted=True)


@pytest.mark.parametrize("rma", ["R-by-hand", "99999"])
async def test_an_rma_that_a_person_linked_does_not_stop_it(centra: Shop, rma: str) -> None:
    assert (await centra.erp.order_replacement(desk.replacement(rma_number=rma))).number
