"""Each write under each fault: exactly one effect, and its number comes back (N2, R30, R31)."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from domain.documents import Posted
from domain.outcomes import CredentialsRefused, InDoubt, RetryLater
from sandbox.kit.faults import Fault
from tests.adapters.patchworks import requests as desk
from tests.adapters.patchworks.shop import Shop, opened, shop
from tests.patience import PATIENCE

pytestmark = pytest.mark.verify

MOST_ATTEMPTS = 60
APPLIED = {
    "connection closed": Fault(kind="lost_answer", status=0),
    "gateway timeout": Fault(kind="lost_answer", status=504),
    "gateway 503": Fault(kind="lost_answer", status=503),
    "body cut": Fault(kind="cut_body"),
    "body malformed": Fault(kind="malformed_body"),
}
NOT_APPLIED = {
    "unavailable": Fault(kind="unavailable", status=503),
    "throttled": Fault(kind="throttle", seconds=2),
    "flow not deployed": Fault(kind="unavailable", status=404),
    "ERP unavailable": Fault(kind="unavailable", status=200),
}


@dataclass(frozen=True)
class Write:
    """One write: its operation, the journal's name of its effect, and how it is prepared and called."""

    operation: str
    op: str
    prepare: Callable[[Shop], Awaitable[str]]
    call: Callable[[Shop, str], Awaitable[Posted]]
    named: str = "number"


async def nothing(patchworks: Shop) -> str:
    return ""


async def noted(patchworks: Shop) -> str:
    return desk.number(await patchworks.erp.post_credit(desk.credit(await opened(patchworks))))


async def ordered(patchworks: Shop) -> str:
    request = desk.replacement(rma_number=await opened(patchworks))
    return desk.number(await patchworks.erp.order_replacement(request))


WRITES = [
    Write("create_return", "return_authorization", nothing, lambda s, _: s.erp.open_rma(desk.rma())),
    Write(
        "cancel_return",
        "return_authorization_cancelled",
        opened,
        lambda s, n: s.erp.cancel_rma(desk.cancel_rma(n)),
    ),
    Write("receive_return", "item_receipt", opened, lambda s, n: s.erp.receive_goods(desk.receipt(n))),
    Write("adjust_stock", "inventory_adjustment", nothing, lambda s, _: s.erp.adjust_stock(desk.adjustment())),
    Write("transfer_stock", "inventory_transfer", nothing, lambda s, _: s.erp.transfer_stock(desk.transfer())),
    Write("create_credit_note", "credit_memo", opened, lambda s, n: s.erp.post_credit(desk.credit(n))),
    Write("void_credit_note", "credit_memo_voided", noted, lambda s, n: s.erp.cancel_credit(desk.cancel_credit(n))),
    Write(
        "create_exchange_order",
        "sales_order",
        opened,
        lambda s, n: s.erp.order_replacement(desk.replacement(rma_number=n)),
        "order",
    ),
    Write(
        "cancel_exchange_order",
        "sales_order_cancelled",
        ordered,
        lambda s, n: s.erp.cancel_replacement(desk.cancel_replacement(n)),
        "order",
    ),
]
each_write = pytest.mark.parametrize("write", WRITES, ids=lambda write: write.operation)


async def until_posted(call: Callable[[], Awaitable[Posted]]) -> tuple[Posted, int]:
    """Repeat like Temporal does, without the waits. The posting, and how many attempts it took."""
    for attempt in range(1, MOST_ATTEMPTS + 1):
        try:
            return await call(), attempt
        except (InDoubt, RetryLater):
            continue
    raise AssertionError(f"no posting after {MOST_ATTEMPTS} attempts")


def one_effect(patchworks: Shop, write: Write, posted: Posted) -> None:
    assert patchworks.one(write.op)[write.named] == posted.number


@each_write
@pytest.mark.parametrize("fault", APPLIED.values(), ids=list(APPLIED))
async def test_N2_R30_a_lost_answer_is_found_again_in_the_same_call(
    patchworks: Shop, write: Write, fault: Fault
) -> None:
    given = await write.prepare(patchworks)
    patchworks.flows.faults.add(fault.model_copy(update={"match": write.operation}))
    posted = await write.call(patchworks, given)
    assert posted.adopted
    one_effect(patchworks, write, posted)
    assert (await write.call(patchworks, given)).number == posted.number
    one_effect(patchworks, write, posted)


@each_write
@pytest.mark.parametrize("fault", NOT_APPLIED.values(), ids=list(NOT_APPLIED))
async def test_N2_R30_a_refused_write_is_tried_again(patchworks: Shop, write: Write, fault: Fault) -> None:
    given = await write.prepare(patchworks)
    patchworks.flows.faults.add(fault.model_copy(update={"match": write.operation}))
    with pytest.raises((RetryLater, InDoubt)):
        await write.call(patchworks, given)
    assert patchworks.count(write.op) == 0
    one_effect(patchworks, write, await write.call(patchworks, given))


@each_write
async def test_N2_the_erp_made_it_and_the_flow_reported_a_timeout(patchworks: Shop, write: Write) -> None:
    given = await write.prepare(patchworks)
    patchworks.flows.turn(erp_timeouts=1)
    posted, attempts = await until_posted(lambda: write.call(patchworks, given))
    assert attempts == 2
    one_effect(patchworks, write, posted)


@pytest.mark.parametrize("shape", ["empty", "object", "two"])
async def test_N2_odd_arrays_are_looked_up(patchworks: Shop, shape: str) -> None:
    patchworks.flows.turn(odd_answers=2, odd_shape=shape)
    posted, _ = await until_posted(lambda: patchworks.erp.open_rma(desk.rma()))
    one_effect(patchworks, WRITES[0], posted)


@each_write
async def test_N2_a_flow_that_works_on_while_we_give_up_makes_one_document(patchworks: Shop, write: Write) -> None:
    """The gateway says 504, the flow goes on: `in_progress` keeps us from sending again."""
    given = await write.prepare(patchworks)
    patchworks.flows.turn(slow_calls=1, slow_seconds=1.5)
    with pytest.raises(RetryLater, match="at work"):
        await write.call(patchworks, given)
    async with asyncio.timeout(PATIENCE):
        while not patchworks.flows.journal.entries(write.op):
            await asyncio.sleep(0.05)
    one_effect(patchworks, write, await write.call(patchworks, given))


@each_write
async def test_N2_the_answer_and_the_search_for_it_are_lost(patchworks: Shop, write: Write) -> None:
    """The first look finds nothing, the write is applied, then the vendor goes away for a while."""
    given = await write.prepare(patchworks)
    faults, journal = patchworks.flows.faults, patchworks.flows.journal
    faults.add(Fault(kind="cut_body", match=write.operation))
    append = journal.append

    def spying(op: str, **data: object) -> object:
        if op == write.op:
            faults.add(Fault(kind="unavailable", status=502, match="get_operation", times=3))
        return append(op, **data)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(journal, "append", spying)
        posted, attempts = await until_posted(lambda: write.call(patchworks, given))
    assert attempts == 4
    assert posted.adopted
    one_effect(patchworks, write, posted)


@each_write
async def test_N2_a_search_that_lags_behind_makes_no_second_document(patchworks: Shop, write: Write) -> None:
    given = await write.prepare(patchworks)
    patchworks.flows.faults.add(Fault(kind="lost_answer", status=0, match=write.operation))
    patchworks.flows.faults.add(Fault(kind="stale_read", seconds=3600, match="get_operation", times=6))
    posted, _ = await until_posted(lambda: write.call(patchworks, given))
    one_effect(patchworks, write, posted)


async def test_N2_an_answer_after_our_timeout_still_counts() -> None:
    async with shop(timeout_seconds=1) as patchworks:
        patchworks.flows.faults.add(Fault(kind="latency", seconds=3, match="create_return"))
        with pytest.raises((InDoubt, RetryLater)):
            await patchworks.erp.open_rma(desk.rma())
        async with asyncio.timeout(PATIENCE):
            while not patchworks.flows.journal.entries(WRITES[0].op):
                await asyncio.sleep(0.05)
        posted, _ = await until_posted(lambda: patchworks.erp.open_rma(desk.rma()))
        one_effect(patchworks, WRITES[0], posted)


async def test_R45_a_lost_application_is_finished_by_the_next_attempt(patchworks: Shop) -> None:
    number = await opened(patchworks)
    patchworks.flows.pay_invoice(desk.ORDER)
    await desk.refused(patchworks.erp.post_credit(desk.credit(number)))
    patchworks.flows.open_invoice(desk.ORDER)
    patchworks.flows.faults.add(Fault(kind="lost_answer", status=0, match="apply_credit_note"))
    with pytest.raises(InDoubt):
        await patchworks.erp.post_credit(desk.credit(number))
    posted = await patchworks.erp.post_credit(desk.credit(number))
    assert patchworks.one("credit_memo")["number"] == posted.number
    assert patchworks.count("credit_applied") == 1


async def test_retry_after_is_passed_on(patchworks: Shop) -> None:
    patchworks.flows.faults.add(Fault(kind="throttle", seconds=7, match="get_order"))
    with pytest.raises(RetryLater) as busy:
        await patchworks.erp.read_order(desk.ORDER)
    assert busy.value.delay is not None
    assert busy.value.delay.total_seconds() == 7


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_are_of_the_connection(patchworks: Shop, status: int) -> None:
    patchworks.flows.faults.add(Fault(kind="unavailable", status=status))
    with pytest.raises(CredentialsRefused):
        await patchworks.erp.open_rma(desk.rma())


async def test_a_flow_that_is_switched_off_is_trouble_of_the_connection_not_of_a_return(patchworks: Shop) -> None:
    patchworks.flows.turn(enabled=False)
    with pytest.raises(RetryLater):
        await patchworks.erp.open_rma(desk.rma())
    patchworks.flows.turn(enabled=True)
    assert await opened(patchworks)


async def test_the_calls_in_flight_stay_below_the_quota() -> None:
    async with shop(requests_per_second=100) as patchworks:
        patchworks.flows.faults.add(Fault(kind="latency", seconds=0.2, match="get_stock", times=None))
        await asyncio.gather(*(patchworks.erp.depot_stock([desk.COAT]) for _ in range(20)))
        assert 1 < patchworks.flows.most_in_flight <= 8


async def test_the_pace_is_kept() -> None:
    async with shop(requests_per_second=20) as patchworks:
        loop = asyncio.get_running_loop()
        started = loop.time()
        await asyncio.gather(*(patchworks.erp.depot_stock([desk.COAT]) for _ in range(10)))
        assert loop.time() - started >= 9 / 20
