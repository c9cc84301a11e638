"""One running sandbox a vendor for the whole suite; every test brings orders and returns of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from adapters import registry
from tests.conformance.desk import ErpDesk, running_erp
from tests.conformance.erps import ERPS
from tests.conformance.platform_desk import PlatformDesk, running_platform
from tests.conformance.platforms import PLATFORMS
from tests.conformance.privacy import leaks, logged


@pytest.fixture(scope="session", params=[name for name in registry.ERPS if name in ERPS])
async def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ErpDesk]:
    """Each ERP of the registry that has a stage; `test_collection` fails for one that has none."""
    async with running_erp(request.param, tmp_path_factory.mktemp(request.param)) as desk:
        yield desk


@pytest.fixture
def erp(running: ErpDesk, caplog: pytest.LogCaptureFixture) -> Iterator[ErpDesk]:
    """Healthy before and after each test, and nothing of the customer in the logs (R109)."""
    running.faults.calm()
    yield running
    running.faults.calm()
    assert not leaks(logged(caplog.records))


@pytest.fixture(scope="session", params=[name for name in registry.PLATFORMS if name in PLATFORMS])
async def running_desk(request: pytest.FixtureRequest) -> AsyncIterator[PlatformDesk]:
    """Each platform of the registry that has a stage."""
    async with running_platform(request.param) as desk:
        yield desk


@pytest.fixture
def platform(running_desk: PlatformDesk, caplog: pytest.LogCaptureFixture) -> Iterator[PlatformDesk]:
    """As `erp`."""
    running_desk.faults.calm()
    yield running_desk
    running_desk.faults.calm()
    assert not leaks(logged(caplog.records))
