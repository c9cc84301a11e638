"""Frozen orders. The first snapshot of an order is the basis of all its returns (money.md 6.2)."""

from datetime import datetime

from sqlmodel import select

from domain.order import OrderSnapshot
from store.scope import Scope
from store.tables_ledger import SnapshotRow


class Snapshots:
    """Snapshots of one transaction. `books` is the ledger that the order belongs to (Connection.books)."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def freeze(self, books: str, snapshot: OrderSnapshot, now: datetime) -> OrderSnapshot:
        """Keep this snapshot unless the order has one; the one that counts from now on.

        How far the order is at this moment is not kept: nothing may rely on it later.
        """
        row = {
            "books": books,
            "order_number": snapshot.order_number,
            "content": snapshot.model_dump(mode="json", exclude={"fulfilment"}),
            "money_hash": snapshot.money_hash,
            "frozen_at": now,
        }
        if await self._scope.insert_new(SnapshotRow, row):
            return snapshot
        return await self.get(books, snapshot.order_number) or snapshot

    async def get(self, books: str, order_number: str) -> OrderSnapshot | None:
        """The frozen order, or None."""
        content = await self._scope.first(
            select(SnapshotRow.content).where(SnapshotRow.books == books, SnapshotRow.order_number == order_number)
        )
        return None if content is None else OrderSnapshot.model_validate(content)
