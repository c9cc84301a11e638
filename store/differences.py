"""Differences: each one once, however many runs find it, with its course (N6)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, select
from sqlalchemy import literal as fixed
from sqlmodel import col, update
from sqlmodel import select as pick

from domain.exceptions import ResolutionKind
from domain.money import Money
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import Difference
from store.reconciliation import chunks
from store.reconciliation_records import DifferenceQuery, DifferenceRecord, DifferenceState, DifferenceSum, RunRecord
from store.records import ExceptionState
from store.scope import Scope
from store.tables import ExceptionRow
from store.tables_reconciliation import DifferenceRow

#: After these the matter is to be looked at again; it is not decided.
_NO_DECISION = (ResolutionKind.RETRY, ResolutionKind.EDIT_AND_RETRY)


#: So many subjects go into one statement.
_AT_ONCE = 500
#: A difference that was never seen before.
_NEW = {"state": DifferenceState.OPEN, "over_at": None, "exception_id": "", "own": False, "document": ""}


class Differences:
    """Differences of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def see(self, run: RunRecord, found: Sequence[Difference], now: datetime) -> list[DifferenceRecord]:
        """Write down what a run found; the differences as they are now, in the same order.

        One that was over is open again, and so is a decided one whose amount or units have changed.
        """
        if not found:
            return []
        before = await self._known(run.connection, found)
        course = {"last_run": run.id, "seen_at": now}
        fresh = {_key(one): one for one in found if _key(one) not in before}
        unchanged = []
        for one in found:
            known = before.get(_key(one))
            if known is not None and (changes := _changes(known, one)):
                await self._set([known.id], **changes, **course)
            elif known is not None:
                unchanged.append(known.id)
        await self._set(unchanged, **course)
        first = {"connection": run.connection, "first_run": run.id, "found_at": now, **_NEW, **course}
        if fresh:
            rows = [{**_row(one), **first, "day": one.at.date()} for one in fresh.values()]
            await self._scope.insert_many(DifferenceRow, rows)
        after = await self._known(run.connection, found)
        return [after[_key(one)] for one in found]

    async def raised(self, difference: int, exception_id: str, *, own: bool) -> None:
        """This exception stands for the difference; `own`: it is about nothing else."""
        await self._set([difference], exception_id=exception_id, own=own)

    async def decide(self, difference: int, document: str, now: datetime) -> None:
        """A person decided about it, and may have named the document that is its credit."""
        await self._set([difference], state=DifferenceState.DECIDED, document=document, over_at=now)

    async def take_decisions(self, connection: str, now: datetime) -> int:
        """What people decided about our exceptions since the last run; how many differences are decided by it."""
        query = (
            select(col(DifferenceRow.id), col(ExceptionRow.resolution))
            .join(ExceptionRow, col(ExceptionRow.id) == col(DifferenceRow.exception_id))
            .where(col(DifferenceRow.connection) == connection, col(DifferenceRow.state) == DifferenceState.OPEN)
            .where(col(DifferenceRow.own).is_(True))
            .where(col(ExceptionRow.state) == ExceptionState.RESOLVED)
        )
        decided = [
            (row.id, row.resolution.get("document", ""))
            for row in await self._scope.columns(query)
            if row.resolution and row.resolution.get("kind") not in _NO_DECISION
        ]
        for difference, document in decided:
            await self.decide(difference, document, now)
        return len(decided)

    async def unseen(self, run: RunRecord, limit: int) -> list[DifferenceRecord]:
        """Open differences of the run's days that it did not find any more."""
        query = (
            pick(DifferenceRow)
            .where(DifferenceRow.connection == run.connection, DifferenceRow.state == DifferenceState.OPEN)
            .where(col(DifferenceRow.day) >= run.since, col(DifferenceRow.day) < run.until)
            .where(DifferenceRow.last_run != run.id)
            .order_by(col(DifferenceRow.id))
            .limit(limit)
        )
        return [_record(row) for row in await self._scope.rows(query)]

    async def over(self, ids: Sequence[int], now: datetime) -> None:
        """They are not there any more."""
        await self._set(ids, state=DifferenceState.OVER, over_at=now)

    async def oldest_open(self, connection: str) -> date | None:
        """Day of the oldest open difference that somebody must act on."""
        serious = [kind for kind in DifferenceClass if kind.serious]
        return await self._scope.first(
            pick(func.min(DifferenceRow.day)).where(
                DifferenceRow.connection == connection,
                DifferenceRow.state == DifferenceState.OPEN,
                col(DifferenceRow.kind).in_(serious),
            )
        )

    async def linked(self, connections: Sequence[str], numbers: Sequence[str]) -> set[str]:
        """Those of these note numbers that a person named as the credit of something."""
        query = pick(DifferenceRow.document).where(
            col(DifferenceRow.document).in_(numbers), col(DifferenceRow.connection).in_(connections)
        )
        return {*await self._scope.rows(query)}

    async def list(self, query: DifferenceQuery, after: int = 0, limit: int = 100) -> list[DifferenceRecord]:
        """Up to `limit` differences that fit, in the order in which they were first found; after that id."""
        chosen = pick(DifferenceRow).where(*_matching(query), col(DifferenceRow.id) > after)
        return [_record(row) for row in await self._scope.rows(chosen.order_by(col(DifferenceRow.id)).limit(limit))]

    async def sums(
        self, query: DifferenceQuery, now: datetime | None = None, bands: Sequence[timedelta] = ()
    ) -> Sequence[DifferenceSum]:
        """Count and amount per class, state, currency and age band; the n-th band ends at the n-th limit."""
        steps = [(col(DifferenceRow.at) > now - limit, n) for n, limit in enumerate(bands)] if now else []
        band: ColumnElement[int] = case(*steps, else_=len(bands)) if steps else fixed(0)
        keys = (col(DifferenceRow.kind), col(DifferenceRow.state), col(DifferenceRow.currency), band)
        money = (func.count(), func.coalesce(func.sum(DifferenceRow.amount), 0))
        columns: list[Any] = [*keys, *money]
        chosen = select(*columns).where(*_matching(query)).group_by(*keys)
        found = [
            DifferenceSum(kind=kind, state=state, currency=code or "", band=n, count=count, amount=int(amount))
            for kind, state, code, n, count, amount in await self._scope.columns(chosen)
        ]
        return sorted(found, key=lambda one: (one.kind, one.state, one.currency, one.band))

    async def _set(self, ids: Sequence[int], **values: Any) -> None:
        if not ids:
            return
        await self._scope.change(update(DifferenceRow).where(col(DifferenceRow.id).in_(ids)).values(**values))

    async def _known(self, connection: str, found: Sequence[Difference]) -> dict[tuple[str, str], DifferenceRecord]:
        """Those of them that were found before."""
        known = {}
        for some in chunks(sorted({one.subject for one in found}), _AT_ONCE):
            query = pick(DifferenceRow).where(
                DifferenceRow.connection == connection, col(DifferenceRow.subject).in_(some)
            )
            for row in await self._scope.rows(query):
                known[row.kind, row.subject] = _record(row)
        return known


def _row(one: Difference) -> dict[str, Any]:
    row = one.model_dump(mode="json", exclude={"value", "covered_by", "at"})
    money = one.value
    amount = {"amount": money.amount, "currency": money.currency} if money else {"amount": None, "currency": None}
    return {**row, **amount, "at": one.at}


def _record(row: DifferenceRow) -> DifferenceRecord:
    own = row.model_dump(exclude={"amount", "currency", "first_run", "last_run"})
    value = None
    if row.amount is not None and row.currency is not None:
        value = Money(amount=row.amount, currency=row.currency)
    return DifferenceRecord.model_validate({**own, "value": value})


def _key(one: Difference) -> tuple[str, str]:
    return one.kind.value, one.subject


def _changes(before: DifferenceRecord, one: Difference) -> dict[str, Any]:
    """Columns that this finding changes."""
    resized = (before.value, before.units) != (one.value, one.units)
    again: dict[str, Any] = {}
    if before.state is DifferenceState.OVER or (before.state is DifferenceState.DECIDED and resized):
        again = {"state": DifferenceState.OPEN, "over_at": None}
    same = all(getattr(before, name) == getattr(one, name) for name in Difference.model_fields if name != "covered_by")
    return again if same else {**_row(one), **again}


def _matching(query: DifferenceQuery) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if query.connection is not None:
        wanted.append(col(DifferenceRow.connection) == query.connection)
    if query.kinds:
        wanted.append(col(DifferenceRow.kind).in_(sorted(query.kinds)))
    if query.states:
        wanted.append(col(DifferenceRow.state).in_(sorted(query.states)))
    if query.since is not None:
        wanted.append(col(DifferenceRow.day) >= query.since)
    if query.until is not None:
        wanted.append(col(DifferenceRow.day) < query.until)
    if query.return_id:
        wanted.append(col(DifferenceRow.return_id) == query.return_id)
    if query.undecided:
        wanted.append(~_decided())
    if query.news_since is not None:
        is_open = col(DifferenceRow.state) == DifferenceState.OPEN
        wanted.append((col(DifferenceRow.found_at) > query.news_since) | (is_open & ~_decided()))
    return wanted


def _decided() -> ColumnElement[bool]:
    """Whether a person decided for good about the exception that is about nothing else; the next run takes it over."""
    resolution: Any = ExceptionRow.resolution
    return exists().where(
        col(DifferenceRow.own),
        col(ExceptionRow.id) == col(DifferenceRow.exception_id),
        col(ExceptionRow.state) == ExceptionState.RESOLVED,
        resolution["kind"].as_string().not_in(_NO_DECISION),
    )
