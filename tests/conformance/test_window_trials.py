"""N2 for files, by the steps of the window's own workflow over a store: hand over, collect, look up, send again."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from temporalio.exceptions import ApplicationError

from adapters import registry
from domain.batches import RecordClass, record_class_of
from store import Store
from store.records import DocumentPlan, DocumentRecord, DocumentState
from tests.batch.filing import ANSWER_BY, HOUR, WINDOW, Line, line_with
from tests.conformance.desk import ErpDesk, running_erp
from tests.conformance.erps import ERPS
from tests.conformance.test_erp_trials import KINDS, LOST_READS, REFUSED, SEED, Trial, judge
from tests.conformance.writes import WRITES

#: Long: `make verify` runs them.
pytestmark = [pytest.mark.verify, pytest.mark.timeout(600)]

BATCH = [name for name in registry.ERPS if name in ERPS and registry.ERPS[name].capabilities.batch]
ROUNDS, IN_A_ROUND = 24, 6
NIGHT, NIGHTS, ATTEMPTS = timedelta(days=1), 40, 60
T = TypeVar("T")


@pytest.fixture(params=BATCH)
async def batch_erp(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[ErpDesk]:
    """Of its own: the store gives its files other numbers than the suite does."""
    async with running_erp(request.param, tmp_path) as desk:
        yield desk


async def test_N2_a_window_makes_every_document_once_whatever_becomes_of_its_files(
    batch_erp: ErpDesk, store: Store
) -> None:
    erp = batch_erp
    dice, mark = random.Random(f"windows/{erp.name}/{SEED}"), erp.journal.mark
    rounds = [await prepared(erp, dice) for _ in range(ROUNDS)]
    windows = Windows(erp, line_with(store, erp.erp), dice)
    write, case = rounds[0][1][0]
    await windows.number_from(erp.batch((write.kind, write.ask(case))).ref.number)
    erp.faults.dice = lambda _: dice.choice([*KINDS, *REFUSED]) if dice.randrange(100) < LOST_READS else None
    for record_class, trials in rounds:
        await windows.bring(record_class, trials)
    erp.faults.calm()
    assert windows.troubled > ROUNDS
    judge(erp, [trial for _, trials in rounds for trial in trials], mark)


async def prepared(erp: ErpDesk, dice: random.Random) -> tuple[RecordClass, list[Trial]]:
    """Documents of one class, and all that must be there before them."""
    record_class = dice.choice(list(RecordClass))
    fit = [write for write in WRITES if write.able(erp.able) and record_class_of(write.kind) is record_class]
    return record_class, [(write, await erp.prepared(write)) for write in dice.choices(fit, k=IN_A_ROUND)]


async def again(step: Callable[..., Awaitable[T]], *arguments: Any) -> T:
    """Run a step until nothing passing is in its way, as Temporal does, without the waits."""
    for _ in range(ATTEMPTS):
        try:
            return await step(*arguments)
        except ApplicationError as trouble:
            if trouble.non_retryable:
                raise
    raise AssertionError("never done")


class Windows:
    """Night after night of one connection, in which everything goes wrong that can.

    troubled: nights whose file was not simply answered
    """

    def __init__(self, erp: ErpDesk, line: Line, dice: random.Random) -> None:
        self._erp = erp
        self._line = line
        self._dice = dice
        self._opens = WINDOW
        self.troubled = 0

    async def number_from(self, number: int) -> None:
        """Leave out the numbers of files that the preparation has used."""
        books = self._line.connection.books
        async with self._line.store.begin() as unit:
            for _ in range(number):
                begun = await unit.windows.begin_batch(books, RecordClass.RMA, WINDOW, [], WINDOW)
                await unit.windows.answered(books, begun.ref.number)

    async def bring(self, record_class: RecordClass, trials: list[Trial]) -> None:
        """Until the ERP has every one of them."""
        requests = {write.ask(case).key: (write.kind, write.ask(case)) for write, case in trials}
        for key, (kind, request) in requests.items():
            await self._line.queued(key, kind, request, at=self._opens)
        missing = {write.ask(case).key: case.return_id for write, case in trials}
        for _ in range(NIGHTS):
            await self._night(record_class, list(missing.values()))
            for key in list(missing):
                document = await self._line.document(key)
                if document.state is DocumentState.POSTED:
                    del missing[key]
                await self._decide(document)
            if not missing:
                return
        raise AssertionError(f"never made: {list(requests)}")

    async def _night(self, record_class: RecordClass, missing: list[str]) -> None:
        opens, answer_by = self._opens, ANSWER_BY + (self._opens - WINDOW)
        self._line.now = opens - HOUR
        numbers: list[int] = []
        for _ in range(self._dice.choice((1, 1, 2))):  # a worker may end after handing over
            numbers = await again(self._line.hand_over, record_class, opens)
        if numbers:
            self._trouble(missing)
        self._erp.batch_stage.run_window(record_class)
        self._line.now = answer_by
        for number in numbers:
            for _ in range(self._dice.choice((1, 1, 2))):
                await again(self._line.collect, number, record_class, answer_by)
            if self._dice.randrange(3) == 0:
                self._erp.batch_stage.write_answers()  # too late: they must not count twice
        self._opens += NIGHT

    def _trouble(self, missing: list[str]) -> None:
        """What becomes of the file of this night; of one without an answer a document may be refused as well."""
        stage, fate = self._erp.batch_stage, self._dice.randrange(100)
        if fate < 30:
            stage.lose_answer()
        elif fate < 50:
            stage.cut_answer()
        elif fate < 60:
            stage.refuse_file()
        elif fate < 70:
            stage.stall()
        if fate < 50 or fate >= 90:
            stage.refuse_document(self._dice.choice(missing))
        self.troubled += fate < 70 or fate >= 90

    async def _decide(self, document: DocumentRecord) -> None:
        """A person says that what came back too often is to be tried again."""
        if document.refusal is None:
            return
        assert document.refusal.transient, document.refusal
        async with self._line.store.begin() as unit:
            await unit.documents.mark(document.key, DocumentState.REFUSED, now=self._line.now)
            plan = DocumentPlan.model_validate(document.model_dump(include=set(DocumentPlan.model_fields)))
            await unit.documents.replan(plan, self._line.now)
            await unit.windows.queue(document.key, self._opens, document.waiter, self._line.now)
