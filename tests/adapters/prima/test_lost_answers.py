"""Each write under each fault: exactly one effect, and its number comes back (N2, R30, R31)."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from adapters.kit.outside import Outside
from adapters.prima.port import build
from domain.documents import Posted
from domain.outcomes import CredentialsRefused, InDoubt, RetryLater
from sandbox.kit.faults import Fault
from tests.adapters.prima import shop as desk
from tests.adapters.prima.shop import COAT, Shop, number, shop
from tests.adapters.prima.test_codec import DEEP, EXTERNAL, LAUGHS, answer
from tests.adapters.prima.writes import WRITES, Write, until_posted
from tests.patience import PATIENCE

pytestmark = pytest.mark.verify

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
    "record locked": Fault(kind="unavailable", status=200),
    "system error": Fault(kind="unavailable", status=200, seconds=1),
}
each_write = pytest.mark.parametrize("write", WRITES, ids=lambda write: write.message)


def one_effect(prima: Shop, write: Write, found: str) -> None:
    (entry,) = prima.prima.journal.entries(write.message)
    assert entry[write.number] == found


@each_write
@pytest.mark.parametrize("fault", APPLIED.values(), ids=list(APPLIED))
async def test_N2_R30_a_lost_answer_is_found_again_in_the_same_call(prima: Shop, write: Write, fault: Fault) -> None:
    given = await write.prepare(prima)
    prima.prima.faults.add(fault.model_copy(update={"match": write.message}))
    posting = await write.call(prima, given)
    assert isinstance(posting, Posted)
    assert posting.adopted
    one_effect(prima, write, number(posting))
    assert number(await write.call(prima, given)) == number(posting)
    one_effect(prima, write, number(posting))


@each_write
@pytest.mark.parametrize("fault", NOT_APPLIED.values(), ids=list(NOT_APPLIED))
async def test_N2_R30_a_refused_write_is_tried_again(prima: Shop, write: Write, fault: Fault) -> None:
    given = await write.prepare(prima)
    prima.prima.faults.add(fault.model_copy(update={"match": write.message}))
    with pytest.raises((RetryLater, InDoubt)):
        await write.call(prima, given)
    assert prima.count(write.message) == 0
    one_effect(prima, write, number(await write.call(prima, given)))


@each_write
async def test_N2_the_answer_and_the_search_for_it_are_lost(prima: Shop, write: Write) -> None:
    """The first look finds nothing, the write is applied, then the vendor goes away for a while."""
    given = await write.prepare(prima)
    prima.prima.faults.add(Fault(kind="cut_body", match=write.message))

    def vanish() -> None:
        prima.prima.faults.add(Fault(kind="unavailable", status=502, match=write.detail, times=3))

    with pytest.MonkeyPatch.context() as patch:
        append = prima.prima.journal.append

        def spying(op: str, **data: object) -> object:
            vanish()
            return append(op, **data)

        patch.setattr(prima.prima.journal, "append", spying)
        posted, attempts = await until_posted(lambda: write.call(prima, given))
    assert attempts == 4
    assert posted.adopted
    one_effect(prima, write, posted.number)


@pytest.mark.parametrize("write", [WRITES[0], *WRITES[2:5], *WRITES[6:8]], ids=lambda write: write.message)
async def test_N2_a_search_that_lags_behind_makes_no_second_document(prima: Shop, write: Write) -> None:
    """Reads show an hour ago: Prima's DUP is all there is, and it does not name a number we could trust."""
    given = await write.prepare(prima)
    prima.prima.faults.add(Fault(kind="lost_answer", status=0, match=write.message))
    prima.prima.faults.add(Fault(kind="stale_read", seconds=3600, match=write.detail, times=6))
    posted, attempts = await until_posted(lambda: write.call(prima, given))
    assert attempts == 4
    one_effect(prima, write, posted.number)


async def test_N2_an_answer_after_our_timeout_still_counts() -> None:
    async with shop(timeout_seconds=1) as prima:
        prima.prima.faults.add(Fault(kind="latency", seconds=3, match="NewReturn"))
        with pytest.raises(InDoubt):
            await prima.erp.open_rma(desk.rma())
        async with asyncio.timeout(PATIENCE):
            while not prima.count("NewReturn"):
                await asyncio.sleep(0.05)
        posted = await prima.erp.open_rma(desk.rma())
        assert prima.count("NewReturn") == 1
        assert prima.prima.journal.entries("NewReturn")[0]["return_number"] == posted.number


async def test_R30_twenty_failures_then_one_movement(prima: Shop) -> None:
    rma = number(await prima.erp.open_rma(desk.rma()))
    prima.prima.faults.add(Fault(kind="unavailable", status=503, match="ReturnReceipt", times=20))
    posted, attempts = await until_posted(lambda: prima.erp.receive_goods(desk.receipt(rma)))
    assert attempts == 21
    one_effect(prima, WRITES[2], posted.number)
    assert await prima.physical(COAT, "01") == 13


async def test_writes_in_doubt_and_reads_to_repeat_are_told_apart(prima: Shop) -> None:
    prima.prima.faults.add(Fault(kind="malformed_body", match="OrderDetail"))
    with pytest.raises(RetryLater):
        await prima.erp.read_order("2011234")
    prima.prima.faults.add(Fault(kind="unavailable", status=500, match="NewReturn"))
    with pytest.raises(InDoubt):
        await prima.erp.open_rma(desk.rma())


async def test_retry_after_is_passed_on(prima: Shop) -> None:
    prima.prima.faults.add(Fault(kind="throttle", seconds=7, match="OrderDetail"))
    with pytest.raises(RetryLater) as busy:
        await prima.erp.read_order("2011234")
    assert busy.value.delay is not None
    assert busy.value.delay.total_seconds() == 7


@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_are_of_the_connection(prima: Shop, status: int) -> None:
    prima.prima.faults.add(Fault(kind="unavailable", status=status))
    with pytest.raises(CredentialsRefused):
        await prima.erp.open_rma(desk.rma())


async def test_a_wrong_address_is_trouble_of_the_connection_not_of_a_return(prima: Shop) -> None:
    prima.prima.faults.add(Fault(kind="unavailable", status=404))
    with pytest.raises(RetryLater):
        await prima.erp.open_rma(desk.rma())


async def test_cancelled_already_though_the_search_did_not_show_it_yet(prima: Shop) -> None:
    rma = number(await prima.erp.open_rma(desk.rma()))
    await prima.erp.cancel_rma(desk.cancel_rma(rma))
    prima.prima.faults.add(Fault(kind="stale_read", seconds=3600, match="ReturnDetail"))
    posting = await prima.erp.cancel_rma(desk.cancel_rma(rma))
    assert posting == Posted(number=rma, adopted=True)
    assert prima.count("CancelReturn") == 1


def hostile(body: bytes, aimed_at: str) -> Callable[[httpx.Request], httpx.Response]:
    """A vendor that knows nothing and answers `body` to one message."""
    absent = answer('<Response RequestStatus="ERROR" RequestErrorCode="NOTFOUND"/>')

    def respond(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=body if aimed_at.encode() in request.content else absent)

    return respond


@pytest.mark.parametrize("inner", [LAUGHS, EXTERNAL, DEEP], ids=["billion laughs", "external entity", "depth"])
async def test_hostile_answers_leave_a_write_in_doubt_and_a_read_to_repeat(inner: str) -> None:
    for aimed_at, outcome in (("NewReturn", InDoubt), ("ReturnDetail", RetryLater)):
        transport = httpx.MockTransport(hostile(answer(inner), aimed_at))
        async with httpx.AsyncClient(transport=transport) as http:
            erp = build(desk.settings("http://prima.example/wsa"), Outside(http))
            with pytest.raises(outcome) as trouble:
                await erp.open_rma(desk.rma())
        assert len(str(trouble.value)) < 100


async def test_the_answer_to_somebody_elses_question_is_not_ours() -> None:
    crossed = answer('<Response RequestStatus="OK"><Data TPGUID="bh-other-r-1" ReturnNumber="R1"/></Response>')
    async with httpx.AsyncClient(transport=httpx.MockTransport(hostile(crossed, "NewReturn"))) as http:
        erp = build(desk.settings("http://prima.example/wsa"), Outside(http))
        with pytest.raises(InDoubt, match="another TPGUID"):
            await erp.open_rma(desk.rma())
