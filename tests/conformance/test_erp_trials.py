"""N2: a thousand lost answers at every ERP, no document twice and none missing; judged at the ERP's own journal."""

import asyncio
import random
import time
from typing import cast

import pytest

from adapters import registry
from domain.batches import Batch, RecordClass, record_class_of
from domain.outcomes import RetryLater
from domain.ports import BatchErp
from sandbox.audit.vendors import page_name
from sandbox.kit.faults import Fault
from tests.conformance.case import Case
from tests.conformance.desk import ErpDesk, patiently
from tests.conformance.effects import CONNECTION, books_of, effect_on
from tests.conformance.erps import ERPS
from tests.conformance.faults import LOST
from tests.conformance.writes import WRITES, Write, expected

LOST_ANSWERS = 1000
AT_ONCE = 8
AT_A_TIME = 40
IN_A_FILE = 8
LIMIT_SECONDS = 420.0
SEED = 20260320

#: Percent of requests with an effect, and of those without, whose answer is lost.
LOST_WRITES, LOST_READS = 60, 10
KINDS = [*LOST.values(), Fault(kind="lost_answer", status=504), Fault(kind="lost_answer", status=503)]
REFUSED = [Fault(kind="unavailable", status=503), Fault(kind="throttle", seconds=1)]

BATCH = [name for name in registry.ERPS if name in ERPS and registry.ERPS[name].capabilities.batch]
DIRECT = [name for name in registry.ERPS if name in ERPS and name not in BATCH]

Trial = tuple[Write, Case]


def judge(erp: ErpDesk, trials: list[Trial], mark: int) -> None:
    """One effect for each, and none that nobody asked for."""
    books = books_of(erp.name, erp.journal.since(mark))
    for write, case in trials:
        found = effect_on(books.returns.get(page_name(CONNECTION, case.return_id)))
        assert found == expected(write, case, erp.able), f"{write} of return {case.return_id}"
    assert set(books.returns) == {page_name(CONNECTION, case.return_id) for _, case in trials}


@pytest.mark.verify
@pytest.mark.timeout(LIMIT_SECONDS * 2)
@pytest.mark.parametrize("running", DIRECT, indirect=True)
async def test_N2_a_thousand_lost_answers_no_duplicate_no_loss(erp: ErpDesk) -> None:
    dice = random.Random(f"{erp.name}/{SEED}")
    await erp.everything()
    writing, mark, lost = frozenset(erp.journal.writing), erp.journal.mark, erp.journal.lost
    fit = [write for write in WRITES if write.able(erp.able)]

    def trouble(operation: str) -> Fault | None:
        if dice.randrange(100) < (LOST_WRITES if operation in writing else LOST_READS):
            return dice.choice(KINDS)
        return dice.choice(REFUSED) if dice.randrange(100) < 5 else None

    turn = asyncio.Semaphore(AT_ONCE)

    async def attempt(write: Write) -> Trial:
        async with turn:
            case = await erp.prepared(write)
            posted = await erp.post(write, case)
            again = await erp.post(write, case)
            assert (again.number, again.adopted) == (posted.number, True), f"{write} of return {case.return_id}"
            return write, case

    erp.faults.dice = trouble
    trials: list[Trial] = []
    started = time.monotonic()
    while erp.journal.lost - lost < LOST_ANSWERS:
        trials += await asyncio.gather(*(attempt(dice.choice(fit)) for _ in range(AT_A_TIME)))
        assert time.monotonic() - started < LIMIT_SECONDS
    erp.faults.calm()
    judge(erp, trials, mark)


@pytest.mark.verify
@pytest.mark.timeout(LIMIT_SECONDS * 2)
@pytest.mark.parametrize("running", BATCH, indirect=True)
async def test_N2_a_thousand_unanswered_documents_no_duplicate_no_loss(erp: ErpDesk) -> None:
    """Acknowledgements lost, cut and late, files refused and handed over twice, single documents refused for now, and
    one request in ten to the read API goes wrong."""
    dice = random.Random(f"{erp.name}/{SEED}")
    mark = erp.journal.mark
    erp.faults.dice = lambda _: dice.choice([*KINDS, *REFUSED]) if dice.randrange(100) < LOST_READS else None
    files = Files(erp, dice)
    trials: list[Trial] = []
    started = time.monotonic()
    while files.unanswered < LOST_ANSWERS:
        record_class = dice.choice(list(RecordClass))
        fit = [write for write in WRITES if write.able(erp.able) and record_class_of(write.kind) is record_class]
        some = [(write, await erp.prepared(write)) for write in dice.choices(fit, k=IN_A_FILE)]
        await files.bring(some)
        trials += some
        assert time.monotonic() - started < LIMIT_SECONDS
    erp.faults.calm()
    judge(erp, trials, mark)


class Files:
    """Brings documents to a batch ERP as the window workflow does, while everything goes wrong that can."""

    def __init__(self, erp: ErpDesk, dice: random.Random) -> None:
        self._erp = erp
        self._port = cast(BatchErp, erp.erp)
        self._dice = dice
        self.unanswered = 0
        """Documents whose acknowledgement did not come."""

    async def bring(self, trials: list[Trial]) -> None:
        """Until the ERP has every one of them."""
        missing = {write.ask(case).key: (write, case) for write, case in trials}
        for _ in range(60):
            batch = self._erp.batch(*((write.kind, write.ask(case)) for write, case in missing.values()))
            for key in await self._try(batch, missing):
                del missing[key]
            if not missing:
                return
        raise AssertionError(f"never made: {list(missing)}")

    async def _try(self, batch: Batch, trials: dict[str, Trial]) -> set[str]:
        """Keys of what the ERP has after one file."""
        stage, fate = self._erp.batch_stage, self._dice.randrange(100)
        for _ in range(self._dice.choice((1, 1, 2, 3))):  # our process may end after handing over
            handed = await patiently(lambda: self._port.hand_over(batch))
            assert not handed.refused and not handed.left_out
        if fate < 30:
            stage.lose_answer()
        elif fate < 50:
            stage.cut_answer()
        elif fate < 58:
            stage.refuse_file()
        elif fate < 70:
            stage.refuse_document(self._dice.choice(list(trials.values()))[1].return_id)
        stage.run_window(batch.ref.record_class)
        answer = await patiently(lambda: self._port.acknowledgement(batch.ref))
        if answer is None:
            assert await self._port.is_picked_up(batch.ref)
            self.unanswered += len(trials)
            return await self._looked_up(batch, trials)
        assert all(refusal.transient for refusal in answer.refused), answer.refused
        return {taken.key for taken in answer.taken}

    async def _looked_up(self, batch: Batch, trials: dict[str, Trial]) -> set[str]:
        """What the read API shows; for the rest the answer is written again, or another file goes."""
        found = {key for key, (write, _) in trials.items() if await self._seen(write, key)}
        if self._dice.randrange(2):
            return found
        self._erp.batch_stage.write_answers()
        answer = await patiently(lambda: self._port.acknowledgement(batch.ref))
        assert answer is not None
        return found | {taken.key for taken in answer.taken}

    async def _seen(self, write: Write, key: str) -> bool:
        for _ in range(20):
            try:
                return await self._port.find_document(write.kind, key) is not None
            except RetryLater:
                continue
        return False  # the read API shows nothing of this kind
