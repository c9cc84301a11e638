"""Where a return stands, derived from what is known about it (domain.md 5.2).

The workflow derives it from its state, the store from its rows, by this one function: nobody sets a status by hand.
"""

from collections.abc import Sequence
from enum import StrEnum

from domain.model import Value
from domain.returns import PlatformPhase

#: What a return waits for that has everything else.
FOR_A_DECISION = "a decision on an open exception"


class Stage(StrEnum):
    """The header status, for people."""

    RECEIVED = "RECEIVED"
    VALIDATING = "VALIDATING"
    AWAITING_GOODS = "AWAITING_GOODS"
    PARTLY_RECEIVED = "PARTLY_RECEIVED"
    INSPECTED = "INSPECTED"
    SETTLING = "SETTLING"
    CLOSED = "CLOSED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"

    @property
    def final(self) -> bool:
        """Whether nothing more is expected."""
        return self in (Stage.CLOSED, Stage.REJECTED, Stage.CANCELLED, Stage.EXPIRED)


class LineFacts(Value):
    """Units of one return line.

    expected: announced units that must come; 0 when the customer keeps them (U31)
    accepted: accepted units that are owed a credit: without exchanged ones, and without those credited with nothing
    undecided: accepted units of which finance has not said yet what is credited for them (E22)
    """

    expected: int
    inspected: int = 0
    accepted: int = 0
    credited: int = 0
    undecided: int = 0


class ReturnFacts(Value):
    """All that the stage depends on.

    ended: the final stage that a cancellation, rejection or expiry brought about, once it has been carried out
    stock_open: movements that are planned and not yet in the ERP
    reported: the platform knows every decision
    refunds_open: refunds that the platform paid and that have neither a credit nor a final decision
    exchanges_open: replacements that must be ordered and are not yet
    differences_owed: cheaper replacements whose difference was not credited yet
    notes_unpaid: credit notes whose refund the platform has not paid yet, or whose payment failed (E43)
    refunded_unaccepted: units that were refunded and then not accepted, and that finance has not decided about (E33)
    closed_by_hand: tracks that a person cancelled with a reason; they count as final
    """

    phase: PlatformPhase
    rma_number: str = ""
    ended: Stage | None = None
    lines: Sequence[LineFacts] = ()
    stock_open: int = 0
    reported: bool = False
    refunds_open: int = 0
    exchanges_open: int = 0
    differences_owed: int = 0
    notes_unpaid: int = 0
    refunded_unaccepted: int = 0
    exceptions_open: int = 0
    finance_closed_by_hand: bool = False


class Progress(Value):
    """Stage and, in plain English, what the return waits for."""

    stage: Stage
    waiting_for: str = ""


def derive_progress(facts: ReturnFacts) -> Progress:
    """The stage of a return. Closing rule: everything arrived, booked, reported, credited, and no exception open."""
    if facts.ended is not None:
        return Progress(stage=facts.ended)
    if facts.phase is PlatformPhase.DRAFT:
        return Progress(stage=Stage.RECEIVED, waiting_for="the customer to finish the request")
    expected = sum(line.expected for line in facts.lines)
    inspected = sum(min(line.inspected, line.expected) for line in facts.lines)
    if not facts.rma_number and not inspected:
        return Progress(stage=Stage.VALIDATING, waiting_for="the RMA in the ERP")
    if inspected == 0 and expected:
        return Progress(stage=Stage.AWAITING_GOODS, waiting_for=f"the warehouse to inspect {expected} unit(s)")
    if inspected < expected:
        rest = f"the warehouse to inspect {expected - inspected} of {expected} unit(s)"
        return Progress(stage=Stage.PARTLY_RECEIVED, waiting_for=rest)
    if facts.stock_open or not facts.rma_number:
        return Progress(stage=Stage.INSPECTED, waiting_for="the stock documents in the ERP")
    if not facts.reported and expected:
        return Progress(stage=Stage.INSPECTED, waiting_for="the platform to take the inspection result")
    if unsettled := _unsettled(facts):
        return Progress(stage=Stage.SETTLING, waiting_for=unsettled)
    return Progress(stage=Stage.CLOSED)


def _unsettled(facts: ReturnFacts) -> str:
    """What is left to do once all goods are here; empty when nothing is."""
    owed = 0 if facts.finance_closed_by_hand else sum(max(line.accepted - line.credited, 0) for line in facts.lines)
    differences = 0 if facts.finance_closed_by_hand else facts.differences_owed
    unpaid = 0 if facts.finance_closed_by_hand else facts.notes_unpaid
    undecided = sum(line.undecided for line in facts.lines)
    waits = (
        (undecided, f"finance to decide what is credited for {undecided} unit(s)"),
        (facts.refunds_open, "the credit note in the ERP"),
        (owed, f"the platform to confirm the refund of {owed} unit(s)"),
        (differences, "the platform to confirm the refund of the price difference"),
        (unpaid, "the platform to confirm the refund of a credit note"),
        (facts.refunded_unaccepted, "a decision on units that were refunded and not accepted"),
        (facts.exchanges_open, "the replacement order in the ERP"),
        (facts.exceptions_open, FOR_A_DECISION),
    )
    return next((text for open_ones, text in waits if open_ones), "")
