"""What a sweep takes in: each change once, only what nobody told us of, and nothing is lost by an outage (R2, R83)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest
from temporalio.testing import ActivityEnvironment

from activities.edge import Edge, Link
from activities.sweep_signatures import PlatformSwept, SweepOrder
from activities.sweeping import PlatformSweep
from adapters.assembly import load_connections
from domain.exceptions import ExceptionCode
from domain.returns import Delivery, ReturnRef
from sandbox.kit.faults import Fault
from sandbox.kit.server import serve
from sandbox.returngo import ItemSpec as RgoItem
from sandbox.returngo import ReturnSpec as RgoReturn
from sandbox.reveni import ItemSpec, ReturnSpec, ReveniSandbox
from store import Store
from store.records import ExceptionState
from store.sweep_records import Side
from tests.adapters.returngo.conftest import world as returngo
from tests.adapters.returngo.world import World as ReturnGo
from tests.sweep.looking import DAY, NAME, shop_with
from tests.world import API_KEY, connection_table

__all__ = ["returngo"]

MINUTE = timedelta(minutes=1)
SHIRT = ItemSpec("1", "TS-BLU-M", 1, Decimal("29.95"))


class Calendar:
    """A clock that stands still until a test moves it; vendor and sweep share it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Intake:
    """One connection whose platform is a store of Reveni. Its webhooks go nowhere."""

    store: Store
    reveni: ReveniSandbox
    link: Link
    clock: Calendar

    async def sweep(self, after: timedelta = MINUTE) -> PlatformSwept:
        """Sweep the platform so long after what happened before."""
        self.clock.now += after
        edge = Edge(store=self.store, clock=self.clock)
        step = PlatformSweep(edge, self.link).sweep_platform
        return await ActivityEnvironment().run(step, SweepOrder(connection=NAME))

    def asked(self) -> ReturnRef:
        """A customer asks for a return."""
        return ReturnRef(connection=NAME, return_id=self.reveni.add_return(ReturnSpec("SO-1", (SHIRT,))))

    async def read(self, ref: ReturnRef) -> None:
        """The return's workflow reads it."""
        fresh = await self.link.platform.read_return(ref.return_id)
        async with self.store.begin() as unit:
            await unit.returns.save_platform_return(ref, fresh, self.clock())

    async def delivered(self) -> None:
        """The bridge tells every workflow of what waits in the inbox."""
        async with self.store.begin() as unit:
            for poke in await unit.inbox.due(self.clock(), 100):
                await unit.inbox.settle(NAME, poke.delivery_ids, "started", self.clock())


@pytest.fixture
async def intake(store: Store) -> AsyncIterator[Intake]:
    clock = Calendar()
    reveni = ReveniSandbox(store_id=NAME, api_key=API_KEY, clock=clock)
    async with reveni, serve(reveni.app) as server, httpx.AsyncClient(trust_env=False) as http:
        table = connection_table("http://unused.example", server.url, NAME)
        [ready] = load_connections({"connections": {NAME: table}}, {"REVENI_KEY": API_KEY})
        link = Link(connection=ready.connection, platform=ready.platform(http), erp=ready.erp(http))
        yield Intake(store, reveni, link, clock)


async def test_R2_a_change_is_taken_in_once_however_often_it_is_listed(intake: Intake) -> None:
    ref = intake.asked()
    assert await intake.sweep() == PlatformSwept(listed=1, picked_up=1)
    assert await intake.sweep() == PlatformSwept(listed=1, picked_up=0), "it waits in the inbox"
    await intake.delivered()
    assert await intake.sweep() == PlatformSwept(listed=1, picked_up=0), "its workflow was told"
    async with intake.store.reading() as unit:
        assert (await unit.inbox.backlog()).count == 0
    await intake.read(ref)
    intake.clock.now += MINUTE
    intake.reveni.ship(ref.return_id)
    assert (await intake.sweep()).picked_up == 1, "a change is news again"


async def test_R2_a_return_that_was_heard_of_is_left_alone(intake: Intake) -> None:
    read, told, changed = intake.asked(), intake.asked(), intake.asked()
    for ref in (read, changed):
        await intake.read(ref)
    intake.clock.now += MINUTE
    intake.reveni.ship(changed.return_id)
    async with intake.store.begin() as unit:
        for ref in (told, changed):
            webhook = Delivery(delivery_id=f"D-{ref.return_id}", event="return.updated", return_id=ref.return_id)
            await unit.inbox.accept(NAME, webhook, "digest", "", intake.clock())
    assert await intake.sweep() == PlatformSwept(listed=3, picked_up=0)


async def test_R2_a_change_in_the_second_of_our_read_is_not_missed_and_looked_up_once(intake: Intake) -> None:
    """Reveni tells whole seconds: what happened before and after the read has the same time."""
    same, other = intake.asked(), intake.asked()
    for ref in (same, other):
        await intake.read(ref)
    intake.reveni.ship(other.return_id)
    assert await intake.sweep() == PlatformSwept(listed=2, picked_up=1)
    async with intake.store.reading() as unit:
        assert [poke.return_id for poke in await unit.inbox.due(intake.clock(), 10)] == [other.return_id]
    look_up = Fault(match="GET return", kind="unavailable")
    intake.reveni.faults.add(look_up)
    await intake.delivered()
    assert (await intake.sweep()).picked_up == 0
    assert (look_up, 1) in intake.reveni.faults.left(), "nothing was asked a second time"


async def test_R2_R83_nothing_is_lost_while_the_platform_is_down_for_longer_than_a_sweep_looks_back(
    intake: Intake,
) -> None:
    await intake.sweep()
    intake.clock.now += MINUTE
    intake.asked()
    intake.reveni.faults.add(Fault(kind="unavailable", times=None))
    for _ in range(3):
        assert (await intake.sweep(after=DAY)).trouble.startswith("reveni: ")
    intake.reveni.faults.clear()
    assert (await intake.sweep()).picked_up == 1
    async with intake.store.reading() as unit:
        [down] = await unit.exceptions.list()
    assert (down.code, down.state) == (ExceptionCode.CONNECTION_DOWN, ExceptionState.CLEARED)


async def test_E63_credentials_that_are_refused_are_told_at_once_and_once(intake: Intake) -> None:
    intake.reveni.faults.add(Fault(kind="unavailable", status=401, times=None))
    for _ in range(2):
        await intake.sweep()
    async with intake.store.reading() as unit:
        [down] = await unit.exceptions.list()
    assert (down.code, down.state) == (ExceptionCode.CONNECTION_DOWN, ExceptionState.OPEN)
    assert "401" in down.reason


async def test_R34_a_used_quota_is_trouble_of_the_list_and_not_of_the_platform(
    store: Store, returngo: ReturnGo
) -> None:
    """What is urgent still has calls left, so no return waits, and nobody is told that ReturnGO is down."""
    return_id = returngo.vendor.add_return(RgoReturn("SO-1", (RgoItem("1", "TS-BLU-M", 1, Decimal("29.95")),)))
    port = returngo.other(daily_calls=2, urgent_reserve=1)
    await port.read_return(return_id)
    shop = shop_with(store)
    link = Link(
        connection=shop.link.connection.model_copy(update={"platform": "returngo"}), platform=port, erp=shop.link.erp
    )
    edge = Edge(store=store, clock=returngo.clock)
    for _ in range(2):
        found = await ActivityEnvironment().run(PlatformSweep(edge, link).sweep_platform, SweepOrder(connection=NAME))
        assert found.trouble.startswith("returngo listing: ")
        returngo.clock.ahead += timedelta(minutes=20)
    async with store.reading() as unit:
        [limited] = await unit.exceptions.list()
        sides: dict[Side, Any] = {one.side: one for one in await unit.sweep.sides(NAME)}
    assert (limited.step, limited.return_id) == ("returngo listing", None)
    assert Side.PLATFORM not in sides
    assert (await port.read_return(return_id)).return_id == return_id
