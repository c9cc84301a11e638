"""What a return knows, and what follows from it."""

from datetime import timedelta

import pytest

from activities.signatures import Problem
from domain.dispositions import Disposition
from domain.exceptions import ExceptionCode, Track
from domain.progress import Stage
from domain.returns import RefundState
from tests.workflows.cases import NOW, START, authorised, book, credit, line, parcel, platform, refund
from workflows.case import ReturnCase
from workflows.money import next_refund, uncredited
from workflows.parked import Parked
from workflows.receiving import line_decisions, next_inspection, open_lines

PROBLEM = Problem(code=ExceptionCode.STOCK_REJECTED, reason="no")


def test_a_return_that_was_never_read_waits_for_the_platform() -> None:
    case = ReturnCase(START)
    assert case.progress().stage is Stage.RECEIVED
    assert (case.goods_began, case.goods_done, case.over, open_lines(case)) == (False, False, False, [])


def test_the_stages_follow_the_facts() -> None:
    case = ReturnCase(START, platform=platform(line(1, 2)))
    stages = [case.progress().stage]
    case.rma = authorised(line(1, 2)).rma
    stages.append(case.progress().stage)
    book(case, "s1", ("1/SKU-1", 1))
    stages.append(case.progress().stage)
    book(case, "s2", ("1/SKU-1", 1))
    stages.append(case.progress().stage)
    case.reported = True
    stages.append(case.progress().stage)
    case.platform = platform(line(1, 2), refunds=(refund(1),))
    assert not case.over
    credit(case, 1, "s1", l1=2)
    stages.append(case.progress().stage)
    assert stages == ["VALIDATING", "AWAITING_GOODS", "PARTLY_RECEIVED", "INSPECTED", "SETTLING", "CLOSED"]
    assert case.over


@pytest.mark.parametrize("hindrance", ["poke", "reading", "parked", "refund", "parcel", "misfit", "stock"])
def test_R71_a_return_is_not_over_while_anything_is_left(hindrance: str) -> None:
    case = authorised(line(1, 1), refunds=(refund(1),))
    book(case, "s1", ("1/SKU-1", 1))
    case.reported = True
    credit(case, 1, "s1", l1=1)
    assert case.over
    if hindrance == "poke":
        case.unread_pokes = 1
    elif hindrance == "reading":
        case.reading = True
    elif hindrance == "parked":
        case.parked["ex-1"] = Parked("ex-1", Track.GOODS, "book-goods", PROBLEM, NOW)
    elif hindrance == "refund":
        case.platform = platform(line(1, 1), refunds=(refund(1), refund(2)))
    elif hindrance == "parcel":
        case.inspections["s2"] = parcel("s2", ("SKU-1", 1))
    elif hindrance == "misfit":
        case.misfits.append(PROBLEM)
    else:
        book(case, "s1", ("1/SKU-1", 1), refused=True)
    assert not case.over


def test_an_ended_return_is_over_once_everything_is_decided() -> None:
    case = authorised(line(1, 1), refunds=(refund(1),))
    case.ended = Stage.EXPIRED
    assert case.progress().stage is Stage.EXPIRED
    assert not case.over
    assert next_refund(case) is not None
    credit(case, 1, "s1")
    assert case.over


def test_R39_a_refund_waits_for_units_and_the_oldest_comes_first() -> None:
    late, early = refund(2, at=NOW + timedelta(hours=1)), refund(1, at=NOW)
    case = authorised(line(1, 2), refunds=(late, early, refund(3, RefundState.PENDING), refund(4, RefundState.FAILED)))
    assert case.open_refunds() == [early, late]
    assert next_refund(case) is None
    book(case, "s1", ("1/SKU-1", 1))
    assert next_refund(case) == early
    credit(case, 1, "s1", l1=1)
    assert case.open_refunds() == [late]
    assert next_refund(case) is None
    book(case, "s2", ("1/SKU-1", 1))
    assert next_refund(case) == late


def test_a_refund_for_rejected_goods_comes_up_when_nothing_more_can_come() -> None:
    case = authorised(line(1, 1), refunds=(refund(1),))
    book(case, "s1", ("1/SKU-1", 1), disposition=Disposition.MISSING)
    assert uncredited(case) == []
    assert next_refund(case) is not None


def test_E17_uncredited_units_are_told_by_parcel() -> None:
    case = authorised(line(1, 3), line(2, 1))
    book(case, "s1", ("1/SKU-1", 1), ("2/SKU-2", 1))
    book(case, "s2", ("1/SKU-1", 1), ("1/SKU-1", 1), disposition=Disposition.DAMAGED)
    assert [(a.inspection_id, a.units) for a in uncredited(case)] == [
        ("s1", {"1/SKU-1": 1, "2/SKU-2": 1}),
        ("s2", {"1/SKU-1": 2}),
    ]
    credit(case, 1, "s1", l1=1, l2=1)
    assert [a.inspection_id for a in uncredited(case)] == ["s2"]


def test_R26_decisions_are_totals_by_line() -> None:
    case = authorised(line(1, 3), line(2, 1))
    book(case, "s1", ("1/SKU-1", 1))
    book(case, "s2", ("1/SKU-1", 2), disposition=Disposition.RETURN_TO_CUSTOMER)
    [decision] = line_decisions(case)
    assert (decision.line_id, decision.accepted, decision.rejected) == ("1/SKU-1", 1, 2)
    assert decision.reject_reason == "return_to_customer"


def test_open_lines_know_both_names_of_a_sku_and_what_is_still_to_come() -> None:
    case = authorised(line(1, 2), line(2, 1))
    book(case, "s1", ("1/SKU-1", 1))
    assert [(o.skus, o.outstanding) for o in open_lines(case)] == [
        (["X-SKU-1", "SKU-1"], 1),
        (["X-SKU-2", "SKU-2"], 1),
    ]


def test_E18_more_units_than_announced_leave_nothing_open() -> None:
    case = authorised(line(1, 1))
    book(case, "s1", ("1/SKU-1", 2))
    assert open_lines(case)[0].outstanding == 0
    assert case.goods_done


def test_a_discarded_parcel_is_no_goods() -> None:
    case = authorised(line(1, 1))
    scan = parcel("s1", ("SKU-9", 1))
    case.inspections["s1"] = scan
    assert (case.goods_began, next_inspection(case)) == (True, scan)
    case.discarded.add("s1")
    assert (case.goods_began, next_inspection(case)) == (False, None)


def test_what_does_not_fit_is_asked_once() -> None:
    case = authorised(line(1, 1))
    case.misfits.append(PROBLEM)
    assert case.new_misfits() == [PROBLEM]
    case.misfits_asked = 1
    assert case.new_misfits() == []
