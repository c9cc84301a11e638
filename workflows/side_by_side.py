"""Tracks that run side by side and end together."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from temporalio import workflow


class TrackBrokenError(Exception):
    """An error that nobody foresaw stopped a track: the workflow task fails until corrected code runs it."""


class Tracks:
    """Like asyncio.TaskGroup, but an unforeseen error is raised at once and cancels no other track.

    The workflow task fails before anything of this moment is written to history. A group would first wait until the
    steps of all other tracks are cancelled, and those cancellations would be in history for ever.
    """

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._passing: set[asyncio.Task[None]] = set()

    def start(self, track: Coroutine[Any, Any, None], *, resumes: bool = False) -> None:
        """Let one more track run. `resumes`: it can begin again from what the case knows (E70)."""
        self._tasks.append(task := asyncio.create_task(track))
        if not resumes:
            self._passing.add(task)

    @property
    def all_done(self) -> bool:
        """Whether every track has ended."""
        return all(task.done() for task in self._tasks)

    def at_rest(self, waiting: int) -> bool:
        """Whether every running track waits, `waiting` of them do, and each can begin again from the case."""
        running = [task for task in self._tasks if not task.done()]
        return len(running) == waiting and not self._passing.intersection(running)

    async def ended(self, unless: Callable[[], bool] = lambda: False) -> None:
        """Wait for all of them, or until `unless`. A cancellation is passed on to each, and comes out when each has
        obeyed."""
        try:
            await self._ended(unless)
        except asyncio.CancelledError:
            for task in self._tasks:
                task.cancel()
            await self._ended()
            raise

    async def _ended(self, unless: Callable[[], bool] = lambda: False) -> None:
        await workflow.wait_condition(lambda: self._error() is not None or self.all_done or unless())
        if (error := self._error()) is not None:
            raise TrackBrokenError(f"{type(error).__name__} in a track") from error

    def _error(self) -> BaseException | None:
        ended = (task for task in self._tasks if task.done() and not task.cancelled())
        return next((error for task in ended if (error := task.exception()) is not None), None)
