"""When a system takes documents: windows by the clock of its own time zone (R35, R36, R117)."""

import heapq
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import count, takewhile
from operator import attrgetter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator, model_validator

from domain.batches import RecordClass, record_class_of
from domain.documents import DocumentKind
from domain.duration import Duration
from domain.model import Value

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


class Window(Value):
    """One window: documents are taken from `opens` until before `closes`; both are aware UTC."""

    opens: datetime
    closes: datetime


class WindowCalendar(Value):
    """The windows of one class of documents: at fixed times of each day, or one after the other at equal distances.

    zone: IANA name of the time zone that `opens` are times of, e.g. ``Europe/London``
    opens: times of each day; one that the clock skips that day comes as much later, one that it repeats comes once
    every: distance between the openings, counted from 1970-01-01T00:00Z
    length: how long a window stays open
    """

    zone: str = "UTC"
    opens: tuple[time, ...] = ()
    every: Duration | None = None
    length: Duration = Field(default=timedelta(minutes=15), gt=timedelta())

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"{zone!r} is no time zone; write it as Europe/London") from None
        return zone

    @model_validator(mode="after")
    def _one_rhythm(self) -> "WindowCalendar":
        if bool(self.opens) == bool(self.every):
            raise ValueError("name either the times at which windows open, or the distance between them")
        if any(moment.tzinfo for moment in self.opens):
            raise ValueError("opens are times of the zone, without a zone of their own")
        if self.length > min(self._distances()):
            raise ValueError(f"a window of {self.length} is still open when the next one opens")
        return self

    def next(self, after: datetime) -> Window:
        """The first window that opens after this moment."""
        return next(window for window in self.around(after) if window.opens > after)

    def open_at(self, moment: datetime) -> Window | None:
        """The window that is open at this moment, or None."""
        begun = takewhile(lambda window: window.opens <= moment, self.around(moment))
        return next((window for window in begun if moment < window.closes), None)

    def around(self, moment: datetime) -> Iterator[Window]:
        """Windows in their order without end, beginning before the moment."""
        for opens in self._every(moment, self.every) if self.every else self._daily(moment):
            yield Window(opens=opens, closes=opens + self.length)

    def _every(self, moment: datetime, distance: timedelta) -> Iterator[datetime]:
        return (moment - (moment - _EPOCH) % distance + number * distance for number in count())

    def _daily(self, moment: datetime) -> Iterator[datetime]:
        zone = ZoneInfo(self.zone)
        yesterday = moment.astimezone(zone).date() - _DAY
        for number in count():
            day = yesterday + number * _DAY
            yield from sorted(datetime.combine(day, at, zone).astimezone(UTC) for at in self.opens)

    def _distances(self) -> list[timedelta]:
        if self.every:
            return [self.every]
        minutes = sorted(timedelta(hours=at.hour, minutes=at.minute, seconds=at.second) for at in self.opens)
        return [later - earlier for earlier, later in zip(minutes, [*minutes[1:], minutes[0] + _DAY], strict=True)]


class Timing(Value):
    """Which documents wait for windows; those of a class without a calendar are posted at once (R36, R51, R117).

    hand_over_before: a batch ERP's file lies there so long before its window opens
    acknowledge_within: so long after the window closes an answer is overdue, and a file that still lies there stalled
    """

    rma: WindowCalendar | None = None
    stock: WindowCalendar | None = None
    credit: WindowCalendar | None = None
    hand_over_before: Duration = timedelta(minutes=2)
    acknowledge_within: Duration = timedelta(minutes=30)

    def of(self, record_class: RecordClass) -> WindowCalendar | None:
        """The calendar of a class; None: at once."""
        calendars = {RecordClass.RMA: self.rma, RecordClass.STOCK: self.stock, RecordClass.CREDIT: self.credit}
        return calendars[record_class]

    def calendar(self, kind: DocumentKind) -> WindowCalendar | None:
        """The calendar of documents of this kind; None: at once."""
        return self.of(record_class_of(kind))

    def open_at(self, moment: datetime) -> bool:
        """Whether a window of any class is open."""
        return any(calendar.open_at(moment) is not None for calendar in self._calendars)

    def between_windows(self, since: datetime, until: datetime) -> timedelta:
        """How much of this time lies in no window of any class."""
        windows = heapq.merge(*(calendar.around(since) for calendar in self._calendars), key=attrgetter("opens"))
        between, at = timedelta(), since
        for window in takewhile(lambda window: window.opens < until, windows):
            between += max(window.opens - at, timedelta())
            at = max(at, window.closes)
        return between + max(until - at, timedelta())

    @property
    def _calendars(self) -> list[WindowCalendar]:
        return [calendar for calendar in (self.rma, self.stock, self.credit) if calendar is not None]
