"""What the store gives back and takes in about sweeps. Times are aware UTC."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from domain.lateness import StuckKind
from domain.model import Value
from domain.money import Money
from domain.progress import Stage
from domain.returns import PlatformPhase, ReturnRef


class Side(StrEnum):
    """What of a connection answers, or does not."""

    PLATFORM = "platform"
    LISTING = "listing"  # the platform's list of returns: it has quotas of its own
    ERP = "erp"


class SideRecord(Value):
    """One side of a connection as the last sweep found it.

    answered_at: last success; trouble_since: first failure after it, with the words of the latest in `trouble`
    """

    connection: str
    side: Side
    system: str
    answered_at: datetime | None
    trouble_since: datetime | None
    trouble: str


class HeardOf(Value):
    """What we have heard of a return.

    seen: the platform's time of the last change that we have read; read_at: when we read it, by our own clock
    undelivered: a delivery waits for dispatch; told_at: when the last delivery came
    """

    known: bool = False
    seen: datetime | None = None
    read_at: datetime | None = None
    undelivered: bool = False
    told_at: datetime | None = None


class Candidate(Value):
    """Something that may take too long. The reader knows the limit, and asks `domain.lateness`.

    subject: the document, refund or exchange, where it is one; waited: time that belongs to windows
    window_at: opening of the window that it is queued for; document: key of the document that is on its way
    handled_by: id of an open exception about this very step
    """

    ref: ReturnRef
    subject: str = ""
    stage: Stage
    waiting_for: str = ""
    since: datetime
    waited: timedelta = timedelta()
    window_at: datetime | None = None
    document: str = ""
    handled_by: str = ""
    amount_text: str = ""
    currency: str = ""


#: A return id and a subject: where the next page begins. None: there is none.
Cursor: TypeAlias = tuple[str, str] | None


class CandidatePage(Value):
    """Some candidates by return and subject, and where the next ones begin."""

    items: list[Candidate]
    after: Cursor = None


class DriftCandidate(Value):
    """A return that the platform has finished with, of which the ERP lacks something.

    since: last change on the platform, as far as we know
    """

    ref: ReturnRef
    stage: Stage
    waiting_for: str
    phase: PlatformPhase
    since: datetime
    no_rma: bool
    no_stock: bool


class DriftPage(Value):
    """Some of them, and where the next ones begin."""

    items: list[DriftCandidate]
    after: Cursor = None


class LapsingExposure(Value):
    """Money that is out for a return that has ended, whose cover ends soon. `units`: by return line."""

    ref: ReturnRef
    stage: Stage
    cover_until: datetime
    amounts: list[Money]
    units: dict[str, int]


class StuckState(StrEnum):
    """Whether it still takes too long."""

    OPEN = "open"
    OVER = "over"


class StuckFound(Value):
    """One thing that takes longer than agreed.

    return_id: None where it is about the connection; subject: the document, refund, exchange or stage
    since: when the clock began, later by the time that belongs to windows; limit: the agreed time
    blocker: what it waits for, for people; amount: money at stake
    told_by: id of an open exception that says it already, so that it needs no alert of its own; empty: none does
    """

    kind: StuckKind
    connection: str
    return_id: str | None = None
    subject: str = ""
    stage: str = ""
    since: datetime
    limit: timedelta
    blocker: str
    told_by: str = ""
    amount: Money | None = None

    @property
    def id(self) -> str:
        """Made of business facts: found again, it is the same."""
        fact = "\n".join((self.kind, self.connection, self.return_id or "", self.subject))
        return f"late-{hashlib.sha256(fact.encode()).hexdigest()[:12]}"

    @property
    def ref(self) -> ReturnRef | None:
        """The return that it is about."""
        if self.return_id is None:
            return None
        return ReturnRef(connection=self.connection, return_id=self.return_id)


class StuckRecord(StuckFound):
    """As it is kept. `found_at` tells one occasion from the next: over and found again has a new one."""

    state: StuckState
    found_at: datetime
    seen_at: datetime
    over_at: datetime | None = None
