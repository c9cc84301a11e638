"""What the pictures of the console show: a month of a shop, and returns of today that people are busy with."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from desk.alerts import Announcer
from desk.payouts import import_payouts
from desk.reconciling import reconcile_now
from domain.alert_routes import AlertRoutes
from domain.grouping import root_cause
from domain.messages import ReconcileOrder
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from runtime.notify import AppriseNotifier
from store.records import ExceptionRecord
from tests.bench.seed import seed_returns
from tests.browser.site import Site, console_of
from tests.returns.course import arrive, finish, mismatch
from tests.returns.exchanging import SHIRT_L, Swap, shirts, swapped
from tests.returns.parcels import came_blind, new_scan
from tests.world import COAT, HAT, SHIRT, World, running_world

_SEEDED = 1_500
#: Places without a depot; the parcels of the second one are decided while the pictures are taken.
_HUBS = ("LDN-9", "LDN-7")


@dataclass
class Scene:
    """A console with something on every page. `places`: route → address of what it shows."""

    site: Site
    places: dict[str, str]


@asynccontextmanager
async def scene(server: DevServer, folder: Path) -> AsyncIterator[Scene]:
    """The console over a whole Backhaul whose last month is in its store."""
    now = datetime.now(UTC)
    database = f"sqlite:///{folder / 'world.db'}"
    await asyncio.to_thread(seed_returns, database, _SEEDED, connections=("uk",), now=now)
    connections = {"uk": {"limits": {"second_person": 100}}, "eu": {}}
    async with running_world(server, folder, connections) as world, console_of(world) as site:
        yield Scene(site, await _set(world, now))


async def _set(world: World, now: datetime) -> dict[str, str]:
    whole = await _whole(world)
    waiting = world.returned(world.order(), [("1", COAT, 2, "220.50"), ("2", SHIRT, 1, "30.00")])
    await world.stage(waiting, "AWAITING_GOODS")
    _, differs = await mismatch(world, "19.99")
    group, decided = [root_cause(await _unmapped(world, hub)).id for hub in _HUBS]
    order = shirts(world)
    world.prima.edit_order(order, delivery={"PostCode": ""})
    await world.parked(swapped(world, order))
    world.prima.add_item(HAT)
    await came_blind(world, new_scan(), (HAT, 1, "C"), order_number="0")
    run = await _compared(world, now)
    limits = {ready.name: ready.connection.limits for ready in world.ready}
    await Announcer(world.store, AppriseNotifier(seconds=1), limits, AlertRoutes(channels={})).collect()
    return {
        "/returns/{connection}/{return_id}": f"/returns/{whole}",
        "/receiving/{connection}/{return_id}": f"/receiving/{waiting}",
        "/receiving/{connection}/{return_id}/regrade": f"/receiving/{whole}/regrade",
        "/exceptions/groups/{group_id}": f"/exceptions/groups/{group}",
        "/exceptions/groups/{group_id}/run": f"/exceptions/groups/{decided}/run",
        "/exceptions/{exception_id:path}": f"/exceptions/{differs.id}",
        "/finance/reconciliation/{name:path}": f"/finance/reconciliation/{run}",
        "/administration/accounts/{name}": "/administration/accounts/whs-1",
        "/runbooks/{code}": "/runbooks/REFUND_MISMATCH",
        "/guides/{path:path}": "/guides/operating-model",
    }


async def _whole(world: World) -> ReturnRef:
    """A return with something in every part of its page: refund, exchange, damage, a photo, an open exposure."""
    world.prima.add_item(SHIRT_L)
    world.prima.add_stock(SHIRT_L, 50)
    wishes = (Swap(COAT, "220.50", quantity=2), Swap(SHIRT, "30.00", SHIRT_L, line="2"))
    ref = swapped(world, world.order(), *wishes, mode="instant")
    await arrive(world, ref, (COAT, 1, "A"), (SHIRT, 1, "C"))
    await asyncio.sleep(3)
    return ref


async def _unmapped(world: World, hub: str) -> ExceptionRecord:
    """Three parcels at a place that has no depot; one of their exceptions."""
    refs = [world.returned(world.order()) for _ in range(3)]
    for ref in refs:
        await world.stage(ref, "AWAITING_GOODS")
        await world.inspect(ref, (COAT, 1, "A"), location=hub)
    first, *_ = [await world.parked(ref) for ref in refs]
    return first


async def _compared(world: World, now: datetime) -> str:
    """A run with a refund outside the platform and a rounding difference; its name."""
    done = await finish(world, world.returned(world.order(), connection="eu"))
    await finish(world, world.returned(world.order(), connection="eu", planned_refund=Decimal("220.51")))
    rows = [f"gw-{number},{done.order_number},{30 + number}.00,GBP,{now - timedelta(days=40)}" for number in range(2)]
    report = "\n".join(["refund_id,order_number,amount,currency,paid_at", *rows])
    await import_payouts(world.store, "eu", "payouts.csv", report.encode(), actor="fin-1", clock=lambda: now)
    outcome = await reconcile_now(world.client, ReconcileOrder(connection="eu", days=75), now.date(), wait=60)
    assert outcome is not None
    return outcome.run
