"""Whether each connection works: last success, backlog, oldest item, what is down and since when (R95)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.batches import RecordClass, files_of
from domain.connection import Connection
from domain.model import Value
from domain.ports import CallQuota
from store import Store
from store.measure_records import OpenExceptions, OpenWork, Outage, Waiting
from store.sweep_records import Side, SideRecord
from store.unit import Unit


class SideHealth(Value):
    """One side of a connection. `system`: the platform's or ERP's name; reason: why it is down.

    last_success: when it last answered or told us anything, None when it never did
    """

    side: Side
    system: str
    up: bool
    down_since: datetime | None
    reason: str
    last_success: datetime | None


class QuotaUse(Value):
    """Calls of this UTC day against a daily quota."""

    account: str
    used: int
    daily_calls: int


class ConnectionHealth(Value):
    """How a connection does.

    sides: platform and ERP, and the platform's list of returns where a sweep has asked for it
    backlog: deliveries that no workflow was told of; pending: documents and returns that the ERP does not have yet,
    `queued` of them wait for a window to come, the next of which opens at `next_window`
    oldest_at: since when the oldest of backlog, pending work and open exceptions waits
    """

    connection: str
    sides: list[SideHealth]
    backlog: int
    oldest_delivery_at: datetime | None
    exceptions_open: int
    oldest_exception_at: datetime | None
    pending: int
    queued: int
    next_window: datetime | None
    oldest_at: datetime | None
    quota: QuotaUse | None

    @property
    def up(self) -> bool:
        """Whether platform and ERP work. Without the list returns go on: only lost webhooks are found later."""
        return all(side.up for side in self.sides if side.side is not Side.LISTING)


@dataclass(frozen=True)
class _Seen:
    """What the store knows about all connections."""

    now: datetime
    outages: Sequence[Outage]
    asked: Sequence[SideRecord]
    inbox: Mapping[str, Waiting]
    exceptions: Sequence[OpenExceptions]
    work: Sequence[OpenWork]
    calls: Mapping[str, int]


async def health(
    store: Store, connections: Sequence[Connection], now: datetime, quotas: Mapping[str, CallQuota] | None = None
) -> list[ConnectionHealth]:
    """Every connection, in the order given. `quotas`: connection → daily quota of its platform, where it has one."""
    async with store.reading() as unit:
        seen = _Seen(
            now=now,
            outages=await unit.figures.outages(),
            asked=await unit.sweep.sides(),
            inbox=await unit.figures.inbox(),
            exceptions=await unit.figures.open_exceptions(),
            work=await unit.measures.open_work(now),
            calls=await unit.calls.of_day(now.date()),
        )
        return [await _connection(unit, one, seen, (quotas or {}).get(one.name)) for one in connections]


async def _connection(unit: Unit, connection: Connection, seen: _Seen, quota: CallQuota | None) -> ConnectionHealth:
    name = connection.name
    waiting = seen.inbox.get(name, Waiting())
    exceptions = [one for one in seen.exceptions if one.connection == name]
    work = [one for one in seen.work if one.connection == name]
    oldest_exception = _first(one.oldest_at for one in exceptions)
    late_from = _first(one.late_from for one in work)
    return ConnectionHealth(
        connection=name,
        sides=[
            _side(Side.PLATFORM, connection, seen, await unit.figures.last_delivery(name)),
            _side(Side.ERP, connection, seen, await unit.measures.last_posted(name)),
            *_listing(connection, seen),
        ],
        backlog=waiting.count,
        oldest_delivery_at=waiting.oldest_at,
        exceptions_open=sum(one.count for one in exceptions),
        oldest_exception_at=oldest_exception,
        pending=sum(one.count for one in work),
        queued=sum(one.waiting for one in work),
        next_window=_first(one.next_window for one in work),
        oldest_at=_first((waiting.oldest_at, oldest_exception, late_from)),
        quota=_use(quota, seen.calls),
    )


def _side(side: Side, connection: Connection, seen: _Seen, heard_at: datetime | None) -> SideHealth:
    """Down while an outage of it is open, or while sweeps have had no answer for as long as an outage may last.

    An ERP's files are a part of it.
    """
    names = {
        Side.PLATFORM: connection.platform,
        Side.LISTING: f"{connection.platform} listing",
        Side.ERP: connection.erp,
    }
    system = names[side]
    files = [files_of(system, record_class) for record_class in RecordClass]
    asked = [one for one in seen.asked if (one.connection, one.side) == (connection.name, side)]
    troubles = [
        (one.since, one.reason)
        for one in seen.outages
        if one.connection == connection.name and one.system in (system, *files)
    ]
    limit = connection.policy.outage_limit
    troubles += [
        (one.trouble_since, one.trouble)
        for one in asked
        if one.trouble_since is not None and seen.now - one.trouble_since >= limit
    ]
    down_since, reason = min(troubles, default=(None, ""))
    successes = (heard_at, *(one.answered_at for one in asked))
    return SideHealth(
        side=side,
        system=system,
        up=not troubles,
        down_since=down_since,
        reason=reason,
        last_success=max((at for at in successes if at is not None), default=None),
    )


def _listing(connection: Connection, seen: _Seen) -> list[SideHealth]:
    known = any((one.connection, one.side) == (connection.name, Side.LISTING) for one in seen.asked)
    return [_side(Side.LISTING, connection, seen, None)] if known else []


def _use(quota: CallQuota | None, calls: Mapping[str, int]) -> QuotaUse | None:
    if quota is None:
        return None
    return QuotaUse(account=quota.account, used=calls.get(quota.account, 0), daily_calls=quota.daily_calls)


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in moments if at is not None), default=None)
