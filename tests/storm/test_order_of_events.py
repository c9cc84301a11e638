"""N7, E4, E12: the order in which six events of one return arrive does not show in the vendors' books."""

import asyncio
import itertools
import random
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from temporalio.service import RPCError, RPCStatusCode

from desk.clock import utc_now
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from sandbox.reveni import DeliveryPolicy
from tests.patience import PATIENCE
from tests.world import COAT, SHIRT, World, running_world

pytestmark = pytest.mark.verify

EVENTS = ("authorised", "coat inspected", "shirt inspected", "coat refunded", "shirt refunded", "old webhook again")
ALL = list(itertools.permutations(EVENTS))
#: Returns that are played side by side.
TOGETHER = 12
CHUNKS = [ALL[start : start + TOGETHER] for start in range(0, len(ALL), TOGETHER)]


async def test_N7_E4_E12_R19_events_that_all_come_at_once_end_in_the_same_books(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    """In one breath most orders look alike to us, because the platform is read when all is over: a sample does."""
    await _play(temporal_server, tmp_path, random.Random(7).sample(ALL, 2 * TOGETHER), at_once=True)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(len(CHUNKS)))
async def test_N7_E4_E12_R19_every_order_of_six_events_ends_in_the_same_books(
    temporal_server: DevServer, tmp_path: Path, number: int
) -> None:
    """Each event comes when the one before it has had its effect."""
    await _play(temporal_server, tmp_path, CHUNKS[number], at_once=False)


async def _play(server: DevServer, folder: Path, orders: Sequence[tuple[str, ...]], at_once: bool) -> None:
    burst = timedelta(seconds=0.4)
    async with running_world(server, folder, pay="withheld", settle=burst) as world:
        refs = await asyncio.gather(*(_one(world, order, at_once) for order in orders))
        await asyncio.gather(*(world.closed(ref, seconds=90) for ref in refs))
        books = {order: _books(world, ref) for order, ref in zip(orders, refs, strict=True)}
    expected = (1, {(COAT, "01"): 1, (SHIRT, "01"): 1}, ["220.50", "30.00"])
    assert {order: found for order, found in books.items() if found != expected} == {}


async def _one(world: World, order: tuple[str, ...], at_once: bool) -> ReturnRef:
    """Play the events of one return in this order. Nobody heard of it before the first one."""
    items = [("1", COAT, 1, "220.50"), ("2", SHIRT, 1, "30.00")]
    number = world.order(charges={})
    ref = world.returned(number, items, status="incomplete", delivery=DeliveryPolicy(lost=True))
    world.reveni["uk"].set_delivery(ref.return_id, DeliveryPolicy())
    for event in order:
        await _happen(world, ref, event)
        if not at_once:
            await _had_its_effect(world, ref)
    return ref


async def _had_its_effect(world: World, ref: ReturnRef) -> None:
    """Until everything that was sent has reached the return's workflow, and it has done what it can."""
    await world.reveni["uk"].drain(PATIENCE)
    async with asyncio.timeout(60):
        while await _in_the_inbox(world, ref):
            await asyncio.sleep(0.3)
    try:
        await world.caught_up(ref, seconds=60)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:  # nothing that starts a return has happened yet
            raise


async def _in_the_inbox(world: World, ref: ReturnRef) -> bool:
    async with world.store.reading() as unit:
        waiting = await unit.inbox.due(utc_now() + timedelta(hours=1), limit=1000)
    return ref in {poke.ref for poke in waiting}


async def _happen(world: World, ref: ReturnRef, event: str) -> None:
    sandbox = world.reveni["uk"]
    match event:
        case "authorised":
            sandbox.complete(ref.return_id)
        case "coat inspected" | "shirt inspected":
            sku = COAT if event.startswith("coat") else SHIRT
            answer = await world.inspect(ref, (sku, 1, "A"), scan=event.replace(" ", "-"))
            assert answer.status_code in (200, 202), answer.text
        case "coat refunded" | "shirt refunded":
            sandbox.pay_refund(ref.return_id, Decimal("220.50" if event.startswith("coat") else "30.00"), "manual")
        case "old webhook again":
            sandbox.redeliver(sandbox.events(ref.return_id)[0].id)
    await asyncio.sleep(0)


def _books(world: World, ref: ReturnRef) -> tuple[int, dict[tuple[str, str], int], list[str]]:
    """RMAs, stock and notes at the ERP."""
    return len(world.rmas(ref)), world.received(ref), sorted(note["total"] for note in world.credits(ref))
