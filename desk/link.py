"""The way from a starter to Temporal, which may be down: connects at first use, and again when it has to."""

import asyncio
from collections.abc import Awaitable, Callable

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from runtime.client import TemporalUnreachableError

__all__ = ["TemporalLink", "TemporalUnreachableError", "unreachable"]

#: Answers that say something about this one call. Every other failure says that Temporal cannot be used now.
_ABOUT_THE_CALL = frozenset(
    {
        RPCStatusCode.INVALID_ARGUMENT,
        RPCStatusCode.NOT_FOUND,
        RPCStatusCode.ALREADY_EXISTS,
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.OUT_OF_RANGE,
    }
)


def unreachable(error: RPCError) -> bool:
    """Whether another call would fail as well: down, overloaded, not answering, credentials refused."""
    return error.status not in _ABOUT_THE_CALL


class TemporalLink:
    """Gives out one shared client.

    connect: makes a connected client, or raises TemporalUnreachableError at once (no waiting of its own)
    limit: seconds that one attempt to connect may take
    """

    def __init__(self, connect: Callable[[], Awaitable[Client]], limit: float = 5.0) -> None:
        self._connect = connect
        self._limit = limit
        self._client: Client | None = None
        self._turn = asyncio.Lock()

    async def client(self) -> Client:
        """The client; an established one reconnects by itself. Raises TemporalUnreachableError."""
        if self._client is None:
            async with self._turn:
                if self._client is None:
                    self._client = await self._connected()
        return self._client

    async def reachable(self, limit: float = 2.0) -> bool:
        """Whether Temporal answers right now."""
        try:
            async with asyncio.timeout(limit):
                client = await self.client()
                return await client.service_client.check_health()
        except (TemporalUnreachableError, RPCError, TimeoutError):
            return False

    async def _connected(self) -> Client:
        try:
            async with asyncio.timeout(self._limit):
                return await self._connect()
        except TimeoutError as error:
            raise TemporalUnreachableError(f"Temporal did not answer within {self._limit:g} s") from error
