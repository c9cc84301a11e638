"""More paths: of a return, of its exchanges, of goods beside it. Each gives the workflow whose history counts."""

from decimal import Decimal

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.messages import POKE_SIGNAL, Poke
from domain.parcel import parcel_ref
from domain.returns import ReturnRef
from sandbox.kit.wanted import ItemEdit
from tests.returns.exchanging import SHIRT_L, Swap, cancelled_orders, replacements, shirts, swapped
from tests.returns.looking import eventually
from tests.returns.parcels import came_blind, new_scan, parcel_ended, regrade, regrade_ended
from tests.world import COAT, SHIRT, World


async def exchange(world: World) -> str:
    """An even exchange at confirmation."""
    return (await _even(world)).workflow_id


async def exchange_child(world: World) -> str:
    """The child workflow of an even exchange."""
    return (await _even(world)).exchange_workflow_id(1)


async def _even(world: World) -> ReturnRef:
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    return ref


async def exchange_substituted(world: World) -> str:
    """Sold out, parked, and another size ordered."""
    gone = "P2001-WHT-GONE"
    world.prima.add_item(gone)
    ref = swapped(world, shirts(world), Swap(SHIRT, "30.00", gone))
    item = await world.parked(ref)
    await world.resolve(item, ResolutionKind.SUBSTITUTE_SKU, edits={f"sku.{gone}": SHIRT_L})
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    return ref.workflow_id


async def exchange_dearer(world: World) -> str:
    """Held until it was paid."""
    ref = swapped(world, shirts(world), Swap(SHIRT, "30.00", SHIRT_L, "36.50"))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "A"))
    await eventually(lambda: world.received(ref) != {})
    world.reveni["uk"].pay_difference(ref.return_id)
    await world.closed(ref)
    return ref.workflow_id


async def exchange_cancelled(world: World) -> str:
    """Cancelled after the replacement order: both undone."""
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    await world.handle(ref).result()
    return ref.workflow_id


async def exchange_rejected(world: World) -> str:
    """The goods were rejected, so the order was cancelled."""
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (SHIRT, 1, "RETURN_TO_CUSTOMER"))
    await eventually(lambda: len(cancelled_orders(world, ref)) == 1)
    await world.closed(ref)
    return ref.workflow_id


async def mixed(world: World) -> str:
    """Refund and exchange in one return."""
    world.prima.add_item(SHIRT_L)
    world.prima.add_stock(SHIRT_L, 5)
    order = world.order(charges={})
    ref = swapped(world, order, Swap(COAT, "220.50"), Swap(SHIRT, "30.00", SHIRT_L, line="2"))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), (SHIRT, 1, "A"))
    await world.closed(ref)
    return ref.workflow_id


async def instant(world: World) -> str:
    """Refunded and credited before the goods came."""
    ref = world.returned(world.order(charges={}), mode="instant")
    await eventually(lambda: len(world.credits(ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)
    return ref.workflow_id


async def instant_empty_box(world: World) -> str:
    """Refunded, and nothing was in the box: finance decided."""
    ref = world.returned(world.order(charges={}), mode="instant")
    await eventually(lambda: len(world.credits(ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "MISSING"))
    item = await world.parked(ref)
    assert item.code is ExceptionCode.REFUND_EXCEEDS_ACCEPTED
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="recovered outside")
    await world.closed(ref)
    return ref.workflow_id


async def edited(world: World) -> str:
    """The customer sends back one more unit: another RMA."""
    ref = world.returned(world.order(charges={}), [("1", COAT, 1, "220.50")])
    await world.stage(ref, "AWAITING_GOODS")
    sandbox = world.reveni["uk"]
    items = [ItemEdit(item_id=one["id"], quantity=2) for one in sandbox.get(ref.return_id)["return_items"]]
    sandbox.edit_items(ref.return_id, items)
    await eventually(lambda: len(world.rmas(ref)) == 2)
    await world.inspect(ref, (COAT, 2, "A"))
    await world.closed(ref)
    return ref.workflow_id


async def refund_before_goods(world: World) -> str:
    """A refund that waits for the second of two parcels."""
    lines = [("1", COAT, 1, "220.50"), ("2", SHIRT, 1, "30.00")]
    ref = world.returned(world.order(charges={}), lines, planned_refund=Decimal(0))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    world.reveni["uk"].pay_refund(ref.return_id, Decimal("250.50"), "manual")
    await eventually(lambda: len(world.refunds(ref)) == 1)
    await world.inspect(ref, (SHIRT, 1, "A"), scan="parcel-2")
    await world.closed(ref)
    return ref.workflow_id


async def blind_parcel(world: World) -> str:
    """A parcel without a return, matched by a person."""
    scan = new_scan()
    await came_blind(world, scan, (COAT, 1, "A"))
    parcel = parcel_ref("uk", scan)
    item = await world.parked(parcel)
    ref = world.returned(world.order(charges={}))
    await world.stage(ref, "AWAITING_GOODS")
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"return": ref.return_id})
    await parcel_ended(world, parcel, scan)
    await world.closed(ref)
    return item.workflow_id


async def regraded(world: World) -> str:
    """Quarantined units turn out to be sellable."""
    ref = world.returned(world.order(charges={}))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "QUARANTINE"))
    await world.closed(ref)
    name = new_scan()
    await regrade(world, ref, name, (COAT, 1, "QUARANTINE", "SELLABLE"))
    await regrade_ended(world, ref, name)
    return f"regrade/{ref}/{name}"


async def continued(world: World) -> str:
    """A return in its second history or a later one, on a server that wants short ones (E70)."""
    ref = swapped(world, shirts(world))
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    first = (await world.handle(ref).describe()).run_id
    while (await world.handle(ref).describe()).run_id == first:
        await world.handle(ref).signal(POKE_SIGNAL, Poke(reason="operator"))
    await world.inspect(ref, (SHIRT, 1, "A"))
    await world.closed(ref)
    return ref.workflow_id


LIFE = (
    exchange,
    exchange_child,
    exchange_substituted,
    exchange_dearer,
    exchange_cancelled,
    exchange_rejected,
    mixed,
    instant,
    instant_empty_box,
    edited,
    refund_before_goods,
    blind_parcel,
    regraded,
)
