"""What returns cost people: touchless share, exceptions per hundred returns, handling time, and the flow (R96)."""

from datetime import datetime

from domain.catalogue import CATALOGUE
from domain.exceptions import ExceptionCode, Owner
from domain.grouping import root_cause
from domain.model import Value
from store import Store
from store.measure_records import CauseCount, DayFlow, ExposureTotal

_MS_PER_HOUR = 3_600_000


class Touchless(Value):
    """Returns that were closed in a period, and those of them that no person had to do with.

    A person had to, where an exception was opened or a document was made by hand. share: None when none was closed
    """

    closed: int
    touchless: int
    share: float | None


class HandlingTime(Value):
    """Exceptions that people resolved in a period: of one owner, or of all (None).

    median_seconds: from opened to resolved; hours: all of them together
    """

    owner: Owner | None
    count: int
    median_seconds: float
    hours: float


class CauseFigure(Value):
    """A root cause and how many exceptions it opened in a period; `open` of them still wait.

    wrong: the one thing that is wrong, empty where each return has its own reason
    """

    cause: str
    connection: str
    code: ExceptionCode
    title: str
    owner: Owner
    wrong: str
    count: int
    open: int


class EffortReport(Value):
    """The manual effort of a period. per_100: exceptions of returns per hundred new returns, None without any."""

    since: datetime
    until: datetime
    opened: int
    exceptions: int
    per_100: float | None
    touchless: Touchless
    handling: list[HandlingTime]
    causes: list[CauseFigure]
    days: list[DayFlow]


async def touchless(store: Store, since: datetime, until: datetime) -> Touchless:
    """Returns closed from `since` to before `until`."""
    async with store.reading() as unit:
        closed = await unit.figures.closed(since, until)
        touched = await unit.figures.closed_with_a_hand(since, until)
    alone = closed - touched
    return Touchless(closed=closed, touchless=alone, share=alone / closed if closed else None)


async def handling_times(store: Store, since: datetime, until: datetime) -> list[HandlingTime]:
    """All together first, then by owner; empty when nothing was resolved."""
    async with store.reading() as unit:
        found = await unit.figures.handled(since, until)
    return [
        HandlingTime(
            owner=one.owner,
            count=one.count,
            median_seconds=one.median_ms / 1000,
            hours=one.total_ms / _MS_PER_HOUR,
        )
        for one in found
    ]


async def flow(store: Store, since: datetime, until: datetime) -> list[DayFlow]:
    """Opened and closed returns, credited value per currency and units booked, by UTC day."""
    async with store.reading() as unit:
        return await unit.figures.flow(since, until)


async def exceptions_by_cause(store: Store, since: datetime, until: datetime, top: int = 10) -> list[CauseFigure]:
    """The `top` causes of exceptions that were opened in a period, the most frequent first."""
    async with store.reading() as unit:
        counted = await unit.figures.causes(since, until, top)
        samples = {one.cause: await unit.exceptions.get(one.one) for one in counted}
    wrong = {cause: root_cause(sample).wrong for cause, sample in samples.items() if sample is not None}
    return [_figure(one, wrong.get(one.cause, "")) for one in counted]


async def exposure_totals(store: Store) -> list[ExposureTotal]:
    """What is out while its goods are not in, by connection and currency (N11)."""
    async with store.reading() as unit:
        return await unit.figures.exposure()


async def effort(store: Store, since: datetime, until: datetime, top: int = 10) -> EffortReport:
    """Everything that shows how much of a period's returns needed people."""
    async with store.reading() as unit:
        opened = await unit.figures.opened(since, until)
        exceptions = await unit.figures.exceptions_opened(since, until)
    return EffortReport(
        since=since,
        until=until,
        opened=opened,
        exceptions=exceptions,
        per_100=100 * exceptions / opened if opened else None,
        touchless=await touchless(store, since, until),
        handling=await handling_times(store, since, until),
        causes=await exceptions_by_cause(store, since, until, top),
        days=await flow(store, since, until),
    )


def _figure(one: CauseCount, wrong: str) -> CauseFigure:
    return CauseFigure(
        cause=one.cause,
        connection=one.connection,
        code=one.code,
        title=CATALOGUE[one.code].title,
        owner=one.owner,
        wrong=wrong,
        count=one.count,
        open=one.open,
    )
