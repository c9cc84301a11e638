"""One look at the store for all scenarios, a few times a second; each waits for what it needs to see."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from domain.returns import ReturnRef
from starter.demo.trouble import DemoError, WaitFailed
from store import Store
from store.records import ExceptionRecord, ReturnRecord

Seen = TypeVar("Seen")

_LOOK_SECONDS = 0.2
_MOST = 500
LIMIT_SECONDS = 120.0


class Watch:
    """The returns and exceptions as they were at the last look.

    alive: raises DemoError when the system is not there any more; every wait ends with it
    """

    def __init__(self, store: Store, alive: Callable[[], None]) -> None:
        self._store = store
        self._alive = alive
        self._records: dict[ReturnRef, ReturnRecord] = {}
        self._exceptions: dict[ReturnRef, list[ExceptionRecord]] = {}
        self._news = asyncio.Condition()
        self._trouble: DemoError | None = None

    def record(self, ref: ReturnRef | None) -> ReturnRecord | None:
        """The header of a return, when there is one yet."""
        return self._records.get(ref) if ref else None

    def exceptions(self, ref: ReturnRef) -> list[ExceptionRecord]:
        """All exceptions of a return, the oldest first."""
        return self._exceptions.get(ref, [])

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        """Look again and again while the block runs."""
        task = asyncio.create_task(self._look_on(), name="watch")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def until(self, look: Callable[[], Seen | None], what: str, limit: float = LIMIT_SECONDS) -> Seen:
        """Wait until `look` sees something, and give it. Raises WaitFailed with `what`, PartFailed."""
        try:
            async with asyncio.timeout(limit), self._news:
                while (seen := look()) is None:
                    if self._trouble:
                        raise self._trouble
                    await self._news.wait()
                return seen
        except TimeoutError:
            raise WaitFailed(f"waited {limit:g} s for {what}") from None

    async def _look_on(self) -> None:
        while True:
            with suppress(SQLAlchemyError):  # a busy moment: the next look will do
                await self._look()
            try:
                self._alive()
            except DemoError as trouble:
                self._trouble = trouble
            async with self._news:
                self._news.notify_all()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> None:
        async with self._store.reading() as unit:
            records = await unit.returns.list(limit=_MOST)
            exceptions = await unit.exceptions.list(limit=_MOST)
        self._records = {record.ref: record for record in records}
        found: dict[ReturnRef, list[ExceptionRecord]] = {}
        for item in exceptions:
            if item.ref is not None:
                found.setdefault(item.ref, []).append(item)
        self._exceptions = found
