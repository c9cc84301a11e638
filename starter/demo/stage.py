"""Plays the scenarios: those with a budget first, one by one, then all others side by side.

The plain one is the very first: the server's counter is its own. The worker dies when only some have begun: whatever is
in flight then stands still until Temporal gives it to the next worker, after ten seconds.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import httpx
from temporalio.service import RPCError

from runtime.actions import action_counts
from starter.demo.board import Board
from starter.demo.books import read_books
from starter.demo.cast import Performance, cast
from starter.demo.evidence import collect
from starter.demo.pairing import Pairing
from starter.demo.report import Books, Budgets, Page, Report, ReturnRow
from starter.demo.scenarios import EVEN, PLAIN, TROUBLED
from starter.demo.surroundings import NAMESPACE
from starter.demo.system import System
from starter.demo.trouble import DemoError
from starter.demo.vendors.erp import mark_of
from starter.demo.verdict import disagreements, unexpected
from starter.demo.watch import Watch

_SHOW_SECONDS = 0.25
_COUNTER_LIMIT = 10.0
#: The server's counter lags by about this much: it is final when it has not moved for so long.
_COUNTER_LAG = 1.6
#: More returns at once only wait longer for the same two cores.
_AT_ONCE = 16


class Stage:
    """All scenarios on one running system."""

    def __init__(self, system: System, board: Board) -> None:
        self._system = system
        self._board = board
        self._watch = Watch(system.store, system.check)
        self._cast = cast(system, self._watch, system.pairings)

    async def play(self) -> Report:
        """Play everything and judge it. A scenario that fails does not stop the others."""
        async with self._watch.looking(), self._showing():
            first, actions = self._system.pairings[0], None
            if first.whole:
                actions = await self._play_whole(first)
            else:
                await self._together(self._cast.performances)
            rows = [await self._row(performance) for performance in self._cast.performances]
        return await self._judge(rows, actions)

    async def _play_whole(self, first: Pairing) -> int | None:
        """The first pairing's measured scenarios, its troubles, and then all that is left; the actions counted."""
        [plain], [even] = self._cast.of([PLAIN], first), self._cast.of([EVEN], first)
        troubled = self._cast.of(TROUBLED, first)
        others = [one for one in self._cast.performances if one not in (plain, even, *troubled)]
        before = await self._settled_counter() if first.measured else 0
        await self._perform(plain)
        actions = await self._actions_since(before, await self._row(plain)) if first.measured else None
        await self._perform(even)
        await asyncio.gather(*(self._perform(one) for one in troubled), self._together(others, after=troubled[0]))
        return actions

    async def _together(self, performances: Sequence[Performance], after: Performance | None = None) -> None:
        """Play these, as many at once as get on well with each other, once a disturbance is over."""
        if after is not None:
            await after.played.wait()
        room = asyncio.Semaphore(_AT_ONCE)

        async def in_turn(performance: Performance) -> None:
            async with room:
                await self._perform(performance)

        longest_first = sorted(performances, key=lambda one: not one.play.erp.in_files)
        await asyncio.gather(*(in_turn(performance) for performance in longest_first))

    async def _perform(self, performance: Performance) -> None:
        play = performance.play
        performance.begun = True
        try:
            await performance.course(play)
            performance.played.set()
            await play.until_over(performance.expected.status)
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
            note=performance.note,
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
        played = list(zip(rows, self._cast.performances, strict=True))
        explained = {row.id: one.expected.explained for row, one in played if one.expected.explained}
        books = await read_books(self._system, explained)
        judged = [self._judged(row, performance, books) for row, performance in played]
        budgets = _budgets(rows, actions) if self._system.pairings[0].measured else None
        if budgets:
            for number, over in enumerate((budgets.problems(), budgets.exchange_problems())):
                judged[number] = judged[number].model_copy(update={"problems": (*judged[number].problems, *over)})
        return Report(
            ok=not books.violations and not any(row.problems for row in judged),
            seconds=round(self._board.seconds, 1),
            budgets=budgets,
            returns=tuple(judged),
            not_played=tuple(self._cast.not_played),
            books=books,
        )

    def _judged(self, row: ReturnRow, performance: Performance, books: Books) -> ReturnRow:
        if row.problems or performance.play.ref is None:
            return row  # all else would only follow from it
        page = books.returns.get(mark_of(performance.play.ref), Page())
        parcels = [books.returns.get(mark_of(parcel), Page()) for parcel in performance.play.parcels]
        expected = performance.expected
        found = (*unexpected(row, expected), *disagreements(row, page, expected, parcels))
        return row.model_copy(update={"problems": (*row.problems, *found)})

    async def _counted(self) -> int:
        counts: Mapping[str, int] = await action_counts(self._system.temporal.metrics_url, NAMESPACE)
        return sum(counts.values())

    async def _actions_since(self, before: int, plain: ReturnRow) -> int:
        """What the plain return cost by the server's own count."""
        return await self._settled_counter(before + plain.actions) - before

    async def _settled_counter(self, at_least: int = 0) -> int:
        """The server's own count of actions, read until it stands still."""
        began = moved = time.monotonic()
        count = await self._counted()
        while time.monotonic() - began < _COUNTER_LIMIT:
            if count >= at_least and time.monotonic() - moved > _COUNTER_LAG:
                break
            await asyncio.sleep(_SHOW_SECONDS)
            latest = await self._counted()
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
        for performance in self._cast.performances:
            if not performance.begun:
                continue
            play, record = performance.play, self._watch.record(performance.play.ref)
            stage = record.stage.value if record else "begins"
            waits_for = record.waiting_for if record and not performance.verdict else ""
            self._board.change(performance.title, stage, waits_for, play.seconds, performance.verdict)


def _budgets(rows: Sequence[ReturnRow], actions: int | None) -> Budgets:
    plain, even = rows[:2]
    return Budgets(
        actions=actions,
        actions_by_history=plain.actions,
        events=plain.events,
        history_bytes=plain.history_bytes,
        exchange_actions=even.actions,
    )
