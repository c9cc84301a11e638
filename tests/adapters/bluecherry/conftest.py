from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.bluecherry.shop import Shop, shop


@pytest.fixture
async def bluecherry(tmp_path: Path) -> AsyncIterator[Shop]:
    """A fresh sandbox with the adapter in front of it."""
    async with shop(tmp_path) as running:
        yield running
