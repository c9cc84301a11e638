"""What the store counts for the measures. Times are aware UTC, spans whole milliseconds, amounts minor units."""

from datetime import date, datetime

from domain.exceptions import ExceptionCode, Owner
from domain.latency import PostingStage
from domain.model import Value
from domain.money import Money


class StageTime(Value):
    """How long one document took: `delay_ms` from `due_at` to `posted_at`, and `window_ms` in line for windows."""

    key: str
    stage: PostingStage
    depot: str
    due_at: datetime
    posted_at: datetime
    window_ms: int
    delay_ms: int
    hand: bool


class DelayStep(Value):
    """Documents of one stage, connection and depot whose delays fall into one step of the scale.

    longest_ms: the longest of these delays, so that a percentile read from it is never too short
    waited: documents that waited for windows, `window_ms` in all, `longest_window_ms` the longest
    """

    stage: PostingStage
    connection: str
    depot: str
    step: int
    count: int
    longest_ms: int
    hand: int
    waited: int
    window_ms: int
    longest_window_ms: int


class Place(Value):
    """A stage of one connection and depot; documents other than stock have no depot."""

    stage: PostingStage
    connection: str
    depot: str = ""


class OpenWork(Value):
    """What the ERP does not have yet. `late_from`: since when the delay of the oldest counts, None when all wait.

    waiting: those that wait for a window that is still to come, the first of which opens at `next_window`
    """

    stage: PostingStage
    connection: str
    depot: str
    count: int
    waiting: int
    late_from: datetime | None
    next_window: datetime | None


class Handling(Value):
    """Exceptions that people resolved in a period, from opened to resolved: of one owner, or of all (None)."""

    owner: Owner | None
    count: int
    median_ms: int
    total_ms: int


class CauseCount(Value):
    """Exceptions of one root cause that were opened in a period.

    open: those that still wait for somebody; one: id of any of them
    """

    cause: str
    connection: str
    code: ExceptionCode
    owner: Owner
    count: int
    open: int
    one: str


class DayFlow(Value):
    """What happened on one UTC day. credited: one sum per currency; units: booked into stock, `restocked` to sell."""

    day: date
    opened: int = 0
    closed: int = 0
    credited: list[Money] = []
    units: int = 0
    restocked: int = 0


class Waiting(Value):
    """How many wait, and since when the oldest does."""

    count: int = 0
    oldest_at: datetime | None = None


class Outage(Value):
    """A side of a connection that is down. `system`: platform, ERP, or the ERP's files."""

    connection: str
    system: str
    since: datetime
    reason: str


class ExposureTotal(Value):
    """Value that is out while its goods are not in, of one connection and currency. `units` are returned units."""

    connection: str
    amount: Money
    units: int
    oldest_at: datetime


class OpenExceptions(Value):
    """Open exceptions of one connection, owner and code."""

    connection: str
    owner: Owner
    code: ExceptionCode
    count: int
    oldest_at: datetime
