"""Serves an application as a process: listens, works until it is told to stop, lets running requests end."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

# longer than callers and the proxy in front keep an idle connection (httpx 5 s, nginx and cloud load
# balancers 60 s): whoever calls lets go first, and no request is lost in a connection that is being closed
KEEP_ALIVE_SECONDS = 75


class _Server(uvicorn.Server):
    """Leaves signals to `runtime.shutdown`: the process then ends with 0, not by the signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any free one. Raises OSError when the address is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2048)


async def serve_until(app: FastAPI, listener: socket.socket, stop: asyncio.Event, grace: float) -> None:
    """Serve until `stop` is set; requests that run then have `grace` seconds to end."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(grace)),
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="serving")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
