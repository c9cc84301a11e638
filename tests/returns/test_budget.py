"""What one plain refund return costs on a real server (decision D14, temporal-notes 12)."""

import asyncio
from datetime import timedelta
from pathlib import Path

from runtime.actions import action_counts
from runtime.devserver import DevServer
from tests.world import COAT, running_world

_METRICS_LAG = 2.5
#: Deliveries within this time are one poke; wide enough for a busy machine.
BURST = timedelta(seconds=4)


async def test_D14_plain_return_stays_within_its_budget(temporal_server: DevServer, tmp_path: Path) -> None:
    async with running_world(temporal_server, tmp_path, settle=BURST) as world:
        ref = world.returned(world.order())
        await world.stage(ref, "AWAITING_GOODS")
        await world.inspect(ref, (COAT, 1, "A"))
        await world.closed(ref)
        await asyncio.sleep(_METRICS_LAG)
        counted = await action_counts(temporal_server.metrics_url, world.client.namespace)
        history = await world.handle(ref).fetch_history()
        size = sum(event.ByteSize() for event in history.events)
    assert 0 < sum(counted.values()) <= 10, counted
    assert len(history.events) <= 60
    assert size <= 32 * 1024


async def test_D14_refund_paid_right_after_the_report_is_one_burst_and_one_poke(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with running_world(temporal_server, tmp_path, pay="later", settle=BURST) as world:
        ref = world.returned(world.order())
        await world.stage(ref, "AWAITING_GOODS")
        await world.inspect(ref, (COAT, 1, "A"))
        await world.stage(ref, "SETTLING")
        world.reveni["uk"].pay_refund(ref.return_id)
        await world.closed(ref)
        await asyncio.sleep(_METRICS_LAG)
        counted = await action_counts(temporal_server.metrics_url, world.client.namespace)
    assert 0 < sum(counted.values()) <= 10, counted
