"""What every process of the starters is made of: settings to store and link, opened and closed in order."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from temporalio.client import Client

from desk.link import TemporalLink
from runtime.client import BackhaulPlugin, connect, connected
from runtime.settings import Settings
from store import Store

#: One try, repeated once: whoever asks has something better to do than to wait.
_CONNECT_SECONDS = 1.0
#: For commands: Temporal may be starting beside them.
_COMMAND_SECONDS = 5.0
#: Ends a connection attempt that does not end by itself.
_COMMAND_LIMIT = 20.0


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[Store]:
    """The store, closed at the end."""
    store = Store(settings.database_url)
    try:
        yield store
    finally:
        await store.close()


def temporal_link(settings: Settings) -> TemporalLink:
    """The way to Temporal for a process that goes on without it."""
    plugin = BackhaulPlugin(keys=settings.keys)

    async def once() -> Client:
        return await connect(plugin, limit=_CONNECT_SECONDS)

    return TemporalLink(once)


@asynccontextmanager
async def opened_client(settings: Settings) -> AsyncIterator[Client]:
    """A client for one command. Raises TemporalUnreachableError after a few seconds."""
    plugin = BackhaulPlugin(keys=settings.keys)
    async with connected(plugin, limit=min(_COMMAND_SECONDS, settings.connect_seconds)) as client:
        yield client


@asynccontextmanager
async def command_link(settings: Settings) -> AsyncIterator[TemporalLink]:
    """The way to Temporal for one command that may not need it: `opened_client` at first use."""
    async with AsyncExitStack() as stack:

        async def once() -> Client:
            return await stack.enter_async_context(opened_client(settings))

        yield TemporalLink(once, limit=_COMMAND_LIMIT)
