"""What was decided about an exchange still holds when the return gets another RMA (E61, E29, E13)."""

import asyncio
from decimal import Decimal
from pathlib import Path

import pytest

from domain.documents import CancelRma, RmaLine, RmaRequest
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.returns import ReturnRef
from runtime.devserver import DevServer
from sandbox.kit.faults import Fault
from sandbox.kit.wanted import ExchangeSpec
from sandbox.reveni import ItemEdit
from tests.patience import PATIENCE
from tests.returns.course import BY_HAND, totals
from tests.returns.exchanging import SHIRT_L, Swap, cancelled_orders, replacements, shirts, swapped
from tests.returns.looking import eventually, live_rmas
from tests.returns.test_exchanges import ON_ACCEPTANCE
from tests.world import COAT, SHIRT, World, running_world

pytestmark = pytest.mark.verify

#: A size that nobody has.
SOLD_OUT = "P2001-WHT-XS"


def change(world: World, ref: ReturnRef, **quantities: int) -> None:
    """The customer changes how many units of each SKU come back; `keys` are the SKUs without their hyphens."""
    sandbox = world.reveni[ref.connection]
    edits = [
        ItemEdit(item_id=item["id"], quantity=quantities[name])
        for item in sandbox.get(ref.return_id)["return_items"]
        if (name := item["sku"].replace("-", "")) in quantities
    ]
    sandbox.edit_items(ref.return_id, edits)


async def converted(world: World, connection: str = "uk") -> tuple[ReturnRef, str]:
    """A coat for money, and a shirt whose other size is sold out: the customer takes the money for it too."""
    world.prima.add_item(SOLD_OUT)
    order = world.order(charges={})
    swaps = (Swap(COAT, "220.50"), Swap(SHIRT, "30.00", SOLD_OUT, line="2"))
    ref = swapped(world, order, *swaps, connection=connection, planned_refund=BY_HAND)
    item = await world.parked(ref)
    assert item.code is ExceptionCode.EXCHANGE_OOS
    await world.resolve(item, ResolutionKind.CONVERT_TO_REFUND, reason="the customer takes the money")
    async with asyncio.timeout(PATIENCE):
        while await set_aside(world, ref, order):
            await asyncio.sleep(0.05)
    return ref, order


async def set_aside(world: World, ref: ReturnRef, order: str) -> int:
    """Units of the order that the return holds for a replacement."""
    async with world.store.reading() as unit:
        return sum(slot.exchange_key is not None for slot in await unit.slots.held("prima-test", order, ref))


async def test_E61_E49_a_converted_exchange_stays_a_refund_when_another_line_is_changed(world: World) -> None:
    ref, _ = await converted(world)
    change(world, ref, P1001BLK080=2)
    await eventually(lambda: len(world.rmas(ref)) == 2 and len(live_rmas(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    assert (await world.inspect(ref, (COAT, 2, "A"), (SHIRT, 1, "A"))).status_code == 200
    await world.stage(ref, "SETTLING")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("471.00"))
    await world.closed(ref)
    assert totals(world, ref) == ["471.00"]
    assert replacements(world, ref) == []


async def test_E61_R54_more_units_of_an_exchange_get_an_order_of_their_own_on_the_next_rma(world: World) -> None:
    order = shirts(world, quantity=2)
    ref = swapped(world, order)
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    change(world, ref, P2001WHTM=2)
    await eventually(lambda: len(world.rmas(ref)) == 2)
    await eventually(lambda: len(replacements(world, ref)) == 2)
    assert [(row["sku"], row["quantity"]) for one in replacements(world, ref) for row in one["lines"]] == [
        (SHIRT_L, 1),
        (SHIRT_L, 1),
    ]
    assert (await world.inspect(ref, (SHIRT, 2, "A"))).status_code == 200
    await world.closed(ref)
    assert totals(world, ref) == []
    async with world.store.reading() as unit:
        kept = [(one.slots, one.carried) for one in await unit.exchanges.for_return(ref)]
    assert kept == [([1], 3000), ([2], 3000)]
    assert await world.exceptions(ref, None) == []


async def test_E61_E68_fewer_units_of_an_exchange_take_its_order_back_and_another_one_is_for_the_rest(
    world: World,
) -> None:
    order = shirts(world, quantity=2)
    ref = swapped(world, order, Swap(SHIRT, "30.00", SHIRT_L, quantity=2))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    change(world, ref, P2001WHTM=1)
    await eventually(lambda: len(replacements(world, ref)) == 2)
    assert [row["quantity"] for one in replacements(world, ref) for row in one["lines"]] == [2, 1]
    assert [one["order"] for one in cancelled_orders(world, ref)] == [replacements(world, ref)[0]["order"]]
    other = world.returned(order, [("1", SHIRT, 1, "30.00")], reason="size_too_small")
    await world.stage(other, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    await world.inspect(other, (SHIRT, 1, "A"))
    await world.closed(other)
    assert (totals(world, ref), totals(world, other)) == ([], ["30.00"])
    assert await world.exceptions(ref, None) == []
    async with world.store.reading() as unit:
        assert [one.state for one in await unit.exposures.of(ref) if one.state == "open"] == []


async def test_E61_E51_fewer_units_after_the_replacement_was_despatched_a_person_decides(world: World) -> None:
    ref = swapped(world, shirts(world, quantity=2), Swap(SHIRT, "30.00", SHIRT_L, quantity=2))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    world.prima.despatch(replacements(world, ref)[0]["order"])
    change(world, ref, P2001WHTM=1)
    item = await world.parked(ref)
    assert item.code is ExceptionCode.EXCHANGE_EXPOSURE
    await eventually(lambda: len(world.rmas(ref)) == 2)  # the RMA does not wait for that
    await world.resolve(item, ResolutionKind.DONE_BY_HAND, document="INV-CHARGED-1")
    assert (await world.inspect(ref, (SHIRT, 1, "A"))).status_code == 200
    await world.closed(ref)
    assert (len(replacements(world, ref)), world.credits(ref)) == (1, [])
    assert [one.id for one in await world.exceptions(ref, None)] == [item.id], "nobody is asked again"


async def test_E61_E68_an_order_that_is_taken_back_late_frees_what_is_wished_no_more(world: World) -> None:
    order = shirts(world, quantity=2)
    ref = swapped(world, order, Swap(SHIRT, "30.00", SHIRT_L, quantity=2))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    first = str(replacements(world, ref)[0]["order"])
    world.prima.edit_order(first, status="Despatched")  # by mistake
    change(world, ref, P2001WHTM=1)
    item = await world.parked(ref)
    world.prima.edit_order(first, status="Entered")
    await eventually(lambda: len(world.rmas(ref)) == 2)
    await world.caught_up(ref)
    await world.resolve(item, ResolutionKind.RETRY)
    await eventually(lambda: len(replacements(world, ref)) == 2)
    other = world.returned(order, [("1", SHIRT, 1, "30.00")], reason="size_too_small")
    await world.stage(other, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert world.credits(ref) == []


async def test_E61_E51_a_wish_that_comes_back_is_ordered_anew(world: World) -> None:
    """Another size, and then the first one after all: what was taken back counts for neither."""
    other = "P2001-WHT-4XL"
    world.prima.add_item(other)
    world.prima.add_stock(other, 5)
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    for count, sku in ((2, other), (3, SHIRT_L)):
        wish(world, ref, sku)
        await eventually(lambda wanted=count: len(replacements(world, ref)) == wanted)  # type: ignore[misc]
    assert [one["lines"][0]["sku"] for one in replacements(world, ref)] == [SHIRT_L, other, SHIRT_L]
    assert len(cancelled_orders(world, ref)) == 2
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    assert totals(world, ref) == []


def wish(world: World, ref: ReturnRef, sku: str) -> None:
    """The customer wants this item for what comes back."""
    sandbox = world.reveni["uk"]
    [item] = sandbox.get(ref.return_id)["return_items"]
    exchange = ExchangeSpec(sku=sku, quantity=1, unit_price=Decimal("30.00"))
    sandbox.edit_items(ref.return_id, [ItemEdit(item_id=item["id"], exchange=exchange)])


async def test_E13_E49_a_converted_exchange_stays_a_refund_on_the_rma_that_a_person_names(world: World) -> None:
    ref, order = await converted(world)
    [number] = live_rmas(world, ref)
    erp = world.ready[0].erp(world.http)
    await erp.cancel_rma(CancelRma(key="by-hand", rma_number=number, rma_key="", reason="a mistake"))
    await world.inspect(ref, (COAT, 1, "A"), (SHIRT, 1, "A"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.RMA_CLOSED_IN_ERP
    other = await opened_by_hand(world, order, (COAT, 22050), (SHIRT, 3000))
    await world.resolve(item, ResolutionKind.LINK_EXISTING, document=other)
    await world.stage(ref, "SETTLING")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("250.50"))
    await world.closed(ref)
    assert totals(world, ref) == ["250.50"]


async def opened_by_hand(world: World, order: str, *lines: tuple[str, int]) -> str:
    """Somebody opens an RMA in Prima for one unit of each line of the order; its number."""
    erp = world.ready[0].erp(world.http)
    request = RmaRequest(
        key=f"hand-{order}",
        order_number=order,
        customer_ref=(await erp.read_order(order)).customer_ref,
        currency="GBP",
        tax_inclusive=True,
        standalone=False,
        lines=[
            RmaLine(line_no=no, order_line_id=str(no), sku=sku, quantity=1, unit_value=value, reason="CM")
            for no, (sku, value) in enumerate(lines, start=1)
        ],
    )
    posted = await erp.open_rma(request)
    assert posted.outcome == "posted"
    return posted.number


async def test_E29_E51_an_exchange_that_ended_with_its_return_is_a_refund_when_the_parcel_reopens_it(
    world: World,
) -> None:
    world.prima.add_item(SOLD_OUT)
    swaps = (Swap(COAT, "220.50"), Swap(SHIRT, "30.00", SOLD_OUT, line="2"))
    ref = swapped(world, world.order(charges={}), *swaps, connection="late", planned_refund=BY_HAND)
    await world.stage(ref, "EXPIRED")
    assert (await world.inspect(ref, (COAT, 1, "A"), (SHIRT, 1, "A"))).status_code == 200
    await world.stage(ref, "SETTLING")
    world.reveni["late"].pay_refund(ref.return_id, Decimal("250.50"))
    await world.closed(ref)
    assert totals(world, ref) == ["250.50"]
    assert replacements(world, ref) == []


async def test_E61_a_wish_that_became_a_refund_before_it_was_begun_is_credited(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    """Replacements are ordered at acceptance here; the RMA has set the unit aside."""
    async with running_world(temporal_server, tmp_path, {"uk": ON_ACCEPTANCE}) as world:
        order = shirts(world)
        ref = swapped(world, order, planned_refund=BY_HAND)
        await world.stage(ref, "AWAITING_GOODS")
        assert await set_aside(world, ref, order) == 1
        [item] = world.reveni["uk"].get(ref.return_id)["return_items"]
        world.reveni["uk"].edit_items(ref.return_id, [ItemEdit(item_id=item["id"], refund=True)])
        await world.inspect(ref, (SHIRT, 1, "A"))
        await world.stage(ref, "SETTLING")
        world.reveni["uk"].pay_refund(ref.return_id, Decimal("30.00"))
        await world.closed(ref)
        assert totals(world, ref) == ["30.00"]


async def test_E61_N7_a_refund_that_comes_while_its_replacement_is_taken_back_is_credited(
    temporal_server: DevServer, tmp_path: Path
) -> None:
    """The goods come at the moment of the change, so the replacement is ordered; Prima is slow to cancel it."""
    async with running_world(temporal_server, tmp_path, {"uk": ON_ACCEPTANCE}) as world:
        ref = swapped(world, shirts(world), planned_refund=BY_HAND)
        await world.stage(ref, "AWAITING_GOODS")
        world.prima.faults.add(Fault(kind="latency", seconds=4, match="CancelOrder"))
        [item] = world.reveni["uk"].get(ref.return_id)["return_items"]
        await world.inspect(ref, (SHIRT, 1, "A"))
        world.reveni["uk"].edit_items(ref.return_id, [ItemEdit(item_id=item["id"], refund=True)])
        await eventually(lambda: len(replacements(world, ref)) == 1)
        world.reveni["uk"].pay_refund(ref.return_id, Decimal("30.00"))
        await world.closed(ref)
        assert totals(world, ref) == ["30.00"]
        assert len(cancelled_orders(world, ref)) == len(replacements(world, ref)) == 1
        assert await world.exceptions(ref, None) == []
