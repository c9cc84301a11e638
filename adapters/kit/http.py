"""The one way adapters send HTTP: limits, and every failure as one of the four outcomes (decision D2).

| what happened                                    | read       | write             |
| ------------------------------------------------ | ---------- | ----------------- |
| no connection, so nothing was sent               | RetryLater | RetryLater        |
| answer late, cut off, too large or undecodable   | RetryLater | InDoubt           |
| status means BUSY (with the vendor's Retry-After) | RetryLater | RetryLater        |
| status means TROUBLE                             | RetryLater | InDoubt           |
| status means CREDENTIALS                         | CredentialsRefused | CredentialsRefused |
| status means OK, ABSENT, CONFLICT, REFUSED       | Answer     | Answer            |
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from adapters.kit.answer import Answer, Call
from adapters.kit.retry_after import parse_retry_after
from adapters.kit.status import Meaning, StatusTable
from domain.outcomes import CredentialsRefused, RetryLater, VendorTrouble

#: Failures before the first byte of the request left us.
NOTHING_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)


@dataclass(frozen=True)
class Limits:
    """Bounds of every call of one connection."""

    timeout_seconds: float = 30.0
    """For the whole call, to the last byte of the answer; waiting for our turn is not counted."""
    max_body_bytes: int = 16 * 1024 * 1024
    max_in_flight: int = 10
    """Calls at the same time in this process; the vendor's total is kept by its task queue (D11)."""


def utc_now() -> datetime:
    """The clock; tests hand in another."""
    return datetime.now(UTC)


class VendorHttp:
    """An injected httpx client, bounded, whose failures are `domain.outcomes`.

    Errors name vendor, operation and status or kind of failure; never an address, a header or a body.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        vendor: str,
        table: StatusTable | None = None,
        limits: Limits | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.vendor = vendor
        self._client = client
        self._table = table or StatusTable()
        self._limits = limits or Limits()
        self._clock = clock
        self._turn = asyncio.Semaphore(self._limits.max_in_flight)

    async def send(
        self, request: httpx.Request, *, operation: str, write: bool, table: StatusTable | None = None
    ) -> Answer:
        """Send once, never again by itself. `table` replaces the connection's status table for this call.

        Returns OK, ABSENT, CONFLICT and REFUSED answers; raises RetryLater, InDoubt (writes only) or
        CredentialsRefused for the rest.
        """
        call = Call(self.vendor, operation, write)
        async with self._turn:
            try:
                async with asyncio.timeout(self._limits.timeout_seconds):
                    status, headers, body = await self._exchange(request, call)
            except NOTHING_SENT as failure:
                raise RetryLater(f"{call}: no connection ({type(failure).__name__})") from None
            except (httpx.RequestError, TimeoutError) as failure:
                raise call.lost(f"no complete answer ({type(failure).__name__})") from None
        meaning = (table or self._table).meaning(status)
        if trouble := self._trouble(call, meaning, status, headers):
            raise trouble
        return Answer(call, meaning, status, headers, body)

    def request(self, method: str, url: str, **parts: object) -> httpx.Request:
        """Build a request with the client's headers and base URL; `parts` as for `httpx.AsyncClient`."""
        return self._client.build_request(method, url, **parts)  # type: ignore[arg-type]

    async def _exchange(self, request: httpx.Request, call: Call) -> tuple[int, httpx.Headers, bytes]:
        # httpx limits each read; the caller's asyncio.timeout limits all of them together
        request.extensions["timeout"] = httpx.Timeout(self._limits.timeout_seconds).as_dict()
        response = await self._client.send(request, stream=True, follow_redirects=False)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > self._limits.max_body_bytes:
                    raise call.lost(f"answer larger than {self._limits.max_body_bytes} bytes")
            return response.status_code, response.headers, bytes(body)
        finally:
            await response.aclose()

    def _trouble(self, call: Call, meaning: Meaning, status: int, headers: httpx.Headers) -> VendorTrouble | None:
        match meaning:
            case Meaning.BUSY:
                delay = parse_retry_after(headers.get("retry-after"), self._clock())
                return RetryLater(f"{call}: HTTP {status}", delay)
            case Meaning.TROUBLE:
                return call.lost(f"HTTP {status}")
            case Meaning.CREDENTIALS:
                return CredentialsRefused(f"{call}: HTTP {status}")
            case _:
                return None
