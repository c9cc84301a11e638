"""Calls that vendors count by the day, as commands show them."""

from collections.abc import Sequence

from adapters.assembly import ReadyConnection
from desk.clock import utc_now
from domain.model import Value
from store import Store


class CallsToday(Value):
    """Calls of this UTC day that were counted against a vendor's daily limit, by whichever process."""

    account: str
    calls: int
    daily_calls: int

    def __str__(self) -> str:
        return f"{self.account}: {self.calls} of {self.daily_calls} calls of today are used."


async def calls_today(store: Store, connections: Sequence[ReadyConnection]) -> tuple[CallsToday, ...]:
    """Every counted account once. The store is not asked where no platform counts. Raises SQLAlchemyError."""
    quotas = {quota.account: quota for ready in connections if (quota := ready.quota) is not None}
    if not quotas:
        return ()
    async with store.reading() as unit:
        used = await unit.calls.of_day(utc_now().date())
    return tuple(
        CallsToday(account=name, calls=used.get(name, 0), daily_calls=quota.daily_calls)
        for name, quota in quotas.items()
    )
