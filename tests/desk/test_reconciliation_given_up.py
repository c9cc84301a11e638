"""A credit note that finance gave up is a reason for units in stock without a credit (R38)."""

import pytest

from domain.progress import Stage
from domain.reconciliation.classes import DifferenceClass
from store import Store
from store.records import DocumentState
from tests.desk.reconciled import LINE, OLD, Shop, shop_with


@pytest.fixture
def shop(store: Store) -> Shop:
    return shop_with(store)


@pytest.mark.parametrize(("given_up", "told"), [(2, []), (1, [(DifferenceClass.STOCK_MISMATCH, 1)])])
async def test_R38_units_whose_note_was_given_up_are_in_stock_with_a_reason(
    shop: Shop, given_up: int, told: list[tuple[DifferenceClass, int]]
) -> None:
    ref = await shop.returned("left", "20.00")
    await shop.restocked(ref)
    await shop.credited(ref, 2000, units=given_up, state=DocumentState.ABANDONED)
    async with shop.store.begin() as unit:
        await unit.refunds.decide(ref, "left-1", "credited in the shop", OLD)
        await unit.slots.reserve("prima-test", "ORD-left", ref, {LINE: 2}, {LINE: 2})
        await unit.slots.credit("prima-test", "ORD-left", ref, {LINE: [1, 2]}, "bh-left-c-1", OLD)
        assert (await unit.returns.refresh_progress(ref, OLD)).stage is Stage.CLOSED
    await shop.reconcile()
    assert [(one.kind, one.units) for one in await shop.differences()] == told
