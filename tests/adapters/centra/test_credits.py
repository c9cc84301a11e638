"""A return completed as its credit document: whole, in part, with costs, refused, undone (R40, R49, R120)."""

from datetime import timedelta
from typing import Any

import pytest

from domain.documents import CreditCharge, CreditLine, CreditRequest, Posted
from domain.exceptions import ExceptionCode
from domain.slots import value_order
from tests.adapters.centra import shop as desk
from tests.adapters.centra.shop import COAT, ORDER, SHIRT, Shop, refused, shop


async def opened(centra: Shop, coats: int = 1, **changes: Any) -> str:
    return (await centra.erp.open_rma(desk.rma(lines=desk.both_lines(coats), **changes))).number


def whole(number: str, **changes: Any) -> CreditRequest:
    """Both coats and the shirt: 405.00."""
    request = desk.credit(number, lines=[desk.coat_line(2), desk.shirt_line()], total=40500)
    return request.model_copy(update=changes)


async def test_R120_the_rmas_own_return_is_completed_when_it_is_the_credit(centra: Shop) -> None:
    number = (await centra.erp.open_rma(desk.rma())).number
    posted = await centra.erp.post_credit(desk.credit(number))
    assert posted == Posted(number=f"CENTRA-RETURN-{number}", total=18000)
    assert centra.completed() == ["180.00"]
    assert centra.count("createReturn") == 1
    again = await centra.erp.post_credit(desk.credit(number))
    assert again == Posted(number=posted.number, total=18000, adopted=True)
    assert centra.count("completeReturn") == 1
    assert centra.count("refundReturn") == 0
    assert (await centra.erp.read_rma(number)).open  # its goods are booked by stock changes


async def test_a_part_of_the_rma_is_credited_and_the_rest_stays_open(centra: Shop) -> None:
    number = await opened(centra, coats=2)
    posted = await centra.erp.post_credit(desk.credit(number))
    assert posted.total == 18000
    assert centra.live() == {
        f"{desk.CREDIT_KEY}-s1": {COAT: 1},
        f"{desk.RMA_KEY}-s1": {COAT: 1, SHIRT: 1},
    }
    assert (await centra.erp.read_rma(number)).open  # under other ids now
    rest = desk.credit(number, key=desk.SECOND_CREDIT, lines=[desk.coat_line(), desk.shirt_line()], total=22500)
    assert (await centra.erp.post_credit(rest)).total == 22500
    assert centra.completed() == ["180.00", "225.00"]
    assert await centra.erp.post_credit(desk.credit(number)) == posted.model_copy(update={"adopted": True})
    assert centra.count("completeReturn") == 2
    await centra.erp.receive_goods(desk.receipt(number))


async def test_the_rma_can_be_opened_again_by_its_key_after_a_part_was_credited(centra: Shop) -> None:
    number = await opened(centra, coats=2)
    await centra.erp.post_credit(desk.credit(number))
    again = await centra.erp.open_rma(desk.rma(lines=desk.both_lines(2)))
    assert again == Posted(number=number, adopted=True)
    assert len(centra.live()) == 2


async def test_a_fee_is_a_return_cost_and_shipping_given_back_a_shipping_cost(centra: Shop) -> None:
    number = await opened(centra, coats=2)
    charges = [desk.fee(), CreditCharge(purpose="shipping", code="SHIP", amount=595)]
    posted = await centra.erp.post_credit(whole(number, charges=charges, total=40600))
    assert posted.total == 40600
    (entry,) = centra.entries("completeReturn")
    assert (entry["return_cost"], entry["shipping"], entry["voucher"]) == ("4.95", "5.95", "45.00")
    assert centra.live() == {f"{desk.CREDIT_KEY}-s1": {COAT: 2, SHIRT: 1}}


async def test_R62_a_cheaper_exchange_credits_the_difference_only(centra: Shop) -> None:
    number = (await centra.erp.open_rma(desk.rma())).number
    posted = await centra.erp.post_credit(desk.credit(number, lines=[desk.coat_line(unit_primary=1000)], total=1000))
    assert posted.total == 1000
    (entry,) = centra.entries("completeReturn")
    assert (entry["voucher"], entry["return_cost"]) == ("20.00", "170.00")


async def test_what_the_platform_kept_for_a_dearer_exchange_lowers_the_refund(centra: Shop) -> None:
    number = (await centra.erp.open_rma(desk.rma())).number
    kept = CreditCharge(purpose="exchange", code="EXCH", amount=-2000)
    assert (await centra.erp.post_credit(desk.credit(number, charges=[kept], total=16000))).total == 16000


@pytest.mark.parametrize(
    "charge",
    [
        CreditCharge(purpose="rounding", code="RND", amount=1),
        CreditCharge(purpose="goodwill", code="GW", amount=500),
        CreditCharge(purpose="fee", code="FEE", amount=500),
    ],
    ids=lambda charge: charge.purpose,
)
async def test_what_a_return_cannot_carry_is_refused_before_any_write(centra: Shop, charge: CreditCharge) -> None:
    number = (await centra.erp.open_rma(desk.rma())).number
    request = desk.credit(number, charges=[charge], total=18000 + charge.amount)
    assert (await refused(centra.erp.post_credit(request))).code is ExceptionCode.CREDIT_REJECTED
    no_units = desk.credit(number, lines=[], charges=[desk.fee(-1)], total=-1)
    assert (await refused(centra.erp.post_credit(no_units))).code is ExceptionCode.CREDIT_REJECTED
    assert centra.count("createReturn") == 1
    assert centra.count("completeReturn") == 0


async def test_R41_another_total_is_refused_with_both_figures_and_nothing_is_completed(centra: Shop) -> None:
    number = await opened(centra, coats=2)
    request = desk.credit(number, lines=[desk.coat_line(unit_primary=30000)], total=30000)
    refusal = await refused(centra.erp.post_credit(request))
    assert refusal.code is ExceptionCode.CREDIT_REJECTED
    assert (refusal.figures["erp_total"], refusal.figures["our_total"]) == ("200.00", "300.00")
    assert centra.count("completeReturn") == 0
    assert centra.live() == {f"{desk.RMA_KEY}-s1": {COAT: 2, SHIRT: 1}}
    assert (await centra.erp.read_rma(number)).open
    assert (await centra.erp.post_credit(desk.credit(number, key=desk.SECOND_CREDIT))).total == 18000


async def test_costs_that_centra_refuses_leave_the_rma_as_it_was(centra: Shop) -> None:
    number = (await centra.erp.open_rma(desk.rma())).number
    too_much = CreditCharge(purpose="shipping", code="SHIP", amount=9900)
    refusal = await refused(centra.erp.post_credit(desk.credit(number, charges=[too_much], total=27900)))
    assert refusal.code is ExceptionCode.CREDIT_REJECTED
    assert centra.live() == {f"{desk.RMA_KEY}-s1": {COAT: 1}}
    assert (await centra.erp.read_rma(number)).open


async def test_N17_a_credit_that_left_units_out_is_put_back(centra: Shop) -> None:
    number = await opened(centra, coats=2)
    centra.centra.drop_from_returns(SHIRT)
    request = whole(number, charges=[desk.fee()], total=40005)
    assert (await refused(centra.erp.post_credit(request))).code is ExceptionCode.CREDIT_REJECTED
    assert centra.count("completeReturn") == 0


async def test_R49_a_credit_before_the_goods_leaves_stock_alone(centra: Shop) -> None:
    number = (await centra.erp.open_rma(desk.rma())).number
    await centra.erp.post_credit(desk.credit(number))
    assert await centra.physical(COAT, "1") == 12
    await centra.erp.receive_goods(desk.receipt(number))
    assert await centra.physical(COAT, "1") == 13


async def test_one_credit_over_two_shipments_is_one_document_in_two_parts(centra: Shop) -> None:
    centra.centra.add_order("39796", desk.LINES, shipments=[{1: 1}, {1: 1, 2: 1}], discounts=[{"amount": "45.00"}])
    number = await opened(centra, coats=2, order_number="39796")
    posted = await centra.erp.post_credit(whole(number, order_number="39796", charges=[desk.fee()], total=40005))
    assert posted.total == 40005
    assert len(posted.parts) == 1
    assert centra.count("completeReturn") == 2
    await centra.erp.cancel_credit(desk.cancel_credit(posted.number))
    assert centra.completed() == []
    assert centra.live() == {}


async def test_E42_a_return_that_somebody_completed_is_found_not_doubled(centra: Shop) -> None:
    number = (await centra.erp.open_rma(desk.rma())).number
    centra.centra.post_credit_by_hand(number)
    posted = await centra.erp.post_credit(desk.credit(number))
    assert (posted.adopted, posted.total) == (True, 18000)
    assert centra.count("completeReturn") == 1


async def test_tax_on_top_is_credited_with_the_goods(centra: Shop) -> None:
    centra.centra.add_order(
        "39791",
        [{"sku": COAT, "quantity": 2, "price": "90.00", "vat_rate": "10"}],
        vat_inclusive=False,
        discounts=[{"amount": "10.00"}],
    )
    number = (await centra.erp.open_rma(desk.rma(order_number="39791"))).number
    line = CreditLine(rma_line_no=1, order_line_id="1", sku=COAT, quantity=1, unit_primary=8500, tax=900)
    request = desk.credit(number, order_number="39791", tax_inclusive=False, lines=[line], total=9400)
    assert (await centra.erp.post_credit(request)).total == 9400


@pytest.mark.parametrize(("currency", "price", "total"), [("JPY", "1000", 1000), ("KWD", "10.000", 10000)])
async def test_i1_units_one_at_a_time_come_to_the_line(centra: Shop, currency: str, price: str, total: int) -> None:
    centra.centra.add_order(
        "39797",
        [{"sku": COAT, "quantity": 3, "price": price, "discount": "0"}],
        currency=currency,
        discounts=[{"amount": "0.004" if currency == "KWD" else "4"}],
    )
    slots = [slot.primary for line in value_order(await centra.erp.read_order("39797")).lines for slot in line.slots]
    for place, primary in enumerate(slots, start=1):
        rma = desk.rma(key=f"bh-{desk.UNIQUE}-r-{place}", order_number="39797", currency=currency)
        number = (await centra.erp.open_rma(rma)).number
        line = desk.coat_line(unit_primary=primary)
        request = desk.credit(number, order_number="39797", currency=currency, lines=[line], total=primary)
        key = f"bh-{desk.UNIQUE}-c-{place}"
        assert (await centra.erp.post_credit(request.model_copy(update={"key": key}))).total == primary
    assert sum(slots) == 3 * total - 4


async def test_R46_a_credit_is_undone(centra: Shop) -> None:
    number = await opened(centra, coats=2)
    posted = await centra.erp.post_credit(desk.credit(number))
    assert (await centra.erp.cancel_credit(desk.cancel_credit(posted.number))).number == posted.number
    assert centra.completed() == []
    again = await centra.erp.cancel_credit(desk.cancel_credit(posted.number))
    assert again == Posted(number=posted.number, adopted=True)
    assert (await centra.erp.post_credit(desk.credit(number, key=desk.SECOND_CREDIT))).total == 18000


async def test_R47_credits_are_listed_with_their_rma_key_and_total(centra: Shop) -> None:
    number = await opened(centra, coats=2)
    posted = await centra.erp.post_credit(desk.credit(number))
    row = (await centra.erp.list_credits(desk.today(), desk.today())).records
    assert [(one.number, one.key, one.rma_number, one.order_number, one.total) for one in row] == [
        (posted.number, desk.CREDIT_KEY, number, ORDER, 18000)
    ]
    long_ago = desk.today() - timedelta(days=400)
    assert (await centra.erp.list_credits(long_ago, long_ago)).records == []


async def test_centra_pays_out_once_and_only_when_the_retailer_says_so() -> None:
    async with shop(refund_pays_out=True) as centra:
        number = (await centra.erp.open_rma(desk.rma())).number
        for _ in range(2):
            await centra.erp.post_credit(desk.credit(number))
        assert centra.count("refundReturn") == 1


async def test_R120_the_connected_erp_may_make_the_memo_from_the_completed_return() -> None:
    async with shop(credit_target="connected_erp") as centra:
        number = (await centra.erp.open_rma(desk.rma())).number
        assert (await centra.erp.post_credit(desk.credit(number))).number == f"CENTRA-RETURN-{number}"
        assert (centra.completed(), centra.count("refundReturn")) == (["180.00"], 0)
