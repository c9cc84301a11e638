"""A read that lags behind its webhook is made again, also where the platform's clock cannot show it (R9, R39)."""

import asyncio
import dataclasses
from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.platform import PlatformActivities
from activities.signatures import ReadReturn
from desk.clock import utc_now
from domain.returns import PlatformReturn, ReturnRef
from tests.world import World
from worker import build_links

#: As tests.world configures it.
SECOND_LOOK = timedelta(seconds=1)


async def read(world: World, request: ReadReturn, attempt: int = 1) -> PlatformReturn:
    """One attempt of the step, scheduled now."""
    link = next(link for link in build_links(world.ready, world.http) if link.connection.name == request.ref.connection)
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, attempt=attempt, scheduled_time=utc_now())
    fresh: PlatformReturn = await environment.run(PlatformActivities(world.edge, link).read_return, request)
    return fresh


async def known(world: World) -> tuple[ReturnRef, PlatformReturn]:
    """A return that was read once."""
    ref = world.returned(world.order())
    return ref, await read(world, ReadReturn(ref=ref))


async def test_R9_R39_equal_times_and_nothing_new_are_looked_at_once_more(world: World) -> None:
    ref, fresh = await known(world)
    poked = ReadReturn(ref=ref, occurred_at=fresh.updated_at, known_at=fresh.updated_at)
    with pytest.raises(ApplicationError) as again:
        await read(world, poked)
    assert not again.value.non_retryable
    assert again.value.next_retry_delay == SECOND_LOOK
    assert await read(world, poked, attempt=2) == fresh


async def test_R9_R39_news_within_the_same_second_is_taken_at_once(world: World) -> None:
    ref, fresh = await known(world)
    world.reveni["uk"].ship(ref.return_id)
    shipped = await read(world, ReadReturn(ref=ref, occurred_at=fresh.updated_at, known_at=fresh.updated_at))
    assert shipped.phase == "in_transit"


async def test_R9_a_read_that_is_older_than_its_webhook_is_made_again(world: World) -> None:
    ref, fresh = await known(world)
    assert fresh.updated_at is not None
    later = fresh.updated_at + timedelta(seconds=2)
    with pytest.raises(ApplicationError, match="older than its webhook"):
        await read(world, ReadReturn(ref=ref, occurred_at=later, known_at=fresh.updated_at), attempt=2)


async def test_R9_an_event_of_the_next_second_may_be_the_change_that_was_read_already(world: World) -> None:
    """Two looks at a clock of whole seconds may fall into two of them: one more read settles it, not twenty seconds."""
    ref, fresh = await known(world)
    assert fresh.updated_at is not None
    poked = ReadReturn(ref=ref, occurred_at=fresh.updated_at + timedelta(seconds=1), known_at=fresh.updated_at)
    with pytest.raises(ApplicationError) as again:
        await read(world, poked)
    assert again.value.next_retry_delay == SECOND_LOOK
    assert await read(world, poked, attempt=2) == fresh


async def test_R9_R39_a_read_that_is_behind_what_is_known_is_no_news(world: World) -> None:
    """A stale read of the same second differs from what we know, and still is older than its event."""
    ref, fresh = await known(world)
    await asyncio.sleep(2.2)
    world.reveni["uk"].ship(ref.return_id)
    await read(world, ReadReturn(ref=ref))
    world.fault("uk", ref, "GET return", "stale_read", seconds=2)
    with pytest.raises(ApplicationError) as again:
        await read(world, ReadReturn(ref=ref, occurred_at=fresh.updated_at, known_at=fresh.updated_at))
    assert again.value.next_retry_delay == SECOND_LOOK


async def test_R9_R39_news_from_the_second_before_its_event_may_not_be_all_of_it(world: World) -> None:
    ref, _ = await known(world)
    world.reveni["uk"].ship(ref.return_id)
    shipped = await read(world, ReadReturn(ref=ref))
    assert shipped.updated_at is not None
    with pytest.raises(ApplicationError) as again:
        await read(world, ReadReturn(ref=ref, occurred_at=shipped.updated_at + timedelta(seconds=1)))
    assert again.value.next_retry_delay == SECOND_LOOK
