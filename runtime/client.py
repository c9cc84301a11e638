"""Connecting to Temporal, with our plugin: payloads as pydantic models, encryption, tracing, sandbox."""

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import structlog
from opentelemetry import trace
from pydantic import ValidationError
from temporalio.client import Client
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter, DefaultFailureConverterWithEncodedAttributes
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.plugin import SimplePlugin
from temporalio.runtime import Runtime
from temporalio.service import RPCError
from temporalio.worker import WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from runtime.codec import EncryptionCodec
from runtime.keys import PayloadKey
from runtime.problems import ConfigurationError

_ATTEMPT_SECONDS = 10.0
_FIRST_DELAY = 1.0
_LONGEST_DELAY = 30.0
_SETTLE_SECONDS = 0.2  # without it the interpreter sometimes aborts when it exits next (temporal-notes 8)

log = structlog.get_logger("runtime.client")


class TemporalUnreachableError(Exception):
    """Temporal did not answer in the time allowed."""


class BackhaulPlugin(SimplePlugin):
    """Everything a client, worker or replayer of ours shares. Give it to the client only; workers inherit it.

    keys: payload keys, newest first; none means readable payloads
    passthrough: top-level packages that the workflow sandbox does not load again (they must be deterministic
        at import: models, ids, activity signatures)
    tracer: where spans go; by default to the process's tracer provider, which drops them unless set up
    """

    def __init__(
        self,
        *,
        keys: Sequence[PayloadKey] = (),
        passthrough: Sequence[str] = (),
        tracer: trace.Tracer | None = None,
    ) -> None:
        def runner(existing: WorkflowRunner | None) -> WorkflowRunner:
            return _sandbox(existing, passthrough)

        super().__init__(
            "backhaul",
            data_converter=data_converter(keys),
            interceptors=[TracingInterceptor(tracer or trace.get_tracer("backhaul"))],
            workflow_runner=runner,
            workflow_failure_exception_types=[ValidationError],
        )


def data_converter(keys: Sequence[PayloadKey]) -> DataConverter:
    """Payloads as pydantic JSON; with keys encrypted, error messages and stack traces too."""
    if not keys:
        return pydantic_data_converter
    return dataclasses.replace(
        pydantic_data_converter,
        payload_codec=EncryptionCodec(keys),
        failure_converter_class=DefaultFailureConverterWithEncodedAttributes,
    )


def _sandbox(existing: WorkflowRunner | None, passthrough: Sequence[str]) -> WorkflowRunner:
    runner = existing or SandboxedWorkflowRunner()
    if not isinstance(runner, SandboxedWorkflowRunner):
        return runner
    restrictions = runner.restrictions.with_passthrough_modules(*passthrough)
    return dataclasses.replace(runner, restrictions=restrictions)


async def connect(
    plugin: BackhaulPlugin,
    *,
    limit: float | None = 60,
    runtime: Runtime | None = None,
    address: str | None = None,
    namespace: str | None = None,
) -> Client:
    """A connected client. Tries again (1 s, doubling to 30 s) for `limit` seconds; None: for ever.

    Where to: `address` and `namespace`, else Temporal's own variables and profiles, else localhost:7233.
    Raises ConfigurationError (profile, TLS files), TemporalUnreachableError.
    """
    config = _connect_config(address, namespace)
    started, delay = time.monotonic(), _FIRST_DELAY
    while True:
        try:
            connecting = Client.connect(**config, plugins=[plugin], runtime=runtime)
            return await asyncio.wait_for(connecting, _ATTEMPT_SECONDS)
        except (RuntimeError, RPCError, TimeoutError) as error:
            left = None if limit is None else limit - (time.monotonic() - started)
            if left is not None and left <= 0:
                await asyncio.sleep(_SETTLE_SECONDS)
                raise _unreachable(config["target_host"], limit, error) from error
            log.warning("temporal does not answer", temporal=config["target_host"], error=str(error), retry_in=delay)
            await asyncio.sleep(delay if left is None else min(delay, left))
            delay = min(delay * 2, _LONGEST_DELAY)


def configured_namespace() -> str:
    """The namespace that `connect` uses unless it is told another one. Raises ConfigurationError."""
    return _connect_config(None, None).get("namespace") or "default"


@asynccontextmanager
async def connected_to(plugin: BackhaulPlugin, address: str, namespace: str) -> AsyncIterator[Client]:
    """A client of an embedded server. Temporal's own variables and profiles are about another one, and not used."""
    client = await Client.connect(address, namespace=namespace, plugins=[plugin])
    try:
        yield client
    finally:
        await asyncio.sleep(_SETTLE_SECONDS)


@asynccontextmanager
async def connected(
    plugin: BackhaulPlugin,
    *,
    limit: float | None = 10,
    address: str | None = None,
    namespace: str | None = None,
) -> AsyncIterator[Client]:
    """A client for a short command, which may exit right after the block."""
    client = await connect(plugin, limit=limit, address=address, namespace=namespace)
    try:
        yield client
    finally:
        await asyncio.sleep(_SETTLE_SECONDS)


def _connect_config(address: str | None, namespace: str | None) -> ClientConnectConfig:
    try:
        config = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:
        raise ConfigurationError("Temporal's own settings (TEMPORAL_…) are unusable", [str(error)]) from error
    if address is not None:
        config["target_host"] = address
    if namespace is not None:
        config["namespace"] = namespace
    config.setdefault("target_host", "localhost:7233")
    return config


def _unreachable(address: str, limit: float | None, error: Exception) -> TemporalUnreachableError:
    return TemporalUnreachableError(
        f"Temporal at {address} did not answer within {limit:g} s ({error}). "
        "Is it running? TEMPORAL_ADDRESS or TEMPORAL_PROFILE say where it is."
    )
