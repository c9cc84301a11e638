"""A store on SQLite for sweeps over it; tests/store has the same readers on PostgreSQL."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from store import Store
from tests.sweep.looking import Shop, shop_with


@pytest_asyncio.fixture(scope="session")
async def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, to be copied: making them takes longer than a test."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    store = Store(f"sqlite:///{path}")
    await store.migrate()
    await store.close()
    return path


@pytest_asyncio.fixture
async def store(empty_database: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A store of its own for each test."""
    shutil.copy(empty_database, tmp_path / "sweep.db")
    store = Store(f"sqlite:///{tmp_path / 'sweep.db'}")
    yield store
    await store.close()


@pytest_asyncio.fixture
async def shop(store: Store) -> Shop:
    return shop_with(store)
