"""N2: a thousand writes under seeded faults, before and after they take effect, over real HTTP."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from domain.documents import CancelCredit, Posted
from sandbox.kit.faults import Fault
from tests.adapters.patchworks import requests as desk
from tests.adapters.patchworks.shop import Shop, order, shop
from tests.adapters.patchworks.test_lost_answers import until_posted

pytestmark = pytest.mark.verify

WRITES_EACH = 7
LIFECYCLES = 143  # 1,001 writes
SEED = 20260320
EFFECTS = {
    "create_return": "return_authorization",
    "cancel_return": "return_authorization_cancelled",
    "receive_return": "item_receipt",
    "adjust_stock": "inventory_adjustment",
    "create_credit_note": "credit_memo",
    "void_credit_note": "credit_memo_voided",
}
KINDS = [
    Fault(kind="lost_answer", status=0),
    Fault(kind="lost_answer", status=504),
    Fault(kind="cut_body"),
    Fault(kind="malformed_body"),
    Fault(kind="unavailable", status=503),
    Fault(kind="unavailable", status=200),
    Fault(kind="unavailable", status=200, seconds=1),
    Fault(kind="throttle", seconds=1),
]


class Trials:
    """Runs writes, each under one to three faults of its own, and keeps the numbers that came back."""

    def __init__(self, patchworks: Shop) -> None:
        self.patchworks = patchworks
        self.dice = random.Random(SEED)
        self.numbers: dict[str, list[str]] = {}
        self.attempts: Counter[int] = Counter()

    async def run(self, operation: str, call: Callable[[], Awaitable[Posted]]) -> str:
        faults = self.patchworks.flows.faults
        for fault in self.dice.choices(KINDS, k=self.dice.randint(1, 3)):
            aim = self.dice.choice([operation, operation, operation, "get_operation", "*"])
            faults.add(fault.model_copy(update={"match": aim, "times": self.dice.randint(1, 2)}))
        posted, attempts = await until_posted(call)
        faults.clear()
        self.attempts[attempts] += 1
        self.numbers.setdefault(operation, []).append(posted.number)
        return posted.number

    async def lifecycle(self, n: int) -> None:
        """One order: an RMA cancelled, one received and credited, an adjustment, a void."""
        erp, name = self.patchworks.erp, f"T{n}"
        order(self.patchworks.flows, name)
        rma = partial(desk.rma, order_number=name)
        first = await self.run("create_return", partial(erp.open_rma, rma(key=f"bh-{n}-r-1")))
        cancel = desk.cancel_rma(first, f"bh-{n}-r-1")
        await self.run("cancel_return", partial(erp.cancel_rma, cancel))
        second = await self.run("create_return", partial(erp.open_rma, rma(key=f"bh-{n}-r-2")))
        goods = desk.receipt(second, key=f"bh-{n}-g-1", order_number=name)
        await self.run("receive_return", partial(erp.receive_goods, goods))
        journal = desk.adjustment(key=f"bh-{n}-g-2", order_number=name)
        await self.run("adjust_stock", partial(erp.adjust_stock, journal))
        note = desk.credit(second, key=f"bh-{n}-c-1", order_number=name, invoice_number="")
        number = await self.run("create_credit_note", partial(erp.post_credit, note))
        undo = CancelCredit(key=f"bh-{n}-c-2", credit_number=number, reason="")
        await self.run("void_credit_note", partial(erp.cancel_credit, undo))


async def test_N2_lost_answers_no_duplicate_no_loss() -> None:
    await lose_answers(LIFECYCLES // 10)


@pytest.mark.verify
async def test_N2_a_thousand_lost_answers_no_duplicate_no_loss() -> None:
    """The same a thousand times."""
    assert LIFECYCLES * WRITES_EACH >= 1000
    await lose_answers(LIFECYCLES)


async def lose_answers(lifecycles: int) -> None:
    async with shop() as patchworks:
        trials = Trials(patchworks)
        before = {depot: await patchworks.physical(desk.COAT, depot) for depot in ("01", "DM")}
        for n in range(lifecycles):
            await trials.lifecycle(n)
        assert sum(trials.attempts.values()) == lifecycles * WRITES_EACH
        assert max(trials.attempts) > 1
        for operation, effect in EFFECTS.items():
            applied = [entry["number"] for entry in patchworks.flows.journal.entries(effect)]
            assert len(applied) == len(set(applied))
            assert applied == trials.numbers[operation]
        for depot in ("01", "DM"):
            assert await patchworks.physical(desk.COAT, depot) == before[depot] + lifecycles
