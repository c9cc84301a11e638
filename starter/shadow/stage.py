"""Everything that a rehearsal runs on, all of it its own: store, Temporal server, worker. It ends with all of it."""

import asyncio
import os
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

import starter
from domain.messages import RETURNS_QUEUE, SEARCH_ATTRIBUTES, SHADOW_NAMESPACE
from runtime.client import BackhaulPlugin, connected_to
from runtime.devserver import DevServer, DevServerError
from runtime.settings import Settings
from starter.shadow.process import WorkerProcess
from starter.shadow.trouble import ShadowTrouble
from store import Store

_ROOT = Path(starter.__file__).parents[1]
#: A worker that has not asked for work after so many looks does not start.
_PAUSE, _LOOKS = 0.1, 600
#: Where live work goes, and what watches it: none of it may hear of a rehearsal.
_LIVE = ("TEMPORAL_", "OTEL_", "BACKHAUL_METRICS_ADDRESS")


class ShadowStage:
    """``async with ShadowStage(settings, "uk") as stage``: it has a store. `start` adds the parts that do the work."""

    client: Client
    store: Store
    worker: WorkerProcess

    def __init__(self, settings: Settings, connection: str) -> None:
        self._settings = settings
        self._connection = connection
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="backhaul-shadow-")))
            self.store = Store(self._database_url)
            self._stack.push_async_callback(self.store.close)
            await self.store.migrate()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def start(self) -> None:
        """Temporal, and the worker when it takes work. Raises ShadowTrouble."""
        try:
            await self._start()
            await self._worker_polls()
        except (DevServerError, OSError) as error:
            raise ShadowTrouble(f"The rehearsal did not start: {error}") from error

    def check(self) -> None:
        """Raise ShadowTrouble when the worker has ended by itself."""
        if not self.worker.running:
            raise ShadowTrouble(f"The rehearsal's worker has ended. {self.worker.last_words()}")

    @property
    def _database_url(self) -> str:
        return f"sqlite:///{self._folder / 'shadow.db'}"

    async def _start(self) -> None:
        temporal = DevServer(
            namespace=SHADOW_NAMESPACE,
            search_attributes=dict.fromkeys(SEARCH_ATTRIBUTES, "Keyword"),
            database=self._folder / "temporal.db",
            ui=False,
        )
        await self._stack.enter_async_context(temporal)
        own = {
            "TEMPORAL_ADDRESS": temporal.address,
            "TEMPORAL_NAMESPACE": SHADOW_NAMESPACE,
            "TEMPORAL_CONFIG_FILE": str(self._folder / "no-profiles.toml"),
            "BACKHAUL_CONFIG": str(self._settings.config.resolve()),
            "BACKHAUL_DATABASE_URL": self._database_url,
            "BACKHAUL_SHADOW": self._connection,
            "BACKHAUL_SHADOW_CALLS_URL": self._settings.database_url,
            "BACKHAUL_SHUTDOWN_SECONDS": "1",
        }
        worker = WorkerProcess(environment(os.environ, own), self._folder)
        self.worker = await self._stack.enter_async_context(worker)
        plugin = BackhaulPlugin(keys=self._settings.keys)
        self.client = await self._stack.enter_async_context(connected_to(plugin, temporal.address, SHADOW_NAMESPACE))

    async def _worker_polls(self) -> None:
        """Nobody else asks for work in this namespace."""
        request = DescribeTaskQueueRequest(
            namespace=SHADOW_NAMESPACE,
            task_queue=TaskQueue(name=RETURNS_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        for _ in range(_LOOKS):
            self.check()
            if (await self.client.workflow_service.describe_task_queue(request)).pollers:
                return
            await asyncio.sleep(_PAUSE)
        raise ShadowTrouble(f"The rehearsal's worker takes no work. {self.worker.last_words()}")


def environment(live: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The operator's environment without what leads to live work. Credentials of the vendors stay: reads are real."""
    kept = {name: value for name, value in live.items() if not name.startswith(_LIVE)}
    path = os.pathsep.join(filter(None, [str(_ROOT), live.get("PYTHONPATH", "")]))
    return {**kept, "PYTHONPATH": path, **own}
