"""A store with all tables, and a receiver of messages."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from store import Store
from tests.alerts.given import Clock
from tests.alerts.receiver import Receiver, receiving


@pytest.fixture(scope="session")
async def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path: Path = tmp_path_factory.mktemp("alerts") / "empty.db"
    store = Store(f"sqlite:///{path}")
    await store.migrate()
    await store.close()
    return path


@pytest.fixture
async def store(tmp_path: Path, empty_database: Path) -> AsyncIterator[Store]:
    shutil.copyfile(empty_database, tmp_path / "backhaul.db")
    store = Store(f"sqlite:///{tmp_path}/backhaul.db")
    yield store
    await store.close()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()
