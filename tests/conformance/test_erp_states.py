"""What is there, what is gone, what is locked: the same answers from every ERP (R6, R16, R17, N14, N17, D1)."""

from collections.abc import Awaitable
from dataclasses import replace

import pytest

from domain.documents import CreditRecord
from domain.exceptions import ExceptionCode as E
from domain.order import OrderStatus
from domain.outcomes import Rejected
from tests.conformance.case import COAT, LONG_COAT, SHIRT, TODAY
from tests.conformance.desk import ErpDesk
from tests.conformance.effects import Effect
from tests.conformance.erp_stage import Cannot
from tests.conformance.orders import CANDLE, HAT, KIT, SCARF, SOLD
from tests.conformance.privacy import trouble_of
from tests.conformance.writes import BY_LABEL, CREDIT, OPEN, RECEIVE, opening

NOBODY = "799999"
COATS = [{"sku": COAT, "quantity": 2, "price": "120.00"}]


async def refused(call: Awaitable[object]) -> Rejected:
    trouble = await trouble_of(call)
    assert isinstance(trouble, Rejected), trouble
    return trouble


@pytest.mark.parametrize("number", [NOBODY, "no/such order?", "Ω"])
async def test_an_order_that_nobody_knows(erp: ErpDesk, number: str) -> None:
    assert (await refused(erp.erp.read_order(number))).code is E.ORDER_NOT_FOUND


async def test_nothing_is_made_for_an_order_that_nobody_knows(erp: ErpDesk) -> None:
    known = await erp.prepared(CREDIT)
    case = await erp.case(known.order.model_copy(update={"order_number": NOBODY}))
    assert (await refused(erp.post(OPEN, case))).code in (E.ORDER_NOT_FOUND, E.RMA_REJECTED)
    case.numbers["open_rma"] = known.numbers["open_rma"]
    assert (await refused(erp.post(CREDIT, case))).code in (E.ORDER_NOT_FOUND, E.CREDIT_REJECTED)
    assert erp.effect(case) == Effect()


async def test_R3_more_than_was_sold_is_not_authorised(erp: ErpDesk) -> None:
    case = await erp.case()
    assert (await refused(erp.post(opening({1: 3}), case))).code in (E.VALIDATION_QTY, E.RMA_REJECTED, E.PARTIAL_ACCEPT)
    assert erp.effect(case).live_rmas == 0


async def test_R16_an_archived_order_is_locked(erp: ErpDesk) -> None:
    number = erp.sell(COATS, status="Closed", archived=True)
    order = await erp.erp.read_order(number)
    assert order.status is OrderStatus.LOCKED
    case = await erp.case(order)
    if Cannot.REFUSE_LINKED in erp.stage.cannot:
        case.numbers["open_rma"] = (await erp.post(OPEN, case)).number
        assert erp.effect(case) == Effect(live_rmas=1)
    else:
        assert (await refused(erp.post(OPEN, case))).code is E.ORDER_LOCKED
        assert erp.effect(case) == Effect()
    assert await erp.erp.read_order(number) == order


async def test_R16_N14_a_return_of_an_archived_order_stands_alone(erp: ErpDesk) -> None:
    """Authorised, received and credited without touching the order; stock moves by the receipt alone."""
    number = erp.sell(COATS, status="Closed", archived=True)
    order = await erp.erp.read_order(number)
    case = await erp.case(order)
    alone = replace(OPEN, ask=lambda one: one.rma(standalone=True))
    if not erp.able.standalone_rma:
        assert (await refused(erp.post(alone, case))).code is E.ORDER_LOCKED
        return
    case.numbers["open_rma"] = (await erp.post(alone, case)).number
    await erp.post(RECEIVE, case)
    await erp.post(CREDIT, case)
    wanted = Effect(live_rmas=1)
    RECEIVE.leaves(wanted, case)
    CREDIT.leaves(wanted, case)
    assert erp.effect(case) == wanted
    after = await erp.erp.read_order(number)
    assert after.model_copy(update={"fulfilment": order.fulfilment}) == order, "what came back is all that it may say"


async def test_R6_items_are_told_in_the_order_asked(erp: ErpDesk) -> None:
    erp.sell(SOLD[-1].lines)
    erp.stage.sandbox.seed_more({"items": [{"sku": "P9001-OLD", "active": False}]})
    found = await erp.erp.check_items([SHIRT, "P9001-OLD", KIT, "P8888-NOT-HERE", COAT])
    assert [(item.sku, item.active) for item in found] == [
        (SHIRT, True),
        ("P9001-OLD", False),
        (KIT, True),
        ("P8888-NOT-HERE", False),
        (COAT, True),
    ]
    assert found[2].components == {SCARF: 1, HAT: 1, CANDLE: 2}
    assert found[0].components == {}


async def test_stock_is_told_per_depot(erp: ErpDesk) -> None:
    sellable = erp.stage.depots["01"]

    async def physical() -> int:
        rows = await erp.erp.depot_stock([COAT])
        return sum(row.physical for row in rows if (row.sku, row.depot) == (COAT, sellable))

    case = await erp.prepared(RECEIVE)
    before = await physical()
    await erp.post(RECEIVE, case)
    assert await physical() == before + 1


async def test_an_rma_is_read_back_in_three_answers(erp: ErpDesk) -> None:
    """Not there, there, and cancelled."""
    for number in ("R9999999", "999999", "Ω/?"):
        assert (await refused(erp.erp.read_rma(number))).code is E.RMA_CLOSED_IN_ERP
    case = await erp.prepared(BY_LABEL["cancel_rma"])
    number = case.numbers["open_rma"]
    state = await erp.erp.read_rma(number)
    assert (state.number, state.open, state.cancelled) == (number, True, False)
    await erp.post(BY_LABEL["cancel_rma"], case)
    if Cannot.KEEP_CANCELLED in erp.stage.cannot:
        assert (await refused(erp.erp.read_rma(number))).code is E.RMA_CLOSED_IN_ERP
        assert (await erp.post(OPEN, case)).number != number
        return
    state = await erp.erp.read_rma(number)
    assert (state.open, state.cancelled) == (False, True)
    assert (await refused(erp.post(OPEN, case))).code is E.RMA_CLOSED_IN_ERP
    assert erp.effect(case) == Effect(cancelled_rmas=1)


async def test_E23_an_rma_that_somebody_cancelled_takes_no_goods(erp: ErpDesk) -> None:
    case = await erp.prepared(RECEIVE)
    erp.stage.sandbox.cancel_return(case.numbers["open_rma"])
    assert (await refused(erp.post(RECEIVE, case))).code is E.RMA_CLOSED_IN_ERP
    assert erp.effect(case) == Effect(cancelled_rmas=1)


async def test_an_rma_with_goods_on_it_is_not_cancelled(erp: ErpDesk) -> None:
    case = await erp.prepared(CREDIT)
    await erp.post(RECEIVE, case)
    await erp.post(CREDIT, case)
    assert (await refused(erp.post(BY_LABEL["cancel_rma"], case))).code is E.RMA_REJECTED
    assert erp.effect(case).live_rmas == 1


@pytest.mark.parametrize("label", ["cancel_rma", "cancel_replacement"])
async def test_what_was_never_made_needs_no_cancelling(erp: ErpDesk, label: str) -> None:
    case = await erp.case()
    posted = await erp.post(BY_LABEL[label], case)
    assert (posted.number, posted.adopted) == ("", True)
    assert erp.effect(case) == Effect()


@pytest.mark.parametrize("label", ["cancel_rma", "cancel_replacement"])
async def test_what_is_cancelled_is_found_by_our_key_where_its_number_is_not_known(erp: ErpDesk, label: str) -> None:
    """The answer with the number was lost, and the return was called off meanwhile."""
    write = BY_LABEL[label]
    case = await erp.prepared(write)
    forgotten = replace(case, numbers={} if label == "cancel_rma" else {"open_rma": case.numbers["open_rma"]})
    await erp.post(write, forgotten)
    effect = erp.effect(case)
    assert (effect.cancelled_rmas, [off for _, off in effect.replacements]) in ((1, []), (0, [True]))


async def test_a_replacement_is_read_back_in_three_answers(erp: ErpDesk) -> None:
    order, cancel = BY_LABEL["order_replacement"], BY_LABEL["cancel_replacement"]
    case = await erp.prepared(order)
    key = case.replacement().key
    assert await erp.erp.find_replacement(key) is None
    case.numbers["order_replacement"] = (await erp.post(order, case)).number
    found = await erp.erp.find_replacement(key)
    assert found is not None
    assert found.number == case.numbers["order_replacement"]
    await erp.post(cancel, case)
    assert (await refused(erp.erp.find_replacement(key))).code is E.EXCHANGE_DATA
    assert (await refused(erp.post(order, case))).code is E.EXCHANGE_DATA
    assert erp.effect(case).replacements == [({LONG_COAT: 1}, True)]


async def test_a_credit_is_read_back_in_three_answers(erp: ErpDesk) -> None:
    """Not listed, listed, and taken back: then its key makes no second one in silence."""
    case = await erp.prepared(CREDIT)
    keys = {case.credit().key} | ({case.rma().key} if Cannot.KEY_CREDITS in erp.stage.cannot else set())
    assert not [row for row in await listed(erp) if row.key in keys]
    number = case.numbers["post_credit"] = (await erp.post(CREDIT, case)).number
    (row,) = [row for row in await listed(erp) if row.number == number]
    assert (row.total, row.currency, row.reversed) == (12000, "GBP", False)
    assert row.key in keys
    await erp.post(BY_LABEL["cancel_credit"], case)
    if Cannot.KEEP_CANCELLED in erp.stage.cannot:
        assert not [row for row in await listed(erp) if row.number == number]
        return
    (row,) = [row for row in await listed(erp) if row.number == number]
    assert (row.total, row.reversed) == (12000, True)
    assert (await refused(erp.post(CREDIT, case))).code is E.CREDIT_REJECTED
    assert len(erp.effect(case).credits) == 1


async def listed(erp: ErpDesk) -> list[CreditRecord]:
    """Every page of today's credits; none comes twice."""
    found: list[CreditRecord] = []
    page: int | None = 1
    while page is not None:
        listing = await erp.erp.list_credits(TODAY, TODAY, page)
        found += listing.records
        page = listing.next_page
    assert len({row.number for row in found}) == len(found)
    return found


async def test_E47_nothing_is_credited_in_a_closed_period(erp: ErpDesk) -> None:
    case = await erp.prepared(CREDIT)
    erp.stage.sandbox.seed_more({"closed_until": TODAY.isoformat()})
    try:
        if Cannot.CLOSE_PERIODS in erp.stage.cannot:
            await erp.post(CREDIT, case)
            return
        assert (await refused(erp.post(CREDIT, case))).code is E.PERIOD_CLOSED
        assert erp.effect(case).credits == []
    finally:
        erp.stage.sandbox.seed_more({"closed_until": None})
    await erp.post(CREDIT, case)
    assert len(erp.effect(case).credits) == 1


async def test_N17_a_line_that_was_left_out_is_noticed(erp: ErpDesk) -> None:
    """The ERP says yes, and authorises one line of two; also when it is asked a second time."""
    case = await erp.case(await erp.erp.read_order(erp.sell([*COATS, {"sku": SHIRT, "price": "19.99"}])))
    if Cannot.ACCEPT_PARTLY in erp.stage.cannot:
        with pytest.raises(NotImplementedError):
            erp.stage.drop_from_returns(SHIRT, dropped=True)
        return
    erp.stage.drop_from_returns(SHIRT, dropped=True)
    try:
        for _ in range(2):
            assert (await refused(erp.post(opening({1: 1, 2: 1}), case))).code is E.PARTIAL_ACCEPT
    finally:
        erp.stage.drop_from_returns(SHIRT, dropped=False)
    assert erp.effect(case).live_rmas == 1
