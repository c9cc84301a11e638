"""Exchanges: two linked transactions, checked before they are made, beside everything else of the return."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from domain.exceptions import ExceptionCode, Owner, ResolutionKind
from domain.exchange import ExchangeState
from runtime.actions import action_counts
from runtime.devserver import DevServer
from sandbox.kit.wanted import ExchangeSpec, ItemEdit
from tests.returns.exchanging import SHIRT_L, Swap, cancelled_orders, replacements, shirts, swapped
from tests.returns.looking import drawn, eventually, live_rmas, next_parked
from tests.world import COAT, SHIRT, World, running_world

ON_ACCEPTANCE = {"policy": {"exchange_on": "acceptance", "order_lag": "1s", "rate_per_second": 200}}


async def test_R54_R55_R56_R57_R59_R60_R66_an_even_exchange_is_an_rma_and_a_zero_value_order(world: World) -> None:
    order = shirts(world)
    ref = swapped(world, order)
    await eventually(lambda: len(replacements(world, ref)) == 1)  # before any goods: at confirmation
    placed = replacements(world, ref)[0]
    assert placed["order_type"] == "EX"
    assert placed["total"] == "0.00"
    assert placed["original_order"] == order
    assert placed["lines"] == [{"sku": SHIRT_L, "quantity": 1, "price": "0.00"}]
    assert placed["delivery_matches"] is True
    assert placed["status"] == "Entered"  # as any order that waits for its release
    rma = world.rmas(ref)[0]
    assert placed["customer_ref"] == rma["return_number"]
    assert placed["order"] in world.prima.world.returns[rma["return_number"]].narrative
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert world.received(ref) == {(SHIRT, "01"): 1}
    assert world.credits(ref) == []
    assert len(replacements(world, ref)) == 1


async def test_R61_R63_E49_R58_R64_out_of_stock_parks_alone_and_a_substitute_is_ordered(
    world: World,
) -> None:
    order = shirts(world)
    world.prima.add_item("P2001-WHT-XL")
    world.prima.add_stock("P2001-WHT-XL", 5)
    gone = "P2001-WHT-S"
    world.prima.add_item(gone)
    ref = swapped(world, order, Swap(SHIRT, "30.00", gone))
    async with asyncio.timeout(60):
        item = await world.parked(ref, seconds=60)
    assert (item.code, item.owner) == (ExceptionCode.EXCHANGE_OOS, Owner.CX)
    assert gone in item.reason
    await world.inspect(ref, (SHIRT, 1, "A"))
    await eventually(lambda: world.received(ref) == {(SHIRT, "01"): 1})  # the goods do not wait for it
    assert replacements(world, ref) == []
    await world.resolve(item, ResolutionKind.SUBSTITUTE_SKU, edits={f"sku.{gone}": "P2001-WHT-XL"})
    await world.closed(ref)
    assert [entry["lines"][0]["sku"] for entry in replacements(world, ref)] == ["P2001-WHT-XL"]
    async with world.store.reading() as unit:
        exchange = (await unit.exchanges.for_return(ref))[0]
    assert exchange.exchange_id.endswith(gone)  # the customer's wish stays as it was (R62)


async def test_E52_R58_R62_missing_delivery_data_are_listed_and_ordered_once_they_are_there(world: World) -> None:
    order = shirts(world)
    world.prima.edit_order(order, delivery={"PostCode": "", "AddrLine1": ""})
    ref = swapped(world, order)
    item = await world.parked(ref)
    assert (item.code, item.owner) == (ExceptionCode.EXCHANGE_DATA, Owner.CX)
    assert "PostCode" in str(item.payload) and "AddrLine1" in str(item.payload)
    assert replacements(world, ref) == []
    world.prima.edit_order(order, delivery={"PostCode": "LS1 1AA", "AddrLine1": "1 High St"})
    await world.resolve(item, ResolutionKind.RETRY)
    await eventually(lambda: len(replacements(world, ref)) == 1)
    assert replacements(world, ref)[0]["delivery_matches"] is True


async def test_E49_R64_waiting_for_stock_and_trying_again_orders_once(world: World) -> None:
    gone = "P2001-WHT-XXL"
    world.prima.add_item(gone)
    ref = swapped(world, shirts(world), Swap(SHIRT, "30.00", gone))
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.RETRY)
    again = await next_parked(world, item)
    assert again.code is ExceptionCode.EXCHANGE_OOS
    world.prima.add_stock(gone, 1)
    await world.resolve(again, ResolutionKind.RETRY)
    await eventually(lambda: len(replacements(world, ref)) == 1)


async def test_E49_converted_to_a_refund_the_units_are_credited(world: World) -> None:
    gone = "P2001-WHT-XS"
    world.prima.add_item(gone)
    ref = swapped(world, shirts(world), Swap(SHIRT, "30.00", gone))
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.CONVERT_TO_REFUND, reason="the customer takes the money")
    sandbox = world.reveni["uk"]
    items = [ItemEdit(item_id=one["id"], refund=True) for one in sandbox.get(ref.return_id)["return_items"]]
    sandbox.edit_items(ref.return_id, items)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert replacements(world, ref) == []
    assert [note["total"] for note in world.credits(ref)] == ["30.00"]
    async with world.store.reading() as unit:
        [exchange] = await unit.exchanges.for_return(ref)
    assert exchange.state is ExchangeState.CONVERTED_TO_REFUND  # and nobody cancels what became a refund


async def test_E50_R55_a_lost_answer_makes_one_order(world: World) -> None:
    order = shirts(world)
    ref = swapped(world, order, status="incomplete")
    world.fault("prima", ref, "MultiNewOrder", "lost_answer", status=0)
    world.reveni["uk"].complete(ref.return_id)
    await world.stage(ref, "AWAITING_GOODS")
    await eventually(lambda: drawn(world, ref, "lost_answer"))
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert len(replacements(world, ref)) == 1


async def test_R55_at_acceptance_nothing_is_ordered_before_the_goods_are_accepted(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with running_world(temporal_server, tmp_path, {"uk": ON_ACCEPTANCE}) as world:
        ref = swapped(world, shirts(world))
        await world.stage(ref, "AWAITING_GOODS")
        rejected = swapped(world, shirts(world))
        await world.stage(rejected, "AWAITING_GOODS")
        await world.inspect(rejected, (SHIRT, 1, "RETURN_TO_CUSTOMER"))
        await world.closed(rejected)
        assert replacements(world, ref) == replacements(world, rejected) == []
        await world.inspect(ref, (SHIRT, 1, "A"))
        await world.closed(ref)
        assert len(replacements(world, ref)) == 1


async def test_E55_two_of_three_units_received_first_are_replaced_and_the_third_later(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with running_world(temporal_server, tmp_path, {"uk": ON_ACCEPTANCE}) as world:
        ref = swapped(world, shirts(world, 3), Swap(SHIRT, "30.00", SHIRT_L, quantity=3))
        await world.stage(ref, "AWAITING_GOODS")
        await world.inspect(ref, (SHIRT, 2, "A"), scan="parcel-1")
        await eventually(lambda: len(replacements(world, ref)) == 1)
        assert replacements(world, ref)[0]["lines"][0]["quantity"] == 2
        await world.inspect(ref, (SHIRT, 1, "A"), scan="parcel-2")
        await world.closed(ref)
        assert [entry["lines"][0]["quantity"] for entry in replacements(world, ref)] == [2, 1]


async def test_E57_refund_and_exchange_in_one_return_go_their_own_ways(world: World) -> None:
    world.prima.add_item(SHIRT_L)
    world.prima.add_stock(SHIRT_L, 5)
    order = world.order(charges={})
    ref = swapped(world, order, Swap(COAT, "220.50"), Swap(SHIRT, "30.00", SHIRT_L, line="2"))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), (SHIRT, 1, "A"))
    await world.closed(ref)
    assert [note["total"] for note in world.credits(ref)] == ["220.50"]
    assert world.received(ref) == {(COAT, "01"): 1, (SHIRT, "01"): 1}
    assert len(replacements(world, ref)) == 1


async def test_E61_an_exchange_that_becomes_a_refund_on_the_platform_cancels_its_order(world: World) -> None:
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    sandbox = world.reveni["uk"]
    items = [ItemEdit(item_id=one["id"], refund=True) for one in sandbox.get(ref.return_id)["return_items"]]
    sandbox.edit_items(ref.return_id, items)
    await eventually(lambda: len(cancelled_orders(world, ref)) == 1)
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert len(live_rmas(world, ref)) == len(world.rmas(ref)) == 1  # the units are the same: the RMA stays
    assert [note["total"] for note in world.credits(ref)] == ["30.00"]


async def test_E61_another_wish_replaces_the_order_of_the_first_one(world: World) -> None:
    other = "P2001-WHT-4XL"
    world.prima.add_item(other)
    world.prima.add_stock(other, 2)
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    sandbox = world.reveni["uk"]
    wish = ExchangeSpec(sku=other, quantity=1, unit_price=Decimal("30.00"))
    items = [ItemEdit(item_id=one["id"], exchange=wish) for one in sandbox.get(ref.return_id)["return_items"]]
    sandbox.edit_items(ref.return_id, items)
    await eventually(lambda: len(replacements(world, ref)) == 2)
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert [entry["lines"][0]["sku"] for entry in replacements(world, ref)] == [SHIRT_L, other]
    assert [entry["order"] for entry in cancelled_orders(world, ref)] == [replacements(world, ref)[0]["order"]]


async def test_D14_an_even_exchange_stays_within_fourteen_actions(temporal_server: DevServer, tmp_path: Path) -> None:
    async with running_world(temporal_server, tmp_path, settle=timedelta(seconds=4)) as world:
        ref = swapped(world, shirts(world))
        await world.stage(ref, "AWAITING_GOODS")
        await world.inspect(ref, (SHIRT, 1, "A"))
        await world.closed(ref)
        await asyncio.sleep(2.5)  # the server's counter lags
        counted = await action_counts(temporal_server.metrics_url, world.client.namespace)
    assert 0 < sum(counted.values()) <= 14, counted


async def test_U31_R54_a_replacement_for_an_item_that_the_customer_keeps_needs_no_goods(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    async with running_world(temporal_server, tmp_path, {"uk": ON_ACCEPTANCE}) as world:
        ref = swapped(world, shirts(world), Swap(SHIRT, "30.00", SHIRT_L, keep=True))
        await world.closed(ref)
        assert len(replacements(world, ref)) == 1
        assert world.received(ref) == {}
        assert world.credits(ref) == []
