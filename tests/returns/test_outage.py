"""A vendor that is down, or refuses our credentials: one exception for the connection, none per return (D3, E63)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.exceptions import ExceptionCode, Owner
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from sandbox.kit.faults import Fault
from store.records import ExceptionRecord, ExceptionState
from tests.patience import PATIENCE
from tests.returns.course import arrive, totals
from tests.world import COAT, World, running_world

pytestmark = pytest.mark.verify

IMPATIENT = {"policy": {"outage_limit": "1s"}}


@pytest.fixture(scope="module")
async def impatient(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Outages count after a second. ``stranger`` has a store at Reveni that our key is not for."""
    stranger = {**IMPATIENT, "reveni": {"store_id": "not-ours"}}
    folder = tmp_path_factory.mktemp("impatient")
    connections = {"uk": IMPATIENT, "eu": IMPATIENT, "keyless": IMPATIENT, "stranger": stranger}
    async with running_world(temporal_server, folder, connections) as world:
        yield world


async def outages(
    world: World, connection: str, state: ExceptionState | None = ExceptionState.OPEN
) -> list[ExceptionRecord]:
    """Exceptions of the connection itself."""
    async with world.store.reading() as unit:
        found = await unit.exceptions.list(state=state, connection=connection)
    return [item for item in found if item.return_id is None]


async def outage(world: World, connection: str) -> ExceptionRecord:
    """Wait for the one outage of the connection."""
    async with asyncio.timeout(PATIENCE):
        while not (found := await outages(world, connection)):
            await asyncio.sleep(0.05)
    [item] = found
    return item


async def five_waiting(world: World, connection: str) -> list[ReturnRef]:
    """Five returns whose goods are on their way."""
    refs = [world.returned(world.order(), connection=connection) for _ in range(5)]
    await asyncio.gather(*(world.stage(ref, "AWAITING_GOODS") for ref in refs))
    return refs


@pytest.mark.parametrize(
    ("connection", "vendor", "system"), [("uk", "prima", "prima"), ("eu", "eu", "reveni")], ids=["erp", "platform"]
)
async def test_D3_E63_R15_five_returns_wait_for_a_vendor_and_one_exception_says_so(
    impatient: World, connection: str, vendor: str, system: str
) -> None:
    world = impatient
    refs = await five_waiting(world, connection)
    faults = world.prima.faults if vendor == "prima" else world.reveni[vendor].faults
    faults.add(Fault(kind="unavailable", times=None))
    try:
        await asyncio.gather(*(arrive(world, ref) for ref in refs))
        item = await outage(world, connection)
        assert (item.code, item.owner) == (ExceptionCode.CONNECTION_DOWN, Owner.INTEGRATION)
        assert item.reason.startswith(f"{system}: ")
        assert any(ref.return_id in item.reason for ref in refs), "names who saw it first"
    finally:
        faults.clear()
    for ref in refs:
        await world.closed(ref)
        assert totals(world, ref) == ["220.50"]
        assert world.received(ref) == {(COAT, "01"): 1}
        assert await world.exceptions(ref, None) == []
    assert [item.state for item in await outages(world, connection, None)] == [ExceptionState.CLEARED]


@pytest.mark.parametrize("connection", ["keyless", "stranger"])
async def test_D3_E63_refused_credentials_are_one_exception_at_once(impatient: World, connection: str) -> None:
    world = impatient
    if connection == "keyless":
        world.reveni[connection].faults.add(Fault(kind="unavailable", status=401, times=None))
    refs = [world.returned(world.order(), connection=connection) for _ in range(3)]
    item = await outage(world, connection)
    assert (item.code, item.owner) == (ExceptionCode.CONNECTION_DOWN, Owner.INTEGRATION)
    assert ("401" if connection == "keyless" else "403") in item.reason
    async with asyncio.timeout(PATIENCE):
        while await refused_steps(world, refs) < len(refs):
            await asyncio.sleep(0.05)
    assert [same.id for same in await outages(world, connection, None)] == [item.id]
    for ref in refs:
        assert await world.exceptions(ref, None) == []
        assert world.rmas(ref) == []


async def refused_steps(world: World, refs: list[ReturnRef]) -> int:
    """How many of the returns have a step that was refused and is tried again."""
    count = 0
    for ref in refs:
        described = await world.handle(ref).describe()
        count += any(step.HasField("last_failure") for step in described.raw_description.pending_activities)
    return count
