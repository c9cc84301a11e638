"""How many calls of a vendor's daily quota are used."""

from datetime import date

from sqlmodel import col, select, update

from store.scope import Scope
from store.tables_ledger import CallCountRow


class Calls:
    """Call counts of one transaction."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def used(self, account: str, day: date) -> int:
        """Calls of an account on a day so far."""
        query = select(CallCountRow.calls).where(CallCountRow.account == account, CallCountRow.day == day)
        return await self._scope.first(query) or 0

    async def count(self, account: str, day: date) -> int:
        """Count one call; calls of that day, this one included."""
        await self._scope.insert_new(CallCountRow, {"account": account, "day": day, "calls": 0})
        await self._scope.change(
            update(CallCountRow)
            .where(col(CallCountRow.account) == account, col(CallCountRow.day) == day)
            .values(calls=col(CallCountRow.calls) + 1)
        )
        return await self.used(account, day)

    async def of_day(self, day: date) -> dict[str, int]:
        """Account → calls of a day."""
        query = select(CallCountRow).where(CallCountRow.day == day)
        return {row.account: row.calls for row in await self._scope.rows(query)}
