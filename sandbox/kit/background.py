"""An event loop in a thread of its own, so that plain code, tests and servers can all hand it work."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any

Work = Coroutine[Any, Any, None]


class Background:
    """Starts with the first task; `stop` cancels those still running. Then it can start again."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures: list[BaseException] = []

    def spawn(self, work: Work) -> None:
        """Run `work` in the background. Never blocks."""
        loop = self._started()
        loop.call_soon_threadsafe(self._track, loop, work)

    async def idle(self) -> None:
        """Wait until no task is left, those included that tasks spawn. Call it from any loop.

        Raises the first error that a task ended with since the last call.
        """
        with self._lock:
            loop = self._loop
        if loop is not None:
            await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._idle(), loop))
        failures, self._failures = self._failures, []
        if failures:
            raise failures[0]

    async def stop(self, last: Work | None = None) -> None:
        """Cancel every task, wait for them, run `last`, and end the thread."""
        with self._lock:
            loop, thread = self._loop, self._thread
            self._loop = self._thread = None
        if loop is None or thread is None:
            if last is not None:
                last.close()
            return
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._finish(last), loop))
        loop.call_soon_threadsafe(loop.stop)
        await asyncio.to_thread(thread.join)
        loop.close()

    def _started(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=self._loop.run_forever, name=self._name, daemon=True)
                self._thread.start()
            return self._loop

    def _track(self, loop: asyncio.AbstractEventLoop, work: Work) -> None:
        task = loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (failure := task.exception()):
            self._failures.append(failure)

    async def _idle(self) -> None:
        while self._tasks:
            await asyncio.wait(set(self._tasks))

    async def _finish(self, last: Work | None) -> None:
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if last is not None:
            await last
