"""Each write makes its effect exactly once, whatever becomes of the answers (N2, R30, R31, R39)."""

import pytest

from sandbox.kit.faults import Fault
from tests.conformance.case import Case
from tests.conformance.clean import clean
from tests.conformance.desk import ErpDesk
from tests.conformance.faults import LOST
from tests.conformance.writes import WRITES, Write, expected

KINDS = list(LOST)
each_write = pytest.mark.parametrize("write", WRITES, ids=str)
each_loss = pytest.mark.parametrize("lost", KINDS)


@each_write
async def test_N2_a_write_that_is_called_twice_is_done_once(erp: ErpDesk, write: Write) -> None:
    case = await erp.prepared(write)
    posted = await erp.post(write, case)
    await again(erp, write, case, posted.number)
    assert erp.effect(case) == expected(write, case, erp.able)


@each_loss
@each_write
async def test_N2_R30_an_answer_that_is_lost(erp: ErpDesk, write: Write, lost: str) -> None:
    """Each loss at each request with an effect, once and then twice in a row. At requests that only read they take
    turns, and so they do, in a row, where a write has several effects; `make verify` has all of it.
    """
    undisturbed = await clean(erp, write)
    for step in range(undisturbed.requests):
        writes, turn = step in undisturbed.writing, (step + WRITES.index(write)) % len(KINDS) == KINDS.index(lost)
        if writes or turn:
            await lose(erp, write, step, [LOST[lost]])
        if writes and (turn or len(undisturbed.writing) == 1):
            await lose(erp, write, step, [LOST[lost]] * 2)


@pytest.mark.verify
@each_loss
@each_write
async def test_N2_R30_each_answer_lost_at_each_request(erp: ErpDesk, write: Write, lost: str) -> None:
    """Without taking turns, up to three times in a row, and each loss followed by each other."""
    for step in range((await clean(erp, write)).requests):
        for times in (1, 2, 3):
            await lose(erp, write, step, [LOST[lost]] * times)
        for other in KINDS:
            await lose(erp, write, step, [LOST[lost], LOST[other]])


async def lose(erp: ErpDesk, write: Write, step: int, faults: list[Fault]) -> None:
    """The answers to this request and the next ones are lost. Then there is one effect, and a second call adopts it."""
    effects = (await clean(erp, write)).effects
    case = await erp.prepared(write)
    mark = erp.journal.mark
    erp.faults.script(*[None] * step, *faults)
    posted = await erp.post(write, case)
    assert erp.faults.unused == 0, f"too few requests for {faults} at request {step + 1}"
    erp.faults.calm()
    assert erp.effects_since(mark) == effects, f"{faults} at request {step + 1}"
    assert erp.effect(case) == expected(write, case, erp.able), f"{faults} at request {step + 1}"
    if len(faults) == 1:
        await again(erp, write, case, posted.number)


async def again(erp: ErpDesk, write: Write, case: Case, number: str) -> None:
    """The second call adopts what is there."""
    mark = erp.journal.mark
    second = await erp.post(write, case)
    assert second.adopted
    assert second.number == number
    assert erp.effects_since(mark) == []
