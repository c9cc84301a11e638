"""The bridge as a process: listens, serves until it is told to stop, lets running requests end."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator

import httpx
import structlog
import uvicorn
from fastapi import FastAPI

from runtime.settings import Settings
from runtime.shutdown import stop_on_signals
from runtime.telemetry import install_temporal_runtime, trace_fastapi
from starter.bridge.app import create_bridge
from starter.bridge.parts import BridgeLimits
from starter.configuration import configured_connections
from starter.process import opened_store, temporal_link

# longer than callers and the proxy in front keep an idle connection (httpx 5 s, nginx and cloud load
# balancers 60 s): whoever calls lets go first, and no webhook is lost in a connection that is being closed
KEEP_ALIVE_SECONDS = 75

log = structlog.get_logger("starter.bridge")


class _Server(uvicorn.Server):
    """Leaves signals to `runtime.shutdown`: the process then ends with 0, not by the signal."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


async def serve_bridge(settings: Settings, listening: Callable[[str], None]) -> None:
    """Run the bridge until SIGTERM or SIGINT. `listening` hears its address, also when the port was 0.

    Raises ConfigurationError, OSError when the address is taken, SQLAlchemyError when the database is down.
    """
    connections = configured_connections(settings.config)
    install_temporal_runtime()
    async with opened_store(settings) as store, httpx.AsyncClient(timeout=60) as http:
        await store.migrate()
        limits = BridgeLimits(
            body_cap=settings.body_cap_bytes,
            inspection_token=settings.inspection_token,
            orders_token=settings.orders_token,
        )
        app = create_bridge(store, connections, temporal_link(settings), limits=limits, http=http)
        trace_fastapi(app)
        with contextlib.closing(_bind(settings)) as listener, stop_on_signals() as stop:
            host, port = listener.getsockname()[:2]
            listening(f"http://{host}:{port}")
            log.info("bridge is ready", port=port, connections=[ready.name for ready in connections])
            await _serve(app, listener, stop, settings.shutdown_seconds)
            log.info("bridge has stopped")


async def _serve(app: FastAPI, listener: socket.socket, stop: asyncio.Event, grace: float) -> None:
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
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="bridge")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving


def _bind(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.bridge_host else socket.AF_INET
    return socket.create_server((settings.bridge_host, settings.bridge_port), family=family, backlog=2048)
