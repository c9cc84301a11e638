"""How long a real return took, by the moments that people know: told, inspected, paid."""

from datetime import timedelta

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.latency import PostingStage
from tests.world import SHIRT, World


async def test_R90_N10_each_stage_counts_from_its_own_beginning(world: World) -> None:
    """A parcel at an unmapped place stops the stock document for a while; RMA and credit are not late by it."""
    ref = world.returned(world.order(), [("2", SHIRT, 1, "30.00")])
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"), location="LDN-9")
    parked = await world.parked(ref)
    assert parked.code is ExceptionCode.LOCATION_UNMAPPED
    await world.caught_up(ref)
    await world.resolve(parked, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-1"})
    record = await world.closed(ref)
    async with world.store.reading() as unit:
        times = {time.stage: time for time in await unit.measures.of(ref)}
        [inspection] = await unit.inspections.list(ref)
        [refund] = await unit.returns.refunds(ref)
        [decided] = await unit.exceptions.list(connection=ref.connection, return_id=ref.return_id)
    assert list(times) == [PostingStage.RMA, PostingStage.STOCK, PostingStage.CREDIT]
    rma, stock, credit = times.values()
    assert decided.resolved_at is not None and refund.paid_at is not None
    assert rma.due_at == record.authorised_at
    assert stock.due_at <= decided.opened_at < decided.resolved_at < stock.posted_at
    assert credit.due_at == max(refund.paid_at, inspection.saved_at)
    for time in (rma, stock, credit):
        assert (time.window_ms, time.hand) == (0, False)
        assert timedelta(milliseconds=time.delay_ms) <= time.posted_at - time.due_at
