"""One API call as a handler sees it, and the gate it passes first: key, quota of the day, rate, shop."""

import hmac
import json
import threading
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from sandbox.returngo.errors import Refused, bad
from sandbox.returngo.model import Json


class Call:
    """A request that passed the gate. `lag` is how many seconds its reads lie in the past."""

    def __init__(self, request: Request, raw: bytes, lag: float) -> None:
        self.request = request
        self.lag = lag
        self._raw = raw

    def path(self, name: str) -> str:
        """A path parameter."""
        value: str = self.request.path_params[name]
        return value

    def query(self, name: str) -> str | None:
        """A query parameter; empty counts as absent. 400 when it is given twice: nothing documents that."""
        values = self.request.query_params.getlist(name)
        if len(values) > 1:
            raise bad(f"Invalid {name}")
        return values[0] or None if values else None

    def listed(self, name: str) -> set[str] | None:
        """A comma list from the query, None when it is absent."""
        text = self.query(name)
        return None if text is None else set(text.split(","))

    def object(self) -> Json:
        """The parsed body. Raises a 400 when it is no JSON object."""
        try:
            body = json.loads(self._raw, parse_float=Decimal)
        except ValueError as error:
            raise bad("Invalid request body") from error
        if not isinstance(body, dict):
            raise bad("Invalid request body")
        return body


class Gate:
    """Lets a request in or raises the refusal: 401, 403 or 429."""

    def __init__(
        self,
        shop_name: str,
        api_key: str,
        clock: Callable[[], datetime],
        daily_quota: int | None,
        rate_limit: int | None,
    ) -> None:
        self._shop_name = shop_name
        self._api_key = api_key
        self._rate = RateLimit(rate_limit) if rate_limit else None
        self.quota = Quota(daily_quota, clock)

    def check(self, request: Request) -> None:
        """Who, how often, how many today, where. Limits belong to the key, so that a wrong shop counts too."""
        key = request.headers.get("x-api-key", "")
        if not hmac.compare_digest(key.encode(), self._api_key.encode()):
            raise Refused(401, "Missing or incorrect API key")
        if self._rate and not self._rate.admits():
            raise Refused(429, "Too Many Requests", {"Retry-After": "1"})
        if not self.quota.admits():
            raise Refused(429, "Too Many Requests")  # nothing says that it will take until tomorrow
        if request.headers.get("x-shop-name") != self._shop_name:
            raise Refused(403, "No such shop for this user")


class Quota:
    """At most `per_day` calls within one UTC day (None: as many as you like); refused calls do not count."""

    def __init__(self, per_day: int | None, clock: Callable[[], datetime]) -> None:
        self._per_day = per_day
        self._clock = clock
        self._lock = threading.Lock()
        self._day: date | None = None
        self._used = 0

    @property
    def used(self) -> int:
        """Calls of the day on which the last one was made."""
        return self._used

    def admits(self) -> bool:
        """Count the call if it may pass."""
        with self._lock:
            today = self._clock().astimezone(UTC).date()
            if today != self._day:
                self._day, self._used = today, 0
            if self._per_day is not None and self._used >= self._per_day:
                return False
            self._used += 1
            return True


class RateLimit:
    """At most `per_second` calls within any second."""

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._admitted: deque[float] = deque()

    def admits(self) -> bool:
        """Count the call if it may pass; a refused call does not count."""
        with self._lock:
            now = self._clock()
            while self._admitted and now - self._admitted[0] >= 1:
                self._admitted.popleft()
            if len(self._admitted) >= self._per_second:
                return False
            self._admitted.append(now)
            return True


def text_of(body: Json, name: str) -> str | None:
    """An optional text of a body. 400 when it is something else."""
    value: Any = body.get(name)
    if value is not None and not isinstance(value, str):
        raise bad(f"Invalid {name}")
    return value
