"""Orders are read and credited to the minor unit (R41, R50, R119, R125; money.md 6.1 to 6.6)."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from domain.order import TaxMode
from domain.slots import OrderValue, value_order
from tests.conformance.case import COAT, SHIRT
from tests.conformance.desk import ErpDesk, new_number
from tests.conformance.effects import Effect
from tests.conformance.erp_stage import Cannot
from tests.conformance.orders import SOLD, Sold
from tests.conformance.privacy import PERSON, leaks
from tests.conformance.writes import crediting, opening, receiving

each_order = pytest.mark.parametrize("sold", SOLD, ids=str)


def paid_for(value: OrderValue, sku: str) -> int:
    """What the customer paid for all units of a SKU as it was sold: for a kit, of its parts."""
    return sum(value.gross(line.slots) for line in value.lines if sku == (line.bundle_sku or line.sku))


@each_order
async def test_an_order_is_read_to_the_minor_unit(erp: ErpDesk, sold: Sold) -> None:
    order = await erp.erp.read_order(erp.sell(sold.lines, **sold.header))
    value = value_order(order)  # raises when the order does not foot
    exclusive = order.tax_mode is TaxMode.EXCLUSIVE
    assert (order.currency, order.total) == (sold.currency, sold.total)
    assert {sku: paid_for(value, sku) for sku in sold.paid} == sold.paid
    assert sum(charge.amount + charge.tax * exclusive for charge in order.shipping) == sold.shipping
    assert order.fees == ()
    assert value.goods_total == sum(sold.paid.values())
    for kit, parts in (sold.parts or {}).items():
        assert {line.sku: line.quantity for line in value.lines if line.bundle_sku == kit} == parts, "R33"
    assert not leaks(order.model_dump_json())


@each_order
async def test_all_goods_are_credited_to_the_minor_unit(erp: ErpDesk, sold: Sold) -> None:
    """One RMA, all its goods, one credit of every unit at what it was worth."""
    case = await erp.case(await erp.erp.read_order(erp.sell(sold.lines, **sold.header)))
    units = {no: line.quantity for no, line in enumerate(case.lines, 1)}
    case.numbers["open_rma"] = (await erp.post(opening(units), case)).number
    await erp.post(receiving(units), case)
    posted = await erp.post(crediting(units), case)
    assert posted.total in (None, sum(sold.paid.values()))
    found, wanted = erp.effect(case), Effect(live_rmas=1)
    wanted.credit(sum(sold.paid.values()), sold.currency)
    for line in case.lines:
        wanted.move(erp.stage.depots["01"], line.sku, line.quantity)
    assert found == wanted


async def test_three_credits_of_a_line_add_up_to_it(erp: ErpDesk) -> None:
    """3 x 19.99 less 5.71: no three equal amounts make 54.26."""
    lines = [{"sku": SHIRT, "quantity": 3, "price": "19.99", "discount": "5.71"}]
    case = await erp.case(await erp.erp.read_order(erp.sell(lines)))
    case.numbers["open_rma"] = (await erp.post(opening({1: 3}), case)).number
    await erp.post(receiving({1: 3}), case)
    wanted = Effect()
    for number in (1, 2, 3):
        part = crediting({1: 1}, number=number, credited=number - 1)
        await erp.post(part, case)
        wanted.credit(case.credit({1: 1}, number=number, credited=number - 1).total, "GBP")
    assert erp.effect(case).credits == wanted.credits
    assert sum(total for total, _ in wanted.credits) == Decimal("54.26")


async def test_a_discount_of_the_whole_order_is_in_what_is_credited(erp: ErpDesk) -> None:
    number = new_number()
    lines: list[dict[str, Any]] = [
        {"sku": SHIRT, "quantity": 3, "price": "19.99"},
        {"sku": COAT, "price": "45.00"},
    ]
    if Cannot.DISCOUNT_ORDERS in erp.stage.cannot:
        with pytest.raises(ValidationError, match="discounts"):
            erp.stage.sandbox.seed_more({"orders": [{"number": number, "lines": lines, "discounts": ["10.00"]}]})
        return
    erp.stage.sell_with_discount(number, lines, "10.00", charges={"RM24": "5.95"}, **PERSON)
    case = await erp.case(await erp.erp.read_order(number))
    value = value_order(case.order)
    assert (case.order.total, value.goods_total) == (10092, 9497)
    units = {1: 3, 2: 1}
    case.numbers["open_rma"] = (await erp.post(opening(units), case)).number
    await erp.post(crediting(units), case)
    wanted = Effect()
    wanted.credit(9497, "GBP")
    assert erp.effect(case).credits == wanted.credits
