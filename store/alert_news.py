"""What there is to tell: exceptions that no alert has told of yet, and causes that keep coming back.

Everything is grouped by the database: a cause may have thousands of exceptions.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, case, insert, literal
from sqlalchemy import select as columns
from sqlmodel import and_, col, exists, func, select
from sqlmodel.sql.expression import Select as TypedSelect

from domain.alerts import LEVELS
from domain.exceptions import ExceptionCode, Owner, Track
from store.alert_records import Recurrence, Untold
from store.columns import UtcDateTime
from store.exception_rows import to_record
from store.records import ExceptionRecord, ExceptionState
from store.scope import Scope
from store.tables import ExceptionRow
from store.tables_alerts import AlertItemRow

#: Roles in which an alert tells of an exception: that it was opened, and that it went up to a level.
OPENED = "opened"
_LEVEL = "level-"
_TREND = "trend"


def level_mark(level: int) -> str:
    """The role in which an alert tells that an exception went up to this level; ``opened`` for 0."""
    return f"{_LEVEL}{level}" if level else OPENED


class AlertNews:
    """News of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def untold(self, level: int = 0) -> list[Untold]:
        """Open exceptions that were opened, or are at this level, without an alert: by root cause, the oldest first."""
        opened = col(ExceptionRow.opened_at)
        group = [col(getattr(ExceptionRow, name)) for name in ("connection", "code", "track", "cause")]
        figures = [func.count(), func.min(opened), func.max(opened)]
        query = columns(*group, *figures).where(*_untold(level)).group_by(*group).order_by(func.min(opened), group[-1])
        return [
            Untold(
                connection=connection,
                code=ExceptionCode(code),
                track=Track(track) if track else None,
                cause=cause,
                count=count,
                oldest_at=oldest_at,
                newest_at=newest_at,
            )
            for connection, code, track, cause, count, oldest_at, newest_at in await self._scope.tuples(_wide(query))
        ]

    async def anything_untold(self, levels: Collection[int]) -> bool:
        """Whether `untold` would find anything for one of these levels."""
        for level in levels:
            if await self._scope.first(select(ExceptionRow.id).where(*_untold(level)).limit(1)) is not None:
                return True
        return False

    async def first_of(self, groups: Collection[Untold], level: int, limit: int) -> list[ExceptionRecord]:
        """The oldest untold exceptions of some groups of one connection and code."""
        query = select(ExceptionRow).where(*_untold(level), _in(groups))
        rows = await self._scope.rows(query.order_by(col(ExceptionRow.opened_at), col(ExceptionRow.id)).limit(limit))
        return [to_record(row) for row in rows]

    async def tell(self, key: str, groups: Collection[Untold], level: int, now: datetime) -> int:
        """Write down that an alert tells of all untold exceptions of these groups; how many there were."""
        return await told(self._scope, key, level_mark(level), ExceptionRow.id, (*_untold(level), _in(groups)), now)

    async def told_of(self, causes: Collection[str], level: int) -> dict[str, str]:
        """Cause → the alert that told of it in this role and is not over: an exception that it told of is open."""
        item = and_(col(AlertItemRow.subject) == ExceptionRow.id, col(AlertItemRow.mark) == level_mark(level))
        query = (
            select(ExceptionRow.cause, func.max(AlertItemRow.alert_key))
            .join(AlertItemRow, item)
            .where(col(ExceptionRow.cause).in_(list(causes)), ExceptionRow.state == ExceptionState.OPEN)
            .group_by(ExceptionRow.cause)
        )
        return dict(await self._scope.tuples(query))

    async def over(self, key: str) -> bool:
        """Whether all exceptions that an alert told of are decided or gone; False where it told of none."""
        items = select(AlertItemRow.subject).where(
            AlertItemRow.alert_key == key, col(AlertItemRow.mark).in_([OPENED, *map(level_mark, LEVELS)])
        )
        if await self._scope.first(items.limit(1)) is None:
            return False
        still = select(ExceptionRow.id).where(
            col(ExceptionRow.id).in_(items), ExceptionRow.state == ExceptionState.OPEN
        )
        return await self._scope.first(still.limit(1)) is None

    async def recurring(self, connection: str, since: datetime, at_least: int) -> list[Recurrence]:
        """Causes of a connection that came up so often since then; those that still wait untold do not count yet."""
        open_now = col(ExceptionRow.state) == ExceptionState.OPEN
        alert = col(AlertItemRow.alert_key)
        item = and_(col(AlertItemRow.subject) == col(ExceptionRow.id), col(AlertItemRow.mark) == OPENED)
        missed = func.max(case((alert.is_(None), 1), else_=0))
        group = [col(getattr(ExceptionRow, name)) for name in ("code", "owner", "cause")]
        figures = [
            func.count(),
            func.sum(case((open_now, 1), else_=0)),
            func.count(func.distinct(alert)) + missed,
            func.min(col(ExceptionRow.opened_at)),
            func.max(alert),
        ]
        query = (
            columns(*group, *figures)
            .join(AlertItemRow, item, isouter=True)
            .where(col(ExceptionRow.connection) == connection, col(ExceptionRow.opened_at) >= since)
            .where(col(ExceptionRow.state).in_(list(ExceptionState)), ~and_(open_now, alert.is_(None)))
            .group_by(*group)
            .having(func.count() >= at_least)
        )
        return [
            Recurrence(
                connection=connection,
                code=ExceptionCode(code),
                owner=Owner(owner),
                cause=cause,
                count=times,
                open_now=still,
                alerts=alerts,
                first_at=first_at,
                alert_key=key,
            )
            for code, owner, cause, times, still, alerts, first_at, key in await self._scope.tuples(_wide(query))
        ]

    async def latest_of(self, connection: str, causes: Collection[str], limit: int) -> list[ExceptionRecord]:
        """The latest exceptions of some causes, whatever became of them."""
        query = (
            select(ExceptionRow)
            .where(col(ExceptionRow.cause).in_(causes), ExceptionRow.connection == connection)
            .where(col(ExceptionRow.state).in_(list(ExceptionState)))
            .order_by(col(ExceptionRow.opened_at).desc(), col(ExceptionRow.id).desc())
        )
        return [to_record(row) for row in await self._scope.rows(query.limit(limit))]

    async def trends_told(self, causes: Collection[str], since: datetime) -> set[str]:
        """Those of the causes of which an alert has told since then that they keep coming back."""
        query = select(AlertItemRow.subject).where(AlertItemRow.mark == _TREND, col(AlertItemRow.told_at) > since)
        return set(await self._scope.rows(query.where(col(AlertItemRow.subject).in_(causes))))

    async def tell_trends(self, key: str, causes: Collection[str], now: datetime) -> None:
        """Write down that an alert tells now that these causes keep coming back."""
        for cause in causes:
            row = {"mark": _TREND, "subject": cause, "alert_key": key, "told_at": now}
            await self._scope.upsert(AlertItemRow, ("mark", "subject"), row)


async def told(
    scope: Scope, key: str, mark: str, subject: Any, where: Collection[ColumnElement[bool]], now: datetime
) -> int:
    """Write down that an alert tells of everything that a condition finds; how many there were. In one statement."""
    at = literal(now, UtcDateTime)
    found = columns(literal(mark), subject, literal(key), at).where(*where)
    return await scope.change(insert(AlertItemRow).from_select(["mark", "subject", "alert_key", "told_at"], found))


def _wide(query: Select[Any]) -> TypedSelect[*tuple[Any, ...]]:
    """A query for more columns than SQLModel knows types for."""
    return cast("TypedSelect[*tuple[Any, ...]]", query)


def _untold(level: int) -> tuple[ColumnElement[bool], ...]:
    item = exists().where(
        col(AlertItemRow.mark) == level_mark(level), col(AlertItemRow.subject) == col(ExceptionRow.id)
    )
    still = (col(ExceptionRow.state) == ExceptionState.OPEN, ~item)
    return (*still, col(ExceptionRow.level) == level) if level else still


def _in(groups: Collection[Untold]) -> ColumnElement[bool]:
    """In one of these groups, which are of one connection and code."""
    causes = {group.cause for group in groups}
    tracks = {group.track for group in groups}
    track = col(ExceptionRow.track)
    of_track = [track.is_(None) if one is None else track == one for one in tracks]
    matched = of_track[0]
    for one in of_track[1:]:
        matched = matched | one
    return and_(col(ExceptionRow.cause).in_(causes), matched)
