"""The calls of a day: counted before they are sent, kept for what is urgent, and never spent on a closed door."""

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from adapters.kit.outside import CountedHere, Outside
from adapters.returngo.port import ReturnGoPlatform, build
from domain.outcomes import Rejected, RetryLater
from domain.returns import Refund
from tests.adapters.returngo.bodies import ACCOUNT, RETURN_ID, settings_for

EVENING = datetime(2026, 3, 2, 21, 30, tzinfo=UTC)
TODAY = EVENING.date()


class Door:
    """A vendor that lets everybody in, or answers as it is told; and what it was asked."""

    def __init__(self, counter: CountedHere | None = None) -> None:
        self.asked: list[str] = []
        self.now = EVENING
        self.answer: httpx.Response | None = None
        self.counter = counter or CountedHere()

    def port(self, **settings: Any) -> ReturnGoPlatform:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._open))
        return build(settings_for(**settings), Outside(http, self.counter, lambda: self.now))

    async def spend(self, calls: int, day: date = TODAY) -> None:
        for _ in range(calls):
            await self.counter.count(ACCOUNT, day)

    def _open(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.path)
        if self.answer is not None:
            return self.answer
        return httpx.Response(200, json={"rmas": [], "transactions": []})


class SlowCounter(CountedHere):
    """A counter in a database: whoever asks it hears what was true a moment ago."""

    async def used(self, account: str, day: date) -> int:
        used = await super().used(account, day)
        await asyncio.sleep(0.01)
        return used


async def later(work: Awaitable[object]) -> RetryLater:
    with pytest.raises(RetryLater) as wait:
        await work
    return wait.value


async def refunds(port: ReturnGoPlatform) -> Sequence[Refund]:
    return await port.list_refunds(EVENING - timedelta(hours=1), EVENING)


async def test_each_call_is_counted_for_the_account_and_the_utc_day() -> None:
    door = Door()
    port = door.port()
    await port.probe()
    await refunds(port)
    await port.add_note(RETURN_ID, "hello")
    with pytest.raises(Rejected):
        await port.read_return(RETURN_ID)
    assert len(door.asked) == await door.counter.used(ACCOUNT, TODAY) == 4
    door.now = datetime(2026, 3, 3, 0, 30, tzinfo=UTC).astimezone()
    await port.probe()
    assert await door.counter.used(ACCOUNT, TODAY + timedelta(days=1)) == 1


async def test_a_call_is_counted_before_it_is_sent_and_whatever_comes_of_it() -> None:
    door = Door()
    door.answer = httpx.Response(500)
    await later(door.port().read_return(RETURN_ID))
    assert await door.counter.used(ACCOUNT, TODAY) == 1


async def test_nothing_is_sent_when_the_calls_of_the_day_are_used() -> None:
    door = Door()
    await door.spend(2000)
    wait = await later(door.port().read_return(RETURN_ID))
    assert wait.delay == timedelta(hours=2, minutes=30)
    assert "all 2000 calls" in str(wait) and "2026-03-03 00:00 UTC" in str(wait)
    assert door.asked == []
    assert await door.counter.used(ACCOUNT, TODAY) == 2000, "what is not sent is not counted"


async def test_the_next_day_begins_with_a_whole_quota() -> None:
    door = Door()
    await door.spend(2000)
    port = door.port()
    await later(port.probe())
    door.now += timedelta(hours=2, minutes=30)
    await port.probe()
    assert door.asked == ["/rmas"]


async def test_R34_a_rehearsal_leaves_the_reserve_to_live_work() -> None:
    door = Door(CountedHere(urgent=False))
    await door.spend(1500)
    wait = await later(door.port().read_return(RETURN_ID))
    assert "the last 500 of the 2000 calls" in str(wait)
    assert door.asked == []


async def test_what_is_not_urgent_stops_at_the_reserve() -> None:
    door = Door()
    await door.spend(1499)
    port = door.port()
    await port.probe()
    for work in (port.probe(), refunds(port), port.add_note(RETURN_ID, "hello")):
        wait = await later(work)
        assert wait.delay == timedelta(hours=2, minutes=30)
        assert "the last 500 of the 2000 calls" in str(wait)
    assert door.asked == ["/rmas"]
    with pytest.raises(Rejected, match="rmaSummary is missing"):
        await port.read_return(RETURN_ID)
    assert door.asked == ["/rmas", f"/rma/{RETURN_ID}"], "reading a return is urgent"


async def test_two_processes_never_send_more_than_the_quota_together() -> None:
    shared = SlowCounter()
    doors = [Door(shared) for _ in range(20)]
    works = [door.port(daily_calls=10, urgent_reserve=0).probe() for door in doors]
    done = await asyncio.gather(*works, return_exceptions=True)
    assert sum(isinstance(one, RetryLater) for one in done) == 10
    assert sum(len(door.asked) for door in doors) == 10


async def test_a_429_without_a_delay_closes_the_day() -> None:
    door = Door()
    port = door.port()
    door.answer = httpx.Response(429, json={"message": "Too Many Requests"})
    wait = await later(port.read_return(RETURN_ID))
    assert wait.delay == timedelta(hours=2, minutes=30)
    assert "quota of this day is used" in str(wait)
    door.answer = None
    await later(port.read_return(RETURN_ID))
    await later(port.probe())
    assert len(door.asked) == 1, "the door stays closed, and nothing is spent on trying it"
    door.now += timedelta(hours=3)
    await port.probe()
    assert len(door.asked) == 2


@pytest.mark.parametrize(("header", "delay"), [("7", timedelta(seconds=7)), ("soon", None)])
async def test_a_429_with_a_delay_is_only_our_pace(header: str, delay: timedelta | None) -> None:
    door = Door()
    port = door.port()
    door.answer = httpx.Response(429, headers={"retry-after": header})
    assert (await later(port.probe())).delay == delay
    door.answer = None
    await port.probe()
    assert len(door.asked) == 2


async def test_one_call_at_a_time() -> None:
    under_way, most = 0, 0

    async def vendor(_: httpx.Request) -> httpx.Response:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.01)
        under_way -= 1
        return httpx.Response(200, json={"rmas": []})

    async with httpx.AsyncClient(transport=httpx.MockTransport(vendor)) as http:
        port = build(settings_for(), Outside(http))
        await asyncio.gather(*(port.probe() for _ in range(5)))
    assert most == 1


async def test_our_pace() -> None:
    port = Door().port(requests_per_second=20)
    started = asyncio.get_running_loop().time()
    for _ in range(5):
        await port.probe()
    assert asyncio.get_running_loop().time() - started >= 4 / 20


@pytest.mark.parametrize(
    "wrong",
    [
        {"urgent_reserve": 2000},
        {"webhook_token": "short"},
        {"shop_name": "a b"},
        {"shop_name": ""},
        {"api_key": ""},
        {"order_reference": "number"},
        {"amounts": "both"},
        {"store_id": "x"},
    ],
)
def test_settings_that_cannot_be(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        settings_for(**wrong)


def test_secrets_are_not_shown() -> None:
    settings = settings_for()
    text = repr(settings) + repr(build(settings, Outside(httpx.AsyncClient())))
    assert settings.api_key.get_secret_value() not in text
    assert settings.webhook_token.get_secret_value() not in text
