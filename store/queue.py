"""The exception queue as people read it: in pages, by root cause, and in numbers (R67, R72, R74).

Everything is narrowed, counted and cut by the database, so that a queue of any length costs what is shown of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, tuple_
from sqlalchemy.orm import Mapped
from sqlmodel import col, func, select, union

from domain.exceptions import Owner
from domain.money import Money
from domain.returns import ReturnRef
from store.exception_rows import to_record
from store.queue_records import CauseRow, OwnerRow, QueueFilter, Surroundings
from store.records import ExceptionRecord, ExceptionState
from store.return_search import matching
from store.scope import Scope
from store.surroundings import read_surroundings
from store.tables import ExceptionRow

#: Returns that one id may stand for.
_RETURNS = 50
_KEY = (col(ExceptionRow.opened_at), col(ExceptionRow.id))


class Queue:
    """The queue of one transaction. It only reads; `Exceptions` writes."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def page(
        self, filters: QueueFilter, now: datetime, after: str | None = None, limit: int = 50, newest: bool = False
    ) -> list[ExceptionRecord]:
        """Up to `limit` exceptions behind the one with the id `after`, the oldest first, or the newest.

        An id that is not known begins at the beginning.
        """
        query = select(ExceptionRow).where(*await self._conditions(filters, now))
        anchor = await self._anchor(after) if after else None
        if anchor is not None:
            place = tuple_(*_KEY)
            query = query.where(place < anchor if newest else place > anchor)
        order = [column.desc() if newest else column for column in _KEY]
        return [to_record(row) for row in await self._scope.rows(query.order_by(*order).limit(limit))]

    async def count(self, filters: QueueFilter, now: datetime) -> int:
        """How many exceptions fit."""
        query = select(func.count()).select_from(ExceptionRow).where(*await self._conditions(filters, now))
        return await self._scope.first(query) or 0

    async def causes(self, filters: QueueFilter, now: datetime, limit: int = 200) -> list[CauseRow]:
        """The `limit` root causes with most exceptions, the largest first; among equals the oldest first."""
        conditions = await self._conditions(filters, now)
        count, oldest = func.count(), func.min(col(ExceptionRow.opened_at))
        found = await self._scope.tuples(
            select(col(ExceptionRow.cause), count, oldest, func.min(col(ExceptionRow.id)))
            .where(*conditions)
            .group_by(col(ExceptionRow.cause))
            .order_by(count.desc(), oldest, col(ExceptionRow.cause))
            .limit(limit)
        )
        samples = await self._samples([sample for _, _, _, sample in found])
        sums = await self._sums(
            col(ExceptionRow.cause), [*conditions, col(ExceptionRow.cause).in_([c for c, *_ in found])]
        )
        return [
            CauseRow(cause=cause, count=number, oldest_at=at, sums=sums.get(cause, []), sample=samples[sample])
            for cause, number, at, sample in found
        ]

    async def owners(self) -> list[OwnerRow]:
        """The open exceptions of every owner that has any, in numbers."""
        is_open = col(ExceptionRow.state) == ExceptionState.OPEN
        owner = col(ExceptionRow.owner)
        found = await self._scope.tuples(
            select(owner, func.count(), func.min(col(ExceptionRow.opened_at))).where(is_open).group_by(owner)
        )
        sums = await self._sums(owner, [is_open])
        escalated = await self._per_owner(is_open, col(ExceptionRow.level) > 0)
        proposed = await self._per_owner(is_open, col(ExceptionRow.proposal).is_not(None))
        rows = {
            Owner(name): OwnerRow(
                owner=Owner(name),
                count=count,
                escalated=escalated.get(name, 0),
                proposed=proposed.get(name, 0),
                oldest_at=at,
                sums=sums.get(name, []),
            )
            for name, count, at in found
        }
        return [rows[one] for one in Owner if one in rows]

    async def surroundings(self, refs: Iterable[ReturnRef]) -> dict[ReturnRef, Surroundings]:
        """What stands around the exceptions of these returns."""
        return await read_surroundings(self._scope, refs)

    async def connections(self) -> list[str]:
        """Connections that have open exceptions, by name."""
        query = select(ExceptionRow.connection).where(ExceptionRow.state == ExceptionState.OPEN).distinct()
        return sorted(await self._scope.rows(query))

    async def overdue(
        self, connection: str, since: Mapping[Owner, datetime], top: int, after: str | None = None, limit: int = 200
    ) -> list[ExceptionRecord]:
        """Open exceptions below level `top` that are as they are since the time of their owner, or for longer.

        They are so since they were opened, or since they were last escalated. In the order of `page`.
        """
        unchanged = func.coalesce(ExceptionRow.escalated_at, ExceptionRow.opened_at)
        late = or_(*(and_(col(ExceptionRow.owner) == owner, unchanged <= at) for owner, at in since.items()))
        query = (
            select(ExceptionRow)
            .where(ExceptionRow.state == ExceptionState.OPEN, ExceptionRow.connection == connection)
            .where(col(ExceptionRow.level) < top, late)
        )
        anchor = await self._anchor(after) if after else None
        if anchor is not None:
            query = query.where(tuple_(*_KEY) > anchor)
        return [to_record(row) for row in await self._scope.rows(query.order_by(*_KEY).limit(limit))]

    async def _conditions(self, filters: QueueFilter, now: datetime) -> list[ColumnElement[bool]]:
        wanted = filters.model_dump(include={"state", "owner", "code", "connection", "cause"}, exclude_none=True)
        found = [getattr(ExceptionRow, name) == value for name, value in wanted.items()]
        if filters.level is not None:
            found.append(col(ExceptionRow.level) >= filters.level)
        if filters.min_age is not None:
            found.append(col(ExceptionRow.opened_at) <= now - filters.min_age)
        if filters.proposed is not None:
            proposal = col(ExceptionRow.proposal)
            found.append(proposal.is_not(None) if filters.proposed else proposal.is_(None))
        if filters.ids is not None:
            found.append(col(ExceptionRow.id).in_(filters.ids))
        if filters.any_id.strip():
            found.append(col(ExceptionRow.id).in_(await self._named(filters.any_id.strip())))
        return found

    async def _named(self, any_id: str) -> list[str]:
        """Exceptions with this id, and those of returns that have it, each looked up through its own index."""
        ids = select(ExceptionRow.id)
        connection, _, return_id = any_id.removeprefix("return/").partition("/")
        refs = [(row.connection, row.return_id) for row in await self._scope.rows(matching(any_id).limit(_RETURNS))]
        queries = [
            ids.where(ExceptionRow.id == any_id),
            ids.where(ExceptionRow.return_id == any_id),
            *(
                ids.where(ExceptionRow.return_id == name, ExceptionRow.connection == place)
                for place, name in {*refs, (connection, return_id)}
            ),
        ]
        return await self._scope.rows(select(union(*queries).subquery().c.id))

    async def _anchor(self, exception_id: str) -> tuple[datetime, str] | None:
        """Where this exception stands in the order of the queue."""
        return next(iter(await self._scope.tuples(select(*_KEY).where(col(ExceptionRow.id) == exception_id))), None)

    async def _per_owner(self, *conditions: ColumnElement[bool]) -> dict[str, int]:
        owner = col(ExceptionRow.owner)
        return dict(await self._scope.tuples(select(owner, func.count()).where(*conditions).group_by(owner)))

    async def _samples(self, ids: Sequence[str]) -> dict[str, ExceptionRecord]:
        rows = await self._scope.rows(select(ExceptionRow).where(col(ExceptionRow.id).in_(ids)))
        return {row.id: to_record(row) for row in rows}

    async def _sums(self, by: Mapped[str], conditions: Sequence[ColumnElement[bool]]) -> dict[str, list[Money]]:
        """The money at stake by a column, one sum per currency; exceptions without an amount count nothing."""
        found = await self._scope.tuples(
            select(by, col(ExceptionRow.currency), func.sum(col(ExceptionRow.amount)))
            .where(*conditions, col(ExceptionRow.amount).is_not(None))
            .group_by(by, col(ExceptionRow.currency))
            .order_by(by, col(ExceptionRow.currency))
        )
        sums: dict[str, list[Money]] = {}
        for name, currency, amount in found:
            if currency is not None and amount is not None:
                sums.setdefault(name, []).append(Money(amount=int(amount), currency=currency))
        return sums
