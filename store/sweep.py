"""Sweeps: how far they got, which systems answered, and what they found to take too long (R2, R77, R89)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select, tuple_, update

from domain.lateness import StuckKind
from domain.money import Money
from domain.returns import PlatformReturn, ReturnRef
from store.exception_rows import to_record
from store.records import ExceptionRecord, ExceptionState
from store.return_rows import header_row, line_rows, refund_rows
from store.scope import Scope
from store.sweep_records import HeardOf, Side, SideRecord, StuckFound, StuckRecord, StuckState
from store.tables import ExceptionRow, RefundRow, ReturnLineRow, ReturnRow
from store.tables_ledger import InboxRow
from store.tables_sweep import SideRow, StuckRow, WatermarkRow

_WAITING = "waiting"


class Sweep:
    """What sweeps know, in one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def watermark(self, connection: str, name: str) -> datetime | None:
        """Up to when something was looked at; None before the first time."""
        mine = WatermarkRow.connection == connection, WatermarkRow.name == name
        return await self._scope.first(select(WatermarkRow.at).where(*mine))

    async def looked_until(self, connection: str, name: str, at: datetime) -> None:
        """Everything before this time was looked at. It never goes back."""
        row = {"connection": connection, "name": name, "at": at}
        if not await self._scope.insert_new(WatermarkRow, row):
            mine = col(WatermarkRow.connection) == connection, col(WatermarkRow.name) == name
            await self._scope.change(update(WatermarkRow).where(*mine, col(WatermarkRow.at) < at).values(at=at))

    async def sides(self, connection: str | None = None) -> list[SideRecord]:
        """Every side that was ever asked, by connection and side."""
        query = select(SideRow).order_by(col(SideRow.connection), col(SideRow.side))
        if connection is not None:
            query = query.where(SideRow.connection == connection)
        return [_side(row) for row in await self._scope.rows(query)]

    async def answered(self, connection: str, side: Side, system: str, now: datetime) -> None:
        """This side works."""
        row = {"connection": connection, "side": side, "system": system}
        fresh = {"answered_at": now, "trouble_since": None, "trouble": ""}
        await self._scope.upsert(SideRow, ("connection", "side"), {**row, **fresh})

    async def failed(self, connection: str, side: Side, system: str, trouble: str, now: datetime) -> datetime:
        """This side did not answer; since when it does not."""
        row = {"connection": connection, "side": side, "system": system, "answered_at": None}
        words = {"trouble_since": now, "trouble": trouble}
        if await self._scope.insert_new(SideRow, {**row, **words}):
            return now
        mine = col(SideRow.connection) == connection, col(SideRow.side) == side
        since = func.coalesce(SideRow.trouble_since, now)
        await self._scope.change(
            update(SideRow).where(*mine).values(system=system, trouble=trouble, trouble_since=since)
        )
        side_now = await self._scope.first(select(SideRow).where(*mine))
        return side_now.trouble_since or now if side_now else now

    async def heard_of(self, connection: str, return_ids: Sequence[str]) -> dict[str, HeardOf]:
        """What we know of each of these returns; of one that we never heard of, nothing is known."""
        read = select(ReturnRow.return_id, col(ReturnRow.platform_updated_at), col(ReturnRow.read_at)).where(
            ReturnRow.connection == connection, col(ReturnRow.return_id).in_(return_ids)
        )
        known = {name: (seen, read_at) for name, seen, read_at in await self._scope.tuples(read)}
        of_them = InboxRow.connection == connection, col(InboxRow.return_id).in_(return_ids)
        last = select(col(InboxRow.return_id), func.max(col(InboxRow.received_at))).where(*of_them)
        told = dict(await self._scope.tuples(last.group_by(col(InboxRow.return_id))))
        waits = select(col(InboxRow.return_id)).where(*of_them, InboxRow.state == _WAITING).distinct()
        waiting = set(await self._scope.rows(waits))
        return {
            name: HeardOf(
                known=name in known,
                seen=known.get(name, (None, None))[0],
                read_at=known.get(name, (None, None))[1],
                undelivered=name in waiting,
                told_at=told.get(name),
            )
            for name in return_ids
        }

    async def shows(self, ref: ReturnRef, fresh: PlatformReturn) -> bool:
        """Whether our copy of a return already says what the platform says."""
        mine = {"connection": ref.connection, "return_id": ref.return_id}
        headers = await self._scope.rows(select(ReturnRow).filter_by(**mine))
        lines = await self._scope.rows(select(ReturnLineRow).filter_by(**mine, removed=False))
        refunds = await self._scope.rows(select(RefundRow).filter_by(**mine))
        ours = [*headers, *sorted(lines, key=lambda line: line.position), *sorted(refunds, key=_refund_id)]
        theirs = [header_row(ref, fresh), *line_rows(ref, fresh), *sorted(refund_rows(ref, fresh), key=_named_refund)]
        return len(ours) == len(theirs) and all(
            all(getattr(row, name) == value for name, value in said.items())
            for row, said in zip(ours, theirs, strict=True)
        )

    async def deliveries(self, connection: str, delivery_ids: Sequence[str]) -> set[str]:
        """Which of these deliveries the inbox has."""
        mine = InboxRow.connection == connection, col(InboxRow.delivery_id).in_(delivery_ids)
        return set(await self._scope.rows(select(InboxRow.delivery_id).where(*mine)))

    async def report(self, found: Sequence[StuckFound], now: datetime) -> None:
        """These take too long, some hundred at once. What was reported before is brought up to date, and keeps its
        `found_at` unless it was over.
        """
        ids = [one.id for one in found]
        known = {row.id: row for row in await self._scope.rows(select(StuckRow).where(col(StuckRow.id).in_(ids)))}
        state = {"seen_at": now, "state": StuckState.OPEN, "over_at": None}
        fresh = [{**_columns(one), **state, "found_at": now} for one in found if one.id not in known]
        if fresh:
            await self._scope.insert_all(StuckRow, fresh)
        same = [one.id for one in found if one.id in known and _is_as_before(one, known[one.id])]
        if same:
            await self._scope.change(update(StuckRow).where(col(StuckRow.id).in_(same)).values(seen_at=now))
        for one in found:
            if one.id in known and one.id not in same:
                again = {"found_at": now} if known[one.id].state == StuckState.OVER else {}
                values = {**_columns(one), **state, **again}
                await self._scope.change(update(StuckRow).where(col(StuckRow.id) == one.id).values(**values))

    async def end_unseen(self, connection: str, before: datetime, now: datetime) -> int:
        """What no sweep has found since `before` is over; how many."""
        gone = (
            col(StuckRow.connection) == connection,
            col(StuckRow.state) == StuckState.OPEN,
            col(StuckRow.seen_at) < before,
        )
        return await self._scope.change(update(StuckRow).where(*gone).values(state=StuckState.OVER, over_at=now))

    async def open_stuck(
        self,
        connection: str | None = None,
        kind: StuckKind | None = None,
        after: tuple[datetime, str] | None = None,
        limit: int = 200,
        *,
        untold: bool = False,
    ) -> list[StuckRecord]:
        """Up to `limit` things that take too long, the longest first. `untold`: only those that no exception tells of.

        after: `since` and id of the last one of the page before
        """
        query = select(StuckRow).where(*_open(connection, kind)).order_by(col(StuckRow.since), col(StuckRow.id))
        if untold:
            query = query.where(StuckRow.told_by == "")
        if after is not None:
            query = query.where(tuple_(col(StuckRow.since), col(StuckRow.id)) > after)
        return [stuck_record(row) for row in await self._scope.rows(query.limit(limit))]

    async def stuck_of(self, connection: str, return_id: str) -> list[StuckRecord]:
        """What takes too long of one return, the longest first."""
        query = (
            select(StuckRow)
            .where(*_open(connection), StuckRow.return_id == return_id)
            .order_by(col(StuckRow.since), col(StuckRow.id))
        )
        return [stuck_record(row) for row in await self._scope.rows(query)]

    async def stuck_counts(self, connection: str | None = None) -> dict[StuckKind, int]:
        """How many of each kind take too long now."""
        query = select(StuckRow.kind, func.count()).where(*_open(connection)).group_by(StuckRow.kind)
        return {StuckKind(kind): count for kind, count in await self._scope.tuples(query)}

    async def raised(
        self, connection: str, steps: Sequence[str], after: str = "", limit: int = 200
    ) -> list[ExceptionRecord]:
        """Open exceptions that a sweep raised under these steps, by id."""
        query = (
            select(ExceptionRow)
            .where(
                ExceptionRow.connection == connection,
                ExceptionRow.state == ExceptionState.OPEN,
                col(ExceptionRow.step).in_(steps),
                col(ExceptionRow.id) > after,
            )
            .order_by(col(ExceptionRow.id))
            .limit(limit)
        )
        return [to_record(row) for row in await self._scope.rows(query)]

    async def open_of(self, connection: str, return_ids: Sequence[str]) -> dict[str, list[ExceptionRecord]]:
        """The open exceptions of these returns, the oldest first."""
        query = (
            select(ExceptionRow)
            .where(
                ExceptionRow.connection == connection,
                ExceptionRow.state == ExceptionState.OPEN,
                col(ExceptionRow.return_id).in_(return_ids),
            )
            .order_by(col(ExceptionRow.opened_at), col(ExceptionRow.id))
        )
        found: dict[str, list[ExceptionRecord]] = {}
        for row in await self._scope.rows(query):
            found.setdefault(row.return_id or "", []).append(to_record(row))
        return found

    async def outages(self, connection: str, since: datetime) -> list[ExceptionRecord]:
        """Troubles of the connection itself that are open, or were until after `since`; the latest first."""
        query = (
            select(ExceptionRow)
            .where(
                ExceptionRow.connection == connection,
                col(ExceptionRow.return_id).is_(None),
                (col(ExceptionRow.state) == ExceptionState.OPEN) | (col(ExceptionRow.resolved_at) > since),
            )
            .order_by(col(ExceptionRow.opened_at).desc(), col(ExceptionRow.id))
        )
        return [to_record(row) for row in await self._scope.rows(query)]


def _open(connection: str | None = None, kind: StuckKind | None = None) -> tuple[ColumnElement[bool], ...]:
    wanted = {"state": StuckState.OPEN, "connection": connection, "kind": kind}
    return tuple(getattr(StuckRow, name) == value for name, value in wanted.items() if value is not None)


def _refund_id(row: RefundRow) -> str:
    return row.refund_id


def _named_refund(row: dict[str, Any]) -> str:
    return str(row["refund_id"])


def _is_as_before(one: StuckFound, row: StuckRow) -> bool:
    return row.state == StuckState.OPEN and all(getattr(row, name) == value for name, value in _columns(one).items())


def _columns(one: StuckFound) -> dict[str, object]:
    row = one.model_dump(exclude={"limit", "amount"})
    amount = one.amount
    money = {"amount": amount.amount if amount else None, "currency": amount.currency if amount else None}
    return {**row, **money, "id": one.id, "limit_seconds": int(one.limit.total_seconds())}


def stuck_record(row: StuckRow) -> StuckRecord:
    """The value of a row."""
    columns = row.model_dump(exclude={"id", "limit_seconds", "amount", "currency"})
    amount = None
    if row.amount is not None and row.currency is not None:
        amount = Money(amount=row.amount, currency=row.currency)
    return StuckRecord.model_validate({**columns, "limit": timedelta(seconds=row.limit_seconds), "amount": amount})


def _side(row: SideRow) -> SideRecord:
    return SideRecord.model_validate(row.model_dump())
