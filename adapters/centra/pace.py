"""Centra's quotas are windows: so many requests in ten seconds, so many mutations in an hour."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import timedelta

from domain.outcomes import RetryLater

#: A longer wait is not ours to sleep through: the activity comes again.
LONGEST_SLEEP = 10.0


class Window:
    """Lets at most `most` start within any `seconds`. For one process; the total is kept by the task queue."""

    def __init__(
        self,
        what: str,
        most: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._what = what
        self._most = most
        self._seconds = seconds
        self._started: deque[float] = deque(maxlen=most)
        self._clock = clock
        self._sleep = sleep

    async def turn(self, places: int = 1) -> None:
        """Wait for so many free places; RetryLater with the wait when that is too long to sleep."""
        now = self._clock()
        in_the_way = len(self._started) + places - self._most
        start = max(now, self._started[in_the_way - 1] + self._seconds) if in_the_way > 0 else now
        wait = start - now
        if wait > LONGEST_SLEEP:
            raise RetryLater(f"our own limit of {self._most} {self._what} is used up", timedelta(seconds=wait))
        self._started.extend([start] * places)
        if wait > 0:
            await self._sleep(wait)
