"""N3: whatever breaks and however often workers die, a paid refund has a credit note or somebody was asked."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from desk.reconciling import reconcile_now
from domain.exceptions import ExceptionCode
from domain.messages import ReconcileOrder
from domain.reconciliation.classes import DifferenceClass
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from store.reconciliation_records import DifferenceQuery
from tests.returns.looking import eventually
from tests.storm.mortal import MortalWorker, mortal_worker
from tests.world import SHIRT, World, running_world

#: Of returns; and how often the worker dies in each.
WAVES, DEATHS = 5, 3
#: Of each wave one return for each: what goes wrong at which operation of Prima, and how often.
TROUBLES: tuple[tuple[str, str, int | None], ...] = (
    ("latency", "NewReturn", 1),
    ("lost_answer", "ReturnReceipt", 1),
    ("lost_answer", "NewCreditNote", 1),
    ("cut_body", "NewCreditNote", 1),
    ("malformed_body", "NewCreditNote", 1),
)
#: The ERP never takes this one's note.
NEVER = ("unavailable", "NewCreditNote", None)
AGREED = 2.0
#: A step that a worker took with it is given to the next one after ten seconds, and that one may die too.
AFTER_A_KILL = 90.0


@pytest.mark.verify
@pytest.mark.timeout(900)
async def test_N3_a_refund_has_a_note_or_an_exception_whatever_breaks(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    connections = {"uk": {"limits": {"credit": f"{AGREED:g}s"}}}
    async with (
        running_world(temporal_server, tmp_path, connections, worker=False) as world,
        mortal_worker(temporal_server, world, tmp_path) as worker,
    ):
        mended: list[ReturnRef] = []
        lost: list[ReturnRef] = []
        disputed: list[ReturnRef] = []
        for _ in range(WAVES):
            good = [_returned(world, *trouble) for trouble in TROUBLES]
            never, other = _returned(world, *NEVER), _returned(world, paid="31.00")
            await _played(world, worker, [*good, never, other])
            mended += good
            lost.append(never)
            disputed.append(other)
        for ref in mended:
            await world.closed(ref, seconds=AFTER_A_KILL)
        for ref in disputed:
            await world.parked(ref, seconds=AFTER_A_KILL)
        assert worker.deaths == WAVES * DEATHS
        await asyncio.sleep(AGREED)
        outcome = await reconcile_now(
            world.client, ReconcileOrder(connection="uk", days=3), world.edge.clock().date(), wait=60
        )
        assert outcome is not None and outcome.state == "done"
        assert {ref: len(world.credits(ref)) for ref in mended} == dict.fromkeys(mended, 1)
        assert await _asked(world, mended) == {}
        assert await _asked(world, lost) == dict.fromkeys(lost, (ExceptionCode.CREDIT_OVERDUE,))
        assert await _asked(world, disputed) == dict.fromkeys(disputed, (ExceptionCode.REFUND_MISMATCH,))
        async with world.store.reading() as unit:
            query = DifferenceQuery(kinds=frozenset({DifferenceClass.MISSING_CREDIT}))
            assert sorted(one.return_id for one in await unit.differences.list(query, limit=1000)) == sorted(
                ref.return_id for ref in (*lost, *disputed)
            )


def _returned(
    world: World, kind: str = "", operation: str = "", times: int | None = 1, paid: str = "30.00"
) -> ReturnRef:
    ref = world.returned(world.order(charges={}), [("2", SHIRT, 1, "30.00")], planned_refund=Decimal(paid))
    if kind:
        world.fault("prima", ref, operation, kind, times=times, status=0 if kind == "lost_answer" else 503)
    return ref


async def _played(world: World, worker: MortalWorker, refs: list[ReturnRef]) -> None:
    """From the RMA to the refund, with a worker that dies again and again."""
    arrivals = asyncio.gather(*(_arrived(world, ref) for ref in refs))
    for number in range(DEATHS):
        await asyncio.sleep(0.2 + 0.3 * number)
        await worker.die()
        await worker.live()
    await arrivals
    await eventually(lambda: all(len(world.refunds(ref)) == 1 for ref in refs), AFTER_A_KILL)


async def _arrived(world: World, ref: ReturnRef) -> None:
    await world.stage(ref, "AWAITING_GOODS", seconds=AFTER_A_KILL)
    answer = await world.inspect(ref, (SHIRT, 1, "A"))
    assert answer.status_code in (200, 202), answer.text


async def _asked(world: World, refs: list[ReturnRef]) -> dict[ReturnRef, tuple[ExceptionCode, ...]]:
    """What is open, of those that have anything open."""
    found = {ref: tuple(item.code for item in await world.exceptions(ref)) for ref in refs}
    return {ref: codes for ref, codes in found.items() if codes}
