"""How long documents take to reach the ERP, per stage, ERP and depot, and what waits now (R90, R130, N10, E64).

Waiting for a batch window is no delay: it is shown apart, and never makes a stage red.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby

from domain.connection import Connection
from domain.latency import PostingStage, agreed_time, milliseconds
from domain.model import Value
from store import Store
from store.measure_records import DelayStep, OpenWork, Place


class StageLatency(Value):
    """Documents of one stage, connection and depot that reached the ERP in a period. Times are seconds of real delay.

    p50, p95: half of them, and 19 of 20, took no longer; read from a scale, at most a tenth too long
    by_hand: those that a person made; waited: those that waited for windows, which took `window_…` besides
    over: those that took longer than the agreed time; red: more than one in twenty did
    """

    stage: PostingStage
    connection: str
    erp: str
    books: str
    depot: str
    count: int
    by_hand: int
    p50_seconds: float
    p95_seconds: float
    longest_seconds: float
    waited: int
    window_mean_seconds: float
    window_longest_seconds: float
    agreed_seconds: float
    over: int
    share_over: float
    red: bool


class OpenAge(Value):
    """What the ERP does not have yet, of one stage, connection and depot.

    waiting: those that wait for a window to come, the next of which opens at `next_window`; they are not late
    oldest_seconds: delay of the oldest of the others so far, None when there is none; red: more than agreed
    """

    stage: PostingStage
    connection: str
    erp: str
    books: str
    depot: str
    count: int
    waiting: int
    next_window: datetime | None
    oldest_seconds: float | None
    agreed_seconds: float
    red: bool


async def latencies(
    store: Store, connections: Sequence[Connection], since: datetime, until: datetime, connection: str | None = None
) -> list[StageLatency]:
    """Documents that reached an ERP from `since` to before `until`, of all connections or of one."""
    chosen = {one.name: one for one in connections if connection in (None, one.name)}
    limits = {
        (stage, one.name): milliseconds(agreed_time(one.limits, stage))
        for one in chosen.values()
        for stage in PostingStage
    }
    async with store.reading() as unit:
        steps = await unit.measures.delays(since, until, list(chosen))
        over = await unit.measures.longer_than(limits, since, until)
    return [
        _latency(chosen[place.connection], place, list(of_place), over.get(place, 0))
        for place, of_place in groupby(steps, key=_place)
    ]


async def open_ages(
    store: Store, connections: Sequence[Connection], now: datetime, connection: str | None = None
) -> list[OpenAge]:
    """What waits now: returns without RMA, stock and replacements without document, refunds without credit."""
    chosen = {one.name: one for one in connections if connection in (None, one.name)}
    async with store.reading() as unit:
        work = [one for one in await unit.measures.open_work(now) if one.connection in chosen]
    work.sort(key=_order)
    return [_open_age(chosen[place.connection], place, list(of), now) for place, of in groupby(work, key=_place)]


def red_stages(measured: Iterable[StageLatency | OpenAge]) -> set[tuple[str, PostingStage]]:
    """Connection and stage of everything that is red."""
    return {(one.connection, one.stage) for one in measured if one.red}


def _latency(connection: Connection, place: Place, steps: Sequence[DelayStep], over: int) -> StageLatency:
    count = sum(step.count for step in steps)
    waited = sum(step.waited for step in steps)
    agreed = agreed_time(connection.limits, place.stage).total_seconds()
    p95 = _percentile(steps, count, 95)
    return StageLatency(
        **_where(connection, place),
        count=count,
        by_hand=sum(step.hand for step in steps),
        p50_seconds=_percentile(steps, count, 50),
        p95_seconds=p95,
        longest_seconds=max(step.longest_ms for step in steps) / 1000,
        waited=waited,
        window_mean_seconds=sum(step.window_ms for step in steps) / waited / 1000 if waited else 0.0,
        window_longest_seconds=max(step.longest_window_ms for step in steps) / 1000,
        agreed_seconds=agreed,
        over=over,
        share_over=over / count,
        red=over * 20 > count,
    )


def _percentile(steps: Sequence[DelayStep], count: int, percent: int) -> float:
    """Seconds within which so many percent of the documents are done: the longest delay of the step they end in."""
    seen = 0
    for step in steps:
        seen += step.count
        if seen * 100 >= count * percent:
            return step.longest_ms / 1000
    return 0.0


def _open_age(connection: Connection, place: Place, work: Sequence[OpenWork], now: datetime) -> OpenAge:
    late_from = min((one.late_from for one in work if one.late_from), default=None)
    oldest = max((now - late_from).total_seconds(), 0.0) if late_from else None
    agreed = agreed_time(connection.limits, place.stage).total_seconds()
    return OpenAge(
        **_where(connection, place),
        count=sum(one.count for one in work),
        waiting=sum(one.waiting for one in work),
        next_window=min((one.next_window for one in work if one.next_window), default=None),
        oldest_seconds=oldest,
        agreed_seconds=agreed,
        red=oldest is not None and oldest > agreed,
    )


def _where(connection: Connection, place: Place) -> dict[str, str]:
    return {**place.model_dump(), "erp": connection.erp, "books": connection.books}


def _place(one: DelayStep | OpenWork) -> Place:
    return Place(stage=one.stage, connection=one.connection, depot=one.depot)


def _order(one: OpenWork) -> tuple[str, str, str]:
    return one.connection, one.stage, one.depot
