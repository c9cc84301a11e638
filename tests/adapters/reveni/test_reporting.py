"""Telling the real sandbox about inspections, judged at its own journal."""

import asyncio
from decimal import Decimal

import pytest

from domain.exceptions import ExceptionCode
from domain.outcomes import InDoubt, Rejected, RetryLater
from domain.returns import LineDecision, PlatformPhase
from sandbox.reveni import ItemSpec, ReturnSpec
from tests.adapters.reveni.world import World
from tests.patience import PATIENCE

THREE_SHIRTS = ItemSpec("1", "TS", 3, Decimal("29.95"))
TROUSERS = ItemSpec("2", "TR", 1, Decimal("49.95"))


def totals(accepted: int, rejected: int = 0, line: str = "1/TS", reason: str = "damaged") -> LineDecision:
    order_line, _, sku = line.partition("/")
    return LineDecision(
        line_id=line,
        order_line_id=order_line,
        sku=sku,
        accepted=accepted,
        rejected=rejected,
        reject_reason=reason if rejected else "",
    )


@pytest.fixture
def return_id(world: World) -> str:
    return world.vendor.add_return(ReturnSpec("SO-1", (THREE_SHIRTS, TROUSERS)))


async def drift(world: World, return_id: str, *decisions: LineDecision) -> str:
    with pytest.raises(Rejected) as refused:
        await world.port.report_inspection(return_id, decisions)
    assert refused.value.code is ExceptionCode.STATUS_DRIFT
    return str(refused.value)


async def test_a_line_over_two_parcels(world: World, return_id: str) -> None:
    first = await world.port.report_inspection(return_id, [totals(1)])
    assert (first.phase, first.lines[0].accepted, first.lines[0].quantity) == (PlatformPhase.AUTHORISED, 1, 3)
    assert len(first.lines[0].item_ids) == 2, "the decided part keeps its id, the rest is a new item"

    second = await world.port.report_inspection(return_id, [totals(2, 1), totals(1, line="2/TR")])
    assert second.phase is PlatformPhase.PARTLY_ACCEPTED
    assert (second.lines[0].accepted, second.lines[0].rejected, second.lines[0].quantity) == (2, 1, 3)
    assert world.decided() == [("accepted", 1), ("accepted", 1), ("rejected", 1), ("accepted", 1)]


async def test_accepted_and_rejected_units_of_one_item(world: World, return_id: str) -> None:
    ret = await world.port.report_inspection(return_id, [totals(2, 1)])
    assert (ret.lines[0].accepted, ret.lines[0].rejected) == (2, 1)
    assert world.decided() == [("accepted", 2), ("rejected", 1)]
    rejected = next(i for i in world.vendor.get(return_id)["return_items"] if i["status"] == "rejected")
    assert (rejected["reject_reason"], rejected["reject_reason_text"]) == ("damaged", None)


async def test_a_reason_that_reveni_has_no_word_for(world: World, return_id: str) -> None:
    await world.port.report_inspection(return_id, [totals(0, 1, "2/TR", "return_to_customer")])
    [item] = [i for i in world.vendor.get(return_id)["return_items"] if i["sku"] == "TR"]
    assert (item["reject_reason"], item["reject_reason_text"]) == ("other", "return_to_customer")


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
    assert "Reveni 2 accepted, 0 rejected of 3; we 1 accepted" in await drift(world, return_id, totals(1))
    assert world.decided() == [("accepted", 2)]


async def test_the_same_report_from_two_workers_at_once(world: World, return_id: str) -> None:
    decisions = [totals(2, 1), totals(1, line="2/TR")]
    reports = [world.port.report_inspection(return_id, decisions) for _ in range(4)]
    assert {ret.phase for ret in await asyncio.gather(*reports)} == {PlatformPhase.PARTLY_ACCEPTED}
    assert world.decided() == [("accepted", 2), ("rejected", 1), ("accepted", 1)]


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
    world: World, return_id: str, kind: str, more: dict[str, object]
) -> None:
    world.break_down("partial_validate", kind, **more)
    ret = await world.port.report_inspection(return_id, [totals(2, 1)])
    assert (ret.lines[0].accepted, ret.lines[0].rejected) == (2, 1)
    assert world.decided() == [("accepted", 2), ("rejected", 1)]


async def test_a_report_that_timed_out_before_it_was_applied(world: World, return_id: str) -> None:
    world.break_down("partial_validate", "latency", seconds=3)
    impatient = world.other(timeout_seconds=1)
    with pytest.raises(InDoubt):
        await impatient.report_inspection(return_id, [totals(2, 1)])
    async with asyncio.timeout(PATIENCE):
        while len(world.decided()) < 2:  # until the slow one is through
            await asyncio.sleep(0.05)
    ret = await world.port.report_inspection(return_id, [totals(2, 1)])
    assert (ret.lines[0].accepted, ret.lines[0].rejected) == (2, 1)
    assert world.decided() == [("accepted", 2), ("rejected", 1)]


async def test_a_vendor_that_breaks_before_it_applied_anything(world: World, return_id: str) -> None:
    world.break_down("partial_validate", "unavailable", status=500)
    with pytest.raises(InDoubt):
        await world.port.report_inspection(return_id, [totals(3)])
    assert world.decided() == []
    await world.port.report_inspection(return_id, [totals(3)])
    assert world.decided() == [("accepted", 3)]


async def test_throttled(world: World, return_id: str) -> None:
    world.break_down("partial_validate", "throttle", seconds=2)
    with pytest.raises(RetryLater) as busy:
        await world.port.report_inspection(return_id, [totals(3)])
    assert busy.value.delay is not None and busy.value.delay.total_seconds() == 2
    assert world.decided() == []


async def test_reveni_decided_otherwise(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (THREE_SHIRTS,), mode="instant"))
    world.vendor.expire(return_id)
    text = await drift(world, return_id, totals(1, 2))
    assert "line 1/TS: Reveni 3 accepted, 0 rejected of 3; we 1 accepted, 2 rejected" in text


async def test_an_expired_return_that_we_accept_too_is_fine(world: World) -> None:
    return_id = world.vendor.add_return(ReturnSpec("SO-1", (THREE_SHIRTS,), mode="instant"))
    world.vendor.expire(return_id)
    assert (await world.port.report_inspection(return_id, [totals(3)])).phase is PlatformPhase.ACCEPTED


async def test_a_cancelled_return_takes_no_inspection(world: World, return_id: str) -> None:
    world.vendor.cancel(return_id)
    text = await drift(world, return_id, totals(1))
    assert "HTTP 409" in text and "'cancelled'" in text and "Reveni 0 accepted" in text
    assert world.decided() == []


async def test_reads_that_lag_have_no_second_effect(world: World, return_id: str) -> None:
    await asyncio.sleep(2.2)
    decisions = [totals(1, 1)]
    await world.port.report_inspection(return_id, decisions)
    world.break_down("GET return", "stale_read", seconds=2, times=None)
    assert (await world.port.report_inspection(return_id, decisions)).lines[0].accepted == 1
    assert world.decided() == [("accepted", 1), ("rejected", 1)]


async def test_reads_that_lag_for_good_park_instead_of_guessing(world: World, return_id: str) -> None:
    await asyncio.sleep(2.2)
    await world.port.report_inspection(return_id, [totals(1)])
    world.break_down("GET return", "stale_read", seconds=2, times=None)
    assert "HTTP 409" in await drift(world, return_id, totals(3))
    assert world.decided() == [("accepted", 1)]


async def test_a_report_that_meets_another_decision_goes_on_with_what_is_left(world: World, return_id: str) -> None:
    """Our read is older than a decision made in the dashboard: 409, read again, send the rest."""
    await asyncio.sleep(2.2)
    await world.port.report_inspection(return_id, [totals(1)])
    world.break_down("GET return", "stale_read", seconds=2)
    ret = await world.port.report_inspection(return_id, [totals(3)])
    assert ret.lines[0].accepted == 3
    assert world.decided() == [("accepted", 1), ("accepted", 2)]


async def test_more_units_than_announced(world: World, return_id: str) -> None:
    assert "we 4 accepted" in await drift(world, return_id, totals(4))


async def test_a_line_that_is_not_on_the_return(world: World, return_id: str) -> None:
    assert "line 9/XX: Reveni does not have it" in await drift(world, return_id, totals(1, line="9/XX"))


async def test_nothing_to_say(world: World, return_id: str) -> None:
    assert (await world.port.report_inspection(return_id, [])).return_id == return_id
    assert world.decided() == []


async def test_an_unknown_return(world: World) -> None:
    with pytest.raises(Rejected) as refused:
        await world.port.report_inspection("0" * 32, [totals(1)])
    assert refused.value.code is ExceptionCode.EVENT_INVALID
