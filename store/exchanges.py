"""Exchanges: the durable intent to order a replacement, and what became of it (R54, N2)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import col, select, update

from domain.exchange import ExchangeState
from domain.returns import ReturnRef
from store.errors import KeyTaken, UnknownExchange
from store.exchange_records import ExchangePlan, ExchangeRecord
from store.scope import Scope
from store.tables_exchange import ExchangeRow


class Exchanges:
    """Exchanges of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def plan(self, exchange: ExchangePlan, now: datetime) -> ExchangeRecord:
        """Keep the intent, or give the one that has this key as it is.

        Raises KeyTaken when the key belongs to another return.
        """
        row = exchange.model_dump(mode="json", exclude={"ref"})
        row |= {**exchange.ref.model_dump(), "state": ExchangeState.REQUESTED}
        if await self._scope.insert_new(ExchangeRow, {**row, "created_at": now, "updated_at": now}):
            self._scope.touch(exchange.ref, now)
        kept = await self._read(exchange.key)
        if kept.ref != exchange.ref:
            raise KeyTaken(f"{exchange.key} is an exchange of return {kept.ref}, not of {exchange.ref}")
        return kept

    async def mark(
        self,
        key: str,
        state: ExchangeState,
        *,
        order_number: str = "",
        sku: str = "",
        quantity: int | None = None,
        carried: int | None = None,
        price: int | None = None,
        slots: Sequence[int] | None = None,
        credit_key: str | None = None,
        now: datetime,
    ) -> ExchangeRecord:
        """Write down how far an exchange got; what is not given stays. Raises UnknownExchange.

        What is decided is decided: a late state of a slower attempt that is not final changes nothing.
        """
        before = await self._read(key, lock=True)
        if before.state.final and not state.final:
            return before
        given: dict[str, Any] = {
            "order_number": order_number or None,
            "sku": sku or None,
            "quantity": quantity,
            "carried": carried,
            "price": price,
            "slots": None if slots is None else list(slots),
            "credit_key": credit_key,
        }
        values = {"state": ExchangeState(state), **{name: value for name, value in given.items() if value is not None}}
        if before.model_copy(update=values) == before:
            return before
        await self._scope.change(
            update(ExchangeRow).where(col(ExchangeRow.key) == key).values(**values, updated_at=now)
        )
        self._scope.touch(before.ref, now)
        return await self._read(key)

    async def supersede(self, key: str, now: datetime) -> None:
        """The exchange stands for no wish any more: what is wished now has orders of its own (E61)."""
        before = await self._find(key, lock=True)
        if before is not None:
            await self._scope.change(
                update(ExchangeRow).where(col(ExchangeRow.key) == key).values(exchange_id="", updated_at=now)
            )
            self._scope.touch(before.ref, now)

    async def uncredit(self, credit_key: str, now: datetime) -> None:
        """The credit is gone, or was never made: the differences that it settled are owed again."""
        settled = col(ExchangeRow.credit_key) == credit_key
        for row in await self._scope.rows(select(ExchangeRow).where(settled)):
            self._scope.touch(_record(row).ref, now)
        await self._scope.change(update(ExchangeRow).where(settled).values(credit_key=None, updated_at=now))

    async def get(self, key: str) -> ExchangeRecord | None:
        """The exchange with this business key, or None."""
        return await self._find(key)

    async def for_return(self, ref: ReturnRef) -> list[ExchangeRecord]:
        """All exchanges of a return, by their number."""
        return await exchanges_of(self._scope, ref)

    async def _find(self, key: str, lock: bool = False) -> ExchangeRecord | None:
        query = select(ExchangeRow).where(ExchangeRow.key == key)
        row = await self._scope.first(query.with_for_update() if lock else query)
        return _record(row) if row else None

    async def _read(self, key: str, lock: bool = False) -> ExchangeRecord:
        record = await self._find(key, lock)
        if record is None:
            raise UnknownExchange(f"no exchange was planned under {key}")
        return record


async def exchanges_of(scope: Scope, ref: ReturnRef) -> list[ExchangeRecord]:
    """All exchanges of a return, by their number."""
    rows = await scope.rows(
        select(ExchangeRow)
        .where(ExchangeRow.connection == ref.connection, ExchangeRow.return_id == ref.return_id)
        .order_by(col(ExchangeRow.number), col(ExchangeRow.key))
    )
    return [_record(row) for row in rows]


def _record(row: ExchangeRow) -> ExchangeRecord:
    own = row.model_dump(exclude={"connection", "return_id"})
    return ExchangeRecord.model_validate({**own, "ref": ReturnRef(connection=row.connection, return_id=row.return_id)})
