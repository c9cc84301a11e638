"""The bridge as a process: listens, serves until it is told to stop, lets running requests end."""

import contextlib
from collections.abc import Callable

import httpx
import structlog

from runtime.settings import Settings
from runtime.shutdown import stop_on_signals
from runtime.telemetry import install_temporal_runtime, trace_fastapi
from starter.alerting import announcer_of
from starter.bridge.app import create_bridge
from starter.bridge.parts import BridgeLimits
from starter.configuration import configured_site
from starter.process import opened_store, temporal_link
from starter.serving import listen, serve_until

log = structlog.get_logger("starter.bridge")


async def serve_bridge(settings: Settings, listening: Callable[[str], None]) -> None:
    """Run the bridge until SIGTERM or SIGINT. `listening` hears its address, also when the port was 0.

    Raises ConfigurationError, OSError when the address is taken, SQLAlchemyError when the database is down.
    """
    site = configured_site(settings.config)
    connections = site.connections
    install_temporal_runtime()
    async with opened_store(settings) as store, httpx.AsyncClient(timeout=60) as http:
        await store.migrate()
        limits = BridgeLimits(
            body_cap=settings.body_cap_bytes,
            inspection_token=settings.inspection_token,
            orders_token=settings.orders_token,
        )
        app = create_bridge(
            store,
            connections,
            temporal_link(settings),
            limits=limits,
            http=http,
            announcer=announcer_of(site, store, settings),
        )
        trace_fastapi(app)
        with (
            contextlib.closing(listen(settings.bridge_host, settings.bridge_port)) as listener,
            stop_on_signals() as stop,
        ):
            host, port = listener.getsockname()[:2]
            listening(f"http://{host}:{port}")
            log.info("bridge is ready", port=port, connections=[ready.name for ready in connections])
            await serve_until(app, listener, stop, settings.shutdown_seconds)
            log.info("bridge has stopped")
