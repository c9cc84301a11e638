"""News about a return that is closed: nothing starts again, and nothing passes in silence."""

import asyncio
from decimal import Decimal

from desk.clock import utc_now
from desk.resolutions import decide_in_store
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.resolution import Resolution, Role
from domain.returns import ReturnRef
from tests.patience import PATIENCE
from tests.world import COAT, World


async def closed_return(world: World) -> ReturnRef:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)
    return ref


async def test_R46_R70_a_second_refund_after_the_close_is_an_exception_and_no_second_note(world: World) -> None:
    ref = await closed_return(world)
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("220.50"))
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.DUPLICATE_REFUND, Owner.FINANCE)
    assert "of 220.50 GBP was paid" in item.reason
    assert len(world.credits(ref)) == 1

    decision = Resolution(
        exception_id=item.id,
        version=item.version,
        kind=ResolutionKind.CANCEL_TRACK,
        role=Role.FINANCE,
        actor="tester",
        reason="paid twice by mistake, recovered from the customer",
    )
    assert (await decide_in_store(world.store, decision, utc_now)).outcome == "decided"
    assert (await world.record(ref)).stage == "CLOSED"  # type: ignore[union-attr]


async def test_R9_the_echo_of_our_own_report_changes_nothing(world: World) -> None:
    ref = await closed_return(world)
    async with asyncio.timeout(PATIENCE):
        while True:
            async with world.store.reading() as unit:
                if not (await unit.inbox.backlog()).count:
                    break
            await asyncio.sleep(0.05)
    assert await world.exceptions(ref) == []
    assert (await world.record(ref)).stage == "CLOSED"  # type: ignore[union-attr]
