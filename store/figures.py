"""Figures over a period for people: what came, went and needed a hand; and where everything stands now (R95, R96)."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, case, union
from sqlmodel import col, func, select

from domain.exceptions import ExceptionCode, Owner
from domain.money import Money
from domain.progress import Stage
from store.exchange_records import ExposureState
from store.measure_records import CauseCount, DayFlow, ExposureTotal, Handling, OpenExceptions, Outage, Waiting
from store.measures import posted_within
from store.records import ExceptionState
from store.scope import Scope
from store.sql_time import span_ms, utc_day
from store.tables import ExceptionRow, ReturnRow
from store.tables_exchange import ExposureRow
from store.tables_ledger import InboxRow
from store.tables_measures import StageTimeRow

#: A side of a connection does not answer, or refuses what we ask.
_DOWN = (ExceptionCode.CONNECTION_DOWN, ExceptionCode.CONFIG_INVALID)


class Figures:
    """Counts and sums of one transaction. Periods are from `since` to before `until`."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    # A period

    async def opened(self, since: datetime, until: datetime) -> int:
        """Returns that were seen for the first time."""
        return await self._count(ReturnRow, _within(ReturnRow.created_at, since, until))

    async def closed(self, since: datetime, until: datetime) -> int:
        """Returns that came to their proper end, which a cancelled or expired one did not."""
        return await self._count(ReturnRow, _closed(since, until))

    async def closed_with_a_hand(self, since: datetime, until: datetime) -> int:
        """Those of them that a person had to do with: by an exception, or by a document made in the ERP."""
        touched = union(
            select(ExceptionRow.connection, ExceptionRow.return_id).where(
                col(ExceptionRow.return_id).is_not(None), col(ExceptionRow.opened_at) < until
            ),
            select(StageTimeRow.connection, StageTimeRow.return_id).where(col(StageTimeRow.hand)),
        ).subquery()
        same = and_(col(ReturnRow.connection) == touched.c.connection, col(ReturnRow.return_id) == touched.c.return_id)
        query = select(func.count()).select_from(ReturnRow).join(touched, same).where(*_closed(since, until))
        return await self._scope.first(query) or 0

    async def exceptions_opened(self, since: datetime, until: datetime) -> int:
        """Exceptions of returns; an outage of a connection is none of them."""
        period = _within(ExceptionRow.opened_at, since, until)
        return await self._count(ExceptionRow, (*period, col(ExceptionRow.return_id).is_not(None)))

    async def handled(self, since: datetime, until: datetime) -> list[Handling]:
        """How long exceptions waited that people resolved: of each owner, and of all together first."""
        return [*await self._handled(since, until, sa.null()), *await self._handled(since, until, ExceptionRow.owner)]

    async def flow(self, since: datetime, until: datetime) -> list[DayFlow]:
        """Day by day, the days without anything left out."""
        opened = await self._by_day(ReturnRow.created_at, _within(ReturnRow.created_at, since, until))
        closed = await self._by_day(ReturnRow.closed_at, _closed(since, until))
        posted = await self._posted(since, until)
        nothing: tuple[list[Money], int, int] = ([], 0, 0)
        return [
            DayFlow(
                day=date.fromisoformat(day),
                opened=opened[day],
                closed=closed[day],
                credited=money,
                units=units,
                restocked=restocked,
            )
            for day in sorted({*opened, *closed, *posted})
            for money, units, restocked in (posted.get(day, nothing),)
        ]

    async def causes(self, since: datetime, until: datetime, top: int) -> list[CauseCount]:
        """Root causes of exceptions that were opened, the most frequent first."""
        row = ExceptionRow
        group: tuple[Any, ...] = (row.cause, row.connection, row.code, row.owner)
        open_ = func.sum(case((col(row.state) == ExceptionState.OPEN, 1), else_=0))
        query: Any = (
            sa.select(*group, func.count(), open_, func.min(row.id))
            .where(*_within(row.opened_at, since, until))
            .group_by(*group)
            .order_by(func.count().desc(), col(row.cause))
            .limit(top)
        )
        return [
            CauseCount(cause=cause, connection=connection, code=code, owner=owner, count=count, open=still, one=one)
            for cause, connection, code, owner, count, still, one in await self._scope.tuples(query)
        ]

    # Now

    async def open_stages(self) -> dict[Stage, int]:
        """How many returns that are not over stand where."""
        open_ = [stage for stage in Stage if not stage.final]
        query = select(ReturnRow.stage, func.count()).where(col(ReturnRow.stage).in_(open_)).group_by(ReturnRow.stage)
        return {Stage(stage): count for stage, count in await self._scope.tuples(query)}

    async def open_exceptions(self) -> list[OpenExceptions]:
        """Open exceptions by connection, owner and code."""
        row = ExceptionRow
        group: tuple[Any, ...] = (row.connection, row.owner, row.code)
        query: Any = (
            sa.select(*group, func.count(), func.min(row.opened_at))
            .where(col(row.state) == ExceptionState.OPEN)
            .group_by(*group)
            .order_by(*group)
        )
        return [
            OpenExceptions(
                connection=connection, owner=Owner(owner), code=ExceptionCode(code), count=count, oldest_at=oldest
            )
            for connection, owner, code, count, oldest in await self._scope.tuples(query)
        ]

    async def exposure(self) -> list[ExposureTotal]:
        """What is out while its goods are not in, by connection and currency."""
        row = ExposureRow
        group: tuple[Any, ...] = (row.connection, row.currency)
        query: Any = (
            sa.select(*group, func.sum(row.amount), func.count(), func.min(row.since))
            .where(col(row.state) == ExposureState.OPEN)
            .group_by(*group)
            .order_by(*group)
        )
        return [
            ExposureTotal(
                connection=connection,
                amount=Money(amount=int(amount), currency=currency),
                units=units,
                oldest_at=oldest,
            )
            for connection, currency, amount, units, oldest in await self._scope.tuples(query)
        ]

    async def inbox(self) -> dict[str, Waiting]:
        """Deliveries that no workflow was told of yet, by connection."""
        row = InboxRow
        query: Any = (
            select(row.connection, func.count(), func.min(row.received_at))
            .where(row.state == "waiting")
            .group_by(row.connection)
        )
        return {name: Waiting(count=n, oldest_at=oldest) for name, n, oldest in await self._scope.tuples(query)}

    async def last_delivery(self, connection: str) -> datetime | None:
        """When a platform last told us anything."""
        query = select(func.max(InboxRow.received_at)).where(InboxRow.connection == connection)
        return await self._scope.first(query)

    async def outages(self) -> list[Outage]:
        """Sides of connections that are down, the longest first."""
        query = (
            select(ExceptionRow)
            .where(ExceptionRow.state == ExceptionState.OPEN, col(ExceptionRow.code).in_(_DOWN))
            .where(col(ExceptionRow.return_id).is_(None))
            .order_by(col(ExceptionRow.opened_at), col(ExceptionRow.id))
        )
        return [
            Outage(connection=row.connection, system=row.step, since=row.opened_at, reason=row.reason)
            for row in await self._scope.rows(query)
        ]

    async def _handled(self, since: datetime, until: datetime, owner: Any) -> list[Handling]:
        row = ExceptionRow
        resolved = (*_within(row.resolved_at, since, until), col(row.state) == ExceptionState.RESOLVED)
        span = span_ms(self._scope, row.opened_at, row.resolved_at)
        mine = sa.select(sa.cast(owner, sa.String).label("owner"), span.label("span")).where(*resolved).subquery().c
        place = func.row_number().over(partition_by=mine.owner, order_by=mine.span)
        size = func.count().over(partition_by=mine.owner)
        spans = sa.select(mine.owner, mine.span, place.label("place"), size.label("size")).subquery().c
        middle = func.min(case((spans.place * 2 >= spans.size, spans.span)))
        query: Any = (
            sa.select(spans.owner, func.count(), middle, func.sum(spans.span))
            .group_by(spans.owner)
            .order_by(spans.owner)
        )
        return [
            Handling(owner=owner, count=count, median_ms=int(median), total_ms=int(total))
            for owner, count, median, total in await self._scope.tuples(query)
        ]

    async def _count(self, table: Any, which: Sequence[ColumnElement[bool]]) -> int:
        return await self._scope.first(select(func.count()).select_from(table).where(*which)) or 0

    async def _by_day(self, moment: Any, which: Sequence[ColumnElement[bool]]) -> Counter[str]:
        day = utc_day(self._scope, moment)
        query: Any = select(day, func.count()).where(*which).group_by(day)
        return Counter(dict(await self._scope.tuples(query)))

    async def _posted(self, since: datetime, until: datetime) -> dict[str, tuple[list[Money], int, int]]:
        """Day → credited money per currency, units booked, and how many of them can be sold again."""
        row = StageTimeRow
        group: tuple[Any, ...] = (row.day, row.currency)
        sums = (func.sum(row.amount), func.sum(row.units), func.sum(row.sellable))
        query: Any = sa.select(*group, *sums).where(*posted_within(since, until)).group_by(*group).order_by(*group)
        found: dict[str, tuple[list[Money], int, int]] = {}
        for day, currency, amount, units, sellable in await self._scope.tuples(query):
            money, booked, restocked = found.get(day.isoformat(), ([], 0, 0))
            fresh = [Money(amount=int(amount or 0), currency=currency)] if currency else []
            found[day.isoformat()] = ([*money, *fresh], booked + int(units), restocked + int(sellable))
        return found


def _within(moment: Any, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(moment) >= since, col(moment) < until


def _closed(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return *_within(ReturnRow.closed_at, since, until), col(ReturnRow.stage) == Stage.CLOSED
