"""The paths of a return, each as something that the outside does. Their histories are recorded."""

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal

from temporalio.client import WorkflowFailureError

from domain.exceptions import ResolutionKind
from domain.messages import INSPECTION_SIGNAL, LooseInspection
from domain.returns import ReturnRef
from tests.replay.life_paths import LIFE, continued
from tests.returns.looking import eventually, live_rmas, next_parked
from tests.world import COAT, SHIRT, World

Path = Callable[[World], Awaitable[ReturnRef | str]]
TWO_COATS = [("1", COAT, 2, "220.50")]


async def plain(world: World) -> ReturnRef:
    """One unit: inspected, refunded, credited."""
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    await world.closed(ref)
    return ref


async def two_parcels(world: World) -> ReturnRef:
    """Three units of two lines in two parcels, with shipping."""
    lines = [*TWO_COATS, ("2", SHIRT, 1, "30.00")]
    ref = world.returned(world.order(), lines, shipping_refund=Decimal("4.95"))
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), scan="parcel-1")
    await world.stage(ref, "PARTLY_RECEIVED")
    await world.inspect(ref, (COAT, 1, "DAMAGED"), (SHIRT, 1, "A"), scan="parcel-2")
    await world.closed(ref)
    return ref


async def parked_and_resolved(world: World) -> ReturnRef:
    """An unmapped location, corrected by a person."""
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="NEW-HUB")
    await world.resolve(await world.parked(ref), ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-1"})
    await world.closed(ref)
    return ref


async def stock_repaired(world: World) -> ReturnRef:
    """The ERP refused the stock; the credit went on; a person corrected the place."""
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"), location="LDN-3")
    item = await world.parked(ref)
    await eventually(lambda: len(world.credits(ref)) == 1)
    await world.resolve(item, ResolutionKind.EDIT_AND_RETRY, edits={"location": "LDN-1"})
    await world.closed(ref)
    return ref


async def cancelled(world: World) -> ReturnRef:
    """The customer cancelled before goods."""
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    world.reveni["uk"].cancel(ref.return_id)
    await world.stage(ref, "CANCELLED")
    await world.handle(ref).result()
    return ref


async def expired(world: World) -> ReturnRef:
    """Nothing came, one reminder, then the deadline."""
    ref = world.returned(world.order(), connection="fast")
    await world.stage(ref, "EXPIRED")
    await world.handle(ref).result()
    return ref


async def rest_written_off(world: World) -> ReturnRef:
    """One of two units came; a person waited on, and then gave the other up."""
    ref = world.returned(world.order(), TWO_COATS, connection="fast")
    await world.stage(ref, "AWAITING_GOODS")
    await world.inspect(ref, (COAT, 1, "A"))
    first = await world.parked(ref)
    await world.resolve(first, ResolutionKind.RETRY)
    second = await next_parked(world, first)
    await world.resolve(second, ResolutionKind.WRITE_OFF, reason="the carrier lost it")
    await world.closed(ref)
    return ref


async def native_cancel(world: World) -> ReturnRef:
    """Operations cancelled while the goods were on their way."""
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    await world.handle(ref).cancel()
    try:
        await world.handle(ref).result()
    except WorkflowFailureError:
        assert live_rmas(world, ref) == []
    return ref


async def by_signal(world: World) -> ReturnRef:
    """The warehouse used the signal: first an unusable one, then a good one."""
    ref = world.returned(world.order())
    await world.stage(ref, "AWAITING_GOODS")
    units = [{"sku": COAT, "quantity": "1", "disposition": "A"}]
    await world.handle(ref).signal(INSPECTION_SIGNAL, LooseInspection(inspection_id="scan-1", units=units))
    item = await world.parked(ref)
    loose = LooseInspection(inspection_id="scan-2", location="LDN-1", units=units)
    await world.handle(ref).signal(INSPECTION_SIGNAL, loose)
    await eventually(lambda: len(world.credits(ref)) == 1)
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="sent again")
    await world.closed(ref)
    return ref


PATHS: Mapping[str, Path] = {
    path.__name__: path
    for path in (
        plain,
        two_parcels,
        parked_and_resolved,
        stock_repaired,
        cancelled,
        expired,
        rest_written_off,
        native_cancel,
        by_signal,
        *LIFE,
    )
}
ENCRYPTED = "plain_encrypted"
#: Played on a server that suggests a new history early.
SHORT: Mapping[str, Path] = {"continued": continued}
