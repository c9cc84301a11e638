"""Units as lines, findings and wishes; and what is left to be told of an inspection."""

from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.returngo.contract import WireDecision, WireReturn
from adapters.returngo.inspection import missing_entries
from adapters.returngo.mapping import read_wire
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.returns import LineDecision
from tests.adapters.returngo.bodies import item, mapped, rma, wanted

KEPT: dict[str, Any] = {"returnMethod": {"type": "No shipment required", "name": "Keep it"}}


def totals(accepted: int, rejected: int = 0, unsellable: int = 0, reason: str = "damaged") -> LineDecision:
    return LineDecision(
        line_id="1/TS",
        order_line_id="1",
        sku="TS",
        accepted=accepted,
        rejected=rejected,
        unsellable=unsellable,
        reject_reason=reason if rejected else "",
    )


def missing(decision: LineDecision, *items: dict[str, Any]) -> list[WireDecision]:
    return missing_entries(read_wire(WireReturn, rma(*items), "return"), [decision])


def short(entries: list[WireDecision]) -> list[str]:
    words = {(True, True): "good", (True, False): "worn", (False, False): "gone"}
    return [f"{entry.returnedItemId} {words[entry.isReturned, entry.isRestockable]}" for entry in entries]


# --- lines -------------------------------------------------------------------------------------------------


def test_units_become_lines_with_quantities() -> None:
    ret = mapped(rma(item("3"), item("1"), item("2", line="2"), item("4", sku="TS-X")))
    assert [(line.line_id, line.quantity, line.item_ids) for line in ret.lines] == [
        ("1/TS", 2, ["1", "3"]),
        ("2/TS", 1, ["2"]),
        ("1/TS-X", 1, ["4"]),
    ]


def test_a_line_is_the_same_whatever_order_its_units_are_listed_in() -> None:
    items = [
        item("9", found="good", **wanted()),
        item("10", found="worn"),
        item("11", returnReason=""),
        item("12", found="gone"),
    ]
    seen = {mapped(rma(*order)).lines[0].model_dump_json() for order in permutations(items)}
    assert len(seen) == 1
    [line] = mapped(rma(*reversed(items))).lines
    assert (line.item_ids, line.accepted, line.rejected) == (["9", "10", "11", "12"], 2, 1)
    assert (line.exchange, line.reason) == (True, "Does not fit")


def test_the_reason_is_the_merchants_word_without_the_sub_reason() -> None:
    """It is a key of the mappings; the sub-reason may be anything, also what a customer wrote."""
    [line] = mapped(rma(item("1", returnReason=" Does not fit ", extendedReason=" > call me on 600 123 456"))).lines
    assert line.reason == "Does not fit"


def test_U31_an_item_that_the_customer_keeps() -> None:
    ret = mapped(rma(item("1", **KEPT), item("2", line="2")))
    assert [line.keep for line in ret.lines] == [True, False]


def test_a_line_of_which_only_some_units_are_kept_is_refused() -> None:
    with pytest.raises(Rejected, match=r"items.1.returnMethod differs"):
        mapped(rma(item("1", **KEPT), item("2")))


# --- findings ----------------------------------------------------------------------------------------------


def test_not_inspected_is_not_the_same_as_not_returned() -> None:
    ret = mapped(rma(item("1"), item("2", found="gone")))
    assert (ret.lines[0].accepted, ret.lines[0].rejected) == (0, 1)
    assert [(units.disposition, units.reason, units.item_ids) for units in ret.graded] == [
        ("not_returned", "empty box", ["2"])
    ]


def test_R24_one_entry_per_finding_place_and_reason() -> None:
    def found(item_id: str, word: str, **more: object) -> dict[str, Any]:
        unit = item(item_id, found=word)
        unit["itemValidationStatusResponse"] |= more
        return unit

    later = "2026-02-09T11:00:00+00:00"
    items = [
        found("1", "good"),
        found("2", "good", lastValidationDate=later),
        found("3", "good", storeLocationId=None),
        found("4", "worn"),
        found("5", "worn", nonRestockableReason="torn  apart"),
        found("6", "worn", isRestockable=None, nonRestockableReason="odd smell"),
        found("7", "gone"),
        item("8"),
    ]
    ret = mapped(rma(*items))
    assert [(g.disposition, g.location, g.reason, g.quantity, g.item_ids) for g in ret.graded] == [
        ("restockable", "LDN-1", "", 2, ["1", "2"]),
        ("restockable", "", "", 1, ["3"]),
        ("not_restockable", "LDN-1", "stain", 1, ["4"]),
        ("not_restockable", "LDN-1", "torn apart", 1, ["5"]),
        ("", "LDN-1", "odd smell", 1, ["6"]),
        ("not_returned", "LDN-1", "empty box", 1, ["7"]),
    ]
    assert {(g.line_id, g.order_line_id, g.sku) for g in ret.graded} == {("1/TS", "1", "TS")}
    assert ret.graded[0].graded_at and ret.graded[0].graded_at.isoformat() == later
    assert ret.lines[0].accepted == 6


def test_a_second_look_at_an_item_is_seen_as_a_change() -> None:
    before, after = (mapped(rma(item("1", found=found))) for found in ("good", "worn"))
    assert (before.graded[0].disposition, after.graded[0].disposition) == ("restockable", "not_restockable")


def test_a_reason_is_short() -> None:
    unit = item("1", found="gone")
    unit["itemValidationStatusResponse"]["nonReturnedReason"] = "long " * 300
    assert len(mapped(rma(unit)).graded[0].reason) == 200


# --- wishes ------------------------------------------------------------------------------------------------


def test_a_wish_per_line_and_new_sku() -> None:
    items = [
        item("1", **wanted("TS-L", 30)),
        item("2", **wanted("TS-L", "30.00")),
        item("3", **wanted("TS-XL", 35, quantity=2)),
        item("4"),
        item("5", line="2", **wanted("TS-L", 31)),
    ]
    ret = mapped(rma(*items))
    assert [(w.exchange_id, w.quantity, w.replacement_quantity, w.price_text) for w in ret.exchanges] == [
        ("1/TS>TS-L", 2, 2, "30"),
        ("1/TS>TS-XL", 1, 2, "35"),
        ("2/TS>TS-L", 1, 1, "31"),
    ]
    assert [line.exchange for line in ret.lines] == [True, True]


def test_new_items_of_a_refund_are_not_wished_for() -> None:
    assert mapped(rma(item("1", **wanted() | {"resolutionType": "StoreCredit"}))).exchanges == []


def test_two_new_items_for_one_unit_are_refused() -> None:
    both = wanted("A")["exchangeItems"] + wanted("B")["exchangeItems"]
    with pytest.raises(Rejected, match="names 2 new items for one"):
        mapped(rma(item("1", resolutionType="ProductExchange", exchangeItems=both)))


def test_a_wish_with_two_prices_is_refused() -> None:
    with pytest.raises(Rejected, match="differs from unit to unit"):
        mapped(rma(item("1", **wanted(price=30)), item("2", **wanted(price=31))))


# --- inspections -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "sent"),
    [
        (totals(3), ["1 good", "2 good", "3 good"]),
        (totals(1), ["1 good"]),
        (totals(2, 1), ["1 good", "2 good", "3 gone"]),
        (totals(0, 2), ["2 gone", "3 gone"]),
        (totals(3, unsellable=2), ["1 worn", "2 worn", "3 good"]),
        (totals(0), []),
    ],
)
def test_all_units_open(decision: LineDecision, sent: list[str]) -> None:
    assert short(missing(decision, item("2"), item("3"), item("1"))) == sent


@pytest.mark.parametrize(
    ("decision", "sent"),
    [
        (totals(1, 1), []),
        (totals(2, 1), ["3 good"]),
        (totals(2, 1, unsellable=1), ["3 good"]),
        (totals(3, 1, unsellable=2), ["3 worn", "4 good"]),
        (totals(1, 3), ["3 gone", "4 gone"]),
    ],
)
def test_what_is_validated_is_kept_and_only_the_rest_is_sent(decision: LineDecision, sent: list[str]) -> None:
    assert short(missing(decision, item("1", found="worn"), item("2", found="gone"), item("3"), item("4"))) == sent


def test_E57_exchanges_are_accepted_first_and_refunds_rejected_first() -> None:
    items = [item("1"), item("2", **wanted("B")), item("3", **wanted("A")), item("4", **wanted("B"))]
    assert short(missing(totals(2), *items)) == ["2 good", "4 good"]
    assert short(missing(totals(3, 1), *items)) == ["2 good", "4 good", "3 good", "1 gone"]


def test_what_an_entry_says() -> None:
    good, worn, gone, unexplained = [
        entry.model_dump()
        for decision in (
            totals(1),
            totals(1, unsellable=1),
            totals(0, 1, reason=" wrong item "),
            totals(0, 1, reason=" "),
        )
        for entry in missing(decision, item("1"))
    ]
    assert good == {
        "returnedItemId": "1",
        "isReturned": True,
        "isRestockable": True,
        "nonReturnedReason": None,
        "nonRestockableReason": None,
        "storeLocationId": None,
    }
    assert (worn["isReturned"], worn["isRestockable"], worn["nonRestockableReason"]) == (
        True,
        False,
        "cannot be sold again",
    )
    assert (gone["isReturned"], gone["isRestockable"], gone["nonReturnedReason"]) == (False, False, "wrong item")
    assert unexplained["nonReturnedReason"] == "not accepted"


@pytest.mark.parametrize("decision", [totals(0), totals(1), totals(1, 2), totals(2, 1), totals(0, 1)])
def test_the_platform_decided_otherwise(decision: LineDecision) -> None:
    with pytest.raises(Rejected) as refused:
        missing(decision, item("1", found="good"), item("2", found="good"))
    assert refused.value.code is ExceptionCode.STATUS_DRIFT
    assert "ReturnGO 2 accepted, 0 rejected of 2; we" in str(refused.value)


def test_a_line_that_the_platform_does_not_have() -> None:
    with pytest.raises(Rejected, match="line 1/TS: ReturnGO does not have it"):
        missing(totals(1), item("1", line="2"))


def test_U31_a_kept_line_takes_no_inspection() -> None:
    assert missing(totals(0, 2), item("1", **KEPT), item("2", **KEPT)) == []


def test_two_decisions_for_one_line_are_a_mistake_of_ours() -> None:
    wire = read_wire(WireReturn, rma(item("1"), item("2")), "return")
    with pytest.raises(ValueError, match="one decision"):
        missing_entries(wire, [totals(1), totals(2)])


FOUND = ["", "good", "worn", "gone"]


@given(st.lists(st.sampled_from(FOUND), min_size=1, max_size=8), st.data())
def test_what_is_sent_brings_any_line_to_any_totals_that_it_can_reach(found: list[str], data: st.DataObject) -> None:
    """Every total that keeps what is validated is reached by one report, and the next one has nothing to say."""
    still_open = found.count("")
    more = data.draw(st.integers(0, still_open))
    gone = data.draw(st.integers(0, still_open - more))
    worn = found.count("worn") + data.draw(st.integers(0, more))
    goal = totals(len(found) - still_open - found.count("gone") + more, found.count("gone") + gone, unsellable=worn)
    items = [item(str(n), found=word) for n, word in enumerate(found)]
    words = {(True, True): "good", (True, False): "worn", (False, False): "gone"}
    sent = missing(goal, *items)
    after = list(found)
    for entry in sent:
        assert found[int(entry.returnedItemId)] == "", "what is validated is never touched"
        after[int(entry.returnedItemId)] = words[entry.isReturned, entry.isRestockable]
    assert len({entry.returnedItemId for entry in sent}) == len(sent) == more + gone
    assert [after.count("good") + after.count("worn"), after.count("gone"), after.count("worn")] == [
        goal.accepted,
        goal.rejected,
        goal.unsellable,
    ]
    assert missing(goal, *(item(str(n), found=word) for n, word in enumerate(after))) == []
