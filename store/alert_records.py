"""What the store gives back and takes in about alerts."""

from datetime import datetime
from enum import StrEnum

from domain.alerts import Alert
from domain.exceptions import ExceptionCode, Owner, Track
from domain.lateness import StuckKind
from domain.model import Value


class AlertState(StrEnum):
    """How far an alert, or its way over one channel, got."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"  # tried often enough; it is only in the console
    QUIET = "quiet"  # told nobody: no channel, or over before it was sent


class SendRecord(Value):
    """An alert over one channel. `reason`: why the last try failed; it never holds the channel's address."""

    channel: str
    state: AlertState
    attempts: int
    due_at: datetime
    reason: str
    settled_at: datetime | None


class AlertRecord(Value):
    """One alert and what became of it. `count`: how many things it stands for by now; `note`: why it is quiet."""

    alert: Alert
    state: AlertState
    count: int
    note: str
    made_at: datetime
    settled_at: datetime | None
    sends: list[SendRecord] = []


class DueSend(Value):
    """One alert that this process, and no other, sends over one channel now. `attempts`: failed ones so far."""

    alert: Alert
    channel: str
    attempts: int


class Untold(Value):
    """Open exceptions of one root cause and track that no alert has told of in this role yet."""

    connection: str
    code: ExceptionCode
    track: Track | None
    cause: str
    count: int
    oldest_at: datetime
    newest_at: datetime


class UntoldLate(Value):
    """Things of one kind that take longer than agreed, and that nothing has told of yet."""

    connection: str
    kind: StuckKind
    count: int
    newest_at: datetime


class Recurrence(Value):
    """How often a cause came up in a window. `open_now`: how many still wait.

    alerts: how many alerts told of them; those that were over before they were told count as one more
    """

    connection: str
    code: ExceptionCode
    owner: Owner
    cause: str
    count: int
    open_now: int
    alerts: int
    first_at: datetime
    alert_key: str | None
