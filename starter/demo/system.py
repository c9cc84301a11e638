"""The running system: Temporal, the ERPs, a store of its platform for each connection, worker, bridge and console."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import httpx
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from console.passwords import Passwords
from desk.clock import utc_now
from desk.rhythm import rhythm
from domain.accounts import AccountRole
from domain.connection import Connection
from domain.messages import RETURNS_QUEUE, SEARCH_ATTRIBUTES
from runtime.client import BackhaulPlugin, connected
from runtime.devserver import DevServer
from starter.configuration import configured_connections
from starter.demo.pairing import Pairing
from starter.demo.part import START_SECONDS, Part
from starter.demo.surroundings import NAMESPACE, Surroundings
from starter.demo.trouble import WaitFailed
from starter.demo.vendors import ERPS, PLATFORMS, Erp, Platform
from store import Store

_POLL_SECONDS = 0.1
_WORKERS = "worker.toml"


class System:
    """Everything that runs, in a folder of its own: ``async with System(folder, pairings) as system``.

    The worker begins with the connections of the first pairing where that one is measured: whatever a batch ERP's
    windows cost by themselves must not be counted with it. It gets all of them when it is started again.

    Leaving ends the processes: bridge and worker first, then the vendors, Temporal last.
    """

    client: Client
    store: Store
    worker: Part
    bridge: Part
    console: Part

    def __init__(self, folder: Path, pairings: Sequence[Pairing]) -> None:
        self.folder = folder
        self.pairings = tuple(pairings)
        self.surroundings = Surroundings(folder)
        self.erps: dict[str, Part] = {}
        self.stores: dict[str, Part] = {}
        self.connections: dict[str, Connection] = {}
        self.temporal = DevServer(
            namespace=NAMESPACE,
            search_attributes=dict.fromkeys(SEARCH_ATTRIBUTES, "Keyword"),
            database=folder / "temporal.db",
        )
        # No connection is used twice: a call that was given up may leave a broken one behind for the next.
        self.http = httpx.AsyncClient(timeout=15, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))
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
        """What a vendor really did: that of an ERP, or of a connection's platform."""
        return self.folder / f"{name}.jsonl"

    def addresses(self) -> dict[str, str]:
        """What to look at while it runs."""
        journals = {f"Journal of {part.name}": f"{part.url}/_sandbox/journal" for part in self._vendors}
        return {
            "Console": f"{self.console.url} ({self.sign_in})",
            "Temporal UI": self.temporal.ui_url,
            "Health of the bridge": f"{self.bridge.url}/readyz",
            **journals,
            "Logs": str(self.folder),
        }

    @property
    def sign_in(self) -> str:
        """How people get into the console: an account for each role, all with one password."""
        return f"sign in as {', '.join(AccountRole)}; password {self.surroundings.password}"

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def erp(self, connection: str) -> Erp:
        """The hands at a connection's ERP."""
        vendor = self.connections[connection].erp
        return ERPS[vendor](self.http, self.erps[vendor].url)

    def platform(self, connection: str) -> Platform:
        """The hands at a connection's platform."""
        return PLATFORMS[self.connections[connection].platform](self.http, self.stores[connection].url)

    async def crash_worker(self) -> None:
        """End the worker without any chance to clean up."""
        self._worker_is_down = True
        await self.worker.crash()

    async def restart_worker(self) -> None:
        """Start the worker again after a crash, with every connection, and wait until it takes work."""
        self.surroundings.configure(_WORKERS, self.pairings, self._urls)
        await self.worker.start()
        self._worker_is_down = False
        await self._worker_polls()

    @property
    def _parts(self) -> list[Part]:
        return [self.bridge, self.console, self.worker, *self._vendors]

    @property
    def _vendors(self) -> list[Part]:
        return [*self.erps.values(), *self.stores.values()]

    @property
    def _urls(self) -> dict[str, str]:
        return {name: part.url for name, part in (self.erps | self.stores).items()}

    async def _start(self) -> None:
        await self._stack.enter_async_context(self.http)
        await self._stack.enter_async_context(self.temporal)
        await self._start_vendors()
        whole = self.surroundings.configure("connections.toml", self.pairings, self._urls)
        first = [pairing for pairing in self.pairings if pairing.measured] or self.pairings
        theirs = self.surroundings.configure(_WORKERS, first, self._urls)
        environment = self.surroundings.complete(self.temporal.address, self.temporal.ui_url, whole)
        self.connections = {one.name: one.connection for one in configured_connections(whole, environment)}
        self.worker = self._part("worker", ["worker"], {**environment, "BACKHAUL_CONFIG": str(theirs)})
        self.bridge = self._part("bridge", ["starter", "bridge"], environment, announces=True)
        self.console = self._part("console", ["starter", "console"], environment, announces=True)
        await self._start_together(self.worker, self.bridge, self.console)
        self.store = Store(self.surroundings.database_url)
        self._stack.push_async_callback(self.store.close)
        await self._open_accounts()
        self.client = await self._stack.enter_async_context(
            connected(BackhaulPlugin(), address=self.temporal.address, namespace=NAMESPACE)
        )
        await asyncio.gather(self._worker_polls(), *(self._subscribe(name) for name in self.stores))
        await self._schedules_stand(theirs, environment)

    async def _start_vendors(self) -> None:
        for pairing in self.pairings:
            self.erps[pairing.erp] = self._sandbox(pairing.erp, pairing.erp, ERPS[pairing.erp].options(self.folder))
            for name in pairing.connections.values():
                options = PLATFORMS[pairing.platform].options(name, self.surroundings.secret)
                self.stores[name] = self._sandbox(pairing.platform, name, options)
        await self._start_together(*self._vendors)

    def _sandbox(self, vendor: str, name: str, options: Sequence[str]) -> Part:
        command = ["sandbox", vendor, "--journal", str(self.journal(name)), *options]
        title = vendor if vendor == name else f"{vendor}-{name}"
        return self._part(title, command, self.surroundings.plain(), announces=True)

    def _part(self, name: str, command: Sequence[str], environment: dict[str, str], announces: bool = False) -> Part:
        return Part(name, [sys.executable, "-m", *command], environment, self.folder, announces)

    async def _start_together(self, *parts: Part) -> None:
        """Start side by side; each is stopped at the end, also when another one fails to start."""
        self._stack.push_async_callback(_stop_together, parts)
        for problem in await asyncio.gather(*(part.start() for part in parts), return_exceptions=True):
            if problem is not None:
                raise problem

    async def _open_accounts(self) -> None:
        password_hash = await Passwords().hashed(self.surroundings.password)
        async with self.store.begin() as unit:
            for role in AccountRole:
                await unit.accounts.add(role, [role], password_hash, "demo", utc_now())

    async def _subscribe(self, connection: str) -> None:
        await self.platform(connection).subscribe(self.bridge.url, connection, self.surroundings.secret)

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

    async def _schedules_stand(self, configuration: Path, environment: Mapping[str, str]) -> None:
        """Wait until Temporal has set up the worker's schedules: what that costs is no part of any return.

        A schedule answers only once it has begun.
        """
        connections = [one.connection for one in configured_connections(configuration, environment)]
        for schedule in rhythm(connections):
            await self.client.get_schedule_handle(schedule.id).describe()


async def _stop_together(parts: Sequence[Part]) -> None:
    await asyncio.gather(*(part.stop() for part in parts))
