"""When documents are posted, in words (R36)."""

from collections.abc import Iterator

from domain.batches import RecordClass
from domain.connection import Connection
from domain.windows import Timing, WindowCalendar
from guides.blocks import Given
from guides.words import listed, span

_CLASSES = {
    RecordClass.RMA: "RMAs and exchange orders",
    RecordClass.STOCK: "Stock documents",
    RecordClass.CREDIT: "Credit notes",
}


def timing_rows(timing: Timing) -> Iterator[tuple[Given, ...]]:
    """Each class of documents, and when it goes into the ERP."""
    for record_class, label in _CLASSES.items():
        yield (label,), (when(timing.of(record_class)),)


def when(calendar: WindowCalendar | None) -> str:
    """``at once``, or the windows in the time zone that they are meant in."""
    if calendar is None:
        return "at once"
    if calendar.every is not None:
        return f"in a window every {span(calendar.every)}, open for {span(calendar.length)}"
    times = listed(f"{moment:%H:%M}" for moment in calendar.opens)
    return f"in windows at {times} ({calendar.zone}), open for {span(calendar.length)}"


def has_windows(timing: Timing) -> bool:
    """Whether anything waits for a window."""
    return any(timing.of(record_class) is not None for record_class in RecordClass)


def timing_words(connection: Connection) -> str:
    """All three classes in one line, for a table of connections."""
    timing = connection.timing
    if not has_windows(timing):
        return "everything at once"
    return "; ".join(f"{label.lower()} {when(timing.of(kind))}" for kind, label in _CLASSES.items())
