"""One trace from the webhook through the workflow and its activity to the vendor call."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from opentelemetry.instrumentation._semconv import _OpenTelemetrySemanticConventionStability as AttributeNames
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel, ValidationError
from temporalio.worker import Worker

from runtime.client import BackhaulPlugin, connect
from runtime.devserver import DevServer
from runtime.telemetry import (
    continued,
    current_traceparent,
    exporter_from_environment,
    trace_fastapi,
    trace_httpx,
    tracer_provider,
)
from tests.runtime.sample import Note, SampleActivities, SampleWorkflow


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


@pytest.fixture
async def vendor() -> AsyncIterator[tuple[str, list[str]]]:
    """A loopback HTTP server that keeps the requests it got."""
    requests: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", requests


async def test_one_trace_from_webhook_to_vendor(
    dev_server: DevServer,
    provider: TracerProvider,
    spans: InMemorySpanExporter,
    vendor: tuple[str, list[str]],
) -> None:
    url, requests = vendor
    tracer = provider.get_tracer("tests")
    plugin = BackhaulPlugin(tracer=tracer, passthrough=["tests"])
    client = await connect(plugin, address=dev_server.address, namespace=dev_server.namespace)

    async def call() -> None:
        async with httpx.AsyncClient() as http:
            await http.get(f"{url}/orders?email=jo@example.com")

    with tracer.start_as_current_span("webhook"):
        stored = current_traceparent()
    assert current_traceparent() == ""

    queue = f"q-{uuid4()}"
    visits = SampleActivities(call)
    async with Worker(client, task_queue=queue, workflows=[SampleWorkflow], activities=[visits.visit]):
        with continued(stored):
            handle = await client.start_workflow(
                SampleWorkflow.run,
                Note(text="x"),
                id=queue,
                task_queue=queue,
                start_signal="poke",
                start_signal_args=[Note(text="x")],
            )
        await handle.result()

    finished = spans.get_finished_spans()
    assert {"HandleSignal:poke", "RunWorkflow:SampleWorkflow", "RunActivity:visit", "GET"} <= {s.name for s in finished}
    assert len({span.context.trace_id for span in finished if span.context}) == 1
    trace_id = stored.split("-")[1]
    assert f"traceparent: 00-{trace_id}-" in requests[0]
    [call_span] = [span for span in finished if span.name == "GET"]
    assert "example.com" not in str(dict(call_span.attributes or {}))


async def test_a_request_continues_the_callers_trace_and_health_checks_are_silent(
    provider: TracerProvider, spans: InMemorySpanExporter
) -> None:
    app = FastAPI()
    seen: list[str] = []

    @app.post("/webhooks/{connection}")
    async def webhook(connection: str) -> None:
        seen.append(current_traceparent())

    @app.get("/healthz")
    async def healthz() -> None:
        return

    trace_fastapi(app, provider)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge") as client:
        await client.post("/webhooks/uk", headers={"traceparent": parent})
        await client.get("/healthz")
    assert seen[0].startswith("00-0af7651916cd43dd8448eb211c80319c-")
    assert [span.name for span in spans.get_finished_spans()] == ["POST /webhooks/{connection}"]


SECRET = "s3cret-of-the-webhooks-0123456789abcdef"
#: A caller's path, and what stands for it in the span.
REQUESTS = {
    "as it should be": (f"/webhooks/uk/{SECRET}", "/webhooks/{connection}/{token}"),
    "with a query": (f"/webhooks/uk/{SECRET}?email=jo@example.com", "/webhooks/{connection}/{token}"),
    "with a slash too many": (f"/webhooks/uk/{SECRET}/", ""),
    "mistyped": (f"/wehbooks/uk/{SECRET}", ""),
}


@pytest.mark.parametrize("names", ["", "http", "http/dup"])
@pytest.mark.parametrize("case", REQUESTS)
async def test_R109_a_request_is_traced_by_its_route_and_never_by_its_path(
    case: str, names: str, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, shown = REQUESTS[case]
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", names)
    monkeypatch.setattr(AttributeNames, "_initialized", False)
    monkeypatch.setattr(AttributeNames, "_OTEL_SEMCONV_STABILITY_SIGNAL_MAPPING", {})
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    app = FastAPI()

    @app.post("/webhooks/{connection}/{token}")
    async def webhook(connection: str, token: str) -> str:
        return connection + token

    trace_fastapi(app, provider)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bridge") as client:
        await client.post(path)
    [span] = spans.get_finished_spans()
    told = span.to_json()
    assert SECRET not in told
    assert "example.com" not in told
    attributes = dict(span.attributes or {})
    assert {attributes[name] for name in ("http.target", "http.url", "url.path") if name in attributes} == {shown}
    assert span.name == f"POST {shown}".strip()


async def test_R109_an_address_typed_in_place_of_an_order_number_is_in_no_span(
    provider: TracerProvider, spans: InMemorySpanExporter, vendor: tuple[str, list[str]]
) -> None:
    del provider
    url, requests = vendor
    async with httpx.AsyncClient() as http:
        await http.get(f"{url}/orders/{quote('jo@example.com', safe='')}?q=Jo+Bloggs")
    assert requests[0].startswith("GET /orders/jo%40example.com?q=Jo+Bloggs ")
    [span] = spans.get_finished_spans()
    shown = str((span.attributes or {})["http.url"])
    assert shown.startswith(f"{url}/orders/***")
    assert not {"example", "Bloggs"} & set(re.findall(r"\w+", span.to_json()))


class _Wanted(BaseModel):
    quantity: int


def test_R109_what_is_exported_of_an_error_says_no_more_than_the_log(spans: InMemorySpanExporter) -> None:
    provider = tracer_provider("backhaul-worker", spans)
    assert provider is not None
    body = {"quantity": "12 Acacia Avenue"}
    with (
        pytest.raises(ValidationError),
        provider.get_tracer("tests").start_as_current_span("visit", attributes={"said": "to jo@example.com"}),
    ):
        _Wanted.model_validate(body)
    provider.shutdown()
    [span] = spans.get_finished_spans()
    told = span.to_json()
    assert "ValidationError" in told
    assert "valid integer" in str(span.status.description)
    assert [event.name for event in span.events] == ["exception"]
    assert not {"Acacia", "example"} & set(re.findall(r"\w+", told))
    assert span.resource.attributes["service.name"] == "backhaul-worker"
    assert span.context is not None
    assert span.end_time is not None


@pytest.mark.parametrize("value", [None, "", "garbage", "00-0-0-01", "00-" + "0" * 32 + "-" + "0" * 16 + "-01"])
def test_a_malformed_traceparent_changes_nothing(value: str | None) -> None:
    with continued(value):
        assert current_traceparent() == ""


def test_nothing_is_exported_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_SDK_DISABLED"):
        monkeypatch.delenv(name, raising=False)
    assert exporter_from_environment() is None
    assert tracer_provider("worker") is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:4318/v1/traces")
    exporter = exporter_from_environment()
    assert exporter is not None
    exporter.shutdown()
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    assert exporter_from_environment() is None


def test_the_service_has_its_name_unless_the_environment_gives_one(
    monkeypatch: pytest.MonkeyPatch, spans: InMemorySpanExporter
) -> None:
    monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)
    first = tracer_provider("backhaul-worker", spans)
    monkeypatch.setenv("OTEL_SERVICE_NAME", "ours")
    second = tracer_provider("backhaul-worker", spans)
    assert first is not None
    assert second is not None
    assert first.resource.attributes["service.name"] == "backhaul-worker"
    assert second.resource.attributes["service.name"] == "ours"
    first.shutdown()
    second.shutdown()


METRICS_PROGRAM = """
import asyncio, sys, urllib.request
from runtime.client import BackhaulPlugin, connected
from runtime.devserver import Ports
from runtime.telemetry import install_temporal_runtime

async def main():
    address = f"127.0.0.1:{Ports.free().metrics}"
    install_temporal_runtime(address)
    async with connected(BackhaulPlugin(), address=sys.argv[1]):
        page = urllib.request.urlopen(f"http://{address}/metrics").read().decode()
    print("temporal_request" in page)
    try:
        install_temporal_runtime(address)
    except Exception as error:
        print(error)

asyncio.run(main())
"""


def test_the_sdk_shows_its_metrics_and_a_taken_address_is_told(dev_server: DevServer) -> None:
    done = subprocess.run(
        [sys.executable, "-c", METRICS_PROGRAM, dev_server.address],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("True\nMetrics cannot be shown:\n  - BACKHAUL_METRICS_ADDRESS 127.0.0.1:")
