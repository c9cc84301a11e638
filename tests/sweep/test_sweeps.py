"""Sweeps on a real Temporal, real vendors over HTTP and a real bridge: judged at the vendors and in the store."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from typer.testing import CliRunner, Result

from desk.resolutions import decide_in_store
from desk.sweeping import sweep_id, sweep_now
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.messages import SweepOutcome
from domain.resolution import Resolution, Role
from domain.returns import LineDecision, PlatformPhase, RefundState, ReturnRef
from runtime.devserver import DevServer
from sandbox.kit.faults import Fault
from sandbox.reveni import DeliveryPolicy
from starter.cli import app
from starter.demo.connections import as_toml
from store.records import ExceptionRecord, ExceptionState
from store.sweep_records import Side, SideRecord
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND
from tests.world import API_KEY, COAT, World, connection_table, running_world

pytestmark = pytest.mark.verify

LOST = DeliveryPolicy(lost=True)
HASTY: dict[str, Any] = {"limits": {"rma": "1s", "stock": "1s"}, "policy": {"outage_limit": "1s"}}
#: Longer than the limits of the hasty connections.
PAUSE = 1.1
#: What a sweep puts into the inbox is found by looking there.
POLL = timedelta(seconds=0.2)


@pytest.fixture(scope="module")
async def unheard(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """``uk`` has the usual limits, the others have limits of a second: ``owing`` only for credit notes."""
    connections: dict[str, dict[str, Any]] = {
        "uk": {},
        "hasty": {**HASTY, "ledger": "hasty-books"},
        "silent": {**HASTY, "ledger": "silent-books"},
        "owing": {"limits": {"credit": "1s"}},
    }
    folder: Path = tmp_path_factory.mktemp("unheard")
    async with running_world(temporal_server, folder, connections, poll=POLL) as world:
        yield world


async def swept(world: World, connection: str) -> SweepOutcome:
    """One sweep, as its schedule starts it."""
    ready = next(one for one in world.ready if one.name == connection)
    outcome = await sweep_now(world.client, ready.connection, wait=30)
    assert outcome is not None
    return outcome


async def of_connection(world: World, name: str, state: ExceptionState | None = None) -> list[ExceptionRecord]:
    """Exceptions of the connection itself."""
    async with world.store.reading() as unit:
        return [item for item in await unit.exceptions.list(state, connection=name) if item.return_id is None]


async def sides(world: World, name: str) -> dict[Side, SideRecord]:
    """How the last sweep found the two systems."""
    async with world.store.reading() as unit:
        return {one.side: one for one in await unit.sweep.sides(name)}


async def shown(world: World, ref: ReturnRef, phase: PlatformPhase) -> None:
    """Wait until the store shows what the platform says."""
    async with asyncio.timeout(PATIENCE):
        while (record := await world.record(ref)) is None or record.phase is not phase:
            await asyncio.sleep(0.05)


async def paid_refunds(world: World, ref: ReturnRef) -> int:
    """How many refunds our store knows to be paid."""
    async with world.store.reading() as unit:
        return sum(refund.state is RefundState.PAID for refund in await unit.returns.refunds(ref))


async def test_R2_R83_a_return_whose_webhooks_never_came_is_created_once(unheard: World) -> None:
    world = unheard
    heard = world.returned(world.order())
    await world.stage(heard, "AWAITING_GOODS")
    lost = world.returned(world.order(), delivery=LOST)
    assert (await swept(world, "uk")).picked_up == 1, "what was heard of is not read again"
    await world.stage(lost, "AWAITING_GOODS")
    assert (await swept(world, "uk")).picked_up == 0
    assert len(world.rmas(lost)) == 1
    assert await world.exceptions(lost, None) == []


async def test_R2_a_change_that_nobody_told_of_is_read(unheard: World) -> None:
    world = unheard
    ref = world.returned(world.order(), delivery=LOST)
    await swept(world, "uk")
    await world.stage(ref, "AWAITING_GOODS")
    world.reveni["uk"].ship(ref.return_id)
    await swept(world, "uk")
    await shown(world, ref, PlatformPhase.IN_TRANSIT)


async def test_R77_R83_R92_done_on_the_platform_and_not_in_the_erp_is_drift_until_it_is_booked(unheard: World) -> None:
    """The merchant's people accept the parcel on the platform; the warehouse has recorded nothing."""
    world = unheard
    ref = world.returned(world.order(), connection="hasty", delivery=LOST)
    await swept(world, "hasty")
    await world.stage(ref, "AWAITING_GOODS")
    line = LineDecision(line_id=f"1/{COAT}", order_line_id="1", sku=COAT, accepted=1)
    ready = next(one for one in world.ready if one.name == "hasty")
    await ready.platform(world.http).report_inspection(ref.return_id, [line])
    await swept(world, "hasty")
    await shown(world, ref, PlatformPhase.ACCEPTED)
    await asyncio.sleep(PAUSE)
    assert (await swept(world, "hasty")).raised == 1
    [item] = await world.exceptions(ref)
    assert (item.code, item.payload["lacking"]) == (ExceptionCode.STATUS_DRIFT, "stock document")
    assert (await swept(world, "hasty")).raised == 0
    assert (await world.inspect(ref, (COAT, 1, "A"))).status_code == 200
    await world.handle(ref).result()
    assert (await swept(world, "hasty")).cleared == 1
    await world.stage(ref, "CLOSED")
    assert world.received(ref) == {(COAT, "01"): 1}
    assert [note["total"] for note in world.credits(ref)] == ["220.50"]


async def test_R46_R47_N3_a_late_note_that_a_person_links_is_not_made_a_second_time(unheard: World) -> None:
    """Paid before the goods came: finance has made the note by hand, and the return goes on when they come."""
    world = unheard
    ref = world.returned(world.order(), connection="owing", planned_refund=BY_HAND)
    await world.stage(ref, "AWAITING_GOODS")
    world.reveni["owing"].pay_refund(ref.return_id, Decimal("220.50"))
    async with asyncio.timeout(PATIENCE):
        while not await paid_refunds(world, ref):
            await asyncio.sleep(0.05)
    await asyncio.sleep(PAUSE)
    await swept(world, "owing")
    [item] = await world.exceptions(ref)
    assert (item.code, str(item.amount)) == (ExceptionCode.CREDIT_OVERDUE, "220.50 GBP")
    decision = Resolution(
        exception_id=item.id,
        version=item.version,
        kind=ResolutionKind.LINK_EXISTING,
        role=Role.FINANCE,
        actor="tester",
        document="CN-9",
    )
    assert (await decide_in_store(world.store, decision, world.edge.clock)).outcome == "decided"
    assert (await world.inspect(ref, (COAT, 1, "A"))).status_code == 200
    await world.handle(ref).result()
    await world.stage(ref, "CLOSED")
    assert world.received(ref) == {(COAT, "01"): 1}
    assert world.credits(ref) == []
    await swept(world, "owing")
    assert await world.exceptions(ref) == []


async def test_E63_R15_an_erp_that_is_silent_is_one_exception_whoever_waits_and_over_when_it_answers(
    unheard: World,
) -> None:
    """Nobody needs the ERP at the moment: only the sweep can notice."""
    world = unheard
    assert (await swept(world, "silent")).troubles == []
    world.prima.faults.add(Fault(kind="unavailable", times=None))
    try:
        [trouble] = (await swept(world, "silent")).troubles
        assert trouble.startswith("prima: ")
        assert await of_connection(world, "silent") == [], "no exception before the limit"
        refs = [world.returned(world.order(), connection="silent") for _ in range(3)]
        await asyncio.sleep(PAUSE)
        for _ in range(2):
            await swept(world, "silent")
        [down] = await of_connection(world, "silent", ExceptionState.OPEN)
        assert (down.code, down.payload["system"]) == (ExceptionCode.CONNECTION_DOWN, "prima")
        assert (await sides(world, "silent"))[Side.ERP].trouble_since is not None
    finally:
        world.prima.faults.clear()
    await swept(world, "silent")
    assert await of_connection(world, "silent", ExceptionState.OPEN) == []
    assert (await sides(world, "silent"))[Side.ERP].trouble == ""
    for ref in refs:
        await world.stage(ref, "AWAITING_GOODS")
        assert len(world.rmas(ref)) == 1
        assert await world.exceptions(ref, None) == []


async def test_E63_a_platform_that_is_silent_keeps_no_other_part_of_the_sweep_from_being_done(unheard: World) -> None:
    world = unheard
    world.reveni["uk"].faults.add(Fault(kind="unavailable", times=None))
    try:
        outcome = await swept(world, "uk")
    finally:
        world.reveni["uk"].faults.clear()
    assert [trouble.split(":")[0] for trouble in outcome.troubles] == ["reveni"]
    found = await sides(world, "uk")
    assert found[Side.ERP].answered_at is not None
    async with world.store.reading() as unit:
        assert await unit.sweep.watermark("uk", "swept") is not None


async def test_D14_a_sweep_is_three_activities(unheard: World) -> None:
    await swept(unheard, "uk")
    history = await unheard.client.get_workflow_handle(f"{sweep_id('uk')}/now").fetch_history()
    costly = [
        event.event_type
        for event in history.events
        if event.event_type in (EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, EventType.EVENT_TYPE_TIMER_STARTED)
    ]
    assert costly == [EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED] * 3


async def test_R2_a_person_may_have_any_time_looked_at(unheard: World) -> None:
    world = unheard
    ref = world.returned(world.order(), delivery=LOST)
    ready = next(one for one in world.ready if one.name == "uk")
    outcome = await sweep_now(world.client, ready.connection, world.edge.clock() - timedelta(days=40))
    assert outcome is not None and outcome.picked_up >= 1
    await world.stage(ref, "AWAITING_GOODS")


async def test_R2_a_person_sweeps_by_command_and_reads_what_was_found(
    unheard: World, temporal_server: DevServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = unheard
    config = tmp_path / "uk.toml"
    url = "http://unused.example"
    config.write_text(as_toml({"uk": connection_table(url, url, "uk")}), encoding="utf-8")
    environ = {
        "BACKHAUL_CONFIG": str(config),
        "REVENI_KEY": API_KEY,
        "TEMPORAL_ADDRESS": temporal_server.address,
        "TEMPORAL_NAMESPACE": world.client.namespace,
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    async def sweep(*arguments: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["sweep", *arguments])

    ref = world.returned(world.order(), delivery=LOST)
    said = await sweep("uk")
    assert said.exit_code == 0, said.output
    assert "1 of them unheard of." in said.stdout
    await world.stage(ref, "AWAITING_GOODS")
    again = json.loads((await sweep("uk", "--json")).stdout)
    assert (again["picked_up"], again["troubles"]) == (0, [])
    assert (await sweep("nowhere")).exit_code == 3
