"""Compensations run newest first, and each until it has succeeded."""

import pytest

from domain.progress import Stage
from workflows.case import Withdrawal
from workflows.saga import Saga

WITHDRAWAL = Withdrawal(Stage.CANCELLED, "the customer cancelled")


async def test_D5_newest_first_and_each_once() -> None:
    saga, undone = Saga(), []

    async def first(withdrawal: Withdrawal) -> None:
        undone.append(("first", withdrawal.reason))

    async def second(withdrawal: Withdrawal) -> None:
        undone.append(("second", withdrawal.reason))

    saga.before(first)
    saga.before(second)
    await saga.unwind(WITHDRAWAL)
    await saga.unwind(WITHDRAWAL)
    assert undone == [("second", "the customer cancelled"), ("first", "the customer cancelled")]


async def test_D5_an_interrupted_compensation_is_still_to_be_done() -> None:
    saga, tries = Saga(), []

    async def undo(_: Withdrawal) -> None:
        tries.append("try")
        if len(tries) == 1:
            raise RuntimeError("cut off")

    saga.before(undo)
    with pytest.raises(RuntimeError):
        await saga.unwind(WITHDRAWAL)
    await saga.unwind(WITHDRAWAL)
    assert len(tries) == 2
