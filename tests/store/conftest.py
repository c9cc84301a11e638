"""The store on both databases: every test here runs twice."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from store import Store
from tests.fixtures_postgres import new_database, postgres_server

__all__ = ["new_database", "postgres_server"]


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.db'}"
    create: Callable[[], str] = request.getfixturevalue("new_database")
    return create()


@pytest_asyncio.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """A store with all tables."""
    store = Store(store_url)
    await store.migrate()
    yield store
    await store.close()
