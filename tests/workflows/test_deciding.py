"""Decisions at the door of a workflow: the same again is a no-op, another one is refused there (E67)."""

from typing import Any

import pytest

from activities.signatures import Problem
from domain.exceptions import ExceptionCode, ResolutionKind, Track
from domain.resolution import Resolution, Role
from tests.workflows.cases import NOW, authorised, line
from workflows.case import ReturnCase
from workflows.deciding import keep, refuse_wrong
from workflows.parked import Parked

BY_HAND = {"kind": ResolutionKind.DONE_BY_HAND, "document": "CN-1"}


def decision(**fields: Any) -> Resolution:
    return Resolution.model_validate(
        {"exception_id": "ex-1", "version": 1, "role": Role.FINANCE, "actor": "ann"} | BY_HAND | fields
    )


@pytest.fixture
def case() -> ReturnCase:
    """Parked on a refused credit note, and ann has just decided it: the track has not obeyed yet."""
    case = authorised(line(1, 1))
    problem = Problem(code=ExceptionCode.CREDIT_REJECTED, reason="no")
    case.parked["ex-1"] = Parked("ex-1", Track.FINANCE, "credit-refund", problem, NOW)
    assert not keep(case, decision()).repeated
    return case


def test_E67_the_same_decision_again_is_a_no_op(case: ReturnCase) -> None:
    again = decision(actor="bob", reason="of my own")
    refuse_wrong(case, again)
    assert keep(case, again).repeated
    assert case.parked["ex-1"].resolution == decision()


@pytest.mark.parametrize("other", [{"document": "CN-2"}, {"kind": ResolutionKind.RETRY, "document": ""}])
def test_E67_another_decision_is_refused_before_the_first_is_obeyed(case: ReturnCase, other: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="ex-1 is decided already: DONE_BY_HAND CN-1 by ann"):
        refuse_wrong(case, decision(actor="bob", **other))
    assert case.parked["ex-1"].resolution == decision()


def test_E67_what_is_over_is_a_no_op_for_everybody(case: ReturnCase) -> None:
    del case.parked["ex-1"]
    case.decided.add("ex-1")
    refuse_wrong(case, decision(document="CN-2"))
    assert keep(case, decision(document="CN-2")).repeated, "what was decided is in the store: `desk` looks there"


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ({"return": "R-7"}, "record them as a parcel of return R-7, and decide this with DONE_BY_HAND"),
        ({"location": "LDN-2"}, "in quarantine already"),
    ],
)
def test_E19_a_correction_that_would_have_no_effect_is_refused_and_says_what_to_do(
    edits: dict[str, str], why: str
) -> None:
    case = authorised(line(1, 1))
    problem = Problem(code=ExceptionCode.UNEXPECTED_SKU, reason="no", figures={"surplus": "1 x P9"})
    case.parked["ex-1"] = Parked("ex-1", Track.GOODS, "surplus", problem, NOW)
    correct = {"kind": ResolutionKind.EDIT_AND_RETRY, "role": Role.WAREHOUSE, "document": ""}
    with pytest.raises(ValueError, match=why):
        refuse_wrong(case, decision(**correct, edits=edits))
    refuse_wrong(case, decision(**correct, edits={"sku.P9": "P8"}))
