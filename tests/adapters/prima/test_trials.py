"""N2: a thousand writes under seeded faults, before and after they take effect, over real HTTP."""

import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from decimal import Decimal
from functools import partial

import pytest

from domain.documents import CancelCredit, CancelRma, Posting
from sandbox.kit.faults import Fault
from tests.adapters.prima import shop as desk
from tests.adapters.prima.shop import Shop, shop
from tests.adapters.prima.writes import until_posted

pytestmark = pytest.mark.verify

WRITES_EACH = 7
LIFECYCLES = 143  # 1,001 writes
LAGGING_LIFECYCLES = 25
SEED = 20260320
LIMIT_SECONDS = 120.0

KINDS = [
    Fault(kind="lost_answer", status=0),
    Fault(kind="lost_answer", status=504),
    Fault(kind="cut_body"),
    Fault(kind="malformed_body"),
    Fault(kind="unavailable", status=503),
    Fault(kind="unavailable", status=200),
    Fault(kind="throttle", seconds=1),
]
STALE = Fault(kind="stale_read", seconds=3600)


class Trials:
    """Runs writes, each under one to three faults of its own, and keeps the numbers that came back."""

    def __init__(self, prima: Shop, seed: int, lagging: bool) -> None:
        self.prima = prima
        self.lagging = lagging
        self.dice = random.Random(seed)
        self.numbers: dict[str, list[str]] = {}
        self.attempts: Counter[int] = Counter()

    async def run(self, message: str, detail: str, call: Callable[[], Awaitable[Posting]]) -> str:
        creates = message.startswith(("New", "Return", "Stock"))
        kinds = [*KINDS, STALE] if self.lagging and creates else KINDS
        for fault in self.dice.choices(kinds, k=self.dice.randint(1, 3)):
            aims = [detail] if fault is STALE else [message, message, message, detail, "*"]
            aimed = {"match": self.dice.choice(aims), "times": self.dice.randint(1, 2)}
            self.prima.prima.faults.add(fault.model_copy(update=aimed))
        posted, attempts = await until_posted(call)
        self.prima.prima.faults.clear()
        self.attempts[attempts] += 1
        self.numbers.setdefault(message, []).append(posted.number)
        return posted.number

    async def lifecycle(self, n: int) -> None:
        """One order: an RMA cancelled, one received and credited, an adjustment, a reversal."""
        erp, order = self.prima.erp, f"T{n}"
        self.prima.prima.add_order(order, [{"sku": desk.COAT, "quantity": 2, "price": Decimal("245.00")}])
        rma = partial(desk.rma, order_number=order)
        first = await self.run("NewReturn", "ReturnDetail", partial(erp.open_rma, rma(key=f"bh-{n}-r-1")))
        cancel = CancelRma(key=f"bh-{n}-r-2", rma_number=first, rma_key=f"bh-{n}-r-1", reason="")
        await self.run("CancelReturn", "ReturnDetail", partial(erp.cancel_rma, cancel))
        second = await self.run("NewReturn", "ReturnDetail", partial(erp.open_rma, rma(key=f"bh-{n}-r-3")))
        goods = desk.receipt(second, key=f"bh-{n}-g-1", order_number=order)
        await self.run("ReturnReceipt", "ReceiptDetail", partial(erp.receive_goods, goods))
        journal = desk.adjustment(key=f"bh-{n}-g-2", order_number=order)
        await self.run("StockAdjustment", "AdjustmentDetail", partial(erp.adjust_stock, journal))
        note = desk.credit(second, key=f"bh-{n}-c-1", order_number=order, invoice_number="")
        number = await self.run("NewCreditNote", "CreditNoteDetail", partial(erp.post_credit, note))
        undo = CancelCredit(key=f"bh-{n}-c-2", credit_number=number, reason="")
        await self.run("CancelCreditNote", "CreditNoteDetail", partial(erp.cancel_credit, undo))


async def test_N2_lost_answers_no_duplicate_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a Prima that would take the same key twice: our own search is all there is."""
    await lose_answers(monkeypatch, LIFECYCLES // 10)


@pytest.mark.verify
async def test_N2_a_thousand_lost_answers_no_duplicate_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same a thousand times."""
    assert LIFECYCLES * WRITES_EACH >= 1000
    await lose_answers(monkeypatch, LIFECYCLES)


async def lose_answers(monkeypatch: pytest.MonkeyPatch, lifecycles: int) -> None:
    async with shop() as prima:
        monkeypatch.setattr(prima.prima.world, "refuse_known_key", lambda message, key: None)
        trials = await run(prima, lifecycles, lagging=False)
        assert sum(trials.attempts.values()) == lifecycles * WRITES_EACH
        assert max(trials.attempts) > 1


async def test_N2_lost_answers_while_the_search_lags_behind() -> None:
    """Here Prima's DUP is what prevents the second document."""
    async with shop() as prima:
        await run(prima, LAGGING_LIFECYCLES, lagging=True)


async def run(prima: Shop, lifecycles: int, lagging: bool) -> Trials:
    trials = Trials(prima, SEED, lagging)
    started = time.monotonic()
    for n in range(lifecycles):
        await trials.lifecycle(n)
    assert time.monotonic() - started < LIMIT_SECONDS
    check_effects(trials)
    assert await prima.physical(desk.COAT, "01") == 12 + lifecycles
    assert await prima.physical(desk.COAT, "DM") == lifecycles
    return trials


def check_effects(trials: Trials) -> None:
    """The journal holds each document once, under the number that the adapter gave back."""
    names = {
        "CancelCreditNote": "reversal_number",
        "NewCreditNote": "credit_number",
        "StockAdjustment": "number",
    }
    names |= {
        "NewReturn": "return_number",
        "CancelReturn": "return_number",
        "ReturnReceipt": "receipt_number",
    }
    for message, name in names.items():
        applied = [entry[name] for entry in trials.prima.prima.journal.entries(message)]
        assert len(applied) == len(set(applied))
        assert applied == trials.numbers[message]
