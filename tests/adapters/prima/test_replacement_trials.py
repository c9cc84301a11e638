"""N2, E50: transfers, replacement orders and their cancellations under seeded faults, over real HTTP."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from domain.documents import Posting, StockUnits
from tests.adapters.prima import shop as desk
from tests.adapters.prima.shop import COAT, LONG_COAT, Shop, shop
from tests.adapters.prima.test_trials import KINDS, STALE
from tests.adapters.prima.writes import until_posted

pytestmark = pytest.mark.verify

SEED = 20261121
STOCK = 3
READS = {"DepotTransfer": "TransferDetail", "MultiNewOrder": "OrderStatus", "CancelOrder": "OrderStatus"}
NUMBERS = {"DepotTransfer": "number", "MultiNewOrder": "order", "CancelOrder": "order"}


class Trials:
    """Runs writes, each under one to three faults of its own, and keeps the numbers that came back."""

    def __init__(self, prima: Shop, lagging: bool) -> None:
        self.prima = prima
        self.lagging = lagging
        self.dice = random.Random(SEED)
        self.numbers: dict[str, list[str]] = {message: [] for message in READS}
        self.attempts: Counter[int] = Counter()

    async def run(self, message: str, call: Callable[[], Awaitable[Posting]]) -> None:
        kinds = [*KINDS, STALE] if self.lagging and message != "CancelOrder" else KINDS
        for fault in self.dice.choices(kinds, k=self.dice.randint(1, 3)):
            aims = [READS[message]] if fault is STALE else [message, message, message, READS[message], "*"]
            aimed = {"match": self.dice.choice(aims), "times": self.dice.randint(1, 2)}
            self.prima.prima.faults.add(fault.model_copy(update=aimed))
        posted, attempts = await until_posted(call)
        self.prima.prima.faults.clear()
        self.attempts[attempts] += 1
        self.numbers[message].append(posted.number)

    async def round(self, n: int) -> None:
        """The last units are ordered, given back, and one goes to another depot."""
        erp, key = self.prima.erp, f"bh-{n}-x-1"
        order = desk.replacement(key=key, quantity=STOCK, due=n % 2)
        await self.run("MultiNewOrder", partial(erp.order_replacement, order))
        await self.run("CancelOrder", partial(erp.cancel_replacement, desk.cancel_replacement(key=key)))
        move = desk.transfer(key=f"bh-{n}-t-1", lines=[StockUnits(sku=COAT, quantity=1)])
        await self.run("DepotTransfer", partial(erp.transfer_stock, move))


@pytest.mark.parametrize("rounds", [20, pytest.param(300, marks=[pytest.mark.verify, pytest.mark.timeout(300)])])
async def test_N2_E50_lost_answers_no_duplicate_no_loss(rounds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a Prima that would take the same key twice: our own search is all there is."""
    async with shop() as prima:
        monkeypatch.setattr(prima.prima.world, "refuse_known_key", lambda message, key: None)
        monkeypatch.setattr(prima.prima.world, "refuse_known_order", lambda number: None)
        await play(Trials(prima, lagging=False), rounds)


@pytest.mark.parametrize("rounds", [10, pytest.param(300, marks=[pytest.mark.verify, pytest.mark.timeout(300)])])
async def test_N2_E50_lost_answers_while_the_search_lags_behind(rounds: int) -> None:
    """Here Prima's DUP is what prevents the second document."""
    async with shop() as prima:
        await play(Trials(prima, lagging=True), rounds)


async def play(trials: Trials, rounds: int) -> None:
    """The journal holds each document once, under the number that the adapter gave back; the stock is right."""
    prima = trials.prima
    prima.prima.add_stock(COAT, rounds)
    for n in range(rounds):
        await trials.round(n)
    assert sum(trials.attempts.values()) == 3 * rounds
    assert max(trials.attempts) > 1
    for message, name in NUMBERS.items():
        applied = [entry[name] for entry in prima.prima.journal.entries(message)]
        assert len(applied) == len(set(applied)) == rounds
        assert applied == trials.numbers[message]
    assert await prima.physical(COAT, "DM") == rounds
    (row,) = (row for row in await prima.erp.depot_stock([LONG_COAT]) if row.depot == "01")
    assert (row.physical, row.available) == (STOCK, STOCK)
