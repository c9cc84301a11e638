"""Runs of the reconciliation, and what each of them compares: staged by page, matched by page (R78, N6)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, literal
from sqlmodel import col, delete, func, select, update

from domain.documents import DocumentKind
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import Placed
from domain.returns import RefundState
from store.reconciliation_days import start_of
from store.reconciliation_owners import OurNote, notes_like, owners_of_credits, owners_of_refunds
from store.reconciliation_records import RunItem, RunRecord, RunState, Side, SideSum
from store.records import DocumentState
from store.scope import Scope
from store.tables import RefundRow
from store.tables_ledger import DocumentRow
from store.tables_reconciliation import RunCaseRow, RunItemRow, RunRow

T = TypeVar("T")
_SUMS = TypeAdapter(list[SideSum])
_IN_ERP = [state for state in DocumentState if state.in_erp]
_MOVED = (DocumentKind.CREDIT, DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)
#: So many ids go into one statement.
_AT_ONCE = 500


class Reconciliation:
    """Runs of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def begin(
        self, connection: str, since: date, until: date, *, execution: str, tells: bool, now: datetime
    ) -> RunRecord:
        """The run of this execution, begun once. A run of the connection that still goes on is superseded by it."""
        await self._scope.lock(f"reconciliation/{connection}")
        mine = select(RunRow).where(RunRow.execution == execution)
        if (known := await self._scope.first(mine)) is not None:
            return _record(known)
        await self._scope.change(
            update(RunRow)
            .where(col(RunRow.connection) == connection, col(RunRow.state) == RunState.RUNNING)
            .values(state=RunState.SUPERSEDED, finished_at=now)
        )
        period = f"{connection}/{since}..{until}"
        number = await self._scope.first(
            select(func.count())
            .select_from(RunRow)
            .where(RunRow.connection == connection, RunRow.since == since, RunRow.until == until)
        )
        row = {
            "name": f"{period}/{(number or 0) + 1}",
            "execution": execution,
            "connection": connection,
            "since": since,
            "until": until,
            "tells": tells,
            "state": RunState.RUNNING,
            "started_at": now,
            "pulled": [],
            "placed": [],
            "trouble": "",
        }
        await self._scope.insert_new(RunRow, row)
        begun = await self._scope.first(mine)
        assert begun is not None, "it was inserted just now"
        return _record(begun)

    async def get(self, run: int) -> RunRecord:
        """The run with this id. KeyError when there is none."""
        row = await self._scope.first(select(RunRow).where(RunRow.id == run))
        if row is None:
            raise KeyError(f"no reconciliation run {run}")
        return _record(row)

    async def find(self, name: str) -> RunRecord | None:
        """The run with this name, ``connection/since..until/number``, or None."""
        row = await self._scope.first(select(RunRow).where(RunRow.name == name))
        return _record(row) if row else None

    async def latest(
        self, connection: str | None = None, before: int | None = None, limit: int = 50
    ) -> list[RunRecord]:
        """Up to `limit` runs, the latest first; `before` is the last id of the page before."""
        query = select(RunRow).order_by(col(RunRow.id).desc()).limit(limit)
        if connection is not None:
            query = query.where(RunRow.connection == connection)
        if before is not None:
            query = query.where(col(RunRow.id) < before)
        return [_record(row) for row in await self._scope.rows(query)]

    async def covering(self, connection: str, since: date, until: date) -> list[RunRecord]:
        """The last finished runs that compared all of [since, until) after it was over, the latest first."""
        query = (
            select(RunRow)
            .where(RunRow.connection == connection, RunRow.state == RunState.DONE)
            .where(col(RunRow.since) <= since, col(RunRow.until) >= until)
            .where(col(RunRow.started_at) >= start_of(until))
            .order_by(col(RunRow.id).desc())
            .limit(20)
        )
        return [_record(row) for row in await self._scope.rows(query)]

    async def stage_refunds(self, run: RunRecord, items: Sequence[RunItem]) -> None:
        """Keep what the platform listed, with the returns that have it. The same again changes nothing."""
        for some in chunks(items, _AT_ONCE):
            owners = await owners_of_refunds(self._scope, run.connection, some)
            await self._stage(run, some, owners)

    async def stage_credits(self, run: RunRecord, items: Sequence[RunItem], connections: Sequence[str]) -> None:
        """Keep what the ERP listed, with the returns of these connections that have it, as `stage_refunds`."""
        for some in chunks(items, _AT_ONCE):
            owners, others = await owners_of_credits(self._scope, run, connections, some)
            await self._stage(run, [item for item in some if item.item_id not in others], owners)

    async def gather(self, run: RunRecord) -> int:
        """Settle which returns the run looks at, and write down the sums that the systems listed; how many returns.

        Those with an item, and those that should have one: their refund, note or restock is of these days.
        """
        days = start_of(run.since), start_of(run.until)
        item, refund, document = col(RunItemRow.return_id), RefundRow, DocumentRow
        refunded_at = func.coalesce(refund.created_at, refund.first_seen_at)
        sources = (
            select(literal(run.id), item).where(*_own(run), item != "").distinct(),
            select(literal(run.id), refund.return_id)
            .where(refund.connection == run.connection, refund.state == RefundState.PAID)
            .where(refunded_at >= days[0], refunded_at < days[1])
            .distinct(),
            select(literal(run.id), document.return_id)
            .where(document.connection == run.connection, col(document.kind).in_(_MOVED))
            .where(col(document.state).in_(_IN_ERP))
            .where(col(document.updated_at) >= days[0], col(document.updated_at) < days[1])
            .distinct(),
        )
        for source in sources:
            await self._scope.insert_from(RunCaseRow, ["run", "return_id"], source)
        pulled = await self._sums(run, col(RunItemRow.state))
        await self._set(run, pulled=_SUMS.dump_python(pulled, mode="json"))
        counted = select(func.count()).select_from(RunCaseRow).where(RunCaseRow.run == run.id)
        return await self._scope.first(counted) or 0

    async def cases_after(self, run: RunRecord, after: str, limit: int) -> list[str]:
        """The next return ids of a run."""
        query = (
            select(RunCaseRow.return_id)
            .where(RunCaseRow.run == run.id, col(RunCaseRow.return_id) > after)
            .order_by(col(RunCaseRow.return_id))
            .limit(limit)
        )
        return [*await self._scope.rows(query)]

    async def loose_after(self, run: RunRecord, side: Side, after: str, limit: int) -> list[RunItem]:
        """The next items of one side that belong to no return of this connection."""
        query = (
            select(RunItemRow)
            .where(RunItemRow.run == run.id, RunItemRow.side == side, col(RunItemRow.item_id) > after)
            .where((col(RunItemRow.return_id) == "") | (col(RunItemRow.owner) != run.connection))
            .order_by(col(RunItemRow.item_id))
            .limit(limit)
        )
        return [_item(row) for row in await self._scope.rows(query)]

    async def items_of_order(self, run: RunRecord, side: Side, order_numbers: Sequence[str]) -> list[RunItem]:
        """Items of one side for these orders that belong to no return."""
        query = select(RunItemRow).where(
            RunItemRow.run == run.id,
            RunItemRow.side == side,
            col(RunItemRow.order_number).in_(order_numbers),
            RunItemRow.return_id == "",
        )
        return [_item(row) for row in await self._scope.rows(query)]

    async def same_as_ours(
        self, run: RunRecord, connections: Sequence[str], items: Sequence[RunItem]
    ) -> dict[str, OurNote]:
        """Note → our note that it repeats, for notes that belong to no return (see `notes_like`)."""
        return await notes_like(self._scope, run.connection, connections, items)

    async def set_order(self, run: RunRecord, refund_id: str, order_number: str) -> None:
        """The order of a refund that no return of ours has."""
        await self._scope.change(
            update(RunItemRow)
            .where(col(RunItemRow.run) == run.id, col(RunItemRow.side) == "refund")
            .where(col(RunItemRow.item_id) == refund_id)
            .values(order_number=order_number)
        )

    async def place(self, run: RunRecord, placed: Sequence[Placed]) -> None:
        """Write down the class of these items."""
        groups: dict[tuple[Side, DifferenceClass], list[str]] = {}
        for one in placed:
            groups.setdefault((one.side, one.kind), []).append(one.item_id)
        for (side, kind), ids in groups.items():
            for some in chunks(ids, _AT_ONCE):
                await self._scope.change(
                    update(RunItemRow)
                    .where(col(RunItemRow.run) == run.id, col(RunItemRow.side) == side)
                    .where(col(RunItemRow.item_id).in_(some))
                    .values(kind=kind)
                )

    async def finish(self, run: RunRecord, now: datetime) -> RunRecord:
        """Everything is compared: keep the sums per class, and forget what earlier runs of the connection staged."""
        placed = await self._sums(run, col(RunItemRow.kind))
        await self._set(run, placed=_SUMS.dump_python(placed, mode="json"), state=RunState.DONE, finished_at=now)
        older = select(RunRow.id).where(RunRow.connection == run.connection, col(RunRow.id) < run.id)
        for table in (RunItemRow, RunCaseRow):
            await self._scope.change(delete(table).where(col(table.run).in_(older)))
        return await self.get(run.id)

    async def fail(self, run: int, trouble: str, now: datetime) -> None:
        """The run cannot go on. One that is over stays as it is."""
        await self._scope.change(
            update(RunRow)
            .where(col(RunRow.id) == run, col(RunRow.state) == RunState.RUNNING)
            .values(state=RunState.FAILED, finished_at=now, trouble=trouble)
        )

    async def _stage(self, run: RunRecord, items: Sequence[RunItem], owners: dict[str, tuple[str, str]]) -> None:
        """An item that a system listed twice is one item, as it was listed last."""
        known = {item.item_id: item for item in items}
        if not known:
            return
        await self._scope.change(
            delete(RunItemRow)
            .where(col(RunItemRow.run) == run.id, col(RunItemRow.side) == items[0].side)
            .where(col(RunItemRow.item_id).in_(list(known)))
        )
        rows = []
        for item in known.values():
            owner, return_id = owners.get(item.item_id, ("", ""))
            row = item.model_dump(exclude={"rma_number"})
            rows.append({**row, "run": run.id, "owner": owner, "return_id": return_id})
        await self._scope.insert_many(RunItemRow, rows)

    async def _sums(self, run: RunRecord, name: Any) -> list[SideSum]:
        item, sums = RunItemRow, []
        for side in ("refund", "credit"):
            columns: list[Any] = [item.currency, name, func.count(), func.sum(item.amount), func.min(item.at)]
            query = (
                select(*columns)
                .where(item.run == run.id, item.side == side)
                .group_by(item.currency, name)
                .order_by(item.currency, name)
            )
            for code, word, count, amount, oldest in await self._scope.columns(query):
                total = int(amount or 0)
                sums.append(SideSum(side=side, currency=code, name=word, count=count, amount=total, oldest=oldest))
        return sums

    async def _set(self, run: RunRecord, **values: Any) -> None:
        await self._scope.change(update(RunRow).where(col(RunRow.id) == run.id).values(**values))


def chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in their order, at most `size` at a time."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _own(run: RunRecord) -> tuple[ColumnElement[bool], ...]:
    return col(RunItemRow.run) == run.id, col(RunItemRow.owner) == run.connection


def _item(row: RunItemRow) -> RunItem:
    return RunItem.model_validate(row.model_dump(exclude={"run"}))


def _record(row: RunRow) -> RunRecord:
    return RunRecord.model_validate(row.model_dump(exclude={"execution"}))
