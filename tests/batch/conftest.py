"""A store of its own for tests that call the window's steps."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store import Store
from tests.batch.filing import Line, line_with


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Empty."""
    store = Store(f"sqlite:///{tmp_path / 'windows.db'}")
    await store.migrate()
    yield store
    await store.close()


@pytest.fixture
def line(store: Store) -> Line:
    return line_with(store)
