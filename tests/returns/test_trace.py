"""One return can be followed: by trace through every part, by logs, by the worker's metrics (R112)."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from domain.exceptions import ResolutionKind
from domain.returns import ReturnRef
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from runtime.telemetry import trace_httpx
from sandbox.kit.wanted import CustomerSpec, DeliveryPolicy
from sandbox.reveni.signing import HEADER, signature_header
from tests.patience import PATIENCE
from tests.starter.given import ENVIRON
from tests.world import API_KEY, COAT, World, running_world
from worker import PASSTHROUGH

ROOT = Path(__file__).parents[2]
SHOPPER = CustomerSpec("rosalind.quimby@example.com", "Rosalind", "Quimby-Oyelaran", "GB")
PRIVATE = (SHOPPER.email, SHOPPER.first_name, SHOPPER.last_name, "ada@example.com", "Byron", "LS1 1AA", API_KEY)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def provider(spans: InMemorySpanExporter) -> Iterator[TracerProvider]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace_httpx(provider)
    yield provider
    HTTPXClientInstrumentor().uninstrument()


async def deliver(world: World, ref: ReturnRef) -> httpx.Response:
    """The platform's first webhook of the return."""
    body = world.reveni["uk"].events(ref.return_id)[0].body
    headers = {"Content-Type": "application/json", HEADER: signature_header(API_KEY, datetime.now(UTC), body)}
    return await world.http.post(f"{world.bridge_url}/webhooks/uk", content=body, headers=headers)


async def test_R112_one_trace_from_the_webhook_to_the_vendors(
    temporal_server: DevServer, tmp_path: Path, spans: InMemorySpanExporter, provider: TracerProvider
) -> None:
    tracer = provider.get_tracer("tests")
    plugin = BackhaulPlugin(passthrough=PASSTHROUGH, tracer=tracer)
    async with running_world(temporal_server, tmp_path, plugin=plugin, traced=provider) as world:
        ref = world.returned(world.order(), customer=SHOPPER, delivery=DeliveryPolicy(lost=True))
        with tracer.start_as_current_span("the platform") as platform:
            assert (await deliver(world, ref)).status_code == 202
        await world.stage(ref, "AWAITING_GOODS")
        prima = str(world.ready[0].connection.erp_settings["url"])
    trace_id = platform.get_span_context().trace_id
    mine = [span for span in spans.get_finished_spans() if span.context.trace_id == trace_id]
    names = [span.name for span in mine]
    assert {"POST /webhooks/{connection}", "RunWorkflow:ReturnWorkflow", "HandleSignal:poke"} <= set(names)
    assert {"RunActivity:read_return", "RunActivity:open_rma"} <= set(names)
    [rma] = [span for span in mine if span.name == "RunActivity:open_rma"]
    calls = [
        span for span in mine if span.name == "POST" and span.parent and span.parent.span_id == rma.context.span_id
    ]
    assert {(span.attributes or {})["http.url"] for span in calls} == {prima}
    assert not [word for word in PRIVATE if word in "".join(map(as_text, mine))]


def as_text(span: ReadableSpan) -> str:
    """Everything that a span tells."""
    return str(span.to_json())


@asynccontextmanager
async def worker_process(world: World, folder: Path, metrics: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """``python -m worker`` as in production, with the example configuration; its log is in folder/worker.log."""
    connection = world.ready[0].connection
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("BACKHAUL_", "TEMPORAL_"))},
        "TEMPORAL_ADDRESS": world.client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": world.client.namespace,
        "BACKHAUL_CONFIG": str(ROOT / "backhaul.example.toml"),
        "BACKHAUL_DATABASE_URL": f"sqlite:///{folder / 'world.db'}",
        "BACKHAUL_METRICS_ADDRESS": f"127.0.0.1:{metrics}",
        **ENVIRON,
        "BACKHAUL_REVENI_API_KEY": API_KEY,
        "BACKHAUL_REVENI_STORE": "uk",
        "BACKHAUL_REVENI_URL": str(connection.platform_settings["base_url"]),
        "BACKHAUL_PRIMA_URL": str(connection.erp_settings["url"]),
        "BACKHAUL_LOG_LEVEL": "DEBUG",
    }
    with (folder / "worker.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "worker", env=environment, cwd=ROOT, stdout=log, stderr=log
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_R112_D8_a_worker_process_serves_metrics_logs_json_and_ends_cleanly(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    port = free_port()
    async with running_world(temporal_server, tmp_path, {"uk": {"ledger": "prima-uk"}}, worker=False) as world:
        ref = world.returned(world.order(), customer=SHOPPER)
        async with worker_process(world, tmp_path, port) as process:
            await world.stage(ref, "AWAITING_GOODS")
            await world.inspect(ref, (COAT, 1, "A"), location="NEW-HUB")
            item = await world.parked(ref)
            await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-1"})
            await world.closed(ref)
            metrics = (await world.http.get(f"http://127.0.0.1:{port}/metrics")).text
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                assert await process.wait() == 0
    assert "temporal_num_pollers" in metrics
    assert "temporal_activity_execution_latency" in metrics
    text = (tmp_path / "worker.log").read_text(encoding="utf-8")
    lines: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    [parked] = [line for line in lines if line["event"].startswith("parked: LOCATION_UNMAPPED")]
    mine = [line for line in lines if line.get("activity") == "book_goods"]
    assert parked["level"] == "warning"
    assert {(line["connection"], line["return_id"]) for line in [parked, *mine]} == {("uk", ref.return_id)}
    assert any(line["event"] == "worker is stopping" for line in lines)
    assert not [word for word in PRIVATE if word in text]
