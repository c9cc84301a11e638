"""Fixtures that several rooms share: the real Temporal server, and a whole Backhaul on it."""

import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from runtime.devserver import DevServer
from store import Store
from tests.world import World, running_world

# The same examples everywhere: what fails in one checkout fails in all. A busy machine is no counterexample.
settings.register_profile(
    "backhaul", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("backhaul")


def pytest_collection_finish() -> None:
    """Thousands of collected tests live to the end: the garbage collector need not look at them again and again.

    It does so in the middle of a workflow's activation too, which Temporal gives two seconds on however busy a machine.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
async def temporal_server() -> AsyncIterator[DevServer]:
    """One real Temporal server for the whole run; every world has a namespace of its own."""
    async with DevServer(namespace="tests", ui=False) as server:
        yield server


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of the test's own. Rooms that need another one have theirs."""
    made = Store(f"sqlite:///{tmp_path / 'store.db'}")
    await made.migrate()
    yield made
    await made.close()


@pytest.fixture(scope="session")
async def world(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A whole Backhaul that many tests share, each with its own orders and returns.

    Connections: ``uk``; ``fast`` expires after seconds; ``judged`` leaves damage to finance; ``late`` expires after
    seconds and has a grace; ``reminded`` sends a reminder after seconds.
    """
    folder: Path = tmp_path_factory.mktemp("world")
    fast = {"policy": {"order_lag": "1s", "deadline": "4s", "reminders": ["1s"], "grace": "0s", "rate_per_second": 200}}
    judged = {
        "policy": {"credit_shares": {"DAMAGED": "by_reason"}},
        "mappings": {"reasons": {"changed_mind": "CM", "defective": "DF"}},
    }
    late = {"policy": {"deadline": "2s", "reminders": [], "grace": "1h"}}
    reminded = {"policy": {"deadline": "1h", "reminders": ["2s"]}}
    connections: dict[str, dict[str, Any]] = {
        "uk": {},
        "fast": fast,
        "judged": judged,
        "late": late,
        "reminded": reminded,
    }
    async with running_world(temporal_server, folder, connections) as running:
        yield running
