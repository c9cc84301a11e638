"""Each write under each fault: exactly one effect, and its number comes back (N2, R30, R31)."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress

import httpx
import pytest

from adapters.centra.port import build
from adapters.kit.outside import Outside
from domain.exceptions import ExceptionCode
from domain.outcomes import InDoubt, Rejected, RetryLater
from sandbox.kit.faults import Fault, FaultPlan
from tests.adapters.centra import shop as desk
from tests.adapters.centra.shop import COAT, SHIRT, Shop, shop, until_posted
from tests.adapters.centra.writes import WRITES, Crash, Dying, Write, posted

#: Long: `make verify` runs them.
pytestmark = pytest.mark.verify

each_write = pytest.mark.parametrize("write", WRITES, ids=lambda write: write.name)
APPLIED = {
    "connection closed": Fault(kind="lost_answer", status=0),
    "gateway timeout": Fault(kind="lost_answer", status=504),
    "body cut": Fault(kind="cut_body"),
    "body malformed": Fault(kind="malformed_body"),
}
NOT_APPLIED = {
    "unavailable": Fault(kind="unavailable", status=503),
    "throttled": Fault(kind="throttle", seconds=2),
}


def effects(centra: Shop) -> Counter[str]:
    return Counter(entry["op"] for entry in centra.centra.journal.entries())


async def run_under(centra: Shop, write: Write, break_it: Callable[[], None]) -> int:
    """Prepare, break, repeat until it is posted; attempts. Asserts that the effects are those of one success."""
    given = await write.prepare(centra)
    before = effects(centra)
    break_it()
    found, attempts = await until_posted(lambda: write.call(centra, given))
    assert found.number
    assert effects(centra) - before == Counter(write.ops)
    again = posted(await write.call(centra, given))
    assert again.number == found.number
    assert effects(centra) - before == Counter(write.ops)
    return attempts


@each_write
@pytest.mark.parametrize("fault", [*APPLIED.values(), *NOT_APPLIED.values()], ids=[*APPLIED, *NOT_APPLIED])
async def test_N2_R30_one_effect_whatever_is_lost(centra: Shop, write: Write, fault: Fault) -> None:
    def break_it() -> None:
        for op in write.faulty:
            centra.centra.faults.add(fault.model_copy(update={"match": op}))

    await run_under(centra, write, break_it)
    assert all(left == 0 for _, left in centra.centra.faults.left())


@each_write
async def test_N2_the_answer_and_the_search_for_it_are_lost(centra: Shop, write: Write) -> None:
    """Every call of a while is lost on its way back, whatever it was."""
    fault = Fault(kind="lost_answer", status=0, times=7)
    await run_under(centra, write, lambda: centra.centra.faults.add(fault))


@each_write
@pytest.mark.parametrize("error", [Crash, lambda: httpx.ReadError("gone")], ids=["crash", "lost"])
async def test_N2_after_each_call_a_new_process_goes_on(write: Write, error: Callable[[], BaseException]) -> None:
    """The process dies, or one answer is lost, after the first call, after the second, and so on to the last."""
    calls = 0
    while True:
        calls += 1
        async with shop() as centra:
            given = await write.prepare(centra)
            before = effects(centra)
            dying = Dying(calls, error)
            async with httpx.AsyncClient(transport=dying, trust_env=False) as http:
                alive, centra.erp = centra.erp, build(centra.settings, Outside(http))
                with suppress(Crash, InDoubt, RetryLater):
                    await write.call(centra, given)
            centra.erp = alive
            found, _ = await until_posted(lambda centra=centra, given=given: write.call(centra, given))
            assert found.number
            assert effects(centra) - before == Counter(write.ops)
            if write.name == "credit of a part":
                assert centra.completed() == ["180.00"]
                assert centra.live() == {
                    f"{desk.CREDIT_KEY}-s1": {COAT: 1},
                    f"{desk.RMA_KEY}-s1": {COAT: 1, SHIRT: 1},
                }
            if dying.left > 0:
                break
    assert calls > 2


async def test_a_refused_credit_is_put_back_whatever_call_is_the_last_one() -> None:
    """One coat at a price that Centra never comes to: after each crash the next process ends with the RMA as it was."""
    for calls in range(1, 30):
        async with shop() as centra:
            number = (await centra.erp.open_rma(desk.rma(lines=desk.both_lines(2)))).number
            request = desk.credit(number, lines=[desk.coat_line(unit_primary=30000)], total=30000)
            dying = Dying(calls)
            async with httpx.AsyncClient(transport=dying, trust_env=False) as http:
                try:
                    await build(centra.settings, Outside(http)).post_credit(request)
                except Crash:
                    pass
                except Rejected:
                    assert dying.left > 0
            await desk.refused(centra.erp.post_credit(request))
            assert centra.live() == {f"{desk.RMA_KEY}-s1": {COAT: 2, SHIRT: 1}}
            assert centra.count("completeReturn") == 0
            if dying.left > 0:
                return
    raise AssertionError("it never came to an end")


async def test_N2_a_second_return_that_a_late_search_led_to_is_taken_away(centra: Shop) -> None:
    """Reads show an hour ago; Centra takes a second return under the same external id, because two coats were sold."""
    faults = centra.centra.faults
    faults.add(Fault(kind="lost_answer", status=0, match="createReturn"))
    faults.add(Fault(kind="stale_read", seconds=3600, match="returns", times=5))
    found, _ = await until_posted(lambda: centra.erp.open_rma(desk.rma()))
    assert centra.live() == {f"{desk.RMA_KEY}-s1": {COAT: 1}}
    assert (effects(centra)["createReturn"], effects(centra)["deleteReturn"]) == (2, 1)
    assert (await centra.erp.read_rma(found.number)).open


async def test_completed_already_though_the_search_did_not_show_it_yet(centra: Shop) -> None:
    number = (await centra.erp.open_rma(desk.rma())).number
    await asyncio.sleep(2.2)
    await centra.erp.post_credit(desk.credit(number))
    centra.centra.faults.add(Fault(kind="stale_read", seconds=2, match="returns", times=2))
    assert (await centra.erp.post_credit(desk.credit(number))).number == f"CENTRA-RETURN-{number}"
    assert centra.completed() == ["180.00"]
    assert centra.centra.faults.left()[0][1] == 0


async def test_E60_an_rma_of_which_a_part_is_credited_is_not_cancelled(centra: Shop) -> None:
    number = (await centra.erp.open_rma(desk.rma(lines=desk.both_lines(2)))).number
    await centra.erp.post_credit(desk.credit(number))
    assert (await desk.refused(centra.erp.cancel_rma(desk.cancel_rma(number)))).code is ExceptionCode.RMA_REJECTED
    assert len(centra.live()) == 2


@pytest.mark.parametrize("seed", range(8))
async def test_N2_a_whole_return_over_a_bad_line(seed: int) -> None:
    """Every third answer is lost, every fifth request refused: RMA, goods, two credits, exchange; each effect once."""
    async with shop(FaultPlan(seed=seed)) as centra:
        for kind, share in (("lost_answer", 33), ("unavailable", 20)):
            status = 0 if kind == "lost_answer" else 503
            centra.centra.faults.add(
                Fault.model_validate({"kind": kind, "times": None, "probability": share, "status": status})
            )
        erp = centra.erp
        rma, _ = await until_posted(lambda: erp.open_rma(desk.rma(lines=desk.both_lines(2))), 500)
        await until_posted(lambda: erp.receive_goods(desk.receipt(rma.number)), 500)
        await until_posted(lambda: erp.post_credit(desk.credit(rma.number)), 500)
        rest = [desk.coat_line(), desk.shirt_line()]
        second = desk.credit(rma.number, key=desk.SECOND_CREDIT, lines=rest, charges=[desk.fee()], total=22005)
        await until_posted(lambda: erp.post_credit(second), 500)
        await until_posted(lambda: erp.order_replacement(desk.replacement(rma_number=rma.number)), 500)
        assert centra.completed() == ["180.00", "220.05"]
        assert centra.live() == {
            f"{desk.CREDIT_KEY}-s1": {COAT: 1},
            f"{desk.SECOND_CREDIT}-s1": {COAT: 1, SHIRT: 1},
        }
        assert (centra.count("changeStock"), centra.count("newOrder")) == (1, 1)


async def test_N2_a_second_credit_that_a_late_search_led_to_is_taken_away(centra: Shop) -> None:
    number = (await centra.erp.open_rma(desk.rma())).number
    request = desk.credit(number, charges=[desk.fee()], total=17505)
    centra.centra.faults.add(Fault(kind="lost_answer", status=0, match="createReturn"))
    centra.centra.faults.add(Fault(kind="stale_read", seconds=3600, match="returns", times=4))
    await until_posted(lambda: centra.erp.post_credit(request))
    assert centra.completed() == ["175.05"]
    assert centra.live() == {f"{desk.CREDIT_KEY}-s1": {COAT: 1}}
