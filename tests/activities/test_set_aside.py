"""Units that are to be exchanged are marked by the RMA; another RMA of the return forgets what is wished no more."""

from typing import Any

from domain.exchange import ExchangeState, ExchangeUnits
from domain.keys import Step, business_key
from domain.returns import ReturnRef
from store.slot_records import SlotClaim
from tests.activities.steps import Steps, begun
from tests.returns.exchanging import SHIRT_L, Swap, swapped
from tests.world import COAT, SHIRT, World


async def two_wishes(world: World) -> tuple[Steps, str]:
    """A coat and a shirt that are both to be exchanged."""
    order = world.order(charges={})
    swaps = (Swap(COAT, "220.50", "P1001-BLK-090"), Swap(SHIRT, "30.00", SHIRT_L, line="2"))
    return await begun(world, swapped(world, order, *swaps, status="incomplete")), order


async def held(world: World, ref: ReturnRef, order: str) -> list[SlotClaim]:
    async with world.store.reading() as unit:
        return await unit.slots.held("prima-test", order, ref)


async def marks(world: World, ref: ReturnRef, order: str) -> list[tuple[str, int]]:
    """(SKU, number of the replacement order) of every unit that the return holds; 0: it is for money."""
    numbers: dict[str | None, int] = {business_key(ref, Step.EXCHANGE, n): n for n in range(1, 5)} | {None: 0}
    return [(one.line_id.split("/")[1], numbers[one.exchange_key]) for one in await held(world, ref, order)]


def without(steps: Steps, *line_ids: str, **changed: Any) -> Steps:
    """The customer sends other lines back."""
    lines = [line for line in steps.platform.lines if line.line_id not in line_ids]
    wishes = [one for one in steps.platform.exchanges if one.line_id not in line_ids]
    known = {"lines": lines, "exchanges": wishes, **changed}
    return Steps(steps.ref, steps.erp, steps.platform.model_copy(update=known))


async def test_E61_wishes_that_were_not_begun_are_numbered_and_marked_anew(world: World) -> None:
    steps, order = await two_wishes(world)
    first = await steps.open_rma()
    assert sorted(first.exchanges.values()) == [1, 2]
    assert await marks(world, steps.ref, order) == [(COAT, 1), (SHIRT, 2)]
    await steps.withdraw_rma()
    second = await without(steps, f"1/{COAT}").open_rma(2)
    assert [*second.exchanges.values()] == [1]
    assert await marks(world, steps.ref, order) == [(SHIRT, 1)], "the coat is free for another return"


async def test_E61_E51_an_order_that_is_not_taken_back_yet_keeps_its_unit(world: World) -> None:
    steps, order = await two_wishes(world)
    await steps.open_rma()
    coat, shirt = (
        ExchangeUnits(number=n, exchange_id=wish.exchange_id, line_id=wish.line_id, units=1, state=state)
        for n, (wish, state) in enumerate(
            zip(steps.platform.exchanges, (ExchangeState.ORDERED, ExchangeState.REQUESTED), strict=True), start=1
        )
    )
    await steps.withdraw_rma()
    second = await without(steps, coat.line_id).open_rma(2, begun=[coat, shirt])
    assert second.exchanges == {shirt.exchange_id: 2}
    assert await marks(world, steps.ref, order) == [(COAT, 1), (SHIRT, 2)]


async def test_E49_E61_a_converted_wish_is_not_marked_again(world: World) -> None:
    steps, order = await two_wishes(world)
    await steps.open_rma()
    coat, shirt = (
        ExchangeUnits(number=n, exchange_id=wish.exchange_id, line_id=wish.line_id, units=1, state=state)
        for n, (wish, state) in enumerate(
            zip(steps.platform.exchanges, (ExchangeState.CONVERTED_TO_REFUND, ExchangeState.ORDERED), strict=True),
            start=1,
        )
    )
    await steps.withdraw_rma()
    second = await steps.open_rma(2, begun=[coat, shirt])
    assert second.exchanges == {shirt.exchange_id: 2}
    assert await marks(world, steps.ref, order) == [(COAT, 0), (SHIRT, 2)]


async def test_E61_the_same_again_changes_nothing(world: World) -> None:
    steps, order = await two_wishes(world)
    first = await steps.open_rma()
    before = await held(world, steps.ref, order)
    assert (await steps.open_rma()).exchanges == first.exchanges
    assert await held(world, steps.ref, order) == before
