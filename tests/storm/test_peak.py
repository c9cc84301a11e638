"""R94: ten times the usual load at once: nothing is lost or made twice, the backlog drains, RMAs are quick again."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import pytest

from desk.clock import utc_now
from desk.measures import latencies, open_ages
from domain.latency import PostingStage
from domain.progress import Stage
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from tests.world import SHIRT, World, running_world

USUAL, PEAK = 30, 300
#: RMAs of the usual load that come after the peak may take this much longer than before it, and this many seconds.
AS_BEFORE, PROMPT = 3, 5


@pytest.mark.verify
@pytest.mark.timeout(1500)
async def test_R94_R53_a_peak_loses_nothing_doubles_nothing_and_passes(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with running_world(temporal_server, tmp_path) as world:
        usual, before = await _load(world, USUAL, seconds=300)
        peak, _ = await _load(world, PEAK, seconds=900)
        again, after = await _load(world, USUAL, seconds=300)
        everything = [*usual, *peak, *again]
        assert {ref: books for ref in everything if (books := _books(world, ref)) != (1, 1, ["30.00"])} == {}
        now = utc_now()
        async with world.store.reading() as unit:
            assert (await unit.inbox.backlog()).count == 0
            assert await unit.exceptions.list(limit=1) == []
            assert [len(await unit.measures.of(ref)) for ref in everything] == [3] * len(everything)
        assert await open_ages(world.store, [one.connection for one in world.ready], now) == []
        assert after <= max(AS_BEFORE * before, PROMPT), f"RMA p95 was {before:.1f} s and is {after:.1f} s"


async def _load(world: World, count: int, seconds: float) -> tuple[Sequence[ReturnRef], float]:
    """So many returns at once, played to their end; their RMAs' p95 in seconds."""
    since = utc_now()
    refs = [world.returned(world.order(charges={}), [("2", SHIRT, 1, "30.00")]) for _ in range(count)]
    async with asyncio.timeout(seconds):
        await _inspected(world, refs)
        while await _left(world, refs):
            await asyncio.sleep(1)
    return refs, await _rma_p95(world, since)


async def _inspected(world: World, refs: Iterable[ReturnRef]) -> None:
    """Each parcel is inspected as soon as the warehouse can see it."""
    waiting = set(refs)
    while waiting:
        async with world.store.reading() as unit:
            listed = await unit.returns.list(stage=Stage.AWAITING_GOODS, limit=PEAK)
        for ref in {record.ref for record in listed} & waiting:
            answer = await world.inspect(ref, (SHIRT, 1, "A"))
            assert answer.status_code in (200, 202), answer.text
            waiting.remove(ref)
        await asyncio.sleep(0.5)


async def _left(world: World, refs: Sequence[ReturnRef]) -> int:
    """How many of them are not closed."""
    async with world.store.reading() as unit:
        closed = await unit.returns.list(stage=Stage.CLOSED, limit=10 * PEAK)
    return len(set(refs) - {record.ref for record in closed})


async def _rma_p95(world: World, since: datetime) -> float:
    found = await latencies(world.store, [one.connection for one in world.ready], since, utc_now())
    return max(one.p95_seconds for one in found if one.stage is PostingStage.RMA)


def _books(world: World, ref: ReturnRef) -> tuple[int, int, list[str]]:
    """RMAs, received units and notes at the ERP."""
    return len(world.rmas(ref)), sum(world.received(ref).values()), [note["total"] for note in world.credits(ref)]
