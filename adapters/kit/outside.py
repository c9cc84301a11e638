"""What an adapter is given of the world outside: nothing else of it is open to one."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

import httpx

from adapters.kit.http import utc_now
from domain.ports import CallCounter


class CountedHere:
    """Counts the calls of this process alone, where no other one shares the quota."""

    def __init__(self, *, urgent: bool = True) -> None:
        self.urgent = urgent
        self._calls: Counter[tuple[str, date]] = Counter()

    async def used(self, account: str, day: date) -> int:
        """Calls of that day so far."""
        return self._calls[account, day]

    async def count(self, account: str, day: date) -> int:
        """Count one call; calls of that day, this one included."""
        self._calls[account, day] += 1
        return self._calls[account, day]


@dataclass(frozen=True)
class Outside:
    """`http` is the caller's to close. `counter` keeps daily quotas, over all processes where it is the store's."""

    http: httpx.AsyncClient
    counter: CallCounter = field(default_factory=CountedHere)
    clock: Callable[[], datetime] = utc_now
