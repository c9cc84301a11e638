"""A batch ERP does not answer while it works on its files: that is no outage, and any other silence is (E63, E64)."""

from datetime import timedelta

import pytest
from temporalio.exceptions import ApplicationError

from domain.exceptions import ExceptionCode
from domain.outcomes import RetryLater
from domain.ports import ErpCapabilities
from tests.batch.filing import MINUTE, WINDOW, FilingErp, Line

#: As the connection has it.
LIMIT = 15 * MINUTE
CLOSES = WINDOW + 30 * MINUTE


async def silent(line: Line, since: timedelta) -> list[ExceptionCode]:
    """What is raised by a step in vain that was scheduled so long ago."""

    async def step() -> None:
        async with line.edge.at_erp(None, line.link):
            raise RetryLater("HTTP 503")

    with pytest.raises(ApplicationError):
        await line.run(step, waited=since)
    return [item.code for item in await line.raised()]


@pytest.mark.parametrize("since", [WINDOW, WINDOW - 3 * LIMIT])
async def test_E64_a_batch_erp_that_works_on_its_files_is_not_down(line: Line, since: object) -> None:
    line.now = WINDOW + 20 * MINUTE
    assert await silent(line, line.now - since) == []  # type: ignore[operator]


async def test_E64_its_window_does_not_count_once_it_is_closed(line: Line) -> None:
    """A window that runs over by a minute is no outage either; one that does by its limit is."""
    line.now = CLOSES + MINUTE
    assert await silent(line, line.now - WINDOW) == []
    line.now = CLOSES + LIMIT
    assert await silent(line, line.now - WINDOW) == [ExceptionCode.CONNECTION_DOWN]


async def test_E63_a_batch_erp_that_is_silent_between_its_windows_is_down(line: Line) -> None:
    line.now = WINDOW - MINUTE
    assert await silent(line, LIMIT - MINUTE) == []
    assert await silent(line, LIMIT) == [ExceptionCode.CONNECTION_DOWN]


async def test_E63_an_erp_that_we_post_to_at_windows_answers_in_them_too(line: Line) -> None:
    class DirectErp(FilingErp):
        capabilities = ErpCapabilities(
            standalone_rma=True,
            batch=False,
            stock_adjustments=True,
            applies_credit_to_invoice=False,
            exchange_orders=True,
        )

    line.erp, line.now = DirectErp(), WINDOW + 20 * MINUTE
    assert await silent(line, 20 * MINUTE) == [ExceptionCode.CONNECTION_DOWN]
