"""Files that are refused, lost, cut, or taken by nobody: each document is made once all the same (N2, R35)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.exceptions import ExceptionCode, ResolutionKind
from runtime.devserver import DevServer
from store.records import DocumentState
from tests.batch.house import COAT, BatchWorld, house
from tests.patience import PATIENCE

#: Several windows go by, each of which opens in turn.
pytestmark = [pytest.mark.verify, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
async def shop(temporal_server: DevServer, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BatchWorld]:
    async with house(temporal_server, tmp_path_factory.mktemp("batch")) as running:
        yield running


async def test_R35_a_passing_refusal_goes_into_the_next_window_by_itself(shop: BatchWorld) -> None:
    ref = shop.returned(shop.order())
    shop.erp.refuse_next(ref.return_id, "E211", times=2)
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    assert len(shop.made("RAH", ref)) == 1
    assert await shop.exceptions(ref, None) == []


async def test_E11_a_refusal_for_good_parks_and_goes_on_after_a_decision(shop: BatchWorld) -> None:
    ref = shop.returned(shop.order())
    shop.erp.refuse_next(ref.return_id, "E204")
    item = await shop.parked(ref, seconds=90)
    assert (item.code, item.payload["vendor_code"]) == (ExceptionCode.VALIDATION_QTY, "E204")
    await shop.resolve(item, ResolutionKind.RETRY)
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    assert len(shop.made("RAH", ref)) == 1


@pytest.mark.verify
async def test_R35_after_three_passing_refusals_a_person_is_asked(shop: BatchWorld) -> None:
    ref = shop.returned(shop.order())
    shop.erp.refuse_next(ref.return_id, "E299", times=4)
    item = await shop.parked(ref, seconds=90)
    assert item.payload["vendor_code"] == "E299"
    await shop.resolve(item, ResolutionKind.RETRY)
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    assert len(shop.made("RAH", ref)) == 1


@pytest.mark.verify
@pytest.mark.parametrize("trouble", ["lose_ack", "cut_ack"])
async def test_N2_E10_E39_a_lost_acknowledgement_makes_no_second_document(shop: BatchWorld, trouble: str) -> None:
    """Looked up where the read API can tell; sent again where it cannot, and then BlueCherry knows the reference."""
    ref = shop.returned(shop.order())
    shop.erp.switch(trouble, ref.return_id, times=3)  # type: ignore[arg-type]
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    await shop.inspect(ref, (COAT, 1, "A"))
    await shop.closed(ref, seconds=90)
    assert [len(shop.made(op, ref)) for op in ("RAH", "RCV", "CMH")] == [1, 1, 1]
    assert [len(shop.sent(op, ref)) for op in ("RAH", "CMH")] == [1, 1], "what can be looked up is not sent again"
    assert await shop.exceptions(ref, None) == []


@pytest.mark.verify
async def test_R35_a_file_that_is_refused_as_a_whole_comes_again_under_a_new_number(shop: BatchWorld) -> None:
    ref = shop.returned(shop.order())
    shop.erp.switch("refuse_file", ref.return_id, "E102")
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    [rma] = shop.made("RAH", ref)
    refused = [entry["batch"] for entry in shop.erp.journal.entries("batch") if entry["status"] == "R"]
    assert refused
    assert rma["batch"] not in refused


@pytest.mark.verify
async def test_E63_a_file_that_nobody_takes_is_one_exception_and_is_not_sent_twice(shop: BatchWorld) -> None:
    ref = shop.returned(shop.order())
    shop.erp.switch("stall", ref.return_id, times=3)
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    assert len(shop.made("RAH", ref)) == 1
    assert (len(shop.sent("RAH", ref)), shop.duplicates("RAH", ref)) == (1, [])
    async with shop.store.reading() as unit:
        trouble = [item for item in await unit.exceptions.list() if "stalled" in item.reason]
    assert len(trouble) == 1
    assert trouble[0].state == "cleared"


@pytest.mark.verify
async def test_R70_an_acknowledgement_of_nonsense_stops_no_window(shop: BatchWorld) -> None:
    """Its documents are looked up, people hear of it, and the next file of the class ends it."""
    ref = shop.returned(shop.order())
    shop.erp.switch("lose_ack", ref.return_id)
    await shop.until(lambda: bool(shop.made("RAH", ref)))
    [file] = shop.sent("RAH", ref)
    nonsense = b"AHD|000001|10|20260320141722|P|1|0\nACK|RAH|x|R||E205|SKU GR\xd6SSE\nATR|000001|1\n"
    (shop.root / "outbound/ack" / file).with_suffix(".ack").write_bytes(nonsense)
    await shop.stage(ref, "AWAITING_GOODS", seconds=90)
    assert len(shop.sent("RAH", ref)) == 1
    await shop.stage(shop.returned(shop.order()), "AWAITING_GOODS", seconds=90)
    async with shop.store.reading() as unit:
        [item] = [item for item in await unit.exceptions.list() if "cannot be used" in item.reason]
    assert (item.code, item.state) == (ExceptionCode.EVENT_INVALID, "cleared")


@pytest.mark.verify
async def test_N2_a_worker_that_dies_between_the_windows_loses_nothing(shop: BatchWorld) -> None:
    refs = [shop.returned(shop.order()) for _ in range(3)]
    async with asyncio.timeout(PATIENCE):
        while not all([await shop.documents(ref) for ref in refs]):
            await asyncio.sleep(0.05)  # each is planned; whether its file is out yet is the accident of the moment
    await shop.stop_worker()
    await shop.start_worker()
    for ref in refs:
        await shop.stage(ref, "AWAITING_GOODS", seconds=90)
        assert len(shop.made("RAH", ref)) == 1
        documents = await shop.documents(ref)
        assert [document.state for document in documents] == [DocumentState.POSTED]
