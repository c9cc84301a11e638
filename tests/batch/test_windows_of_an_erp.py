"""A batch ERP: nothing is posted outside a window, each document once, and a return says what it waits for (D7)."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode
from domain.exchange import ExchangeState
from domain.windows import WindowCalendar
from runtime.devserver import DevServer
from tests.batch.house import COAT, EVERY, SHIRT, SHIRT_L, BatchWorld, house

pytestmark = pytest.mark.verify


@pytest.fixture(scope="module")
async def shop(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BatchWorld]:
    async with house(temporal_server, tmp_path_factory.mktemp("batch")) as running:
        yield running


#: BlueCherry itself works every other second in these tests.
RARE = {"every": timedelta(seconds=20), "length": timedelta(seconds=1)}


def documents_by_file(shop: BatchWorld) -> dict[int, list[str]]:
    """Batch number → what it brought, of every document that BlueCherry ever made."""
    found: dict[int, list[str]] = {}
    for entry in shop.erp.journal.entries():
        if "batch" in entry and entry["op"] != "batch":
            found.setdefault(entry["batch"], []).append(entry["op"])
    return found


async def test_R35_R124_R127_R130_R131_a_plain_return_goes_through_windows_one_by_one(shop: BatchWorld) -> None:
    order = shop.order()
    ref = shop.returned(order)
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    await shop.inspect(ref, (COAT, 1, "A"))
    await shop.closed(ref, seconds=90)
    [rma], [receipt], [memo] = (shop.made(op, ref) for op in ("RAH", "RCV", "CMH"))
    assert (receipt["ra"], memo["ra"]) == (rma["ra"], rma["ra"])
    assert (rma["order"], memo["order"], memo["total"]) == (order, order, "220.50")
    assert await shop.exceptions(ref, None) == []
    stock = next(d for d in await shop.documents(ref) if d.kind == "receipt")
    assert stock.window_at is not None  # how long goods waited for their window, and how long for the ERP
    assert stock.created_at <= stock.window_at <= stock.updated_at


async def test_R129_what_the_item_master_does_not_know_parks_before_any_file(shop: BatchWorld) -> None:
    order = shop.order()
    shop.erp.set_item_active(COAT, active=False)
    try:
        ref = shop.returned(order)
        item = await shop.parked(ref)
    finally:
        shop.erp.set_item_active(COAT, active=True)
    assert item.code is ExceptionCode.SKU_NOT_IN_MASTER
    assert shop.made("RAH", ref) == []


async def test_R35_a_file_holds_one_class_of_documents(shop: BatchWorld) -> None:
    refs = [shop.returned(shop.order()) for _ in range(3)]
    for ref in refs:
        await shop.stage(ref, "AWAITING_GOODS", seconds=90)
        await shop.inspect(ref, (COAT, 1, "A"))
    for ref in refs:
        await shop.closed(ref, seconds=90)
    for made in documents_by_file(shop).values():
        assert set(made) <= {"RAH", "RAX", "SOH", "SOX"} or set(made) <= {"RCV", "ADJ"} or set(made) <= {"CMH", "CMV"}


async def test_E64_R126_R128_the_platform_hears_of_accepted_goods_before_their_window(shop: BatchWorld) -> None:
    """Stock that waits for its window does not keep the customer waiting; each disposition has its warehouse."""
    ref = shop.returned(shop.order())
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    await shop.inspect(ref, (COAT, 1, "C"))
    await shop.until(lambda: any(e["return_id"] == ref.return_id for e in shop.reveni.journal.entries("refund_paid")))
    queued = [d for d in await shop.documents(ref) if d.kind == "receipt"]
    await shop.closed(ref, seconds=90)
    assert queued[0].created_at < (await shop.documents(ref))[1].updated_at
    assert [entry["warehouse"] for entry in shop.made("RCV", ref)] == ["DM"]


async def test_R54_an_exchange_is_ordered_at_a_window_and_names_its_authorisation(shop: BatchWorld) -> None:
    ref = shop.returned(shop.order(), SHIRT, "2", "30.00", swap=SHIRT_L)
    await shop.until(lambda: len(shop.made("SOH", ref)) == 1)
    [rma], [order] = shop.made("RAH", ref), shop.made("SOH", ref)
    assert (order["ra"], order["order_type"], order["total"]) == (rma["ra"], "EX", "0.00")
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    await shop.inspect(ref, (SHIRT, 1, "A"))
    await shop.closed(ref, seconds=90)
    async with shop.store.reading() as unit:
        [exchange] = await unit.exchanges.for_return(ref)
    assert exchange.state is ExchangeState.ORDERED
    assert shop.made("CMH", ref) == []


async def test_E58_a_cancellation_is_a_document_of_its_own(shop: BatchWorld) -> None:
    ref = shop.returned(shop.order())
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    shop.reveni.cancel(ref.return_id)
    await shop.stage(ref, "CANCELLED", seconds=90)
    assert len(shop.made("RAX", ref)) == 1


async def test_R49_an_instant_refund_waits_for_its_receipt(shop: BatchWorld) -> None:
    """BlueCherry credits nothing before it was received: the note comes after the goods, and only once."""
    ref = shop.returned(shop.order(), mode="instant")
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    assert shop.made("CMH", ref) == []
    await shop.inspect(ref, (COAT, 1, "A"))
    await shop.closed(ref, seconds=90)
    assert [memo["total"] for memo in shop.made("CMH", ref)] == ["220.50"]
    assert await shop.exceptions(ref, None) == []


async def test_R49_E55_a_difference_that_is_paid_before_the_goods_waits_for_their_receipt(shop: BatchWorld) -> None:
    """The replacement is out, its difference is paid, and the old shirt is still to come: nothing to credit yet."""
    ref = shop.returned(shop.order(), SHIRT, "2", "30.00", swap=SHIRT_L, swap_price="24.00", mode="instant")
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    await shop.until(lambda: len(shop.made("SOH", ref)) == 1)
    assert [refund["amount"] for refund in shop.reveni.journal.entries("refund_paid")][-1:] == ["6.0000"]
    await asyncio.sleep(3 * EVERY.total_seconds())
    assert shop.sent("CMH", ref) == [], "BlueCherry would refuse it"
    await shop.inspect(ref, (SHIRT, 1, "A"))
    await shop.closed(ref, seconds=90)
    assert [memo["total"] for memo in shop.made("CMH", ref)] == ["6.00"]
    assert await shop.exceptions(ref, None) == []


@pytest.mark.verify
async def test_R35_R36_no_file_goes_over_before_its_own_window(temporal_server: DevServer, tmp_path: Path) -> None:
    """BlueCherry would take the memo at any of its windows; the connection has credits at every tenth of them."""
    async with house(temporal_server, tmp_path, {"credit": RARE}) as shop:
        ref = shop.returned(shop.order())
        await shop.stage(ref, "AWAITING_GOODS", seconds=90)
        await shop.inspect(ref, (COAT, 1, "A"))
        await shop.closed(ref, seconds=90)
        queued = {document.kind: document.created_at for document in await shop.documents(ref)}
        [memo] = shop.made("CMH", ref)
    own = WindowCalendar.model_validate(RARE).next(queued[DocumentKind.CREDIT])
    assert datetime.fromisoformat(memo["window"]) >= own.opens
