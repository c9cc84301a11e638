"""One way to send HTTP: limits, and every failure as one of the four outcomes."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from adapters.kit.answer import Answer
from adapters.kit.http import Limits, VendorHttp
from adapters.kit.retry_after import parse_retry_after
from adapters.kit.settings import _base_url
from adapters.kit.status import COMMON, Meaning, StatusTable
from domain.outcomes import CredentialsRefused, InDoubt, RetryLater, VendorTrouble
from sandbox.kit.app import CutBody, CutConnection
from sandbox.kit.server import RunningServer

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


class Vendor:
    """An ASGI app that answers `next`; it counts what arrived and how much at the same time."""

    def __init__(self) -> None:
        self.next: Response = PlainTextResponse("ok")
        self.seconds = 0.0
        self.arrived = self.open = self.most = 0

    async def __call__(self, scope, receive, send) -> None:  # type: ignore[no-untyped-def]
        await Request(scope, receive).body()
        self.arrived += 1
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await asyncio.sleep(self.seconds)
            await self.next(scope, receive, send)
        finally:
            self.open -= 1


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
async def server(vendor: Vendor) -> AsyncIterator[RunningServer]:
    async with await asyncio.to_thread(RunningServer.start, vendor) as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as http:
        yield http


def kit(client: httpx.AsyncClient, **limits: int | float) -> VendorHttp:
    return VendorHttp(client, "Vendor", limits=Limits(**limits), clock=lambda: NOW)  # type: ignore[arg-type]


async def send(http: VendorHttp, url: str, write: bool = False, table: StatusTable | None = None) -> Answer:
    request = http.request("POST", f"{url}/secret-token", content=b"x")
    return await http.send(request, operation="op", write=write, table=table)


@contextmanager
def raises_lost(write: bool) -> Iterator[pytest.ExceptionInfo[VendorTrouble]]:
    with pytest.raises(InDoubt if write else RetryLater) as lost:
        yield lost
    assert "secret" not in str(lost.value)


both = pytest.mark.parametrize("write", [True, False], ids=["write", "read"])


async def test_an_answer_is_read_whole(vendor: Vendor, server: RunningServer, client: httpx.AsyncClient) -> None:
    vendor.next = Response(gzip.compress(b'{"amount": 76.48}'), headers={"content-encoding": "gzip"})
    answer = await send(kit(client), server.url)
    assert (answer.meaning, answer.status, answer.json()) == (Meaning.OK, 200, {"amount": Decimal("76.48")})
    assert "76" not in repr(answer)


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(204, Meaning.OK), (404, Meaning.ABSENT), (409, Meaning.CONFLICT), (422, Meaning.REFUSED)],
)
async def test_the_adapter_reads_these_itself(
    vendor: Vendor, server: RunningServer, client: httpx.AsyncClient, status: int, meaning: Meaning
) -> None:
    vendor.next = Response(status_code=status)
    assert (await send(kit(client), server.url)).meaning is meaning


@both
@pytest.mark.parametrize("status", [301, 408, 500, 502, 504, 599])
async def test_trouble(
    vendor: Vendor, server: RunningServer, client: httpx.AsyncClient, status: int, write: bool
) -> None:
    vendor.next = Response(status_code=status, headers={"location": "http://127.0.0.1:1/"})
    with raises_lost(write):
        await send(kit(client), server.url, write)
    assert vendor.arrived == 1


@both
@pytest.mark.parametrize("status", [429, 503])
async def test_busy_with_the_vendors_delay(
    vendor: Vendor, server: RunningServer, client: httpx.AsyncClient, status: int, write: bool
) -> None:
    vendor.next = Response(status_code=status, headers={"retry-after": "Fri, 20 Mar 2026 12:01:00 GMT"})
    with pytest.raises(RetryLater) as busy:
        await send(kit(client), server.url, write)
    assert busy.value.delay == timedelta(minutes=1)


@pytest.mark.parametrize("status", [401, 403])
async def test_credentials(vendor: Vendor, server: RunningServer, client: httpx.AsyncClient, status: int) -> None:
    vendor.next = Response(status_code=status)
    with pytest.raises(CredentialsRefused, match=f"Vendor op: HTTP {status}"):
        await send(kit(client), server.url)


async def test_a_table_of_the_call_wins(vendor: Vendor, server: RunningServer, client: httpx.AsyncClient) -> None:
    vendor.next = Response(status_code=409)
    with pytest.raises(RetryLater):
        await send(kit(client), server.url, write=True, table=StatusTable({**COMMON, 409: Meaning.BUSY}))


@both
@pytest.mark.parametrize("cut", [CutConnection(), CutBody(PlainTextResponse("half of it"))], ids=["head", "body"])
async def test_lost_answers(
    vendor: Vendor, server: RunningServer, client: httpx.AsyncClient, cut: Response, write: bool
) -> None:
    vendor.next = cut
    with raises_lost(write):
        await send(kit(client), server.url, write)
    assert vendor.arrived == 1


@both
async def test_nothing_sent_is_never_in_doubt(server: RunningServer, client: httpx.AsyncClient, write: bool) -> None:
    await asyncio.to_thread(server.stop)
    with pytest.raises(RetryLater, match="no connection"):
        await send(kit(client), server.url, write)


@both
@pytest.mark.parametrize(
    ("failure", "sent"),
    [
        (httpx.ConnectTimeout("x"), False),
        (httpx.PoolTimeout("x"), False),
        (httpx.ReadTimeout("x"), True),
        (httpx.WriteError("x"), True),
        (httpx.WriteTimeout("x"), True),
        (httpx.RemoteProtocolError("x"), True),
        (httpx.DecodingError("x"), True),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_every_kind_of_failure(failure: httpx.RequestError, sent: bool, write: bool) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise failure

    async with httpx.AsyncClient(transport=httpx.MockTransport(fail)) as http:
        with pytest.raises(InDoubt if sent and write else RetryLater):
            await send(kit(http), "http://vendor.example", write)


@both
async def test_a_late_answer(vendor: Vendor, server: RunningServer, client: httpx.AsyncClient, write: bool) -> None:
    vendor.seconds = 3.0
    with raises_lost(write):
        await send(kit(client, timeout_seconds=0.1), server.url, write)


async def test_an_answer_that_drips_for_ever(vendor: Vendor, server: RunningServer, client: httpx.AsyncClient) -> None:
    """Each read is quick, the whole is not: the limit is on the whole."""

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(50):
            await asyncio.sleep(0.05)
            yield b"."

    vendor.next = StreamingResponse(drip())
    with pytest.raises(InDoubt, match="TimeoutError"):
        await send(kit(client, timeout_seconds=0.3), server.url, write=True)


@both
async def test_a_body_beyond_the_limit(
    vendor: Vendor, server: RunningServer, client: httpx.AsyncClient, write: bool
) -> None:
    vendor.next = Response(gzip.compress(b"\0" * 1_000_000), headers={"content-encoding": "gzip"})
    with raises_lost(write) as lost:
        await send(kit(client, max_body_bytes=10_000), server.url, write)
    assert "larger than 10000" in str(lost.value)


async def test_calls_in_flight_are_limited(vendor: Vendor, server: RunningServer, client: httpx.AsyncClient) -> None:
    vendor.seconds = 0.02
    http = kit(client, max_in_flight=2)
    await asyncio.gather(*(send(http, server.url) for _ in range(8)))
    assert (vendor.arrived, vendor.most) == (8, 2)


async def test_a_cancelled_call_gives_its_turn_back(
    vendor: Vendor, server: RunningServer, client: httpx.AsyncClient
) -> None:
    vendor.seconds = 0.3
    http = kit(client, max_in_flight=1)
    call = asyncio.create_task(send(http, server.url))
    await asyncio.sleep(0.05)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    vendor.seconds = 0
    assert (await send(http, server.url)).status == 200


@pytest.mark.parametrize("body", [b"<html>", b"", b"[NaN]", b'{"a": Infinity}', b"[" * 200_000, b"\xff"])
async def test_bodies_that_are_no_json_are_lost(
    vendor: Vendor, server: RunningServer, client: httpx.AsyncClient, body: bytes
) -> None:
    vendor.next = Response(body)
    for write in (True, False):
        answer = await send(kit(client), server.url, write)
        with raises_lost(write):
            answer.json()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        (" 120 ", 120),
        ("1774008030", 30),
        ("Fri, 20 Mar 2026 12:00:30 GMT", 30),
        ("2026-03-20T12:00:30Z", 30),
        ("2026-03-20T13:00:30+01:00", 30),
        ("Fri, 20 Mar 2026 11:00:00 GMT", 0),
        ("999999999", 86400),
    ],
)
def test_retry_after_in_every_form(text: str, seconds: int) -> None:
    assert parse_retry_after(text, NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", [None, "", "soon", "-5", "1.5", "٣", "Fri, 99 Foo 2026", "²"])
def test_retry_after_that_says_nothing(text: str | None) -> None:
    assert parse_retry_after(text, NOW) is None


@pytest.mark.parametrize(
    "text", ["prima:8080", "ftp://h/x", "http://", "https://u:p@h/", "http://h/?q=1", "http://h/#f"]
)
def test_addresses_that_cannot_be_meant(text: str) -> None:
    with pytest.raises(ValueError):
        _base_url(text)
