"""Reveni's sandbox on a real socket, and our port in front of it."""

from collections.abc import AsyncIterator

import httpx
import pytest

from adapters.kit.outside import Outside
from adapters.reveni.port import build
from sandbox.kit.server import serve
from sandbox.reveni import ReveniSandbox
from tests.adapters.reveni.world import KEY, STORE, World, settings_for


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with (
        ReveniSandbox(STORE, KEY) as vendor,
        serve(vendor.app) as server,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        yield World(vendor, server.url, http, build(settings_for(server.url), Outside(http)))
