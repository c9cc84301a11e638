"""A bug in one track fails the workflow task, which is tried again; it fails no workflow and cuts no other track."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio import activity, workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import CancelledError
from temporalio.worker import Worker

from domain.model import Message
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from tests.patience import PATIENCE

with workflow.unsafe.imports_passed_through():
    from workflows.side_by_side import Tracks
    from workflows.steps import run_step

REPAIRED = asyncio.Event()


class Nothing(Message):
    """No content."""


class Slow:
    """A vendor."""

    @activity.defn
    async def slow(self, _: Nothing) -> Nothing:
        """A call of a moment."""
        await asyncio.sleep(0.5)
        return Nothing()


@workflow.defn
class TwoTracks:
    """One track waits for a slow step, the other breaks as long as its code is not repaired."""

    def __init__(self) -> None:
        self._go = False
        self._finish = False

    @workflow.run
    async def run(self, start: Nothing) -> Nothing:
        """Run both."""
        tracks = Tracks()
        tracks.start(self._steady(start))
        tracks.start(self._breaking())
        await tracks.ended()
        return Nothing()

    @workflow.signal
    def go(self, _: Nothing) -> None:
        """Let the bug appear."""
        self._go = True

    @workflow.signal
    def finish(self, _: Nothing) -> None:
        """Let the steady track end."""
        self._finish = True

    async def _steady(self, start: Nothing) -> None:
        await run_step(Slow.slow, start, step="slow", queue=workflow.info().task_queue)
        await workflow.wait_condition(lambda: self._finish)

    async def _breaking(self) -> None:
        await workflow.wait_condition(lambda: self._go)
        if not REPAIRED.is_set():
            raise KeyError("a bug")


@pytest.fixture
async def started(temporal_server: DevServer) -> AsyncIterator[WorkflowHandle[TwoTracks, Nothing]]:
    plugin = BackhaulPlugin(passthrough=["domain", "tests", "workflows"])
    client = await Client.connect(temporal_server.address, namespace="tests", plugins=[plugin])
    queue = f"tracks-{uuid4()}"
    REPAIRED.clear()
    async with Worker(client, task_queue=queue, workflows=[TwoTracks], activities=[Slow().slow]):
        yield await client.start_workflow(
            TwoTracks.run, Nothing(), id=queue, task_queue=queue, task_timeout=timedelta(seconds=1)
        )


async def seen(handle: WorkflowHandle[TwoTracks, Nothing], kind: EventType.ValueType) -> int:
    return [event.event_type for event in (await handle.fetch_history()).events].count(kind)


async def test_a_bug_fails_the_task_and_corrected_code_goes_on(started: WorkflowHandle[TwoTracks, Nothing]) -> None:
    await started.signal(TwoTracks.go, Nothing())
    async with asyncio.timeout(PATIENCE):
        while not await seen(started, EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED):
            await asyncio.sleep(0.05)
    assert (await started.describe()).status is WorkflowExecutionStatus.RUNNING
    assert await seen(started, EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED) == 0
    REPAIRED.set()
    await started.signal(TwoTracks.finish, Nothing())
    async with asyncio.timeout(PATIENCE):
        await started.result()
    assert await seen(started, EventType.EVENT_TYPE_ACTIVITY_TASK_CANCEL_REQUESTED) == 0


@pytest.mark.parametrize("after", [0, 0.2, 1], ids=["at once", "during a step", "while waiting"])
async def test_a_cancellation_reaches_every_track(started: WorkflowHandle[TwoTracks, Nothing], after: float) -> None:
    await asyncio.sleep(after)
    await started.cancel()
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(WorkflowFailureError) as ended:
            await started.result()
    assert isinstance(ended.value.cause, CancelledError)
