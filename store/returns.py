"""Returns: the read model that people look at (D9). Stage and waiting are derived, never set by hand."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlmodel import col, func, select, update

from domain.connection import ExchangeOn
from domain.progress import Progress, ReturnFacts, Stage
from domain.returns import PlatformReturn, ReturnLine, ReturnRef
from store.errors import UnknownReturn
from store.progress import read_facts, refresh, refresh_touched
from store.records import RefundRecord, ReturnRecord
from store.return_list import ReturnsAfter, listing
from store.return_rows import header_row, line_rows, refund_rows, to_line, to_record, to_refund
from store.return_search import matching
from store.scope import Scope
from store.stage_times import authorised_since, note_paid
from store.tables import RefundRow, ReturnLineRow, ReturnRow

_KEY = ("connection", "return_id")

# Inside the class `list` is a method.
Lines = list[ReturnLine]
Refunds = list[RefundRecord]
Records = list[ReturnRecord]


class Returns:
    """Returns of one transaction. What reads, sees what this transaction wrote."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def save_platform_return(self, ref: ReturnRef, platform_return: PlatformReturn, now: datetime) -> None:
        """Bring header, lines and refunds to the platform's present truth; what is ours on them stays.

        A line that the platform no longer has is marked removed. Refunds never go away.
        """
        await self._save_header(ref, platform_return, now)
        await self._save_lines(ref, platform_return)
        for refund in refund_rows(ref, platform_return):
            row = {**refund, "first_seen_at": now}
            await self._scope.upsert(RefundRow, (*_KEY, "refund_id"), row, keep=("first_seen_at",))
        if platform_return.refunds:
            await note_paid(self._scope, ref, now)
        self._scope.touch(ref, now)

    async def set_authorised(
        self,
        ref: ReturnRef,
        rma_number: str,
        standalone: bool,
        snapshot_hash: str,
        deadline: datetime,
        now: datetime,
        exchange_on: ExchangeOn = ExchangeOn.CONFIRMATION,
    ) -> None:
        """The ERP has the RMA. Raises UnknownReturn, as every `set_…` here."""
        await self._set(
            ref,
            now,
            rma_number=rma_number,
            standalone=standalone,
            snapshot_hash=snapshot_hash,
            deadline=deadline,
            exchange_on=exchange_on,
        )

    async def set_reported(self, ref: ReturnRef, now: datetime) -> None:
        """The platform knows every decision on units; a new inspection takes this back."""
        await self._set(ref, now, reported=True)

    async def set_ended(self, ref: ReturnRef, stage: Stage, now: datetime) -> None:
        """A cancellation, rejection or expiry was carried out. ValueError unless the stage is final."""
        if not stage.final:
            raise ValueError(f"{stage} is not the end of a return")
        await self._set(ref, now, ended=stage)

    async def reopen(self, ref: ReturnRef, now: datetime) -> None:
        """An ended return goes on: its parcel came within the grace, or the platform has it again (E29, E61)."""
        await self._set(ref, now, ended=None)

    async def set_deadline(self, ref: ReturnRef, deadline: datetime, now: datetime) -> None:
        """A person waits on for the goods until then."""
        await self._set(ref, now, deadline=deadline)

    async def close_finance(self, ref: ReturnRef, now: datetime) -> None:
        """A person gave up the finance track with a reason; it counts as final."""
        await self._set(ref, now, finance_closed=True)

    async def facts(self, ref: ReturnRef) -> ReturnFacts:
        """Everything that the stage depends on. Raises UnknownReturn."""
        return await read_facts(self._scope, ref)

    async def refresh_progress(self, ref: ReturnRef, now: datetime) -> Progress:
        """Derive the header now. It is derived before every commit anyway. Raises UnknownReturn."""
        return await refresh(self._scope, ref, now)

    async def get(self, ref: ReturnRef) -> ReturnRecord | None:
        """The header, or None when nothing was saved."""
        await refresh_touched(self._scope)
        query = select(ReturnRow).where(ReturnRow.connection == ref.connection, ReturnRow.return_id == ref.return_id)
        row = await self._scope.first(query)
        return to_record(row) if row else None

    async def find(self, any_id: str, limit: int = 50) -> list[ReturnRecord]:
        """Returns that have this id anywhere, the latest change first (R86, R87).

        See `store.return_search` for the ids.
        """
        await refresh_touched(self._scope)
        query = matching(any_id.strip()).order_by(col(ReturnRow.updated_at).desc()).limit(limit)
        return [to_record(row) for row in await self._scope.rows(query)]

    async def list(
        self, connection: str | None = None, stage: Stage | None = None, limit: int = 100
    ) -> list[ReturnRecord]:
        """Up to `limit` returns, the latest change first."""
        await refresh_touched(self._scope)
        query = select(ReturnRow).order_by(col(ReturnRow.updated_at).desc()).limit(limit)
        if connection is not None:
            query = query.where(ReturnRow.connection == connection)
        if stage is not None:
            query = query.where(ReturnRow.stage == stage)
        return [to_record(row) for row in await self._scope.rows(query)]

    async def page(
        self, connection: str | None, stages: Collection[Stage], after: ReturnsAfter | None, limit: int
    ) -> Records:
        """As `list`, of several stages (none: of any), and going on where the page before ended."""
        await refresh_touched(self._scope)
        return [to_record(row) for row in await self._scope.rows(listing(connection, stages, after, limit))]

    async def stages(self) -> dict[Stage, int]:
        """How many returns stand where."""
        await refresh_touched(self._scope)
        query = select(ReturnRow.stage, func.count()).group_by(ReturnRow.stage)
        return {Stage(stage): count for stage, count in await self._scope.tuples(query)}

    async def lines(self, ref: ReturnRef) -> Lines:
        """The lines that the platform has now, in its order."""
        rows = await self._scope.rows(
            select(ReturnLineRow)
            .where(ReturnLineRow.connection == ref.connection, ReturnLineRow.return_id == ref.return_id)
            .where(col(ReturnLineRow.removed).is_(False))
            .order_by(col(ReturnLineRow.position))
        )
        return [to_line(row) for row in rows]

    async def refunds(self, ref: ReturnRef) -> Refunds:
        """All refunds of the return, the oldest first."""
        rows = await self._scope.rows(
            select(RefundRow)
            .where(RefundRow.connection == ref.connection, RefundRow.return_id == ref.return_id)
            .order_by(col(RefundRow.first_seen_at), col(RefundRow.refund_id))
        )
        return [to_refund(row) for row in rows]

    async def _save_header(self, ref: ReturnRef, platform_return: PlatformReturn, now: datetime) -> None:
        first = {"stage": Stage.RECEIVED, "created_at": now}
        since = await authorised_since(self._scope, ref, platform_return.phase, now)
        row = {**header_row(ref, platform_return), "updated_at": now, "read_at": now, "authorised_at": since, **first}
        await self._scope.upsert(ReturnRow, _KEY, row, keep=tuple(first))

    async def _save_lines(self, ref: ReturnRef, platform_return: PlatformReturn) -> None:
        await self._scope.change(
            update(ReturnLineRow)
            .where(col(ReturnLineRow.connection) == ref.connection)
            .where(col(ReturnLineRow.return_id) == ref.return_id)
            .values(removed=True)
        )
        for row in line_rows(ref, platform_return):
            await self._scope.upsert(ReturnLineRow, (*_KEY, "line_id"), row)

    async def _set(self, ref: ReturnRef, now: datetime, **values: Any) -> None:
        changed = await self._scope.change(
            update(ReturnRow)
            .where(col(ReturnRow.connection) == ref.connection, col(ReturnRow.return_id) == ref.return_id)
            .values(**{"updated_at": now, **values})
        )
        if not changed:
            raise UnknownReturn(f"nothing is known of return {ref}")
        self._scope.touch(ref, now)
