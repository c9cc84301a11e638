"""A cancellation does not cut an attempt that is under way: what it sent may still be applied (D1, D5)."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.heartbeat import Heartbeats

INPUT = ExecuteActivityInput(fn=len, args=[], executor=None, headers={})


class Step(ActivityInboundInterceptor):
    """A vendor call that takes a moment."""

    def __init__(self) -> None:
        self.applied = False

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's names
        await asyncio.sleep(0.1)
        self.applied = True
        return "posted"


def environment() -> ActivityEnvironment:
    made = ActivityEnvironment()
    made.info = replace(made.info, heartbeat_timeout=timedelta(seconds=10))
    return made


async def started(temporal: ActivityEnvironment, step: Step) -> asyncio.Task[Any]:
    beating = Heartbeats().intercept_activity(step)

    async def run() -> Any:
        return await beating.execute_activity(INPUT)

    running = asyncio.create_task(temporal.run(run))
    await asyncio.sleep(0.02)
    return running


async def test_D5_a_cancelled_attempt_runs_to_its_end() -> None:
    temporal, step = environment(), Step()
    running = await started(temporal, step)
    temporal.cancel()
    assert await running == "posted"
    assert step.applied


async def test_a_leaving_worker_cuts_its_attempts() -> None:
    temporal, step = environment(), Step()
    running = await started(temporal, step)
    temporal.worker_shutdown()
    temporal.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert not step.applied
