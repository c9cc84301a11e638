"""The store: a database by URL, and one transaction at a time through it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import text
from sqlmodel.ext.asyncio.session import AsyncSession

from store.engines import async_engines, parse_url
from store.migrations import upgrade
from store.unit import Unit


class Store:
    """Everything that must survive. Connects at first use; `migrate` makes or updates the tables.

    url: ``sqlite:///path`` or ``postgresql://user:password@host/name``; an async driver in it is fine too.
    Raises ValueError for any other database.
    """

    def __init__(self, url: str) -> None:
        self._url = parse_url(url)
        self._engines = async_engines(self._url)
        self._writing: set[asyncio.Task[object] | None] = set()

    async def migrate(self) -> None:
        """Bring the tables to the newest version; make the folder of a SQLite file that is not there.

        Several processes may call it at once.
        """
        if self._url.get_backend_name() == "sqlite" and self._url.database:
            Path(self._url.database).parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(upgrade, self._url)

    async def ping(self) -> None:
        """Prove that the database answers; raises SQLAlchemy's OperationalError when it does not."""
        async with self._engines.reader.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections. The store may be used again; it then connects anew."""
        await self._engines.dispose()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Unit]:
        """One transaction: committed at the end of the block, rolled back when the block raises.

        On SQLite writers take turns, so a block must not wait for the network. Raises RuntimeError in a task that is
        inside such a block already: it would wait for itself.
        """
        task = asyncio.current_task()
        if task in self._writing:
            raise RuntimeError("this task writes to the store already: use the transaction that is open")
        self._writing.add(task)
        try:
            async with AsyncSession(self._engines.writer, expire_on_commit=False) as session, session.begin():
                unit = Unit(session)
                yield unit
                await unit.complete()
        finally:
            self._writing.discard(task)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Unit]:
        """One consistent look that never waits for writers. Writing through it is the database's error."""
        async with AsyncSession(self._engines.reader, expire_on_commit=False) as session:
            await session.connection(execution_options=self._engines.reading)
            yield Unit(session, writes=False)
