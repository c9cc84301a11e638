"""Telling the real sandbox about inspections, judged at its own journal."""

import asyncio
from decimal import Decimal

import pytest

from domain.exceptions import ExceptionCode
from domain.outcomes import InDoubt, Rejected, RetryLater
from domain.returns import LineDecision, PlatformPhase, RefundState
from sandbox.returngo import ExchangeSpec, ItemSpec, ReturnSpec, Verdict
from tests.adapters.returngo.world import World
from tests.patience import PATIENCE

THREE_SHIRTS = ItemSpec("1", "TS", 3, Decimal("29.95"))
TROUSERS = ItemSpec("2", "TR", 1, Decimal("49.95"))
PUT = "PUT*"


def totals(
    accepted: int, rejected: int = 0, line: str = "1/TS", unsellable: int = 0, reason: str = "damaged"
) -> LineDecision:
    order_line, _, sku = line.partition("/")
    return LineDecision(
        line_id=line,
        order_line_id=order_line,
        sku=sku,
        accepted=accepted,
        rejected=rejected,
        unsellable=unsellable,
        reject_reason=reason if rejected else "",
    )


@pytest.fixture
def return_id(world: World) -> str:
    """Three shirts, items 1 to 3, and trousers, item 4; on their way."""
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (THREE_SHIRTS, TROUSERS)))
    world.vendor.ship(return_id)
    return return_id


async def drift(world: World, return_id: str, *decisions: LineDecision) -> str:
    with pytest.raises(Rejected) as refused:
        await world.port.report_inspection(return_id, decisions)
    assert refused.value.code is ExceptionCode.STATUS_DRIFT
    return str(refused.value)


async def test_a_line_over_two_parcels(world: World, return_id: str) -> None:
    first = await world.port.report_inspection(return_id, [totals(1)])
    assert (first.phase, first.lines[0].accepted, first.lines[0].quantity) == (PlatformPhase.RECEIVED, 1, 3)
    assert not first.final
    second = await world.port.report_inspection(return_id, [totals(2, 1), totals(1, line="2/TR", unsellable=1)])
    assert (second.phase, second.final) == (PlatformPhase.PARTLY_ACCEPTED, True)
    assert (second.lines[0].accepted, second.lines[0].rejected) == (2, 1)
    assert world.decided() == ["1 good", "2 good", "3 gone", "4 worn"]
    assert [(r.state, r.amount_text) for r in second.refunds] == [(RefundState.PAID, "109.85")]


async def test_it_is_received_first_and_only_once(world: World, return_id: str) -> None:
    for accepted in (1, 2, 3):
        await world.port.report_inspection(return_id, [totals(accepted)])
    await world.port.report_inspection(return_id, [totals(3), totals(1, line="2/TR")])
    assert [status for status in world.statuses() if status != "Approved"] == ["Received", "Validated"]


async def test_the_reason_is_told(world: World, return_id: str) -> None:
    ret = await world.port.report_inspection(return_id, [totals(0, 1, reason="return_to_customer")])
    assert [(g.disposition, g.reason, g.quantity) for g in ret.graded] == [("not_returned", "return_to_customer", 1)]


async def test_the_same_report_again_has_no_second_effect(world: World, return_id: str) -> None:
    decisions = [totals(1, 1), totals(1, line="2/TR")]
    first = await world.port.report_inspection(return_id, decisions)
    entries = world.vendor.journal.entries()
    for _ in range(3):
        assert await world.port.report_inspection(return_id, decisions) == first
    assert world.vendor.journal.entries() == entries


async def test_an_older_report_after_a_newer_one_is_a_contradiction_not_a_reversal(
    world: World, return_id: str
) -> None:
    await world.port.report_inspection(return_id, [totals(2)])
    assert "ReturnGO 2 accepted, 0 rejected of 3; we 1 accepted" in await drift(world, return_id, totals(1))
    assert world.decided() == ["1 good", "2 good"]


async def test_the_same_report_from_two_workers_at_once(world: World, return_id: str) -> None:
    decisions = [totals(2, 1), totals(1, line="2/TR")]
    ports = [world.other() for _ in range(3)]
    found = await asyncio.gather(*(port.report_inspection(return_id, decisions) for port in ports))
    assert {ret.phase for ret in found} == {PlatformPhase.PARTLY_ACCEPTED}
    assert set(world.decided()) == {"1 good", "2 good", "3 gone", "4 good"}, "whoever came second said the same"


@pytest.mark.parametrize("skip", [0, 1], ids=["at the first step", "at the second step"])
@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("lost_answer", {"status": 0}),
        ("lost_answer", {"status": 502}),
        ("cut_body", {}),
        ("malformed_body", {}),
    ],
)
async def test_an_applied_report_whose_answer_is_lost(
    world: World, return_id: str, skip: int, kind: str, more: dict[str, object]
) -> None:
    word = "Validated" if skip else "Received"
    world.break_down(PUT, kind, key=word, **more)
    ret = await world.port.report_inspection(return_id, [totals(2, 1)])
    assert (ret.lines[0].accepted, ret.lines[0].rejected) == (2, 1)
    assert world.decided() == ["1 good", "2 good", "3 gone"]
    assert world.statuses().count("Received") == 1
    assert world.vendor.faults.left()[-1][1] == 0, "the fault did happen"


async def test_a_report_that_timed_out_before_it_was_applied(world: World, return_id: str) -> None:
    world.vendor.receive(return_id)
    world.break_down(PUT, "latency", seconds=3)
    impatient = world.other(timeout_seconds=1)
    with pytest.raises(InDoubt):
        await impatient.report_inspection(return_id, [totals(2, 1)])
    async with asyncio.timeout(PATIENCE):
        while len(world.decided()) < 3:
            await asyncio.sleep(0.1)
    assert world.decided() == ["1 good", "2 good", "3 gone"], "the slow one is through now"
    ret = await world.port.report_inspection(return_id, [totals(2, 1)])
    assert (ret.lines[0].accepted, ret.lines[0].rejected) == (2, 1)
    assert len(world.decided()) == 3


async def test_a_vendor_that_breaks_before_it_applied_anything(world: World, return_id: str) -> None:
    world.break_down(PUT, "unavailable", status=500)
    with pytest.raises(InDoubt):
        await world.port.report_inspection(return_id, [totals(3)])
    assert world.decided() == []
    await world.port.report_inspection(return_id, [totals(3)])
    assert world.decided() == ["1 good", "2 good", "3 good"]


async def test_throttled(world: World, return_id: str) -> None:
    world.break_down(PUT, "throttle", seconds=2)
    with pytest.raises(RetryLater) as busy:
        await world.port.report_inspection(return_id, [totals(3)])
    assert busy.value.delay is not None and busy.value.delay.total_seconds() == 2
    assert world.decided() == []


async def test_the_platforms_own_users_were_quicker(world: World, return_id: str) -> None:
    world.vendor.receive(return_id)
    world.vendor.validate(return_id, [Verdict("40000002", restockable=False, reason="stain", location="LDN-1")])
    ret = await world.port.report_inspection(return_id, [totals(3, unsellable=1)])
    assert world.decided() == ["2 worn", "1 good", "3 good"]
    assert [(g.disposition, g.location, g.quantity) for g in ret.graded] == [
        ("restockable", "", 2),
        ("not_restockable", "LDN-1", 1),
    ]


async def test_the_platforms_own_users_decided_otherwise(world: World, return_id: str) -> None:
    world.vendor.receive(return_id)
    world.vendor.validate(return_id, [Verdict(f"4000000{n}", returned=False, reason="empty") for n in (1, 2, 3)])
    assert "line 1/TS: ReturnGO 0 accepted, 3 rejected of 3; we 3 accepted" in await drift(world, return_id, totals(3))


async def test_a_cancelled_return_takes_no_inspection(world: World, return_id: str) -> None:
    world.vendor.cancel(return_id)
    text = await drift(world, return_id, totals(1))
    assert "the return is Canceled" in text and "ReturnGO 0 accepted" in text
    assert world.decided() == []


async def test_a_return_that_is_done_can_still_be_inspected(world: World, return_id: str) -> None:
    world.vendor.receive(return_id)
    world.vendor.done(return_id)
    ret = await world.port.report_inspection(return_id, [totals(3), totals(1, line="2/TR")])
    assert (ret.phase, ret.final, ret.platform_status) == (PlatformPhase.ACCEPTED, True, "Done")
    assert world.decided() == ["1 good", "2 good", "3 good", "4 good"]


async def test_reads_that_lag_change_nothing(world: World, return_id: str) -> None:
    await asyncio.sleep(2.2)
    decisions = [totals(1, 1)]
    first = await world.port.report_inspection(return_id, decisions)
    world.break_down("GET /rma/*", "stale_read", seconds=2, times=None)
    with pytest.raises(RetryLater, match="does not show it"):
        await world.port.report_inspection(return_id, decisions)
    world.vendor.faults.clear()
    again = await world.port.report_inspection(return_id, decisions)
    assert again.lines == first.lines and again.phase is PlatformPhase.RECEIVED
    assert set(world.decided()) == {"1 good", "3 gone"}


async def test_more_units_than_announced(world: World, return_id: str) -> None:
    assert "we 4 accepted" in await drift(world, return_id, totals(4))


async def test_a_line_that_is_not_on_the_return(world: World, return_id: str) -> None:
    assert "line 9/XX: ReturnGO does not have it" in await drift(world, return_id, totals(1, line="9/XX"))


async def test_nothing_to_say(world: World, return_id: str) -> None:
    assert (await world.port.report_inspection(return_id, [])).return_id == return_id
    assert world.decided() == []


async def test_E57_a_mixed_line_is_reported_exchange_first(world: World) -> None:
    refund = ItemSpec("1", "TS", 2, Decimal(30))
    exchange = ItemSpec("1", "TS", 2, Decimal(30), exchange=ExchangeSpec("TS-L", 2, Decimal(30)))
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (refund, exchange)))
    before = (await world.port.read_return(return_id)).exchanges
    assert [(wish.quantity, wish.replacement_quantity) for wish in before] == [(2, 2)]
    for decided in (totals(1), totals(3), totals(3, 1)):
        ret = await world.port.report_inspection(return_id, [decided])
        assert ret.exchanges == before, "a wish stays as it is"
    assert world.decided() == ["3 good", "4 good", "1 good", "2 gone"]


async def test_U31_kept_items_take_no_inspection(world: World) -> None:
    kept = ItemSpec("1", "TS", 2, Decimal(30), keep_item=True)
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (kept,)))
    ret = await world.port.report_inspection(return_id, [totals(0, 2)])
    assert ret.lines[0].keep and world.decided() == []
