"""Our own pace towards a vendor, so that its limit is kept before it has to refuse us."""

import asyncio
import time
from collections.abc import Awaitable, Callable


class RateLimit:
    """Lets calls pass one after the other, at least ``1 / per_second`` seconds apart, in the order they came.

    For one process; the total over all workers is kept by the connection's task queue (D11).
    A caller that is cancelled while it waits gives up its turn; the others keep theirs.
    """

    def __init__(
        self,
        per_second: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if per_second <= 0:
            raise ValueError(f"a rate limit must be positive, not {per_second}")
        self._interval = 1 / per_second
        self._clock = clock
        self._sleep = sleep
        self._free_at = clock()

    async def turn(self) -> None:
        """Wait until the next call may start."""
        now = self._clock()
        start = max(now, self._free_at)
        self._free_at = start + self._interval
        if start > now:
            await self._sleep(start - now)
