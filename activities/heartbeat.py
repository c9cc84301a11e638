"""A sign of life from every step that takes long: when its worker dies, another one takes over within seconds.

Without it a step in flight would be lost until its whole time is up. A quick step ends before its first beat, so it
costs nothing (temporal-notes 5, D14).
"""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import activity
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

#: Part of the step's heartbeat timeout after which it beats, so that one lost beat does no harm.
_PART = 0.4


class Heartbeats(Interceptor):
    """Give it to every worker; a step without heartbeat timeout is left alone."""

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002
        """The next interceptor, with a heart."""
        return _Beating(next)


class _Beating(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's names
        silence = activity.info().heartbeat_timeout
        if not silence:
            return await super().execute_activity(input)
        beats = asyncio.create_task(_beat(silence * _PART))
        try:
            return await _to_its_end(asyncio.create_task(super().execute_activity(input)))
        finally:
            beats.cancel()


async def _to_its_end(attempt: asyncio.Task[Any]) -> Any:
    """A cancellation does not cut an attempt: the vendor may still apply what was sent, after it has been undone.

    Beats are how a running attempt hears of it. Only a worker that is leaving cuts its attempts.
    """
    while True:
        try:
            return await asyncio.shield(attempt)
        except asyncio.CancelledError:
            if attempt.done() or activity.is_worker_shutdown():
                attempt.cancel()
                raise


async def _beat(every: timedelta) -> None:
    while True:
        await asyncio.sleep(every.total_seconds())
        activity.heartbeat()
