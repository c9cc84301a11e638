"""An ERP that fails twenty times and then recovers: one movement, and nothing left to decide (R30)."""

import asyncio
from datetime import timedelta

from temporalio.testing import WorkflowEnvironment

from sandbox.kit.faults import Fault
from store.records import ExceptionState
from tests.returns.looking import drawn
from tests.workflows.test_clock import skipping
from tests.workflows.test_clock_goods import waiting
from tests.world import COAT, World

__all__ = ["skipping"]


async def test_R30_twenty_failures_lose_no_movement_and_make_no_second_one(
    skipping: tuple[World, WorkflowEnvironment],
) -> None:
    world, environment = skipping
    ref, _ = await waiting(world)
    world.prima.faults.add(Fault(match="ReturnReceipt", kind="unavailable", key=ref.return_id, times=20))
    await world.inspect_by_update(ref, (COAT, 1, "A"))
    async with asyncio.timeout(60):
        while not world.received(ref):
            await environment.sleep(timedelta(minutes=5))
    assert drawn(world, ref, "unavailable")
    await environment.sleep(timedelta(hours=1))
    assert world.received(ref) == {(COAT, "01"): 1}
    async with world.store.reading() as unit:
        assert await unit.exceptions.list(ExceptionState.OPEN) == []
