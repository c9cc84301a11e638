"""Fixtures of tests of single steps."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store import Store


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """Empty."""
    made = Store(f"sqlite:///{tmp_path / 'store.db'}")
    await made.migrate()
    yield made
    await made.close()
