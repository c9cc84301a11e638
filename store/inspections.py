"""What the warehouse found, parcel by parcel. Evidence: kept as sent, added to, never changed (R21, R22)."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, insert, select, update

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

        With a new one the platform no longer knows every decision: `reported` falls back to false.
        """
        key = {**ref.model_dump(), "inspection_id": inspection.inspection_id}
        row = {**key, "content": inspection.model_dump(mode="json"), "saved_at": now}
        if not await self._scope.insert_new(InspectionRow, row):
            return False
        units = [{**key, "position": n, **unit.model_dump(mode="json")} for n, unit in enumerate(booked)]
        if units:
            await self._scope.change(insert(BookedUnitsRow).values(units))
        await self._scope.change(
            update(ReturnRow)
            .where(col(ReturnRow.connection) == ref.connection, col(ReturnRow.return_id) == ref.return_id)
            .values(reported=False)
        )
        self._scope.touch(ref, now)
        return True

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


def _booked(row: BookedUnitsRow) -> BookedUnits:
    return BookedUnits.model_validate(row.model_dump(include=set(BookedUnits.model_fields)))
