"""A part of a sweep that nobody foresaw failing is an exception: a sweep's outcome is read by no one (R70, R89)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from temporalio import activity
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.edge import Edge
from activities.outcomes import final_failure
from activities.signatures import Done, Problem
from activities.sweep_signatures import (
    PlatformSwept,
    Probed,
    ProbeOrder,
    StuckOrder,
    StuckSwept,
    SweepFailed,
    SweepOrder,
)
from activities.sweep_stuck import StuckSweep
from domain.exceptions import ExceptionCode
from domain.messages import RETURNS_QUEUE, SWEEP_WORKFLOW, SweepOutcome, SweepStart
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from store.records import ExceptionState
from tests.patience import PATIENCE
from tests.running import new_namespace
from tests.store.given import NOW
from tests.sweep.looking import NAME, Shop
from worker import PASSTHROUGH
from workflows.sweep_workflow import SweepWorkflow


@dataclass
class Broken:
    """Steps of which some fail for good."""

    broken: tuple[str, ...]
    whole: list[bool] = field(default_factory=list)
    failed: list[SweepFailed] = field(default_factory=list)

    @activity.defn
    async def sweep_platform(self, request: SweepOrder) -> PlatformSwept:
        self._do("sweep_platform")
        return PlatformSwept()

    @activity.defn
    async def probe_erp(self, request: ProbeOrder) -> Probed:
        self._do("probe_erp")
        return Probed(trouble="prima: no answer")

    @activity.defn
    async def sweep_stuck(self, request: StuckOrder) -> StuckSwept:
        self.whole.append(request.whole)
        self._do("sweep_stuck")
        return StuckSwept()

    @activity.defn
    async def fail_sweep(self, request: SweepFailed) -> Done:
        self.failed.append(request)
        return Done()

    def _do(self, step: str) -> None:
        if step in self.broken:
            raise final_failure(Problem(code=ExceptionCode.EVENT_INVALID, reason=f"unforeseen KeyError in {step}"))


async def swept(server: DevServer, steps: Broken) -> SweepOutcome:
    client = await new_namespace(server, BackhaulPlugin(passthrough=PASSTHROUGH))
    start = SweepStart(connection=NAME, platform_queue=RETURNS_QUEUE, erp_queue=RETURNS_QUEUE)
    work: list[Callable[..., Any]] = [steps.sweep_platform, steps.probe_erp, steps.sweep_stuck, steps.fail_sweep]
    async with Worker(client, task_queue=RETURNS_QUEUE, workflows=[SweepWorkflow], activities=work):
        async with asyncio.timeout(PATIENCE):
            outcome: SweepOutcome = await client.execute_workflow(
                SWEEP_WORKFLOW, start, id="sweep", task_queue=RETURNS_QUEUE, result_type=SweepOutcome
            )
    return outcome


@pytest.mark.parametrize("broken", [("sweep_platform",), ("sweep_stuck",), ("sweep_platform", "sweep_stuck")])
async def test_R70_a_sweep_that_fails_is_told(temporal_server: DevServer, broken: tuple[str, ...]) -> None:
    steps = Broken(broken)
    outcome = await swept(temporal_server, steps)
    reasons = [f"unforeseen KeyError in {step}" for step in broken]
    [failed] = steps.failed
    assert (failed.connection, failed.reasons) == (NAME, reasons)
    assert steps.whole == ["sweep_platform" not in broken]
    assert set(reasons) < set(outcome.troubles)


async def test_R70_a_system_that_is_down_is_told_by_its_own_exception(temporal_server: DevServer) -> None:
    steps = Broken(())
    assert (await swept(temporal_server, steps)).troubles == ["prima: no answer"]
    assert (steps.whole, steps.failed) == ([True], [])


async def test_R70_it_is_one_exception_until_a_whole_sweep_comes_to_its_end(shop: Shop) -> None:
    steps = StuckSweep(Edge(store=shop.store, clock=lambda: NOW), {NAME: shop.link})
    for _ in range(2):
        await ActivityEnvironment().run(steps.fail_sweep, SweepFailed(connection=NAME, reasons=["unforeseen KeyError"]))
        await ActivityEnvironment().run(steps.sweep_stuck, StuckOrder(connection=NAME, whole=False))
    [item] = await shop.exceptions()
    assert (item.code, item.return_id) == (ExceptionCode.EVENT_INVALID, None)
    assert "unforeseen KeyError" in item.reason
    await ActivityEnvironment().run(steps.sweep_stuck, StuckOrder(connection=NAME))
    assert [one.state for one in await shop.exceptions(None)] == [ExceptionState.CLEARED]
