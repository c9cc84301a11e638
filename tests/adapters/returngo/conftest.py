"""ReturnGO's sandbox on a real socket, and our port in front of it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from sandbox.kit.server import serve
from sandbox.returngo import ReturnGoSandbox
from tests.adapters.returngo.bodies import KEY
from tests.adapters.returngo.world import SHOP, Clock, World


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = Clock()
    async with (
        ReturnGoSandbox(SHOP, KEY, clock=clock) as vendor,
        serve(vendor.app) as server,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        yield World(vendor, server.url, http, clock)
