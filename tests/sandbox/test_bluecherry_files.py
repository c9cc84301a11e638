"""The drop directories of the BlueCherry sandbox: what is picked up, refused whole, acknowledged and moved."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.sandbox.bluecherry_wire import NOW, Wire, adjustment, memo, name_of, ra, receipt, whole, wire

EXAMPLE = """HDR|BC|1.0|000042|10|20260320141500|RETURNS
RAH|rt-10234|SO771200|C100234|20260320|USD|QT|PF|1|220.50|
RAD|rt-10234|1|3|STY1001|BLK|M|080|0123456789012|1|220.50|0.00|PF
RCV|rt-10233-r1|RA0009121|1|1|01|A|20260320
SOH|rt-10234-ex|EX|C100234|20260320|USD|01|UPSG||rt-10234|SO771200|A Customer|1 High St||Leeds||LS1 1AA|GB|a@example.com||0.00|0.00
SOD|rt-10234-ex|1|STY1001|BLK|M|085|0123456789029|1|0.00|245.00
TRL|000042|7|3|3
"""  # noqa: E501 - as in the contract, but for the RA's number and the return warehouse


@pytest.fixture
async def erp(tmp_path: Path) -> AsyncIterator[Wire]:
    async with wire(tmp_path) as running:
        yield running


async def test_the_example_of_the_contract_is_read_and_acknowledged(tmp_path: Path) -> None:
    sold = {"price": "220.50", "vat_rate": "0"}
    other = [{"sku": f"X{number}", **sold} for number in (1, 2)]
    items = [
        {"sku": "STY1001-BLK-080-M", "barcode": "0123456789012"},
        {"sku": "STY1001-BLK-085-M", "barcode": "0123456789029"},
    ]
    lines = [*other, {"sku": "STY1001-BLK-080-M", **sold}]
    order = {"number": "SO771200", "customer": "C100234", "currency": "USD", "lines": lines}
    async with wire(tmp_path, {"items": items, "orders": [order]}) as erp:
        before = whole(
            "000041", ra("rt-10233", "SO771200", "1|1|X1|-|-|-||1|1.00|0.00|PF", customer="C100234", currency="USD")
        )
        erp.drop(before, "000041")
        erp.drop(EXAMPLE, "000042")
        assert [(done.batch, done.status) for done in erp.run()] == [("000041", "A"), ("000042", "P")]
        assert erp.ack("000042") == [
            "AHD|000042|10|20260320141500|P|3|2",
            "ACK|RAH|rt-10234|A|RA0009122|OPEN|",
            "ACK|RCV|rt-10233-r1|A|RC0004411|RECEIVED|",
            "ACK|SOH|rt-10234-ex|R||E207|INSUFFICIENT STOCK STY1001/BLK/M/085",
            "ATR|000042|3",
        ]


async def test_a_processed_file_is_archived_and_a_bad_one_is_set_aside(erp: Wire) -> None:
    erp.drop(whole("000042", ra()), "000042")
    erp.drop(whole("000043", ra("rt-2", "2011236", customer="C002"))[:-3], "000043")
    erp.run()
    assert erp.files("inbound") == []
    assert erp.files("inbound/archive") == [name_of("000042")]
    assert erp.files("inbound/error") == [name_of("000043")]
    assert erp.ack("000042")[0].split("|")[4:] == ["A", "1", "1"]
    assert erp.ack("000043")[:2] == [
        "AHD|000043|10|20260320141500|R|0|0",
        "ACK|HDR|000043|R||E102|TRAILER MISMATCH, COUNTED TRL 000043 4 1 1",
    ]
    assert erp.ack("000043")[2] == "ATR|000043|1"
    assert [(row["batch"], row["status"], row["refused"]) for row in erp.op("batch")] == [
        ("000042", "A", ""),
        ("000043", "R", "E102"),
    ]
    assert len(erp.op("RAH")) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("|1|1|P1001", "|1|one|P1001"), "E101"),
        (("RAD|rt-1|", "RAD|rt-2|"), "E101"),
        (("RAH|rt-1|", "RAH|rt_1|"), "E101"),
        (("|180.00|36.00|PF", "|180.00|36.00|PF|more"), "E101"),
        (("|180.00|", "|180|"), "E101"),
        (("|20260320|GBP", "|20261320|GBP"), "E101"),
        (("RETURNS\n", "RETURNS\nXXX|rt-1\n"), "E101"),
        (("HDR|BC|1.0", "HDR|BC|2.0"), "E101"),
        (("|000042|10|2026", "|000049|10|2026"), "E101"),
        (("|QT|PF|1|", "|QT|PF|2|"), "E101"),
        (("TRL|000042|4|1|1", "TRL|000042|5|1|1"), "E102"),
        (("TRL|000042|4|1|1", "TRL|000042|4|2|1"), "E102"),
        (("TRL|000042|4|1|1", "TRL|000042|4|1|2"), "E102"),
        (("TRL|000042|4|1|1", "TRL|000041|4|1|1"), "E102"),
        (("TRL|000042|4|1|1\n", ""), "E102"),
    ],
)
async def test_a_bad_file_is_refused_whole(erp: Wire, change: tuple[str, str], code: str) -> None:
    text = whole("000042", ra())
    assert change[0] in text
    erp.drop(text.replace(*change), "000042")
    (done,) = erp.run()
    assert (done.status, done.refused) == ("R", code)
    assert erp.ack("000042")[1].startswith(f"ACK|HDR|000042|R||{code}|")
    assert erp.op("RAH") == []
    assert erp.files("inbound/error") == [name_of("000042")]


async def test_a_file_of_an_unknown_division_is_refused(erp: Wire) -> None:
    erp.drop(whole("000042", ra(), division="20"), "000042", name_of("000042", "20"))
    assert erp.run()[0].refused == "E104"


async def test_a_file_with_records_of_both_classes_is_refused(erp: Wire) -> None:
    erp.drop(whole("000042", ra(), memo("RA0009121")), "000042")
    assert erp.run()[0].refused == "E101"


@pytest.mark.parametrize(("documents", "refused"), [(500, ""), (501, "E101")])
async def test_a_file_holds_at_most_500_documents(erp: Wire, documents: int, refused: str) -> None:
    erp.drop(whole("000042", *(adjustment(1, f"a-{number}") for number in range(documents))), "000042")
    assert erp.run()[0].refused == refused


async def test_a_batch_number_is_used_once_whatever_became_of_it(erp: Wire) -> None:
    for number, text in (("000042", whole("000042", ra())), ("000043", "nonsense")):
        erp.drop(text, number)
        erp.run()
        again = name_of(number).replace("141500", "151500")
        erp.drop(whole(number, ra("rt-2", "2011236", customer="C002")), number, again)
        assert erp.run()[0].refused == "E103"
    assert len(erp.op("RAH")) == 1


async def test_temporary_and_other_files_are_never_looked_at(erp: Wire) -> None:
    for name in ("BC_10_20260320141500_000042.tmp", "notes.txt"):
        (erp.erp.root / "inbound" / name).write_text(whole("000042", ra()))
    assert erp.run() == []
    assert len(erp.files("inbound")) == 2


async def test_each_class_of_record_has_its_own_window_and_files_go_in_name_order(erp: Wire) -> None:
    erp.drop(whole("000045", receipt("RA0009121")), "000045")
    erp.drop(whole("000044", ra()), "000044")
    erp.drop(whole("000043", memo("RA0009121")), "000043")
    assert [done.batch for done in erp.run("operational")] == ["000044", "000045"]
    assert erp.files("inbound") == [name_of("000043")]
    assert erp.ack("000045")[1] == "ACK|RCV|rt-1-g|A|RC0004411|RECEIVED|"
    assert [done.status for done in erp.run("financial")] == ["A"]
    assert [row["record_class"] for row in erp.op("batch")] == ["operational", "operational", "financial"]


async def test_texts_may_hold_what_unicode_calls_line_breaks(erp: Wire) -> None:
    assert erp.send(ra().replace("|216.00|", "|216.00|Zoë\u2028Müller\x85"))[0].startswith("RAH|rt-1|A|")


async def test_an_acknowledgement_can_be_lost_or_cut_and_is_written_again_on_request(erp: Wire) -> None:
    erp.erp.switch("lose_ack", "rt-1")
    erp.erp.switch("cut_ack", "000043")
    erp.drop(whole("000042", ra()), "000042")
    erp.drop(whole("000043", ra("rt-2", "2011236", customer="C002")), "000043")
    erp.run()
    assert erp.files("outbound/ack") == ["BC_10_20260320141500_000043.ack"]
    assert not any(line.startswith("ATR") for line in erp.ack("000043"))
    assert len(erp.op("RAH")) == 2
    assert len(erp.erp.reissue_acks()) == 2
    assert [erp.ack(number)[-1] for number in ("000042", "000043")] == ["ATR|000042|1", "ATR|000043|1"]
    assert erp.files("outbound/ack") == [Path(name_of(n)).stem + ".ack" for n in ("000042", "000043")]


async def test_an_acknowledgement_comes_after_its_delay(tmp_path: Path) -> None:
    now = [NOW]
    async with wire(tmp_path, ack_delay=timedelta(minutes=2), clock=lambda: now[0]) as erp:
        erp.drop(whole("000042", ra()), "000042")
        erp.run()
        assert (erp.files("inbound/archive"), erp.files("outbound/ack")) == ([name_of("000042")], [])
        now[0] += timedelta(minutes=2)
        for _ in range(100):
            if erp.files("outbound/ack"):
                break
            await asyncio.sleep(0.05)
        assert erp.ack("000042")[-1] == "ATR|000042|1"


async def test_a_stalled_file_lies_there_until_a_later_window(erp: Wire) -> None:
    erp.erp.switch("stall", "rt-1", times=2)
    erp.drop(whole("000042", ra()), "000042")
    assert [erp.run(), erp.run()] == [[], []]
    assert erp.files("inbound") == [name_of("000042")]
    assert [done.status for done in erp.run()] == ["A"]


async def test_a_file_can_be_refused_on_purpose_and_goes_through_under_a_new_number(erp: Wire) -> None:
    erp.erp.switch("refuse_file", "rt-1", code="E102")
    assert erp.send(ra()) == ["HDR|000042|R||E102|TRAILER MISMATCH"]
    assert erp.send(ra())[0].startswith("RAH|rt-1|A|")


async def test_windows_and_switches_are_there_over_http(erp: Wire) -> None:
    switch = {"kind": "refuse", "part": "rt-1", "code": "E299"}
    assert (await erp.http.post("/_sandbox/switches", json=switch)).status_code == 201
    assert (await erp.http.get("/_sandbox/switches")).json() == [{**switch, "times": 1, "left": 1}]
    erp.drop(whole("000042", ra()), "000042")
    answer = await erp.http.post("/_sandbox/windows/operational")
    assert [(row["status"], row["accepted"]) for row in answer.json()["files"]] == [("P", 0)]
    assert erp.ack("000042")[1] == "ACK|RAH|rt-1|R||E299|INTERNAL ERROR"
    assert (await erp.http.delete("/_sandbox/switches")).status_code == 204
    assert (await erp.http.post("/_sandbox/windows/weekly")).status_code == 422
    assert (await erp.http.post("/_sandbox/windows/close")).status_code == 422
    state = (await erp.http.get("/_sandbox/state")).json()
    assert (state["window_open"], state["files"]["waiting"]) == (False, [])
