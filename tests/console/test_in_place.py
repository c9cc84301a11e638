"""On a whole Backhaul: parked returns are resolved in the console, as the vendors' journals show (R69, R72, N18)."""

import asyncio
import uuid
from datetime import datetime

import pytest
from temporalio.client import Client

from desk.clock import utc_now
from desk.link import TemporalLink
from domain.accounts import AccountRole
from domain.exceptions import ExceptionCode
from domain.grouping import RootCause
from domain.returns import ReturnRef
from store.queue_records import QueueFilter
from store.records import ExceptionState
from tests.console.browser import WAREHOUSE, Console, Page, Time, console_on
from tests.console.test_groups import ended, go
from tests.world import COAT, World


class Now(Time):
    """The clock of the world."""

    def __call__(self) -> datetime:
        return utc_now()


@pytest.fixture(scope="module")
async def desk(world: World) -> Console:
    """The console of that world."""

    async def connect() -> Client:
        return world.client

    connections = {ready.name: ready.connection for ready in world.ready}
    return console_on(world.store, Now(), link=TemporalLink(connect), connections=connections)


async def test_R69_E25_a_parcel_at_an_unmapped_place_is_booked_by_a_correction_on_the_page(
    world: World, desk: Console
) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="NEW-HUB")
    item = await world.parked(ref)
    warehouse = await desk.signed_in(WAREHOUSE)
    assert world.received(ref) == {}
    asked = await warehouse.page(f"/exceptions/{item.id}")
    assert "Until now: NEW-HUB." in asked.text

    sent = {"kind": "EDIT_AND_RETRY", "version": "1", "EDIT_AND_RETRY-edit-0": "LDN-1"}
    page = await warehouse.submit(f"/exceptions/{item.id}", sent)
    assert "Decided: Correct and retry." in page.text
    assert "What was decided Correct and retry by warehouse-account" in page.text
    again = await warehouse.submit(f"/exceptions/{item.id}", sent)
    assert "Nothing was done twice." in again.text

    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}, "one stock document, in the right depot"
    assert len(world.rmas(ref)) == 1, "the steps before it were not run again"


async def test_R69_a_decision_that_a_return_refuses_is_said_on_the_page(world: World, desk: Console) -> None:
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="NEW-HUB")
    item = await world.parked(ref)
    await world.handle(ref).terminate("for the test")
    warehouse = await desk.signed_in(WAREHOUSE)
    answer = await warehouse.post(f"/exceptions/{item.id}", {"kind": "RETRY", "version": "1"})
    assert answer.status_code == 409
    assert "This was refused:" in answer.text
    assert "nothing waits there" in answer.text
    async with world.store.begin() as unit:
        await unit.exceptions.clear(item.id, utc_now())


@pytest.mark.parametrize("count", [6, pytest.param(20, marks=pytest.mark.verify)])
async def test_R72_N18_returns_on_one_dead_sku_are_cleared_by_one_fix_and_one_run(
    world: World, desk: Console, count: int
) -> None:
    sku = f"P{uuid.uuid4().hex[:8].upper()}-BLU"
    world.prima.add_item(sku, active=False)
    orders = [world.order([{"sku": sku, "price": "20.00"}]) for _ in range(count)]
    refs = [world.returned(order, [("1", sku, 1, "20.00")]) for order in orders]
    group = RootCause(connection="uk", code=ExceptionCode.SKU_NOT_IN_MASTER, wrong=f"SKU {sku}").id
    path = f"/exceptions/groups/{group}"
    await all_parked(world, group, count)
    merchandising = await desk.signed_in(AccountRole.MERCHANDISING)
    causes = await merchandising.page("/exceptions/groups")
    assert f"SKU is not in the item master: SKU {sku}" in causes.text
    counted = Page((await merchandising.post(path, {"kind": "RETRY", "RETRY-rate": "50", "step": "count"})).text)
    assert f"Would be decided {count} Would be refused 0" in counted.text
    assert await count_open(world, group) == count

    world.prima.set_item_active(sku, active=True)
    await go(merchandising, path, {"kind": "RETRY", "RETRY-rate": "50"})
    page = await ended(merchandising, path)
    assert f"Retry for {count} exceptions Done" in page.text
    for ref in refs:
        await world.stage(ref, "AWAITING_GOODS")
    assert [len(world.rmas(ref)) for ref in refs] == [1] * count, "one RMA each, and no duplicate"
    assert await count_open(world, group) == 0
    assert all([await decided_by(world, ref) == ["merchandising-account"] for ref in refs])


async def count_open(world: World, group: str) -> int:
    async with world.store.reading() as unit:
        return await unit.queue.count(QueueFilter(cause=group), utc_now())


async def all_parked(world: World, group: str, count: int) -> None:
    async with asyncio.timeout(60):
        while await count_open(world, group) < count:
            await asyncio.sleep(0.1)


async def decided_by(world: World, ref: ReturnRef) -> list[str]:
    """Who resolved the exceptions of a return."""
    found = await world.exceptions(ref, ExceptionState.RESOLVED)
    return [item.resolution.actor for item in found if item.resolution]
