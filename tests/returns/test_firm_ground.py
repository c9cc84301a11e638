"""What stays true whatever else happens: physical truth, posted notes, present mappings, refused intruders."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.assembly import ReadyConnection
from domain.connection import Mappings
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from runtime.devserver import DevServer
from sandbox.reveni import DeliveryPolicy
from store.records import ExceptionState
from tests.returns.looking import eventually, exception_states
from tests.world import COAT, World, running_world

pytestmark = pytest.mark.verify


async def test_E5_an_unsigned_webhook_changes_nothing_and_is_not_stored(world: World) -> None:
    ref = world.returned(world.order(), status="incomplete")
    await world.stage(ref, "RECEIVED")
    sandbox = world.reveni["uk"]
    sandbox.set_delivery(ref.return_id, DeliveryPolicy(lost=True))
    sandbox.complete(ref.return_id)
    event = sandbox.events(ref.return_id)[-1]
    headers = {"X-REVENI-SIGNATURE": "t=1.0,v1=" + "0" * 64, "Content-Type": "application/json"}
    answer = await world.http.post(f"{world.bridge_url}/webhooks/uk", content=event.body, headers=headers)
    assert answer.status_code == 401
    assert world.rmas(ref) == []
    sandbox.set_delivery(ref.return_id, DeliveryPolicy())
    sandbox.redeliver(event.id)  # the same delivery, signed: had it been stored, it would be a repeat
    await world.stage(ref, "AWAITING_GOODS")


async def test_E23_rejected_units_wait_for_the_customer_and_are_not_credited(world: World) -> None:
    ref = world.returned(world.order(charges={}), [("1", COAT, 2, "220.50")])
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "RETURN_TO_CUSTOMER"), (COAT, 1, "A"))
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "HC"): 1, (COAT, "01"): 1}
    assert [note["total"] for note in world.credits(ref)] == ["220.50"]


async def test_E40_R73_N5_a_refused_note_leaves_the_stock_and_is_posted_once_after_the_decision(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with running_world(temporal_server, tmp_path, pay="withheld") as world:
        ref = world.returned(world.order(charges={}), [("1", COAT, 1, "220.50")])
        await world.stage(ref, "AWAITING_GOODS")
        await world.inspect(ref, (COAT, 1, "A"))
        await world.stage(ref, "SETTLING")
        world.prima.set_period_closed_until(world.edge.clock().date())
        world.reveni["uk"].pay_refund(ref.return_id)
        item = await world.parked(ref)
        assert (item.code, item.owner) == (ExceptionCode.PERIOD_CLOSED, Owner.FINANCE)
        assert world.received(ref) == {(COAT, "01"): 1}
        assert world.credits(ref) == []
        world.prima.set_period_closed_until(None)
        await world.resolve(item, ResolutionKind.RETRY)
        await world.closed(ref)
        assert world.received(ref) == {(COAT, "01"): 1}
        assert len(world.credits(ref)) == 1


async def test_E66_the_mapping_at_posting_time_is_used_and_recorded(temporal_server: DevServer, tmp_path: Path) -> None:
    async with running_world(temporal_server, tmp_path) as world:
        ref = world.returned(world.order(charges={}), [("1", COAT, 1, "220.50")])
        await world.stage(ref, "AWAITING_GOODS")
        await world.inspect(ref, (COAT, 1, "A"), location="NEW-HUB")
        item = await world.parked(ref)
        assert item.code is ExceptionCode.LOCATION_UNMAPPED
        await world.stop_worker()
        known = world.ready[0].connection.mappings.locations
        world.ready[:] = [_with(one, locations={"NEW-HUB": known["LDN-2"]}) for one in world.ready]
        await world.start_worker()
        await world.resolve(item, ResolutionKind.RETRY)
        await world.closed(ref)
        await eventually(lambda: world.received(ref) == {(COAT, "02"): 1})
        async with world.store.reading() as unit:
            stock = [document for document in await unit.documents.for_return(ref) if document.kind == "receipt"]
        assert [document.depot for document in stock] == ["02"]


async def test_E66_N2_a_mapping_that_changes_between_two_attempts_books_no_unit_a_second_time(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    """One of two documents is in the ERP when the grade of its units is mapped to something else."""
    async with running_world(temporal_server, tmp_path) as world:
        ref = world.returned(world.order(charges={}), [("1", COAT, 2, "220.50")])
        await world.stage(ref, "AWAITING_GOODS")
        await world.inspect(ref, (COAT, 1, "A"), (COAT, 1, "C"), location="LDN-3")
        item = await world.parked(ref)
        assert item.code is ExceptionCode.STOCK_REJECTED
        await eventually(lambda: world.received(ref) == {(COAT, "DM"): 1})
        await world.stop_worker()
        world.ready[:] = [_with(one, dispositions={"C": "QUARANTINE"}) for one in world.ready]
        world.prima.world.depots["09"] = True
        await world.start_worker()
        await world.resolve(item, ResolutionKind.RETRY)
        await world.closed(ref)
        assert world.received(ref) == {(COAT, "DM"): 1, (COAT, "09"): 1}
        assert await exception_states(world, ref) == {"STOCK_REJECTED": ExceptionState.RESOLVED}
        assert [note["total"] for note in world.credits(ref)] == ["441.00"]


def _with(ready: ReadyConnection, **tables: dict[str, Any]) -> ReadyConnection:
    """The same connection with more in these tables of its mappings."""
    mappings = ready.connection.mappings
    more = {name: {**getattr(mappings, name), **table} for name, table in tables.items()}
    changed = Mappings.model_validate({**mappings.model_dump(), **more})
    return replace(ready, connection=ready.connection.model_copy(update={"mappings": changed}))
