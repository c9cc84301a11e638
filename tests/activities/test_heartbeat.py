"""Steps that take long give a sign of life; quick ones cost nothing."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio.testing import ActivityEnvironment
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput

from activities.heartbeat import Heartbeats


class Step(ActivityInboundInterceptor):
    """A step that takes so many seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        await asyncio.sleep(self.seconds)
        return "done"


async def beats_of(seconds: float, silence: timedelta | None) -> int:
    beats: list[None] = []
    environment = ActivityEnvironment()
    environment.info = replace(environment.info, heartbeat_timeout=silence)
    environment.on_heartbeat = lambda *_: beats.append(None)
    step = Heartbeats().intercept_activity(Step(seconds))

    async def run() -> Any:
        return await step.execute_activity(ExecuteActivityInput(fn=beats_of, args=[], executor=None, headers={}))

    assert await environment.run(run) == "done"
    return len(beats)


async def test_a_long_step_beats_well_within_its_timeout() -> None:
    assert await beats_of(0.5, timedelta(seconds=0.5)) >= 2


async def test_a_quick_step_costs_nothing() -> None:
    assert await beats_of(0.01, timedelta(seconds=10)) == 0


async def test_a_step_without_heartbeat_timeout_is_left_alone() -> None:
    assert await beats_of(0.05, None) == 0
