"""Every page of the console on 100,000 returns: none takes longer than 300 ms on two cores."""

import statistics
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from store import Store
from tests.bench.seed import NOW, sample, seed_returns
from tests.console.books import fill_books
from tests.console.browser import ADMIN, Console, Time, connection, console_on
from tests.console.samples import SAMPLES, pages

COUNT = 100_000
CONNECTIONS = ("shop", "outlet")
LIMIT_SECONDS = 0.3
#: No token for metrics, no provider and no bulk run are set up here.
NOTHING_THERE = (
    "/metrics",
    "/sign-in/provider",
    "/sign-in/back",
    SAMPLES["/exceptions/groups/{group_id}/run"],
)
#: More than one row of each: the list that a person narrows, and what they search for.
ALSO = (
    "/returns?stage=CLOSED",
    "/returns?stage=open&connection=shop",
    "/exceptions?owner=all",
    "/exceptions?owner=finance&code=REFUND_MISMATCH",
    "/exceptions/groups?owner=all",
    "/overview?days=30",
    "/charts/latency.svg?days=30",
    "/finance/depots?connection=shop&day=2026-11-20",
    "/finance/periods?connection=shop&month=2026-11",
)

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
async def console(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Console]:
    """A console on a large store."""
    url = f"sqlite:///{tmp_path_factory.mktemp('bench') / 'store.db'}"
    seed_returns(url, COUNT, connections=CONNECTIONS)
    store = Store(url)
    await store.migrate()
    await fill_books(store)
    yield console_on(store, Time(NOW), connections={name: connection(name) for name in CONNECTIONS})
    await store.close()


async def addresses(console: Console) -> list[str]:
    """One of every page, with what the large store holds in place of the samples."""
    one = sample(COUNT - 500, COUNT, CONNECTIONS)
    async with console.store.reading() as unit:
        [item, *_] = await unit.exceptions.list(limit=1)
    here = f"{one.connection}/{one.return_id}"
    places = {
        "/returns/{connection}/{return_id}": f"/returns/{here}",
        "/receiving/{connection}/{return_id}": f"/receiving/{here}",
        "/receiving/{connection}/{return_id}/regrade": f"/receiving/{here}/regrade",
        "/exceptions/{exception_id:path}": f"/exceptions/{item.id}",
        "/exceptions/groups/{group_id}": f"/exceptions/groups/{item.cause}",
    }
    searched = [one.return_id, one.order_number, one.rma_number, one.credit_number]
    found = [f"/returns?q={word}" for word in searched]
    own = [{**SAMPLES, **places}.get(page, page) for page in pages()]
    return [*own, *found, *ALSO]


async def test_every_page_answers_within_300_ms_on_100_000_returns(console: Console) -> None:
    browser = await console.signed_in(ADMIN)
    slow: dict[str, float] = {}
    took: dict[str, float] = {}
    for address in await addresses(console):
        times = []
        assert (await browser.sign_in("admin-account")).status_code == 303  # hours go by between two pages
        # Nothing that a console keeps may help a page. A picture is asked for by a page that has its figures.
        pause = timedelta(minutes=1 if address.startswith("/charts/") else 16)
        for _ in range(4):
            console.time.passes(seconds=pause.total_seconds())
            start = time.perf_counter()
            answer = await browser.http.get(address)
            times.append(time.perf_counter() - start)
            assert answer.status_code < 400 or address in NOTHING_THERE, (address, answer.text[:500])
            assert "/sign-in" not in answer.headers.get("location", ""), f"{address} was not seen"
        took[address] = statistics.median(times[1:])
        if took[address] > LIMIT_SECONDS:
            slow[address] = took[address]
    for address, seconds in sorted(took.items(), key=lambda one: -one[1])[:12]:
        print(f"{seconds * 1000:6.0f} ms  {address}")
    assert slow == {}
