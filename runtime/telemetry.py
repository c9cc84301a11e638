"""Traces by OTLP, metrics for Prometheus. Silent unless the usual variables ask for them."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from urllib.parse import unquote

import httpx
from fastapi import FastAPI
from opentelemetry import context, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor, RequestInfo
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import Attributes, AttributeValue
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from runtime.problems import ConfigurationError
from runtime.redaction import redact, scrub

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_QUIET_PATHS = "healthz,readyz"
#: What the instrumentation calls the address of a request, in its older and its newer words.
_ADDRESSES = ("http.target", "http.url", "url.path", "url.full")
_ROUTE = "http.route"
_QUERY = "url.query"
_W3C = TraceContextTextMapPropagator()


def exporter_from_environment() -> SpanExporter | None:
    """The OTLP exporter, when its endpoint is set and OTEL_SDK_DISABLED is not."""
    if os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return None
    if not any(os.environ.get(name) for name in _ENDPOINTS):
        return None
    return OTLPSpanExporter()


def tracer_provider(service: str, exporter: SpanExporter | None = None) -> TracerProvider | None:
    """A provider that sends spans to `exporter`, else to the one that the environment asks for; else None.

    OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over `service`. Spans are scrubbed as log lines are.
    """
    exporter = exporter or exporter_from_environment()
    if exporter is None:
        return None
    resource = Resource.create({} if os.environ.get("OTEL_SERVICE_NAME") else {SERVICE_NAME: service})
    provider = TracerProvider(resource=resource)
    provider.add_span_processor(BatchSpanProcessor(_Scrubbing(exporter)))
    return provider


@contextmanager
def tracing(service: str) -> Iterator[None]:
    """Trace this process while the block runs, when the environment asks for it; flush at the end.

    Outgoing httpx calls become spans and carry the trace on. Once per process.
    """
    provider = tracer_provider(service)
    if provider is None:
        yield
        return
    trace.set_tracer_provider(provider)
    trace_httpx(provider)
    try:
        yield
    finally:
        HTTPXClientInstrumentor().uninstrument()
        provider.shutdown()


def trace_httpx(provider: trace.TracerProvider) -> None:
    """Make every httpx client of the process trace its calls. Query strings stay out of the spans."""

    def plain(span: trace.Span, request: RequestInfo) -> None:
        url = httpx.URL(str(request.url)).copy_with(query=None, username=None, password=None, fragment=None)
        _describe(span, scrub(unquote(str(url))))

    async def plain_async(span: trace.Span, request: RequestInfo) -> None:
        plain(span, request)

    HTTPXClientInstrumentor().instrument(tracer_provider=provider, request_hook=plain, async_request_hook=plain_async)


def trace_fastapi(app: FastAPI, provider: trace.TracerProvider | None = None) -> None:
    """Make each request of the application a span that names its route; health checks are left out.

    Its path and its query stay out of the span: a path may hold a secret, and a caller may write anything there.
    """

    def plain(span: trace.Span, _: object) -> None:
        _describe(span, str(_attributes(span).get(_ROUTE, "")))

    FastAPIInstrumentor.instrument_app(
        app,
        tracer_provider=provider,
        server_request_hook=plain,
        excluded_urls=_QUIET_PATHS,
        exclude_spans=["receive", "send"],
    )


def _describe(span: trace.Span, address: str) -> None:
    """Let every attribute that tells the request's address tell this one."""
    for name in (*_ADDRESSES, _QUERY):
        if name in _attributes(span):
            span.set_attribute(name, "" if name == _QUERY else address)


def _attributes(span: trace.Span) -> Mapping[str, AttributeValue]:
    """What the span holds by now; nothing of one that is not recorded."""
    return getattr(span, "attributes", None) or {}


class _Scrubbing(SpanExporter):
    """Passes spans on without the personal data and secrets that log lines are kept free of: errors quote values."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Scrub the spans and export them."""
        return self._exporter.export([_scrubbed(span) for span in spans])

    def shutdown(self) -> None:
        """Shut the exporter down."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Flush the exporter."""
        return self._exporter.force_flush(timeout_millis)


def _scrubbed(span: ReadableSpan) -> ReadableSpan:
    said = span.status.description
    return ReadableSpan(
        name=scrub(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_clean(span.attributes),
        events=[Event(event.name, _clean(event.attributes), event.timestamp) for event in span.events],
        links=span.links,
        kind=span.kind,
        status=trace.Status(span.status.status_code, scrub(said) if said else None),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _clean(attributes: Attributes) -> Attributes:
    return dict(redact(None, "", dict(attributes or {})))


def current_traceparent() -> str:
    """The W3C ``traceparent`` of the current span, to be stored beside work done later; empty without one."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent", "")


@contextmanager
def continued(traceparent: str | None) -> Iterator[None]:
    """Go on with a stored trace inside the block. An empty or malformed value changes nothing."""
    found = _W3C.extract({"traceparent": traceparent}, context=context.get_current()) if traceparent else None
    if found is None or not trace.get_current_span(found).get_span_context().is_valid:
        yield
        return
    token = context.attach(found)
    try:
        yield
    finally:
        context.detach(token)


def install_temporal_runtime(metrics_address: str | None = None) -> Runtime:
    """Make the process's one Temporal runtime, before the first connect. Later clients use it by themselves.

    It logs through the standard library, and with an address shows the SDK's metrics under ``/metrics``.
    Raises ConfigurationError when the address is taken.
    """
    logs = LoggingConfig(
        filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
        forwarding=LogForwardingConfig(logger=logging.getLogger("temporalio.core")),
    )
    metrics = PrometheusConfig(bind_address=metrics_address) if metrics_address else None
    try:
        runtime = Runtime(telemetry=TelemetryConfig(logging=logs, metrics=metrics))
    except (RuntimeError, ValueError) as error:
        problem = f"BACKHAUL_METRICS_ADDRESS {metrics_address} cannot be listened on: {error}"
        raise ConfigurationError("Metrics cannot be shown", [problem]) from error
    Runtime.set_default(runtime, error_if_already_set=False)
    return runtime
