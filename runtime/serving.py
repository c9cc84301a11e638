"""Several Temporal workers that serve as one, and leave as one."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog
from temporalio.worker import Worker

log = structlog.get_logger("worker")

#: Seconds beyond the grace in which the SDK tells the server what its workers did not finish.
FAREWELL = 5.0


@asynccontextmanager
async def serving(workers: Sequence[Worker], grace: timedelta, farewell: float = FAREWELL) -> AsyncIterator[None]:
    """Have these workers serve inside the block. At its end all stop at once, so that one grace is enough for all.

    The SDK may lose a task in its core as it shuts down, and would then wait for ever. A worker that does not stop in
    time is left behind: the server gives its work to another one, as after a crash.
    """
    async with AsyncExitStack() as served:
        begun: list[Worker] = []
        try:
            for worker in workers:
                await served.enter_async_context(worker)
                begun.append(worker)
            yield
        finally:
            stopping = {asyncio.create_task(worker.shutdown()): worker for worker in begun}
            if stopping:
                _, late = await asyncio.wait(stopping, timeout=grace.total_seconds() + farewell)
                if late:
                    served.pop_all()
                for task in late:
                    task.cancel()
                    log.error("a worker does not stop and is left behind", queue=stopping[task].task_queue)
