"""Where a return stands, derived from what is known about it (domain.md 5.2).

The workflow derives it from its state, the store from its rows, by this one function: nobody sets a status by hand.
"""

from collections.abc import Sequence
from enum import StrEnum

from domain.model import Value
from domain.returns import PlatformPhase


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
    """Units of one return line: announced, inspected, accepted, credited."""

    expected: int
    inspected: int = 0
    accepted: int = 0
    credited: int = 0


class ReturnFacts(Value):
    """All that the stage depends on.

    ended: the final stage that a cancellation, rejection or expiry brought about, once it has been carried out
    stock_open: movements that are planned and not yet in the ERP
    reported: the platform knows every decision
    refunds_open: refunds that the platform paid and that have neither a credit nor a final decision
    closed_by_hand: tracks that a person cancelled with a reason; they count as final
    """

    phase: PlatformPhase
    rma_number: str = ""
    ended: Stage | None = None
    lines: Sequence[LineFacts] = ()
    stock_open: int = 0
    reported: bool = False
    refunds_open: int = 0
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
    if inspected == 0:
        return Progress(stage=Stage.AWAITING_GOODS, waiting_for=f"the warehouse to inspect {expected} unit(s)")
    if inspected < expected:
        rest = f"the warehouse to inspect {expected - inspected} of {expected} unit(s)"
        return Progress(stage=Stage.PARTLY_RECEIVED, waiting_for=rest)
    if facts.stock_open or not facts.rma_number:
        return Progress(stage=Stage.INSPECTED, waiting_for="the stock documents in the ERP")
    if not facts.reported:
        return Progress(stage=Stage.INSPECTED, waiting_for="the platform to take the inspection result")
    if facts.refunds_open:
        return Progress(stage=Stage.SETTLING, waiting_for="the credit note in the ERP")
    owed = sum(max(line.accepted - line.credited, 0) for line in facts.lines)
    if owed > 0 and not facts.finance_closed_by_hand:
        return Progress(stage=Stage.SETTLING, waiting_for=f"the platform to confirm the refund of {owed} unit(s)")
    if facts.exceptions_open:
        return Progress(stage=Stage.SETTLING, waiting_for="a decision on an open exception")
    return Progress(stage=Stage.CLOSED)
