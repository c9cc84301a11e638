"""How long documents take to reach the ERP, and what has not reached it yet (R90, R95, N10)."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, and_, case
from sqlmodel import col, func, or_, select

from domain.documents import DocumentKind
from domain.latency import PostingStage, stage_of
from domain.progress import Stage
from domain.returns import RefundState, ReturnRef
from store.columns import UtcDateTime
from store.measure_records import DelayStep, OpenWork, Place, StageTime
from store.records import DocumentState
from store.scope import Scope
from store.tables import InspectionRow, RefundRow, ReturnRow
from store.tables_ledger import DocumentRow
from store.tables_measures import StageTimeRow

_PENDING = [state for state in DocumentState if state.pending]
#: Where a return may still lack its RMA.
_BEFORE_RMA = (Stage.VALIDATING, Stage.PARTLY_RECEIVED, Stage.INSPECTED)
#: Where a paid refund waits for nothing but its credit.
_SETTLING = (Stage.SETTLING, *(stage for stage in Stage if stage.final))


class Measures:
    """Times of documents, read in one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def delays(self, since: datetime, until: datetime, connections: Sequence[str]) -> list[DelayStep]:
        """Documents that reached the ERP from `since` to before `until`, counted by step of their delay, rising."""
        row, waits = StageTimeRow, col(StageTimeRow.window_ms)
        day: tuple[Any, ...] = (row.day, row.stage, row.connection, row.depot, row.step)
        daily = (
            sa.select(
                *day,
                func.count().label("count"),
                func.max(row.delay_ms).label("longest_ms"),
                func.sum(case((col(row.hand), 1), else_=0)).label("hand"),
                func.sum(case((waits > 0, 1), else_=0)).label("waited"),
                func.sum(row.window_ms).label("window_ms"),
                func.max(row.window_ms).label("longest_window_ms"),
            )
            .where(*posted_within(since, until), col(row.connection).in_(connections))
            .group_by(*day)  # in the order of the index, which costs far less than the groups that are asked for
            .subquery()
            .c
        )
        place = (daily.stage, daily.connection, daily.depot, daily.step)
        sums = (func.sum(daily.count), func.sum(daily.hand), func.sum(daily.waited), func.sum(daily.window_ms))
        longest = (func.max(daily.longest_ms), func.max(daily.longest_window_ms))
        query: Any = sa.select(*place, *longest, *sums).group_by(*place).order_by(*place)
        return [
            DelayStep(
                stage=stage,
                connection=connection,
                depot=depot,
                step=step,
                longest_ms=longest_ms,
                longest_window_ms=longest_window_ms,
                count=int(count),
                hand=int(hand),
                waited=int(waited),
                window_ms=int(window_ms),
            )
            for stage, connection, depot, step, longest_ms, longest_window_ms, count, hand, waited, window_ms in (
                await self._scope.tuples(query)
            )
        ]

    async def longer_than(
        self, limits: Mapping[tuple[PostingStage, str], int], since: datetime, until: datetime
    ) -> dict[Place, int]:
        """How many documents of a stage and connection took longer than its limit in milliseconds, by depot."""
        row = StageTimeRow
        if not limits:
            return {}
        over = or_(
            *(
                and_(col(row.stage) == stage, col(row.connection) == connection, col(row.delay_ms) > limit)
                for (stage, connection), limit in limits.items()
            )
        )
        query = (
            select(row.stage, row.connection, row.depot, func.count())
            .where(*posted_within(since, until), col(row.delay_ms) > min(limits.values()), over)
            .group_by(row.stage, row.connection, row.depot)
        )
        found = await self._scope.tuples(query)
        return {Place(stage=PostingStage(s), connection=c, depot=d): count for s, c, d, count in found}

    async def below(self, bounds: Sequence[int], since: datetime, until: datetime) -> dict[Place, list[int]]:
        """How many documents took no longer than each bound, in milliseconds; after the bounds all, and their sum."""
        return await self._counted_below(col(StageTimeRow.delay_ms), bounds, posted_within(since, until))

    async def waits_below(self, bounds: Sequence[int], since: datetime, until: datetime) -> dict[Place, list[int]]:
        """The same of the time that documents waited for windows, those that waited for none left out."""
        waits = col(StageTimeRow.window_ms)
        return await self._counted_below(waits, bounds, (*posted_within(since, until), waits > 0))

    async def open_work(self, now: datetime) -> list[OpenWork]:
        """What the ERP does not have yet, by stage, connection and depot."""
        return [*await self._returns_without_rma(now), *await self._documents(now), *await self._refunds()]

    async def of(self, ref: ReturnRef) -> list[StageTime]:
        """How long each document of a return took, the first to reach the ERP first."""
        mine = select(DocumentRow.key).where(
            DocumentRow.connection == ref.connection, DocumentRow.return_id == ref.return_id
        )
        query = select(StageTimeRow).where(col(StageTimeRow.key).in_(mine))
        rows = await self._scope.rows(query.order_by(col(StageTimeRow.posted_at), col(StageTimeRow.key)))
        return [StageTime.model_validate(row.model_dump(include=set(StageTime.model_fields))) for row in rows]

    async def last_posted(self, connection: str) -> datetime | None:
        """When a document of a connection last reached its ERP."""
        query = select(func.max(StageTimeRow.posted_at)).where(StageTimeRow.connection == connection)
        return await self._scope.first(query)

    async def _counted_below(
        self, span: Any, bounds: Sequence[int], which: Sequence[ColumnElement[bool]]
    ) -> dict[Place, list[int]]:
        row = StageTimeRow
        place: tuple[Any, ...] = (row.stage, row.connection, row.depot)
        counts = (func.sum(case((span <= bound, 1), else_=0)) for bound in bounds)
        query: Any = sa.select(*place, *counts, func.count(), func.sum(span)).where(*which).group_by(*place)
        return {
            Place(stage=PostingStage(stage), connection=connection, depot=depot): [int(count) for count in found]
            for stage, connection, depot, *found in await self._scope.tuples(query)
        }

    async def _documents(self, now: datetime) -> list[OpenWork]:
        """Documents that are planned, refused or queued. RMAs are counted with their returns."""
        row = DocumentRow
        kinds = [kind for kind in DocumentKind if stage_of(kind) is not None and kind is not DocumentKind.RMA]
        place: tuple[Any, ...] = (row.kind, row.connection, row.depot)
        query: Any = (
            select(*place, *_counted(now, func.coalesce(row.clock_at, row.created_at)))
            .where(col(row.state).in_(_PENDING), col(row.kind).in_(kinds))
            .group_by(*place)
            .order_by(*place)
        )
        return [
            _work(stage, connection, depot, counts)
            for kind, connection, depot, *counts in await self._scope.tuples(query)
            if (stage := stage_of(DocumentKind(kind))) is not None
        ]

    async def _returns_without_rma(self, now: datetime) -> list[OpenWork]:
        row, document = ReturnRow, DocumentRow
        clock = func.coalesce(document.clock_at, row.authorised_at, row.created_at)
        own = and_(
            col(document.connection) == col(row.connection),
            col(document.return_id) == col(row.return_id),
            col(document.kind) == DocumentKind.RMA,
            col(document.state).in_(_PENDING),
        )
        query: Any = (
            select(row.connection, *_counted(now, clock))
            .select_from(row)
            .outerjoin(document, own)
            .where(col(row.stage).in_(_BEFORE_RMA), col(row.rma_number) == "")
            .group_by(row.connection)
            .order_by(row.connection)
        )
        found = await self._scope.tuples(query)
        return [_work(PostingStage.RMA, connection, "", counts) for connection, *counts in found]

    async def _refunds(self) -> list[OpenWork]:
        """Paid refunds whose goods are done and for which no credit is planned yet."""
        row, header = RefundRow, ReturnRow
        inspected = (
            select(func.max(InspectionRow.saved_at))
            .where(
                col(InspectionRow.connection) == col(row.connection), col(InspectionRow.return_id) == col(row.return_id)
            )
            .scalar_subquery()
        )
        paid = func.coalesce(row.paid_at, row.first_seen_at)
        clock = case((inspected > paid, inspected), else_=paid)
        query: Any = (
            select(row.connection, func.count(), func.min(clock, type_=UtcDateTime()))
            .join(
                header,
                and_(col(header.connection) == col(row.connection), col(header.return_id) == col(row.return_id)),
            )
            .where(col(row.credit_key).is_(None), row.state == RefundState.PAID, row.decision == "")
            .where(col(header.stage).in_(_SETTLING))
            .group_by(row.connection)
            .order_by(row.connection)
        )
        return [
            _work(PostingStage.CREDIT, connection, "", (count, 0, since, None))
            for connection, count, since in await self._scope.tuples(query)
        ]


def posted_within(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    """Documents that reached the ERP from `since` to before `until`. The days lead to them through the indexes."""
    row = StageTimeRow
    first, last = since.astimezone(UTC).date(), until.astimezone(UTC).date()
    at = col(row.posted_at)
    return col(row.day) >= first, col(row.day) <= last, at >= since, at < until


def _counted(now: datetime, clock: Any) -> tuple[ColumnElement[Any], ...]:
    """All, those that wait for a window to come, the oldest clock of the others, and the first of the windows."""
    window_at = col(DocumentRow.window_at)
    waits = and_(col(DocumentRow.state) == DocumentState.QUEUED, window_at > now)
    running = func.min(case((waits, None), else_=clock), type_=UtcDateTime())
    return func.count(), func.sum(case((waits, 1), else_=0)), running, func.min(case((waits, window_at)))


def _work(stage: PostingStage, connection: str, depot: str, counts: Sequence[Any]) -> OpenWork:
    count, waiting, late_from, next_window = counts
    return OpenWork(
        stage=stage,
        connection=connection,
        depot=depot,
        count=count,
        waiting=waiting,
        late_from=late_from,
        next_window=next_window,
    )
