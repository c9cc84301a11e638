"""The platform rejects the request: before money it is undone, afterwards finance is asked (D5, E60)."""

import pytest

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import LineDecision, ReturnRef
from store.exchange_records import ExposureState
from tests.returns.course import arrive, one_shirt, totals
from tests.returns.looking import ended, eventually, live_rmas, next_parked
from tests.world import SHIRT, World


async def reject(world: World, ref: ReturnRef) -> None:
    """A user of the platform rejects the only unit."""
    merchant = world.ready[0].platform(world.http)
    decision = LineDecision(
        line_id=f"1/{SHIRT}", order_line_id="1", sku=SHIRT, accepted=0, rejected=1, reject_reason="not ours"
    )
    await merchant.report_inspection(ref.return_id, [decision])


async def test_E58_rejected_before_goods_and_money_the_rma_is_cancelled(world: World) -> None:
    ref = one_shirt(world)
    await world.stage(ref, "AWAITING_GOODS")
    await reject(world, ref)
    await ended(world, ref, "REJECTED")
    assert live_rmas(world, ref) == []
    assert await world.exceptions(ref, None) == []


@pytest.mark.parametrize("kind", [ResolutionKind.DONE_BY_HAND, ResolutionKind.CANCEL_TRACK])
async def test_D5_E60_rejected_after_an_instant_credit_finance_decides_and_the_rma_stays(
    world: World, kind: ResolutionKind
) -> None:
    ref = one_shirt(world, mode="instant")
    await eventually(lambda: totals(world, ref) == ["18.09"])
    await world.caught_up(ref)
    await reject(world, ref)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.CANCEL_AFTER_CREDIT, Owner.FINANCE)
    assert "rejected" in item.reason
    assert len(live_rmas(world, ref)) == 1
    await world.resolve(item, kind, document="VOID-1", reason="the customer keeps the money")
    async with world.store.reading() as unit:
        assert [one.state for one in await unit.exposures.of(ref)] == [ExposureState.OPEN]
    assert (await world.stage(ref, "AWAITING_GOODS")).closed_at is None, "the money is out until its goods are in"
    await arrive(world, ref, (SHIRT, 1, "A"))
    drift = await next_parked(world, item)
    assert drift.code is ExceptionCode.STATUS_DRIFT, "it came, and is what was bought"
    await world.resolve(drift, ResolutionKind.CANCEL_TRACK, reason="the customer was told")
    await world.closed(ref)
    assert (totals(world, ref), world.received(ref)) == (["18.09"], {(SHIRT, "01"): 1})
