"""A plain refund return, end to end on real parts."""

from tests.world import COAT, World


async def test_R13_R26_R39_plain_return_runs_to_its_credit_note(world: World) -> None:
    order = world.order()
    ref = world.returned(order)
    await world.stage(ref, "AWAITING_GOODS")
    assert (await world.inspect(ref, (COAT, 1, "A"))).status_code == 200
    record = await world.closed(ref)
    assert record.rma_number == world.rmas(ref)[0]["return_number"]
    assert world.received(ref) == {(COAT, "01"): 1}
    assert [note["total"] for note in world.credits(ref)] == ["220.50"]
    assert [refund["amount"] for refund in world.refunds(ref)] == ["220.5000"]
