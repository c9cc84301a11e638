"""What replacement orders are worth: the money basis when a replacement itself comes back (N13)."""

from datetime import datetime

from sqlmodel import select

from domain.carried import CarriedOrder
from store.scope import Scope
from store.tables_exchange import CarriedOrderRow


class Carried:
    """Carried values of one transaction. `books` is the ledger that the order belongs to (Connection.books)."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def keep(
        self, books: str, order_number: str, carried: CarriedOrder, now: datetime, *, exchange_key: str = ""
    ) -> None:
        """Keep what the replacement with this order number is worth. The latest counts.

        `exchange_key` is given where the ERP did not take our key as the order's number.
        """
        row = {
            "books": books,
            "order_number": order_number,
            "sku": carried.sku,
            "quantity": carried.quantity,
            "content": carried.model_dump(mode="json"),
            "exchange_key": exchange_key or order_number,
            "created_at": now,
        }
        await self._scope.upsert(CarriedOrderRow, ("books", "order_number"), row, keep=("created_at",))

    async def get(self, books: str, order_number: str) -> CarriedOrder | None:
        """The carried value of a replacement order; None for any other order."""
        content = await self._scope.first(
            select(CarriedOrderRow.content).where(
                CarriedOrderRow.books == books, CarriedOrderRow.order_number == order_number
            )
        )
        return None if content is None else CarriedOrder.model_validate(content)
