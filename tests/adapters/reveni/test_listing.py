"""Which returns changed, as the sandbox lists them: every page, oldest first, each once (N9)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest

from adapters.kit.outside import Outside
from adapters.reveni.port import build
from domain.outcomes import RetryLater
from sandbox.kit.server import serve
from sandbox.reveni import ItemSpec, ReturnSpec, ReveniSandbox
from tests.adapters.reveni.world import KEY, STORE, World, settings_for

SHIRT = ItemSpec("1", "TS-BLU-M", 1, Decimal("29.95"))
SECOND = timedelta(seconds=1)


class Calendar:
    """The sandbox's clock: it stands still until a test moves it."""

    now = datetime(2026, 10, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
async def dated(calendar: Calendar) -> AsyncIterator[World]:
    async with (
        ReveniSandbox(STORE, KEY, clock=calendar) as vendor,
        serve(vendor.app) as server,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        yield World(vendor, server.url, http, build(settings_for(server.url), Outside(http)))


async def test_N9_returns_of_an_interval_oldest_change_first(dated: World, calendar: Calendar) -> None:
    ids = []
    for _ in range(5):
        ids.append(dated.vendor.add_return(ReturnSpec("SO-1", (SHIRT,))))
        calendar.now += timedelta(hours=1)
    first, second, third, fourth, fifth = ids
    dated.vendor.ship(first)  # the oldest one changes last
    start = datetime(2026, 10, 1, tzinfo=UTC)
    listed = await dated.port.list_returns(start, calendar.now + SECOND)
    assert [one.return_id for one in listed] == [second, third, fourth, fifth, first]
    assert listed[-1].changed_at == calendar.now, "the change itself, so that a sweep knows whether it heard of it"
    two = await dated.port.list_returns(start + timedelta(hours=2), start + timedelta(hours=4))
    assert [one.return_id for one in two] == [third, fourth]
    assert await dated.port.list_returns(calendar.now + SECOND, calendar.now + timedelta(days=1)) == []


async def test_N9_every_page_of_returns(world: World) -> None:
    start = datetime.now(UTC) - SECOND
    ids = {world.vendor.add_return(ReturnSpec("SO-1", (SHIRT,))) for _ in range(205)}
    listed = await world.port.list_returns(start, datetime.now(UTC) + timedelta(minutes=1))
    assert len(listed) == 205 and {one.return_id for one in listed} == ids


async def test_a_listing_that_is_throttled_comes_later(world: World) -> None:
    world.break_down("GET returns", "throttle")
    with pytest.raises(RetryLater):
        await world.port.list_returns(datetime.now(UTC) - SECOND, datetime.now(UTC))
