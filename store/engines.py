"""Async engines for the two databases, from one URL."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_BUSY_MS = 30_000
_ASYNC_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_SYNC_DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg"}
_POSTGRESQL_READING = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
_PRAGMAS = (f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL")


@dataclass(frozen=True)
class Engines:
    """One engine to write with and one to read with, which on PostgreSQL is the same.

    `reading`: execution options of a transaction that only reads and sees one state of the database
    """

    writer: AsyncEngine
    reader: AsyncEngine
    reading: Mapping[str, Any] = field(default_factory=dict)

    async def dispose(self) -> None:
        """Close all connections."""
        await self.writer.dispose()
        await self.reader.dispose()


def parse_url(url: str) -> URL:
    """Check a store URL. Raises ValueError unless it is a SQLite file or a PostgreSQL database."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError("the store needs a URL: sqlite:///file or postgresql://…") from error
    backend = parsed.get_backend_name()
    if backend not in _ASYNC_DRIVERS:
        raise ValueError(f"the store needs sqlite:///file or postgresql://…, not {parsed.drivername}://")
    if backend == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise ValueError("the store needs a file: sqlite:///backhaul.db; a memory database would not survive a restart")
    return parsed


def async_engines(url: URL) -> Engines:
    """Engines that connect at first use.

    SQLite: one connection writes, taken in turn, its transactions begin IMMEDIATE; a few others only read.
    """
    parsed = url.set(drivername=_ASYNC_DRIVERS[url.get_backend_name()])
    if parsed.get_backend_name() != "sqlite":
        engine = create_async_engine(parsed, pool_pre_ping=True, isolation_level="READ COMMITTED")
        return Engines(writer=engine, reader=engine, reading=_POSTGRESQL_READING)
    writer = create_async_engine(parsed, pool_size=1, max_overflow=0, pool_timeout=_BUSY_MS / 1000)
    reader = create_async_engine(parsed, pool_size=4, max_overflow=4, pool_timeout=_BUSY_MS / 1000)
    _prepare_sqlite(writer.sync_engine, "BEGIN IMMEDIATE")
    _prepare_sqlite(reader.sync_engine, "BEGIN DEFERRED", reads_only=True)
    return Engines(writer=writer, reader=reader)


def sync_engine(url: URL) -> Engine:
    """A plain engine with the same settings, for migrations."""
    engine = create_engine(url.set(drivername=_SYNC_DRIVERS[url.get_backend_name()]))
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, "BEGIN IMMEDIATE")
    return engine


def _prepare_sqlite(engine: Engine, begin: str, reads_only: bool = False) -> None:
    """Take transactions out of the driver's hands, and set what SQLite leaves off.

    `synchronous=FULL` stays on: a delivery that was answered must survive a power cut.
    """

    def on_connect(connection: Any, record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (*_PRAGMAS, f"query_only={'ON' if reads_only else 'OFF'}"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)
