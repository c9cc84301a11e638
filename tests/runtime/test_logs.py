"""Every library's lines come out in one form, with the return they belong to and without personal data."""

import asyncio
import io
import json
import logging
import warnings
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
import structlog
from temporalio.worker import Worker

from runtime.client import BackhaulPlugin, connect
from runtime.devserver import DevServer
from runtime.logs import bound_contextvars, configure_logs
from tests.runtime.sample import Note, SampleActivities, SampleWorkflow


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logs(stream=stream)
    yield stream
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_json_with_its_context(stream: io.StringIO) -> None:
    with bound_contextvars(connection="uk", return_id="R-1"):
        structlog.get_logger("room").info("rma opened", rma="RA-7", email="jo@example.com")
    [line] = lines(stream)
    assert line.pop("timestamp")
    assert line == {
        "event": "rma opened",
        "logger": "room",
        "level": "info",
        "connection": "uk",
        "return_id": "R-1",
        "rma": "RA-7",
        "email": "***",
    }


def test_the_standard_library_goes_the_same_way(stream: io.StringIO) -> None:
    with bound_contextvars(return_id="R-2"):
        logging.getLogger("temporalio.worker").warning("slow %s for %s", "task", "jo@example.com")
    [line] = lines(stream)
    assert line["event"] == "slow task for ***@***"
    assert line["return_id"] == "R-2"
    assert line["logger"] == "temporalio.worker"


def test_tracebacks_are_one_line_and_scrubbed(stream: io.StringIO) -> None:
    try:
        raise ValueError("no such customer jo@example.com")
    except ValueError:
        logging.getLogger("x").exception("failed")
    [line] = lines(stream)
    assert "ValueError: no such customer ***@***" in str(line["exception"])


async def test_httpx_does_not_tell_urls(stream: io.StringIO) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    async with httpx.AsyncClient(transport=transport) as client:
        await client.get("https://vendor.example/find", params={"email": "jo@example.com"})
    assert lines(stream) == []


def test_warnings_are_lines_too(stream: io.StringIO) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(capture=True)
        warnings.warn("old thing", DeprecationWarning, stacklevel=1)
        logging.captureWarnings(capture=False)
    assert "old thing" in str(lines(stream)[0]["event"])


async def test_lines_inside_workflow_and_activity_say_which_return(stream: io.StringIO, dev_server: DevServer) -> None:
    configure_logs(stream=stream, fields_of=lambda workflow_id: {"return_id": workflow_id.split("/")[2]})
    plugin = BackhaulPlugin(passthrough=["tests"])
    client = await connect(plugin, address=dev_server.address, namespace=dev_server.namespace)
    workflow_id = f"return/uk/{uuid4()}"
    visits = SampleActivities(lambda: asyncio.sleep(0))
    async with Worker(client, task_queue=workflow_id, workflows=[SampleWorkflow], activities=[visits.visit]):
        handle = await client.start_workflow(SampleWorkflow.run, Note(text="x"), id=workflow_id, task_queue=workflow_id)
        await handle.signal(SampleWorkflow.poke, Note(text="x"))
        await handle.result()
    ours = {str(line["event"]): line for line in lines(stream) if line.get("workflow_id") == workflow_id}
    assert ours["poked"]["return_id"] == workflow_id.removeprefix("return/uk/")
    assert ours["visiting"]["return_id"] == workflow_id.removeprefix("return/uk/")
    assert ours["visiting"]["activity"] == "visit"
    assert ours["visiting"]["attempt"] == 1
    assert "temporal_workflow" not in ours["poked"]


def test_console_form_is_for_people(stream: io.StringIO) -> None:
    out = io.StringIO()
    configure_logs(form="console", stream=out)
    structlog.get_logger("room").info("hello", phone="123")
    assert "hello" in out.getvalue()
    assert "123" not in out.getvalue()
