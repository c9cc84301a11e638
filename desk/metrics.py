"""The measures in the text format of Prometheus. Reading them costs a few queries: callers keep the text for a while.

Histograms are of the documents of the last 24 hours, so a quantile is read from them directly, without ``rate()``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeHistogramMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from desk.effort import Touchless, touchless
from desk.health import ConnectionHealth, health
from desk.latency import OpenAge, open_ages
from domain.connection import Connection
from domain.latency import PostingStage, agreed_time
from domain.progress import Stage
from store import Store
from store.measure_records import ExposureTotal, OpenExceptions, Place

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
#: Upper bounds of the histograms, in seconds: from a prompt answer to a week.
BOUNDS = (1, 2, 5, 10, 30, 60, 120, 300, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 86_400, 259_200, 604_800)
_BOUNDS_MS = tuple(bound * 1000 for bound in BOUNDS)


@dataclass(frozen=True)
class Snapshot:
    """Everything that the metrics show, read at one moment. Counts below bounds are as the store gives them."""

    now: datetime
    connections: Sequence[Connection]
    returns: Mapping[Stage, int]
    exceptions: Sequence[OpenExceptions]
    delays: Mapping[Place, Sequence[int]]
    waits: Mapping[Place, Sequence[int]]
    open_ages: Sequence[OpenAge]
    exposure: Sequence[ExposureTotal]
    health: Sequence[ConnectionHealth]
    touchless: Touchless

    def erp(self, connection: str) -> str:
        """The ERP of a connection; empty when it is no longer configured."""
        return next((one.erp for one in self.connections if one.name == connection), "")


async def metrics_text(store: Store, connections: Sequence[Connection], now: datetime) -> str:
    """All metrics as Prometheus reads them."""
    return render(await take_snapshot(store, connections, now))


async def take_snapshot(store: Store, connections: Sequence[Connection], now: datetime) -> Snapshot:
    """Read everything that the metrics show."""
    soon = now + timedelta(milliseconds=1)  # what was posted in this very moment counts
    async with store.reading() as unit:
        returns = await unit.figures.open_stages()
        exceptions = await unit.figures.open_exceptions()
        exposure = await unit.figures.exposure()
        delays = await unit.measures.below(_BOUNDS_MS, now - _DAY, soon)
        waits = await unit.measures.waits_below(_BOUNDS_MS, now - _DAY, soon)
    return Snapshot(
        now=now,
        connections=connections,
        returns=returns,
        exceptions=exceptions,
        delays=delays,
        waits=waits,
        open_ages=await open_ages(store, connections, now),
        exposure=exposure,
        health=await health(store, connections, now),
        touchless=await touchless(store, now - _WEEK, soon),
    )


def render(snapshot: Snapshot) -> str:
    """The text of one snapshot."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(snapshot))
    return generate_latest(registry).decode()


class _Families(Collector):
    """Hands a snapshot to the library."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        for make in _MAKERS:
            yield from make(self._snapshot)


def _returns(snapshot: Snapshot) -> Iterator[Metric]:
    rows = ((stage, snapshot.returns.get(stage, 0)) for stage in Stage if not stage.final)
    yield _gauge("backhaul_returns", "Returns that are not over, by stage.", ("stage",), rows)


def _exceptions(snapshot: Snapshot) -> Iterator[Metric]:
    yield _gauge(
        "backhaul_exceptions_open",
        "Exceptions that wait for a decision.",
        ("owner", "code", "connection"),
        ((one.owner, one.code, one.connection, one.count) for one in snapshot.exceptions),
    )
    oldest: dict[str, datetime] = {}
    for one in snapshot.exceptions:
        oldest[one.owner] = min(one.oldest_at, oldest.get(one.owner, one.oldest_at))
    yield _gauge(
        "backhaul_oldest_exception_seconds",
        "Age of the oldest open exception of each team.",
        ("owner",),
        ((owner, (snapshot.now - at).total_seconds()) for owner, at in sorted(oldest.items())),
    )


def _latency(snapshot: Snapshot) -> Iterator[Metric]:
    yield _histogram(
        snapshot,
        "backhaul_stage_latency_seconds",
        "Real delay of documents that reached the ERP in the last 24 hours, waiting for batch windows left out."
        " Read quantiles without rate().",
        snapshot.delays,
    )
    yield _histogram(
        snapshot,
        "backhaul_window_wait_seconds",
        "Time that documents of the last 24 hours waited for batch windows. Nobody is late because of it.",
        snapshot.waits,
    )
    yield _gauge(
        "backhaul_stage_agreed_seconds",
        "How long a document of a stage may take, as configured.",
        ("stage", "connection"),
        (
            (stage, one.name, agreed_time(one.limits, stage).total_seconds())
            for one in snapshot.connections
            for stage in PostingStage
        ),
    )


def _open(snapshot: Snapshot) -> Iterator[Metric]:
    labels, ages = ("stage", "connection", "erp", "depot"), snapshot.open_ages
    yield _gauge(
        "backhaul_open_documents",
        "What the ERP does not have yet, without what waits for a batch window.",
        labels,
        ((*_labels(one), one.count - one.waiting) for one in ages),
    )
    yield _gauge(
        "backhaul_queued_documents",
        "What waits for a batch window to come.",
        labels,
        ((*_labels(one), one.waiting) for one in ages),
    )
    yield _gauge(
        "backhaul_open_oldest_seconds",
        "Delay so far of the oldest document that the ERP does not have yet.",
        labels,
        ((*_labels(one), one.oldest_seconds or 0) for one in ages),
    )


def _exposure(snapshot: Snapshot) -> Iterator[Metric]:
    yield _gauge(
        "backhaul_exposure_minor",
        "Value that is out while its goods are not in, in minor units of the currency.",
        ("connection", "currency"),
        ((one.connection, one.amount.currency, one.amount.amount) for one in snapshot.exposure),
    )


def _connections(snapshot: Snapshot) -> Iterator[Metric]:
    sides = [(one, side) for one in snapshot.health for side in one.sides]
    yield _gauge(
        "backhaul_connection_up",
        "1 while a side of a connection works, 0 while it is down.",
        ("connection", "side", "system"),
        ((one.connection, side.side, side.system, int(side.up)) for one, side in sides),
    )
    yield _gauge(
        "backhaul_connection_last_success_timestamp_seconds",
        "When a side of a connection last answered or told us anything.",
        ("connection", "side", "system"),
        (
            (one.connection, side.side, side.system, side.last_success.timestamp())
            for one, side in sides
            if side.last_success is not None
        ),
    )
    yield _gauge(
        "backhaul_inbox_backlog",
        "Webhooks that were accepted and that no workflow was told of yet.",
        ("connection",),
        ((one.connection, one.backlog) for one in snapshot.health),
    )
    yield _gauge(
        "backhaul_inbox_oldest_seconds",
        "Age of the oldest of these webhooks.",
        ("connection",),
        ((one.connection, _age(snapshot.now, one.oldest_delivery_at)) for one in snapshot.health),
    )


def _touchless(snapshot: Snapshot) -> Iterator[Metric]:
    share = snapshot.touchless.share
    yield _gauge(
        "backhaul_touchless_ratio",
        "Share of the returns closed in the last 7 days that no person had to do with.",
        (),
        () if share is None else ((share,),),
    )


_MAKERS: tuple[Callable[[Snapshot], Iterator[Metric]], ...] = (
    _returns,
    _exceptions,
    _latency,
    _open,
    _exposure,
    _connections,
    _touchless,
)


def _gauge(name: str, text: str, labels: Sequence[str], rows: Iterable[Sequence[str | float]]) -> Metric:
    """A gauge; each row is the labels' values and the value."""
    family = GaugeMetricFamily(name, text, labels=labels)
    for row in rows:
        family.add_metric([str(label) for label in row[:-1]], float(row[-1]))
    return family


def _histogram(snapshot: Snapshot, name: str, text: str, counted: Mapping[Place, Sequence[int]]) -> Metric:
    family = GaugeHistogramMetricFamily(name, text, labels=("stage", "connection", "erp", "depot"))
    for place, (*below, count, total_ms) in sorted(counted.items(), key=lambda item: item[0].model_dump_json()):
        labels = [place.stage, place.connection, snapshot.erp(place.connection), place.depot]
        buckets = [*((str(float(bound)), float(seen)) for bound, seen in zip(BOUNDS, below, strict=True))]
        family.add_metric(labels, [*buckets, ("+Inf", float(count))], gsum_value=total_ms / 1000)
    return family


def _labels(one: OpenAge) -> tuple[str, str, str, str]:
    return one.stage, one.connection, one.erp, one.depot


def _age(now: datetime, since: datetime | None) -> float:
    return (now - since).total_seconds() if since else 0.0
