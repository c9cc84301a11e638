"""Which returns changed, as the sandbox lists them: every page, oldest first, each once, never urgently (N9)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adapters.returngo import contract
from domain.outcomes import RetryLater
from sandbox.returngo import ItemSpec, ReturnSpec
from tests.adapters.returngo.bodies import ACCOUNT
from tests.adapters.returngo.world import World

SHIRT = ItemSpec("1", "TS-BLU-M", 1, Decimal("29.95"))
HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


async def test_N9_returns_of_an_interval_oldest_change_first(world: World) -> None:
    start, ids = world.clock().replace(microsecond=0), []
    for _ in range(5):
        ids.append(world.vendor.add_return(ReturnSpec("SO-1", (SHIRT,))))
        world.clock.ahead += HOUR
    first, second, third, fourth, fifth = ids
    world.vendor.receive(first)  # the oldest one changes last
    end = world.clock() + SECOND
    listed = await world.port.list_returns(start, end)
    assert [one.return_id for one in listed] == [second, third, fourth, fifth, first]
    two = await world.port.list_returns(start + 2 * HOUR, start + 4 * HOUR)
    assert [one.return_id for one in two] == [third, fourth]
    assert await world.port.list_returns(end, end + 24 * HOUR) == []


async def test_N9_every_page_of_returns(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "PAGE_SIZE", 10)  # 500 is the vendor's most; a page more is the same
    start = datetime.now(UTC) - SECOND
    ids = [world.vendor.add_return(ReturnSpec("SO-1", (SHIRT,))) for _ in range(25)]
    before = await world.counter.used(ACCOUNT, world.clock().date())
    listed = await world.port.list_returns(start, datetime.now(UTC) + HOUR)
    assert sorted(one.return_id for one in listed) == sorted(ids)
    assert await world.counter.used(ACCOUNT, world.clock().date()) == before + 3


async def test_R34_a_listing_leaves_the_reserve_to_what_is_urgent(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (SHIRT,)))
    port = world.other(daily_calls=2, urgent_reserve=1)
    await port.read_return(return_id)
    with pytest.raises(RetryLater, match="kept for what is urgent"):
        await port.list_returns(datetime.now(UTC) - HOUR, datetime.now(UTC) + HOUR)
    assert (await port.read_return(return_id)).return_id == return_id
