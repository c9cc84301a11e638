"""Plays the scenarios: the plain one first and alone, so that the server's counter is its own, then all others."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import httpx
from temporalio.service import RPCError

from runtime.actions import action_counts
from starter.demo.board import Board
from starter.demo.books import read_books
from starter.demo.evidence import collect
from starter.demo.play import Play
from starter.demo.report import Books, Budgets, Page, Report, ReturnRow
from starter.demo.scenario import Scenario
from starter.demo.scenarios import OTHERS, PLAIN
from starter.demo.surroundings import NAMESPACE
from starter.demo.system import System
from starter.demo.trouble import DemoError
from starter.demo.verdict import disagreements, unexpected
from starter.demo.watch import Watch

_FIRST_ORDER = 2040001
_SHOW_SECONDS = 0.25
_COUNTER_LIMIT = 10.0
#: The server's counter lags by about this much: it is final when it has not moved for so long.
_COUNTER_LAG = 1.6


@dataclass
class Performance:
    """One scenario while it is played. `failure` is why it could not go on."""

    scenario: Scenario
    play: Play
    begun: bool = False
    over: bool = False
    failure: str = ""

    @property
    def verdict(self) -> str:
        """For the board; empty while it goes on."""
        if self.failure:
            return f"FAILED: {self.failure}"
        return f"ended as {self.scenario.expected.status}" if self.over else ""


class Stage:
    """All scenarios on one running system."""

    def __init__(self, system: System, board: Board) -> None:
        self._system = system
        self._board = board
        self._watch = Watch(system.store, system.check)
        self._performances = [self._cast(number, scenario) for number, scenario in enumerate((PLAIN, *OTHERS))]

    async def play(self) -> Report:
        """Play everything and judge it. A scenario that fails does not stop the others."""
        plain, *others = self._performances
        async with self._watch.looking(), self._showing():
            before = await self._counted()
            await self._perform(plain)
            actions = await self._settled_counter(before, await self._row(plain))
            await asyncio.gather(*(self._perform(other) for other in others))
            rows = [await self._row(performance) for performance in self._performances]
        return await self._judge(rows, actions)

    def _cast(self, number: int, scenario: Scenario) -> Performance:
        play = Play(self._system, self._watch, scenario.connection, str(_FIRST_ORDER + number))
        return Performance(scenario, play)

    async def _perform(self, performance: Performance) -> None:
        scenario, play = performance.scenario, performance.play
        performance.begun = True
        try:
            await scenario.play(play)
            await play.until_over(scenario.expected.status)
            performance.over = True
        except DemoError as trouble:
            performance.failure = str(trouble)
        except (httpx.HTTPError, RPCError) as error:
            performance.failure = f"{type(error).__name__}: {error}"

    async def _row(self, performance: Performance) -> ReturnRow:
        """What is known of the return in the end."""
        play = performance.play
        row = ReturnRow(
            id=play.ref.return_id if play.ref else "",
            connection=play.connection,
            scenario=performance.scenario.name,
            status=None,
            order=play.order,
            rma="",
            seconds=round(play.seconds, 2),
            problems=(performance.failure,) if performance.failure else (),
        )
        if play.ref is None:
            return row
        try:
            return await collect(self._system.store, self._system.client, play.ref, row)
        except RPCError as error:
            problem = f"Temporal does not tell its history: {error}"
            return row.model_copy(update={"problems": (*row.problems, problem)})

    async def _judge(self, rows: list[ReturnRow], actions: int | None) -> Report:
        books = await read_books(self._system)
        plain = rows[0]
        budgets = Budgets(
            actions=actions,
            actions_by_history=plain.actions,
            events=plain.events,
            history_bytes=plain.history_bytes,
        )
        judged = [
            self._judged(row, performance.scenario, books)
            for row, performance in zip(rows, self._performances, strict=True)
        ]
        judged[0] = judged[0].model_copy(update={"problems": (*judged[0].problems, *budgets.problems())})
        ok = not books.violations and not any(row.problems for row in judged)
        seconds = round(self._board.seconds, 1)
        return Report(ok=ok, seconds=seconds, budgets=budgets, returns=tuple(judged), books=books)

    def _judged(self, row: ReturnRow, scenario: Scenario, books: Books) -> ReturnRow:
        if row.problems:
            return row  # all else would only follow from it
        page = books.returns.get(row.id, Page())
        found = (*unexpected(row, scenario.expected), *disagreements(row, page, scenario.expected))
        return row.model_copy(update={"problems": (*row.problems, *found)})

    async def _counted(self) -> int:
        counts: Mapping[str, int] = await action_counts(self._system.temporal.metrics_url, NAMESPACE)
        return sum(counts.values())

    async def _settled_counter(self, before: int, plain: ReturnRow) -> int:
        """The server's own count of the plain return's actions, read until it stands still."""
        began = moved = time.monotonic()
        count = await self._counted() - before
        while time.monotonic() - began < _COUNTER_LIMIT:
            if count >= plain.actions and time.monotonic() - moved > _COUNTER_LAG:
                break
            await asyncio.sleep(_SHOW_SECONDS)
            latest = await self._counted() - before
            if latest != count:
                count, moved = latest, time.monotonic()
        return count

    @asynccontextmanager
    async def _showing(self) -> AsyncIterator[None]:
        """Keep the board up to date while the block runs."""

        async def show_on() -> None:
            while True:
                self._show()
                await asyncio.sleep(_SHOW_SECONDS)

        with self._board.live():
            task = asyncio.create_task(show_on(), name="board")
            try:
                yield
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
                self._show()

    def _show(self) -> None:
        for performance in self._performances:
            if not performance.begun:
                continue
            play, record = performance.play, self._watch.record(performance.play.ref)
            stage = record.stage.value if record else "begins"
            waits_for = record.waiting_for if record and not performance.verdict else ""
            self._board.change(performance.scenario.name, stage, waits_for, play.seconds, performance.verdict)
