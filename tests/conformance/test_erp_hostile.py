"""Whatever an ERP answers, an adapter says one of the four outcomes, and nothing of the answer (D2, R109)."""

import random
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from domain.documents import Posted
from domain.keys import Step
from domain.outcomes import CredentialsRefused, InDoubt, Rejected, RetryLater, VendorTrouble
from domain.ports import Erp
from tests.conformance.asks import READS, writes
from tests.conformance.desk import ErpDesk
from tests.conformance.hostile import (
    STRANGE,
    Renaming,
    Twist,
    Twisting,
    about_the_customer,
    answering,
    packed_bomb,
    twisted,
    with_doctype,
    with_inner_doctype,
)
from tests.conformance.privacy import CANARY, leaks, logged, said_by, trouble_of
from tests.conformance.writes import BY_LABEL

#: Changed answers that each read and each write gets; many more in `make verify`.
TWISTS, MANY_TWISTS = 4, 60
MOST_WORDS = 600
OUTCOMES = (RetryLater, InDoubt, Rejected, CredentialsRefused)


@asynccontextmanager
async def behind(erp: ErpDesk, transport: httpx.AsyncBaseTransport) -> AsyncIterator[Erp]:
    async with httpx.AsyncClient(transport=transport) as http:
        yield erp.port(http)


@pytest.mark.parametrize("body", STRANGE)
async def test_bodies_that_are_no_answer(erp: ErpDesk, body: str, caplog: pytest.LogCaptureFixture) -> None:
    case = await erp.everything()
    async with behind(erp, answering(STRANGE[body])) as port:
        for name, ask in {**READS, **writes(erp.able)}.items():
            trouble = await trouble_of(ask(port, case))
            assert isinstance(trouble, OUTCOMES), f"{name} took it for an answer"
            assert not leaks(said_by(trouble), CANARY), name
            assert len(str(trouble)) <= MOST_WORDS, name
    assert not leaks(logged(caplog.records), CANARY)


@pytest.mark.parametrize("body", ["nothing", "object", "other object", "login page"])
async def test_another_web_server_at_the_address_is_no_proof_of_the_erp(erp: ErpDesk, body: str) -> None:
    """A probe must not take its 404 for an answer: every return would park on an order that is not found."""
    async with behind(erp, answering(STRANGE[body], 404)) as port:
        assert isinstance(await trouble_of(port.probe()), OUTCOMES)


@pytest.mark.parametrize("seed", range(TWISTS))
async def test_answers_in_which_something_is_changed(erp: ErpDesk, seed: int) -> None:
    """A value of another kind, a part that is missing, a part too many: never a crash, never a word of the customer."""
    await change_answers(erp, f"{erp.name}/{seed}", times=1)


@pytest.mark.verify
@pytest.mark.parametrize("seed", range(MANY_TWISTS))
async def test_answers_in_which_something_is_changed_many_times(erp: ErpDesk, seed: int) -> None:
    await change_answers(erp, f"{erp.name}/many/{seed}", times=3)


async def change_answers(erp: ErpDesk, seed: str, times: int) -> None:
    case = await erp.everything()
    dice = random.Random(seed)
    async with behind(erp, Twisting(lambda body: twisted(body, dice))) as port:
        for name, ask in {**READS, **writes(erp.able)}.items():
            for _ in range(times):
                trouble = await trouble_of(ask(port, case))
                assert trouble is None or len(str(trouble)) <= MOST_WORDS, name


@pytest.mark.parametrize("twist", [with_doctype, with_inner_doctype], ids=["outside", "inside"])
async def test_xml_that_declares_entities_is_not_read(erp: ErpDesk, twist: Twist) -> None:
    """ERPs that speak JSON are not touched by it."""
    case, transport = await erp.everything(), Twisting(twist)
    async with behind(erp, transport) as port:
        trouble = await trouble_of(port.read_order(case.order.order_number))
    assert isinstance(trouble, RetryLater) if transport.changed else trouble is None


async def test_D8_an_erp_that_explains_itself_by_its_customer(erp: ErpDesk) -> None:
    """No refusal passes on a mail address, and none of a replacement order a name."""
    case = await erp.prepared(BY_LABEL["order_replacement"])
    transport = Twisting(about_the_customer)
    async with behind(erp, transport) as port:
        refusals = [
            await refusal_of(port.open_rma(case.rma({1: 2}, key=case.key(Step.RMA, 2)))),
            await refusal_of(port.read_order("799998")),
            await refusal_of(port.cancel_rma(case.cancel_rma().model_copy(update={"rma_number": "R7777777"}))),
            await refusal_of(port.post_credit(case.credit({1: 2}))),
        ]
        placed = await refusal_of(port.order_replacement(case.replacement(quantity=90_000_000)))
    for trouble in refusals:
        assert trouble is None or "leaky.customer" not in said_by(trouble)
    assert placed is not None
    assert not leaks(said_by(placed))


async def refusal_of(call: Awaitable[object]) -> VendorTrouble | None:
    try:
        await call
    except VendorTrouble as trouble:
        return trouble
    return None


async def test_an_answer_that_unpacks_to_more_than_it_should(erp: ErpDesk) -> None:
    case = await erp.everything()

    class Packed(Twisting):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            await super().handle_async_request(request)
            return httpx.Response(200, headers={"content-encoding": "gzip"}, content=packed_bomb())

    async with behind(erp, Packed(lambda body: body)) as port:
        trouble = await trouble_of(port.read_order(case.order.order_number))
        assert isinstance(trouble, RetryLater)
        assert "larger than" in str(trouble)


async def test_the_answer_about_another_order_is_not_ours(erp: ErpDesk) -> None:
    one, other = await erp.case(), await erp.case()
    transport = Renaming((one.order.order_number, other.order.order_number))
    async with behind(erp, transport) as port:
        trouble = await trouble_of(port.read_order(one.order.order_number))
    assert transport.calls
    assert isinstance(trouble, OUTCOMES)


async def test_the_answer_about_another_rma_is_not_ours(erp: ErpDesk) -> None:
    one, other = [await erp.prepared(BY_LABEL["receive_goods"]) for _ in range(2)]
    transport = Renaming((one.numbers["open_rma"], other.numbers["open_rma"]))
    async with behind(erp, transport) as port:
        trouble = await trouble_of(port.read_rma(one.numbers["open_rma"]))
    assert transport.calls
    assert isinstance(trouble, OUTCOMES)


@pytest.mark.parametrize("label", ["open_rma", "receive_goods", "transfer_stock", "order_replacement", "post_credit"])
async def test_the_document_of_another_return_is_not_adopted(erp: ErpDesk, label: str) -> None:
    """What the search by our key finds must be of our key, where it says of which it is."""
    write = BY_LABEL[label]
    one, other = [await erp.prepared(write) for _ in range(2)]
    theirs = await erp.post(write, other)
    async with behind(erp, Renaming((one.return_id, other.return_id))) as port:
        with suppress(*OUTCOMES):
            posting = await write.call(port, write.ask(one))
            assert not isinstance(posting, Posted) or posting.number != theirs.number
