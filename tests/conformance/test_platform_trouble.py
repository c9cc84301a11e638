"""A platform's trouble is told as what the caller does next, its limits are kept, its nonsense is borne (D2, R34)."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from adapters import registry
from adapters.kit.http import Limits
from domain.outcomes import CredentialsRefused, InDoubt, Rejected, RetryLater
from domain.ports import ReturnsPlatform
from sandbox.kit.faults import Fault
from tests.conformance.hostile import STRANGE, Renaming, Twisting, answering, packed_bomb, twisted
from tests.conformance.platform_desk import PlatformDesk, totals
from tests.conformance.platform_stage import PlatformCannot
from tests.conformance.privacy import CANARY, leaks, said_by, trouble_of

WAIT = timedelta(seconds=7)
SECONDS = timedelta(seconds=2)
TWISTS, MANY_TWISTS = 4, 60
MOST_WORDS = 600
OUTCOMES = (RetryLater, InDoubt, Rejected, CredentialsRefused)

Ask = Callable[[ReturnsPlatform, str], Awaitable[object]]
ASKS: Mapping[str, Ask] = {
    "read_return": lambda port, one: port.read_return(one),
    "report_inspection": lambda port, one: port.report_inspection(one, [totals(2, 1)]),
    "list_refunds": lambda port, one: port.list_refunds(_now() - SECONDS, _now() + SECONDS),
    "list_returns": lambda port, one: port.list_returns(_now() - SECONDS, _now() + SECONDS),
    "add_note": lambda port, one: port.add_note(one, "a note"),
    "probe": lambda port, one: port.probe(),
}
each_ask = pytest.mark.parametrize("name", ASKS)


def _now() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def behind(platform: PlatformDesk, transport: httpx.AsyncBaseTransport) -> AsyncIterator[ReturnsPlatform]:
    async with httpx.AsyncClient(transport=transport) as http:
        yield platform.port(http)


@each_ask
async def test_a_busy_platform_is_asked_again_when_it_says(platform: PlatformDesk, name: str) -> None:
    return_id = platform.on_its_way()
    platform.faults.script(Fault(kind="throttle", seconds=7))
    trouble = await trouble_of(ASKS[name](platform.platform, return_id))
    assert isinstance(trouble, RetryLater)
    assert trouble.delay == WAIT
    assert len(platform.faults.asked) == 1


@pytest.mark.parametrize("form", ["seconds", "date", "epoch", "iso"])
async def test_every_wording_of_retry_after_is_understood(platform: PlatformDesk, form: str) -> None:
    at = (_now() + timedelta(seconds=90)).replace(microsecond=0)
    words = {
        "seconds": "90",
        "date": format_datetime(at, usegmt=True),
        "epoch": str(int(at.timestamp())),
        "iso": at.isoformat(),
    }
    busy = httpx.MockTransport(lambda request: httpx.Response(429, headers={"Retry-After": words[form]}))
    async with behind(platform, busy) as port:
        trouble = await trouble_of(port.read_return("1"))
    assert isinstance(trouble, RetryLater)
    assert trouble.delay is not None
    assert timedelta(seconds=85) < trouble.delay <= timedelta(seconds=90)


@each_ask
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_platform_that_is_down_is_asked_again(platform: PlatformDesk, name: str, status: int) -> None:
    return_id = platform.on_its_way()
    platform.faults.script(Fault(kind="unavailable", status=status))
    trouble = await trouble_of(ASKS[name](platform.platform, return_id))
    assert isinstance(trouble, RetryLater) or (name == "add_note" and isinstance(trouble, InDoubt))


@each_ask
async def test_nobody_at_home(platform: PlatformDesk, name: str) -> None:
    def closed(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("connection refused", request=request)

    async with behind(platform, httpx.MockTransport(closed)) as port:
        assert isinstance(await trouble_of(ASKS[name](port, platform.ask())), RetryLater)


def test_every_secret_of_the_registry_is_accounted_for(platform: PlatformDesk) -> None:
    known = {**platform.stage.secrets, **platform.stage.secrets_elsewhere}
    assert set(known) == set(registry.PLATFORMS[platform.name].secrets)


async def test_a_wrong_secret_is_trouble_of_the_connection(platform: PlatformDesk) -> None:
    for secret, method in platform.stage.secrets.items():
        port = platform.port(None, **{secret: "a wrong secret, as long as any of them has to be"})
        platform.front.reset()
        trouble = await trouble_of(ASKS[method](port, platform.ask()))
        assert isinstance(trouble, CredentialsRefused), secret
        assert "a wrong secret" not in said_by(trouble)
        assert platform.front.statuses in ([401], [403])


@each_ask
@pytest.mark.parametrize("status", [401, 403])
async def test_refused_credentials_are_said_once(platform: PlatformDesk, name: str, status: int) -> None:
    return_id = platform.on_its_way()
    platform.faults.script(*[Fault(kind="unavailable", status=status)] * 3)
    assert isinstance(await trouble_of(ASKS[name](platform.platform, return_id)), CredentialsRefused)
    assert len(platform.faults.asked) == 1


async def test_R34_no_faster_than_our_pace(platform: PlatformDesk) -> None:
    pace = platform.stage.pace
    port, return_id = platform.port(None, **pace.settings), platform.ask()
    platform.front.reset()
    started = time.monotonic()
    await asyncio.gather(*(port.read_return(return_id) for _ in range(2 * pace.calls + 1)))
    assert platform.front.too_early(started, pace) == []


async def test_R34_no_more_calls_at_once_than_allowed(platform: PlatformDesk) -> None:
    """A platform without a limit of its own has the kit's."""
    most = platform.stage.in_flight or Limits().max_in_flight
    return_id = platform.ask()
    platform.faults.add(Fault(kind="latency", seconds=0.05, times=None))
    platform.front.reset()
    await asyncio.gather(*(platform.platform.read_return(return_id) for _ in range(most + 5)))
    assert platform.front.most == most


async def test_the_calls_of_a_day_are_kept(platform: PlatformDesk) -> None:
    """What is not urgent stops first; then nothing is sent until the next day; then all of it is there again."""
    return_id = platform.ask()
    if PlatformCannot.COUNT_CALLS in platform.stage.cannot:
        assert not platform.stage.quota
        assert not [name for name in platform.stage.settings("http://platform.example") if "daily" in name]
        return
    port = platform.port(None, **platform.stage.quota)
    platform.front.reset()
    for _ in range(2):
        await port.read_return(return_id)
    kept = await trouble_of(port.probe())
    assert isinstance(kept, RetryLater), "the last call is for what is urgent"
    await port.read_return(return_id)
    over = await trouble_of(port.read_return(return_id))
    assert isinstance(over, RetryLater)
    assert len(platform.front.arrived) == 3, "nothing is sent that would only be refused"
    now = platform.clock()
    midnight = datetime.combine(now.date() + timedelta(days=1), datetime.min.time(), UTC)
    assert over.delay is not None
    assert abs(now + over.delay - midnight) < timedelta(seconds=5)
    platform.clock.ahead = timedelta(days=1)
    try:
        await port.read_return(return_id)
    finally:
        platform.clock.ahead = timedelta()


@pytest.mark.parametrize("body", STRANGE)
async def test_bodies_that_are_no_answer(platform: PlatformDesk, body: str, caplog: pytest.LogCaptureFixture) -> None:
    """A note needs no answer, only its status; to a probe any object proves that somebody speaks JSON there."""
    return_id = platform.on_its_way()
    async with behind(platform, answering(STRANGE[body])) as port:
        for name, ask in ASKS.items():
            trouble = await trouble_of(ask(port, return_id))
            if trouble is None and (name == "add_note" or (name == "probe" and STRANGE[body].startswith(b"{"))):
                continue
            assert isinstance(trouble, OUTCOMES), f"{name} took it for an answer"
            assert not leaks(said_by(trouble), CANARY), name
            assert len(str(trouble)) <= MOST_WORDS, name
    assert not leaks("\n".join(record.getMessage() for record in caplog.records), CANARY)
    assert platform.decided(return_id) == []


@pytest.mark.parametrize("seed", range(TWISTS))
async def test_answers_in_which_something_is_changed(platform: PlatformDesk, seed: int) -> None:
    await change_answers(platform, f"{platform.name}/{seed}", times=2)


@pytest.mark.verify
@pytest.mark.parametrize("seed", range(MANY_TWISTS))
async def test_answers_in_which_something_is_changed_many_times(platform: PlatformDesk, seed: int) -> None:
    await change_answers(platform, f"{platform.name}/many/{seed}", times=6)


async def change_answers(platform: PlatformDesk, seed: str, times: int) -> None:
    return_id, instant = platform.on_its_way(), platform.ask(mode="instant")
    await platform.platform.report_inspection(return_id, [totals(1)])
    dice = random.Random(seed)
    async with behind(platform, Twisting(lambda body: twisted(body, dice))) as port:
        for name, ask in ASKS.items():
            for _ in range(times):
                for one in (return_id, instant):
                    trouble = await trouble_of(ask(port, one))
                    assert trouble is None or len(str(trouble)) <= MOST_WORDS, name


async def test_an_answer_that_unpacks_to_more_than_it_should(platform: PlatformDesk) -> None:
    bomb = packed_bomb()
    unpacking = httpx.MockTransport(
        lambda request: httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(bomb))
    )
    async with behind(platform, unpacking) as port:
        trouble = await trouble_of(port.read_return("1"))
    assert isinstance(trouble, RetryLater)


async def test_the_answer_about_another_return_is_not_ours(platform: PlatformDesk) -> None:
    one, other = platform.on_its_way(), platform.on_its_way()
    async with behind(platform, Renaming((one, other))) as port:
        for name in ("read_return", "report_inspection"):
            assert isinstance(await trouble_of(ASKS[name](port, one)), OUTCOMES), name
    assert platform.decided(one) == platform.decided(other) == []
