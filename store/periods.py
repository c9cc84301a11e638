"""Closed accounting months, and what rounding adds up to (R84, R85)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlmodel import and_, col, exists, func, select, update

from domain.exceptions import Owner
from domain.reconciliation.classes import DifferenceClass
from store.exception_rows import to_record
from store.reconciliation_records import DifferenceState, PeriodRecord, RoundingBalance
from store.records import ExceptionRecord, ExceptionState
from store.scope import Scope
from store.tables import ExceptionRow, RefundRow
from store.tables_reconciliation import DifferenceRow, PeriodRow, RoundingBalanceRow


class Periods:
    """Months and balances of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def close(
        self, connection: str, month: str, actor: str, statement: Mapping[str, JsonValue], now: datetime
    ) -> bool:
        """Close a month for good; False when it was closed before, and then nothing changes."""
        row = {"connection": connection, "month": month, "closed_by": actor, "closed_at": now}
        return await self._scope.insert_new(PeriodRow, {**row, "statement": dict(statement)})

    async def get(self, connection: str, month: str) -> PeriodRecord | None:
        """The closed month, or None while it is open."""
        row = await self._scope.first(
            select(PeriodRow).where(PeriodRow.connection == connection, PeriodRow.month == month)
        )
        return PeriodRecord.model_validate(row.model_dump()) if row else None

    async def closed(self, connection: str | None = None, limit: int = 36) -> list[PeriodRecord]:
        """Up to `limit` closed months, the latest first."""
        query = select(PeriodRow).order_by(col(PeriodRow.month).desc(), col(PeriodRow.connection)).limit(limit)
        if connection is not None:
            query = query.where(PeriodRow.connection == connection)
        return [PeriodRecord.model_validate(row.model_dump()) for row in await self._scope.rows(query)]

    async def closed_of(self, connection: str, months: Iterable[str]) -> set[str]:
        """Those of these months that are closed."""
        query = select(PeriodRow.month).where(PeriodRow.connection == connection, col(PeriodRow.month).in_([*months]))
        return {*await self._scope.rows(query)}

    async def open_finance(
        self, connection: str, since: datetime | None, until: datetime, limit: int
    ) -> list[ExceptionRecord]:
        """Open exceptions of finance that were opened in this time, or are about a refund of it; the oldest first.

        One that names no refund is about all refunds of its return. `since` None: from the beginning.
        """
        refunded_at = func.coalesce(RefundRow.created_at, RefundRow.first_seen_at)
        payload: Any = ExceptionRow.payload
        about = func.coalesce(payload["refund"].as_string(), "")
        of_refund = exists().where(
            col(RefundRow.connection) == col(ExceptionRow.connection),
            col(RefundRow.return_id) == col(ExceptionRow.return_id),
            (about == "") | (about == col(RefundRow.refund_id)),
            *_within(refunded_at, since, until),
        )
        query = (
            select(ExceptionRow)
            .where(ExceptionRow.connection == connection, ExceptionRow.state == ExceptionState.OPEN)
            .where(ExceptionRow.owner == Owner.FINANCE)
            .where(and_(*_within(col(ExceptionRow.opened_at), since, until)) | of_refund)
            .order_by(col(ExceptionRow.opened_at), col(ExceptionRow.id))
            .limit(limit)
        )
        return [to_record(row) for row in await self._scope.rows(query)]

    async def add_up_rounding(self, connection: str, now: datetime) -> tuple[RoundingBalance, ...]:
        """Add up all rounding differences of the connection, one balance per currency that ever had one."""
        columns: list[Any] = [DifferenceRow.currency, func.count(), func.coalesce(func.sum(DifferenceRow.amount), 0)]
        query = (
            select(*columns)
            .where(col(DifferenceRow.connection) == connection, col(DifferenceRow.kind) == DifferenceClass.ROUNDING)
            .where(col(DifferenceRow.state) == DifferenceState.OPEN)
            .group_by(DifferenceRow.currency)
        )
        sums = {code: (count, int(amount)) for code, count, amount in await self._scope.columns(query) if code}
        known = {balance.currency: balance for balance in await self.rounding(connection)}
        for currency in sorted({*sums, *known}):
            count, amount = sums.get(currency, (0, 0))
            before = known.get(currency)
            row = {
                "connection": connection,
                "currency": currency,
                "amount": amount,
                "count": count,
                "settled": before.settled if before else 0,
                "exception_id": before.exception_id if before else "",
                "updated_at": now,
            }
            await self._scope.upsert(RoundingBalanceRow, ("connection", "currency"), row)
        return await self.rounding(connection)

    async def rounding(self, connection: str | None = None) -> tuple[RoundingBalance, ...]:
        """The balances as of the last run, by connection and currency."""
        query = select(RoundingBalanceRow).order_by(
            col(RoundingBalanceRow.connection), col(RoundingBalanceRow.currency)
        )
        if connection is not None:
            query = query.where(RoundingBalanceRow.connection == connection)
        return tuple(
            RoundingBalance.model_validate(row.model_dump(exclude={"updated_at"}))
            for row in await self._scope.rows(query)
        )

    async def keep_rounding(self, balance: RoundingBalance, now: datetime) -> None:
        """Write down which part finance knows, and the exception that stands for the rest."""
        await self._scope.change(
            update(RoundingBalanceRow)
            .where(col(RoundingBalanceRow.connection) == balance.connection)
            .where(col(RoundingBalanceRow.currency) == balance.currency)
            .values(settled=balance.settled, exception_id=balance.exception_id, updated_at=now)
        )


def _within(moment: Any, since: datetime | None, until: datetime) -> list[Any]:
    return [moment < until] if since is None else [moment >= since, moment < until]
