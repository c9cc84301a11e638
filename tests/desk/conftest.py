"""A store of its own for every test of what people see and do; a copy of one that was made once."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from desk.link import TemporalLink, TemporalUnreachableError
from store import Store
from tests.desk.people import People
from tests.fixtures_postgres import new_database, postgres_server

__all__ = ["new_database", "postgres_server"]


@pytest.fixture(scope="session")
async def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with our tables and nothing in them."""
    path: Path = tmp_path_factory.mktemp("desk") / "empty.db"
    empty = Store(f"sqlite:///{path}")
    await empty.migrate()
    await empty.close()
    return path


@pytest.fixture
async def store(tmp_path: Path, empty_database: Path) -> AsyncIterator[Store]:
    shutil.copyfile(empty_database, tmp_path / "backhaul.db")
    store = Store(f"sqlite:///{tmp_path / 'backhaul.db'}")
    yield store
    await store.close()


@pytest.fixture
def no_temporal() -> TemporalLink:
    """Temporal is down: what is decided with this link was decided without it."""

    async def connect() -> object:
        raise TemporalUnreachableError("Temporal is down")

    return TemporalLink(connect)  # type: ignore[arg-type]


@pytest.fixture
def people(store: Store, no_temporal: TemporalLink) -> People:
    return People(store, no_temporal)
