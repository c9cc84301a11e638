"""Payout reports of payment gateways, line by line (R79, R80)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlmodel import col, func
from sqlmodel import select as pick

from domain.money import AmountPrecisionError, Money, parse_money
from domain.reconciliation.classes import DifferenceClass
from domain.reconciliation.difference import PAID_OUT
from domain.reconciliation.facts import PayoutCounterpart
from domain.returns import RefundState
from store.reconciliation import chunks
from store.reconciliation_days import start_of
from store.reconciliation_records import DifferenceState, PayoutLine, RunRecord
from store.scope import Scope
from store.tables import RefundRow, ReturnRow
from store.tables_reconciliation import DifferenceRow, PayoutFileRow, PayoutLineRow, RunItemRow

_FAILED = RefundState.FAILED
#: So many lines are written at once.
_AT_ONCE = 5_000


class Payouts:
    """Payout lines of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(
        self, connection: str, digest: str, name: str, lines: Sequence[PayoutLine], actor: str, now: datetime
    ) -> int | None:
        """Keep a report; how many of its lines are new, None when this very report was imported before."""
        file = {
            "connection": connection,
            "digest": digest,
            "name": name,
            "lines": len(lines),
            "fresh": 0,
            "actor": actor,
            "imported_at": now,
        }
        if not await self._scope.insert_new(PayoutFileRow, file):
            return None
        for some in chunks(lines, _AT_ONCE):
            rows = [{**_row(line), "connection": connection, "digest": digest} for line in some]
            await self._scope.insert_missing(PayoutLineRow, rows)
        of_this = col(PayoutLineRow.connection) == connection, col(PayoutLineRow.digest) == digest
        fresh = await self._scope.first(pick(func.count()).select_from(PayoutLineRow).where(*of_this)) or 0
        await self._scope.upsert(PayoutFileRow, ("connection", "digest"), {**file, "fresh": fresh})
        return fresh

    async def after(self, run: RunRecord, after: str, limit: int) -> list[PayoutLine]:
        """The next lines that were paid in the days of a run, by id."""
        query = (
            pick(PayoutLineRow)
            .where(PayoutLineRow.connection == run.connection, col(PayoutLineRow.id) > after)
            .where(col(PayoutLineRow.paid_at) >= start_of(run.since), col(PayoutLineRow.paid_at) < start_of(run.until))
            .order_by(col(PayoutLineRow.id))
            .limit(limit)
        )
        return [_line(row) for row in await self._scope.rows(query)]

    async def orders_of(self, connection: str, refund_ids: Sequence[str]) -> dict[str, str]:
        """Refund id → order number, as payout reports name it."""
        query = (
            pick(PayoutLineRow.refund_id, PayoutLineRow.order_number)
            .where(PayoutLineRow.connection == connection, col(PayoutLineRow.refund_id).in_(refund_ids))
            .where(PayoutLineRow.order_number != "")
            .order_by(PayoutLineRow.refund_id, PayoutLineRow.order_number)
        )
        return dict(await self._scope.tuples(query))

    async def counterparts(self, run: RunRecord, lines: Sequence[PayoutLine]) -> dict[str, PayoutCounterpart]:
        """Line id → what the platform and our record know about its refund."""
        ids = sorted({line.refund_id for line in lines})
        refunds = await self._told(run.connection, ids) | await self._listed(run, ids)
        refunds |= await self._recorded(run.connection, ids)
        orders = sorted({line.order_number for line in lines if line.order_number})
        cases = await self._scope.rows(
            pick(ReturnRow.order_number).where(
                ReturnRow.connection == run.connection, col(ReturnRow.order_number).in_(orders)
            )
        )
        found = {}
        for line in lines:
            amount, return_id = refunds.get(line.refund_id, (None, ""))
            found[line.id] = PayoutCounterpart(
                refund=amount,
                unusable=line.refund_id in refunds and amount is None,
                return_id=return_id,
                order_has_case=line.order_number in cases,
                earlier=await self._earlier(run.connection, line),
            )
        return found

    async def _told(self, connection: str, ids: Sequence[str]) -> dict[str, tuple[Money | None, str]]:
        """Refunds that the platform listed and no return has. A run knows those of other days by what was told of them.

        What was told of a payout line is no refund of the platform.
        """
        told = DifferenceRow
        query = pick(told).where(
            told.connection == connection,
            told.kind == DifferenceClass.OUT_OF_BAND_REFUND,
            told.state != DifferenceState.OVER,
            col(told.subject).in_(ids),
        )
        rows = await self._scope.rows(query)
        return {row.subject: (_amount(row), "") for row in rows if PAID_OUT not in row.figures}

    async def _listed(self, run: RunRecord, ids: Sequence[str]) -> dict[str, tuple[Money | None, str]]:
        item = RunItemRow
        columns: list[Any] = [item.item_id, item.amount, item.currency, item.return_id]
        query = select(*columns).where(
            col(item.run) == run.id, col(item.side) == "refund", col(item.item_id).in_(ids), col(item.state) != _FAILED
        )
        return {row.item_id: (_amount(row), row.return_id) for row in await self._scope.columns(query)}

    async def _recorded(self, connection: str, ids: Sequence[str]) -> dict[str, tuple[Money | None, str]]:
        refund = RefundRow
        columns: list[Any] = [refund.refund_id, refund.amount_text, refund.currency, refund.return_id]
        of_these = col(refund.connection) == connection, col(refund.refund_id).in_(ids)
        query = select(*columns).where(*of_these, col(refund.state) != _FAILED)
        return {row.refund_id: (_money(row), row.return_id) for row in await self._scope.columns(query)}

    async def _earlier(self, connection: str, line: PayoutLine) -> int:
        """Lines that paid the same refund before this one."""
        query = (
            pick(func.count())
            .select_from(PayoutLineRow)
            .where(PayoutLineRow.connection == connection, PayoutLineRow.refund_id == line.refund_id)
            .where(
                (col(PayoutLineRow.paid_at) < line.paid_at)
                | ((col(PayoutLineRow.paid_at) == line.paid_at) & (col(PayoutLineRow.id) < line.id))
            )
        )
        return await self._scope.first(query) or 0


def _row(line: PayoutLine) -> dict[str, Any]:
    money = {"amount": line.amount.amount, "currency": line.amount.currency}
    return {**line.model_dump(exclude={"amount"}), **money}


def _line(row: PayoutLineRow) -> PayoutLine:
    own: dict[str, Any] = row.model_dump(include=set(PayoutLine.model_fields))
    return PayoutLine.model_validate({**own, "amount": Money(amount=row.amount, currency=row.currency)})


def _amount(row: Any) -> Money | None:
    return None if row.amount is None else Money(amount=row.amount, currency=row.currency)


def _money(row: Any) -> Money | None:
    try:
        return parse_money(row.amount_text, row.currency)
    except AmountPrecisionError:
        return None
