"""What the store gives back and takes in: frozen values, never table rows.

Times are aware UTC. Amounts are minor units of the currency beside them.
"""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field, JsonValue

from domain.batches import Refusal
from domain.connection import ExchangeOn
from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.exceptions import ExceptionCode, Owner, Track
from domain.inspection import BookedUnits, Inspection
from domain.model import Value
from domain.money import Money
from domain.progress import Stage
from domain.resolution import Proposal, Resolution
from domain.returns import ExchangeWish, PlatformPhase, Refund, ReturnKind, ReturnRef

PokeOutcome = Literal["started", "signalled", "after_close", "ignored"]


class Acceptance(StrEnum):
    """What the inbox did with a delivery."""

    NEW = "new"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"  # same id, other content: the first is kept (E3)


class PendingPoke(Value):
    """One return that has deliveries nobody told its workflow about. A single poke settles all of them.

    `traceparent` is the oldest delivery's; `poked_before`: this return's workflow was reached before.
    """

    connection: str
    return_id: str
    delivery_ids: list[str]
    traceparent: str
    first_received_at: datetime
    poked_before: bool
    attempts: int = Field(default=0, description="failed dispatches so far, the worst of the deliveries")
    occurred_at: datetime | None = Field(default=None, description="the platform's time of its latest event")

    @property
    def ref(self) -> ReturnRef:
        """The return to poke."""
        return ReturnRef(connection=self.connection, return_id=self.return_id)


class Backlog(Value):
    """Deliveries that wait for dispatch."""

    count: int
    oldest_received_at: datetime | None


class ReturnRecord(Value):
    """The header of one return, for people and lists. `waiting_since` is when `waiting_for` last changed."""

    ref: ReturnRef
    order_number: str
    kind: ReturnKind
    instant: bool
    phase: PlatformPhase
    platform_status: str
    currency: str
    fee_text: str
    shipping_text: str
    bonus_text: str
    exchanges: list[ExchangeWish] = []
    due_text: str = "0"
    paid_text: str = "0"
    tracking_number: str
    rma_number: str
    standalone: bool
    snapshot_hash: str
    exchange_on: ExchangeOn = ExchangeOn.CONFIRMATION
    deadline: datetime | None
    reported: bool
    finance_closed: bool
    stage: Stage
    waiting_for: str
    waiting_since: datetime | None
    exceptions_open: int
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    authorised_at: datetime | None = Field(default=None, description="since when we knew that it is authorised")


class RefundRecord(Refund):
    """A refund as the platform tells it, with what we made of it.

    `credit_key` is the business key of its credit; `decision` is a final decision without a credit.
    """

    credit_key: str | None = None
    decision: str = ""
    first_seen_at: datetime
    paid_at: datetime | None = Field(default=None, description="since when we knew that it is paid")


class InspectionRecord(Value):
    """One saved inspection: what the warehouse sent and what was booked for it."""

    ref: ReturnRef
    inspection: Inspection
    booked: list[BookedUnits]
    saved_at: datetime


class DocumentState(StrEnum):
    """How far a document got."""

    PLANNED = "planned"  # intent is durable, the ERP may or may not have it
    QUEUED = "queued"  # waits for a batch window (D7)
    REFUSED = "refused"  # the ERP said no; an exception is open or a person decides
    POSTED = "posted"
    LINKED = "linked"  # a document that somebody else had made was adopted
    BY_HAND = "by_hand"
    CANCELLED = "cancelled"
    ABANDONED = "abandoned"  # given up by decision; the ERP never had it

    @property
    def in_erp(self) -> bool:
        """Whether the ERP has the document and it counts."""
        return self in (DocumentState.POSTED, DocumentState.LINKED, DocumentState.BY_HAND)

    @property
    def pending(self) -> bool:
        """Whether the ERP still has to get it."""
        return self in (DocumentState.PLANNED, DocumentState.QUEUED, DocumentState.REFUSED)


class DocumentLine(Value):
    """Units in a document. `line_id` is the return line's, empty for units that no return line has.

    On stock documents `disposition` is what the units became, and `was` what they were before, if they were in stock.
    """

    line_id: str
    sku: str
    quantity: int
    disposition: Disposition | None = None
    was: Disposition | None = None


class DocumentPlan(Value):
    """A document we are about to ask an ERP for (N2). `request` is the request model dumped in JSON mode.

    `mapping`: version of the mappings that it was made with (R105)
    `due_at`: since when the ERP should have it; None: since it was planned (R90)
    """

    key: str = Field(min_length=1, max_length=60)
    ref: ReturnRef
    kind: DocumentKind
    order_number: str
    depot: str = ""
    lines: list[DocumentLine] = []
    total: int | None = None
    currency: str = ""
    refund_id: str = ""
    inspection_id: str = ""
    mapping: str = ""
    due_at: datetime | None = None
    request: dict[str, JsonValue] = {}


class DocumentRecord(DocumentPlan):
    """A planned document and how far it got. `parts` are further ERP numbers behind the one request.

    window_at: opening of the window that it waits for, or went into
    waiter: id of the workflow that waits for it; batch: number of the file that it is in, 0: none yet
    tries: how often a window brought it back; refusal: why a window refused it, not told to the workflow yet
    clock_at: since when its delay counts: since it was due, later by all the time that it waits for windows (E64)
    """

    state: DocumentState
    number: str
    parts: list[str] = []
    reason: str = ""
    window_at: datetime | None = None
    waiter: str = ""
    batch: int = 0
    tries: int = 0
    refusal: Refusal | None = None
    clock_at: datetime | None = None
    created_at: datetime
    updated_at: datetime

    @property
    def due(self) -> datetime:
        """Since when the ERP should have it."""
        return self.due_at or self.created_at

    @property
    def clock(self) -> datetime:
        """Since when its delay counts."""
        return self.clock_at or self.due


class ExceptionState(StrEnum):
    """Whether somebody still has to decide."""

    OPEN = "open"
    RESOLVED = "resolved"
    CLEARED = "cleared"  # the trouble went away by itself: a connection came back


class OpenException(Value):
    """A track that stops. `id` is a business fact (return, step, count): opening twice is opening once.

    `workflow_id`: who waits for the decision; empty: the return's own workflow, or nobody.
    """

    id: str = Field(min_length=1, max_length=80)
    connection: str
    return_id: str | None
    workflow_id: str = ""
    code: ExceptionCode
    track: Track | None = None
    step: str = Field(min_length=1)
    reason: str = Field(min_length=1)
    payload: dict[str, JsonValue] = {}
    amount: Money | None = None
    now: datetime


class ExceptionRecord(Value):
    """One row of the exception queue. `version` rises with each proposal and decision; a decision names it (E67).

    cause: id of its root cause (R72); level: how often it was escalated, last at `escalated_at` (R74)
    units: how many it is about, None when it does not say
    proposal: the first person's decision, while it waits for a second person
    """

    id: str
    connection: str
    return_id: str | None
    workflow_id: str = ""
    code: ExceptionCode
    owner: Owner
    track: Track | None
    step: str
    reason: str
    payload: dict[str, JsonValue]
    amount: Money | None
    state: ExceptionState
    version: int
    opened_at: datetime
    resolved_at: datetime | None = None
    resolution: Resolution | None = None
    cause: str = ""
    units: int | None = None
    level: int = 0
    escalated_at: datetime | None = None
    proposal: Proposal | None = None

    @property
    def ref(self) -> ReturnRef | None:
        """The return that is parked; None for trouble of a whole connection."""
        if self.return_id is None:
            return None
        return ReturnRef(connection=self.connection, return_id=self.return_id)


class TimelineEntry(Value):
    """What happened to a return, in plain English. `refs` names documents: ``{"credit": "CN-1"}``."""

    ref: ReturnRef
    key: str
    at: datetime
    actor: str
    kind: str
    text: str
    refs: dict[str, str] = {}


class AuditEntry(Value):
    """Who did what to which subject. `detail` is JSON without personal data."""

    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, JsonValue] = {}
