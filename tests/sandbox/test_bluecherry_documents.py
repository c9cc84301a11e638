"""What the BlueCherry sandbox does with each document: effects once, refusals whole, states in order."""

import json
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from sandbox.bluecherry.refusal import Refused
from tests.sandbox.bluecherry_wire import COAT, ID, Wire, adjustment, exchange, memo, ra, receipt, wire

RA = "RA0009121"


@pytest.fixture
async def erp(tmp_path: Path) -> AsyncIterator[Wire]:
    async with wire(tmp_path) as running:
        yield running


def shown(value: str) -> str:
    """The parts of a test's name."""
    return value if len(value) < 5 else value[:3]


def words(line: str) -> tuple[str, str]:
    """Status, and state or error code of an acknowledged document."""
    fields = line.split("|")
    return fields[2], fields[4]


async def test_a_return_goes_from_open_to_credited_and_back(erp: Wire) -> None:
    assert erp.send(ra("rt-1", "2011234", f"1|1|{COAT}||2|180.00|36.00|PF")) == [f"RAH|rt-1|A|{RA}|OPEN|"]
    assert words(erp.send(receipt(RA, "g-1"))[0]) == ("A", "PARTIAL")
    assert words(erp.send(receipt(RA, "g-2", place="QT|B"))[0]) == ("A", "RECEIVED")
    both = memo(RA, "c-1", "360.00|72.00|4.95|10.00|426.95", "1|1|2|180.00|36.00")
    assert erp.send(both) == ["CMH|c-1|A|CM0020116|POSTED|"]
    assert (await erp.get(f"/returns/{RA}"))["status"] == "CREDITED"
    assert erp.send("CMV|v-1|CM0020116|MISTAKE") == ["CMV|v-1|A|CV0000701|VOIDED|"]
    assert words(erp.send("CMV|v-2|CM0020116|MISTAKE")[0]) == ("R", "E208")
    assert (await erp.get(f"/returns/{RA}"))["status"] == "RECEIVED"
    assert words(erp.send(both.replace("c-1", "c-2"))[0]) == ("A", "POSTED")


@pytest.mark.parametrize(
    ("document", "number"),
    [
        (ra("first"), RA),
        (receipt(RA, "first"), "RC0004411"),
        (adjustment(1, "first"), "AJ0000311"),
        (exchange("first", "|first|2011234"), "SO771201"),
        ("RAX|first|RA0009122|NO", "RA0009122"),
        ("SOX|first|SO771201|NO", "SO771201"),
        (memo(RA, "first"), "CM0020116"),
        ("CMV|first|CM0020116|NO", "CV0000701"),
    ],
    ids=lambda text: text[:3],
)
async def test_a_document_sent_again_is_the_same_document(erp: Wire, document: str, number: str) -> None:
    erp.send(ra("first"), ra("second"), receipt(RA, "first"), exchange("first", "|first|2011234"))
    erp.send(memo(RA, "first"))
    erp.send(document)
    before = erp.effects()
    (line,) = erp.send(document)
    fields = line.split("|")
    assert (fields[2], fields[3], fields[5]) == ("D", number, "DUPLICATE EXTREF")
    assert erp.effects() == before


async def test_a_duplicate_answers_the_first_number_and_the_present_state(erp: Wire) -> None:
    erp.send(ra())
    erp.send(receipt(RA))
    assert erp.send(ra()) == [f"RAH|rt-1|D|{RA}|RECEIVED|DUPLICATE EXTREF"]


async def test_a_rejected_document_may_come_again(erp: Wire) -> None:
    erp.erp.refuse_next("rt-1-x", "E211")
    refused = erp.send(ra(), exchange())
    assert [words(line) for line in refused] == [("A", "OPEN"), ("R", "E211")]
    assert words(erp.send(exchange())[0]) == ("A", "ALLOCATED")
    assert len(erp.op("SOH")) == 1


async def test_the_same_reference_is_free_for_another_record_type(erp: Wire) -> None:
    answers = erp.send(ra("rt-1"), receipt(RA, "rt-1"), exchange("rt-1", f"{RA}||2011234"))
    assert [line.split("|")[2] for line in answers] == ["A", "A", "A"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (ra(order="nope"), "E201"),
        (ra(customer="C002"), "E201"),
        (ra(currency="EUR"), "E201"),
        (ra("rt-1", "2011234", f"1|9|{COAT}||1|1.00|0.00|PF"), "E202"),
        (ra("rt-1", "2011235"), "E203"),
        (ra("rt-1", "2011234", f"1|1|{COAT}||3|1.00|0.00|PF"), "E204"),
        (ra("rt-1", "2011234", f"1|1|{COAT}||1|1.00|0.00|PF", f"2|1|{COAT}||2|1.00|0.00|PF"), "E204"),
        (ra("rt-1", "2011234", "1|1|P1001|BLK|-|090||1|1.00|0.00|PF"), "E205"),
        (ra("rt-1", "2011234", f"1|1|{COAT}|wrong|1|1.00|0.00|PF"), "E205"),
        (ra("rt-1", "2011234", "1|2|GIFT|-|-|-||1|1.00|0.00|PF"), "E205"),
        (ra("rt-1", "2011234", "1|5|P9001|OLD|-|-||1|1.00|0.00|PF"), "E205"),
        (ra().replace("|QT|", "|XX|"), "E206"),
        (ra("rt-1", "", f"1||{COAT}||1|1.00|0.00|PF", customer="C9"), "E201"),
        (ra("rt-1", ""), "E202"),
    ],
    ids=shown,
)
async def test_a_refused_RA_leaves_nothing(erp: Wire, document: str, code: str) -> None:
    assert [words(line) for line in erp.send(document)] == [("R", code)]
    assert erp.op("RAH") == []


async def test_R16_an_archived_order_is_returned_without_it(erp: Wire) -> None:
    assert words(erp.send(ra("rt-1", "", f"1||{COAT}||1|50.00|10.00|PF"))[0]) == ("A", "OPEN")
    (entry,) = erp.op("RAH")
    assert (entry["standalone"], entry["order"]) == (True, "")
    erp.send(receipt(RA))
    one = ("rt-1-c", "50.00|10.00|0.00|0.00|60.00", "1|1|1|50.00|10.00")
    assert words(erp.send(memo(RA, *one, head="INV9|C001|20260320|GBP"))[0]) == ("R", "E209")
    assert words(erp.send(memo(RA, *one, head="INV2011235|C001|20260320|GBP"))[0]) == ("A", "POSTED")
    assert erp.op("CMH")[0]["order"] == "2011235"


async def test_parts_of_a_prepack_come_back_as_parts(erp: Wire) -> None:
    assert words(erp.send(ra("rt-1", "2011234", "1|4|P4003|OAK|-|-||2|0.00|0.00|PF"))[0]) == ("A", "OPEN")


async def test_units_on_their_way_back_cannot_be_authorised_again(erp: Wire) -> None:
    both = f"1|1|{COAT}||2|180.00|36.00|PF"
    erp.send(ra("rt-1"))
    assert words(erp.send(ra("rt-2", "2011234", both))[0]) == ("R", "E204")
    erp.send(receipt(RA))
    assert words(erp.send(ra("rt-2", "2011234", both))[0]) == ("R", "E204")
    assert words(erp.send(ra("rt-2"))[0]) == ("A", "OPEN")
    assert words(erp.send("RAX|rt-2|RA0009122|NO")[0]) == ("A", "CANCELLED")
    assert words(erp.send(ra("rt-3"))[0]) == ("A", "OPEN")


async def test_an_RA_is_cancelled_only_while_nothing_came_back(erp: Wire) -> None:
    erp.send(ra())
    assert words(erp.send("RAX|x-1|RA0000001|NO")[0]) == ("R", "E208")
    erp.send(receipt(RA))
    assert words(erp.send(f"RAX|x-1|{RA}|NO")[0]) == ("R", "E208")
    assert erp.op("RAX") == []


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (receipt("RA0000001"), "E208"),
        (receipt(RA, line=2), "E202"),
        (receipt(RA, quantity=2), "E204"),
        (receipt(RA, place="XX|A"), "E206"),
        (receipt(RA, place="|A"), "E206"),
        (receipt(RA, place="01|D"), "E206"),
    ],
    ids=shown,
)
async def test_a_refused_receipt_moves_nothing(erp: Wire, document: str, code: str) -> None:
    erp.send(ra())
    assert words(erp.send(document)[0]) == ("R", code)
    assert (await erp.stock(), erp.op("RCV")) == ((3, 0, 3), [])


async def test_R128_goods_are_in_the_warehouse_and_grade_of_their_receipt(erp: Wire) -> None:
    erp.send(ra("rt-1", "2011234", f"1|1|{COAT}||2|180.00|36.00|PF"))
    erp.send(receipt(RA, "g-1", place="01|C"))
    assert await erp.stock() == (4, 0, 3)
    erp.send(receipt(RA, "g-2", place="|D"))
    assert await erp.stock() == (4, 0, 3)
    assert (await erp.get("/orders/2011234", division="10"))["lines"][0]["qtyReturned"] == 2


async def test_what_is_promised_to_an_order_is_not_adjusted_away(erp: Wire) -> None:
    erp.send(ra(), exchange(quantity=2))
    assert words(erp.send(adjustment(-2))[0]) == ("R", "E207")
    assert words(erp.send(adjustment(-1))[0]) == ("A", "POSTED")
    assert await erp.stock() == (2, 2, 0)


async def test_a_transfer_is_two_adjustments_and_takes_no_more_than_there_is(erp: Wire) -> None:
    pair = (adjustment(-2, f"{ID}-t-1-1", "QT"), adjustment(2, f"{ID}-t-1-2", "01"))
    assert [words(line) for line in erp.send(*pair)] == [("A", "POSTED"), ("A", "POSTED")]
    assert (await erp.stock("01"), await erp.stock("QT")) == ((5, 0, 5), (3, 0, 0))
    assert {entry["key"] for entry in erp.op("ADJ")} == {f"bh-{ID}-t-1"}
    assert words(erp.send(adjustment(-4, "a-1", "QT"))[0]) == ("R", "E207")
    assert words(erp.send(adjustment(1, "a-1", "XX"))[0]) == ("R", "E206")
    assert words(erp.send(adjustment(1, "a-1").replace("BLK", "RED"))[0]) == ("R", "E205")


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (memo("RA0000001"), "E208"),
        (memo(RA, "c", "360.00|72.00|0.00|0.00|432.00", "1|1|2|180.00|36.00"), "E208"),
        (memo(RA, "c", "180.00|36.00|0.00|0.00|216.00", "1|9|1|180.00|36.00"), "E202"),
        (memo(RA, head="INV9|C001|20260320|GBP"), "E209"),
        (memo(RA, head="|C001|20260320|GBP"), "E209"),
        (memo(RA, head="INV2011234|C001|20260320|EUR"), "E209"),
        (memo(RA, head="INV2011234|C002|20260320|GBP"), "E208"),
        (memo(RA, "c", "180.00|36.00|4.95|0.00|220.94"), "E212"),
        (memo(RA, "c", "180.00|36.00|4.95|4.95|220.95"), "E212"),
        (memo(RA, "c", "180.00|36.01|0.00|0.00|216.01"), "E212"),
        (memo(RA, "c", "170.00|46.00|0.00|0.00|216.00"), "E212"),
        (memo(RA, "c", "180.000|36.00|0.00|0.00|216.00"), "E212"),
        (memo(RA, "c", "180.00|36.00|0.00|-4.95|220.95"), "E212"),
    ],
    ids=shown,
)
async def test_a_refused_credit_memo_credits_nothing(erp: Wire, document: str, code: str) -> None:
    erp.send(ra("rt-1", "2011234", f"1|1|{COAT}||2|180.00|36.00|PF"), receipt(RA))
    assert [words(line) for line in erp.send(document)] == [("R", code)]
    assert erp.op("CMH") == []


async def test_no_credit_before_the_goods(erp: Wire) -> None:
    erp.send(ra())
    assert words(erp.send(memo(RA))[0]) == ("R", "E208")
    erp.send(receipt(RA))
    assert words(erp.send(memo(RA))[0]) == ("A", "POSTED")
    assert words(erp.send(memo(RA, "again"))[0]) == ("R", "E208")


async def test_nothing_is_posted_into_a_closed_period(tmp_path: Path) -> None:
    async with wire(tmp_path, closed_until=date(2026, 3, 20)) as erp:
        erp.send(ra())
        assert words(erp.send(receipt(RA))[0]) == ("R", "E210")
        erp.erp.set_period_closed_until(date(2026, 3, 19))
        erp.send(receipt(RA))
        erp.send(memo(RA))
        erp.erp.set_period_closed_until(date(2026, 3, 20))
        assert words(erp.send(memo(RA, "late", "0.00|0.00|1.00|0.00|1.00", "1|1|1|0.00|0.00"))[0]) == ("R", "E210")
        assert words(erp.send("CMV|v-1|CM0020116|NO")[0]) == ("R", "E210")
        erp.erp.set_period_closed_until(None)
        assert words(erp.send("CMV|v-1|CM0020116|NO")[0]) == ("A", "VOIDED")


async def test_money_has_the_decimals_of_its_currency(tmp_path: Path) -> None:
    def order(number: str, currency: str, price: str) -> dict[str, object]:
        lines = [{"sku": "P1001-BLK-080", "price": price, "vat_rate": "0"}]
        return {"number": number, "currency": currency, "lines": lines}

    async with wire(tmp_path, {"orders": [order("1", "KWD", "6.375"), order("2", "JPY", "1100")]}) as erp:
        for number, currency, good, bad in (("1", "KWD", "6.375", "6.37"), ("2", "JPY", "1100.00", "1099.50")):
            rma = f"RA{9120 + int(number):07d}"
            erp.send(ra(number, number, f"1|1|{COAT}||1|{good}|0.00|PF", currency=currency), receipt(rma, number))
            zero = "0.000" if currency == "KWD" else "0.00"
            for amount, status in ((bad, "R"), (good, "A")):
                sums, line = f"{amount}|{zero}|{zero}|{zero}|{amount}", f"1|1|1|{amount}|{zero}"
                document = memo(rma, number, sums, line, head=f"INV{number}|C001|20260320|{currency}")
                assert words(erp.send(document)[0])[0] == status
            assert erp.op("CMH")[-1]["total"] == good
            assert (await erp.get(f"/orders/{number}", division="10"))["total"] == good


async def test_R54_an_exchange_is_linked_to_an_RA_of_the_same_file(erp: Wire) -> None:
    first, second = erp.send(ra(f"{ID}-r-1"), exchange(f"{ID}-x-1", f"|{ID}-r-1|2011234"))
    assert (first.split("|")[3], second) == (RA, f"SOH|{ID}-x-1|A|SO771201|ALLOCATED|")
    assert await erp.stock() == (3, 1, 2)
    (entry,) = erp.op("SOH")
    told = {name: entry[name] for name in ("key", "ra", "original_order", "order_type", "total", "delivery_matches")}
    assert told == {
        "key": f"bh-{ID}-x-1", "ra": RA, "original_order": "2011234", "order_type": "EX", "total": "0.00",
        "delivery_matches": True,
    }  # fmt: skip
    text = json.dumps(erp.erp.journal.entries())
    assert not [word for word in ("Ada", "Byron", "High St", "LS1", "@") if word in text]
    (row,) = await erp.rows("/salesorders", division="10", extRef=f"{ID}-x-1")
    assert row == {
        "orderNo": "SO771201", "extRef": f"{ID}-x-1", "orderType": "EX", "status": "ALLOCATED", "linkedRaNo": RA,
        "total": "0.00",
    }  # fmt: skip


@pytest.mark.parametrize("place", ["Ada Byron|2 High St||Leeds||LS1 1AA|GB|ada@example.com|"])
async def test_R59_the_journal_tells_when_it_goes_elsewhere(erp: Wire, place: str) -> None:
    erp.send(ra(), exchange(place=place))
    assert erp.op("SOH")[0]["delivery_matches"] is False


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (exchange(link="||2011234"), "E208"),
        (exchange(link="|nope|2011234"), "E208"),
        (exchange(link="RA0000001||2011234"), "E208"),
        (exchange(link="RA0000001|rt-1|2011234"), "E208"),
        (exchange(link="|rt-1|2011235"), "E208"),
        (exchange(link="|rt-1|nope"), "E201"),
        (exchange(customer="C009"), "E201"),
        (exchange(customer="C002"), "E201"),
        (exchange(warehouse="XX"), "E206"),
        (exchange(quantity=4), "E207"),
        (exchange(warehouse="QT"), "E207"),
        (exchange(sku="P9001|OLD|-|-"), "E205"),
        (exchange(sku="GIFT|-|-|-"), "E205"),
        (exchange(sums="0.00|12.50"), "E212"),
        (exchange(place="Ada Byron|||Leeds|||GB||"), "E212"),
    ],
    ids=shown,
)
async def test_a_refused_order_takes_nothing(erp: Wire, document: str, code: str) -> None:
    answers = erp.send(ra(), document)
    assert words(answers[1]) == ("R", code), answers
    assert (await erp.stock(), erp.op("SOH")) == ((3, 0, 3), [])


async def test_an_order_is_cancelled_until_it_is_shipped(erp: Wire) -> None:
    erp.send(ra(), exchange("x-1"), exchange("x-2", quantity=2))
    assert words(erp.send("SOX|s-1|SO771201|NO")[0]) == ("A", "CANCELLED")
    assert await erp.stock() == (3, 2, 1)
    assert erp.erp.despatch("SO771202").status == "SHIPPED"
    assert words(erp.send("SOX|s-2|SO771202|NO")[0]) == ("R", "E208")
    assert words(erp.send("SOX|s-3|SO771201|NO")[0]) == ("R", "E208")
    assert await erp.stock() == (1, 0, 1)
    assert [entry["lines"] for entry in erp.op("orderDespatched")] == [[{"sku": "P1001-BLK-080", "quantity": 2}]]


async def test_people_cancel_and_credit_too(erp: Wire) -> None:
    erp.send(ra("rt-1"), ra("rt-2"))
    erp.erp.cancel_return(RA)
    with pytest.raises(Refused, match="E208"):
        erp.erp.post_credit_by_hand("RA0009122", lines=[{"price": "216.00"}])
    erp.send(receipt("RA0009122"))
    number = erp.erp.post_credit_by_hand("RA0009122", lines=[{"price": "216.00"}], charges={"RM24": "4.95", "X": "-1"})
    (entry,) = erp.op("CMH")
    assert (entry["number"], entry["total"], entry["freight"], entry["by_hand"]) == (number, "219.95", "4.95", True)
    assert entry["lines"][0] | {"price": "180.00", "tax": "36.00"} == entry["lines"][0]
    assert (await erp.http.post("/_sandbox/returns/RA0000001/cancel")).status_code == 404
    assert (await erp.http.post(f"/_sandbox/returns/{RA}/cancel")).status_code == 409
