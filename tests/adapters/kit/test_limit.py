"""Our own pace: evenly spaced, in order, and a waiter that gives up harms nobody."""

import asyncio

import pytest

from adapters.kit.limit import RateLimit


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


async def test_turns_are_evenly_spaced() -> None:
    clock = Clock()
    limit = RateLimit(4, clock, clock.sleep)
    starts = []
    for _ in range(5):
        await limit.turn()
        starts.append(clock.now)
    assert starts == [100.0, 100.25, 100.5, 100.75, 101.0]


async def test_no_credit_is_saved_up() -> None:
    clock = Clock()
    limit = RateLimit(4, clock, clock.sleep)
    clock.now += 60
    await limit.turn()
    await limit.turn()
    assert clock.now == 160.25


async def test_many_at_once_in_the_order_they_came() -> None:
    limit, order = RateLimit(100), []

    async def call(number: int) -> None:
        await limit.turn()
        order.append(number)

    started = asyncio.get_running_loop().time()
    await asyncio.gather(*(call(number) for number in range(10)))
    assert order == list(range(10))
    assert asyncio.get_running_loop().time() - started >= 0.09


async def test_one_who_gives_up_harms_nobody() -> None:
    limit = RateLimit(50)
    await limit.turn()
    waiting = asyncio.create_task(limit.turn())
    await asyncio.sleep(0)
    waiting.cancel()
    async with asyncio.timeout(1):
        await limit.turn()


@pytest.mark.parametrize("rate", [0, -1])
def test_a_rate_is_positive(rate: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        RateLimit(rate)
