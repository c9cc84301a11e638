"""Connecting, and what our plugin puts under every client and worker."""

import socket
from uuid import uuid4

import pytest
from temporalio.client import Client, WorkflowFailureError, WorkflowHistory
from temporalio.exceptions import ApplicationError
from temporalio.worker import Replayer, Worker

from runtime.client import BackhaulPlugin, TemporalUnreachableError, connect, connected
from runtime.devserver import DevServer
from runtime.keys import PayloadKey
from runtime.problems import ConfigurationError
from tests.runtime.sample import FailingWorkflow, Note, SampleActivities, SampleWorkflow

KEY = PayloadKey("k1", bytes(range(32)))
PASSTHROUGH = ["tests"]


async def nothing() -> None:
    return


async def run_sample(client: Client, text: str) -> WorkflowHistory:
    queue = f"q-{uuid4()}"
    visits = SampleActivities(nothing)
    async with Worker(client, task_queue=queue, workflows=[SampleWorkflow], activities=[visits.visit]):
        handle = await client.start_workflow(
            SampleWorkflow.run,
            Note(text=text),
            id=queue,
            task_queue=queue,
            start_signal="poke",
            start_signal_args=[Note(text=text)],
        )
        assert await handle.result() == Note(text=f"visited {text}")
    return await handle.fetch_history()


async def test_models_travel_readably_without_a_key(dev_server: DevServer) -> None:
    plugin = BackhaulPlugin(passthrough=PASSTHROUGH)
    client = await connect(plugin, address=dev_server.address, namespace=dev_server.namespace)
    history = await run_sample(client, "plain-text")
    assert "plain-text" in str(history.events)


async def test_with_a_key_the_history_is_unreadable_and_replays(dev_server: DevServer) -> None:
    plugin = BackhaulPlugin(keys=[KEY], passthrough=PASSTHROUGH)
    client = await connect(plugin, address=dev_server.address, namespace=dev_server.namespace)
    history = await run_sample(client, "covered-text")
    assert "covered-text" not in str(history.events)
    replayer = Replayer(workflows=[SampleWorkflow], plugins=[BackhaulPlugin(keys=[KEY], passthrough=PASSTHROUGH)])
    await replayer.replay_workflow(history)


async def test_with_a_key_error_messages_are_unreadable_too(dev_server: DevServer) -> None:
    plugin = BackhaulPlugin(keys=[KEY], passthrough=PASSTHROUGH)
    client = await connect(plugin, address=dev_server.address, namespace=dev_server.namespace)
    queue = f"q-{uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[FailingWorkflow]):
        handle = await client.start_workflow(FailingWorkflow.run, Note(text="inner-secret"), id=queue, task_queue=queue)
        with pytest.raises(WorkflowFailureError) as caught:
            await handle.result()
    assert isinstance(caught.value.cause, ApplicationError)
    assert "inner-secret" in str(caught.value.cause)
    assert "inner-secret" not in str((await handle.fetch_history()).events)


async def test_a_start_input_of_the_wrong_shape_fails_the_run_instead_of_retrying_for_ever(
    dev_server: DevServer,
) -> None:
    plugin = BackhaulPlugin(passthrough=PASSTHROUGH)
    client = await connect(plugin, address=dev_server.address, namespace=dev_server.namespace)
    queue = f"q-{uuid4()}"
    async with Worker(client, task_queue=queue, workflows=[FailingWorkflow]):
        handle = await client.start_workflow("FailingWorkflow", {"wrong": 1}, id=queue, task_queue=queue)
        with pytest.raises(WorkflowFailureError):
            await handle.result()


async def test_a_first_connect_that_fails_is_tried_again_until_the_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(TemporalUnreachableError, match=rf"{address} did not answer within 0\.3 s"):
        await connect(BackhaulPlugin(), address=address, limit=0.3)


async def test_temporals_own_variables_say_where(dev_server: DevServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", dev_server.address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", dev_server.namespace)
    async with connected(BackhaulPlugin()) as client:
        assert client.namespace == dev_server.namespace


async def test_an_unknown_profile_is_a_configuration_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_PROFILE", "no-such-profile")
    with pytest.raises(ConfigurationError, match="no-such-profile"):
        await connect(BackhaulPlugin())
