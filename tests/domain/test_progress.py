"""The header status, derived from facts: domain.md 5.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.progress import LineFacts, ReturnFacts, Stage, derive_progress
from domain.returns import PlatformPhase

DONE = LineFacts(expected=2, inspected=2, accepted=2, credited=2)
CLOSED = ReturnFacts(
    phase=PlatformPhase.ACCEPTED, rma_number="R1", lines=(DONE,), stock_open=0, reported=True, refunds_open=0
)


def facts(**changes: object) -> ReturnFacts:
    """A return that is closed, but for these changes."""
    return CLOSED.model_copy(update=changes)


def line(**changes: int) -> tuple[LineFacts]:
    return (DONE.model_copy(update=changes),)


@pytest.mark.parametrize(
    ("given_facts", "stage", "waiting_for"),
    [
        (facts(), Stage.CLOSED, ""),
        (facts(phase=PlatformPhase.DRAFT), Stage.RECEIVED, "the customer"),
        (facts(rma_number="", lines=line(inspected=0)), Stage.VALIDATING, "the RMA"),
        (facts(lines=line(inspected=0, accepted=0, credited=0)), Stage.AWAITING_GOODS, "2 unit(s)"),
        (facts(lines=line(inspected=1, accepted=1, credited=0)), Stage.PARTLY_RECEIVED, "1 of 2 unit(s)"),
        (facts(stock_open=1), Stage.INSPECTED, "stock documents"),
        (facts(rma_number=""), Stage.INSPECTED, "stock documents"),
        (facts(reported=False), Stage.INSPECTED, "the platform to take"),
        (facts(refunds_open=1), Stage.SETTLING, "the credit note"),
        (facts(lines=line(credited=1)), Stage.SETTLING, "refund of 1 unit(s)"),
        (facts(lines=line(credited=1), finance_closed_by_hand=True), Stage.CLOSED, ""),
        (facts(lines=line(accepted=0, credited=0)), Stage.CLOSED, ""),
        (facts(exceptions_open=1), Stage.SETTLING, "open exception"),
        (facts(lines=(DONE, LineFacts(expected=1))), Stage.PARTLY_RECEIVED, "1 of 3 unit(s)"),
        (facts(ended=Stage.CANCELLED, stock_open=1), Stage.CANCELLED, ""),
        (facts(ended=Stage.EXPIRED, exceptions_open=1), Stage.EXPIRED, ""),
    ],
)
def test_5_2_stage_and_what_it_waits_for(given_facts: ReturnFacts, stage: Stage, waiting_for: str) -> None:
    progress = derive_progress(given_facts)
    assert progress.stage is stage
    assert waiting_for in progress.waiting_for
    assert bool(progress.waiting_for) == (not stage.final)


def test_E18_extra_units_of_one_line_do_not_stand_for_another() -> None:
    lines = (LineFacts(expected=1, inspected=3, accepted=1, credited=1), LineFacts(expected=2))
    assert derive_progress(facts(lines=lines)).stage is Stage.PARTLY_RECEIVED


@given(
    st.builds(
        ReturnFacts,
        phase=st.sampled_from(PlatformPhase),
        rma_number=st.sampled_from(["", "R1"]),
        lines=st.lists(
            st.builds(
                LineFacts,
                expected=st.integers(1, 3),
                inspected=st.integers(0, 3),
                accepted=st.integers(0, 3),
                credited=st.integers(0, 3),
            ),
            min_size=1,
            max_size=3,
        ),
        stock_open=st.integers(0, 1),
        reported=st.booleans(),
        refunds_open=st.integers(0, 1),
        exceptions_open=st.integers(0, 1),
    )
)
def test_5_2_closing_rule(given_facts: ReturnFacts) -> None:
    """Closed only when every unit arrived, is booked, reported and credited, and nothing is open."""
    if derive_progress(given_facts).stage is not Stage.CLOSED:
        return
    assert given_facts.rma_number
    assert given_facts.reported
    assert not (given_facts.stock_open or given_facts.refunds_open or given_facts.exceptions_open)
    assert all(line.inspected >= line.expected for line in given_facts.lines)
    assert sum(line.credited for line in given_facts.lines) >= sum(line.accepted for line in given_facts.lines)
