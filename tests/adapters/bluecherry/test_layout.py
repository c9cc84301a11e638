"""R35, R127: the files are what the contract says, letter by letter, and a file that does not add up is not used."""

import pytest

from adapters.bluecherry import layout
from adapters.bluecherry.layout import Unreadable, record
from tests.adapters.bluecherry.samples import ACK, DATA


def test_R127_the_contracts_file_is_read_and_written_again_letter_by_letter() -> None:
    file = layout.read(DATA)
    assert [[row.kind for row in document] for document in file.documents] == [["RAH", "RAD"], ["RCV"], ["SOH", "SOD"]]
    assert layout.write(file.envelope, file.documents) == DATA


def test_separators_and_line_ends_in_texts_become_blanks() -> None:
    row = record("RAX", EXTREF="a-1", RANO="RA1", CANCELREASON="lost|again\r\nsays X\u2028é")
    file = layout.read(layout.write(layout.Envelope(7, "10", "20260320141500", "RETURNS"), [[row]]))
    assert file.documents[0][0]["CANCELREASON"] == "lost again  says X\u2028é"


def test_quantities_count_without_their_sign_in_the_hash_total() -> None:
    out, into = record("ADJ", EXTREF="t-o", QTY="-3"), record("ADJ", EXTREF="t-i", QTY="3")
    data = layout.write(layout.Envelope(7, "10", "20260320141500", "RETURNS"), [[out], [into]])
    assert data.endswith(b"\nTRL|000007|4|2|6\n")


def test_a_name_in_a_record_is_not_shown() -> None:
    assert "Byron" not in repr(record("SOH", NAME="Ada Byron"))


@pytest.mark.parametrize(
    "broken",
    [
        DATA.replace(b"|7|3|3", b"|6|3|3"),
        DATA.replace(b"|7|3|3", b"|7|2|3"),
        DATA.replace(b"|7|3|3", b"|7|3|4"),
        DATA.replace(b"TRL|000042", b"TRL|000043"),
        DATA.replace(b"RAD|rt-10234|", b"RAD|rt-10235|"),
        DATA[: DATA.index(b"TRL")],
        DATA.replace(b"High", b"\xff"),
        DATA.replace(b"|Leeds|", b"|Lee|ds|"),
        b"",
        b"XXX\n",
    ],
)
def test_a_file_that_does_not_add_up_is_unreadable(broken: bytes) -> None:
    with pytest.raises(Unreadable) as refusal:
        layout.read(broken)
    assert "Customer" not in str(refusal.value)


def test_the_contracts_acknowledgement_is_read() -> None:
    ack = layout.read_ack(ACK)
    assert ack is not None
    assert (ack.number, ack.division, ack.time, ack.status) == (42, "10", "20260320141722", "P")
    assert (ack.documents, ack.accepted) == (3, 2)
    assert [line["STATUS"] for line in ack.lines] == ["A", "D", "R"]
    assert layout.read_ack(ACK.replace(b"\n", b"\r\n").rstrip()) == ack


def test_an_acknowledgement_that_lacks_a_line_is_not_whole() -> None:
    assert layout.read_ack(ACK.replace(b"ACK|RCV|rt-10233-r1|D|RC0004410|RECEIVED|DUPLICATE EXTREF\n", b"")) is None


def test_no_prefix_of_an_acknowledgement_is_taken_for_the_whole() -> None:
    whole = layout.read_ack(ACK)
    assert [layout.read_ack(ACK[:end]) for end in range(len(ACK) - 1)] == [None] * (len(ACK) - 1)
    assert layout.read_ack(ACK[:-1]) == whole
