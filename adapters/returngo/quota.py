"""The calls of a day: counted before they are sent, and kept for what is urgent when they run short."""

import hashlib
from datetime import UTC, date, datetime, time, timedelta

from pydantic import SecretStr

from adapters.kit.outside import Outside
from domain.outcomes import RetryLater


class DailyQuota:
    """One account's calls. All processes that share the key count together, where `outside.counter` is the store's."""

    def __init__(self, outside: Outside, api_key: SecretStr, daily_calls: int, urgent_reserve: int) -> None:
        self._outside = outside
        self._daily_calls = daily_calls
        self._urgent_reserve = urgent_reserve
        self._closed: date | None = None
        self.account = account_of(api_key)

    async def take(self, *, urgent: bool) -> None:
        """Count one call that is about to be sent. RetryLater until the next day when there is none left for it."""
        now = self._outside.clock().astimezone(UTC)
        today = now.date()
        urgent = urgent and self._outside.counter.urgent
        limit = self._daily_calls if urgent else self._daily_calls - self._urgent_reserve
        if self._closed == today:
            raise _tomorrow("ReturnGO says that the quota of this day is used", now)
        if await self._outside.counter.used(self.account, today) >= limit:
            raise self._used(now, urgent)
        if await self._outside.counter.count(self.account, today) > limit:  # another process was quicker
            raise self._used(now, urgent)

    def close(self) -> RetryLater:
        """The vendor says that nothing is left, whatever we counted: nothing more is sent on this day."""
        now = self._outside.clock().astimezone(UTC)
        self._closed = now.date()
        return _tomorrow("ReturnGO says that the quota of this day is used (HTTP 429 without Retry-After)", now)

    def _used(self, now: datetime, urgent: bool) -> RetryLater:
        if urgent:
            return _tomorrow(f"all {self._daily_calls} calls to ReturnGO of this day are used", now)
        return _tomorrow(
            f"the last {self._urgent_reserve} of the {self._daily_calls} calls to ReturnGO of this day are kept"
            " for what is urgent",
            now,
        )


def account_of(api_key: SecretStr) -> str:
    """The name that calls with this key are counted by. It does not tell the key."""
    return f"returngo/{hashlib.sha256(api_key.get_secret_value().encode()).hexdigest()[:8]}"


def _tomorrow(text: str, now: datetime) -> RetryLater:
    """Until the next UTC day."""
    next_day = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
    return RetryLater(f"{text}; nothing is sent before {next_day:%Y-%m-%d %H:%M} UTC", next_day - now)
