"""Inspections at the door of a return."""

import pytest

from activities.signatures import Problem
from domain.exceptions import ExceptionCode, ResolutionKind
from domain.inspection import Inspection, OverReceipt, UnexpectedSku
from domain.messages import LooseInspection
from domain.progress import Stage
from domain.resolution import Resolution, Role
from tests.workflows.cases import START, authorised, book, line, parcel
from workflows.case import ReturnCase, Withdrawal
from workflows.inspections import (
    contradicted,
    is_known,
    lines_still_open,
    missing_units,
    read_loose,
    refuse_misfit,
)


def test_E12_before_the_platform_was_read_every_parcel_is_kept() -> None:
    refuse_misfit(ReturnCase(START), parcel("s1", ("ANYTHING", 99)))


def test_R22_what_does_not_fit_is_refused() -> None:
    case = authorised(line(1, 1))
    with pytest.raises(UnexpectedSku):
        refuse_misfit(case, parcel("s1", ("SKU-9", 1)))
    with pytest.raises(OverReceipt):
        refuse_misfit(case, parcel("s1", ("SKU-1", 2)))
    refuse_misfit(case, parcel("s1", ("SKU-1", 1)))
    refuse_misfit(case, parcel("s1", ("X-SKU-1", 1)))


def test_R22_a_recorded_parcel_counts_before_it_is_booked() -> None:
    case = authorised(line(1, 2))
    case.inspections["s1"] = parcel("s1", ("SKU-1", 1))
    assert [open_line.outstanding for open_line in lines_still_open(case)] == [1]
    with pytest.raises(OverReceipt):
        refuse_misfit(case, parcel("s2", ("SKU-1", 2)))
    case.inspections["odd"] = parcel("odd", ("SKU-9", 5))  # kept before the lines were known
    refuse_misfit(case, parcel("s2", ("SKU-1", 1)))


@pytest.mark.parametrize("way", ["withdrawn", "ended"])
def test_E20_a_return_that_stops_takes_no_parcel(way: str) -> None:
    case = authorised(line(1, 1))
    if way == "withdrawn":
        case.withdrawal = Withdrawal(Stage.CANCELLED, "the customer cancelled")
    else:
        case.ended = Stage.CANCELLED
    with pytest.raises(ValueError, match="the return is CANCELLED: no goods expected"):
        refuse_misfit(case, parcel("s1", ("SKU-1", 1)))


GOOD = {"sku": "SKU-1", "quantity": "1", "disposition": "A"}


@pytest.mark.parametrize(
    ("loose", "code", "words"),
    [
        (LooseInspection(), ExceptionCode.EVENT_INVALID, "inspection_id"),
        (LooseInspection(inspection_id="s1", units=[GOOD]), ExceptionCode.EVENT_INVALID, "location"),
        (LooseInspection(inspection_id="s1", location="L"), ExceptionCode.EVENT_INVALID, "units"),
        (
            LooseInspection(inspection_id="s1", location="L", units=[GOOD | {"quantity": "many"}]),
            ExceptionCode.EVENT_INVALID,
            "quantity",
        ),
        (
            LooseInspection(inspection_id="s1", location="L", units=[GOOD | {"disposition": "LOST_IN_TRANSIT"}]),
            ExceptionCode.EVENT_INVALID,
            "a decision of finance",
        ),
    ],
)
def test_R22_an_unusable_signal_becomes_a_problem_that_names_the_fault(
    loose: LooseInspection, code: ExceptionCode, words: str
) -> None:
    read = read_loose(authorised(line(1, 1)), loose)
    assert isinstance(read, Problem)
    assert read.code is code
    assert words in read.reason


def test_R21_a_usable_signal_is_read_like_the_update() -> None:
    read = read_loose(authorised(line(1, 1)), LooseInspection(inspection_id="s1", location="L", units=[GOOD]))
    assert isinstance(read, Inspection)
    assert (read.units[0].quantity, read.inspector) == (1, "signal")


@pytest.mark.parametrize("odd", [{"sku": "SKU-9"}, {"quantity": "7"}])
def test_E18_E19_a_signal_cannot_be_asked_back_so_its_surplus_counts_as_confirmed(odd: dict[str, str]) -> None:
    read = read_loose(authorised(line(1, 1)), LooseInspection(inspection_id="s1", location="L", units=[GOOD | odd]))
    assert isinstance(read, Inspection)
    assert read.confirmed


def test_E18_E19_a_parcel_that_was_counted_again_is_taken_as_it_is() -> None:
    case = authorised(line(1, 1))
    refuse_misfit(case, parcel("s1", ("SKU-1", 2), ("SKU-9", 1)).model_copy(update={"confirmed": True}))


def test_E15_E16_the_same_result_again_is_known_and_another_one_is_a_conflict() -> None:
    case = authorised(line(1, 2))
    first = parcel("s1", ("SKU-1", 1)).model_copy(update={"parcel": "LPN-1"})
    case.inspections["s1"] = first
    same = first.model_copy(update={"inspection_id": "s2", "inspector": "u-9", "confirmed": True})
    assert (is_known(case, first), is_known(case, same)) == (True, True)
    for other in (
        parcel("s1", ("SKU-1", 2)),
        parcel("s1", ("SKU-1", 1), disposition="DAMAGED"),
        parcel("s3", ("SKU-1", 2)).model_copy(update={"parcel": "LPN-1"}),
    ):
        assert not is_known(case, other)
        assert contradicted(case, other) == first
    assert contradicted(case, parcel("s4", ("SKU-1", 1))) is None
    case.discarded.add("s1")
    assert contradicted(case, parcel("s3", ("SKU-1", 2)).model_copy(update={"parcel": "LPN-1"})) is None


def test_E20_a_signal_after_the_end_is_kept_with_its_units() -> None:
    case = authorised(line(1, 1))
    case.ended = Stage.EXPIRED
    read = read_loose(case, LooseInspection(inspection_id="s1", location="L", units=[GOOD]))
    assert isinstance(read, Inspection)
    assert [(units.sku, units.quantity) for units in read.units] == [("SKU-1", 1)]


def test_E21_writing_off_covers_exactly_what_did_not_come() -> None:
    case = authorised(line(1, 3), line(2, 1), line(3, 1))
    book(case, "s1", ("1/SKU-1", 1), ("3/SKU-3", 1))
    decision = Resolution(
        exception_id="ex-1", version=1, kind=ResolutionKind.WRITE_OFF, role=Role.CX, actor="u-7", reason="lost"
    )
    written_off = missing_units(case, decision)
    assert [(u.sku, u.quantity, u.disposition) for u in written_off.units] == [
        ("X-SKU-1", 2, "MISSING"),
        ("X-SKU-2", 1, "MISSING"),
    ]
    assert (written_off.inspection_id, written_off.inspector) == ("written-off-ex-1", "u-7")
    refuse_misfit(case, written_off)
