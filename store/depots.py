"""What was inspected on one day, and what of it is in the ERP's stock (R82)."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from domain.dispositions import Disposition
from domain.documents import DocumentKind
from domain.model import Value
from store.reconciliation import chunks
from store.reconciliation_days import start_of
from store.records import DocumentState
from store.scope import Scope
from store.tables import BookedUnitsRow, InspectionRow, ReturnLineRow
from store.tables_ledger import DocumentRow

_STOCK = (DocumentKind.RECEIPT, DocumentKind.ADJUSTMENT)
_AT_ONCE = 500


class Parcel(Value):
    """Which inspection of which return, and where it was made."""

    return_id: str
    inspection_id: str
    location: str = ""


class InspectedUnits(Value):
    """Units of one line and disposition that an inspection found. `line_id`: empty for what the return does not have.

    reason: why the customer returned them, as the platform calls it
    """

    parcel: Parcel
    line_id: str
    sku: str
    disposition: Disposition
    quantity: int
    reason: str = ""


class PlannedUnits(Value):
    """The same in a stock document, for a depot. `posted`: the ERP has the document."""

    parcel: Parcel
    line_id: str
    sku: str
    disposition: Disposition
    quantity: int
    depot: str
    posted: bool


class Depots:
    """Stock of one transaction, seen by depot."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def inspected(self, connection: str, day: date) -> list[InspectedUnits]:
        """What was inspected on that day."""
        columns: list[Any] = [
            BookedUnitsRow.return_id,
            BookedUnitsRow.inspection_id,
            BookedUnitsRow.line_id,
            BookedUnitsRow.sku,
            BookedUnitsRow.disposition,
            BookedUnitsRow.quantity,
            InspectionRow.content,
            ReturnLineRow.reason,
        ]
        same = (
            (col(BookedUnitsRow.connection) == col(InspectionRow.connection))
            & (col(BookedUnitsRow.return_id) == col(InspectionRow.return_id))
            & (col(BookedUnitsRow.inspection_id) == col(InspectionRow.inspection_id))
        )
        its_line = (
            (col(ReturnLineRow.connection) == col(BookedUnitsRow.connection))
            & (col(ReturnLineRow.return_id) == col(BookedUnitsRow.return_id))
            & (col(ReturnLineRow.line_id) == col(BookedUnitsRow.line_id))
        )
        query = (
            select(*columns)
            .join(InspectionRow, same)
            .outerjoin(ReturnLineRow, its_line)
            .where(col(InspectionRow.connection) == connection)
            .where(col(InspectionRow.saved_at) >= start_of(day))
            .where(col(InspectionRow.saved_at) < start_of(day + timedelta(days=1)))
        )
        return [
            InspectedUnits(
                parcel=Parcel(
                    return_id=row.return_id,
                    inspection_id=row.inspection_id,
                    location=str(row.content.get("location", "")),
                ),
                line_id=row.line_id,
                sku=row.sku,
                disposition=Disposition(row.disposition),
                quantity=row.quantity,
                reason=row.reason or "",
            )
            for row in await self._scope.columns(query)
        ]

    async def planned(self, connection: str, parcels: Sequence[Parcel]) -> list[PlannedUnits]:
        """Units of the stock documents of these parcels; regrades of what was in stock already are left out."""
        wanted = {(parcel.return_id, parcel.inspection_id): parcel for parcel in parcels}
        found: list[PlannedUnits] = []
        for ids in chunks(sorted({parcel.return_id for parcel in parcels}), _AT_ONCE):
            columns: list[Any] = [
                DocumentRow.return_id,
                DocumentRow.inspection_id,
                DocumentRow.depot,
                DocumentRow.state,
                DocumentRow.lines,
            ]
            query = select(*columns).where(
                col(DocumentRow.connection) == connection,
                col(DocumentRow.return_id).in_(ids),
                col(DocumentRow.kind).in_(_STOCK),
                col(DocumentRow.state) != DocumentState.CANCELLED,
            )
            for row in await self._scope.columns(query):
                parcel = wanted.get((row.return_id, row.inspection_id))
                if parcel is not None:
                    found += _units(parcel, row)
        return found


def _units(parcel: Parcel, row: Any) -> list[PlannedUnits]:
    return [
        PlannedUnits(
            parcel=parcel,
            line_id=line["line_id"],
            sku=line["sku"],
            disposition=Disposition(line["disposition"]),
            quantity=line["quantity"],
            depot=row.depot,
            posted=DocumentState(row.state).in_erp,
        )
        for line in row.lines
        if line.get("disposition") and not line.get("was")
    ]
