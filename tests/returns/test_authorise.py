"""Authorise: only what was bought, mapped and alive in the ERP becomes an RMA; everything else says why."""

import asyncio
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapters.assembly import load_connections
from desk.view import find_views
from domain.configuration import ConfigurationError
from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from sandbox.prima.model import Return
from sandbox.prima.seed import parse_sku
from tests.returns.conftest import Fronted
from tests.world import API_KEY, COAT, SHIRT, World, connection_table


def posted(world: World, number: str) -> Return:
    """The RMA as Prima has it."""
    return world.prima.world.returns[number]


def own_sku(world: World, *, active: bool = True) -> str:
    """An item that no other test uses."""
    sku = f"P{uuid.uuid4().hex[:8].upper()}-BLU"
    world.prima.add_item(sku, active=active)
    return sku


@pytest.mark.parametrize(
    ("lines", "items", "words"),
    [
        ([{"sku": COAT, "price": "100.00"}], [("1", COAT, 2, "100.00")], (COAT, "2", "1 were bought")),
        ([{"sku": COAT, "price": "100.00"}], [("2", SHIRT, 1, "30.00")], (SHIRT, "order line 2", "not on the order")),
        ([{"sku": COAT, "price": "100.00"}], [("1", SHIRT, 1, "30.00")], (SHIRT, "order line 1", "not on the order")),
        ([{"sku": COAT, "price": "9.00"}], [("1", COAT, 1, "9.00"), ("3", SHIRT, 1, "3.00")], (SHIRT, "order line 3")),
    ],
)
async def test_R3_E7_what_was_not_bought_makes_no_rma(
    world: World, lines: list[dict[str, str]], items: list[tuple[str, str, int, str]], words: tuple[str, ...]
) -> None:
    ref = world.returned(world.order(lines), items)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.VALIDATION_QTY, Owner.CX)
    assert all(word in item.reason for word in words), item.reason
    assert world.rmas(ref) == []


async def test_R3_E68_two_returns_at_once_share_what_was_bought(world: World) -> None:
    order = world.order([{"sku": COAT, "quantity": 3, "price": "100.00"}])
    refs = [world.returned(order, [("1", COAT, 2, "100.00")]) for _ in range(2)]
    first = [asyncio.create_task(world.stage(ref, "AWAITING_GOODS")) for ref in refs]
    await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
    winner, loser = sorted(refs, key=lambda ref: not first[refs.index(ref)].done())
    item = await world.parked(loser)
    for task in first:
        task.cancel()
    assert item.code is ExceptionCode.VALIDATION_QTY
    assert "2 unit(s)" in item.reason
    assert "1 not returned yet" in item.reason
    assert item.payload["free"] == "1"
    assert (len(world.rmas(winner)), len(world.rmas(loser))) == (1, 0)


async def test_R3_E68_a_cancelled_return_gives_its_units_back(world: World) -> None:
    order = world.order([{"sku": COAT, "quantity": 1, "price": "100.00"}])
    first = world.returned(order, [("1", COAT, 1, "100.00")])
    await world.stage(first, "AWAITING_GOODS")
    second = world.returned(order, [("1", COAT, 1, "100.00")])
    item = await world.parked(second)
    world.reveni["uk"].cancel(first.return_id)
    await world.stage(first, "CANCELLED")
    await world.resolve(item, ResolutionKind.RETRY)
    await world.stage(second, "AWAITING_GOODS")
    assert len(world.rmas(second)) == 1


async def test_R4_R5_every_rma_line_carries_its_order_line_and_the_rma_its_order(world: World) -> None:
    order = world.order()
    ref = world.returned(order, [("2", SHIRT, 1, "30.00"), ("1", COAT, 2, "220.50")])
    record = await world.stage(ref, "AWAITING_GOODS")
    rma = posted(world, record.rma_number)
    assert rma.order == record.order_number == order
    assert {(line.order_line, str(line.sku), line.quantity) for line in rma.lines} == {(2, SHIRT, 1), (1, COAT, 2)}


async def test_R4_an_item_without_order_line_is_found_by_its_sku(world: World) -> None:
    ref = world.returned(world.order(), [("", SHIRT, 1, "30.00")])
    record = await world.stage(ref, "AWAITING_GOODS")
    assert [line.order_line for line in posted(world, record.rma_number).lines] == [2]


async def test_R4_an_item_that_may_be_two_order_lines_is_never_guessed(world: World) -> None:
    order = world.order([{"sku": COAT, "price": "100.00"}, {"sku": COAT, "price": "80.00"}])
    ref = world.returned(order, [("", COAT, 1, "100.00")])
    item = await world.parked(ref)
    assert item.code is ExceptionCode.VALIDATION_QTY
    assert "not named" in item.reason
    assert world.rmas(ref) == []


async def test_R6_E9_an_inactive_sku_holds_the_whole_rma_until_it_is_alive(world: World) -> None:
    dead = own_sku(world)
    order = world.order([{"sku": COAT, "price": "100.00"}, {"sku": dead, "price": "20.00"}])
    world.prima.set_item_active(dead, active=False)
    ref = world.returned(order, [("1", COAT, 1, "100.00"), ("2", dead, 1, "20.00")])
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.SKU_NOT_IN_MASTER, Owner.MERCHANDISING)
    assert dead in item.reason
    assert COAT not in item.reason
    assert world.rmas(ref) == []
    async with world.store.reading() as unit:
        assert await unit.documents.for_return(ref) == [], "it was checked before anything was sent"
    world.prima.set_item_active(dead, active=True)
    await world.resolve(item, ResolutionKind.RETRY)
    record = await world.stage(ref, "AWAITING_GOODS")
    assert len(posted(world, record.rma_number).lines) == 2


async def test_R6_a_sku_that_the_master_does_not_know_holds_the_rma_until_it_is_there(world: World) -> None:
    order, sku = world.order(), f"P{uuid.uuid4().hex[:8].upper()}"
    sold = world.prima.world.orders[order]
    lines = tuple(replace(line, sku=parse_sku(sku)) for line in sold.lines[:1])
    world.prima.world.orders.put(order, replace(sold, lines=lines))
    ref = world.returned(order, [("1", sku, 1, "220.50")])
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.SKU_NOT_IN_MASTER, Owner.MERCHANDISING)
    assert sku in item.reason
    assert world.rmas(ref) == []
    world.prima.add_item(sku)
    await world.resolve(item, ResolutionKind.RETRY)
    await world.stage(ref, "AWAITING_GOODS")
    assert len(world.rmas(ref)) == 1


async def test_R4_a_platform_sku_that_the_order_does_not_have_is_mapped_by_a_person(world: World) -> None:
    ref = world.returned(world.order(), [("1", "OLD-CODE-9", 1, "220.50")])
    item = await world.parked(ref)
    assert (item.code, "OLD-CODE-9" in item.reason) == (ExceptionCode.VALIDATION_QTY, True)
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"sku.OLD-CODE-9": COAT})
    record = await world.stage(ref, "AWAITING_GOODS")
    assert [str(line.sku) for line in posted(world, record.rma_number).lines] == [COAT]


async def test_R6_an_rma_made_by_hand_is_linked_although_the_sku_stays_dead(world: World) -> None:
    dead = own_sku(world)
    order = world.order([{"sku": dead, "price": "20.00"}])
    world.prima.set_item_active(dead, active=False)
    ref = world.returned(order, [("1", dead, 1, "20.00")])
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.LINK_EXISTING, document="R-HAND-6")
    record = await world.stage(ref, "AWAITING_GOODS")
    assert record.rma_number == "R-HAND-6"
    assert world.rmas(ref) == []


async def test_R11_the_reason_is_kept_raw_and_sent_mapped(world: World) -> None:
    ref = world.returned(world.order(), reason="size_too_small")
    record = await world.stage(ref, "AWAITING_GOODS")
    async with world.store.reading() as unit:
        assert [line.reason for line in await unit.returns.lines(ref)] == ["size_too_small"]
    assert [line.reason for line in posted(world, record.rma_number).lines] == ["TS"]


@pytest.mark.parametrize("reason", ["too_ugly", ""])
async def test_R11_an_unmapped_reason_parks_and_is_edited(world: World, reason: str) -> None:
    ref = world.returned(world.order(), reason=reason)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.REASON_UNMAPPED, Owner.MERCHANDISING)
    assert repr(reason) in item.reason
    assert world.rmas(ref) == []
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={f"reason.{reason}": "UG"})
    record = await world.stage(ref, "AWAITING_GOODS")
    assert [line.reason for line in posted(world, record.rma_number).lines] == ["UG"]
    async with world.store.reading() as unit:
        assert [line.reason for line in await unit.returns.lines(ref)] == [reason]


async def test_R13_twenty_authorised_returns_have_their_rmas_within_seconds(world: World) -> None:
    orders = [world.order() for _ in range(20)]
    started = time.monotonic()
    waiting = {world.returned(order) for order in orders}
    took = []
    async with asyncio.timeout(60):
        while waiting:
            for ref in [ref for ref in waiting if world.rmas(ref)]:
                took.append(time.monotonic() - started)
                waiting.discard(ref)
            await asyncio.sleep(0.05)
    assert sorted(took)[18] < 30, "p95 of 20; the requirement is 60 s, also on a busy machine"


@pytest.mark.parametrize("by", ["rma_number", "tracking_number", "order_number"])
async def test_R14_the_warehouse_finds_what_is_expected(world: World, by: str) -> None:
    ref = world.returned(world.order(), [("1", COAT, 2, "220.50"), ("2", SHIRT, 1, "30.00")])
    record = await world.stage(ref, "AWAITING_GOODS")
    async with world.store.reading() as unit:
        assert [found.ref for found in await unit.returns.find(getattr(record, by))] == [ref]
        lines = await unit.returns.lines(ref)
    assert [(line.sku, line.quantity) for line in lines] == [(COAT, 2), (SHIRT, 1)]
    (view,) = await find_views(world.store, getattr(record, by))
    assert [(line.sku, line.expected, line.inspected) for line in view.lines] == [(COAT, 2, 0), (SHIRT, 1, 0)]


@pytest.mark.parametrize("header", [{"archived": True}, {"status": "Closed"}])
async def test_R16_E8_a_locked_order_gets_a_standalone_rma_and_is_not_touched(
    world: World, header: dict[str, Any]
) -> None:
    order = world.order(**header, customer="C016")
    before = world.prima.world.orders[order]
    ref = world.returned(order)
    record = await world.stage(ref, "AWAITING_GOODS")
    rma = posted(world, record.rma_number)
    assert record.standalone
    assert (rma.order, rma.customer) == ("", "C016")
    assert order in rma.narrative
    assert [line.reference for line in rma.lines] == [f"{order}/1"]
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)
    assert world.received(ref) == {(COAT, "01"): 1}
    assert [(note["order"], note["total"]) for note in world.credits(ref)] == [(order, "220.50")]
    assert world.prima.world.orders[order] is before


async def test_R17_without_standalone_rmas_the_order_is_located_and_the_rma_made_by_hand(fronted: Fronted) -> None:
    world = fronted.world
    order = world.order(archived=True, customer="C017")
    ref = world.returned(order, connection="linked")
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.ORDER_LOCKED, Owner.CX)
    assert order in item.reason
    assert item.payload["order"] == order
    assert item.payload["ordered_on"] == "2026-03-14"
    assert item.payload["customer"] == "C017"
    assert item.payload["lines"] == f"1: 2 x {COAT}, 2: 1 x {SHIRT}"
    assert world.rmas(ref) == []
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document="R-HAND-17")
    assert (await world.stage(ref, "AWAITING_GOODS")).rma_number == "R-HAND-17"
    assert world.rmas(ref) == []


async def test_R3_a_cancelled_order_takes_no_return(world: World) -> None:
    ref = world.returned(world.order(status="Cancelled"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.ORDER_LOCKED
    assert "cancelled" in item.reason
    assert world.rmas(ref) == []


@pytest.mark.parametrize(
    ("table", "key"),
    [("return_types", "refund"), ("return_types", "mixed"), ("credit_statuses", "Posted")],
)
def test_R18_start_up_refuses_a_mapping_with_a_gap(table: str, key: str) -> None:
    settings = connection_table("http://127.0.0.1:1/wsa", "http://127.0.0.1:1", "uk")
    drop: Callable[[str], object] = settings["mappings"][table].pop
    drop(key)
    with pytest.raises(ConfigurationError) as refused:
        load_connections({"connections": {"uk": settings}}, {"REVENI_KEY": API_KEY})
    assert f"mappings.{table} has no target for {key}" in str(refused.value)
