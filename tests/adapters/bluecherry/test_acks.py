"""R35: what became of each document of a batch, as the acknowledgement says it."""

from datetime import UTC, datetime

import pytest

from adapters.bluecherry import acks
from domain.batches import Acknowledgement, Refusal, Taken
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from tests.adapters.bluecherry.samples import ACK, ref, settings


def ack(*lines: str, status: str = "P", batch: int = 42) -> bytes:
    accepted = sum(line.split("|")[3] in "AD" for line in lines)
    head = f"AHD|{batch:06d}|10|20260320141722|{status}|{len(lines)}|{accepted}"
    return ("\n".join([head, *lines, f"ATR|{batch:06d}|{len(lines)}"]) + "\n").encode()


def read(data: bytes) -> Acknowledgement:
    found = acks.read(data, ref(), settings())
    assert found is not None
    return found


def test_R35_the_contracts_acknowledgement() -> None:
    found = read(ACK)
    assert found.acknowledged_at == datetime(2026, 3, 20, 14, 17, 22, tzinfo=UTC)
    assert found.taken == [
        Taken(key="bh-rt-10234", number="RA0009121"),
        Taken(key="bh-rt-10233", number="RC0004410", adopted=True),
    ]
    assert found.refused == [
        Refusal(
            key="bh-rt-10234-ex",
            code=ExceptionCode.EXCHANGE_OOS,
            vendor_code="E207",
            reason="BlueCherry SOH: E207 insufficient stock STY1001/BLK/M/085",
        )
    ]
    assert found.file_refused == ""


def test_its_time_is_in_the_time_zone_of_the_erp() -> None:
    found = acks.read(ACK, ref(), settings(time_zone="America/New_York"))
    assert found is not None
    assert found.acknowledged_at == datetime(2026, 3, 20, 18, 17, 22, tzinfo=UTC)


def test_a_document_of_several_parts_is_taken_when_all_are() -> None:
    found = read(ack("ACK|RCV|g-1-1|D|RC1|RECEIVED|", "ACK|RCV|g-1-2|A|RC2|RECEIVED|", status="A"))
    assert found.taken == [Taken(key="bh-g-1", number="RC1")]


def test_a_transfer_with_one_side_refused_is_refused_and_says_what_was_booked() -> None:
    (refusal,) = read(ack("ACK|ADJ|t-1-o|R||E207|INSUFFICIENT STOCK", "ACK|ADJ|t-1-i|A|AD7|POSTED|")).refused
    assert (refusal.key, refusal.code, refusal.vendor_code) == ("bh-t-1", ExceptionCode.STOCK_REJECTED, "E207")
    assert refusal.reason == "BlueCherry ADJ: E207 INSUFFICIENT STOCK; of its 2 parts AD7 was booked"


@pytest.mark.parametrize("code", ["E211", "E299"])
def test_E64_a_transient_refusal_may_go_into_the_next_window(code: str) -> None:
    (refusal,) = read(ack(f"ACK|CMH|c-1|R||{code}|LOCKED")).refused
    assert refusal.transient
    assert refusal.code is ExceptionCode.CREDIT_REJECTED


def test_a_part_refused_for_good_outweighs_a_transient_one() -> None:
    (refusal,) = read(ack("ACK|RCV|g-1-1|R||E211|LOCKED", "ACK|RCV|g-1-2|R||E208|WRONG STATE")).refused
    assert not refusal.transient
    assert refusal.code is ExceptionCode.RMA_CLOSED_IN_ERP


@pytest.mark.parametrize(
    ("kind", "code", "ours"),
    [
        ("RAH", "E201", ExceptionCode.ORDER_NOT_FOUND),
        ("RAH", "E203", ExceptionCode.ORDER_LOCKED),
        ("RAH", "E204", ExceptionCode.VALIDATION_QTY),
        ("RAH", "E205", ExceptionCode.SKU_NOT_IN_MASTER),
        ("RAX", "E208", ExceptionCode.RMA_REJECTED),
        ("ADJ", "E205", ExceptionCode.STOCK_REJECTED),
        ("CMH", "E208", ExceptionCode.CREDIT_REJECTED),
        ("CMH", "E210", ExceptionCode.PERIOD_CLOSED),
        ("CMV", "E210", ExceptionCode.PERIOD_CLOSED),
        ("SOX", "E208", ExceptionCode.EXCHANGE_EXPOSURE),
        ("SOH", "E999", ExceptionCode.EXCHANGE_DATA),
    ],
)
def test_what_a_code_means_depends_on_the_document(kind: str, code: str, ours: ExceptionCode) -> None:
    part = "-1" if kind in ("RCV", "ADJ") else ""
    (refusal,) = read(ack(f"ACK|{kind}|x{part}|R||{code}|WORDS")).refused
    assert (refusal.key, refusal.code) == ("bh-x", ours)


def test_a_refused_file_names_its_reason() -> None:
    found = read(ack("ACK|HDR|000042|R||E102|TRAILER MISMATCH", status="R"))
    assert (found.file_refused, found.taken, found.refused) == ("E102 TRAILER MISMATCH", [], [])


def test_words_about_a_replacement_order_are_not_quoted() -> None:
    (refusal,) = read(ack("ACK|SOH|x-1|R||E201|NO SUCH PLACE 1 High St for ada@example.com")).refused
    assert refusal.reason == "BlueCherry SOH: E201 order not found"


def test_an_acknowledgement_whose_counts_disagree_is_not_there_yet() -> None:
    for wrong in (
        ACK.replace(b"|P|3|2", b"|P|3|3"),
        ACK.replace(b"|P|3|2", b"|P|4|2"),
        ACK.replace(b"|P|", b"|A|"),
        ACK.replace(b"ATR|000042|3", b""),
    ):
        assert acks.read(wrong, ref(), settings()) is None


@pytest.mark.parametrize(
    "nonsense",
    [
        ack("ACK|RAH|a|A|RA1|OPEN|", status="A", batch=43),
        ACK.replace(b"|10|", b"|20|"),
        ack("ACK|RAH|a|A||OPEN|", status="A"),
        ack("ACK|RAH|a|A|RA1|OPEN|", "ACK|RAH|a|A|RA2|OPEN|", status="A"),
        ack("ACK|XXX|a|A|RA1|OPEN|", status="A"),
        ack("ACK|RAH|a|A|RA1|OPEN|", status="A").replace(b"20260320141722", b"20269920141722"),
        ack("ACK|RAH|a|R||E102|NO", status="R"),
        ack("ACK|RAH|a|A|RA1|OPEN|", status="A").replace(b"20260320141722", b"00010101000000"),
        ack("ACK|RAH|a|R||E205|SKU GR\xd6SSE").replace(b"\xc3\x96", b"\xd6"),
        ack("ACK|RAH|a|R||E205|SKU A|B"),
    ],
)
def test_a_whole_acknowledgement_that_makes_no_sense_is_raised(nonsense: bytes) -> None:
    with pytest.raises(Rejected) as refusal:
        acks.read(nonsense, ref(), settings(time_zone="Asia/Tokyo"))
    assert refusal.value.code is ExceptionCode.EVENT_INVALID
