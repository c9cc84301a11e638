from collections.abc import AsyncIterator

import pytest

from tests.adapters.centra.shop import Shop, shop


@pytest.fixture
async def centra() -> AsyncIterator[Shop]:
    """A fresh sandbox with the adapter in front of it."""
    async with shop() as running:
        yield running
