"""Timing is a choice per connection and class of documents, for any ERP: at once, or at windows (R36, R51, R117)."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from desk.view import find_views
from domain.windows import WindowCalendar
from runtime.devserver import DevServer
from tests.returns.course import totals
from tests.returns.test_ops_view import details
from tests.world import COAT, World, running_world

pytestmark = pytest.mark.verify

SOON = {"every": timedelta(seconds=6), "length": timedelta(seconds=1)}
#: What was begun in a window may have its effect so long after it.
ON_ITS_WAY = timedelta(seconds=1)
FAR = {"opens": ["03:00"], "zone": "Europe/London"}


@pytest.fixture(scope="module")
async def timed(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """``uk`` books stock and credits at windows of a few seconds; ``night`` credits at three in the morning."""
    connections: dict[str, dict[str, Any]] = {
        "uk": {"timing": {"stock": SOON, "credit": SOON}},
        "night": {"timing": {"credit": FAR}, "ledger": "prima-night"},
    }
    async with running_world(temporal_server, tmp_path_factory.mktemp("timed"), connections) as running:
        yield running


async def test_R36_R51_R117_each_document_obeys_its_own_mode(timed: World) -> None:
    """RMA at once, stock and credit in their windows and nowhere else; the note keeps its own references."""
    order = timed.order()
    ref = timed.returned(order)
    await timed.stage(ref, "AWAITING_GOODS")
    async with timed.store.reading() as unit:
        assert [document.window_at for document in await unit.documents.for_return(ref)] == [None]
    await timed.inspect(ref, (COAT, 1, "A"))
    await timed.closed(ref, seconds=90)
    calendar = WindowCalendar.model_validate(SOON)
    posted = [*timed.entries("ReturnReceipt", ref), *timed.entries("NewCreditNote", ref)]
    assert len(posted) == 2
    for entry in posted:
        at = datetime.fromisoformat(entry["at"])
        assert calendar.open_at(at) or calendar.open_at(at - ON_ITS_WAY), entry["op"]
    [note] = timed.credits(ref)
    assert (note["order"], note["return_number"]) == (order, timed.rmas(ref)[0]["return_number"])


async def test_R35_E64_a_return_shows_the_window_that_it_waits_for(timed: World) -> None:
    ref = timed.returned(timed.order(), connection="night")
    await timed.stage(ref, "AWAITING_GOODS")
    await timed.inspect(ref, (COAT, 1, "A"))
    await timed.stage(ref, "SETTLING", "CREDITING", seconds=90)
    await timed.caught_up(ref)
    [view] = await find_views(timed.store, ref.return_id)
    finance = next(track for track in view.tracks if track.track == "finance")
    window = WindowCalendar.model_validate(FAR).next(timed.edge.clock())
    assert (finance.state, finance.until) == ("QUEUED", window.opens)
    assert finance.waits_for == f"the window at {window.opens:%Y-%m-%d %H:%M} UTC"
    assert f"queued for the window at {window.opens:%Y-%m-%d %H:%M} UTC" in await details(timed, ref)
    assert totals(timed, ref) == []
    assert await timed.exceptions(ref, None) == []


async def test_E64_a_clock_of_ours_does_not_run_while_a_document_is_queued(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    """An outage is counted from the window on: what waited hours for it is no outage at the first refused call."""
    timing = {"credit": SOON}
    policy = {"outage_limit": "3s", "order_lag": "1s", "rate_per_second": 200}
    async with running_world(temporal_server, tmp_path, {"uk": {"timing": timing, "policy": policy}}) as world:
        ref = world.returned(world.order())
        await world.stage(ref, "AWAITING_GOODS")
        await world.inspect(ref, (COAT, 1, "A"))
        world.fault("prima", ref, "NewCreditNote", "unavailable", times=1)
        await world.closed(ref, seconds=90)
        assert totals(world, ref) == ["220.50"]
        async with world.store.reading() as unit:
            assert await unit.exceptions.list(connection="uk") == []
