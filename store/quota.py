"""Calls counted against the daily quotas of vendors, for all processes together."""

from datetime import date

from store.database import Store


class StoredCalls:
    """Implements `domain.ports.CallCounter`. Every call is committed before it is made.

    urgent: as there; a rehearsal has nothing urgent
    """

    def __init__(self, store: Store, *, urgent: bool = True) -> None:
        self.urgent = urgent
        self._store = store

    async def used(self, account: str, day: date) -> int:
        """Calls of that day so far."""
        async with self._store.reading() as unit:
            return await unit.calls.used(account, day)

    async def count(self, account: str, day: date) -> int:
        """Count one call; calls of that day, this one included."""
        async with self._store.begin() as unit:
            return await unit.calls.count(account, day)
