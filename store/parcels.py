"""Open returns that a parcel without a return may belong to (E26)."""

from collections.abc import Sequence

from sqlmodel import col, or_, select

from domain.progress import Stage
from domain.returns import PlatformPhase
from store.progress import refresh_touched
from store.records import ReturnRecord
from store.return_rows import to_record
from store.scope import Scope
from store.tables import ReturnLineRow, ReturnRow

_FINAL = [stage for stage in Stage if stage.final]


class Parcels:
    """Looks for the returns of parcels, in one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def candidates(
        self, connection: str, tracking_number: str, order_number: str, skus: Sequence[str], limit: int = 10
    ) -> list[ReturnRecord]:
        """Returns that wait for goods and have this tracking number, this order, or a line with one of these SKUs.

        `skus` in the platform's words. The oldest first; an empty number fits nothing.
        """
        await refresh_touched(self._scope)
        with_sku = (
            select(ReturnLineRow.return_id)
            .where(ReturnLineRow.connection == connection, col(ReturnLineRow.removed).is_(False))
            .where(col(ReturnLineRow.sku).in_(skus))
        )
        named = [
            col(column) == number
            for column, number in (
                (ReturnRow.tracking_number, tracking_number),
                (ReturnRow.order_number, order_number),
            )
            if number
        ]
        query = (
            select(ReturnRow)
            .where(ReturnRow.connection == connection, ReturnRow.phase != PlatformPhase.DRAFT)
            .where(col(ReturnRow.stage).not_in(_FINAL))
            .order_by(col(ReturnRow.created_at), col(ReturnRow.return_id))
        )
        by_number = await self._scope.rows(query.where(or_(*named)).limit(limit)) if named else []
        by_sku = await self._scope.rows(query.where(col(ReturnRow.return_id).in_(with_sku)).limit(limit))
        found = {row.return_id: row for row in (*by_number, *by_sku)}
        return [to_record(row) for row in found.values()][:limit]
