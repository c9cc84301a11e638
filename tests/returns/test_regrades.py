"""Regrades: a second look moves stock from depot to depot, once, and never money (E24, N8)."""

import asyncio

import pytest

from domain.exceptions import ExceptionCode, ResolutionKind
from domain.keys import Step, business_key
from domain.returns import ReturnRef
from sandbox.kit.faults import Fault
from store.records import ReturnRecord
from tests.returns.course import arrive, finish, totals
from tests.returns.looking import told
from tests.returns.parcels import journal, new_scan, regrade, regrade_ended, stock
from tests.world import COAT, World

pytestmark = pytest.mark.verify

TWO_COATS = [("1", COAT, 2, "220.50")]


async def in_quarantine(world: World) -> tuple[ReturnRef, ReturnRecord]:
    """Two coats in quarantine, credited, and the return closed."""
    ref = world.returned(world.order(), TWO_COATS)
    return ref, await finish(world, ref, (COAT, 2, "QUARANTINE"))


async def moved(world: World, ref: ReturnRef, *units: tuple[str, int, str, str], name: str = "") -> None:
    name = name or new_scan()
    answer = await regrade(world, ref, name, *units)
    assert (answer.status_code, answer.json()["repeated"]) == (202, False), answer.text
    await regrade_ended(world, ref, name)


async def test_N8_E24_three_regrades_in_a_row_move_stock_and_leave_one_credit_note(world: World) -> None:
    ref, before = await in_quarantine(world)
    assert stock(world, ref) == {(COAT, "QT"): 2}
    await moved(world, ref, (COAT, 2, "QUARANTINE", "SELLABLE"))
    assert stock(world, ref) == {(COAT, "01"): 2}
    gone = await regrade(world, ref, new_scan(), (COAT, 1, "QUARANTINE", "SELLABLE"))
    assert "only 0 of it is booked" in gone.json()["message"]
    await moved(world, ref, (COAT, 1, "SELLABLE", "QUARANTINE"))
    assert stock(world, ref) == {(COAT, "01"): 1, (COAT, "QT"): 1}
    await moved(world, ref, (COAT, 1, "QUARANTINE", "DAMAGED"))
    assert stock(world, ref) == {(COAT, "01"): 1, (COAT, "DM"): 1}
    assert len(journal(world, "DepotTransfer", ref)) == 3
    assert totals(world, ref) == ["441.00"]
    after = await world.record(ref)
    assert after is not None
    assert (after.stage, after.closed_at, after.exceptions_open) == ("CLOSED", before.closed_at, 0)
    assert "regraded at LDN-1: 1 x P1001-BLK-080 QUARANTINE to DAMAGED" in await told(world, ref)
    async with world.store.reading() as unit:
        [evidence] = await unit.inspections.list(ref)
    assert [(u.quantity, u.disposition) for u in evidence.booked] == [(2, "QUARANTINE")]


async def test_E24_units_of_an_open_return_are_regraded_too(world: World) -> None:
    ref = world.returned(world.order(), TWO_COATS)
    await arrive(world, ref, (COAT, 1, "QUARANTINE"), scan="first")
    await world.stage(ref, "PARTLY_RECEIVED")
    await moved(world, ref, (COAT, 1, "QUARANTINE", "SELLABLE"))
    assert stock(world, ref) == {(COAT, "01"): 1}
    await arrive(world, ref, (COAT, 1, "A"), scan="second")
    await world.closed(ref)
    assert stock(world, ref) == {(COAT, "01"): 2}
    assert sum(float(total) for total in totals(world, ref)) == 441.0


async def test_E24_one_transfer_for_each_pair_of_depots(world: World) -> None:
    ref, _ = await in_quarantine(world)
    await moved(world, ref, (COAT, 1, "QUARANTINE", "SELLABLE"), (COAT, 1, "QUARANTINE", "DAMAGED"))
    assert stock(world, ref) == {(COAT, "01"): 1, (COAT, "DM"): 1}
    assert len(journal(world, "DepotTransfer", ref)) == 2


async def test_E24_what_is_thrown_away_leaves_the_stock_by_an_adjustment(world: World) -> None:
    ref, before = await in_quarantine(world)
    await moved(world, ref, (COAT, 1, "QUARANTINE", "DISPOSED"))
    assert stock(world, ref) == {(COAT, "QT"): 1}
    [entry] = journal(world, "StockAdjustment", ref)
    assert [line["quantity"] for line in entry["lines"]] == [-1]
    after = await world.record(ref)
    assert after is not None
    assert (after.stage, after.closed_at) == ("CLOSED", before.closed_at)
    answer = await regrade(world, ref, new_scan(), (COAT, 1, "DISPOSED", "SELLABLE"))
    assert (answer.status_code, answer.json()["error"]) == (422, "regrade_refused")


async def test_E24_more_than_is_booked_so_is_refused_in_plain_words(world: World) -> None:
    ref, _ = await in_quarantine(world)
    for units in (
        (COAT, 3, "QUARANTINE", "SELLABLE"),
        (COAT, 1, "SELLABLE", "DAMAGED"),
        (COAT, 1, "QUARANTINE", "QUARANTINE"),
        (COAT, 1, "QUARANTINE", "MISSING"),
    ):
        answer = await regrade(world, ref, new_scan(), units)
        assert (answer.status_code, answer.json()["error"]) == (422, "regrade_refused"), answer.text
    answer = await regrade(world, ref, new_scan(), (COAT, 3, "QUARANTINE", "SELLABLE"))
    assert "only 2 of it is booked in depot QT" in answer.json()["message"]
    other = await regrade(world, ref, new_scan(), (COAT, 1, "QUARANTINE", "SELLABLE"), location="NOWHERE")
    assert "NOWHERE" in other.json()["message"]
    assert journal(world, "DepotTransfer", ref) == []
    assert await world.exceptions(ref) == []


async def test_E15_the_same_regrade_again_moves_nothing(world: World) -> None:
    ref, _ = await in_quarantine(world)
    name = new_scan()
    unit = (COAT, 2, "QUARANTINE", "SELLABLE")
    answers = await asyncio.gather(*(regrade(world, ref, name, unit) for _ in range(3)))
    assert [answer.status_code for answer in answers] == [202, 202, 202]
    await regrade_ended(world, ref, name)
    assert (await regrade(world, ref, name, unit)).json()["repeated"] is True
    assert (await regrade(world, ref, name, (COAT, 1, "QUARANTINE", "SELLABLE"))).status_code == 422
    assert stock(world, ref) == {(COAT, "01"): 2}
    assert len(journal(world, "DepotTransfer", ref)) == 1


async def test_E24_two_regrades_of_the_same_units_at_once_move_them_once(world: World) -> None:
    ref, _ = await in_quarantine(world)
    # Prima would have enough of them: other returns' coats lie there as well
    world.prima.add_stock(COAT, 5, depot="QT")
    names = [new_scan(), new_scan()]
    unit = (COAT, 2, "QUARANTINE", "SELLABLE")
    answers = await asyncio.gather(*(regrade(world, ref, name, unit) for name in names))
    taken = [name for name, answer in zip(names, answers, strict=True) if answer.status_code == 202]
    if len(taken) == 2:  # both were asked before either was planned
        item = await world.parked(ref)
        assert item.code is ExceptionCode.INSPECTION_CONFLICT
        await world.resolve(item, ResolutionKind.CANCEL_TRACK, reason="it was one and the same")
    for name in taken:
        await regrade_ended(world, ref, name)
    assert stock(world, ref) == {(COAT, "01"): 2}
    assert len(journal(world, "DepotTransfer", ref)) == 1
    assert totals(world, ref) == ["441.00"]


async def test_D1_a_transfer_whose_answer_is_lost_is_found_again(world: World) -> None:
    ref, _ = await in_quarantine(world)
    key = business_key(ref, Step.TRANSFER, 1)
    world.prima.faults.add(Fault(match="DepotTransfer", kind="lost_answer", key=key, status=0))
    await moved(world, ref, (COAT, 2, "QUARANTINE", "SELLABLE"))
    assert len(journal(world, "DepotTransfer", ref)) == 1
    assert stock(world, ref) == {(COAT, "01"): 2}
