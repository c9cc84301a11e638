"""A month passes in seconds: reminders and the deadline, on real steps and real vendors, with a skipped clock."""

import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment

from activities.edge import Edge
from adapters.assembly import load_connections
from desk.starting import start_or_poke
from domain.messages import SEARCH_ATTRIBUTES, Poke
from runtime.client import BackhaulPlugin
from runtime.serving import serving
from sandbox.kit.server import serve
from sandbox.prima import PrimaSandbox, PrimaWorld
from sandbox.reveni import ReveniSandbox
from store import Store
from tests.returns.looking import eventually, live_rmas
from tests.world import API_KEY, World, connection_table
from worker import PASSTHROUGH, build_links, build_workers, utc_now

TEST_SERVER = str(Path(sys.executable).with_name("temporal-test-server"))
POLICY = {"deadline": "30d", "reminders": ["14d", "25d"], "rate_per_second": 200}


@pytest.fixture
async def skipping(tmp_path: Path) -> AsyncIterator[tuple[World, WorkflowEnvironment]]:
    """Both vendors, store and workers on a Temporal server whose clock runs ahead while a result is awaited."""
    async with AsyncExitStack() as stack:
        plugin = BackhaulPlugin(passthrough=PASSTHROUGH)
        starting = WorkflowEnvironment.start_time_skipping(test_server_existing_path=TEST_SERVER, plugins=[plugin])
        environment = await stack.enter_async_context(await starting)
        wanted = dict.fromkeys(SEARCH_ATTRIBUTES, IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD)
        request = AddSearchAttributesRequest(namespace=environment.client.namespace, search_attributes=wanted)
        await environment.client.operator_service.add_search_attributes(request)
        prima = PrimaSandbox(seed=PrimaWorld())
        reveni = await stack.enter_async_context(ReveniSandbox(store_id="uk", api_key=API_KEY))
        prima_server = await stack.enter_async_context(serve(prima.app))
        reveni_server = await stack.enter_async_context(serve(reveni.app))
        table = connection_table(prima_server.url + prima.path, reveni_server.url, "uk", policy=POLICY)
        store = Store(f"sqlite:///{tmp_path / 'clock.db'}")
        await store.migrate()
        stack.push_async_callback(store.close)
        ready = load_connections({"connections": {"uk": table}}, {"REVENI_KEY": API_KEY})
        http = await stack.enter_async_context(httpx.AsyncClient(timeout=30))
        edge = Edge(store=store, clock=utc_now)
        world = World(environment.client, store, "", ready, http, edge, prima, {"uk": reveni})
        workers = build_workers(environment.client, edge, build_links(ready, http), timedelta())
        await stack.enter_async_context(serving(workers, timedelta()))
        yield world, environment


async def test_E28_R106_thirty_days_two_reminders_then_it_expires(
    skipping: tuple[World, WorkflowEnvironment],
) -> None:
    world, environment = skipping
    ref = world.returned(world.order())
    await start_or_poke(world.client, ref, world.ready[0].connection, Poke())
    await world.stage(ref, "AWAITING_GOODS")

    def reminded() -> int:
        return len(world.reveni["uk"].journal.entries("note_added"))

    for days, reminders in ((13, 0), (2, 1), (9, 1), (2, 2)):
        await environment.sleep(timedelta(days=days))
        await eventually(partial(lambda wanted: reminded() >= wanted, reminders))
        assert reminded() == reminders
    assert len(live_rmas(world, ref)) == 1
    await environment.sleep(timedelta(days=5))
    await world.stage(ref, "EXPIRED")
    assert live_rmas(world, ref) == []
