"""URLs, transactions, migrations, times."""

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError, StatementError
from sqlmodel import SQLModel

from domain.returns import ReturnRef
from store import Store
from store.engines import parse_url, sync_engine
from store.migrations import downgrade, upgrade
from tests.store.given import booked, inspection, platform_return

NOW = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)
REF = ReturnRef(connection="shop", return_id="R1")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/name", "nonsense", ""])
def test_a_database_that_cannot_keep_anything_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="store needs"):
        Store(url)


async def test_a_url_with_an_async_driver_is_fine(store: Store, store_url: str) -> None:
    scheme, rest = store_url.split("://", 1)
    driver = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}[scheme]
    other = Store(f"{driver}://{rest}")
    await other.migrate()
    await other.ping()
    await other.close()


def test_models_and_migrations_agree(store_url: str) -> None:
    upgrade(parse_url(store_url))
    engine = sync_engine(parse_url(store_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_migrations_go_down_and_up_again(store_url: str) -> None:
    url = parse_url(store_url)
    upgrade(url)
    downgrade(url, "base")
    engine = sync_engine(url)
    assert set(inspect(engine).get_table_names()) == {"alembic_version"}
    upgrade(url)
    upgrade(url)
    assert "slots" in inspect(engine).get_table_names()
    engine.dispose()


async def test_rows_from_before_exchanges_mean_what_they_meant(store_url: str) -> None:
    url = parse_url(store_url)
    upgrade(url)
    store = Store(store_url)
    async with store.begin() as unit:
        await unit.returns.save_platform_return(REF, platform_return(), NOW)
        await unit.inspections.save(REF, inspection(), booked(), NOW)
        before = (await unit.returns.get(REF), await unit.returns.lines(REF), await unit.inspections.list(REF))
    await store.close()
    downgrade(url, "0001")
    upgrade(url)
    async with store.reading() as unit:
        after = (await unit.returns.get(REF), await unit.returns.lines(REF), await unit.inspections.list(REF))
        assert after == before
        assert [(line.inspected, line.accepted) for line in (await unit.returns.facts(REF)).lines] == [(2, 2)]
    await store.close()


async def test_processes_that_start_together_migrate_once(store_url: str) -> None:
    stores = [Store(store_url) for _ in range(4)]
    await asyncio.gather(*(store.migrate() for store in stores))
    for store in stores:
        await store.ping()
        await store.close()


async def test_N15_R1_what_was_committed_survives_a_restart(store_url: str) -> None:
    first = Store(store_url)
    await first.migrate()
    async with first.begin() as unit:
        await unit.timeline.add(REF, "k", NOW, "system", "note", "hello")
    await first.close()
    second = Store(store_url)
    await second.migrate()
    async with second.reading() as unit:
        assert [entry.text for entry in await unit.timeline.list(REF)] == ["hello"]
    await second.close()


async def test_a_block_that_raises_leaves_nothing(store: Store) -> None:
    with pytest.raises(RuntimeError):
        async with store.begin() as unit:
            await unit.timeline.add(REF, "k", NOW, "system", "note", "hello")
            raise RuntimeError
    async with store.begin() as unit:
        assert await unit.timeline.list(REF) == []


async def test_reading_does_not_wait_for_a_writer_and_changes_nothing(store: Store) -> None:
    async with store.begin() as writing, store.reading() as reading:
        await writing.timeline.add(REF, "k", NOW, "system", "note", "hello")
        assert await reading.timeline.list(REF) == []
        assert await reading.timeline.list(REF) == []
    with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
        async with store.reading() as unit:
            await unit.timeline.add(REF, "other", NOW, "system", "note", "lost")
    async with store.begin() as unit:
        await unit.timeline.add(REF, "third", NOW, "system", "note", "kept")
    async with store.reading() as unit:
        assert [entry.key for entry in await unit.timeline.list(REF)] == ["k", "third"]


async def test_times_come_back_aware_in_utc(store: Store) -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9)))
    async with store.begin() as unit:
        await unit.timeline.add(REF, "k", tokyo, "system", "note", "hello")
    async with store.reading() as unit:
        at = (await unit.timeline.list(REF))[0].at
    assert at == NOW
    assert at.utcoffset() == timedelta(0)


async def test_a_time_without_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="no time zone"):
        async with store.begin() as unit:
            await unit.timeline.add(REF, "k", NOW.replace(tzinfo=None), "system", "note", "hello")


async def test_a_transaction_inside_another_one_of_the_same_task_is_refused_at_once(store: Store) -> None:
    async with store.begin():
        with pytest.raises(RuntimeError, match="use the transaction that is open"):
            async with store.begin():
                pass
    async with store.begin() as unit:
        await unit.audit.add("ann", "looked", "r-1", {}, NOW)
        async with store.reading() as other:
            assert await other.audit.list("r-1") == [], "a look beside it is allowed, and sees what was committed"
    async with store.reading() as unit:
        assert len(await unit.audit.list("r-1")) == 1
