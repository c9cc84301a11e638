"""What Reveni still has to be told: totals less what is decided, spread over the parts of a line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.reveni.contract import REJECT_REASONS, WireReturn
from adapters.reveni.inspection import missing_entries, reject_reason
from domain.exceptions import ExceptionCode
from domain.outcomes import Rejected
from domain.returns import LineDecision
from tests.adapters.reveni.bodies import body, item


def wire(*items: object) -> WireReturn:
    return WireReturn.model_validate(body(return_items=list(items)))


def totals(accepted: int, rejected: int, line: str = "1/TS", reason: str = "damaged") -> LineDecision:
    order_line, _, sku = line.partition("/")
    return LineDecision(
        line_id=line,
        order_line_id=order_line,
        sku=sku,
        accepted=accepted,
        rejected=rejected,
        reject_reason=reason,
    )


def sent(ret: WireReturn, *decisions: LineDecision) -> list[tuple[str, int, str, str | None]]:
    return [(e.item_id, e.quantity, e.status, e.reject_reason) for e in missing_entries(ret, decisions)]


def drift(ret: WireReturn, *decisions: LineDecision) -> str:
    with pytest.raises(Rejected) as refused:
        missing_entries(ret, decisions)
    assert refused.value.code is ExceptionCode.STATUS_DRIFT
    return str(refused.value)


def test_a_whole_item() -> None:
    assert sent(wire(item("a", 2)), totals(2, 0)) == [("a", 2, "accepted", None)]


def test_accepted_and_rejected_parts_of_one_item() -> None:
    assert sent(wire(item("a", 3)), totals(1, 2)) == [
        ("a", 1, "accepted", None),
        ("a", 2, "rejected", "damaged"),
    ]


def test_only_the_difference_to_what_is_decided() -> None:
    ret = wire(item("a", 1, "accepted"), item("b", 1, "rejected"), item("c", 4, "for_review"))
    assert sent(ret, totals(3, 2)) == [("c", 2, "accepted", None), ("c", 1, "rejected", "damaged")]


def test_accepted_units_go_to_the_first_parts_and_rejected_ones_to_the_last() -> None:
    ret = wire(item("a", 2), item("x", 9, line="2"), item("b", 2), item("c", 2))
    assert sent(ret, totals(3, 2)) == [
        ("a", 2, "accepted", None),
        ("b", 1, "accepted", None),
        ("c", 2, "rejected", "damaged"),
    ]
    assert sent(ret, totals(1, 4)) == [
        ("a", 1, "accepted", None),
        ("c", 2, "rejected", "damaged"),
        ("b", 2, "rejected", "damaged"),
    ]


def wish(sku: str, quantity: int) -> dict[str, object]:
    return {"sku": sku, "quantity": quantity, "unit_price": "10.0000"}


def test_E57_accepted_units_go_to_exchanges_first_and_rejected_ones_to_refunds() -> None:
    ret = wire(item("r", 2), item("m", 2, exchange=wish("TS-M", 2)), item("l", 1, exchange=wish("TS-L", 1)))
    assert sent(ret, totals(3, 1)) == [
        ("m", 2, "accepted", None),
        ("l", 1, "accepted", None),
        ("r", 1, "rejected", "damaged"),
    ]
    assert sent(ret, totals(0, 4)) == [
        ("r", 2, "rejected", "damaged"),
        ("l", 1, "rejected", "damaged"),
        ("m", 1, "rejected", "damaged"),
    ]


def test_E57_a_wish_that_was_begun_is_filled_before_the_next_one() -> None:
    parts = [item("m", 1, "accepted", exchange=wish("M", 1)), item("l", 1, exchange=wish("L", 1))]
    ret = wire(*parts, item("rest", 1, exchange=wish("M", 1)), item("r", 1))
    assert sent(ret, totals(2, 0)) == [("rest", 1, "accepted", None)]


def test_U31_kept_lines_are_never_reported() -> None:
    ret = wire(item("k", 2, "accepted", keep_item=True), item("p", 2, line="2", keep_item=True), item("a", 1, line="3"))
    said = totals(0, 2), totals(2, 0, "2/TS"), totals(1, 0, "3/TS")
    assert sent(ret, *said) == [("a", 1, "accepted", None)]


def test_nothing_is_missing() -> None:
    ret = wire(item("a", 2, "accepted"), item("b", 1, "rejected"), item("c", 1))
    assert sent(ret, totals(2, 1)) == []
    assert sent(ret) == []


def test_several_lines() -> None:
    ret = wire(item("a", 1), item("b", 1, line="2"))
    assert sent(ret, totals(1, 0), totals(0, 1, "2/TS", "missing")) == [
        ("a", 1, "accepted", None),
        ("b", 1, "rejected", "missing"),
    ]


@pytest.mark.parametrize(
    ("accepted", "rejected"),
    [(0, 1), (1, 0), (0, 0), (5, 1)],
    ids=["less", "no rejection", "none", "too many"],
)
def test_a_contradiction_is_told_in_figures(accepted: int, rejected: int) -> None:
    ret = wire(item("a", 1, "accepted"), item("b", 1, "rejected"), item("c", 1))
    text = drift(ret, totals(accepted, rejected))
    assert "line 1/TS: Reveni 1 accepted, 1 rejected of 3" in text
    assert f"we {accepted} accepted, {rejected} rejected" in text


def test_a_line_that_reveni_does_not_have() -> None:
    assert "line 9/XX: Reveni does not have it" in drift(wire(item("a", 1)), totals(1, 0, "9/XX"))


def test_one_decision_a_line() -> None:
    with pytest.raises(ValueError, match="one decision"):
        missing_entries(wire(item("a", 3)), [totals(1, 0), totals(2, 0)])


@pytest.mark.parametrize(
    ("words", "reason", "text"),
    [
        *((word, word, None) for word in REJECT_REASONS),
        ("MISSING", "missing", None),
        ("wrong item", "wrong_item", None),
        ("Wrong-Item", "wrong_item", None),
        ("return_to_customer", "other", "return_to_customer"),
        ("stain on left leg", "other", "stain on left leg"),
        ("", "other", None),
        ("x" * 500, "other", "x" * 200),
    ],
)
def test_reject_reasons(words: str, reason: str, text: str | None) -> None:
    assert reject_reason(words) == (reason, text)


@given(
    st.lists(
        st.tuples(st.integers(1, 5), st.sampled_from(["pending", "for_review", "accepted", "rejected"])),
        min_size=1,
    ),
    st.data(),
)
def test_what_is_sent_makes_up_the_totals(parts: list[tuple[int, str]], data: st.DataObject) -> None:
    ret = wire(*(item(f"i{n}", quantity, status) for n, (quantity, status) in enumerate(parts)))
    have = {s: sum(q for q, status in parts if status == s) for s in ("accepted", "rejected")}
    open_units = sum(q for q, _ in parts) - sum(have.values())
    accept = data.draw(st.integers(0, open_units))
    reject = data.draw(st.integers(0, open_units - accept))
    entries = sent(ret, totals(have["accepted"] + accept, have["rejected"] + reject))
    assert sum(e[1] for e in entries if e[2] == "accepted") == accept
    assert sum(e[1] for e in entries if e[2] == "rejected") == reject
    size = {f"i{n}": quantity for n, (quantity, _) in enumerate(parts)}
    for item_id in {e[0] for e in entries}:
        assert sum(e[1] for e in entries if e[0] == item_id) <= size[item_id]
