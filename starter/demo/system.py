"""The running system: Temporal, one Prima, a Reveni store for each connection, worker and bridge."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from domain.connection import Connection
from domain.messages import RETURNS_QUEUE, SEARCH_ATTRIBUTES
from runtime.client import BackhaulPlugin, connected
from runtime.devserver import DevServer
from starter.configuration import configured_connections
from starter.demo.part import START_SECONDS, Part
from starter.demo.surroundings import EXAMPLE, NAMESPACE, STORES, Surroundings, store_id
from starter.demo.trouble import Refused, WaitFailed
from store import Store

_EVENTS = ("return.created", "return.updated")
_POLL_SECONDS = 0.1


class System:
    """Everything that runs, in a folder of its own: ``async with System(folder) as system``.

    Leaving ends the processes: bridge and worker first, then the vendors, Temporal last.
    """

    client: Client
    store: Store
    prima: Part
    worker: Part
    bridge: Part

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.surroundings = Surroundings(folder)
        self.stores: dict[str, Part] = {}
        self.connections: dict[str, Connection] = {}
        self.temporal = DevServer(
            namespace=NAMESPACE,
            search_attributes=dict.fromkeys(SEARCH_ATTRIBUTES, "Keyword"),
            database=folder / "temporal.db",
        )
        self.http = httpx.AsyncClient(timeout=15, trust_env=False)
        self._worker_is_down = False
        self._stack = AsyncExitStack()

    def check(self) -> None:
        """Raise PartFailed when a process ended that nobody ended."""
        for part in self._parts:
            if part is not self.worker or not self._worker_is_down:
                part.check()

    def last_words(self) -> list[str]:
        """What processes said before they ended by themselves."""
        return [f"{part.name} ended. {part.last_words()}" for part in self._parts if not part.running]

    def journal(self, name: str) -> Path:
        """What a vendor really did: ``prima``, or the name of a connection."""
        return self.folder / f"{name}.jsonl"

    def addresses(self) -> dict[str, str]:
        """What to look at while it runs."""
        journals = {f"Journal of {part.name}": f"{part.url}/_sandbox/journal" for part in self.stores.values()}
        return {
            "Temporal UI": self.temporal.ui_url,
            "Health of the bridge": f"{self.bridge.url}/readyz",
            "Journal of prima": f"{self.prima.url}/_sandbox/journal",
            **journals,
            "Logs": str(self.folder),
        }

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def crash_worker(self) -> None:
        """End the worker without any chance to clean up."""
        self._worker_is_down = True
        await self.worker.crash()

    async def restart_worker(self) -> None:
        """Start the worker again after a crash, and wait until it takes work."""
        await self.worker.start()
        self._worker_is_down = False
        await self._worker_polls()

    @property
    def _parts(self) -> list[Part]:
        return [self.bridge, self.worker, self.prima, *self.stores.values()]

    async def _start(self) -> None:
        await self._stack.enter_async_context(self.http)
        await self._stack.enter_async_context(self.temporal)
        await self._start_vendors()
        environment = self.surroundings.complete(
            self.temporal.address, self.prima.url, {name: part.url for name, part in self.stores.items()}
        )
        ready = configured_connections(EXAMPLE, environment)
        self.connections = {one.name: one.connection for one in ready}
        self.worker = self._part("worker", ["worker"], environment)
        self.bridge = self._part("bridge", ["starter", "bridge"], environment, announces=True)
        await self._start_together(self.worker, self.bridge)
        self.store = Store(self.surroundings.database_url)
        self._stack.push_async_callback(self.store.close)
        self.client = await self._stack.enter_async_context(
            connected(BackhaulPlugin(), address=self.temporal.address, namespace=NAMESPACE)
        )
        await asyncio.gather(self._worker_polls(), *(self._subscribe(name) for name in self.stores))

    async def _start_vendors(self) -> None:
        plain, key = self.surroundings.plain(), self.surroundings.api_key
        self.prima = self._part(
            "prima", ["sandbox", "prima", "--journal", str(self.journal("prima"))], plain, announces=True
        )
        for name in STORES:
            command = ["sandbox", "reveni", "--journal", str(self.journal(name)), "--store-id", store_id(name)]
            command += ["--api-key", key, "--retry-seconds", "1,2,5,10"]
            self.stores[name] = self._part(f"reveni-{name}", command, plain, announces=True)
        await self._start_together(self.prima, *self.stores.values())

    def _part(self, name: str, command: Sequence[str], environment: dict[str, str], announces: bool = False) -> Part:
        return Part(name, [sys.executable, "-m", *command], environment, self.folder, announces)

    async def _start_together(self, *parts: Part) -> None:
        """Start side by side; each is stopped at the end, also when another one fails to start."""
        self._stack.push_async_callback(_stop_together, parts)
        for problem in await asyncio.gather(*(part.start() for part in parts), return_exceptions=True):
            if problem is not None:
                raise problem

    async def _subscribe(self, connection: str) -> None:
        """Register the bridge's address at the connection's store, as a merchant would."""
        answer = await self.http.post(
            f"{self.stores[connection].url}/merchants/v0/stores/{store_id(connection)}/webhooks",
            json={"event_types": _EVENTS, "url": f"{self.bridge.url}/webhooks/{connection}"},
            headers={"Authorization": f"Bearer {self.surroundings.api_key}"},
        )
        if answer.status_code != 201:
            raise Refused(f"Reveni took no webhook for {connection}: {answer.status_code} {answer.text}")

    async def _worker_polls(self) -> None:
        """Wait until this very worker asks Temporal for work."""
        request = DescribeTaskQueueRequest(
            namespace=NAMESPACE,
            task_queue=TaskQueue(name=RETURNS_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            async with asyncio.timeout(START_SECONDS):
                while True:
                    mine = f"{self.worker.pid}@"
                    answer = await self.client.workflow_service.describe_task_queue(request)
                    if any(poller.identity.startswith(mine) for poller in answer.pollers):
                        return
                    await asyncio.sleep(_POLL_SECONDS)
        except TimeoutError:
            raise WaitFailed(
                f"the worker asked for no work within {START_SECONDS:g} s. {self.worker.last_words()}"
            ) from None


async def _stop_together(parts: Sequence[Part]) -> None:
    await asyncio.gather(*(part.stop() for part in parts))
