"""Returns in which nothing is wrong need nobody, and nothing else is ever written to the ERP (R53, R112)."""

import asyncio
from pathlib import Path

import pytest

from domain.progress import Stage
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from sandbox.audit import read_books
from tests.world import COAT, SHIRT, World, running_world

pytestmark = pytest.mark.verify

#: Each order has two coats and a shirt, and two returns side by side.
SECONDS = 200


def open_returns(world: World, orders: int) -> dict[ReturnRef, str]:
    """One coat of each order, and of every other order the shirt, else the second coat: return → its SKU."""
    returns: dict[ReturnRef, str] = {}
    for number in range(orders):
        order = world.order()
        second = ("2", SHIRT, 1, "30.00") if number % 2 else ("1", COAT, 1, "220.50")
        for item in (("1", COAT, 1, "220.50"), second):
            returns[world.returned(order, [item])] = item[1]
    return returns


async def inspect_all(world: World, returns: dict[ReturnRef, str]) -> None:
    """Inspect each return as soon as it waits for its goods."""
    left = dict(returns)
    while left:
        async with world.store.reading() as unit:
            waiting = await unit.returns.list(stage=Stage.AWAITING_GOODS, limit=len(returns))
        for ref in [record.ref for record in waiting if record.ref in left]:
            answer = await world.inspect(ref, (left.pop(ref), 1, "A"))
            assert answer.status_code == 200, answer.text
        await asyncio.sleep(0.1)


async def test_R53_R112_clean_returns_need_no_hand(temporal_server: DevServer, tmp_path: Path) -> None:
    await play(temporal_server, tmp_path, orders=8)


@pytest.mark.timeout(240)
async def test_R53_R112_a_hundred_clean_returns_need_no_hand(temporal_server: DevServer, tmp_path: Path) -> None:
    await play(temporal_server, tmp_path, orders=50)


async def play(temporal_server: DevServer, tmp_path: Path, orders: int) -> None:
    """All of them from the request to the credit note, and the books afterwards."""
    async with running_world(temporal_server, tmp_path) as world, asyncio.timeout(SECONDS):
        returns = open_returns(world, orders)
        await inspect_all(world, returns)
        for ref in returns:
            await world.handle(ref).result()
        async with world.store.reading() as unit:
            assert await unit.exceptions.list() == []
            assert (await unit.returns.stages()) == {Stage.CLOSED: len(returns)}
    posted = world.prima.journal.entries()
    books = read_books(posted, world.reveni["uk"].journal.entries())
    assert books.violations == []
    notes = {key: [note.total for note in page.notes] for key, page in books.returns.items()}
    assert notes.keys() == {ref.return_id for ref in returns}
    assert all(len(totals) == 1 for totals in notes.values())
    assert all(page.credited == page.refunded for page in books.returns.values())
    assert len(posted) == 3 * len(returns), "one RMA, one receipt, one note each, and nothing else"
