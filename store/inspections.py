"""What the warehouse found, parcel by parcel. Evidence: kept as sent, added to, never changed (R21, R22)."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, delete, func, insert, select, update

from domain.inspection import BookedUnits, Inspection
from domain.returns import ReturnRef
from store.records import InspectionRecord
from store.scope import Scope
from store.tables import BookedUnitsRow, InspectionRow, ReturnRow


class Inspections:
    """Inspections of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def save(self, ref: ReturnRef, inspection: Inspection, booked: Sequence[BookedUnits], now: datetime) -> bool:
        """Keep an inspection with the units booked for it; whether it was new (E15).

        With a new one the platform no longer knows every decision: `reported` falls back to false, unless no unit of
        it belongs to a line of the return.
        """
        key = {**ref.model_dump(), "inspection_id": inspection.inspection_id}
        row = {**key, "content": inspection.model_dump(mode="json"), "saved_at": now}
        if not await self._scope.insert_new(InspectionRow, row):
            return False
        units = [{**key, "position": n, **unit.model_dump(mode="json")} for n, unit in enumerate(booked)]
        if units:
            await self._scope.change(insert(BookedUnitsRow).values(units))
        if any(unit.line_id for unit in booked):
            await self._not_reported(ref)
        self._scope.touch(ref, now)
        return True

    async def set_share(self, ref: ReturnRef, inspection_id: str, share: int, now: datetime) -> int:
        """Finance decided the percentage of a parcel's undecided units (E22); how many units it was for.

        Units that have a percentage keep it, so the same again changes nothing.
        """
        undecided = (
            col(BookedUnitsRow.connection) == ref.connection,
            col(BookedUnitsRow.return_id) == ref.return_id,
            col(BookedUnitsRow.inspection_id) == inspection_id,
            col(BookedUnitsRow.share).is_(None),
        )
        units = await self._scope.first(select(func.sum(BookedUnitsRow.quantity)).where(*undecided))
        await self._scope.change(update(BookedUnitsRow).where(*undecided).values(share=share))
        if units:
            await self._not_reported(ref)
        self._scope.touch(ref, now)
        return units or 0

    async def take_surplus(
        self, ref: ReturnRef, inspection_id: str, units: Sequence[BookedUnits], now: datetime
    ) -> None:
        """A parcel's surplus counts for lines of the return after all; `units` are what it is now (E18, E19)."""
        surplus = (
            col(BookedUnitsRow.connection) == ref.connection,
            col(BookedUnitsRow.return_id) == ref.return_id,
            col(BookedUnitsRow.inspection_id) == inspection_id,
            col(BookedUnitsRow.line_id) == "",
        )
        rows = await self._scope.rows(select(BookedUnitsRow).where(*surplus))
        if not rows:
            return  # taken before
        first = max(row.position for row in rows) + 1  # surplus is saved last
        await self._scope.change(delete(BookedUnitsRow).where(*surplus))
        key = {**ref.model_dump(), "inspection_id": inspection_id}
        new = [{**key, "position": first + n, **unit.model_dump(mode="json")} for n, unit in enumerate(units)]
        await self._scope.change(insert(BookedUnitsRow).values(new))
        await self._not_reported(ref)
        self._scope.touch(ref, now)

    async def list(self, ref: ReturnRef) -> list[InspectionRecord]:
        """All inspections of a return, the oldest first."""
        rows = await self._scope.rows(
            select(InspectionRow)
            .where(InspectionRow.connection == ref.connection, InspectionRow.return_id == ref.return_id)
            .order_by(col(InspectionRow.saved_at), col(InspectionRow.inspection_id))
        )
        units = await self._scope.rows(
            select(BookedUnitsRow)
            .where(BookedUnitsRow.connection == ref.connection, BookedUnitsRow.return_id == ref.return_id)
            .order_by(col(BookedUnitsRow.position))
        )
        return [
            InspectionRecord(
                ref=ref,
                inspection=Inspection.model_validate(row.content),
                booked=[_booked(unit) for unit in units if unit.inspection_id == row.inspection_id],
                saved_at=row.saved_at,
            )
            for row in rows
        ]

    async def _not_reported(self, ref: ReturnRef) -> None:
        await self._scope.change(
            update(ReturnRow)
            .where(col(ReturnRow.connection) == ref.connection, col(ReturnRow.return_id) == ref.return_id)
            .values(reported=False)
        )


def _booked(row: BookedUnitsRow) -> BookedUnits:
    return BookedUnits.model_validate(row.model_dump(include=set(BookedUnits.model_fields)))
