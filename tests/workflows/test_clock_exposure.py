"""A replacement is out, and the return has no RMA any more: the clock of its cover rings in a return that goes on."""

from datetime import timedelta

from domain.exceptions import ResolutionKind
from sandbox.kit.wanted import ItemEdit
from tests.returns.exchanging import replacements, shirts, swapped
from tests.returns.looking import ended, eventually
from tests.workflows.test_clock import skipping
from tests.workflows.test_clock_goods import Skipping, poke, raised

__all__ = ["skipping"]


async def test_E51_N11_what_a_person_has_to_decide_about_is_not_lost_when_the_cover_lapses(skipping: Skipping) -> None:
    """The customer's new request cannot be authorised, and the replacement of the old one has left the house."""
    world, environment = skipping
    ref = swapped(world, shirts(world))
    await poke(world, ref)
    await eventually(lambda: len(replacements(world, ref)) == 1)
    await world.stage(ref, "AWAITING_GOODS")
    world.prima.despatch(replacements(world, ref)[0]["order"])
    [one] = world.reveni["uk"].get(ref.return_id)["return_items"]
    world.reveni["uk"].edit_items(ref.return_id, [ItemEdit(item_id=one["id"], quantity=5)])
    await poke(world, ref)
    await raised(world, ref, "VALIDATION_QTY")
    [item] = await world.exceptions(ref)
    await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="there are no such units")
    await raised(world, ref, "EXCHANGE_EXPOSURE")
    await environment.sleep(timedelta(days=35))
    [item] = await world.exceptions(ref)
    await world.resolve(item, ResolutionKind.WRITE_OFF, reason="too small to chase")
    await ended(world, ref, "REJECTED")
    assert await world.exceptions(ref) == []
