"""The worker goes away at any step: the return goes on where it stood, each document once (R39, E65, N2)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.returns import ReturnRef
from runtime.devserver import DevServer
from sandbox.audit import read_books
from sandbox.kit.faults import Fault
from tests.returns.course import arrive, totals
from tests.returns.looking import eventually
from tests.world import COAT, World, running_world

pytestmark = pytest.mark.verify

#: A worker that goes away cuts its steps at once.
NO_GRACE = 0.0


@pytest.fixture(scope="module")
async def mortal(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A world of its own: its worker is killed."""
    folder = tmp_path_factory.mktemp("mortal")
    async with running_world(temporal_server, folder, worker=False) as world:
        await world.start_worker(NO_GRACE)
        yield world


async def die_in(world: World, fault: Fault, vendor: str) -> None:
    """Take the worker away while the vendor is busy with this request, and start another one."""
    plan = world.prima.faults if vendor == "prima" else world.reveni[vendor].faults
    await eventually(lambda: (fault, 0) in plan.left())
    await world.stop_worker()
    await world.start_worker(NO_GRACE)


async def finished_once(world: World, ref: ReturnRef) -> None:
    """The return closes with one document of each kind, and nobody was asked."""
    await world.closed(ref)
    found = (len(world.rmas(ref)), world.received(ref), totals(world, ref), len(world.refunds(ref)))
    assert found == (1, {(COAT, "01"): 1}, ["220.50"], 1)
    assert await world.exceptions(ref, None) == []


AT = [
    ("prima", "NewReturn"),
    ("prima", "ReturnReceipt"),
    ("uk", "partial_validate"),
    ("prima", "CreditNoteDetail"),
    ("prima", "NewCreditNote"),
]


@pytest.mark.parametrize(("vendor", "operation"), AT, ids=[operation for _, operation in AT])
async def test_R39_E65_worker_dies_while_the_vendor_is_at_work(mortal: World, vendor: str, operation: str) -> None:
    """The request is on its way and is applied although nobody is left to hear the answer."""
    ref = mortal.returned(mortal.order())
    fault = Fault(match=operation, kind="latency", seconds=0.4, key=ref.return_id)
    (mortal.prima.faults if vendor == "prima" else mortal.reveni[vendor].faults).add(fault)
    dying = asyncio.create_task(die_in(mortal, fault, vendor))
    if operation != "NewReturn":
        await arrive(mortal, ref)
    await dying
    if operation == "NewReturn":
        await arrive(mortal, ref)
    await finished_once(mortal, ref)


async def test_R39_worker_dies_after_the_answer_to_the_note_was_lost(mortal: World) -> None:
    """The note is in Prima, we do not know, and the worker is gone before it could look."""
    ref = mortal.returned(mortal.order())
    mortal.fault("prima", ref, "NewCreditNote", "lost_answer", status=0)
    await arrive(mortal, ref)
    await eventually(lambda: len(mortal.credits(ref)) == 1)
    await mortal.stop_worker()
    await mortal.start_worker(NO_GRACE)
    await finished_once(mortal, ref)


async def test_R39_refund_is_paid_while_no_worker_runs(mortal: World) -> None:
    ref = mortal.returned(mortal.order())
    fault = Fault(match="partial_validate", kind="latency", seconds=0.3, key=ref.return_id)
    mortal.reveni["uk"].faults.add(fault)
    await arrive(mortal, ref)
    await eventually(lambda: (fault, 0) in mortal.reveni["uk"].faults.left())
    await mortal.stop_worker()
    await eventually(lambda: len(mortal.refunds(ref)) == 1)
    assert mortal.credits(ref) == []
    await mortal.start_worker(NO_GRACE)
    await finished_once(mortal, ref)


async def test_R39_E65_N2_workers_come_and_go_under_many_returns(mortal: World) -> None:
    """Slow vendors, lost answers and a worker that dies every moment: the books agree all the same."""
    refs = [mortal.returned(mortal.order()) for _ in range(4)]
    for ref in refs[::2]:
        for operation in ("NewReturn", "ReturnReceipt", "NewCreditNote"):
            mortal.fault("prima", ref, operation, "lost_answer", status=0)
    arrivals = asyncio.gather(*(arrive(mortal, ref) for ref in refs))
    for _ in range(3):
        await asyncio.sleep(0.25)
        await mortal.stop_worker()
        await mortal.start_worker(NO_GRACE)
    await arrivals
    for ref in refs:
        await finished_once(mortal, ref)
    books = read_books(mortal.prima.journal.entries(), mortal.reveni["uk"].journal.entries())
    assert books.violations == []
