"""A window's workflow outlives every step that fails for good, and people hear of it (R70, D7)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.worker import Worker

from activities.outcomes import final_failure
from activities.signatures import Problem
from activities.window_signatures import Collect, HandOver, WindowFailure, WindowNews, WindowPlan, WindowStart
from desk.clock import utc_now
from domain.batches import RecordClass
from domain.exceptions import ExceptionCode
from domain.messages import RETURNS_QUEUE, WINDOW_WORKFLOW, erp_queue
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from tests.batch.filing import Line
from tests.patience import PATIENCE
from tests.running import new_namespace
from worker import PASSTHROUGH
from workflows.window_workflow import WindowWorkflow

START = WindowStart(books="books", record_class=RecordClass.CREDIT)


@dataclass
class Broken:
    """Steps of which one always fails for good. Every window has two files, and opens at once."""

    broken: str
    done: list[str] = field(default_factory=list)
    noted: list[WindowFailure] = field(default_factory=list)

    @activity.defn
    async def plan_window(self, request: WindowStart) -> WindowPlan:
        self._do("plan")
        now = utc_now() + timedelta(seconds=0.2)
        return WindowPlan(hand_over_at=now, opens=now, answer_by=now)

    @activity.defn
    async def hand_over(self, request: HandOver) -> WindowNews:
        self._do("hand-over")
        return WindowNews(batches=[1, 2])

    @activity.defn
    async def collect(self, request: Collect) -> WindowNews:
        self._do(f"collect-{request.number}")
        return WindowNews()

    @activity.defn
    async def note_failure(self, request: WindowFailure) -> WindowNews:
        self.noted.append(request)
        return WindowNews(batches=[1, 2] if request.opens else [])

    def _do(self, step: str) -> None:
        self.done.append(step)
        if step == self.broken:
            raise final_failure(Problem(code=ExceptionCode.EVENT_INVALID, reason=f"unforeseen KeyError in {step}"))


@asynccontextmanager
async def watched(server: DevServer, steps: Broken) -> AsyncIterator[Client]:
    client = await new_namespace(server, BackhaulPlugin(passthrough=PASSTHROUGH))
    work: list[Callable[..., Any]] = [steps.plan_window, steps.hand_over, steps.collect, steps.note_failure]
    async with (
        Worker(client, task_queue=RETURNS_QUEUE, workflows=[WindowWorkflow]),
        Worker(client, task_queue=erp_queue("books"), activities=work),
    ):
        await client.start_workflow(WINDOW_WORKFLOW, START, id=START.workflow_id, task_queue=RETURNS_QUEUE)
        yield client


@pytest.mark.parametrize(
    ("broken", "window"),
    [
        ("hand-over", ["plan", "hand-over", "collect-1", "collect-2"]),
        ("collect-1", ["plan", "hand-over", "collect-1", "collect-2"]),
    ],
)
async def test_R70_a_step_that_fails_for_good_stops_no_window(
    temporal_server: DevServer, broken: str, window: list[str]
) -> None:
    """The other file is asked about, and the next window comes."""
    steps = Broken(broken)
    async with watched(temporal_server, steps):
        async with asyncio.timeout(PATIENCE):
            while len(steps.done) < 2 * len(window):
                await asyncio.sleep(0.05)
    assert steps.done[: 2 * len(window)] == 2 * window
    assert {note.reason for note in steps.noted} == {f"unforeseen KeyError in {broken}"}


async def test_R70_a_window_that_cannot_be_planned_is_tried_again_later(temporal_server: DevServer) -> None:
    steps = Broken("plan")
    async with watched(temporal_server, steps) as client:
        async with asyncio.timeout(PATIENCE):
            while not steps.noted:
                await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        seen = await client.get_workflow_handle(START.workflow_id).describe()
    assert seen.status is WorkflowExecutionStatus.RUNNING
    assert len(steps.done) == 1, "not again and again"


async def test_R70_a_failure_is_one_exception_until_a_file_is_answered(line: Line) -> None:
    start = WindowStart(books=line.connection.books, record_class=RecordClass.CREDIT)
    await line.credit()
    assert await line.hand_over() == [1]
    for _ in range(2):
        failure = WindowFailure(start=start, opens=line.now + timedelta(days=1), reason="unforeseen KeyError in step x")
        news: WindowNews = await line.run(line.steps.note_failure, failure)
        assert news.batches == [1], "it is asked about all the same"
    [item] = await line.raised()
    assert item.code is ExceptionCode.EVENT_INVALID
    assert item.reason == "credit files: unforeseen KeyError in step x"
    line.erp.answer(1)
    await line.collect(1)
    assert await line.raised() == []
