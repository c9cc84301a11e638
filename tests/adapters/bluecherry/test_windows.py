"""R35, R51, R127: documents wait for their window, go over in one file, and each learns what became of it."""

from pathlib import Path

import pytest

from domain.batches import RecordClass, Taken
from domain.documents import DocumentKind as K
from domain.documents import Posted, Queued, RmaLine, RmaState
from domain.exceptions import ExceptionCode
from domain.outcomes import RetryLater
from tests.adapters.bluecherry.samples import (
    COAT,
    CREDIT_KEY,
    EXCHANGE_KEY,
    GOODS_KEY,
    LONG_COAT,
    OTHER_RETURN,
    QUARANTINE_KEY,
    RETURN,
    RMA_KEY,
    SHIRT,
    TODAY,
    TRANSFER_KEY,
    adjustment,
    credit,
    receipt,
    ref,
    replacement,
    rma,
    transfer,
)
from tests.adapters.bluecherry.shop import Shop, refused, shop

RMA, STOCK, CREDIT = RecordClass.RMA, RecordClass.STOCK, RecordClass.CREDIT


async def test_R35_a_return_from_authorisation_to_credit(bluecherry: Shop) -> None:
    erp = bluecherry.erp
    assert await erp.open_rma(rma()) == Queued()
    assert bluecherry.sandbox.journal.entries() == []

    number = await bluecherry.made(RMA, K.RMA, rma())
    assert await erp.open_rma(rma()) == Posted(number=number, adopted=True)
    assert await erp.read_rma(number) == RmaState(number=number, open=True)

    assert await erp.receive_goods(receipt(number)) == Queued()
    before = await bluecherry.physical(COAT, "10/01")
    await bluecherry.made(STOCK, K.RECEIPT, receipt(number))
    assert await bluecherry.physical(COAT, "10/01") == before + 1
    assert await erp.read_rma(number) == RmaState(number=number, open=False)

    assert await erp.post_credit(credit(number)) == Queued()
    memo = await bluecherry.made(CREDIT, K.CREDIT, credit(number))
    assert await erp.post_credit(credit(number)) == Posted(number=memo, adopted=True, total=21555)
    (entry,) = bluecherry.sandbox.journal.entries("CMH")
    assert (entry["key"], entry["invoice"]) == (CREDIT_KEY, "INV2011234")

    (record,) = (await erp.list_credits(TODAY, TODAY)).records
    assert (record.number, record.key, record.rma_number, record.total) == (memo, CREDIT_KEY, number, 21555)
    assert not record.reversed


async def test_D7_a_batch_is_one_file_however_often_it_is_handed_over(bluecherry: Shop) -> None:
    batch = bluecherry.batch(RMA, (K.RMA, rma()))
    first = await bluecherry.erp.hand_over(batch)
    assert first.file == "BC_10_20260320141500_000001.dat"
    assert await bluecherry.erp.acknowledgement(batch.ref) is None
    assert not await bluecherry.erp.is_picked_up(batch.ref)
    again = first.model_copy(update={"found": True})
    assert await bluecherry.erp.hand_over(batch) == again
    assert bluecherry.files("inbound") == [first.file]

    bluecherry.sandbox.process("operational")
    assert await bluecherry.erp.is_picked_up(batch.ref)
    assert await bluecherry.erp.hand_over(batch) == again
    assert bluecherry.files("inbound") == []
    assert (await bluecherry.acknowledged(batch.ref)).taken[0].key == RMA_KEY
    assert bluecherry.count("RAH") == 1


async def test_D7_a_file_that_was_refused_is_not_handed_over_again(bluecherry: Shop) -> None:
    """E103: its number was used. Nothing of it was processed; a new number takes it."""
    await bluecherry.made(RMA, K.RMA, rma())
    again = bluecherry.batch(RMA, (K.RMA, rma(key=f"{OTHER_RETURN}-r-1")))
    used = again.model_copy(update={"ref": ref(1).model_copy(update={"created_at": ref().created_at.replace(hour=15)})})
    name = (await bluecherry.erp.hand_over(used)).file
    bluecherry.sandbox.process("operational")
    found = await bluecherry.acknowledged(used.ref)
    assert found.file_refused.startswith("E103")
    assert (found.taken, found.refused) == ([], [])
    assert bluecherry.files("inbound/error") == [name]
    assert (await bluecherry.erp.hand_over(used)).file == name
    assert bluecherry.files("inbound") == []
    assert bluecherry.count("RAH") == 1


async def test_E64_a_document_resent_under_a_new_number_is_made_once(bluecherry: Shop) -> None:
    number = await bluecherry.made(RMA, K.RMA, rma())
    found = await bluecherry.run(RMA, (K.RMA, rma()))
    assert found.taken == [Taken(key=RMA_KEY, number=number, adopted=True)]
    lines = receipt(number)
    first = await bluecherry.run(STOCK, (K.RECEIPT, lines))
    assert (await bluecherry.run(STOCK, (K.RECEIPT, lines))).taken[0] == first.taken[0].model_copy(
        update={"adopted": True}
    )
    assert (bluecherry.count("RAH"), bluecherry.count("RCV")) == (1, 1)


async def test_E64_one_transient_refusal_leaves_the_others_alone(bluecherry: Shop) -> None:
    other = rma(
        key=f"{OTHER_RETURN}-r-1",
        lines=[RmaLine(line_no=1, order_line_id="2", sku=SHIRT, quantity=1, unit_value=1638, reason="PF")],
    )
    bluecherry.sandbox.refuse_next(OTHER_RETURN[3:], "E211")
    found = await bluecherry.run(RMA, (K.RMA, rma()), (K.RMA, other))
    assert [taken.key for taken in found.taken] == [RMA_KEY], found
    assert [(r.key, r.vendor_code, r.transient) for r in found.refused] == [(f"{OTHER_RETURN}-r-1", "E211", True)]
    assert [t.key for t in (await bluecherry.run(RMA, (K.RMA, other))).taken] == [f"{OTHER_RETURN}-r-1"]


async def test_R26_stock_moves_by_adjustments_and_transfers(bluecherry: Shop) -> None:
    assert await bluecherry.erp.adjust_stock(adjustment()) == Queued()
    assert await bluecherry.erp.transfer_stock(transfer()) == Queued()
    found = await bluecherry.run(STOCK, (K.ADJUSTMENT, adjustment()), (K.TRANSFER, transfer()))
    assert [taken.key for taken in found.taken] == [QUARANTINE_KEY, TRANSFER_KEY]
    assert await bluecherry.physical(COAT, "10/DM") == 3
    assert await bluecherry.physical(SHIRT, "10/DM") == 1
    assert await bluecherry.physical(COAT, "10/01") == 4
    await bluecherry.run(STOCK, (K.REMOVAL, adjustment(key=f"{RETURN}-q-2", remove=True)))
    assert await bluecherry.physical(COAT, "10/DM") == 1


async def test_R54_an_exchange_order_and_its_end(bluecherry: Shop) -> None:
    erp = bluecherry.erp
    rma_number = await bluecherry.made(RMA, K.RMA, rma())
    ready = replacement(rma_number=rma_number)
    assert await erp.check_replacement(ready) == []
    assert await erp.order_replacement(ready) == Queued()
    assert await erp.find_replacement(EXCHANGE_KEY) is None
    number = await bluecherry.made(RMA, K.EXCHANGE, ready)
    assert await erp.find_replacement(EXCHANGE_KEY) == Posted(number=number, adopted=True)
    assert await erp.order_replacement(ready) == Posted(number=number, adopted=True)
    (entry,) = bluecherry.sandbox.journal.entries("SOH")
    assert entry["delivery_matches"] is True
    assert (entry["original_order"], entry["ra"]) == ("2011234", rma_number)
    assert entry["lines"] == [{"sku": LONG_COAT, "quantity": 1, "price": "0.00"}]


async def test_a_dearer_replacement_shows_what_is_due(bluecherry: Shop) -> None:
    rma_number = await bluecherry.made(RMA, K.RMA, rma())
    await bluecherry.made(RMA, K.EXCHANGE, replacement(rma_number=rma_number, quantity=2, due=2501))
    (entry,) = bluecherry.sandbox.journal.entries("SOH")
    assert entry["total"] == "25.01"


async def test_R126_documents_of_both_classes_are_never_in_one_file(bluecherry: Shop) -> None:
    number = await bluecherry.made(RMA, K.RMA, rma())
    mixed = bluecherry.batch(STOCK, (K.RECEIPT, receipt(number)), (K.CREDIT, credit(number)))
    (refusal,) = (await bluecherry.erp.hand_over(mixed)).refused
    assert (refusal.key, refusal.code) == (CREDIT_KEY, ExceptionCode.CONFIG_INVALID)
    assert "CMH" not in bluecherry.content("inbound")


async def test_R125_a_document_whose_order_is_gone_is_not_in_the_file(bluecherry: Shop) -> None:
    lost = credit("RA1", key="bh-lost-c-1", order_number="gone")
    batch = bluecherry.batch(CREDIT, (K.CREDIT, lost), (K.CREDIT, credit("RA1")))
    handed = await bluecherry.erp.hand_over(batch)
    assert [(r.key, r.code, r.transient) for r in handed.refused] == [
        ("bh-lost-c-1", ExceptionCode.ORDER_NOT_FOUND, False)
    ]
    assert bluecherry.content("inbound").count("CMH|") == 1
    alone = bluecherry.batch(CREDIT, (K.CREDIT, lost))
    assert (await bluecherry.erp.hand_over(alone)).file == ""
    assert len(bluecherry.files("inbound")) == 1


async def test_D7_what_a_file_was_written_without_waits_for_the_next_one(bluecherry: Shop) -> None:
    """The order was not there when the file was written, and its writer ended before it could say so."""
    late = credit("RA1", key="bh-late-c-1", order_number="2019999")
    batch = bluecherry.batch(CREDIT, (K.CREDIT, late), (K.CREDIT, credit("RA1")))
    await bluecherry.erp.hand_over(batch)
    bluecherry.sandbox.add_order("2019999", [{"sku": COAT, "price": "220.50"}], invoice="INV9", status="Invoiced")
    handed = await bluecherry.erp.hand_over(batch)
    assert (handed.found, handed.left_out, handed.refused) == (True, ["bh-late-c-1"], [])
    assert bluecherry.content("inbound").count("CMH|") == 1


async def test_a_file_holds_no_more_than_500_documents(bluecherry: Shop) -> None:
    lines = [transfer().lines[0]] * 9
    documents = [(K.TRANSFER, transfer(key=f"bh-{number}-t-1", lines=lines)) for number in range(29)]
    handed = await bluecherry.erp.hand_over(bluecherry.batch(STOCK, *documents))
    assert (handed.left_out, handed.refused) == (["bh-27-t-1", "bh-28-t-1"], [])
    assert "|486|" in bluecherry.content("inbound").splitlines()[-1]


async def test_a_document_that_no_file_has_room_for_is_refused(bluecherry: Shop) -> None:
    large = receipt(lines=[receipt().lines[0]] * 501)
    handed = await bluecherry.erp.hand_over(bluecherry.batch(STOCK, (K.RECEIPT, large)))
    (refusal,) = handed.refused
    assert (refusal.code, refusal.transient, handed.left_out) == (ExceptionCode.STOCK_REJECTED, False, [])
    assert "501 lines" in refusal.reason
    assert bluecherry.files("inbound") == []


async def test_B_while_a_window_runs_everything_that_reads_is_asked_again_later(bluecherry: Shop) -> None:
    bluecherry.sandbox.open_window()
    for call in (
        bluecherry.erp.open_rma(rma()),
        bluecherry.erp.find_document(K.RMA, RMA_KEY),
        bluecherry.erp.read_order("2011234"),
        bluecherry.erp.hand_over(bluecherry.batch(CREDIT, (K.CREDIT, credit()))),
        bluecherry.erp.probe(),
    ):
        with pytest.raises(RetryLater):
            await call
    assert bluecherry.files("inbound") == []
    bluecherry.sandbox.close_window()
    assert await bluecherry.erp.open_rma(rma()) == Queued()


async def test_E_a_missing_acknowledgement_is_looked_up(bluecherry: Shop) -> None:
    bluecherry.sandbox.switch("lose_ack", times=2)
    batch = bluecherry.batch(RMA, (K.RMA, rma()))
    await bluecherry.erp.hand_over(batch)
    assert await bluecherry.erp.find_document(K.RMA, RMA_KEY) is None
    bluecherry.sandbox.process("operational")
    assert await bluecherry.erp.is_picked_up(batch.ref)
    assert await bluecherry.erp.acknowledgement(batch.ref) is None
    found = await bluecherry.erp.find_document(K.RMA, RMA_KEY)
    assert found is not None
    assert found.adopted
    bluecherry.sandbox.reissue_acks()
    assert (await bluecherry.acknowledged(batch.ref)).taken[0].number == found.number


async def test_A_a_cut_acknowledgement_is_not_there_yet(bluecherry: Shop) -> None:
    bluecherry.sandbox.switch("cut_ack")
    batch = bluecherry.batch(RMA, (K.RMA, rma()))
    await bluecherry.erp.hand_over(batch)
    bluecherry.sandbox.process("operational")
    assert await bluecherry.erp.acknowledgement(batch.ref) is None
    bluecherry.sandbox.reissue_acks()
    assert (await bluecherry.acknowledged(batch.ref)).taken[0].key == RMA_KEY


async def test_A_a_stalled_file_is_seen(bluecherry: Shop) -> None:
    bluecherry.sandbox.switch("stall")
    batch = bluecherry.batch(RMA, (K.RMA, rma()))
    await bluecherry.erp.hand_over(batch)
    bluecherry.sandbox.process("operational")
    assert not await bluecherry.erp.is_picked_up(batch.ref)


async def test_what_the_read_api_does_not_show_is_not_guessed(bluecherry: Shop) -> None:
    for kind in (K.RECEIPT, K.ADJUSTMENT, K.REMOVAL, K.TRANSFER):
        with pytest.raises(RetryLater):
            await bluecherry.erp.find_document(kind, GOODS_KEY)


async def test_refusals_of_the_window_say_what_the_erp_said(bluecherry: Shop) -> None:
    number = await bluecherry.made(RMA, K.RMA, rma())
    found = await bluecherry.run(CREDIT, (K.CREDIT, credit(number)))
    assert [(r.key, r.code, r.vendor_code) for r in found.refused] == [
        (CREDIT_KEY, ExceptionCode.CREDIT_REJECTED, "E208")
    ]
    await bluecherry.made(STOCK, K.RECEIPT, receipt(number))
    bluecherry.sandbox.set_period_closed_until(TODAY)
    found = await bluecherry.run(CREDIT, (K.CREDIT, credit(number)))
    assert found.refused[0].code is ExceptionCode.PERIOD_CLOSED
    assert not found.refused[0].transient


async def test_times_are_those_of_the_erp(tmp_path: Path) -> None:
    async with shop(tmp_path, time_zone="Europe/Madrid") as madrid:
        handed = await madrid.erp.hand_over(madrid.batch(RMA, (K.RMA, rma())))
        assert handed.file == "BC_10_20260320151500_000001.dat"


async def test_a_drop_that_is_gone_is_asked_again_later(bluecherry: Shop) -> None:
    (bluecherry.root / "inbound/archive").rename(bluecherry.root / "away")
    (bluecherry.root / "inbound/error").rename(bluecherry.root / "away2")
    (bluecherry.root / "inbound").rename(bluecherry.root / "away3")
    with pytest.raises(RetryLater):
        await bluecherry.erp.probe()
    with pytest.raises(RetryLater):
        await bluecherry.erp.hand_over(bluecherry.batch(RMA, (K.RMA, rma())))


async def test_nothing_of_the_customer_is_said_in_refusals(bluecherry: Shop) -> None:
    rma_number = await bluecherry.made(RMA, K.RMA, rma())
    bluecherry.sandbox.refuse_next("x-1", "E201")
    found = await bluecherry.run(RMA, (K.EXCHANGE, replacement(rma_number=rma_number)))
    assert "Byron" in "".join(path.read_text() for path in (bluecherry.root / "inbound/archive").iterdir())
    for word in ("Ada", "Byron", "High St", "example.com"):
        assert word not in found.model_dump_json()
    assert (await refused(bluecherry.erp.read_order("nobody"))).code is ExceptionCode.ORDER_NOT_FOUND
