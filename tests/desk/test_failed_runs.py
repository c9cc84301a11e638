"""A reconciliation that cannot even begin, or not end, is told like one that stops in the middle (R70, R78)."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from temporalio import activity
from temporalio.testing import ActivityEnvironment
from temporalio.worker import Worker

from activities.edge import Edge, Link
from activities.outcomes import final_failure
from activities.reconcile_signatures import BeginRun, EndRun, FailRun, PageDone, RunBegun, RunPage
from activities.reconcile_store import ReconcileStore
from activities.signatures import Problem
from domain.exceptions import ExceptionCode
from domain.messages import RETURNS_QUEUE, ReconcileOrder, ReconcileOutcome, erp_queue, platform_queue
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from store import Store
from store.records import ExceptionState
from tests.desk.reconciled import NAME, shop_with
from tests.patience import PATIENCE
from tests.running import new_namespace
from worker import PASSTHROUGH
from workflows.reconcile_workflow import ReconcileWorkflow

PROBLEM = Problem(code=ExceptionCode.EVENT_INVALID, reason="unforeseen KeyError in a step")


@dataclass
class Broken:
    """Steps of which one fails for good; every part is done with one page."""

    broken: str
    failed: list[FailRun] = field(default_factory=list)

    @activity.defn
    async def begin_run(self, request: BeginRun) -> RunBegun:
        self._do("begin")
        return RunBegun(run=7, name="uk/seven", books="books")

    @activity.defn
    async def pull_refunds(self, request: RunPage) -> PageDone:
        self._do("pull")
        return PageDone(after=None, count=0)

    @activity.defn
    async def pull_credits(self, request: RunPage) -> PageDone:
        return PageDone(after=None, count=0)

    @activity.defn
    async def look_up_orders(self, request: RunPage) -> PageDone:
        return PageDone(after=None, count=0)

    @activity.defn
    async def gather(self, request: RunPage) -> PageDone:
        return PageDone(after=None, count=0)

    @activity.defn
    async def match_returns(self, request: RunPage) -> PageDone:
        return PageDone(after=None, count=0)

    @activity.defn
    async def match_rest(self, request: RunPage) -> PageDone:
        return PageDone(after=None, count=0)

    @activity.defn
    async def end_run(self, request: EndRun) -> ReconcileOutcome:
        self._do("end")
        return ReconcileOutcome(run="uk/seven", state="done")

    @activity.defn
    async def fail_run(self, request: FailRun) -> ReconcileOutcome:
        self.failed.append(request)
        return ReconcileOutcome(run="", state="failed", trouble=request.problem.reason)

    def _do(self, step: str) -> None:
        if step == self.broken:
            raise final_failure(PROBLEM)


@pytest.mark.parametrize(("broken", "run"), [("begin", None), ("pull", 7), ("end", 7)])
async def test_R70_a_reconciliation_that_stops_anywhere_is_told(
    temporal_server: DevServer, broken: str, run: int | None
) -> None:
    steps = Broken(broken)
    client = await new_namespace(temporal_server, BackhaulPlugin(passthrough=PASSTHROUGH))
    store_steps: list[Callable[..., Any]] = [
        steps.begin_run,
        steps.gather,
        steps.match_returns,
        steps.match_rest,
        steps.end_run,
        steps.fail_run,
    ]
    async with (
        Worker(client, task_queue=RETURNS_QUEUE, workflows=[ReconcileWorkflow], activities=store_steps),
        Worker(client, task_queue=platform_queue(NAME), activities=[steps.pull_refunds, steps.look_up_orders]),
        Worker(client, task_queue=erp_queue("books"), activities=[steps.pull_credits]),
        asyncio.timeout(PATIENCE),
    ):
        outcome = await client.execute_workflow(
            ReconcileWorkflow.run, ReconcileOrder(connection=NAME, days=35), id="reconcile", task_queue=RETURNS_QUEUE
        )
    assert steps.failed == [FailRun(run=run, connection=NAME, problem=PROBLEM)]
    assert outcome.state == "failed"


async def test_R70_a_run_that_could_not_begin_is_one_exception_until_one_comes_to_its_end(store: Store) -> None:
    shop = shop_with(store)
    link = Link(connection=shop.connection, platform=shop.platform, erp=shop.erp)  # type: ignore[arg-type]
    steps = ReconcileStore(Edge(store=store, clock=lambda: shop.now), {NAME: link})
    for _ in range(2):
        failed = FailRun(run=None, connection=NAME, problem=PROBLEM)
        outcome: ReconcileOutcome = await ActivityEnvironment().run(steps.fail_run, failed)
        assert (outcome.state, outcome.trouble) == ("failed", PROBLEM.reason)
    [item] = await shop.exceptions()
    assert item.code is ExceptionCode.EVENT_INVALID
    assert PROBLEM.reason in item.reason
    await shop.reconcile()
    assert [one.state for one in await shop.exceptions(None)] == [ExceptionState.CLEARED]
