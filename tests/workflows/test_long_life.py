"""A return that hears more than one history should hold goes on in the next one, and forgets nothing (E70)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from desk.reconciling import reconcile_id, reconcile_now
from domain.messages import POKE_SIGNAL, Poke, ReconcileOrder
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from tests.returns.exchanging import SHIRT_L, Swap, replacements, swapped
from tests.returns.looking import eventually
from tests.world import COAT, SHIRT, World, running_world

pytestmark = pytest.mark.verify

#: The server suggests a new history after this many events; a plain return has about 45.
SHORT = 30


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A whole Backhaul on a server that wants short histories."""
    limit = (f"limit.historyCount.suggestContinueAsNew={SHORT}",)
    async with (
        DevServer(namespace="long", ui=False, dynamic_config=limit) as server,
        running_world(server, tmp_path, settle=timedelta(seconds=0.05), pay="withheld") as running,
    ):
        yield running


async def test_E70_a_return_of_many_histories_ends_like_any_other(world: World) -> None:
    world.prima.add_item(SHIRT_L)
    world.prima.add_stock(SHIRT_L, 5)
    order = world.order(charges={})
    swaps = (Swap(COAT, "220.50", quantity=2), Swap(SHIRT, "30.00", SHIRT_L, line="2"))
    ref = swapped(world, order, *swaps)
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    await _until_runs(world, ref, 2)
    await world.inspect(ref, (COAT, 1, "A"), scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    await _until_runs(world, ref, 4)
    await world.inspect(ref, (COAT, 1, "A"), (SHIRT, 1, "A"), scan="parcel-2")
    again = await world.inspect(ref, (COAT, 1, "A"), scan="parcel-1")
    assert again.json()["repeated"] is True  # known from three histories ago
    world.reveni["uk"].pay_refund(ref.return_id)
    await world.closed(ref)
    assert len(world.rmas(ref)) == 1
    assert world.received(ref) == {(COAT, "01"): 2, (SHIRT, "01"): 1}
    assert [note["total"] for note in world.credits(ref)] == ["441.00"]
    assert len(replacements(world, ref)) == 1


async def test_E70_D5_a_return_of_many_histories_is_still_undone_in_reverse(world: World) -> None:
    world.prima.add_item(SHIRT_L)
    world.prima.add_stock(SHIRT_L, 5)
    order = world.order(charges={})
    ref = swapped(world, order, Swap(SHIRT, "30.00", SHIRT_L, line="2"))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    await _until_runs(world, ref, 3)
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    undone = [e["op"] for e in world.prima.journal.entries() if e["op"] in ("CancelOrder", "CancelReturn")]
    assert undone == ["CancelOrder", "CancelReturn"]


async def test_N6_a_reconciliation_goes_on_in_the_next_history_where_it_was(world: World) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    await world.stage(ref, "SETTLING")
    world.reveni["uk"].pay_refund(ref.return_id)
    await world.closed(ref)
    order, today = ReconcileOrder(connection="uk", days=3), world.edge.clock().date()
    outcome = await reconcile_now(world.client, order, today, wait=60)
    assert outcome is not None and (outcome.state, outcome.returns, outcome.differences) == ("done", 1, {})
    query = f"WorkflowId = '{reconcile_id(order, today)}'"
    assert len([run async for run in world.client.list_workflows(query)]) >= 2


async def _until_runs(world: World, ref: ReturnRef, runs: int) -> None:
    """Poke the return until it is in its n-th history."""
    while await _runs(world, ref) < runs:
        await world.handle(ref).signal(POKE_SIGNAL, Poke(reason="operator"))
        await world.handle(ref).describe()


async def _runs(world: World, ref: ReturnRef) -> int:
    """How many histories the return has begun."""
    count, run_id = 1, (await world.handle(ref).describe()).run_id
    while run_id := await _run_before(world, ref, run_id):
        count += 1
    return count


async def _run_before(world: World, ref: ReturnRef, run_id: str) -> str:
    handle = world.client.get_workflow_handle(ref.workflow_id, run_id=run_id)
    async for event in handle.fetch_history_events(page_size=1):
        return event.workflow_execution_started_event_attributes.continued_execution_run_id
    return ""
