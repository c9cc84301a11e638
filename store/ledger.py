"""What the live credits of an order took from it: shipping, rounding and total (money.md 6.5, 6.8)."""

from sqlmodel import col, delete, func, select

from store.scope import Scope
from store.slot_records import OrderLedger
from store.tables_ledger import OrderCreditRow


class Ledger:
    """Order ledgers of one transaction. Amounts are minor units of the order's currency."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def add(
        self, books: str, order_number: str, credit_key: str, shipping: int, rounding: int, total: int
    ) -> None:
        """Count one credit. The same `credit_key` again changes nothing."""
        row = {
            "books": books,
            "order_number": order_number,
            "credit_key": credit_key,
            "shipping": shipping,
            "rounding": rounding,
            "total": total,
        }
        await self._scope.insert_new(OrderCreditRow, row)

    async def remove(self, credit_key: str) -> None:
        """The credit was voided: what it took is free again."""
        await self._scope.change(delete(OrderCreditRow).where(col(OrderCreditRow.credit_key) == credit_key))

    async def totals(self, books: str, order_number: str) -> OrderLedger:
        """Sums over the order's live credits; zeros when it has none.

        Takes the order's lock: two transactions cannot each find room for what only one of them may add.
        """
        await self._scope.lock_order(books, order_number)
        query = select(
            func.coalesce(func.sum(OrderCreditRow.shipping), 0),
            func.coalesce(func.sum(OrderCreditRow.rounding), 0),
            func.coalesce(func.sum(OrderCreditRow.total), 0),
        ).where(OrderCreditRow.books == books, OrderCreditRow.order_number == order_number)
        shipping, rounding, total = (await self._scope.tuples(query))[0]
        return OrderLedger(shipping=int(shipping), rounding=int(rounding), total=int(total))
