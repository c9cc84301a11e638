"""The command ``backhaul`` about parcels without a return, and about regrades."""

import uuid

import pytest
from temporalio.client import Client

from desk.clock import utc_now
from desk.starting import start_or_poke
from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.messages import POKE_SIGNAL, Poke
from domain.returns import ReturnRef
from store import Store
from store.records import DocumentLine, DocumentPlan, DocumentState
from tests.starter.given import connections
from tests.starter.recorder import parcel_start
from tests.starter.test_cli import Backhaul, backhaul, data, returned

__all__ = ["backhaul"]


@pytest.fixture
async def booked(store: Store) -> ReturnRef:
    """A return with two units of P1 in quarantine."""
    ref = await returned(store)
    plan = DocumentPlan(
        key=f"bh-{ref.return_id}-g-1",
        ref=ref,
        kind=DocumentKind.RECEIPT,
        order_number="O-1",
        depot="QT",
        lines=[DocumentLine(line_id="1/P1", sku="P1", quantity=2, disposition=Disposition.QUARANTINE)],
    )
    async with store.begin() as unit:
        await unit.documents.plan(plan, utc_now())
        await unit.documents.mark(plan.key, DocumentState.POSTED, number="G-1", now=utc_now())
    return ref


async def test_U24_a_parcel_without_return_is_taken_in_once(backhaul: Backhaul, client: Client, recorder: None) -> None:
    scan = f"blind-{uuid.uuid4().hex[:8]}"
    arguments = ["--connection", "uk", "--location", "LDN-1", "--unit", "P1:1:A", "--id", scan, "--tracking", "T-9"]
    first = await backhaul("parcel", *arguments, "--json")
    again = await backhaul("parcel", *arguments)
    other = await backhaul("parcel", *arguments, "--unit", "P2:1:A")

    assert (first.exit_code, again.exit_code, other.exit_code) == (0, 0, 1)
    assert data(first) == {"name": scan, "repeated": False}
    assert "was known already" in again.stdout
    assert "with other content" in other.stderr
    assert (await parcel_start(client, f"parcel/uk/{scan}")).tracking_number == "T-9"


async def test_a_parcel_of_an_unknown_connection_is_exit_3(backhaul: Backhaul) -> None:
    result = await backhaul("parcel", "--connection", "nobody", "--location", "LDN-1", "--unit", "P1:1:A")
    assert (result.exit_code, "no connection nobody" in result.stderr) == (3, True)


async def test_a_parcel_of_a_closed_return_is_taken_in_beside_it(
    backhaul: Backhaul, store: Store, client: Client, recorder: None
) -> None:
    ref = await returned(store)
    await start_or_poke(client, ref, connections()[0].connection, Poke())
    handle = client.get_workflow_handle(ref.workflow_id)
    await handle.signal(POKE_SIGNAL, Poke(reason="operator"))
    await handle.result()
    result = await backhaul("inspect", str(ref), "--location", "LDN-1", "--unit", "P1:1:A", "--id", "late-1")

    assert (result.exit_code, "waits for no parcel" in result.stdout) == (0, True)
    assert (await parcel_start(client, f"parcel/{ref}/late-1")).ref == ref


async def test_E24_a_regrade_is_taken_in_when_the_units_are_booked_so(
    backhaul: Backhaul, booked: ReturnRef, client: Client, recorder: None
) -> None:
    named = [str(booked), "--location", "LDN-1", "--id", "re-1"]
    done = await backhaul("regrade", *named, "--unit", "P1:2:QUARANTINE:SELLABLE", "--json")
    too_many = await backhaul("regrade", *named, "--unit", "P1:3:QUARANTINE:SELLABLE")

    assert (done.exit_code, data(done)) == (0, {"name": "re-1", "repeated": False})
    assert (too_many.exit_code, "only 2 of it is booked in depot QT" in too_many.stderr) == (1, True)
    started = await parcel_start(client, f"regrade/{booked}/re-1")
    assert started.regrade is not None
    assert [(u.quantity, u.was, u.now) for u in started.regrade.units] == [(2, "QUARANTINE", "SELLABLE")]


@pytest.mark.parametrize("unit", ["P1:1:QUARANTINE", "P1:x:QUARANTINE:SELLABLE", "P1:1:A:SELLABLE"])
async def test_regrade_refuses_units_of_another_form(backhaul: Backhaul, booked: ReturnRef, unit: str) -> None:
    result = await backhaul("regrade", str(booked), "--location", "LDN-1", "--unit", unit)
    assert result.exit_code == 2
