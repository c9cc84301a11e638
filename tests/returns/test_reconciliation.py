"""A reconciliation on a real Temporal, with both vendors over HTTP: judged at the queue and at the vendors."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from desk.payouts import import_payouts
from desk.queue import read_item, read_queue
from desk.reconciliation import run_summary
from desk.reconciling import reconcile_id, reconcile_now
from desk.resolutions import decide_in_store
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.messages import ReconcileOrder, ReconcileOutcome
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from domain.resolution import Resolution, Role
from runtime.devserver import DevServer
from sandbox.kit.faults import Fault
from sandbox.reveni import DeliveryPolicy
from starter.cli import app
from starter.demo.connections import as_toml
from store.queue_records import QueueFilter
from store.records import ExceptionRecord, ExceptionState
from tests.returns.course import BY_HAND, arrive, finish
from tests.world import API_KEY, World, connection_table, running_world

D = DifferenceClass
DAYS = 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("books")


@pytest.fixture(scope="module")
async def books(temporal_server: DevServer, folder: Path) -> AsyncIterator[World]:
    """Three connections that share one ERP; a credit note is late after a second."""
    connections = {name: {"limits": {"credit": "1s", "stock": "1s"}} for name in ("uk", "odd", "worn")}
    async with running_world(temporal_server, folder, connections) as world:
        yield world


def now() -> datetime:
    return datetime.now(UTC)


async def reconciled(world: World, connection: str) -> ReconcileOutcome:
    """One run over the last days, as a person starts it."""
    outcome = await reconcile_now(world.client, ReconcileOrder(connection=connection, days=DAYS), now().date(), wait=60)
    assert outcome is not None and outcome.state == "done", outcome
    return outcome


async def test_E44_R52_a_refund_outside_the_platform_is_in_finances_queue_with_order_and_amount(books: World) -> None:
    paid = await finish(books, books.returned(books.order()))
    order = books.order()
    report = (
        "refund_id,order_number,amount,currency,paid_at\n"
        f"{books.refunds(paid.ref)[0]['refund_id']},{paid.order_number},220.50,GBP,{now().isoformat()}\n"
        f"gw-1,{order},30.00,GBP,{now().isoformat()}\n"
    )
    await import_payouts(books.store, "uk", "payouts.csv", report.encode(), actor="jo", clock=now)
    outcome = await reconciled(books, "uk")
    assert outcome.differences == {D.OUT_OF_BAND_REFUND: 1} and outcome.returns == 1
    page = await read_queue(books.store, QueueFilter(owner=Owner.FINANCE), now())
    [item] = page.items
    assert (item.code, item.amount) == (ExceptionCode.OUT_OF_BAND_REFUND, Money(amount=3000, currency="GBP"))
    assert order in item.reason and "30.00 GBP" in item.reason and item.payload["order"] == order
    assert [choice.kind for choice in item.choices] == [
        ResolutionKind.LINK_EXISTING,
        ResolutionKind.DONE_BY_HAND,
        ResolutionKind.CANCEL_TRACK,
    ]
    assert any("keep-item return" in step for step in item.steps)
    decision = Resolution(
        exception_id=item.id,
        version=item.version,
        kind=ResolutionKind.DONE_BY_HAND,
        role=Role.FINANCE,
        actor="jo",
        document="CN-BY-HAND",
    )
    assert (await decide_in_store(books.store, decision, now)).outcome == "decided"
    assert (await reconciled(books, "uk")).differences == {}
    again = await read_item(books.store, item.id, now())
    assert again is not None and again.state is ExceptionState.RESOLVED
    assert len(books.credits(paid.ref)) == 1, "nothing was posted by comparing"
    summary = await run_summary(books.store, outcome.run)
    assert summary is not None and summary.foots
    assert [(side.side, side.moved.amount) for side in summary.sides] == [("refund", 22050), ("credit", 22050)]


async def test_R52_R76_a_refund_without_a_case_is_told_and_a_note_by_hand_on_our_rma_is_not(books: World) -> None:
    order = books.order()
    unheard = books.returned(order, connection="odd", mode="instant", delivery=DeliveryPolicy(lost=True))
    heard = books.returned(books.order(), connection="odd", planned_refund=BY_HAND)
    await arrive(books, heard)
    await books.stage(heard, "SETTLING")
    rma = books.rmas(heard)[0]["return_number"]
    books.prima.post_credit_by_hand(rma, lines=[{"return_line": 1, "quantity": 1, "price": "220.50"}])
    books.reveni["odd"].pay_refund(heard.return_id, Decimal("220.50"))
    await books.closed(heard)
    await asyncio.sleep(1)  # until the agreed time is over
    assert (await reconciled(books, "odd")).differences == {D.OUT_OF_BAND_REFUND: 1}
    [item] = await open_of(books, "odd")
    assert item.payload["order"] == order and unheard.return_id in item.reason
    assert item.amount == Money(amount=22050, currency="GBP")


async def test_R78_trouble_ends_a_run_and_is_one_exception_until_the_next_one_ends_well(books: World) -> None:
    books.reveni["worn"].faults.add(Fault(match="GET refunds", kind="unavailable", status=404))
    outcome = await reconcile_now(books.client, ReconcileOrder(connection="worn", days=1), now().date(), wait=60)
    assert outcome is not None and outcome.state == "failed" and outcome.trouble
    [item] = await open_of(books, "worn")
    assert (item.code, item.owner) == (ExceptionCode.EVENT_INVALID, Owner.INTEGRATION)
    assert (await reconciled(books, "worn")).differences == {}
    assert await open_of(books, "worn") == []


async def test_R78_a_person_compares_by_command(
    books: World, folder: Path, temporal_server: DevServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, url = tmp_path / "worn.toml", "http://unused.example"
    config.write_text(as_toml({"worn": connection_table(url, url, "worn")}), encoding="utf-8")
    environ = {
        "BACKHAUL_CONFIG": str(config),
        "BACKHAUL_DATABASE_URL": f"sqlite:///{folder / 'world.db'}",
        "REVENI_KEY": API_KEY,
        "TEMPORAL_ADDRESS": temporal_server.address,
        "TEMPORAL_NAMESPACE": books.client.namespace,
    }
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    said = await asyncio.to_thread(CliRunner().invoke, app, ["reconcile", "worn", "--days", "2"])
    assert said.exit_code == 0, said.output
    assert said.stdout.startswith("Run worn/") and "No difference is open." in said.stdout


async def test_D14_a_run_of_a_small_shop_is_eight_activities(books: World) -> None:
    await reconciled(books, "worn")
    order = ReconcileOrder(connection="worn", days=DAYS)
    history = await books.client.get_workflow_handle(reconcile_id(order, now().date())).fetch_history()
    assert sum(1 for event in history.events if event.HasField("activity_task_scheduled_event_attributes")) == 8


async def open_of(world: World, connection: str) -> list[ExceptionRecord]:
    """Open exceptions of a connection."""
    async with world.store.reading() as unit:
        return await unit.exceptions.list(ExceptionState.OPEN, connection=connection)
