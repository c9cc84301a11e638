"""A store, a Temporal namespace, and logging put back after commands that configure it."""

import logging
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from temporalio.client import Client

from desk.link import TemporalLink
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from store import Store
from tests.running import new_namespace
from tests.starter.given import Desk, bridge
from tests.starter.recorder import recording


@pytest.fixture(scope="session")
async def client(temporal_server: DevServer) -> Client:
    """A namespace for the tests of the starters."""
    return await new_namespace(temporal_server, BackhaulPlugin())


@pytest.fixture
def link(client: Client) -> TemporalLink:
    async def connect() -> Client:
        return client

    return TemporalLink(connect)


@pytest.fixture
async def recorder(client: Client) -> AsyncIterator[None]:
    """The stand-in workflow runs."""
    async with recording(client):
        yield


@pytest.fixture(scope="session")
async def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with our tables and nothing in them."""
    path: Path = tmp_path_factory.mktemp("starter") / "empty.db"
    await Store(f"sqlite:///{path}").migrate()
    return path


@pytest.fixture
async def store(tmp_path: Path, migrated: Path) -> AsyncIterator[Store]:
    shutil.copyfile(migrated, tmp_path / "backhaul.db")
    store = Store(f"sqlite:///{tmp_path}/backhaul.db")
    yield store
    await store.close()


@pytest.fixture
async def desk(store: Store) -> AsyncIterator[Desk]:
    """A bridge without Temporal."""
    async with bridge(store) as running:
        yield running


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()
