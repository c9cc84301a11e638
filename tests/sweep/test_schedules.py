"""The rhythm of sweeps is kept by Temporal Schedules, made and removed with their connections."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, Schedule, ScheduleActionStartWorkflow, ScheduleOverlapPolicy

from adapters.assembly import load_connections
from desk.rhythm import keep_rhythm
from domain.connection import Connection
from domain.messages import RECONCILE_WORKFLOW, SWEEP_WORKFLOW
from runtime.client import BackhaulPlugin
from runtime.devserver import DevServer
from sandbox.reveni import DeliveryPolicy
from tests.patience import PATIENCE
from tests.running import new_namespace
from tests.world import API_KEY, World, connection_table, running_world
from worker import PASSTHROUGH


@pytest.fixture
async def unswept(temporal_server: DevServer, tmp_path: Path) -> AsyncIterator[World]:
    """Swept every second, once somebody keeps its rhythm."""
    rhythm = {"uk": {"limits": {"sweep_every": "1s"}}}
    async with running_world(temporal_server, tmp_path, rhythm, poll=timedelta(seconds=0.2)) as world:
        yield world


def connections(*names: str, **limits: str) -> list[Connection]:
    """Connections with these limits."""
    url = "http://unused.example"
    tables = {name: connection_table(url, url, name, limits=limits) for name in names}
    return [one.connection for one in load_connections({"connections": tables}, {"REVENI_KEY": API_KEY})]


async def listed(client: Client, *wanted: str) -> None:
    """Wait until the namespace lists these schedules and no others: its list is a moment late."""
    async with asyncio.timeout(PATIENCE):
        while {entry.id async for entry in await client.list_schedules()} != set(wanted):
            await asyncio.sleep(0.05)


def of(*names: str) -> set[str]:
    """Ids of all schedules of these connections."""
    return {f"{family}/{name}" for name in names for family in ("sweep", "reconcile")}


async def test_R78_R89_each_connection_has_its_rhythm_and_a_second_start_changes_nothing(
    temporal_server: DevServer,
) -> None:
    client = await new_namespace(temporal_server, BackhaulPlugin(passthrough=PASSTHROUGH))
    kept = await keep_rhythm(client, connections("uk", "de", sweep_every="10m", reconcile_at="04:30"))
    assert set(kept.made) == of("uk", "de")
    daily = (await client.get_schedule_handle("reconcile/uk").describe()).schedule
    assert [(one.hour[0].start, one.minute[0].start) for one in daily.spec.calendars] == [(4, 30)]
    assert (action_of(daily).workflow, action_of(daily).task_queue) == (RECONCILE_WORKFLOW, "returns")
    handle = client.get_schedule_handle("sweep/uk")
    often = (await handle.describe()).schedule
    assert (action_of(often).workflow, action_of(often).id) == (SWEEP_WORKFLOW, "sweep/uk")
    assert [one.every for one in often.spec.intervals] == [timedelta(minutes=10)]
    assert often.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert often.policy.catchup_window == timedelta(minutes=1), "no pile after an outage of Temporal"
    await handle.pause(note="stock-taking")
    paused = await handle.describe()

    again = await keep_rhythm(client, connections("uk", "de", sweep_every="10m", reconcile_at="04:30"))
    assert (again.made, again.changed, again.removed) == ([], [], [])
    assert (await handle.describe()).info.last_updated_at == paused.info.last_updated_at

    await listed(client, *of("uk", "de"))
    faster = await keep_rhythm(client, connections("uk", sweep_every="5m", reconcile_at="04:30"))
    assert (list(faster.made), list(faster.changed), set(faster.removed)) == ([], ["sweep/uk"], of("de"))
    changed = await handle.describe()
    assert [one.every for one in changed.schedule.spec.intervals] == [timedelta(minutes=5)]
    assert (changed.schedule.state.paused, changed.schedule.state.note) == (True, "stock-taking")
    await listed(client, *of("uk"))
    await keep_rhythm(client, [])
    await listed(client)


async def test_R2_R89_a_schedule_really_sweeps(unswept: World) -> None:
    """What the worker process does at its start is enough: nobody calls anything."""
    world = unswept
    ref = world.returned(world.order(), delivery=DeliveryPolicy(lost=True))
    await keep_rhythm(world.client, [one.connection for one in world.ready])
    await world.stage(ref, "AWAITING_GOODS")
    await keep_rhythm(world.client, [])
    assert len(world.rmas(ref)) == 1


def action_of(schedule: Schedule) -> ScheduleActionStartWorkflow:
    """What it starts."""
    assert isinstance(schedule.action, ScheduleActionStartWorkflow)
    return schedule.action
