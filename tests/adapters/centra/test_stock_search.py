"""A stock change that landed is found again however many others came after it (D1, N2); what cannot be is parked."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.centra import contract
from domain.documents import Posted
from domain.exceptions import ExceptionCode
from sandbox.centra.model import StockChange
from sandbox.kit.faults import Fault
from tests.adapters.centra import shop as desk
from tests.adapters.centra.shop import COAT, DAMAGED, Shop, refused

ANY = 10_000


def now() -> datetime:
    return datetime.now(UTC)


def others(centra: Shop, count: int, at: datetime | None = None) -> None:
    """Stock changes of somebody else."""
    world = centra.centra.world
    for _ in range(count):
        number = world.next_id("change")
        world.changes.put(number, StockChange(number, "delivery of a supplier", at or now(), 1, 0, ((COAT, 1),)))


def watch(centra: Shop) -> None:
    """Count the searches from here on."""
    centra.centra.faults.add(Fault(kind="latency", match="stockChangeConnection", times=ANY))


def searches(centra: Shop) -> int:
    [(_, left)] = centra.centra.faults.left()
    assert left is not None
    return ANY - left


@pytest.mark.parametrize("count", [49, 50, 320])
@pytest.mark.parametrize("known", [True, False], ids=["intended then", "intended at some time"])
async def test_D1_N2_a_change_is_booked_once_when_many_others_come_before_its_retry(
    centra: Shop, count: int, known: bool
) -> None:
    request = desk.adjustment(intended_at=now() if known else None)
    others(centra, 3)
    landed = await centra.erp.adjust_stock(request)
    others(centra, count)
    again = await centra.erp.adjust_stock(request)
    assert again == Posted(number=landed.number, adopted=True)
    assert centra.count("changeStock") == 1
    assert await centra.physical(COAT, DAMAGED) == 1


async def test_D1_a_transfer_and_a_receipt_are_found_behind_many_others_too(centra: Shop) -> None:
    number = (await centra.erp.open_rma(desk.rma())).number
    receipt, transfer = desk.receipt(number, intended_at=now()), desk.transfer(intended_at=now())
    await centra.erp.receive_goods(receipt)
    await centra.erp.transfer_stock(transfer)
    others(centra, 120)
    assert (await centra.erp.receive_goods(receipt)).adopted
    assert (await centra.erp.transfer_stock(transfer)).adopted
    assert centra.count("changeStock") == 2


async def test_R34_what_was_there_long_before_the_intent_is_not_read(centra: Shop) -> None:
    others(centra, 500, at=now() - timedelta(hours=1))
    watch(centra)
    await centra.erp.adjust_stock(desk.adjustment(intended_at=now()))
    assert searches(centra) == 1


async def test_D1_clocks_that_differ_a_little_hide_nothing(centra: Shop) -> None:
    """Ours is ahead of Centra's: by our clock the change is older than what it was meant for."""
    landed = await centra.erp.adjust_stock(desk.adjustment())
    others(centra, 60)
    ahead = now() + timedelta(minutes=2)
    assert (await centra.erp.adjust_stock(desk.adjustment(intended_at=ahead))).number == landed.number
    assert centra.count("changeStock") == 1


async def test_D1_what_cannot_be_searched_to_the_end_is_parked_and_not_booked_again(
    centra: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contract, "STOCK_CHANGE_PAGES", 2)
    request = desk.adjustment(intended_at=now())
    await centra.erp.adjust_stock(request)
    others(centra, 260)
    refusal = await refused(centra.erp.adjust_stock(request))
    assert refusal.code is ExceptionCode.STOCK_REJECTED
    assert desk.GOODS_KEY in str(refusal)
    assert centra.count("changeStock") == 1
