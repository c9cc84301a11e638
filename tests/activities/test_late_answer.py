"""An answer to what was asked during an outage, and came after its end, does not open the outage again (E63)."""

import dataclasses
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from desk.clock import utc_now
from domain.connection import Connection
from domain.exceptions import ExceptionCode
from domain.outcomes import RetryLater
from store.records import ExceptionState
from tests.world import World
from worker import build_links

#: A side of the connection that no other test brings down.
SYSTEM = "late"


async def attempt(world: World, connection: Connection, *, works: bool = True, meanwhile: bool = False) -> None:
    """One attempt of a step that was scheduled an hour ago; `meanwhile` another one finds that the system works."""
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, scheduled_time=utc_now() - timedelta(hours=1))

    async def step() -> None:
        async with world.edge.crossing(None, connection, SYSTEM):
            if meanwhile:
                await attempt(world, connection)
            if not works:
                raise RetryLater("no answer")

    await environment.run(step)


async def outages(world: World, connection: str) -> list[ExceptionState]:
    async with world.store.reading() as unit:
        found = await unit.exceptions.list(connection=connection)
    return [item.state for item in found if (item.code, item.step) == (ExceptionCode.CONNECTION_DOWN, SYSTEM)]


async def test_E63_a_late_answer_does_not_open_an_outage_that_is_over(world: World) -> None:
    connection = next(link.connection for link in build_links(world.ready, world.http))
    with pytest.raises(ApplicationError):
        await attempt(world, connection, works=False)
    assert await outages(world, connection.name) == [ExceptionState.OPEN]
    with pytest.raises(ApplicationError):
        await attempt(world, connection, works=False, meanwhile=True)
    assert await outages(world, connection.name) == [ExceptionState.CLEARED]
    with pytest.raises(ApplicationError):
        await attempt(world, connection, works=False)
    assert await outages(world, connection.name) == [ExceptionState.CLEARED, ExceptionState.OPEN]
