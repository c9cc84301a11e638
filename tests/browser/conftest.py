"""One Chromium for all tests of a process, and one Backhaul with its console, where people of every role sign in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from playwright.async_api import Browser

from runtime.devserver import DevServer
from tests.browser.chromium import chromium
from tests.browser.person import DESK, Person, person_at
from tests.browser.site import Site, console_of
from tests.world import running_world

#: (login name or nothing, size of the window, scripts) → a person who is signed in.
People: TypeAlias = Callable[..., Awaitable[Person]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; without one these tests are skipped, or fail where BACKHAUL_BROWSER wants it."""
    async with chromium() as started:
        yield started


@pytest.fixture(scope="session")
async def site(
    browser: Browser, temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """A Backhaul of two connections on one ERP. One person of finance may settle 100 alone."""
    folder: Path = tmp_path_factory.mktemp("site")
    connections: dict[str, dict[str, Any]] = {"uk": {"limits": {"second_person": 100}}, "eu": {}}
    async with running_world(temporal_server, folder, connections) as world, console_of(world) as running:
        yield running


@pytest.fixture
async def people(browser: Browser, site: Site) -> AsyncIterator[People]:
    """Brings people to the console. At the end none of their browsers may have complained."""
    there: list[Person] = []

    async def come(name: str = "", size: tuple[int, int] = DESK, *, scripts: bool = True) -> Person:
        person = await person_at(browser, site.url, size, scripts=scripts)
        there.append(person)
        if name:
            await person.sign_in(name)
        return person

    yield come
    for person in there:
        await person.context.close()
    assert [trouble for person in there for trouble in person.troubles] == []
