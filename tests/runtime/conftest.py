"""One embedded Temporal server for the tests of this room."""

from collections.abc import AsyncIterator

import pytest

from runtime.devserver import DevServer


@pytest.fixture(scope="session")
async def dev_server() -> AsyncIterator[DevServer]:
    async with DevServer(namespace="runtime-tests", search_attributes={"TestKeyword": "Keyword"}) as server:
        yield server
