"""Troubles on the way to the RMA and the credit: the transient ones pass unseen, a refusal parks one step once."""

import asyncio
from collections.abc import Callable

import pytest
from temporalio.api.enums.v1 import EventType

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.returns import ReturnRef
from sandbox.kit.faults import Fault
from sandbox.kit.wanted import DeliveryPolicy
from store.records import ExceptionRecord, ExceptionState
from tests.patience import PATIENCE
from tests.returns.conftest import Fronted
from tests.returns.front import request_types
from tests.world import COAT, SHIRT, World

pytestmark = pytest.mark.verify

BOMB = b"""<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>&b;</soapenv:Body>
</soapenv:Envelope>"""


async def attempts(world: World, ref: ReturnRef, step: str) -> list[int]:
    """How many attempts each run of a step took, as its history says."""
    history = await world.handle(ref).fetch_history()
    scheduled = {
        event.event_id
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
        and event.activity_task_scheduled_event_attributes.activity_type.name == step
    }
    started = [
        event.activity_task_started_event_attributes
        for event in history.events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED
    ]
    return [start.attempt for start in started if start.scheduled_event_id in scheduled]


async def outage(world: World, connection: str, state: ExceptionState) -> ExceptionRecord:
    """Wait for the connection's exception in this state."""
    async with asyncio.timeout(PATIENCE):
        while True:
            async with world.store.reading() as unit:
                items = await unit.exceptions.list(state=state, connection=connection)
            found = [item for item in items if item.code is ExceptionCode.CONNECTION_DOWN]
            if found:
                assert len(found) == 1
                return found[0]
            await asyncio.sleep(0.05)


@pytest.fixture
def closed_depot(world: World) -> Callable[[], None]:
    """Prima knows the depot of all RMAs no more; the call opens it again."""
    sellable = world.prima.world.depots.pop("QT")

    def reopen() -> None:
        world.prima.world.depots["QT"] = sellable

    return reopen


async def test_R12_R67_R70_R71_an_rma_that_the_erp_refuses_parks_at_once_with_its_words(
    world: World, closed_depot: Callable[[], None]
) -> None:
    order = world.order(customer="C012")
    ref = world.returned(order)
    try:
        item = await world.parked(ref)
    finally:
        closed_depot()
    assert (item.code, item.owner, item.step) == (ExceptionCode.RMA_REJECTED, Owner.WAREHOUSE, "open-rma")
    assert "Depot QT does not exist" in item.reason
    assert item.payload["vendor_code"] == "DEPOT"
    assert item.payload["document"] == f"bh-{ref.return_id}-r-1"
    assert (item.payload["order"], item.payload["customer"]) == (order, "C012")
    assert item.payload["lines"] == f"1: 1 x {COAT}"
    assert await attempts(world, ref, "open_rma") == [1]
    assert await world.exceptions(ref, state=None) == [item]
    assert world.rmas(ref) == []
    await world.resolve(item, ResolutionKind.RETRY)
    await world.stage(ref, "AWAITING_GOODS")
    assert len(world.rmas(ref)) == 1


async def test_R12_E7_units_that_the_erp_has_back_already_are_refused_by_it(world: World) -> None:
    order = world.order([{"sku": COAT, "price": "100.00", "returned": 1}])
    ref = world.returned(order, [("1", COAT, 1, "100.00")])
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.VALIDATION_QTY, Owner.CX)
    assert "only 0 left" in item.reason
    assert world.rmas(ref) == []


async def test_R70_an_rma_given_up_ends_the_return_and_frees_its_units(world: World) -> None:
    order = world.order([{"sku": COAT, "price": "100.00"}])
    ref = world.returned(order, [("1", COAT, 1, "100.00")], reason="too_ugly")
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="the customer may ask again")
    await world.stage(ref, "REJECTED")
    again = world.returned(order, [("1", COAT, 1, "100.00")])
    await world.stage(again, "AWAITING_GOODS")
    assert (len(world.rmas(ref)), len(world.rmas(again))) == (0, 1)


@pytest.mark.parametrize(
    ("match", "kind", "fields"),
    [
        ("OrderDetail", "throttle", {}),
        ("OrderDetail", "unavailable", {"status": 500}),
        ("OrderDetail", "unavailable", {"status": 200}),
        ("NewReturn", "throttle", {}),
        ("NewReturn", "unavailable", {"status": 503}),
        ("NewReturn", "cut_body", {}),
    ],
)
async def test_R71_transient_trouble_on_the_way_to_the_rma_is_no_exception(
    world: World, match: str, kind: str, fields: dict[str, int]
) -> None:
    order = world.order()
    ref = world.returned(order, delivery=DeliveryPolicy(late_seconds=0.2))
    if match == "OrderDetail":  # it carries the order alone
        world.prima.faults.add(Fault.model_validate({"match": match, "kind": kind, "key": order, **fields}))
    else:
        world.fault("prima", ref, match, kind, **fields)
    await world.stage(ref, "AWAITING_GOODS")
    assert await world.exceptions(ref, state=None) == []
    assert len(world.rmas(ref)) == 1
    assert world.prima.faults.left()[-1][1] == 0, "the fault was met"


async def test_R71_a_platform_that_throttles_and_breaks_is_no_exception(world: World) -> None:
    ref = world.returned(world.order(), delivery=DeliveryPolicy(late_seconds=0.2))
    world.fault("uk", ref, "GET return", "throttle")
    world.fault("uk", ref, "GET return", "unavailable", status=502)
    await world.stage(ref, "AWAITING_GOODS")
    assert await world.exceptions(ref, state=None) == []


@pytest.mark.parametrize("status", [0, 502])
async def test_R9_E10_an_rma_whose_answer_was_lost_is_found_and_not_made_again(world: World, status: int) -> None:
    ref = world.returned(world.order(), delivery=DeliveryPolicy(late_seconds=0.2))
    world.fault("prima", ref, "NewReturn", "lost_answer", status=status)
    record = await world.stage(ref, "AWAITING_GOODS")
    assert [rma["return_number"] for rma in world.rmas(ref)] == [record.rma_number]
    assert await world.exceptions(ref, state=None) == []


async def test_E6_an_order_that_arrives_late_is_waited_for(fronted: Fronted) -> None:
    world = fronted.world
    order = "E6-LATE"
    ref = world.returned(order, [("1", SHIRT, 1, "30.00")], connection="odd")
    async with asyncio.timeout(PATIENCE):
        while not fronted.prima.asked(order):
            await asyncio.sleep(0.05)
    world.prima.add_order(order, [{"sku": SHIRT, "price": "30.00"}])
    await world.stage(ref, "AWAITING_GOODS")
    assert await world.exceptions(ref, state=None) == []


async def test_E6_R70_an_order_that_never_arrives_is_one_exception(world: World) -> None:
    ref = world.returned("E6-NEVER")
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.ORDER_NOT_FOUND, Owner.CX)
    assert "E6-NEVER" in item.reason
    assert world.rmas(ref) == []
    await world.resolve(item, ResolutionKind.RETRY)
    async with asyncio.timeout(PATIENCE):
        while not (again := [other for other in await world.exceptions(ref) if other.id != item.id]):
            await asyncio.sleep(0.05)
    assert (await attempts(world, ref, "open_rma"))[-1] == 1, "a person's retry does not wait for the sync once more"
    world.prima.add_order("E6-NEVER", [{"sku": COAT, "price": "220.50"}])
    await world.resolve(again[0], ResolutionKind.RETRY)
    await world.stage(ref, "AWAITING_GOODS")


async def test_R15_R71_hostile_answers_are_one_exception_of_the_connection_and_clear_by_themselves(
    fronted: Fronted,
) -> None:
    world = fronted.world
    fronted.prima.answers["RequestType"] = BOMB
    try:
        refs = [world.returned(world.order(), connection="odd") for _ in range(2)]
        item = await outage(world, "odd", ExceptionState.OPEN)
    finally:
        fronted.prima.answers.clear()
    assert item.owner is Owner.INTEGRATION
    assert any(str(ref) in item.reason for ref in refs), "R15: it names the return"
    assert "Prima" in item.reason
    assert "aaaa" not in item.reason
    assert item.payload == {"system": "prima"}
    for ref in refs:
        await world.stage(ref, "AWAITING_GOODS")
        assert await world.exceptions(ref, state=None) == []
        assert len(world.rmas(ref)) == 1
    await outage(world, "odd", ExceptionState.CLEARED)


async def test_R69_after_a_decision_only_the_failed_step_runs_again(fronted: Fronted) -> None:
    world = fronted.world
    order = world.order([{"sku": COAT, "price": "100.00", "vat_rate": "12.5"}], charges={})
    ref = world.returned(order, [("1", COAT, 1, "100.00")], connection="odd")
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    item = await world.parked(ref)
    assert item.step == "credit-refund"
    prima, reveni = len(fronted.prima.seen), len(fronted.reveni.seen)
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"tax_code.12.50": "12.50"})
    await world.closed(ref)
    asked = request_types(fronted.prima.seen[prima:])
    looked = {asked.pop(name) for name in ("OrderDetail", "ProductDetail")}  # has the order changed since? (E46)
    assert (asked, looked) == ({"CreditNoteDetail": 1, "NewCreditNote": 1}, {1})
    assert fronted.reveni.asked("partial_validate", since=reveni) == []
    assert (len(world.rmas(ref)), world.received(ref)) == (1, {(COAT, "01"): 1})
