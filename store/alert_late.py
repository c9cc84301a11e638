"""What takes longer than agreed, and no alert has told of yet (R15, R47, R65, R89)."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, delete
from sqlmodel import col, exists, func, select

from domain.alerts import Alert
from domain.lateness import StuckKind
from store.alert_news import told
from store.alert_records import UntoldLate
from store.scope import Scope
from store.sweep import stuck_record
from store.sweep_records import StuckRecord, StuckState
from store.tables_alerts import AlertItemRow
from store.tables_sweep import StuckRow

#: The role in which an alert tells of something late.
_MARK = "late"


class AlertLate:
    """Late things of one transaction. One that was over and is late again is told again."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def untold(self) -> list[UntoldLate]:
        """What nothing has told of, neither an alert nor an exception: by connection and kind."""
        query = (
            select(StuckRow.connection, StuckRow.kind, func.count(), func.max(col(StuckRow.found_at)))
            .where(*_untold())
            .group_by(StuckRow.connection, StuckRow.kind)
            .order_by(StuckRow.connection, StuckRow.kind)
        )
        return [
            UntoldLate(connection=connection, kind=StuckKind(kind), count=count, newest_at=newest_at)
            for connection, kind, count, newest_at in await self._scope.tuples(query)
        ]

    async def first_of(self, group: UntoldLate, limit: int) -> list[StuckRecord]:
        """The latest of the late: those that wait longest."""
        query = select(StuckRow).where(*_untold(), *_in(group)).order_by(col(StuckRow.since), col(StuckRow.return_id))
        return [stuck_record(row) for row in await self._scope.rows(query.limit(limit))]

    async def tell(self, alert: Alert, group: UntoldLate, now: datetime) -> int:
        """Write down that an alert tells of a group; how many there were."""
        where = (*_untold(), *_in(group))
        again = select(StuckRow.id).where(*where)
        await self._scope.change(
            delete(AlertItemRow).where(col(AlertItemRow.mark) == _MARK, col(AlertItemRow.subject).in_(again))
        )
        return await told(self._scope, alert.key, _MARK, StuckRow.id, where, max(now, group.newest_at))

    async def over(self, key: str) -> bool:
        """Whether nothing that an alert told of is late any more; False where it told of nothing late."""
        items = select(AlertItemRow.subject).where(AlertItemRow.alert_key == key, AlertItemRow.mark == _MARK)
        if await self._scope.first(items.limit(1)) is None:
            return False
        still = select(StuckRow.id).where(col(StuckRow.id).in_(items), StuckRow.state == StuckState.OPEN)
        return await self._scope.first(still.limit(1)) is None


def _untold() -> tuple[ColumnElement[bool], ...]:
    item = exists().where(
        col(AlertItemRow.mark) == _MARK,
        col(AlertItemRow.subject) == col(StuckRow.id),
        col(AlertItemRow.told_at) >= col(StuckRow.found_at),
    )
    return col(StuckRow.state) == StuckState.OPEN, col(StuckRow.told_by) == "", ~item


def _in(group: UntoldLate) -> Collection[ColumnElement[bool]]:
    return col(StuckRow.connection) == group.connection, col(StuckRow.kind) == group.kind
