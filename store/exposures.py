"""The exposure register: value that is out while its goods are not accepted (N11, R49)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select, update

from domain.money import Money
from domain.returns import ReturnRef
from store.exchange_records import ExposureRecord, ExposureState, OpenExposure
from store.scope import Scope
from store.tables import ReturnLineRow
from store.tables_exchange import ExposureRow
from store.tables_ledger import SlotRow


class Exposures:
    """Exposures of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def open(self, rows: Sequence[OpenExposure], now: datetime) -> None:
        """Write down units whose value went out. The same unit and reference again changes nothing.

        Only what was voided is opened anew: the same credit may be made after all.
        """
        for item in rows:
            row = {**item.model_dump(exclude={"ref"}), **item.ref.model_dump()}
            fresh = {"since": now, "state": ExposureState.OPEN, "note": ""}
            if not await self._scope.insert_new(ExposureRow, {**row, **fresh}):
                anew = {"amount": item.amount, "cover_until": item.cover_until, "ended_at": None, **fresh}
                await self._scope.change(
                    update(ExposureRow)
                    .where(*_of(item.ref), col(ExposureRow.state) == ExposureState.VOIDED)
                    .where(col(ExposureRow.slot_line_id) == item.slot_line_id)
                    .where(col(ExposureRow.slot_no) == item.slot_no, col(ExposureRow.reference) == item.reference)
                    .values(**anew)
                )

    async def clear(
        self, ref: ReturnRef, line_id: str, units: int, state: ExposureState, note: str, now: datetime
    ) -> int:
        """End the exposure of up to `units` units of a return line, the lowest slots first; the amount that ended.

        Calling it twice ends twice as many: call it in the transaction that writes down why, once.
        """
        rows = await self._scope.rows(
            select(ExposureRow)
            .where(*_of(ref), *_open(), col(ExposureRow.line_id) == line_id)
            .order_by(col(ExposureRow.slot_line_id), col(ExposureRow.slot_no))
            .with_for_update()
        )
        per_unit = await self._slots_per_unit(ref, line_id)
        ended: list[ExposureRow] = []
        for slot_line_id in {row.slot_line_id for row in rows}:
            of_line = [row for row in rows if row.slot_line_id == slot_line_id]
            numbers = sorted({row.slot_no for row in of_line})[: units * per_unit.get(slot_line_id, 1)]
            ended += [row for row in of_line if row.slot_no in numbers]
        await self._end(ended, state, note, now)
        return sum(row.amount for row in ended)

    async def void(self, reference: str, now: datetime, note: str = "") -> None:
        """The credit or the replacement is gone: nothing is out on its account."""
        of_reference = select(ExposureRow).where(*_open(), col(ExposureRow.reference) == reference)
        rows = await self._scope.rows(of_reference.with_for_update())
        await self._end(rows, ExposureState.VOIDED, note, now)

    async def of(self, ref: ReturnRef) -> list[ExposureRecord]:
        """All exposure that a return ever had, by slot."""
        query = select(ExposureRow).where(*_of(ref))
        order = (col(ExposureRow.slot_line_id), col(ExposureRow.slot_no), col(ExposureRow.id))
        return [_record(row) for row in await self._scope.rows(query.order_by(*order))]

    async def open_ones(self, connection: str | None = None, limit: int = 200) -> list[ExposureRecord]:
        """Up to `limit` units whose goods are missing: whose cover lapses first comes first, without cover last."""
        query = select(ExposureRow).where(*_open(connection))
        cover = col(ExposureRow.cover_until)
        order = (cover.is_(None), cover, col(ExposureRow.since), col(ExposureRow.id))
        return [_record(row) for row in await self._scope.rows(query.order_by(*order).limit(limit))]

    async def totals(self, connection: str | None = None) -> list[Money]:
        """What is out in all, one amount per currency."""
        query = (
            select(ExposureRow.currency, func.sum(ExposureRow.amount))
            .where(*_open(connection))
            .group_by(ExposureRow.currency)
            .order_by(ExposureRow.currency)
        )
        return [Money(amount=int(amount), currency=code) for code, amount in await self._scope.tuples(query)]

    async def _slots_per_unit(self, ref: ReturnRef, line_id: str) -> dict[str, int]:
        """Slot line → slots that stand for one unit of the return line: more than one for the parts of a bundle."""
        quantity = await self._scope.first(
            select(ReturnLineRow.quantity)
            .where(ReturnLineRow.connection == ref.connection, ReturnLineRow.return_id == ref.return_id)
            .where(ReturnLineRow.line_id == line_id)
        )
        claimed = select(SlotRow.line_id).where(
            SlotRow.connection == ref.connection, SlotRow.return_id == ref.return_id
        )
        held = Counter(await self._scope.rows(claimed))
        return {slot_line_id: max(count // (quantity or count), 1) for slot_line_id, count in held.items()}

    async def _end(self, rows: Sequence[ExposureRow], state: ExposureState, note: str, now: datetime) -> None:
        await self._scope.change(
            update(ExposureRow)
            .where(col(ExposureRow.id).in_([row.id for row in rows]))
            .values(state=ExposureState(state), note=note, ended_at=now)
        )


def _of(ref: ReturnRef) -> tuple[ColumnElement[bool], ...]:
    return col(ExposureRow.connection) == ref.connection, col(ExposureRow.return_id) == ref.return_id


def _open(connection: str | None = None) -> tuple[ColumnElement[bool], ...]:
    still = col(ExposureRow.state) == ExposureState.OPEN
    return (still,) if connection is None else (still, col(ExposureRow.connection) == connection)


def _record(row: ExposureRow) -> ExposureRecord:
    own = row.model_dump(exclude={"id", "connection", "return_id"})
    return ExposureRecord.model_validate({**own, "ref": ReturnRef(connection=row.connection, return_id=row.return_id)})
