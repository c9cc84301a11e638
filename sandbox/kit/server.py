"""Serves an ASGI app on a real socket, in a thread of its own: for async tests and plain threads alike."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

START_LIMIT_SECONDS = 15.0
STOP_LIMIT_SECONDS = 10.0
# longer than any client of ours keeps an idle connection (httpx: 5 s): the client lets go first, so no
# request goes into a connection that is just being closed
KEEP_ALIVE_SECONDS = 75


class BreakableProtocol(H11Protocol):
    """HTTP/1.1 that lets the app close its connection: `scope["state"]["close_connection"]()`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, "close_connection": transport.close}


class RunningServer:
    """A uvicorn server in a background thread. `start` returns once it accepts connections."""

    def __init__(self, app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> None:
        self._socket = _bind(host, port)
        self.port: int = self._socket.getsockname()[1]
        self._host = "127.0.0.1" if host in ("0.0.0.0", "::") else host
        self._server = uvicorn.Server(_config(app))
        self._thread = threading.Thread(target=self._run, name="sandbox-server", daemon=True)

    @classmethod
    def start(cls, app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> Self:
        """Serve `app`; port 0 takes a free one. Raises OSError when it is taken, TimeoutError on a hang."""
        running = cls(app, host, port)
        running._thread.start()
        deadline = time.monotonic() + START_LIMIT_SECONDS
        while not running._server.started:
            if time.monotonic() > deadline or not running._thread.is_alive():
                running.stop()
                raise TimeoutError("the sandbox server did not start")
            time.sleep(0.01)
        return running

    @property
    def url(self) -> str:
        """Base URL without a closing slash."""
        return f"http://{self._host}:{self.port}"

    def stop(self) -> None:
        """Close the listening socket, give running requests one second, and wait for the thread."""
        self.ask_to_stop()
        if self._thread.is_alive():
            self._thread.join(STOP_LIMIT_SECONDS)
        self._socket.close()

    def ask_to_stop(self) -> None:
        """Tell the server to end, without waiting. Safe in a signal handler."""
        self._server.should_exit = True

    def wait(self) -> None:
        """Block until the server ends (for a process that does nothing else)."""
        while self._thread.is_alive():
            self._thread.join(0.5)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


@asynccontextmanager
async def serve(app: ASGIApp, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[RunningServer]:
    """`async with serve(app) as server: server.url`. The app gets a loop of its own."""
    async with await asyncio.to_thread(RunningServer.start, app, host, port) as server:
        yield server


def _bind(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle off only where the protocol is named; without it each answer waits 40 ms
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BreakableProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=1,
    )
