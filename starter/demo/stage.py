"""Plays the scenarios: those with a budget first, one by one, then all others side by side.

The plain one is the very first: the server's counter is its own. The worker dies when only some have begun: whatever is
in flight then stands still until Temporal gives it to the next worker, after ten seconds.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import httpx
from temporalio.service import RPCError

from domain.keys import Step, business_key
from domain.returns import ReturnRef
from runtime.actions import action_counts
from starter.demo.board import Board
from starter.demo.books import read_books
from starter.demo.evidence import collect
from starter.demo.play import Play
from starter.demo.report import Books, Budgets, Page, Report, ReturnRow
from starter.demo.scenario import Scenario
from starter.demo.scenarios import EVEN, OTHERS, PLAIN, TROUBLED
from starter.demo.surroundings import NAMESPACE
from starter.demo.system import System
from starter.demo.trouble import DemoError
from starter.demo.verdict import disagreements, unexpected
from starter.demo.watch import Watch

_ALL = (PLAIN, EVEN, *TROUBLED, *OTHERS)
_FIRST_ORDER = 2040001
_SHOW_SECONDS = 0.25
_COUNTER_LIMIT = 10.0
#: The server's counter lags by about this much: it is final when it has not moved for so long.
_COUNTER_LAG = 1.6
#: More returns at once only wait longer for the same two cores.
_AT_ONCE = 16


@dataclass
class Performance:
    """One scenario while it is played. `failure` is why it could not go on; `played`: only its end is to come."""

    scenario: Scenario
    play: Play
    begun: bool = False
    played: asyncio.Event = field(default_factory=asyncio.Event)
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
        self._performances = [self._cast(number, scenario) for number, scenario in enumerate(_ALL)]

    async def play(self) -> Report:
        """Play everything and judge it. A scenario that fails does not stop the others."""
        plain, even, *others = self._performances
        troubled, later = others[: len(TROUBLED)], others[len(TROUBLED) :]
        async with self._watch.looking(), self._showing():
            before = await self._counted()
            await self._perform(plain)
            actions = await self._settled_counter(before, await self._row(plain))
            await self._perform(even)
            await asyncio.gather(*(self._perform(other) for other in troubled), self._join(troubled[0], later))
            rows = [await self._row(performance) for performance in self._performances]
        return await self._judge(rows, actions)

    def _cast(self, number: int, scenario: Scenario) -> Performance:
        play = Play(self._system, self._watch, scenario.connection, str(_FIRST_ORDER + number))
        return Performance(scenario, play)

    async def _join(self, disturbing: Performance, performances: Sequence[Performance]) -> None:
        """Play these once the disturbance is over, as many at once as get on well with each other."""
        await disturbing.played.wait()
        room = asyncio.Semaphore(_AT_ONCE)

        async def in_turn(performance: Performance) -> None:
            async with room:
                await self._perform(performance)

        await asyncio.gather(*(in_turn(performance) for performance in performances))

    async def _perform(self, performance: Performance) -> None:
        scenario, play = performance.scenario, performance.play
        performance.begun = True
        try:
            await scenario.play(play)
            performance.played.set()
            await play.until_over(scenario.expected.status)
            performance.over = True
        except DemoError as trouble:
            performance.failure = str(trouble)
        except (httpx.HTTPError, RPCError) as error:
            performance.failure = f"{type(error).__name__}: {error}"
        finally:
            performance.played.set()

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
            return await collect(self._system.store, self._system.client, play.ref, row, play.parcels)
        except RPCError as error:
            problem = f"Temporal does not tell its history: {error}"
            return row.model_copy(update={"problems": (*row.problems, problem)})

    async def _judge(self, rows: list[ReturnRow], actions: int | None) -> Report:
        explained = {
            row.id: performance.scenario.expected.explained
            for row, performance in zip(rows, self._performances, strict=True)
            if performance.scenario.expected.explained
        }
        books = await read_books(self._system, explained)
        plain, even = rows[:2]
        budgets = Budgets(
            actions=actions,
            actions_by_history=plain.actions,
            events=plain.events,
            history_bytes=plain.history_bytes,
            exchange_actions=even.actions,
        )
        judged = [
            self._judged(row, performance, books) for row, performance in zip(rows, self._performances, strict=True)
        ]
        for number, over in enumerate((budgets.problems(), budgets.exchange_problems())):
            judged[number] = judged[number].model_copy(update={"problems": (*judged[number].problems, *over)})
        ok = not books.violations and not any(row.problems for row in judged)
        seconds = round(self._board.seconds, 1)
        return Report(ok=ok, seconds=seconds, budgets=budgets, returns=tuple(judged), books=books)

    def _judged(self, row: ReturnRow, performance: Performance, books: Books) -> ReturnRow:
        if row.problems:
            return row  # all else would only follow from it
        expected, page = performance.scenario.expected, books.returns.get(row.id, Page())
        parcels = [books.returns.get(_page_key(parcel), Page()) for parcel in performance.play.parcels]
        found = (*unexpected(row, expected), *disagreements(row, page, expected, parcels))
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


def _page_key(parcel: ReturnRef) -> str:
    """Under which the journals' reader files a parcel's documents: the part of their keys that is its own."""
    return business_key(parcel, Step.QUARANTINE, 0).split("-")[1]
