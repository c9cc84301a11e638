"""What came back, what is still to come, and what the customer has already: pure questions about a case."""

import pytest

from activities.exchange_signatures import ReplacementPlaced
from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.exchange import ExchangeState, ExchangeUnits
from domain.inspection import BookedUnits, OpenLine, SurplusUnits
from domain.progress import Stage
from domain.resolution import Resolution, Role
from domain.returns import RefundState
from tests.workflows.cases import authorised, book, credit, line, parcel, platform, refund
from workflows.case import ReturnCase
from workflows.exposure import money_out
from workflows.inspections import lines_still_open, missing_units, still_to_come
from workflows.receiving import (
    accepted_units,
    line_decisions,
    open_lines,
    room,
    surplus_of,
    surplus_problem,
    undecided,
    with_share,
    with_surplus_taken,
)
from workflows.tracks.opening import lines_changed


def outstanding(lines: list[OpenLine]) -> list[int]:
    """Units still to come per line."""
    return [one.outstanding for one in lines]


def judged(case: ReturnCase, share: int | None) -> None:
    """Book one damaged unit of line 1 with this share."""
    book(case, "s1", ("1/SKU-1", 1), disposition=Disposition.DAMAGED)
    [units] = case.booked["s1"].units
    case.booked["s1"] = case.booked["s1"].model_copy(update={"units": [units.model_copy(update={"share": share})]})


def test_E61_goods_are_booked_on_what_the_rma_has_and_written_off_on_what_the_platform_expects() -> None:
    case = authorised(line(1, 1))
    case.platform = platform(line(1, 3), line(2, 1))
    assert outstanding(open_lines(case)) == [1]
    assert outstanding(room(case)) == [3, 1]
    case.amending = True
    assert outstanding(lines_still_open(case)) == [3, 1]


def test_U31_kept_units_are_neither_expected_nor_reported() -> None:
    case = authorised(line(1, 1).model_copy(update={"keep": True}), line(2, 1))
    assert [one.line_id for one in open_lines(case)] == ["2/SKU-2"]
    assert not case.goods_done
    book(case, "s1", ("2/SKU-2", 1))
    assert case.goods_done
    assert [one.line_id for one in line_decisions(case)] == ["2/SKU-2"]
    assert authorised(line(1, 1).model_copy(update={"keep": True})).goods_done


@pytest.mark.parametrize(("share", "told"), [(None, []), (100, [(1, 0)]), (50, [(1, 0)]), (0, [(0, 1)])])
def test_E22_the_platform_hears_of_damage_when_it_is_decided(share: int | None, told: list[tuple[int, int]]) -> None:
    case = authorised(line(1, 1))
    judged(case, share)
    assert [(one.accepted, one.rejected) for one in line_decisions(case)] == told
    assert accepted_units(case.booked["s1"]) == ({"1/SKU-1": 1} if share else {})
    assert bool(undecided(case.booked["s1"])) is (share is None)


def test_E22_a_decision_is_for_undecided_units_only() -> None:
    case = authorised(line(1, 2))
    judged(case, None)
    decided = with_share(case.booked["s1"], 50)
    assert [units.share for units in decided.units] == [50]
    assert [units.share for units in with_share(decided, 0).units] == [50]


def test_E18_surplus_is_nobodys_until_it_is_taken() -> None:
    case = authorised(line(1, 2))
    book(case, "s1", ("1/SKU-1", 1))
    extra = BookedUnits(line_id="", sku="SKU-1", quantity=1, disposition=Disposition.QUARANTINE, share=0)
    booked = case.booked["s1"]
    case.booked["s1"] = booked.model_copy(update={"units": [*booked.units, extra]})
    assert surplus_of(case.booked["s1"]) == [extra]
    assert (still_to_come(case), accepted_units(case.booked["s1"])) == (1, {"1/SKU-1": 1})
    taken = extra.model_copy(update={"line_id": "1/SKU-1", "share": 100})
    case.booked["s1"] = with_surplus_taken(case.booked["s1"], [taken])
    assert (still_to_come(case), accepted_units(case.booked["s1"])) == (0, {"1/SKU-1": 2})


def test_E18_E19_the_worse_half_of_a_mixed_surplus_names_it() -> None:
    over, wrong = SurplusUnits(sku="A", quantity=2, why="over"), SurplusUnits(sku="B", quantity=1, why="unexpected")
    assert surplus_problem(parcel("s", ("A", 3)), [over]).code is ExceptionCode.OVER_RECEIPT
    problem = surplus_problem(parcel("s", ("A", 3), ("B", 1)), [over, wrong])
    assert problem.code is ExceptionCode.UNEXPECTED_SKU
    assert problem.figures["surplus"] == "2 x A, 1 x B"


def test_N11_money_is_out_until_the_goods_are_in() -> None:
    case = authorised(line(1, 1), refunds=(refund(1),))
    assert not money_out(case)
    assert case.platform is not None
    case.platform = case.platform.model_copy(update={"instant": True})
    assert money_out(case)
    case.ended = Stage.EXPIRED
    assert not money_out(case)
    case.ended = None
    book(case, "s1", ("1/SKU-1", 1))
    assert not money_out(case)


def test_N11_a_credit_is_money_and_a_failed_refund_is_none() -> None:
    case = authorised(line(1, 1), refunds=(refund(1, RefundState.FAILED),))
    assert case.platform is not None
    case.platform = case.platform.model_copy(update={"instant": True})
    assert not money_out(case)
    credit(case, 1, "s1", l1=1)
    assert money_out(case)


def test_E28_a_replacement_is_out_until_its_goods_are_in() -> None:
    case = authorised(line(1, 1))
    ordered = ExchangeUnits(number=1, exchange_id="x", line_id="1/SKU-1", units=1, state=ExchangeState.ORDERED)
    case.exchange_units.append(ordered.model_copy(update={"state": ExchangeState.REQUESTED}))
    assert not money_out(case)
    case.exchange_units[:] = [ordered]
    case.exchanges[1] = ReplacementPlaced(number=1, state=ExchangeState.ORDERED, order_number="X1")
    assert money_out(case)
    book(case, "s1", ("1/SKU-1", 1))
    assert not money_out(case)


def test_E61_refund_or_exchange_is_no_change_of_the_goods() -> None:
    case = authorised(line(1, 1), line(2, 1))
    assert not lines_changed(case)
    case.agreed = case.lines
    for change, changed in (
        ({"exchange": True}, False),
        ({"accepted": 1}, False),
        ({"quantity": 2}, True),
        ({"reason": "defective"}, True),
    ):
        case.platform = platform(line(1, 1).model_copy(update=change), line(2, 1))
        assert lines_changed(case) is changed
    case.platform = platform(line(2, 1), line(1, 1))
    assert not lines_changed(case)
    case.platform = platform(line(1, 1))
    assert lines_changed(case)


def test_E31_lost_units_are_those_that_nobody_has_seen() -> None:
    case = authorised(line(1, 3))
    book(case, "s1", ("1/SKU-1", 1))
    decision = Resolution(
        exception_id="ex-1", version=1, kind=ResolutionKind.ACCEPT_ORDER_AMOUNT, role=Role.FINANCE, actor="u-7"
    )
    [units] = missing_units(case, decision, Disposition.LOST_IN_TRANSIT).units
    assert (units.sku, units.quantity, units.disposition) == ("X-SKU-1", 2, "LOST_IN_TRANSIT")
