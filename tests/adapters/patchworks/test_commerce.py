"""R136: ERP and commerce platform are both told, or somebody knows that they were not."""

from collections.abc import Awaitable, Callable

import pytest

from domain.documents import Posted
from domain.exceptions import ExceptionCode as E
from tests.adapters.patchworks import requests as desk
from tests.adapters.patchworks.flows import Flows, element, port
from tests.adapters.patchworks.shop import Shop, opened

WRITES: dict[str, tuple[str, Callable[[Shop, str], Awaitable[Posted]]]] = {
    "create_return": (
        "return_authorization",
        lambda shop, _: shop.erp.open_rma(desk.rma(key=f"{desk.RMA_KEY[:-1]}9")),
    ),
    "receive_return": ("item_receipt", lambda shop, number: shop.erp.receive_goods(desk.receipt(number))),
    "adjust_stock": ("inventory_adjustment", lambda shop, _: shop.erp.adjust_stock(desk.adjustment())),
    "create_credit_note": ("credit_memo", lambda shop, number: shop.erp.post_credit(desk.credit(number))),
    "create_exchange_order": (
        "sales_order",
        lambda shop, number: shop.erp.order_replacement(desk.replacement(rma_number=number)),
    ),
    "cancel_return": (
        "return_authorization_cancelled",
        lambda shop, number: shop.erp.cancel_rma(desk.cancel_rma(number)),
    ),
}


@pytest.mark.parametrize("operation", list(WRITES))
async def test_R136_drift_is_said_once_and_a_retry_tells_commerce(patchworks: Shop, operation: str) -> None:
    op, write = WRITES[operation]
    number = await opened(patchworks)
    before = patchworks.count(op)
    patchworks.flows.commerce_down()
    refusal = await desk.refused(write(patchworks, number))
    assert refusal.code is E.STATUS_DRIFT
    assert (refusal.figures["operation"], refusal.figures["commerce"]) == (operation, "failed")
    document = refusal.figures["document"]
    assert document in str(refusal)
    assert (await desk.refused(write(patchworks, number))).code is E.STATUS_DRIFT  # still down
    patchworks.flows.commerce_down(False)
    posted = await write(patchworks, number)
    assert (posted.number, posted.adopted) == (document, True)
    assert patchworks.count(op) == before + 1


async def test_R136_where_no_commerce_is_behind_the_flow_nothing_is_missing() -> None:
    none = {"status": "not_configured"}
    flows = Flows(adjust_stock=lambda e: element(e, erp={"documentNumber": "IA1"}, commerce=none))
    async with port(flows) as erp:
        assert (await erp.adjust_stock(desk.adjustment())).number == "IA1"
    assert flows.operations == ["get_operation", "adjust_stock"]


async def test_R136_the_platforms_words_are_shown_without_addresses() -> None:
    failed = {"status": "failed", "message": "no order for ada@example.com"}
    flows = Flows(adjust_stock=lambda e: element(e, erp={"documentNumber": "IA1"}, commerce=failed))
    async with port(flows) as erp:
        refusal = await desk.refused(erp.adjust_stock(desk.adjustment()))
    assert "no order for (address)" in str(refusal)
