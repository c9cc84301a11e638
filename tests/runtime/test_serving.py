"""A process has several workers and one grace: what an orchestrator waits for must be enough for all of them (R18)."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.worker import Worker

from runtime.client import BackhaulPlugin, connect
from runtime.devserver import DevServer
from runtime.serving import serving
from tests.patience import PATIENCE
from tests.runtime.sample import Note, SampleActivities, SampleWorkflow

GRACE = timedelta(seconds=1)


class Patient:
    """Visits that last until their worker cuts them off."""

    def __init__(self) -> None:
        self.begun = 0
        self.cut = 0

    async def __call__(self) -> None:
        self.begun += 1
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cut += 1
            raise


class Lost(Worker):
    """A worker whose core never says that it has stopped."""

    async def shutdown(self) -> None:
        """Wait for ever."""
        await asyncio.Event().wait()

    async def really_stop(self) -> None:
        """What the test has to do for it."""
        await super().shutdown()


async def begin(client: Client, workers: Iterable[Worker]) -> None:
    """A visit on each of them."""
    for worker in workers:
        await client.start_workflow(
            SampleWorkflow.run,
            Note(text="wait"),
            id=worker.task_queue,
            task_queue=worker.task_queue,
            start_signal="poke",
            start_signal_args=[Note(text="now")],
        )


@pytest.fixture
async def client(dev_server: DevServer) -> Client:
    plugin = BackhaulPlugin(passthrough=["tests"])
    return await connect(plugin, address=dev_server.address, namespace=dev_server.namespace)


def on(client: Client, visits: Patient, kind: type[Worker] = Worker) -> Worker:
    """A worker on a queue of its own."""
    return kind(
        client,
        task_queue=f"q-{uuid4()}",
        workflows=[SampleWorkflow],
        activities=[SampleActivities(visits).visit],
        graceful_shutdown_timeout=GRACE,
    )


async def test_R18_all_workers_share_one_grace(client: Client) -> None:
    visits, now = Patient(), asyncio.get_running_loop().time
    workers = [on(client, visits) for _ in range(8)]
    async with serving(workers, GRACE):
        await begin(client, workers)
        async with asyncio.timeout(PATIENCE):
            while visits.begun < len(workers):
                await asyncio.sleep(0.02)
        leaving = now()
    assert visits.cut == len(workers), "each was cut off when the grace was over"
    assert GRACE.total_seconds() <= now() - leaving < 6 * GRACE.total_seconds(), "one grace, not one each"


async def test_R18_a_worker_that_does_not_stop_keeps_nobody(client: Client) -> None:
    visits, now = Patient(), asyncio.get_running_loop().time
    lost, good = on(client, visits, Lost), on(client, visits)
    async with serving([lost, good], timedelta(), farewell=2):
        leaving = now()
    assert 2 <= now() - leaving < PATIENCE
    assert not good.is_running
    assert isinstance(lost, Lost)
    await lost.really_stop()
