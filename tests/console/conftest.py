"""One console for all tests of a module. Temporal is down in it: looking needs only the store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store import Store
from tests.console.browser import Console, Time, console_on


@pytest.fixture(scope="module")
async def console(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Console]:
    """A console on a SQLite store of its own."""
    folder: Path = tmp_path_factory.mktemp("console")
    store = Store(f"sqlite:///{folder / 'store.db'}")
    await store.migrate()
    yield console_on(store, Time())
    await store.close()
