from collections.abc import AsyncIterator

import pytest

from tests.adapters.prima.shop import Shop, shop


@pytest.fixture
async def prima() -> AsyncIterator[Shop]:
    """A fresh sandbox with the adapter in front of it."""
    async with shop() as running:
        yield running
