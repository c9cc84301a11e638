"""A return that hears more than one history should hold goes on in the next one, and forgets nothing (E70)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from desk.reconciling import reconcile_id, reconcile_now
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.messages import POKE_SIGNAL, Poke, ReconcileOrder
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from tests.patience import PATIENCE
from tests.returns.exchanging import SHIRT_L, Swap, replacements, shirts, swapped
from tests.returns.looking import eventually
from tests.world import COAT, SHIRT, World, running_world

pytestmark = pytest.mark.verify

#: The server suggests a new history after this many events; a plain return has about 45.
SHORT = 30
PAYMENT_LIMIT = timedelta(seconds=12)
#: A third size of the shirt.
OTHER = "P2001-WHT-4XL"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A whole Backhaul on a server that wants short histories."""
    limit = (f"limit.historyCount.suggestContinueAsNew={SHORT}",)
    async with (
        DevServer(namespace="long", ui=False, dynamic_config=limit) as server,
        running_world(server, tmp_path, settle=timedelta(seconds=0.05), pay="withheld") as running,
    ):
        yield running


@pytest.fixture
async def patient(tmp_path: Path) -> AsyncIterator[World]:
    """The same, where a dearer replacement has some time to be paid: enough for several histories."""
    limit = (f"limit.historyCount.suggestContinueAsNew={SHORT}",)
    policy = {"uk": {"policy": {"payment_limit": f"{PAYMENT_LIMIT.total_seconds():.0f}s"}}}
    async with (
        DevServer(namespace="long", ui=False, dynamic_config=limit) as server,
        running_world(server, tmp_path, policy, settle=timedelta(seconds=0.05), pay="withheld") as running,
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


async def dearer(world: World) -> ReturnRef:
    """A replacement that costs more, held until the platform says that the difference is paid."""
    world.prima.add_item(OTHER)
    world.prima.add_stock(OTHER, 5)
    ref = swapped(world, shirts(world), Swap(SHIRT, "30.00", SHIRT_L, "35.00"))
    world.reveni["uk"].ask_difference(ref.return_id)
    return ref


async def test_E70_R62_what_a_person_substituted_is_ordered_once_it_is_paid_two_histories_later(
    patient: World,
) -> None:
    ref = await dearer(patient)
    item = await patient.parked(ref)
    assert item.code is ExceptionCode.EXCHANGE_PAYMENT_MISSING
    await patient.resolve(item, ResolutionKind.SUBSTITUTE_SKU, edits={f"sku.{SHIRT_L}": OTHER})
    await _until_runs(patient, ref, await _runs(patient, ref) + 2)
    patient.reveni["uk"].pay_difference(ref.return_id)
    await eventually(lambda: len(replacements(patient, ref)) == 1)
    assert replacements(patient, ref)[0]["lines"][0]["sku"] == OTHER


async def test_E70_E53_the_time_to_pay_goes_on_in_the_next_history(patient: World) -> None:
    """However often the return hears something: the limit counts from when the payment was asked for."""
    ref = await dearer(patient)
    await patient.stage(ref, "AWAITING_GOODS")
    async with asyncio.timeout(2 * PAYMENT_LIMIT.total_seconds()):
        while not await patient.exceptions(ref):
            await patient.handle(ref).signal(POKE_SIGNAL, Poke(reason="operator"))
            await asyncio.sleep(0.1)
    assert await _runs(patient, ref) > 1


async def test_E70_E54_a_replacement_that_the_customer_keeps_is_not_asked_about_again(world: World) -> None:
    world.prima.add_item(SHIRT_L)
    world.prima.add_stock(SHIRT_L, 5)
    ref = swapped(world, world.order(charges={}), Swap(SHIRT, "30.00", SHIRT_L, line="2"), Swap(COAT, "220.50"))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    world.prima.despatch(replacements(world, ref)[0]["order"])
    await world.inspect(ref, (SHIRT, 1, "RETURN_TO_CUSTOMER"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.EXCHANGE_EXPOSURE
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document="INV-CHARGED-1")
    await _until_runs(world, ref, await _runs(world, ref) + 2)
    await world.caught_up(ref)
    assert await world.exceptions(ref) == []
    assert [one.id for one in await world.exceptions(ref, None)] == [item.id]


async def test_E70_R39_a_decision_of_finance_holds_in_the_next_history(world: World) -> None:
    lines = [("1", COAT, 1, "220.50"), ("2", SHIRT, 1, "30.00")]
    ref = world.returned(world.order(charges={}), lines)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("199.99"))
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="recovered from the customer")
    await _until_runs(world, ref, await _runs(world, ref) + 2)
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("220.50"))
    await eventually(lambda: [note["total"] for note in world.credits(ref)] == ["220.50"])
    await _until_runs(world, ref, await _runs(world, ref) + 1)
    await world.inspect(ref, (SHIRT, 1, "A"), scan="parcel-2")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("30.00"))
    await world.closed(ref)
    assert [note["total"] for note in world.credits(ref)] == ["220.50", "30.00"]
    assert [one.id for one in await world.exceptions(ref, None)] == [item.id]


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
    async with asyncio.timeout(PATIENCE):
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
